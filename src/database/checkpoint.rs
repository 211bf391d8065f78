//! The thread that copies the write-ahead log into the file, so that commits need not.
//!
//! Under endless load a copy beside the writer never reaches the log's end, and the log could never start anew; once
//! it is long, the last bit is copied with the writer held. Deliberately unknown here: what is in the log.

use std::{
    path::Path,
    sync::{
        Arc, Weak,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::JoinHandle,
    time::Duration,
};

use rusqlite::Connection;

use super::{Shared, error::Error, file};

/// `facts/ingest.md`: p99 of a commit 3 to 9 ms instead of 30.
const PERIOD: Duration = Duration::from_millis(250);
/// From here on the writer waits for the rest of the copy (pages of 4 KB: 64 MB).
const LONG: i64 = 16 * 1024;

/// Runs until it is dropped.
pub(super) struct Checkpoints {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    pub(super) fn start(path: &Path, shared: &Arc<Shared>) -> Result<Self, Error> {
        let connection = file::open_checkpointer(path)?;
        let shared = Arc::downgrade(shared);
        let (stop, stopped) = mpsc::channel::<()>();
        let run = move || {
            let (mut failing, mut pages) = (false, 0);
            while stopped.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
                let result = checkpoint(&connection, &shared, LONG, pages);
                pages = *result.as_ref().unwrap_or(&pages);
                failing = note(&result, failing);
            }
        };
        let thread = std::thread::Builder::new().name("checkpoints".to_owned()).spawn(run);
        let thread =
            thread.map_err(|source| Error::File { what: "cannot start the checkpoint thread".into(), source })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }

    /// Ends the thread; a copy that is under way is finished.
    pub(super) fn end(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // it cannot have panicked, and if it had there would be nobody to tell
            let _ = thread.join();
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.end();
    }
}

/// Logs when failures begin and when they end, not four times a second.
fn note<T>(result: &Result<T, rusqlite::Error>, failing: bool) -> bool {
    match result {
        Err(error) if !failing => {
            tracing::warn!(%error, "the database's write-ahead log cannot be copied into the file")
        }
        Ok(_) if failing => tracing::info!("the database's write-ahead log is copied into the file again"),
        _ => {}
    }
    result.is_err()
}

/// Answers how many pages the log has; `before` is what it answered the last time, `long` what is too many.
pub(super) fn checkpoint(
    connection: &Connection,
    shared: &Weak<Shared>,
    long: i64,
    before: i64,
) -> Result<i64, rusqlite::Error> {
    let pages = passive(connection)?;
    if pages < long || pages == before {
        return Ok(pages);
    }
    let Some(shared) = shared.upgrade() else { return Ok(pages) };
    let _held = shared.writer.lock();
    passive(connection)
}

/// Copies what can be copied without waiting; answers how many pages the log has.
fn passive(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))
}
