//! The groups of one actor: their alerts, their timers, what each integration was told and is about to be told. Pure.
//!
//! Deliberately unknown here: actors, commits, what an alert looks like (only fingerprints are held; `flush` gets a snapshot).

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use alerts::{
    Fingerprint, Time,
    message::{DeliveryId, IntegrationKey, LogEntry},
    ports::{OutboxHead, Snapshot},
    route::RouteId,
};

use super::hold::Hold;
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
    pub(super) alerts: BTreeMap<Fingerprint, Member>,
    pub(super) next_flush: Time,
    /// The newest version of the mute index that any change of the group came with.
    pub(super) index_version: u64,
    /// Per integration of the receiver, in the receiver's order; empty until something was told or is about to be.
    pub(super) told: HashMap<IntegrationKey, Told>,
}

impl GroupState {
    /// Whether some integration is yet to be told that this alert is over, or has it on its way.
    pub(super) fn needs(&self, fingerprint: &Fingerprint) -> bool {
        self.told.values().any(|told| {
            told.pending.as_ref().is_some_and(|pending| pending.mentions(fingerprint))
                || told.log.as_ref().is_some_and(|log| log.firing.binary_search(fingerprint).is_ok())
        })
    }
}

/// What one integration knows of a group.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Told {
    /// What it was last told, as the notification log has it.
    pub(super) log: Option<LogHead>,
    /// What it is about to be told.
    pub(super) pending: Option<Pending>,
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

/// What the database knows of the groups.
#[derive(Default)]
pub(crate) struct Restored {
    pub(crate) flushed_at: HashMap<String, Time>,
    pub(crate) log: HashMap<String, Vec<LogEntry>>,
    pub(crate) outbox: HashMap<String, Vec<OutboxHead>>,
}

impl Restored {
    /// What a snapshot says of the groups that `mine` accepts.
    pub(crate) fn of(snapshot: Snapshot, mine: impl Fn(&str) -> bool) -> Self {
        let mut restored = Self::default();
        for group in snapshot.groups.into_iter().filter(|group| mine(&group.group_key)) {
            restored.flushed_at.insert(group.group_key, group.flushed_at);
        }
        for entry in snapshot.log.into_iter().filter(|entry| mine(&entry.group_key)) {
            restored.log.entry(entry.group_key.clone()).or_default().push(entry);
        }
        for head in snapshot.outbox.into_iter().filter(|head| mine(&head.group_key)) {
            restored.outbox.entry(head.group_key.clone()).or_default().push(head);
        }
        restored
    }
}

/// All groups of one actor.
#[derive(Default)]
pub(super) struct Groups {
    pub(super) by_key: HashMap<Arc<str>, GroupState>,
    timers: BTreeSet<(Time, Arc<str>)>,
    restored: Restored,
}

impl Groups {
    pub(super) fn new(restored: Restored) -> Self {
        Self { restored, ..Self::default() }
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
        let Some(group) = self.by_key.get_mut(&settled.group_key) else { return };
        let told = group.told.entry(settled.integration).or_default();
        let is_pending = told.pending.as_ref().is_some_and(|pending| pending.id == settled.id);
        match settled.what {
            Settlement::Sent { firing, resolved, at } => {
                told.log = Some(LogHead { firing, resolved: resolved.clone(), at });
                // Without `send_resolved` the message did not name those that are over; the pending entry does.
                let pending = told.pending.take_if(|_| is_pending).map(|pending| pending.resolved).unwrap_or_default();
                let over = resolved.into_iter().chain(pending).filter(|fingerprint| !group.needs(fingerprint) && is_over(*fingerprint));
                for fingerprint in over.collect::<Vec<_>>() {
                    group.alerts.remove(&fingerprint);
                }
            }
            Settlement::Attempted => {
                if let Some(pending) = &mut told.pending {
                    pending.attempted = true;
                    if is_pending {
                        pending.maybe_told.extend(pending.firing.clone());
                    }
                }
            }
            Settlement::Dropped if is_pending => told.pending = None,
            Settlement::Dropped => {}
        }
    }

    /// Forgets deliveries of an integration that are pending here and in no outbox.
    pub(super) fn reconcile(&mut self, integration: &IntegrationKey, known: &std::collections::HashSet<DeliveryId>) {
        for group in self.by_key.values_mut() {
            if let Some(told) = group.told.get_mut(integration)
                && told.pending.as_ref().is_some_and(|pending| !known.contains(&pending.id))
            {
                told.pending = None;
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
        let told = restore(self.restored.log.remove(&*key), self.restored.outbox.remove(&*key));
        self.timers.insert((next_flush, key.clone()));
        self.by_key.entry(key).or_insert_with(|| GroupState {
            route: announcement.route,
            alerts: BTreeMap::new(),
            next_flush,
            index_version: 0,
            told,
        })
    }
}

fn restore(log: Option<Vec<LogEntry>>, outbox: Option<Vec<OutboxHead>>) -> HashMap<IntegrationKey, Told> {
    let mut told: HashMap<IntegrationKey, Told> = HashMap::new();
    for entry in log.into_iter().flatten() {
        let head = LogHead { firing: entry.firing, resolved: entry.resolved, at: entry.at };
        told.entry(entry.integration).or_default().log = Some(head);
    }
    for head in outbox.into_iter().flatten() {
        let slot = &mut told.entry(head.integration.clone()).or_default().pending;
        // Of two in the outbox the newer counts: it superseded the other.
        if slot.as_ref().is_none_or(|pending| pending.id < head.id) {
            *slot = Some(Pending {
                id: head.id,
                maybe_told: if head.attempted { head.firing.clone() } else { Vec::new() },
                firing: head.firing,
                resolved: head.resolved,
                since: head.since,
                not_before: head.not_before,
                attempted: head.attempted,
                withdrawn: false,
            });
        }
    }
    told
}
