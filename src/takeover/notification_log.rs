//! Alertmanager's notification log as entries of ours.
//!
//! Deliberately unknown here: files, logs, which of our integrations an entry belongs to.

use std::collections::{BTreeMap, btree_map::Entry};

use alerts::{Time, ports::ForeignLogEntry};

use super::{
    records::{Damaged, records},
    wire::{self, MeshEntry, Timestamp},
};

/// Reads Alertmanager's notification log. Of two entries about the same group and integration the later one counts; those that
/// ended before `now` are left out.
///
/// # Errors
/// Where and why the file is damaged.
pub fn notification_log(file: &[u8], now: Time) -> Result<Vec<ForeignLogEntry>, Damaged> {
    let mut newest = BTreeMap::new();
    for (offset, message) in records(file)? {
        let entry = entry(message).map_err(|why| Damaged { offset, why })?;
        if entry.expires_at <= now {
            continue;
        }
        let key = (entry.group_key.clone(), entry.receiver.clone(), entry.kind.clone(), entry.index);
        match newest.entry(key) {
            Entry::Vacant(place) => drop(place.insert(entry)),
            Entry::Occupied(mut known) if known.get().at < entry.at => drop(known.insert(entry)),
            Entry::Occupied(_) => {}
        }
    }
    Ok(newest.into_values().collect())
}

fn entry(MeshEntry { entry, expires_at }: MeshEntry) -> Result<ForeignLogEntry, String> {
    let entry = entry.ok_or("a record without an entry")?;
    let receiver = entry.receiver.ok_or("an entry without a receiver")?;
    let group_key = String::from_utf8(entry.group_key).map_err(|_| "a group key that is no UTF-8")?;
    let wire::Receiver { group_name, integration, idx } = receiver;
    let muted = ascending(entry.muted_alerts);
    // A receiver was not told that a muted alert fires; that one resolved is not to be told any more.
    let told = entry.firing_alerts.into_iter().filter(|hash| muted.binary_search(hash).is_err());
    Ok(ForeignLogEntry {
        group_key,
        receiver: group_name,
        kind: integration,
        index: idx,
        firing: ascending(told.collect()),
        resolved: ascending(entry.resolved_alerts),
        at: Timestamp::time(entry.timestamp),
        expires_at: Timestamp::time(expires_at),
    })
}

fn ascending(mut hashes: Vec<u64>) -> Vec<u64> {
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}
