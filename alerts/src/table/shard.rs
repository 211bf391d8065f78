//! One shard of the table: entries in slabs of fixed size, found by an index that stores no keys.
//!
//! Deliberately unknown here: locks, other shards, what an entry means.

use std::collections::BTreeSet;

use hashbrown::{HashMap, HashTable};

use super::{entry::Entry, signature::Signature};
use crate::{alert::PictureSlots, labels::Fingerprint};

/// Entries of a slab: about 45 KB, so that growing copies nothing and a storm's memory is given back piece by piece.
pub(super) const SLAB: usize = 512;

#[derive(Debug, Default)]
pub(super) struct Shard {
    slabs: Vec<Slab>,
    /// Slabs with a free slot; the lowest is filled first, so that the high ones run empty.
    roomy: BTreeSet<usize>,
    index: HashTable<u32>,
    /// Pictures of the few alerts that have any.
    pictures: HashMap<Fingerprint, PictureSlots>,
}

#[derive(Debug, Default)]
struct Slab {
    entries: Vec<Option<Entry>>,
    /// One beside each entry; that of a free slot means nothing.
    signatures: Vec<Signature>,
    free: Vec<u16>,
}

impl Shard {
    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    pub(super) fn slabs(&self) -> usize {
        self.slabs.len()
    }

    pub(super) fn slab(&self, at: usize) -> impl Iterator<Item = &Entry> {
        self.slabs.get(at).into_iter().flat_map(|slab| slab.entries.iter().flatten())
    }

    /// Reads a byte of each cache line that a search will need. The reads do not depend on each other, so that their
    /// misses overlap; the search itself, with its branches, would wait for one after the other.
    pub(super) fn touch(&self, at: usize) {
        std::hint::black_box(self.slab(at).fold(0, |sum, entry| sum ^ entry.blob.touch()));
    }

    /// The entries of a slab that may have the wanted labels.
    pub(super) fn may_have(&self, at: usize, wanted: Signature) -> impl Iterator<Item = &Entry> {
        let slab = self.slabs.get(at).into_iter();
        let covering = slab.flat_map(move |slab| {
            slab.signatures.iter().zip(&slab.entries).filter(move |(signature, _)| signature.covers(wanted))
        });
        covering.filter_map(|(_, entry)| entry.as_ref())
    }

    /// The same for alerts that lie anywhere: first all entries, then all that they point to.
    pub(super) fn touch_all(&self, fingerprints: impl Iterator<Item = Fingerprint>) {
        let slots: Vec<&Entry> = fingerprints.filter_map(|fingerprint| self.get(fingerprint)).collect();
        std::hint::black_box(slots.iter().fold(0, |sum, entry| sum ^ entry.blob.touch()));
    }

    /// The same for the entries alone.
    pub(super) fn touch_entries(&self, fingerprints: impl Iterator<Item = Fingerprint>) {
        let entries = fingerprints.filter_map(|fingerprint| self.get(fingerprint));
        std::hint::black_box(entries.fold(0, |sum, entry| sum ^ entry.seq ^ u64::from(entry.holds)));
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        (0..self.slabs.len()).flat_map(|at| self.slab(at))
    }

    pub(super) fn get(&self, fingerprint: Fingerprint) -> Option<&Entry> {
        let slot = *self.index.find(fingerprint.0, |slot| is(&self.slabs, *slot, fingerprint))?;
        entry(&self.slabs, slot)
    }

    pub(super) fn get_mut(&mut self, fingerprint: Fingerprint) -> Option<&mut Entry> {
        let slot = *self.index.find(fingerprint.0, |slot| is(&self.slabs, *slot, fingerprint))?;
        let (slab, at) = place(slot);
        self.slabs.get_mut(slab)?.entries.get_mut(at)?.as_mut()
    }

