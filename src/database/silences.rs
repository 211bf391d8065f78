//! The silences, each a row.
//!
//! Deliberately unknown here: what a silence does.

use alerts::silence::{Silence, SilenceId};
use rusqlite::{Connection, Transaction, params};

use super::{codec, error::Error};

/// Writes a silence anew.
pub(super) fn put(transaction: &Transaction<'_>, silence: &Silence) -> Result<(), Error> {
    let mut upsert = transaction.prepare_cached(
        "INSERT INTO silences (id, body) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
    )?;
    upsert.execute(params![&*silence.id.0, codec::pack(silence)?])?;
    Ok(())
}

/// Forgets a silence.
pub(super) fn remove(transaction: &Transaction<'_>, id: &SilenceId) -> Result<(), Error> {
    transaction.prepare_cached("DELETE FROM silences WHERE id = $1")?.execute(params![&*id.0])?;
    Ok(())
}

/// What the silences take (bytes).
pub(super) fn size(connection: &Connection) -> Result<i64, Error> {
    const SIZE: &str = "SELECT COALESCE(SUM(LENGTH(id) + LENGTH(body)), 0) FROM silences";
    Ok(connection.prepare_cached(SIZE)?.query_row([], |row| row.get(0))?)
}

/// All silences.
pub(super) fn load(connection: &Connection) -> Result<Vec<Silence>, Error> {
    let mut select = connection.prepare("SELECT id, body FROM silences ORDER BY id")?;
    let mut rows = select.query([])?;
    let mut silences = Vec::new();
    while let Some(row) = rows.next()? {
        let id: String = row.get(0)?;
        silences.push(codec::unpack(&row.get::<_, Vec<u8>>(1)?, || format!("silence {id}"))?);
    }
    Ok(silences)
}
