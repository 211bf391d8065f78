//! The data directory, the lock on it, and the connections to the file in it.
//!
//! Deliberately unknown here: the tables.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{Read, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use alerts::ports::StoreError;
use parking_lot::{Mutex, MutexGuard};
use rusqlite::{Connection, OpenFlags};

use super::{Synchronous, error::Error};

/// How long a statement waits for a lock that another program holds, a backup say.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// The write-ahead log is cut back to this size when it starts anew (bytes).
const WAL_KEEP: i64 = 64 * 1024 * 1024;
/// Enough that a page of the inbox does not wait for a channel that loads its deliveries.
const READERS: usize = 3;

/// A server that just ended may still be on its way out, and a program that was just started by another thread holds the lock
/// until it has become itself: so long is the lock asked for.
const TRIES: u32 = 20;
const TRY_EVERY: std::time::Duration = std::time::Duration::from_millis(50);

/// Held while the database is open, so that two servers never share a directory.
pub(super) struct DirectoryLock(#[expect(dead_code, reason = "the lock ends when the file is closed")] File);

impl DirectoryLock {
    /// Makes the directory if need be and locks it.
    pub(super) fn take(data_dir: &Path) -> Result<Self, Error> {
        make_private_dir(data_dir)?;
        let path = data_dir.join("wirephoto.lock");
        let mut file = open_private(&path)?;
        for patience in (0..TRIES).rev() {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if patience > 0 => std::thread::sleep(TRY_EVERY),
                Err(TryLockError::WouldBlock) => return Err(in_use(data_dir, &mut file)),
                Err(TryLockError::Error(source)) => return Err(at(&path, "cannot lock", source)),
            }
        }
        // the number is only for the message of whoever comes second
        let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
        Ok(Self(file))
    }
}

/// The path of the database; made empty with mode 0600 if it is not there, so that SQLite's side files get the same mode.
pub(super) fn prepare(data_dir: &Path) -> Result<PathBuf, Error> {
    let path = data_dir.join("wirephoto.db");
    open_private(&path)?;
    Ok(path)
}

/// The connection that writes. Checkpoints are not its business: they would hold up commits (p99 30 ms instead of 3 to 9).
pub(super) fn open_writer(path: &Path, synchronous: Synchronous) -> Result<Connection, Error> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update_and_check(None, "journal_size_limit", WAL_KEEP, |_| Ok(()))?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    let level = match synchronous {
        Synchronous::Normal => "NORMAL",
        Synchronous::Full => "FULL",
    };
    connection.pragma_update(None, "synchronous", level)?;
    Ok(connection)
}

/// A connection that copies the write-ahead log into the file.
pub(super) fn open_checkpointer(path: &Path) -> Result<Connection, Error> {
    let connection = Connection::open(path)?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    Ok(connection)
}

/// Connections that only read: each sees the last commit and holds up no writer.
pub(super) struct Readers(Vec<Mutex<Connection>>);

impl Readers {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = || -> Result<_, Error> {
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(BUSY_TIMEOUT)?;
            Ok(Mutex::new(connection))
        };
        Ok(Self((0..READERS).map(|_| open()).collect::<Result<_, _>>()?))
    }

    /// Runs `work` on a free connection, or waits for the first; all its statements see the same state.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, StoreError> {
        let mut connection = self.free();
        let result = connection.transaction().map_err(Error::from).and_then(|snapshot| work(&snapshot));
        Ok(result?)
    }

    fn free(&self) -> MutexGuard<'_, Connection> {
        self.0.iter().find_map(Mutex::try_lock).unwrap_or_else(|| self.0[0].lock())
    }
}

fn in_use(data_dir: &Path, file: &mut File) -> Error {
    let mut process = String::new();
    // where locks are mandatory the number cannot be read; the message does without
    let _ = file.read_to_string(&mut process);
    let by = if process.is_empty() { String::new() } else { format!(" (process {process})") };
    Error::InUse(format!(
        "the data directory {} is used by another wirephoto{by}: stop it or set another server.data_dir",
        data_dir.display()
    ))
}

fn make_private_dir(data_dir: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(data_dir).map_err(|source| at(data_dir, "cannot make the data directory", source))
}

fn open_private(path: &Path) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|source| at(path, "cannot open", source))
}

fn at(path: &Path, what: &str, source: std::io::Error) -> Error {
    Error::File { what: format!("{what} {}", path.display()), source }
}
