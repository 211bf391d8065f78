//! The groups of one actor: their alerts, their timers, what each integration was told and is about to be told. Pure.
//!
//! Deliberately unknown here: actors, commits, what an alert looks like (only fingerprints are held; `flush` gets a snapshot).

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use alerts::{
    Fingerprint, Status, Time,
    message::{Delivery, DeliveryId, IntegrationKey},
    ports::ForeignLogEntry,
    route::RouteId,
};

use super::{hold::Hold, restored::Restored};
use crate::messages::{Announcement, Settled, Settlement};

/// The timers of a group's route.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    pub(super) group_wait: Duration,
    pub(super) group_interval: Duration,
}

/// An alert in a group.
pub(super) struct Member {
    /// The sequence of the newest change seen.
    pub(super) sequence: u64,
    _hold: Option<Hold>,
}

/// One group.
pub(super) struct GroupState {
    pub(super) route: RouteId,
    pub(super) alerts: hashbrown::HashMap<Fingerprint, Member>,
    pub(super) next_flush: Time,
    /// The newest version of the mute index that any change of the group came with.
    pub(super) index_version: u64,
    /// Per integration of the receiver, in the receiver's order; empty until something was told or is about to be.
    pub(super) told: HashMap<IntegrationKey, Told>,
}

impl GroupState {
    /// Whether some integration is yet to be told that this alert is over, or has it on its way.
    /// An alert that is `muted` is not told of where ends of muted alerts are not wanted either.
    pub(super) fn needs(&self, fingerprint: &Fingerprint, muted: bool) -> bool {
        self.told.values().any(|told| {
            let knows_it_fires = |log: &LogHead| log.firing.binary_search(fingerprint).is_ok();
            let wants_its_end = told.wants_resolved && (told.wants_muted_resolved || !muted);
            told.pending.as_ref().is_some_and(|pending| pending.mentions(fingerprint))
                || (wants_its_end && told.log.as_ref().is_some_and(knows_it_fires))
        })
    }
}

/// What one integration knows of a group.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Told {
    /// What it was last told, as the notification log has it.
    pub(super) log: Option<LogHead>,
    /// What it is about to be told.
    pub(super) pending: Option<Pending>,
    /// What an Alertmanager whose data was taken over told it; until there is an entry of our own.
    pub(super) foreign: Option<Box<ForeignLogEntry>>,
    /// Whether it is told of ends, so that an alert that it knows to fire is kept for it. Taken to be so until a flush.
    pub(super) wants_resolved: bool,
    /// The same for ends of alerts that are muted.
    pub(super) wants_muted_resolved: bool,
}

impl Default for Told {
    fn default() -> Self {
        Self { log: None, pending: None, foreign: None, wants_resolved: true, wants_muted_resolved: true }
    }
}

/// The part of a notification log entry that decisions need.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LogHead {
    pub(super) firing: Vec<Fingerprint>,
    pub(super) resolved: Vec<Fingerprint>,
    pub(super) at: Time,
}

/// A delivery that is not settled yet.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pending {
    pub(super) id: DeliveryId,
    pub(super) firing: Vec<Fingerprint>,
    pub(super) resolved: Vec<Fingerprint>,
    pub(super) since: Time,
    pub(super) not_before: Time,
    /// Firing alerts of attempts in this chain whose outcome the receiver may know of although they failed.
    pub(super) maybe_told: Vec<Fingerprint>,
    pub(super) attempted: bool,
    /// It was asked back.
    pub(super) withdrawn: bool,
}

impl Pending {
    pub(super) fn mentions(&self, fingerprint: &Fingerprint) -> bool {
        self.firing.binary_search(fingerprint).is_ok()
            || self.resolved.binary_search(fingerprint).is_ok()
            || self.maybe_told.contains(fingerprint)
    }
}

/// All groups of one actor.
#[derive(Default)]
pub(super) struct Groups {
    pub(super) by_key: hashbrown::HashMap<Arc<str>, GroupState>,
    timers: BTreeSet<(Time, Arc<str>)>,
    restored: Restored,
    /// No group is flushed before.
    not_before: Time,
}

impl Groups {
    pub(super) fn new(restored: Restored, not_before: Time) -> Self {
        Self { restored, not_before, ..Self::default() }
    }

    /// An alert changed. A change that was seen already, or an older one, is nothing new.
    pub(super) fn announce(
        &mut self,
        announcement: &Announcement,
        timing: Timing,
        now: Time,
        hold: impl FnOnce() -> Option<Hold>,
    ) {
        let group = match self.by_key.get_mut(&announcement.group_key) {
            Some(group) => group,
            None => self.create(announcement, timing, now),
        };
        group.index_version = group.index_version.max(announcement.index_version);
        match group.alerts.get_mut(&announcement.fingerprint) {
            Some(member) => member.sequence = member.sequence.max(announcement.sequence),
            None => {
                let member = Member { sequence: announcement.sequence, _hold: hold() };
                group.alerts.insert(announcement.fingerprint, member);
            }
        }
    }

