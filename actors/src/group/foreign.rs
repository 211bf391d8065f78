//! The notification log of an Alertmanager whose data was taken over: which of our integrations an entry is about, and which of
//! a group's alerts it knows.
//!
//! Deliberately unknown here: how it was read, when it ends to count (as soon as our own log has an entry).

use std::collections::HashMap;

use alerts::{Alert, Fingerprint, message::IntegrationKey, ports::ForeignLogEntry};

use super::state::LogHead;
use crate::Receiver;

/// Our integrations by Alertmanager's names: receiver, type, position among the receiver's integrations of that type.
pub(crate) type ForeignNames = HashMap<(String, String, u32), IntegrationKey>;

/// The names of all integrations.
pub(crate) fn names(receivers: &[Receiver]) -> ForeignNames {
    let mut names = ForeignNames::new();
    for receiver in receivers {
        let mut positions: HashMap<&str, u32> = HashMap::new();
        for integration in &receiver.integrations {
            let kind = integration.channel.limits().kind;
            let position = positions.entry(kind).or_default();
            names.insert((receiver.name.clone(), kind.to_owned(), *position), integration.key.clone());
            *position += 1;
        }
    }
    names
}

/// The integration that an entry is about; none if it is not configured any more.
pub(super) fn integration_of(names: &ForeignNames, entry: &ForeignLogEntry) -> Option<IntegrationKey> {
    names.get(&(entry.receiver.clone(), entry.kind.clone(), entry.index)).cloned()
}

/// The entry as our own log would have it, as far as these alerts go: Alertmanager knows alerts by another hash, which can only
/// be told from the alerts themselves.
pub(super) fn translated(entry: &ForeignLogEntry, alerts: &[Alert]) -> LogHead {
    let mut head = LogHead { firing: Vec::new(), resolved: Vec::new(), at: entry.at };
    for alert in alerts {
        let hash = alert.labels.notification_hash();
        let add = |known: &[u64], to: &mut Vec<Fingerprint>| {
            if known.binary_search(&hash).is_ok() {
                to.push(alert.fingerprint);
            }
        };
        add(&entry.firing, &mut head.firing);
        add(&entry.resolved, &mut head.resolved);
    }
    head.firing.sort_unstable();
    head.resolved.sort_unstable();
    head
}
