//! The inbox: messages that are kept here and shown on a page.
//!
//! Every change of a message gets the next number (its revision), so that who watches asks for what changed since. Deliberately
//! unknown here: pages, links to pictures.

use std::sync::{Arc, atomic::Ordering};

use alerts::Time;
use alerts::ports::{Inbox, InboxEntry, InboxPicture, StoreError};
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::{Database, Shared, changes, codec, error::Error, history::Retention};

/// A message with the number of its last change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxRow {
    /// The message's number; ascending, never used twice.
    pub id: i64,
    /// The number of its last change.
    pub revision: i64,
    /// The message.
    pub entry: InboxEntry,
}

impl Database {
    /// Messages with numbers below `before` (all, if none), the newest first, at most `limit`.
    pub fn inbox_page(&self, before: Option<i64>, limit: usize) -> Result<Vec<InboxRow>, StoreError> {
        const SQL: &str = "SELECT id, revision, body FROM inbox WHERE id < $1 ORDER BY id DESC LIMIT $2";
        self.shared.readers.read(|connection| select(connection, SQL, before.unwrap_or(i64::MAX), limit))
    }

    /// Messages that changed after revision `after`, in the order of their changes, at most `limit`.
    pub fn inbox_changes(&self, after: i64, limit: usize) -> Result<Vec<InboxRow>, StoreError> {
        const SQL: &str = "SELECT id, revision, body FROM inbox WHERE revision > $1 ORDER BY revision LIMIT $2";
        self.shared.readers.read(|connection| select(connection, SQL, after, limit))
    }

    /// One message.
    pub fn inbox_message(&self, id: i64) -> Result<Option<InboxRow>, StoreError> {
        const SQL: &str = "SELECT id, revision, body FROM inbox WHERE id = $1 LIMIT $2";
        self.shared.readers.read(|connection| Ok(select(connection, SQL, id, 1)?.pop()))
    }

    async fn change_inbox<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Transaction<'_>, i64) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        let shared = Arc::clone(&self.shared);
        let done = tokio::task::spawn_blocking(move || Ok(shared.change_inbox(change)?)).await;
        done.unwrap_or_else(|error| Err(StoreError::Failed(format!("a change of the inbox ended: {error}"))))
    }
}

#[async_trait]
impl Inbox for Database {
    async fn keep(&self, entry: InboxEntry) -> Result<i64, StoreError> {
        self.change_inbox(move |transaction, revision| keep(transaction, revision, entry)).await
    }

    async fn add_pictures(&self, id: i64, pictures: Vec<InboxPicture>) -> Result<(), StoreError> {
        self.change_inbox(move |transaction, revision| add_pictures(transaction, revision, id, pictures)).await
    }
}

impl Shared {
    fn change_inbox<T>(&self, change: impl FnOnce(&Transaction<'_>, i64) -> Result<T, Error>) -> Result<T, Error> {
        let mut writer = self.writer.lock();
        let revision = self.inbox_revision.load(Ordering::Acquire) + 1;
        let transaction = writer.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = change(&transaction, revision)?;
        changes::raise_counter(&transaction, changes::INBOX_COUNTER, revision)?;
        transaction.commit()?;
        self.inbox_revision.store(revision, Ordering::Release);
        Ok(done)
    }
}

/// Forgets what is too old or too much, at most `limit` messages of each; answers how many.
pub(super) fn prune(
    transaction: &Transaction<'_>,
    retention: &Retention,
    now: Time,
    limit: usize,
) -> Result<usize, Error> {
    let too_old = now.minus(retention.inbox_age);
    let mut delete = transaction.prepare_cached("DELETE FROM inbox WHERE id = $1")?;
    let mut gone = 0;
    const OLDEST: &str = "SELECT id, revision, body FROM inbox WHERE id > $1 ORDER BY id LIMIT $2";
    for row in select(transaction, OLDEST, 0, limit)?.iter().take_while(|row| row.entry.at < too_old) {
        gone += delete.execute(params![row.id])?;
    }
    // numbers have gaps here, so what is too much is what lies below the n-th newest
    gone += transaction
        .prepare_cached(
            "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE id <=
                 (SELECT id FROM inbox ORDER BY id DESC LIMIT 1 OFFSET $1) ORDER BY id LIMIT $2)",
        )?
        .execute(params![codec::count(retention.inbox_rows), codec::count(limit)])?;
    Ok(gone)
}

/// A message that was kept before, by its idempotency key or its number, is replaced.
fn keep(transaction: &Transaction<'_>, revision: i64, entry: InboxEntry) -> Result<i64, Error> {
    let id = find(transaction, &entry)?.unwrap_or(revision);
    write(transaction, revision, id, entry)?;
    Ok(id)
}

fn add_pictures(
    transaction: &Transaction<'_>,
    revision: i64,
    id: i64,
    pictures: Vec<InboxPicture>,
) -> Result<(), Error> {
    const SQL: &str = "SELECT id, revision, body FROM inbox WHERE id = $1 LIMIT $2";
    let Some(InboxRow { mut entry, .. }) = select(transaction, SQL, id, 1)?.pop() else { return Ok(()) };
    for picture in pictures {
        if entry.pictures.iter().all(|known| known.id != picture.id) {
            entry.pictures.push(picture);
        }
    }
    write(transaction, revision, id, entry)
}

fn find(transaction: &Transaction<'_>, entry: &InboxEntry) -> Result<Option<i64>, Error> {
    let mut by_key = transaction.prepare_cached("SELECT id FROM inbox WHERE idempotency_key = $1")?;
    if let Some(id) = by_key.query_row(params![entry.idempotency_key], |row| row.get(0)).optional()? {
        return Ok(Some(id));
    }
    let mut by_id = transaction.prepare_cached("SELECT id FROM inbox WHERE id = $1")?;
    Ok(by_id.query_row(params![entry.id], |row| row.get(0)).optional()?)
}

fn write(transaction: &Transaction<'_>, revision: i64, id: i64, mut entry: InboxEntry) -> Result<(), Error> {
    entry.id = Some(id);
    let mut upsert = transaction.prepare_cached(
        "INSERT INTO inbox (id, revision, idempotency_key, body) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, idempotency_key = excluded.idempotency_key,
             body = excluded.body",
    )?;
    upsert.execute(params![id, revision, entry.idempotency_key, codec::json(&entry)?])?;
    Ok(())
}

fn select(connection: &Connection, sql: &str, key: i64, limit: usize) -> Result<Vec<InboxRow>, Error> {
    let mut select = connection.prepare_cached(sql)?;
    let rows = select.query_map(params![key, codec::count(limit)], |row| Ok(inbox_row(row)))?;
    rows.map(|row| row?).collect()
}

fn inbox_row(row: &Row<'_>) -> Result<InboxRow, Error> {
    let id = row.get(0)?;
    let entry = codec::read_json(&row.get::<_, String>(2)?, || format!("message {id} of the inbox"))?;
    Ok(InboxRow { id, revision: row.get(1)?, entry })
}