    /// A delivery got somewhere. `is_over` says whether an alert is resolved now: what everybody was told to be over, and
    /// still is, leaves the group.
    pub(super) fn settle(&mut self, settled: Settled, is_over: impl Fn(Fingerprint) -> bool) {
        let Some(group) = self.by_key.get_mut(&settled.group_key) else {
            self.restored.settle(settled);
            return;
        };
        let told = group.told.entry(settled.integration).or_default();
        let is_pending = told.pending.as_ref().is_some_and(|pending| pending.id == settled.id);
        match settled.what {
            Settlement::Sent { firing, resolved, at } => {
                told.log = Some(LogHead { firing, resolved: resolved.clone(), at });
                told.foreign = None;
                // Without `send_resolved` the message did not name those that are over; the pending entry does.
                let pending = told.pending.take_if(|_| is_pending).map(|pending| pending.resolved).unwrap_or_default();
                let over = resolved
                    .into_iter()
                    .chain(pending)
                    .filter(|fingerprint| !group.needs(fingerprint, false) && is_over(*fingerprint));
                for fingerprint in over.collect::<Vec<_>>() {
                    group.alerts.remove(&fingerprint);
                }
            }
            Settlement::Attempted { firing } => {
                // Also if a newer delivery has taken its place: that one continues the chain.
                if let Some(pending) = &mut told.pending {
                    pending.attempted = true;
                    pending.maybe_told.extend(firing);
                    pending.maybe_told.sort_unstable();
                    pending.maybe_told.dedup();
                    // It was under way when it was asked back.
                    pending.withdrawn &= !is_pending;
                }
            }
            Settlement::Dropped if is_pending => told.pending = None,
            Settlement::Dropped => {}
        }
    }

    /// A notification that was given up is to be sent again as it was. False if a newer one of its group is on its way.
    pub(super) fn resend(&mut self, delivery: &Delivery) -> bool {
        let key = delivery.group_key.as_str();
        let Some(group) = self.by_key.get_mut(key) else {
            return !self.restored.is_pending(key, &delivery.integration);
        };
        let told = group.told.entry(delivery.integration.clone()).or_default();
        if told.pending.is_some() {
            return false;
        }
        told.pending = Some(Pending {
            id: delivery.id,
            firing: delivery.fingerprints(Status::Firing),
            resolved: delivery.fingerprints(Status::Resolved),
            since: delivery.since,
            not_before: delivery.not_before,
            maybe_told: Vec::new(),
            attempted: false,
            withdrawn: false,
        });
        true
    }

    /// Forgets deliveries of an integration that are pending here and in no outbox.
    pub(super) fn reconcile(&mut self, integration: &IntegrationKey, known: &HashSet<DeliveryId>) {
        for group in self.by_key.values_mut() {
            if let Some(told) = group.told.get_mut(integration)
                && told.pending.as_ref().is_some_and(|pending| !known.contains(&pending.id))
            {
                told.pending = None;
            }
        }
        self.restored.reconcile(integration, known);
    }

    /// The wall clock stepped: no group waits longer for it than its interval (or its wait, if that is longer).
    pub(super) fn clock_stepped(&mut self, now: Time, timing: impl Fn(RouteId) -> Timing) {
        for (key, group) in &mut self.by_key {
            let Timing { group_wait, group_interval } = timing(group.route);
            let latest = now.plus(group_wait.max(group_interval));
            if group.next_flush > latest {
                self.timers.remove(&(group.next_flush, key.clone()));
                self.timers.insert((latest, key.clone()));
                group.next_flush = latest;
            }
        }
    }

    /// The keys of the groups whose time has come, each armed anew for its next interval (measured from when it was due,
    /// not from now, so that a group keeps its rhythm).
    /// At most `limit` of them.
    pub(super) fn due(&mut self, now: Time, limit: usize, interval: impl Fn(RouteId) -> Duration) -> Vec<Arc<str>> {
        let mut due = Vec::new();
        while due.len() < limit && self.timers.first().is_some_and(|(at, _)| *at <= now) {
            let Some((at, key)) = self.timers.pop_first() else { break };
            let Some(group) = self.by_key.get_mut(&key) else { continue };
            let interval = interval(group.route);
            let next = at.plus(interval);
            group.next_flush = if next > now { next } else { now.plus(interval) };
            self.timers.insert((group.next_flush, key.clone()));
            due.push(key);
        }
        due
    }

    /// A flush could not be made yet: try again at `at`.
    pub(super) fn postpone(&mut self, key: &Arc<str>, at: Time) {
        if let Some(group) = self.by_key.get_mut(key) {
            self.timers.remove(&(group.next_flush, key.clone()));
            group.next_flush = at;
            self.timers.insert((at, key.clone()));
        }
    }

    /// Ends a group that holds no alerts and about which nothing is on its way. Says whether it did.
    pub(super) fn end_if_idle(&mut self, key: &Arc<str>) -> bool {
        let Some(group) = self.by_key.get(key) else { return false };
        let busy = !group.alerts.is_empty() || group.told.values().any(|told| told.pending.is_some());
        if busy {
            return false;
        }
        self.timers.remove(&(group.next_flush, key.clone()));
        self.by_key.remove(key);
        true
    }

    pub(super) fn next_wake(&self) -> Option<Time> {
        self.timers.first().map(|(at, _)| *at)
    }

    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    fn create(&mut self, announcement: &Announcement, timing: Timing, now: Time) -> &mut GroupState {
        let key = announcement.group_key.clone();
        let next_flush = match self.restored.flushed_at.remove(&*key) {
            // Known from before the restart: it keeps its rhythm.
            Some(flushed_at) => now.max(flushed_at.plus(timing.group_interval)),
            // Alertmanager's exception: an alert that is older than group_wait waits no more.
            None if announcement.starts_at.plus(timing.group_wait) < now => now,
            None => now.plus(timing.group_wait),
        };
        let next_flush = next_flush.max(self.not_before);
        let told = self.restored.take(&key);
        self.timers.insert((next_flush, key.clone()));
        self.by_key.entry(key).or_insert_with(|| GroupState {
            route: announcement.route,
            alerts: hashbrown::HashMap::new(),
            next_flush,
            index_version: 0,
            told,
        })
    }
}

#[cfg(test)]
mod tests;
