//! The alerts as a log: one row per commit, later wins, rows that are mostly dead are written anew.
//!
//! One row per alert under its fingerprint would dirty nearly every page at each commit. Deliberately unknown here: what an
//! alert is beyond its fingerprint and its bytes, when commits happen.

mod batch;
mod index;

use std::collections::{HashMap, HashSet};

use alerts::{Fingerprint, ports::Change, record::AlertRecord};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use self::{
    batch::{BatchReader, BatchWriter, Record},
    index::{Index, Slot},
};
use super::{AlertLogSize, error::Error};

/// A commit rewrites at most this many old records for each new one, so that compaction keeps up (two would do: a
/// row is written anew when more than half of it is dead) and commits stay short.
const REWRITES_PER_CHANGE: usize = 3;
/// What a slice of compaction between commits looks at (records).
const SLICE: usize = 4096;

/// The log's index in memory: which row has the latest record of each alert. 16 bytes per alert, plus the table's slack.
pub(super) struct AlertLog {
    index: Index,
    last_seq: i64,
}

/// What a transaction wrote; the index follows it once it is durable.
#[derive(Default)]
pub(super) struct Written {
    rows: Vec<NewRow>,
    removed: Vec<(Slot, Vec<u64>)>,
}

struct NewRow {
    seq: i64,
    records: Vec<(u64, Kind)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Alert,
    Tombstone,
}

/// Every alert once, in its latest state, as of the snapshot that `connection` sees.
pub(super) fn read_all(connection: &Connection, each: &mut dyn FnMut(AlertRecord)) -> Result<(), Error> {
    let mut seen = HashSet::new();
    let mut statement = connection.prepare("SELECT seq, batch FROM alert_log ORDER BY seq DESC")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (seq, blob): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let batch = BatchReader::open(seq, &blob)?;
        let records = batch.records().collect::<Result<Vec<_>, _>>()?;
        for record in records.iter().rev() {
            if seen.insert(record.fingerprint) && record.kind() == Kind::Alert {
                each(batch.decode(record)?);
            }
        }
    }
    Ok(())
}

impl AlertLog {
    /// Reads which row holds what.
    pub(super) fn open(connection: &Connection) -> Result<Self, Error> {
        let mut log = Self { index: Index::default(), last_seq: 0 };
        let mut statement = connection.prepare("SELECT seq, batch FROM alert_log ORDER BY seq")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (seq, blob): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
            let batch = BatchReader::open(seq, &blob)?;
            let records = batch.records().map(|record| record.map(|r| (r.fingerprint, r.kind())));
            log.index.add_row(seq, &records.collect::<Result<Vec<_>, _>>()?);
            log.last_seq = seq;
        }
        Ok(log)
    }

    pub(super) fn size(&self) -> AlertLogSize {
        self.index.size()
    }

    pub(super) fn wants_compaction(&self) -> bool {
        self.index.sparsest().is_some()
    }

    /// Writes the alerts among `changes`, and before them what is still alive of rows that are mostly dead.
    pub(super) fn write(&self, transaction: &Transaction<'_>, changes: &[Change]) -> Result<Written, Error> {
        let count = changes.iter().filter(|c| matches!(c, Change::Alert(_) | Change::AlertGone(_))).count();
        let mut append = Append::new(transaction, self.last_seq);
        self.rewrite(&mut append, count * REWRITES_PER_CHANGE)?;
        for change in changes {
            match change {
                Change::Alert(record) => append.alert(record)?,
                Change::AlertGone(fingerprint) => append.tombstone(*fingerprint)?,
                _ => {}
            }
        }
        append.finish()
    }

    /// Writes one slice of mostly dead rows anew.
    pub(super) fn compact(&self, transaction: &Transaction<'_>) -> Result<Written, Error> {
        let mut append = Append::new(transaction, self.last_seq);
        self.rewrite(&mut append, SLICE)?;
        append.finish()
    }

    /// Follows what was committed.
    pub(super) fn apply(&mut self, written: Written) {
        for row in &written.rows {
            self.index.add_row(row.seq, &row.records);
            self.last_seq = row.seq;
        }
        for (slot, fingerprints) in &written.removed {
            self.index.remove_row(*slot, fingerprints);
        }
    }

    /// Moves what lives in sparse rows to the end and deletes the rows, until `budget` records have been looked at.
    fn rewrite(&self, append: &mut Append<'_>, budget: usize) -> Result<(), Error> {
        let mut looked_at = 0;
        for slot in self.index.sparse() {
            if looked_at >= budget {
                break;
            }
            looked_at += self.index.records_of(slot);
            self.rewrite_row(append, slot)?;
        }
        Ok(())
    }

    fn rewrite_row(&self, append: &mut Append<'_>, slot: Slot) -> Result<(), Error> {
        let seq = self.index.seq_of(slot);
        let blob = append.remove(seq)?;
        let batch = BatchReader::open(seq, &blob)?;
        let records = batch.records().collect::<Result<Vec<_>, _>>()?;
        let mut latest: HashMap<u64, (usize, u32)> = HashMap::with_capacity(records.len());
        for (at, record) in records.iter().enumerate() {
            let (last, copies) = latest.entry(record.fingerprint).or_default();
            (*last, *copies) = (at, *copies + 1);
        }
        for (at, record) in records.iter().enumerate() {
            let (last, copies) = latest[&record.fingerprint];
            if last == at && self.index.must_keep(record.fingerprint, slot, copies) {
                append.raw(record)?;
            }
        }
        append.written.removed.push((slot, records.iter().map(|record| record.fingerprint).collect()));
        Ok(())
    }
}

