//! The history: what became of each delivery, for people and for the inspection of dead letters.
//!
//! Deliberately unknown here: who reads it, what a dead letter leads to.

use std::time::Duration;

use alerts::{
    Time,
    message::Delivery,
    picture::PictureId,
    ports::{HistoryEntry, Outcome, StoreError},
};
use rusqlite::{Connection, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use super::{Database, codec, error::Error};

/// How long history and inbox last: each by age and by rows, whichever is less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Entries of the history older than this go.
    pub history_age: Duration,
    /// More entries than this go, the oldest first.
    pub history_rows: usize,
    /// Messages of the inbox older than this go.
    pub inbox_age: Duration,
    /// More messages than this go, the oldest first.
    pub inbox_rows: usize,
}

impl Default for Retention {
    /// 30 days; 100,000 entries of about a kilobyte, 10,000 messages.
    fn default() -> Self {
        const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);
        Self { history_age: MONTH, history_rows: 100_000, inbox_age: MONTH, inbox_rows: 10_000 }
    }
}

/// An entry of the history with its number.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryRow {
    /// Ascending in the order in which deliveries were done.
    pub id: i64,
    /// What is kept.
    pub entry: HistoryEntry,
}

impl Database {
    /// Entries with numbers below `before` (all, if none), the newest first, at most `limit`.
    pub fn history(&self, before: Option<i64>, limit: usize) -> Result<Vec<HistoryRow>, StoreError> {
        self.shared.readers.read(|connection| page(connection, before, limit))
    }
}

#[derive(Serialize)]
struct BodyRef<'a> {
    delivery: &'a Delivery,
    outcome: &'a Outcome,
    pictures: &'a [PictureId],
}

#[derive(Deserialize)]
struct Body {
    delivery: Delivery,
    outcome: Outcome,
    pictures: Vec<PictureId>,
}

/// Adds an entry; a delivery has only one, the last that was written.
pub(super) fn put(transaction: &Transaction<'_>, entry: &HistoryEntry) -> Result<(), Error> {
    let mut upsert = transaction.prepare_cached(
        "INSERT INTO history (delivery, done_at, receiver, integration, group_key, outcome, body)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (delivery) DO UPDATE SET done_at = excluded.done_at, outcome = excluded.outcome, body = excluded.body",
    )?;
    let body = BodyRef { delivery: &entry.delivery, outcome: &entry.outcome, pictures: &entry.pictures };
    upsert.execute(params![
        entry.delivery.id.0.cast_signed(),
        entry.at.as_nanos(),
        entry.delivery.receiver,
        &*entry.delivery.integration.0,
        entry.delivery.group_key,
        outcome_word(&entry.outcome),
        codec::pack(&body)?,
    ])?;
    Ok(())
}

/// Forgets what is too old or too much, at most `limit` entries of each; answers how many.
pub(super) fn prune(
    transaction: &Transaction<'_>,
    retention: &Retention,
    now: Time,
    limit: usize,
) -> Result<usize, Error> {
    // only the oldest are looked at, so that a call costs the same however much there is
    let by_age = transaction
        .prepare_cached(
            "DELETE FROM history WHERE done_at < $1 AND id IN (SELECT id FROM history ORDER BY id LIMIT $2)",
        )?
        .execute(params![now.minus(retention.history_age).as_nanos(), codec::count(limit)])?;
    let by_count = transaction
        .prepare_cached(
            "DELETE FROM history WHERE id IN
                 (SELECT id FROM history WHERE id <= (SELECT MAX(id) FROM history) - $1 ORDER BY id LIMIT $2)",
        )?
        .execute(params![codec::count(retention.history_rows), codec::count(limit)])?;
    Ok(by_age + by_count)
}

fn page(connection: &Connection, before: Option<i64>, limit: usize) -> Result<Vec<HistoryRow>, Error> {
    let mut select =
        connection.prepare_cached("SELECT id, done_at, body FROM history WHERE id < $1 ORDER BY id DESC LIMIT $2")?;
    let mut rows = select.query(params![before.unwrap_or(i64::MAX), codec::count(limit)])?;
    let mut page = Vec::new();
    while let Some(row) = rows.next()? {
        page.push(history_row(row)?);
    }
    Ok(page)
}

fn history_row(row: &Row<'_>) -> Result<HistoryRow, Error> {
    let id: i64 = row.get(0)?;
    let Body { delivery, outcome, pictures } =
        codec::unpack(&row.get::<_, Vec<u8>>(2)?, || format!("entry {id} of the history"))?;
    Ok(HistoryRow { id, entry: HistoryEntry { delivery, outcome, at: Time::from_nanos(row.get(1)?), pictures } })
}

fn outcome_word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Sent { degraded: None } => "sent",
        Outcome::Sent { degraded: Some(_) } => "degraded",
        Outcome::Dropped(reason) => reason.as_str(),
    }
}