    /// Sets an alert's entry, which takes over from the one that was there.
    pub(super) fn set(&mut self, mut new: Entry) {
        let fingerprint = new.fingerprint;
        if let Some(slot) = self.index.find(fingerprint.0, |slot| is(&self.slabs, *slot, fingerprint)) {
            let (slab, at) = place(*slot);
            if let Some(old) = &self.slabs[slab].entries[at] {
                new.take_over(old);
            }
            self.slabs[slab].replace(at, new);
            return;
        }
        let slot = self.store(new);
        let slabs = &self.slabs;
        self.index.insert_unique(fingerprint.0, slot, |slot| entry(slabs, *slot).map_or(0, |e| e.fingerprint.0));
    }

    pub(super) fn remove(&mut self, fingerprint: Fingerprint) -> Option<Entry> {
        self.pictures.remove(&fingerprint);
        let slabs = &self.slabs;
        let found = self.index.find_entry(fingerprint.0, |slot| is(slabs, *slot, fingerprint)).ok()?;
        let (slot, _) = found.remove();
        self.clear(slot)
    }

    /// Gives back what a storm left behind in the index.
    pub(super) fn shrink(&mut self) {
        if self.index.capacity() > SLAB && self.index.len() < self.index.capacity() / 4 {
            let slabs = &self.slabs;
            self.index.shrink_to_fit(|slot| entry(slabs, *slot).map_or(0, |e| e.fingerprint.0));
            self.pictures.shrink_to_fit();
        }
    }

    pub(super) fn pictures(&self, fingerprint: Fingerprint) -> Option<&PictureSlots> {
        self.pictures.get(&fingerprint)
    }

    pub(super) fn set_pictures(&mut self, fingerprint: Fingerprint, slots: PictureSlots) {
        if slots == PictureSlots::default() {
            self.pictures.remove(&fingerprint);
        } else {
            self.pictures.insert(fingerprint, slots);
        }
    }

    fn store(&mut self, new: Entry) -> u32 {
        let slab = self.roomy.first().copied().unwrap_or_else(|| {
            self.slabs.push(Slab::default());
            self.roomy.insert(self.slabs.len() - 1);
            self.slabs.len() - 1
        });
        let at = self.slabs[slab].store(new);
        if self.slabs[slab].is_full() {
            self.roomy.remove(&slab);
        }
        u32::try_from(slab * SLAB + at).expect("a shard of 4 billion alerts does not fit into memory")
    }

    fn clear(&mut self, slot: u32) -> Option<Entry> {
        let (slab, at) = place(slot);
        self.roomy.insert(slab);
        self.slabs.get_mut(slab)?.clear(at)
    }
}

impl Slab {
    fn is_full(&self) -> bool {
        self.free.is_empty() && self.entries.len() == SLAB
    }

    fn store(&mut self, new: Entry) -> usize {
        if let Some(at) = self.free.pop() {
            self.replace(usize::from(at), new);
            return usize::from(at);
        }
        if self.entries.capacity() == 0 {
            self.entries.reserve_exact(SLAB);
            self.signatures.reserve_exact(SLAB);
        }
        self.signatures.push(Signature::of(new.blob.label_pairs()));
        self.entries.push(Some(new));
        self.entries.len() - 1
    }

    /// Equal fingerprints do not promise equal labels: the signature is made anew.
    fn replace(&mut self, at: usize, new: Entry) {
        self.signatures[at] = Signature::of(new.blob.label_pairs());
        self.entries[at] = Some(new);
    }

    fn clear(&mut self, at: usize) -> Option<Entry> {
        let old = self.entries.get_mut(at)?.take()?;
        self.free.push(u16::try_from(at).expect("a slab has 512 slots"));
        if self.free.len() == self.entries.len() {
            *self = Slab::default();
        }
        Some(old)
    }
}

fn place(slot: u32) -> (usize, usize) {
    (slot as usize / SLAB, slot as usize % SLAB)
}

fn entry(slabs: &[Slab], slot: u32) -> Option<&Entry> {
    let (slab, at) = place(slot);
    slabs.get(slab)?.entries.get(at)?.as_ref()
}

fn is(slabs: &[Slab], slot: u32, fingerprint: Fingerprint) -> bool {
    entry(slabs, slot).is_some_and(|entry| entry.fingerprint == fingerprint)
}
