//! Marks: that something was done once and for all, in the same commit as what it did.
//!
//! Deliberately unknown here: what was done.

use alerts::ports::{Change, StoreError};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Database, changes, error::Error};

/// A mark and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its name among the counters.
    pub name: &'static str,
    /// What is to be remembered with it; it is never lowered.
    pub value: i64,
}

impl Database {
    /// The value of a mark; none if it was never set.
    pub fn mark(&self, name: &str) -> Result<Option<i64>, StoreError> {
        self.shared.readers.read(|connection| find(connection, name))
    }

    /// Commits changes, as [`alerts::ports::Store::commit`] does, and sets marks: all or nothing.
    pub fn commit_with_marks(&self, changes: &[Change], marks: &[Mark]) -> Result<(), StoreError> {
        let set = |transaction: &rusqlite::Transaction<'_>| {
            marks.iter().try_for_each(|mark| changes::raise_counter(transaction, mark.name, mark.value))
        };
        Ok(self.shared.writer.lock().commit_and(changes, set)?)
    }
}

fn find(connection: &Connection, name: &str) -> Result<Option<i64>, Error> {
    let mut select = connection.prepare_cached("SELECT value FROM counters WHERE name = $1")?;
    Ok(select.query_row(params![name], |row| row.get(0)).optional()?)
}
