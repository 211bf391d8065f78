//! What the database knows of the groups, until their alerts are announced.
//!
//! Deliberately unknown here: alerts, timers.

use std::collections::{HashMap, HashSet};

use alerts::{
    Time,
    message::{DeliveryId, IntegrationKey, LogEntry, Receipt},
    ports::{ForeignLogEntry, OutboxHead, Snapshot},
};

use super::{
    foreign::{ForeignNames, integration_of},
    state::{LogHead, Pending, Told},
};
use crate::messages::{Settled, Settlement};

/// What the database knows of the groups.
#[derive(Default)]
pub(crate) struct Restored {
    pub(crate) flushed_at: HashMap<String, Time>,
    pub(crate) log: HashMap<String, Vec<LogEntry>>,
    pub(crate) outbox: HashMap<String, Vec<OutboxHead>>,
    pub(crate) foreign: HashMap<String, Vec<(IntegrationKey, ForeignLogEntry)>>,
}

impl Restored {
    /// What a snapshot says of the groups that `mine` accepts.
    pub(crate) fn of(snapshot: Snapshot, mine: impl Fn(&str) -> bool, names: &ForeignNames) -> Self {
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
        for mut entry in snapshot.foreign_log.into_iter().filter(|entry| mine(&entry.group_key)) {
            if let Some(integration) = integration_of(names, &entry) {
                entry.firing.sort_unstable();
                entry.resolved.sort_unstable();
                restored.foreign.entry(entry.group_key.clone()).or_default().push((integration, entry));
            }
        }
        restored
    }

    /// What was told and is pending in one group, taken out.
    pub(super) fn take(&mut self, group_key: &str) -> HashMap<IntegrationKey, Told> {
        let mut told = restore(self.log.remove(group_key), self.outbox.remove(group_key));
        for (integration, entry) in self.foreign.remove(group_key).into_iter().flatten() {
            let told = told.entry(integration).or_default();
            told.foreign = told.log.is_none().then(|| entry.into());
        }
        told
    }

    /// Whether a delivery about a group that was not announced yet is on its way.
    pub(super) fn is_pending(&self, group_key: &str, integration: &IntegrationKey) -> bool {
        self.outbox.get(group_key).is_some_and(|heads| heads.iter().any(|head| head.integration == *integration))
    }

    /// Forgets deliveries of an integration that are in no outbox any more.
    pub(super) fn reconcile(&mut self, integration: &IntegrationKey, known: &HashSet<DeliveryId>) {
        for heads in self.outbox.values_mut() {
            heads.retain(|head| head.integration != *integration || known.contains(&head.id));
        }
    }

    /// A delivery got somewhere before its group was announced: pending deliveries are sent from the first moment on.
    pub(super) fn settle(&mut self, settled: Settled) {
        let Some(heads) = self.outbox.get_mut(&*settled.group_key) else { return };
        let is_it = |head: &OutboxHead| head.id == settled.id;
        let Some(head) = heads.iter_mut().find(|head| is_it(head)) else { return };
        if matches!(settled.what, Settlement::Attempted { .. }) {
            head.attempted = true;
            return;
        }
        heads.retain(|head| !is_it(head));
        if let Settlement::Sent { firing, resolved, at } = settled.what {
            let (group_key, integration) = (settled.group_key.to_string(), settled.integration);
            let log = self.log.entry(group_key.clone()).or_default();
            log.retain(|entry| entry.integration != integration);
            let receipt = Receipt::default();
            log.push(LogEntry { group_key, integration, firing, resolved, at, expires_at: Time::MAX, receipt });
        }
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
