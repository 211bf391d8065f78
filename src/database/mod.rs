//! The embedded database: the ports `Store` and `Inbox` on SQLite, one file `wirephoto.db` under the data directory.
//!
//! One writer connection behind a mutex; reads go through connections of their own; checkpoints run in a thread beside
//! both. Deliberately unknown here: who commits when (group commit is the recorder's), what an alert or a delivery means,
//! where the bytes of pictures lie.

mod alert_log;
mod changes;
mod checkpoint;
mod codec;
mod error;
mod file;
mod foreign_log;
mod history;
mod inbox;
mod log;
mod maintain;
mod marks;
mod metrics;
mod notifications;
mod outbox;
mod pictures;
mod schema;
mod silences;
#[cfg(test)]
mod tests;

use std::{
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
};

use alerts::{
    Time,
    message::{Delivery, DeliveryId, IntegrationKey, Receipt},
    picture::{PictureId, PictureRecord},
    ports::{Change, Snapshot, Store, StoreError},
    record::AlertRecord,
};
use parking_lot::Mutex;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use serde::Deserialize;

pub use history::Retention;
pub use inbox::InboxRow;
pub use maintain::Pruned;
pub use marks::Mark;
pub use metrics::StoreMetrics;
pub use notifications::{
    AlertChoice, Done, Newer, Notification, NotificationChoice, NotificationPage, NotificationState,
};

use alert_log::AlertLog;
use error::Error;

/// What the database needs to know.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// The directory of the file; made with mode 0700 if it is not there.
    pub data_dir: PathBuf,
    /// What a commit survives.
    pub synchronous: Synchronous,
    /// How long history and inbox last.
    pub retention: Retention,
}

/// What a commit survives, in SQLite's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Synchronous {
    /// The death of the process (`kill -9`), but the last moments before a power cut may be lost.
    #[default]
    Normal,
    /// A power cut too: each commit waits for the disk.
    Full,
}

/// The embedded database. All methods block; callers run them where blocking is allowed.
pub struct Database {
    _checkpoints: checkpoint::Checkpoints,
    shared: Arc<Shared>,
}

/// What the threads share. Connections are closed before the lock on the directory is given back: fields drop in order.
struct Shared {
    writer: Mutex<Writer>,
    readers: file::Readers,
    inbox_revision: AtomicI64,
    retention: Retention,
    metrics: OnceLock<StoreMetrics>,
    _lock: file::DirectoryLock,
}

struct Writer {
    connection: Connection,
    alerts: AlertLog,
}

impl Database {
    /// Opens the file or makes it, brings its schema up to date, reads the index of the alert log.
    ///
    /// Fails where another server uses the same directory, and with [`StoreError::Newer`] where a newer version wrote the file.
    pub fn open(settings: &DatabaseSettings) -> Result<Self, StoreError> {
        let lock = file::DirectoryLock::take(&settings.data_dir)?;
        let path = file::prepare(&settings.data_dir)?;
        let mut connection = file::open_writer(&path, settings.synchronous)?;
        schema::migrate(&mut connection)?;
        let alerts = AlertLog::open(&connection)?;
        let revision = changes::counter(&connection, changes::INBOX_COUNTER).map_err(Error::from)?;
        let shared = Arc::new(Shared {
            readers: file::Readers::open(&path)?,
            writer: Mutex::new(Writer { connection, alerts }),
            inbox_revision: AtomicI64::new(revision),
            retention: settings.retention,
            metrics: OnceLock::new(),
            _lock: lock,
        });
        let checkpoints = checkpoint::Checkpoints::start(&path, &shared)?;
        Ok(Self { _checkpoints: checkpoints, shared })
    }

    /// From now on everything is measured. Only the first call counts.
    pub fn measure(&self, metrics: StoreMetrics) {
        // a second set would count from zero again
        let _ = self.shared.metrics.set(metrics);
    }

    /// How much the alert log holds; for metrics.
    pub fn alert_log_size(&self) -> AlertLogSize {
        self.shared.writer.lock().alerts.size()
    }

    /// The number of the last change of the inbox, without touching the file.
    pub fn inbox_revision(&self) -> i64 {
        self.shared.inbox_revision.load(Ordering::Acquire)
    }

    #[cfg(test)]
    fn with_writer<T>(&self, work: impl FnOnce(&Connection) -> T) -> T {
        work(&self.shared.writer.lock().connection)
    }
}

/// How much the alert log holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertLogSize {
    /// Rows of the table.
    pub rows: usize,
    /// Records in them, dead ones included.
    pub records: usize,
    /// Records that are still the latest of their alert, and tombstones that are still needed.
    pub live: usize,
}

impl Store for Database {
    fn load(&self) -> Result<Snapshot, StoreError> {
        self.shared.readers.read(changes::load)
    }

    fn load_alerts(&self, each: &mut dyn FnMut(AlertRecord)) -> Result<(), StoreError> {
        self.shared.readers.read(|connection| alert_log::read_all(connection, each))
    }

    fn commit(&self, changes: &[Change]) -> Result<(), StoreError> {
        let commit = || self.shared.writer.lock().commit_and(changes, |_| Ok(()));
        Ok(match self.shared.metrics.get() {
            Some(metrics) => metrics.commit(changes, commit),
            None => commit(),
        }?)
    }

    fn deliveries(
        &self,
        integration: &IntegrationKey,
        after: DeliveryId,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        self.shared.readers.read(|connection| outbox::deliveries(connection, integration, after, limit))
    }

    fn last_receipt(&self, group_key: &str, integration: &IntegrationKey) -> Result<Option<Receipt>, StoreError> {
        let read = || self.shared.readers.read(|connection| log::receipt(connection, group_key, integration));
        match self.shared.metrics.get() {
            Some(metrics) => metrics.log_query(read),
            None => read(),
        }
    }

    fn picture(&self, id: &PictureId) -> Result<Option<PictureRecord>, StoreError> {
        self.shared.readers.read(|connection| pictures::find(connection, id))
    }

    fn pictures_unused_since(&self, before: Time, limit: usize) -> Result<Vec<PictureRecord>, StoreError> {
        self.shared.readers.read(|connection| pictures::unused_since(connection, before, limit))
    }
}

impl Writer {
    /// One transaction for everything, and for what `more` does; what is in memory follows only once it is durable.
    fn commit_and(
        &mut self,
        changes: &[Change],
        more: impl FnOnce(&Transaction<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let written = self.alerts.write(&transaction, changes)?;
        changes::apply(&transaction, changes)?;
        more(&transaction)?;
        transaction.commit()?;
        self.alerts.apply(written);
        Ok(())
    }

    /// A slice of the alert log's compaction of its own; answers whether there is more to do.
    fn compact(&mut self) -> Result<bool, Error> {
        if !self.alerts.wants_compaction() {
            return Ok(false);
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let written = self.alerts.compact(&transaction)?;
        transaction.commit()?;
        self.alerts.apply(written);
        Ok(self.alerts.wants_compaction())
    }
}
