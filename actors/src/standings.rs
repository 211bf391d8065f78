//! What the routes and the mute index say of an alert as of now: for those who list alerts.

use std::sync::Arc;

use alerts::{
    Alert, LabelSet, Time,
    interval::Silent,
    labelled::Labelled,
    mute::Muted,
    route::{RouteGroup, RouteId},
};

use crate::{index::Index, live::LiveCell};

/// A group that an alert belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The group's route.
    pub route: RouteId,
    /// Whom the route tells.
    pub receiver: Arc<str>,
    /// The labels that make the group.
    pub group_labels: LabelSet,
}

/// A group whose route labels are asked for.
#[derive(Clone, Copy, Debug)]
pub struct GroupAsked<'a> {
    /// The group's route.
    pub route: RouteId,
    /// The labels that make the group.
    pub group_labels: &'a LabelSet,
    /// Where the pages are, without a slash at the end.
    pub external_url: &'a str,
    /// As of when.
    pub now: Time,
}

/// The routes and the mute index, for reading.
pub struct Standings {
    live: LiveCell,
    index: Arc<Index>,
}

impl Standings {
    pub(crate) fn new(live: LiveCell, index: Arc<Index>) -> Self {
        Self { live, index }
    }

    /// The receivers of the routes that an alert with these labels takes, each once.
    pub fn receivers(&self, labels: &impl Labelled) -> Vec<Arc<str>> {
        let live = self.live.load();
        let tree = live.router.tree();
        let mut receivers: Vec<Arc<str>> = Vec::with_capacity(1);
        for route in tree.matching(labels) {
            let receiver = &tree.route(route).receiver;
            if !receivers.contains(receiver) {
                receivers.push(receiver.clone());
            }
        }
        receivers
    }

    /// The receivers that routes lead to, each once.
    pub fn all_receivers(&self) -> Vec<Arc<str>> {
        let live = self.live.load();
        let mut receivers: Vec<Arc<str>> = Vec::new();
        for route in live.router.tree().iter() {
            if !receivers.contains(&route.receiver) {
                receivers.push(route.receiver.clone());
            }
        }
        receivers
    }

    /// What keeps an alert with these labels from being told at `now`.
    pub fn muted(&self, labels: &impl Labelled, now: Time) -> Muted {
        self.index.muted_by(labels, now)
    }

    /// The groups of an alert with these labels, in the order of its routes.
    pub fn placements(&self, labels: &impl Labelled) -> Vec<Placement> {
        let live = self.live.load();
        let tree = live.router.tree();
        let place = |id| {
            let route = tree.route(id);
            Placement { route: id, receiver: route.receiver.clone(), group_labels: route.group_labels(labels) }
        };
        tree.matching(labels).into_iter().map(place).collect()
    }

    /// The names of the time intervals that silence a route at `now`. A place that is another tree's is not silenced.
    pub fn silent(&self, route: RouteId, now: Time) -> Vec<String> {
        let live = self.live.load();
        let route = live.router.tree().iter().nth(route.0 as usize);
        match route.and_then(|route| self.index.route_silent(route, now)) {
            Some(Silent::Muted(names) | Silent::Inactive(names)) => names,
            None => Vec::new(),
        }
    }

    /// The labels that a group's route adds. `alerts` are unpacked only if there are any such labels.
    pub fn route_labels(&self, group: &GroupAsked<'_>, alerts: impl FnOnce() -> Vec<Alert>) -> LabelSet {
        let live = self.live.load();
        let route = live.router.tree().iter().nth(group.route.0 as usize);
        let Some(route) = route.filter(|route| !route.labels.texts().is_empty()) else { return LabelSet::new() };
        route.rendered_labels(&RouteGroup {
            receiver: &route.receiver,
            group_key: &route.group_key(group.group_labels),
            group_labels: group.group_labels,
            alerts: &alerts(),
            external_url: group.external_url,
            now: group.now,
        })
    }

    /// Whether anything could keep any alert from being told at `now`.
    pub fn mute_anything(&self, now: Time) -> bool {
        self.index.mutes_anything(now)
    }
}
