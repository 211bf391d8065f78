//! One alert in the table: 88 bytes and a blob.
//!
//! Deliberately unknown here: where entries lie, and pictures (few alerts have any; the shard keeps them aside).

use crate::{
    alert::{Episode, PictureSlots, Status},
    labels::Fingerprint,
    record::{AlertRecord, Blob},
    table::{ContentHash, Durability, Refresh, Sighting},
    time::Time,
};

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub fingerprint: Fingerprint,
    pub content: ContentHash,
    pub starts_at: Time,
    pub ends_at: Time,
    pub updated_at: Time,
    pub episode: Episode,
    pub blob: Blob,
    /// The commit that makes, or made, the entry durable.
    pub seq: u64,
    /// Seconds since 1970: from here on a moved end is to be written.
    extend_after: u32,
    /// Groups that refer to the alert; at the maximum it stays for good.
    pub holds: u16,
    pub ends_by_timeout: bool,
    pub durability: Durability,
}

impl Entry {
    pub(super) fn new(record: AlertRecord, content: ContentHash, seq: u64, durability: Durability) -> Self {
        let mut entry = Self {
            fingerprint: record.fingerprint,
            content,
            starts_at: record.starts_at,
            ends_at: record.ends_at,
            updated_at: record.updated_at,
            episode: record.episode,
            blob: record.blob,
            seq,
            extend_after: 0,
            holds: 0,
            ends_by_timeout: record.ends_by_timeout,
            durability,
        };
        entry.extension_written();
        entry
    }

    pub(super) fn record(&self, pictures: PictureSlots) -> AlertRecord {
        AlertRecord {
            fingerprint: self.fingerprint,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            ends_by_timeout: self.ends_by_timeout,
            updated_at: self.updated_at,
            episode: self.episode,
            pictures,
            blob: self.blob.clone(),
        }
    }

    pub(super) fn status(&self, now: Time) -> Status {
        if self.ends_at <= now { Status::Resolved } else { Status::Firing }
    }

    /// The next extension is due when half of the time between receipt and end, as they stand, is over.
    pub(super) fn extension_written(&mut self) {
        let half = self.ends_at.since(self.updated_at) / 2;
        self.extend_after = whole_seconds(self.updated_at.plus(half));
    }

    /// Takes the place of an entry: what holds that one holds this one.
    pub(super) fn take_over(&mut self, old: &Entry) {
        self.holds = old.holds;
        self.keep_moved_end(old);
    }

    /// Between an actor's reading of `old` and its writing of `self`, a worker may have moved the end of `old`.
    fn keep_moved_end(&mut self, old: &Entry) {
        let same =
            self.content == old.content && self.ends_by_timeout == old.ends_by_timeout && self.episode == old.episode;
        let both_fire = self.ends_at > old.updated_at && old.ends_at > old.updated_at;
        if same && both_fire && old.updated_at > self.updated_at {
            self.ends_at = self.ends_at.max(old.ends_at);
            self.updated_at = old.updated_at;
        }
    }

    /// The extension that was under way is lost: the next refresh asks for it again.
    pub(super) fn extension_lost(&mut self) {
        self.extend_after = 0;
    }

    /// The fast path; see [`super::AlertTable::refresh`].
    pub(super) fn refresh(&mut self, seen: &Sighting) -> Refresh {
        let Some(end) = self.end_after(seen) else { return Refresh::Changed };
        let moved = end != self.ends_at;
        self.ends_at = end;
        self.updated_at = self.updated_at.max(seen.received);
        if moved && whole_seconds(seen.received) >= self.extend_after { Refresh::Extend } else { Refresh::Unchanged }
    }

    /// The end after merging `seen`, if nothing else changes by it: exactly what [`crate::merge::Span::received`] would make of it.
    fn end_after(&self, seen: &Sighting) -> Option<Time> {
        let now = seen.received;
        let same = self.durability == Durability::Durable
            && self.content == seen.content
            && self.ends_by_timeout == seen.ends_by_timeout
            && self.starts_alike(seen)
            && seen.ends_at > self.starts_at;
        if !same {
            return None;
        }
        match (self.status(now), seen.status()) {
            (Status::Firing, Status::Firing) if !self.ends_by_timeout => Some(self.ends_at.max(seen.ends_at)),
            (Status::Firing, Status::Firing) => (self.updated_at <= now).then_some(seen.ends_at),
            (Status::Resolved, Status::Resolved) => self.resolved_for_good(seen).then_some(self.ends_at),
            _ => None,
        }
    }

    fn starts_alike(&self, seen: &Sighting) -> bool {
        seen.starts_at == self.starts_at || (self.starts_at < seen.starts_at && seen.starts_at < self.ends_at)
    }

    /// An end that was past when it was received is the sender's word; one that merely passed is to be confirmed by it.
    fn resolved_for_good(&self, seen: &Sighting) -> bool {
        self.ends_at <= self.updated_at && seen.ends_at <= self.ends_at
    }
}

fn whole_seconds(time: Time) -> u32 {
    u32::try_from(time.as_secs().max(0)).unwrap_or(u32::MAX)
}
