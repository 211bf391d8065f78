//! The notification log: what each integration has last been told about each group.
//!
//! Deliberately unknown here: what follows from an entry.

use alerts::{
    Time,
    message::{IntegrationKey, LogEntry, Receipt},
};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{codec, error::Error};

/// Writes the entry of a group and integration anew.
pub(super) fn put(transaction: &Transaction<'_>, entry: &LogEntry) -> Result<(), Error> {
    let mut upsert = transaction.prepare_cached(
        "INSERT INTO notification_log (group_key, integration, firing, resolved, sent_at, expires_at, receipt)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (group_key, integration) DO UPDATE SET firing = excluded.firing, resolved = excluded.resolved,
             sent_at = excluded.sent_at, expires_at = excluded.expires_at, receipt = excluded.receipt",
    )?;
    upsert.execute(params![
        entry.group_key,
        &*entry.integration.0,
        codec::fingerprints(&entry.firing),
        codec::fingerprints(&entry.resolved),
        entry.at.as_nanos(),
        entry.expires_at.as_nanos(),
        codec::json(&entry.receipt)?,
    ])?;
    Ok(())
}

/// Replaces the receipt of an entry.
pub(super) fn update_receipt(
    transaction: &Transaction<'_>,
    group_key: &str,
    integration: &IntegrationKey,
    receipt: &Receipt,
) -> Result<(), Error> {
    let mut update = transaction
        .prepare_cached("UPDATE notification_log SET receipt = $1 WHERE group_key = $2 AND integration = $3")?;
    update.execute(params![codec::json(receipt)?, group_key, &*integration.0])?;
    Ok(())
}

/// Forgets all entries of a group.
pub(super) fn forget_group(transaction: &Transaction<'_>, group_key: &str) -> Result<(), Error> {
    transaction.prepare_cached("DELETE FROM notification_log WHERE group_key = $1")?.execute(params![group_key])?;
    Ok(())
}

/// Forgets entries that ended before `now`, at most `limit`; answers how many.
pub(super) fn prune(transaction: &Transaction<'_>, now: Time, limit: usize) -> Result<usize, Error> {
    let mut ended = transaction.prepare_cached(
        "SELECT group_key, integration FROM notification_log WHERE expires_at < $1 ORDER BY expires_at LIMIT $2",
    )?;
    let mut delete =
        transaction.prepare_cached("DELETE FROM notification_log WHERE group_key = $1 AND integration = $2")?;
    let keys = ended.query_map(params![now.as_nanos(), codec::count(limit)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let keys: Vec<(String, String)> = keys.collect::<Result<_, _>>()?;
    for (group_key, integration) in &keys {
        delete.execute(params![group_key, integration])?;
    }
    Ok(keys.len())
}

/// The receipt in the entry of a group and integration, as long as something in it fires: what comes after the end begins anew.
pub(super) fn receipt(
    connection: &Connection,
    group_key: &str,
    integration: &IntegrationKey,
) -> Result<Option<Receipt>, Error> {
    let mut select = connection.prepare_cached(
        "SELECT receipt FROM notification_log WHERE group_key = $1 AND integration = $2 AND length(firing) > 0",
    )?;
    let json: Option<String> = select.query_row(params![group_key, &*integration.0], |row| row.get(0)).optional()?;
    json.map(|json| codec::read_json(&json, || format!("the notification log of group {group_key}"))).transpose()
}

/// What the log takes (bytes).
pub(super) fn size(connection: &Connection) -> Result<i64, Error> {
    const SIZE: &str = "SELECT COALESCE(SUM(LENGTH(group_key) + LENGTH(integration) + LENGTH(firing) + LENGTH(resolved)
         + LENGTH(receipt) + 16), 0) FROM notification_log";
    Ok(connection.prepare_cached(SIZE)?.query_row([], |row| row.get(0))?)
}

/// The whole log.
pub(super) fn load(connection: &Connection) -> Result<Vec<LogEntry>, Error> {
    let mut select = connection.prepare(
        "SELECT group_key, integration, firing, resolved, sent_at, expires_at, receipt FROM notification_log",
    )?;
    let mut rows = select.query([])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(entry(row)?);
    }
    Ok(entries)
}

fn entry(row: &Row<'_>) -> Result<LogEntry, Error> {
    let group_key: String = row.get(0)?;
    let receipt: String = row.get(6)?;
    Ok(LogEntry {
        receipt: codec::read_json(&receipt, || format!("the notification log of group {group_key}"))?,
        group_key,
        integration: IntegrationKey(row.get::<_, String>(1)?.into()),
        firing: codec::read_fingerprints(&row.get::<_, Vec<u8>>(2)?),
        resolved: codec::read_fingerprints(&row.get::<_, Vec<u8>>(3)?),
        at: Time::from_nanos(row.get(4)?),
        expires_at: Time::from_nanos(row.get(5)?),
    })
}
