//! What is done now and then so that the file stays small: pruning and compaction, in slices that hold up no commit.
//!
//! Deliberately unknown here: how often; the retention of pictures, whose bytes lie elsewhere.

use alerts::{Time, ports::StoreError};
use rusqlite::TransactionBehavior;

use super::{Database, Writer, error::Error, foreign_log, history, inbox, log, silences};

/// Rows per table and call: a few milliseconds.
const SLICE: usize = 500;

/// What a call of [`Database::maintain`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Entries of the history that went.
    pub history: usize,
    /// Messages of the inbox that went.
    pub inbox: usize,
    /// Entries of the notification log that had ended.
    pub log: usize,
    /// Whether there is more to do at once.
    pub more: bool,
}

impl Database {
    /// Prunes history, inbox and ended entries of the notification log, and compacts the alert log, one slice of each.
    /// Call it every minute, and again while the answer says that there is more.
    pub fn maintain(&self, now: Time) -> Result<Pruned, StoreError> {
        let tidied = match self.shared.metrics.get() {
            Some(metrics) => metrics.maintenance(|| self.tidy(now)),
            None => self.tidy(now),
        };
        let tidied = tidied?;
        if !tidied.more {
            self.note_sizes()?;
        }
        Ok(tidied)
    }

    fn tidy(&self, now: Time) -> Result<Pruned, Error> {
        let retention = self.shared.retention;
        let mut writer = self.shared.writer.lock();
        let mut pruned = writer.prune(|transaction| {
            Ok(Pruned {
                history: history::prune(transaction, &retention, now, SLICE)?,
                inbox: inbox::prune(transaction, &retention, now, SLICE)?,
                log: log::prune(transaction, now, SLICE)? + foreign_log::prune(transaction, now)?,
                more: false,
            })
        })?;
        let more_to_compact = writer.compact()?;
        pruned.more = more_to_compact || [pruned.history, pruned.inbox, pruned.log].iter().any(|rows| *rows >= SLICE);
        Ok(pruned)
    }

    /// Read beside the writer, so that no commit waits.
    fn note_sizes(&self) -> Result<(), StoreError> {
        let Some(metrics) = self.shared.metrics.get() else { return Ok(()) };
        let (log, silences) =
            self.shared.readers.read(|connection| Ok((log::size(connection)?, silences::size(connection)?)))?;
        metrics.sizes(log, silences);
        Ok(())
    }
}

impl Writer {
    fn prune(
        &mut self,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<Pruned, Error>,
    ) -> Result<Pruned, Error> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let pruned = work(&transaction)?;
        transaction.commit()?;
        Ok(pruned)
    }
}