/// Rows on their way into a transaction, cut so that no row becomes large.
struct Append<'a> {
    transaction: &'a Transaction<'a>,
    next_seq: i64,
    batch: BatchWriter,
    records: Vec<(u64, Kind)>,
    written: Written,
}

impl<'a> Append<'a> {
    fn new(transaction: &'a Transaction<'a>, last_seq: i64) -> Self {
        let written = Written::default();
        Self { transaction, next_seq: last_seq + 1, batch: BatchWriter::default(), records: Vec::new(), written }
    }

    fn alert(&mut self, record: &AlertRecord) -> Result<(), Error> {
        self.batch.alert(record);
        self.noted(record.fingerprint.0, Kind::Alert)
    }

    fn tombstone(&mut self, fingerprint: Fingerprint) -> Result<(), Error> {
        self.batch.tombstone(fingerprint.0);
        self.noted(fingerprint.0, Kind::Tombstone)
    }

    fn raw(&mut self, record: &Record<'_>) -> Result<(), Error> {
        self.batch.raw(record);
        self.noted(record.fingerprint, record.kind())
    }

    fn noted(&mut self, fingerprint: u64, kind: Kind) -> Result<(), Error> {
        self.records.push((fingerprint, kind));
        if self.batch.is_full() { self.close_row() } else { Ok(()) }
    }

    fn close_row(&mut self) -> Result<(), Error> {
        if self.records.is_empty() {
            return Ok(());
        }
        let mut insert = self.transaction.prepare_cached("INSERT INTO alert_log (seq, batch) VALUES ($1, $2)")?;
        insert.execute(params![self.next_seq, self.batch.take()])?;
        self.written.rows.push(NewRow { seq: self.next_seq, records: std::mem::take(&mut self.records) });
        self.next_seq += 1;
        Ok(())
    }

    /// Takes a row out.
    fn remove(&self, seq: i64) -> Result<Vec<u8>, Error> {
        let mut select = self.transaction.prepare_cached("SELECT batch FROM alert_log WHERE seq = $1")?;
        let blob = select.query_row(params![seq], |row| row.get(0)).optional()?;
        self.transaction.prepare_cached("DELETE FROM alert_log WHERE seq = $1")?.execute(params![seq])?;
        blob.ok_or_else(|| Error::damaged("the alert log", format!("row {seq} is gone")))
    }

    fn finish(mut self) -> Result<Written, Error> {
        self.close_row()?;
        Ok(self.written)
    }
}
