//! The outbox: deliveries that are decided on and not done. Their contents are one blob; what changes while they wait are columns.
//!
//! Deliberately unknown here: order of sending, supersession (the caller removes the old and puts the new in one commit).

use alerts::{
    Status, Time,
    message::{Delivery, DeliveryId, IntegrationKey, Receipt},
    ports::OutboxHead,
};
use rusqlite::{Connection, Row, Transaction, params};

use super::{codec, error::Error};

/// What an attempt changed.
pub(super) struct Progress<'a> {
    pub(super) attempts: u32,
    pub(super) not_before: Time,
    pub(super) error: &'a Option<String>,
    /// None keeps the one that is there: what an attempt achieved stays achieved.
    pub(super) receipt: &'a Option<Receipt>,
}

/// Puts a delivery in, or writes it anew.
pub(super) fn put(transaction: &Transaction<'_>, delivery: &Delivery) -> Result<(), Error> {
    remove(transaction, delivery.id)?;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO outbox (id, integration, group_key, firing, resolved, since, not_before, attempts, last_error, receipt,
             body, flushed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )?;
    insert.execute(params![
        delivery.id.0.cast_signed(),
        &*delivery.integration.0,
        delivery.group_key,
        codec::fingerprints(&delivery.fingerprints(Status::Firing)),
        codec::fingerprints(&delivery.fingerprints(Status::Resolved)),
        delivery.since.as_nanos(),
        delivery.not_before.as_nanos(),
        delivery.attempts,
        delivery.last_error,
        delivery.receipt.as_ref().map(codec::json).transpose()?,
        codec::pack(delivery)?,
        delivery.flushed_at.as_nanos(),
    ])?;
    Ok(())
}

/// Notes an attempt that was in vain, or got further.
pub(super) fn progress(transaction: &Transaction<'_>, id: DeliveryId, progress: &Progress<'_>) -> Result<(), Error> {
    let mut update = transaction.prepare_cached(
        "UPDATE outbox SET attempts = $1, not_before = $2, last_error = $3, receipt = COALESCE($4, receipt) WHERE id = $5",
    )?;
    update.execute(params![
        progress.attempts,
        progress.not_before.as_nanos(),
        progress.error,
        progress.receipt.as_ref().map(codec::json).transpose()?,
        id.0.cast_signed(),
    ])?;
    Ok(())
}

/// Takes a delivery out.
pub(super) fn remove(transaction: &Transaction<'_>, id: DeliveryId) -> Result<(), Error> {
    transaction.prepare_cached("DELETE FROM outbox WHERE id = $1")?.execute(params![id.0.cast_signed()])?;
    Ok(())
}

/// See [`alerts::ports::Store::deliveries`].
pub(super) fn deliveries(
    connection: &Connection,
    integration: &IntegrationKey,
    after: DeliveryId,
    limit: usize,
) -> Result<Vec<Delivery>, Error> {
    let mut select = connection.prepare_cached(
        "SELECT id, body, attempts, not_before, last_error, receipt FROM outbox
         WHERE integration = $1 AND id > $2 ORDER BY id LIMIT $3",
    )?;
    let mut rows = select.query(params![&*integration.0, after.0.cast_signed(), codec::count(limit)])?;
    let mut deliveries = Vec::new();
    while let Some(row) = rows.next()? {
        deliveries.push(delivery(row)?);
    }
    Ok(deliveries)
}

/// The whole outbox without its contents, ascending.
pub(super) fn heads(connection: &Connection) -> Result<Vec<OutboxHead>, Error> {
    let mut select = connection.prepare(
        "SELECT id, integration, group_key, firing, resolved, attempts > 0 OR receipt IS NOT NULL, since, not_before
         FROM outbox ORDER BY id",
    )?;
    let heads = select.query_map([], |row| {
        Ok(OutboxHead {
            id: DeliveryId(row.get::<_, i64>(0)?.cast_unsigned()),
            integration: IntegrationKey(row.get::<_, String>(1)?.into()),
            group_key: row.get(2)?,
            firing: codec::read_fingerprints(&row.get::<_, Vec<u8>>(3)?),
            resolved: codec::read_fingerprints(&row.get::<_, Vec<u8>>(4)?),
            attempted: row.get(5)?,
            since: Time::from_nanos(row.get(6)?),
            not_before: Time::from_nanos(row.get(7)?),
        })
    })?;
    Ok(heads.collect::<Result<_, _>>()?)
}

/// A delivery of a row of the columns id, body, attempts, not_before, last_error, receipt.
pub(super) fn delivery(row: &Row<'_>) -> Result<Delivery, Error> {
    let id: i64 = row.get(0)?;
    let what = || format!("delivery {id} in the outbox");
    let mut delivery: Delivery = codec::unpack(&row.get::<_, Vec<u8>>(1)?, what)?;
    delivery.attempts = row.get(2)?;
    delivery.not_before = Time::from_nanos(row.get(3)?);
    delivery.last_error = row.get(4)?;
    let receipt: Option<String> = row.get(5)?;
    delivery.receipt = receipt.map(|json| codec::read_json(&json, what)).transpose()?;
    Ok(delivery)
}
