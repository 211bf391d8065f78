//! What is known of pictures, and when each was last used.
//!
//! Deliberately unknown here: their bytes, the image stores, how long pictures last.

use alerts::{
    Time,
    picture::{PictureId, PictureRecord},
};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{codec, error::Error};

/// Writes a record anew.
pub(super) fn put(transaction: &Transaction<'_>, record: &PictureRecord) -> Result<(), Error> {
    let mut upsert = transaction.prepare_cached(
        "INSERT INTO pictures (id, used_at, record) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET used_at = excluded.used_at, record = excluded.record",
    )?;
    upsert.execute(params![&*record.id.0, record.used_at.as_nanos(), codec::json(record)?])?;
    Ok(())
}

/// Notes that pictures were used; an earlier use than the last changes nothing.
pub(super) fn used(transaction: &Transaction<'_>, ids: &[PictureId], at: Time) -> Result<(), Error> {
    let mut update = transaction.prepare_cached("UPDATE pictures SET used_at = $1 WHERE id = $2 AND used_at < $1")?;
    for id in ids {
        update.execute(params![at.as_nanos(), &*id.0])?;
    }
    Ok(())
}

/// Forgets a picture.
pub(super) fn remove(transaction: &Transaction<'_>, id: &PictureId) -> Result<(), Error> {
    transaction.prepare_cached("DELETE FROM pictures WHERE id = $1")?.execute(params![&*id.0])?;
    Ok(())
}

/// The record of a picture.
pub(super) fn find(connection: &Connection, id: &PictureId) -> Result<Option<PictureRecord>, Error> {
    let mut select = connection.prepare_cached("SELECT used_at, record FROM pictures WHERE id = $1")?;
    select.query_row(params![&*id.0], |row| Ok(record(row))).optional()?.transpose()
}

/// See [`alerts::ports::Store::pictures_unused_since`].
pub(super) fn unused_since(connection: &Connection, before: Time, limit: usize) -> Result<Vec<PictureRecord>, Error> {
    let mut select = connection
        .prepare_cached("SELECT used_at, record FROM pictures WHERE used_at < $1 ORDER BY used_at LIMIT $2")?;
    let records = select.query_map(params![before.as_nanos(), codec::count(limit)], |row| Ok(record(row)))?;
    records.map(|record| record?).collect()
}

fn record(row: &Row<'_>) -> Result<PictureRecord, Error> {
    let mut record: PictureRecord = codec::read_json(&row.get::<_, String>(1)?, || "a picture's record".to_owned())?;
    record.used_at = Time::from_nanos(row.get(0)?);
    Ok(record)
}
