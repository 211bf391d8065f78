//! The schema and its versions, which only go forward.
//!
//! Plain SQL: on PostgreSQL the same statements run, with the words of `schema/0001_first.sql` exchanged. Keys ascend wherever
//! many rows are written, because random keys dirty nearly every page of a table. Deliberately unknown here: what is written when.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::error::Error;

/// The versions in order; the first makes version 1 of an empty file. Never change one that was released: add another.
const MIGRATIONS: &[&str] = &[include_str!("schema/0001_first.sql"), include_str!("schema/0002_silences.sql")];

/// Brings the file to the newest version that this program knows.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), Error> {
    migrate_with(connection, MIGRATIONS)
}

fn migrate_with(connection: &mut Connection, migrations: &[&str]) -> Result<(), Error> {
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    let found = version(connection)?;
    if found > known {
        return Err(Error::Newer { found, known });
    }
    for (version, sql) in (1i64..).zip(migrations).filter(|(version, _)| *version > found) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(sql)?;
        transaction.execute("DELETE FROM schema_version", [])?;
        transaction.execute("INSERT INTO schema_version (version) VALUES ($1)", params![version])?;
        transaction.commit()?;
    }
    Ok(())
}

/// The version of the file; 0 for an empty one.
fn version(connection: &Connection) -> Result<i64, Error> {
    connection.execute_batch("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)")?;
    let version = connection.query_row("SELECT version FROM schema_version", [], |row| row.get(0)).optional()?;
    Ok(version.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_go_forward_one_by_one_and_a_newer_one_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        let first = ["CREATE TABLE a (x INTEGER)"];
        let second = ["CREATE TABLE a (x INTEGER)", "ALTER TABLE a ADD COLUMN y INTEGER"];
        migrate_with(&mut connection, &first).unwrap();
        assert_eq!(version(&connection).unwrap(), 1);
        migrate_with(&mut connection, &second).unwrap();
        migrate_with(&mut connection, &second).unwrap();
        assert_eq!(version(&connection).unwrap(), 2);
        connection.execute("INSERT INTO a (x, y) VALUES (1, 2)", []).unwrap();
        let refused = migrate_with(&mut connection, &first);
        assert!(matches!(refused, Err(Error::Newer { found: 2, known: 1 })), "{refused:?}");
    }

    #[test]
    fn a_migration_that_fails_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        let broken = ["CREATE TABLE a (x INTEGER)", "CREATE TABLE b (x INTEGER); CREATE TABLE a (x INTEGER)"];
        assert!(migrate_with(&mut connection, &broken).is_err());
        assert_eq!(version(&connection).unwrap(), 1);
        assert!(connection.execute("INSERT INTO b (x) VALUES (1)", []).is_err());
    }
}
