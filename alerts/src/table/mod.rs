//! The table of alerts, shared by the HTTP workers and the alert-state actors: what changes nothing reaches no actor.
//!
//! 16 shards by fingerprint, each a short mutex. HTTP workers call [`AlertTable::refresh`] only; everything else that
//! changes an alert is done by the one actor that owns its shard.
//! Deliberately unknown here: what a merge means for groups, the log that makes entries durable, the time.

mod content;
mod entry;
mod refresh;
mod shard;
mod signature;
#[cfg(test)]
mod tests;
mod view;

use std::time::Duration;

use parking_lot::Mutex;

pub use self::{content::ContentHash, view::AlertRecordView};
use self::{entry::Entry, shard::Shard, signature::Signature};
use crate::{
    alert::{Alert, Episode, PictureSlot, PictureSlots, Status, Transition},
    labels::Fingerprint,
    matcher::MatcherSet,
    record::AlertRecord,
    time::Time,
};

/// The table. Locks are held for one alert, for at most 64 by [`AlertTable::refresh_all`], or for at most 512 entries by
/// [`AlertTable::for_each`] and a shard's sweep.
#[derive(Debug, Default)]
pub struct AlertTable {
    shards: [Mutex<Shard>; AlertTable::SHARDS],
}

/// An alert as it was received: all that the fast path must know, without any string. Times are after the defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Which alert.
    pub fingerprint: Fingerprint,
    /// Its annotations and generator URL.
    pub content: ContentHash,
    /// When it began.
    pub starts_at: Time,
    /// When it ended or will end.
    pub ends_at: Time,
    /// Whether the end is our guess.
    pub ends_by_timeout: bool,
    /// When it was received: `now`.
    pub received: Time,
}

impl Sighting {
    /// Firing or resolved when it was received.
    pub fn status(&self) -> Status {
        if self.ends_at <= self.received { Status::Resolved } else { Status::Firing }
    }
}

/// What a repeated alert means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// It says nothing new and what it said before is durable: at most the end was moved, in place. Nothing else to do.
    Unchanged,
    /// The same, but of the durable end more than half is used up: the actor is to write it; the sender need not wait.
    Extend,
    /// The actor must see it: it is new, says something new, resolves or fires again, or is not durable yet.
    Changed,
}

/// Whether an entry is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Its commit is under way.
    Pending,
    /// It is in the log (but for a moved end, see [`Refresh::Extend`]).
    Durable,
    /// Its commit failed: the next one that brings it writes it again.
    Dirty,
}

/// How many alerts there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Alerts that go on.
    pub firing: usize,
    /// Alerts that have ended and are still kept.
    pub resolved: usize,
}

impl AlertTable {
    /// How many shards there are.
    pub const SHARDS: usize = 16;

    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// The shard of an alert: smaller than [`AlertTable::SHARDS`].
    pub fn shard_of(fingerprint: Fingerprint) -> usize {
        // Not the lowest bits: by those the shard's index finds its slot.
        usize::try_from((fingerprint.0 >> 32) & 0xF).unwrap_or_default()
    }

    /// An alert.
    pub fn get(&self, fingerprint: Fingerprint) -> Option<Alert> {
        self.record(fingerprint).map(|record| record.alert())
    }

    /// An alert, packed; its blob is shared, not copied.
    pub fn record(&self, fingerprint: Fingerprint) -> Option<AlertRecord> {
        let shard = self.shard(fingerprint).lock();
        Some(view(&shard, shard.get(fingerprint)?).record())
    }

    /// These alerts, packed, in the order asked for; missing ones are left out. A few hundred at once take half the time of as
    /// many calls of [`AlertTable::record`]: they lie anywhere in memory, and so their cache misses overlap.
    pub fn records_of(&self, fingerprints: &[Fingerprint]) -> Vec<AlertRecord> {
        let mut found: Vec<Option<AlertRecord>> = vec![None; fingerprints.len()];
        for (number, lock) in self.shards.iter().enumerate() {
            let shard = lock.lock();
            let mine = || fingerprints.iter().enumerate().filter(|(_, fp)| Self::shard_of(**fp) == number);
            shard.touch_all(mine().map(|(_, fingerprint)| *fingerprint));
            for (at, fingerprint) in mine() {
                found[at] = shard.get(*fingerprint).map(|entry| view(&shard, entry).record());
            }
        }
        found.into_iter().flatten().collect()
    }

