//! Which row of the log has the latest record of each alert, and how much of each row still counts.
//!
//! A tombstone counts as long as any other record of its alert lies in the log, because a restart would bring that one
//! back. So records are counted per alert, dead ones included. Deliberately unknown here: the table, the bytes of records.

use std::collections::{BTreeSet, HashMap};

use super::Kind;
use crate::database::AlertLogSize;

/// A row's place in memory; rows come and go, so places are used again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Slot(u32);

#[derive(Default)]
pub(super) struct Index {
    latest: HashMap<u64, Latest>,
    rows: Vec<Row>,
    free: Vec<Slot>,
    /// Rows of which more than half is dead.
    sparse: BTreeSet<Slot>,
}

/// The latest record of an alert. Eight bytes: there may be millions.
struct Latest {
    /// The row, and in the highest bit whether the record is a tombstone.
    row: u32,
    /// All records of the alert in the log, this one included.
    copies: u32,
}

const TOMBSTONE: u32 = 1 << 31;

impl Latest {
    fn new(slot: Slot, kind: Kind, copies: u32) -> Self {
        Self { row: slot.0 | if kind == Kind::Tombstone { TOMBSTONE } else { 0 }, copies }
    }

    fn slot(&self) -> Slot {
        Slot(self.row & !TOMBSTONE)
    }

    fn is_tombstone(&self) -> bool {
        self.row & TOMBSTONE != 0
    }

    /// Whether it must outlive its row; a tombstone with nothing to hide need not.
    fn counts(&self) -> bool {
        !self.is_tombstone() || self.copies > 1
    }
}

#[derive(Default)]
struct Row {
    seq: i64,
    records: u32,
    live: u32,
}

impl Index {
    /// A row was written behind all others.
    pub(super) fn add_row(&mut self, seq: i64, records: &[(u64, Kind)]) {
        let slot = self.new_slot();
        let count = u32::try_from(records.len()).expect("rows are cut at half a megabyte");
        *self.row(slot) = Row { seq, records: count, live: 0 };
        for (fingerprint, kind) in records {
            self.put(slot, *fingerprint, *kind);
        }
        self.weigh(slot);
    }

    /// A row was deleted; `fingerprints` are those of all its records.
    pub(super) fn remove_row(&mut self, slot: Slot, fingerprints: &[u64]) {
        for fingerprint in fingerprints {
            self.drop_copy(*fingerprint);
        }
        *self.row(slot) = Row::default();
        self.sparse.remove(&slot);
        self.free.push(slot);
    }

    /// Whether the latest record of this alert lies in this row, of which `copies_here` are in it, and must outlive it.
    pub(super) fn must_keep(&self, fingerprint: u64, slot: Slot, copies_here: u32) -> bool {
        self.latest
            .get(&fingerprint)
            .is_some_and(|latest| latest.slot() == slot && (!latest.is_tombstone() || latest.copies > copies_here))
    }

    pub(super) fn sparse(&self) -> impl Iterator<Item = Slot> {
        self.sparse.iter().copied()
    }

    pub(super) fn sparsest(&self) -> Option<Slot> {
        self.sparse.first().copied()
    }

    pub(super) fn seq_of(&self, slot: Slot) -> i64 {
        self.rows[slot.0 as usize].seq
    }

    pub(super) fn records_of(&self, slot: Slot) -> usize {
        self.rows[slot.0 as usize].records as usize
    }

    pub(super) fn size(&self) -> AlertLogSize {
        let sum = |count: fn(&Row) -> u32| self.rows.iter().map(|row| count(row) as usize).sum();
        AlertLogSize { rows: self.rows.len() - self.free.len(), records: sum(|r| r.records), live: sum(|r| r.live) }
    }

    fn put(&mut self, slot: Slot, fingerprint: u64, kind: Kind) {
        let before = self.latest.get(&fingerprint);
        let copies = before.map_or(0, |latest| latest.copies) + 1;
        let dead_in = before.filter(|latest| latest.counts()).map(Latest::slot);
        let latest = Latest::new(slot, kind, copies);
        if latest.counts() {
            self.row(slot).live += 1;
        }
        self.latest.insert(fingerprint, latest);
        if let Some(dead_in) = dead_in {
            self.row(dead_in).live -= 1;
            self.weigh(dead_in);
        }
    }

    fn drop_copy(&mut self, fingerprint: u64) {
        let Some(latest) = self.latest.get_mut(&fingerprint) else { return };
        let counted = latest.counts();
        latest.copies -= 1;
        let (slot, copies) = (latest.slot(), latest.copies);
        if counted && !latest.counts() {
            self.row(slot).live -= 1;
            self.weigh(slot);
        }
        if copies == 0 {
            self.latest.remove(&fingerprint);
        }
    }

    fn weigh(&mut self, slot: Slot) {
        let row = &self.rows[slot.0 as usize];
        if row.live < row.records - row.live {
            self.sparse.insert(slot);
        } else {
            self.sparse.remove(&slot);
        }
    }

    fn new_slot(&mut self) -> Slot {
        self.free.pop().unwrap_or_else(|| {
            self.rows.push(Row::default());
            Slot(u32::try_from(self.rows.len() - 1).expect("two billion rows do not fit into memory"))
        })
    }

    fn row(&mut self, slot: Slot) -> &mut Row {
        &mut self.rows[slot.0 as usize]
    }
}
