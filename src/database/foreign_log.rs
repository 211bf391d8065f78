//! What the notification log of an Alertmanager said whose data was taken over.
//!
//! Deliberately unknown here: how it was read, what follows from an entry.

use alerts::{Time, ports::ForeignLogEntry};
use rusqlite::{Connection, Transaction, params};

use super::{codec, error::Error};

/// Writes an entry anew.
pub(super) fn put(transaction: &Transaction<'_>, entry: &ForeignLogEntry) -> Result<(), Error> {
    let mut upsert = transaction.prepare_cached(
        "INSERT INTO foreign_log (group_key, receiver, kind, position, expires_at, body) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (group_key, receiver, kind, position) DO UPDATE SET expires_at = excluded.expires_at,
             body = excluded.body",
    )?;
    let (at, end) = (entry.index, entry.expires_at.as_nanos());
    upsert.execute(params![entry.group_key, entry.receiver, entry.kind, at, end, codec::pack(entry)?])?;
    Ok(())
}

/// Forgets all entries of a group.
pub(super) fn forget_group(transaction: &Transaction<'_>, group_key: &str) -> Result<(), Error> {
    transaction.prepare_cached("DELETE FROM foreign_log WHERE group_key = $1")?.execute(params![group_key])?;
    Ok(())
}

/// Forgets entries that ended before `now`; answers how many. There are only those of one take-over.
pub(super) fn prune(transaction: &Transaction<'_>, now: Time) -> Result<usize, Error> {
    Ok(transaction.prepare_cached("DELETE FROM foreign_log WHERE expires_at < $1")?.execute(params![now.as_nanos()])?)
}

/// The whole log.
pub(super) fn load(connection: &Connection) -> Result<Vec<ForeignLogEntry>, Error> {
    let mut select = connection.prepare("SELECT group_key, body FROM foreign_log ORDER BY group_key")?;
    let mut rows = select.query([])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let group_key: String = row.get(0)?;
        let what = || format!("the log that was taken over, group {group_key}");
        entries.push(codec::unpack(&row.get::<_, Vec<u8>>(1)?, what)?);
    }
    Ok(entries)
}