    /// The alerts that are there, in the order asked for; missing ones are left out.
    pub fn snapshot(&self, fingerprints: &[Fingerprint]) -> Vec<Alert> {
        fingerprints.iter().filter_map(|fingerprint| self.get(*fingerprint)).collect()
    }

    /// Runs `look` on one alert under its shard's lock: for reading without building anything.
    pub fn with<T>(&self, fingerprint: Fingerprint, look: impl FnOnce(&AlertRecordView<'_>) -> T) -> Option<T> {
        let shard = self.shard(fingerprint).lock();
        Some(look(&view(&shard, shard.get(fingerprint)?)))
    }

    /// Sets an alert whose commit `seq` is under way. If a worker has meanwhile moved the end of an otherwise equal
    /// entry, the moved end stays. Groups that hold the alert go on holding it.
    pub fn put(&self, record: AlertRecord, seq: u64) {
        let content = ContentHash::from(&record.blob);
        self.put_seen(record, content, seq);
    }

    /// The same for who knows the hash of the alert's content.
    pub fn put_seen(&self, record: AlertRecord, content: ContentHash, seq: u64) {
        self.set(record, content, seq, Durability::Pending);
    }

    /// Sets an alert that is in the log: at the start.
    pub fn load(&self, record: AlertRecord) {
        let content = ContentHash::from(&record.blob);
        self.set(record, content, 0, Durability::Durable);
    }

    /// The commit `seq` has ended, well or badly. Says whether the entry is still the one of that commit; a newer one
    /// is not touched.
    pub fn settle(&self, fingerprint: Fingerprint, seq: u64, durable: bool) -> bool {
        let mut shard = self.shard(fingerprint).lock();
        let Some(entry) = shard.get_mut(fingerprint).filter(|entry| entry.seq == seq) else { return false };
        entry.durability = if durable { Durability::Durable } else { Durability::Dirty };
        true
    }

    /// Answers [`Refresh::Extend`]: the record to write, with the end as it stands. The entry stays durable meanwhile,
    /// and no other refresh asks for this extension. None if the alert is gone, or not durable (a commit brings the end).
    pub fn extension(&self, fingerprint: Fingerprint) -> Option<AlertRecord> {
        let mut shard = self.shard(fingerprint).lock();
        let entry = shard.get_mut(fingerprint).filter(|entry| entry.durability == Durability::Durable)?;
        entry.extension_written();
        Some(view(&shard, shard.get(fingerprint)?).record())
    }

    /// The write of an extension failed: the next refresh asks for it again.
    pub fn extension_lost(&self, fingerprint: Fingerprint) {
        if let Some(entry) = self.shard(fingerprint).lock().get_mut(fingerprint) {
            entry.extension_lost();
        }
    }

    /// Sets one picture of an alert and answers the record to write; none if the alert or that episode is over.
    pub fn set_picture(
        &self,
        fingerprint: Fingerprint,
        episode: Episode,
        transition: Transition,
        slot: PictureSlot,
    ) -> Option<AlertRecord> {
        let mut shard = self.shard(fingerprint).lock();
        shard.get(fingerprint).filter(|entry| entry.episode == episode)?;
        let mut slots = shard.pictures(fingerprint).cloned().unwrap_or_default();
        slots.set(transition, slot);
        shard.set_pictures(fingerprint, slots);
        Some(view(&shard, shard.get(fingerprint)?).record())
    }

    /// The pictures of an alert, and the episode that they are of.
    pub fn pictures(&self, fingerprint: Fingerprint) -> Option<(Episode, PictureSlots)> {
        let shard = self.shard(fingerprint).lock();
        let entry = shard.get(fingerprint)?;
        Some((entry.episode, shard.pictures(fingerprint).cloned().unwrap_or_default()))
    }

    /// The commit that makes, or made, an alert durable; 0 if it was loaded.
    pub fn seq(&self, fingerprint: Fingerprint) -> Option<u64> {
        self.shard(fingerprint).lock().get(fingerprint).map(|entry| entry.seq)
    }

    /// Whether an alert is in the log.
    pub fn durability(&self, fingerprint: Fingerprint) -> Option<Durability> {
        self.shard(fingerprint).lock().get(fingerprint).map(|entry| entry.durability)
    }

    /// A group refers to the alert: it is not swept. Says whether the alert is there.
    pub fn hold(&self, fingerprint: Fingerprint) -> bool {
        let mut shard = self.shard(fingerprint).lock();
        let Some(entry) = shard.get_mut(fingerprint) else { return false };
        entry.holds = entry.holds.saturating_add(1);
        true
    }

    /// A group no longer refers to the alert.
    pub fn release(&self, fingerprint: Fingerprint) {
        if let Some(entry) = self.shard(fingerprint).lock().get_mut(fingerprint)
            && entry.holds < u16::MAX
        {
            entry.holds = entry.holds.saturating_sub(1);
        }
    }

    /// Removes the alerts of a shard that ended at least `keep` ago, are durable, and that no group holds; answers them.
    pub fn sweep(&self, shard: usize, now: Time, keep: Duration) -> Vec<Fingerprint> {
        let Some(lock) = self.shards.get(shard) else { return Vec::new() };
        let mut gone = Vec::new();
        let slabs = lock.lock().slabs();
        for slab in 0..slabs {
            let mut shard = lock.lock();
            let over: Vec<_> = shard.slab(slab).filter(|e| may_go(e, now, keep)).map(|e| e.fingerprint).collect();
            over.iter().for_each(|fingerprint| drop(shard.remove(*fingerprint)));
            gone.extend(over);
        }
        lock.lock().shrink();
        gone
    }

    /// Shows every alert, in no particular order. Each lock is held for at most 512 alerts, so `look` should be short; an
    /// alert that comes or goes meanwhile may be missed, and one that goes and comes back may be seen twice.
    pub fn for_each(&self, mut look: impl FnMut(&AlertRecordView<'_>)) {
        self.for_each_slab(|shard, slab| {
            shard.touch(slab);
            shard.slab(slab).for_each(|entry| look(&view(shard, entry)));
        });
    }

    /// Shows every alert that `filter` matches, as [`AlertTable::for_each`] does. Matchers `name="value"` find theirs without
    /// looking at all alerts.
    pub fn search(&self, filter: &MatcherSet, mut look: impl FnMut(&AlertRecordView<'_>)) {
        let wanted = Signature::wanted(filter);
        self.for_each_slab(|shard, slab| {
            if wanted.is_empty() && !filter.is_empty() {
                shard.touch(slab);
            }
            let found = shard.may_have(slab, wanted).filter(|entry| filter.matches(&entry.blob));
            found.for_each(|entry| look(&view(shard, entry)));
        });
    }

    /// The alerts of one shard: what an actor that starts again begins with.
    pub fn records(&self, shard: usize) -> Vec<AlertRecord> {
        let Some(lock) = self.shards.get(shard) else { return Vec::new() };
        let shard = lock.lock();
        shard.entries().map(|entry| view(&shard, entry).record()).collect()
    }

    /// How many alerts fire, and how many have ended and are kept.
    pub fn counts(&self, now: Time) -> Counts {
        let mut counts = Counts::default();
        self.for_each_slab(|shard, slab| {
            let firing = shard.slab(slab).filter(|entry| entry.status(now) == Status::Firing).count();
            counts.firing += firing;
            counts.resolved += shard.slab(slab).count() - firing;
        });
        counts
    }

    /// How many alerts there are.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().len()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn for_each_slab(&self, mut look: impl FnMut(&Shard, usize)) {
        for lock in &self.shards {
            let slabs = lock.lock().slabs(); // not in the loop's head: the lock would last as long as the loop
            (0..slabs).for_each(|slab| look(&lock.lock(), slab));
        }
    }

    fn shard(&self, fingerprint: Fingerprint) -> &Mutex<Shard> {
        &self.shards[Self::shard_of(fingerprint)]
    }

    fn set(&self, mut record: AlertRecord, content: ContentHash, seq: u64, durability: Durability) {
        let (fingerprint, pictures) = (record.fingerprint, std::mem::take(&mut record.pictures));
        let entry = Entry::new(record, content, seq, durability);
        let mut shard = self.shard(fingerprint).lock();
        shard.set_pictures(fingerprint, pictures);
        shard.set(entry);
    }
}

fn view<'a>(shard: &'a Shard, entry: &'a Entry) -> AlertRecordView<'a> {
    AlertRecordView::new(entry, shard.pictures(entry.fingerprint))
}

fn may_go(entry: &Entry, now: Time, keep: Duration) -> bool {
    entry.holds == 0 && entry.durability == Durability::Durable && entry.ends_at.plus(keep) <= now
}
