//! The history: what became of each delivery, for people and for the inspection of dead letters.
//!
//! Deliberately unknown here: how it is searched (see `notifications`), what a dead letter leads to.

use std::{collections::BTreeSet, time::Duration};

use alerts::{
    Fingerprint, Time,
    message::{Delivery, DeliveryId, Receipt},
    picture::PictureId,
    ports::{HistoryEntry, Outcome},
};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};

use super::{codec, error::Error};

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
    put_head(transaction, entry)
}

fn put_head(transaction: &Transaction<'_>, entry: &HistoryEntry) -> Result<(), Error> {
    let mut upsert = transaction.prepare_cached(
        "INSERT INTO history_heads (delivery, flushed_at, receiver, integration, group_key, outcome, terms)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (delivery) DO UPDATE SET outcome = excluded.outcome",
    )?;
    upsert.execute(params![
        entry.delivery.id.0.cast_signed(),
        entry.delivery.flushed_at.as_nanos(),
        entry.delivery.receiver,
        &*entry.delivery.integration.0,
        entry.delivery.group_key,
        outcome_word(&entry.outcome),
        codec::fingerprints(&terms(&entry.delivery)),
    ])?;
    Ok(())
}

/// A message that was sent got more pictures.
pub(super) fn add_pictures(
    transaction: &Transaction<'_>,
    delivery: DeliveryId,
    receipt: &Receipt,
    pictures: &[PictureId],
) -> Result<(), Error> {
    let Some(mut entry) = find(transaction, delivery)? else { return Ok(()) };
    entry.delivery.receipt = Some(receipt.clone());
    for picture in pictures {
        if !entry.pictures.contains(picture) {
            entry.pictures.push(picture.clone());
        }
    }
    put(transaction, &entry)
}

/// The entry of a delivery.
pub(super) fn find(connection: &Connection, delivery: DeliveryId) -> Result<Option<HistoryEntry>, Error> {
    let mut select = connection.prepare_cached("SELECT done_at, body FROM history WHERE delivery = $1")?;
    let row = select.query_row(params![delivery.0.cast_signed()], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)));
    let Some((at, body)) = row.optional()? else { return Ok(None) };
    let what = || format!("delivery {} in the history", delivery.0);
    let Body { delivery, outcome, pictures } = codec::unpack(&body, what)?;
    Ok(Some(HistoryEntry { delivery, outcome, at: Time::from_nanos(at), pictures }))
}

/// Forgets what is too old or too much, at most `limit` entries of each; answers how many.
pub(super) fn prune(
    transaction: &Transaction<'_>,
    retention: &Retention,
    now: Time,
    limit: usize,
) -> Result<usize, Error> {
    // only the oldest are looked at, so that a call costs the same however much there is
    const TOO_OLD: &str =
        "SELECT delivery FROM history WHERE done_at < $1 AND id IN (SELECT id FROM history ORDER BY id LIMIT $2)";
    const TOO_MUCH: &str =
        "SELECT delivery FROM history WHERE id <= (SELECT MAX(id) FROM history) - $1 ORDER BY id LIMIT $2";
    let before = now.minus(retention.history_age).as_nanos();
    let by_age = forget(transaction, TOO_OLD, before, limit)?;
    Ok(by_age + forget(transaction, TOO_MUCH, codec::count(retention.history_rows), limit)?)
}

fn forget(transaction: &Transaction<'_>, which: &str, bound: i64, limit: usize) -> Result<usize, Error> {
    let mut select = transaction.prepare_cached(which)?;
    let found = select.query_map(params![bound, codec::count(limit)], |row| row.get(0))?;
    let deliveries: Vec<i64> = found.collect::<Result<_, _>>()?;
    let mut delete = transaction.prepare_cached("DELETE FROM history WHERE delivery = $1")?;
    let mut delete_head = transaction.prepare_cached("DELETE FROM history_heads WHERE delivery = $1")?;
    for delivery in &deliveries {
        delete.execute(params![delivery])?;
        delete_head.execute(params![delivery])?;
    }
    Ok(deliveries.len())
}

/// What a delivery can be found by: its alerts, and each label pair that any of them has.
fn terms(delivery: &Delivery) -> Vec<Fingerprint> {
    let alerts = delivery.alerts.iter().map(|told| &told.alert);
    let each = alerts.flat_map(|alert| {
        let pairs = alert.labels.iter().map(|(name, value)| term(name, value));
        std::iter::once(alert.fingerprint).chain(pairs)
    });
    each.collect::<BTreeSet<_>>().into_iter().collect()
}

/// A label pair as a term.
pub(super) fn term(name: &str, value: &str) -> Fingerprint {
    Fingerprint::of(std::iter::once((name, value)))
}

/// What the column says of an outcome.
pub(super) fn outcome_word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Sent { degraded: None } => "sent",
        Outcome::Sent { degraded: Some(_) } => "degraded",
        Outcome::Dropped(reason) => reason.as_str(),
    }
}
