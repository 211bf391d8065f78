//! Alerts found, grouped and cut into pages for the pages: in passes over the packed table, of which only what is shown is
//! unpacked.
//!
//! Deliberately unknown here: HTML, where routes, silences and inhibition come from (see [`Places`]).

use std::{
    cmp::Reverse,
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use actors::Placement;
use alerts::{
    Fingerprint, LabelSet, Status, Time, matcher::MatcherSet, mute::Muted, order, record::AlertRecord, route::RouteId,
    table::AlertTable,
};

use crate::pages::{GroupId, Part, Shown, StateCounts, Wanted, chosen_receivers};

/// What routes, silences and inhibition say.
pub(super) trait Places {
    /// All receivers that routes lead to.
    fn receivers(&self) -> Vec<Arc<str>>;

    /// The groups that an alert is in.
    fn places(&self, alert: &AlertRecord) -> Vec<Placement>;

    /// The time intervals that silence a route.
    fn silent(&self, route: RouteId, now: Time) -> Vec<String>;

    /// What keeps an alert from being told.
    fn muted(&self, alert: &AlertRecord, now: Time) -> Muted;
}

/// Groups of alerts that are not unpacked yet.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Grouped {
    /// Sorted by labels, then receiver; none is empty.
    pub(super) groups: Vec<Group>,
    pub(super) alerts: usize,
    pub(super) states: StateCounts,
    pub(super) receivers: Vec<Arc<str>>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) place: Placement,
    pub(super) muted_by: Vec<String>,
    /// The newest first.
    pub(super) alerts: Vec<Listed>,
}

impl Group {
    /// What the pages know it by.
    pub(super) fn id(&self) -> GroupId {
        let Placement { route, receiver, group_labels } = &self.place;
        GroupId::of(route.0, receiver, group_labels)
    }
}

/// An alert in a list: what it is sorted by, and what it is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Listed {
    resolved: bool,
    starts_at: Reverse<Time>,
    pub(super) fingerprint: Fingerprint,
}

/// The wanted alerts in their groups.
pub(super) fn grouped(table: &AlertTable, places: &dyn Places, wanted: &Wanted, now: Time) -> Grouped {
    let mut found = Vec::new();
    table.for_each(|alert| {
        if wanted.filter.matches(alert.blob()) {
            found.push(alert.fingerprint());
        }
    });
    found.sort_unstable();
    found.dedup();
    let receivers = places.receivers();
    let chosen = wanted.receiver.as_deref().map(|text| chosen_receivers(text, &receivers));
    let mut gathering =
        Gathering { places, shown: wanted.shown, chosen, now, groups: HashMap::new(), grouped: Grouped::default() };
    for fingerprint in found {
        if let Some(alert) = table.record(fingerprint) {
            gathering.add(&alert);
        }
    }
    Grouped { receivers, ..gathering.end() }
}

/// Which groups, and which alerts of each, are in a part.
pub(super) fn part(grouped: &Grouped, part: Part) -> Vec<(&Group, &[Listed])> {
    let slice = |group, skip, count| {
        let Group { alerts, .. }: &Group = group;
        let begin = alerts.len().min(skip);
        &alerts[begin..alerts.len().min(begin.saturating_add(count))]
    };
    match part {
        Part::Groups { skip, groups, alerts } => {
            grouped.groups.iter().skip(skip).take(groups).map(|group| (group, slice(group, 0, alerts))).collect()
        }
        Part::Group { id, skip, alerts } => {
            let found = grouped.groups.iter().find(|group| group.id() == id);
            found
                .map(|group| (group, slice(group, skip, alerts)))
                .filter(|(_, shown)| !shown.is_empty())
                .into_iter()
                .collect()
        }
    }
}

/// The newest `limit` of the firing alerts that match, how many match, and how many fire.
pub(super) fn matched(
    table: &AlertTable,
    matchers: &MatcherSet,
    limit: usize,
    now: Time,
) -> (Vec<Fingerprint>, usize, usize) {
    let (mut found, mut firing) = (Vec::new(), 0);
    table.for_each(|alert| {
        if alert.status(now) == Status::Firing {
            firing += 1;
            if matchers.matches(alert.blob()) {
                found.push((Reverse(alert.starts_at()), alert.fingerprint()));
            }
        }
    });
    found.sort_unstable();
    found.dedup();
    (found.iter().take(limit).map(|(_, fingerprint)| *fingerprint).collect(), found.len(), firing)
}

struct Gathering<'a> {
    places: &'a dyn Places,
    shown: Shown,
    chosen: Option<Vec<Arc<str>>>,
    now: Time,
    groups: HashMap<(RouteId, LabelSet), usize>,
    grouped: Grouped,
}

impl Gathering<'_> {
    fn add(&mut self, alert: &AlertRecord) {
        let mut places = self.places.places(alert);
        if let Some(chosen) = &self.chosen {
            places.retain(|place| chosen.contains(&place.receiver));
        }
        if places.is_empty() {
            return;
        }
        let resolved = alert.status(self.now) == Status::Resolved;
        let muted = if resolved { Muted::default() } else { self.places.muted(alert, self.now) };
        let (silenced, inhibited) = (!muted.silenced_by.is_empty(), muted.inhibited_by.is_some());
        let listed = Listed { resolved, starts_at: Reverse(alert.starts_at), fingerprint: alert.fingerprint };
        let (mut is_shown, mut is_place_muted) = (false, false);
        for place in places {
            let at = self.group(place);
            let group = &mut self.grouped.groups[at];
            let muted = !resolved && !group.muted_by.is_empty();
            is_place_muted |= muted;
            if if resolved { self.shown.resolved } else { wants(self.shown, silenced, inhibited, muted) } {
                group.alerts.push(listed);
                is_shown = true;
            }
        }
        self.count(resolved, silenced, inhibited, is_place_muted);
        self.grouped.alerts += usize::from(is_shown);
    }

    /// Where the group of a place is.
    fn group(&mut self, place: Placement) -> usize {
        let groups = &mut self.grouped.groups;
        match self.groups.entry((place.route, place.group_labels.clone())) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let muted_by = self.places.silent(place.route, self.now);
                groups.push(Group { place, muted_by, alerts: Vec::new() });
                *new.insert(groups.len() - 1)
            }
        }
    }

    fn count(&mut self, resolved: bool, silenced: bool, inhibited: bool, muted: bool) {
        let states = &mut self.grouped.states;
        states.resolved += usize::from(resolved);
        states.silenced += usize::from(silenced);
        states.inhibited += usize::from(inhibited);
        states.muted += usize::from(muted);
        states.active += usize::from(!(resolved || silenced || inhibited || muted));
    }

    fn end(self) -> Grouped {
        let mut grouped = self.grouped;
        grouped.groups.retain(|group| !group.alerts.is_empty());
        grouped.groups.iter_mut().for_each(|group| group.alerts.sort_unstable());
        grouped.groups.sort_by(|a, b| {
            let (a, b) = (&a.place, &b.place);
            let by_receiver = || a.receiver.cmp(&b.receiver).then(a.route.0.cmp(&b.route.0));
            order::label_sets(&a.group_labels, &b.group_labels).then_with(by_receiver)
        });
        grouped
    }
}

fn wants(shown: Shown, silenced: bool, inhibited: bool, muted: bool) -> bool {
    if !(silenced || inhibited || muted) {
        return shown.active;
    }
    (!silenced || shown.silenced) && (!inhibited || shown.inhibited) && (!muted || shown.muted)
}

#[cfg(test)]
mod tests;
