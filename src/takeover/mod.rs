//! Taking over from an Alertmanager: its files `silences` and `nflog` in the data directory, read at the first start.
//!
//! It happens before the machine starts, in one commit together with the marks that say that it happened; the files stay as
//! they are. Deliberately unknown here: what a silence or an entry of the log does, how the database keeps them.

mod notification_log;
mod records;
mod silences;
#[cfg(test)]
mod tests;
mod wire;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use alerts::{
    Time,
    ports::{Change, StoreError},
};
use sha2::{Digest, Sha256};

use crate::database::{Database, Mark};

pub use notification_log::notification_log;
pub use records::Damaged;
pub use silences::{TakenSilences, silences};

/// The names that Alertmanager gives its files.
const SILENCES: &str = "silences";
const NOTIFICATION_LOG: &str = "nflog";
/// The mark that the first start is over, and the marks of what the files held then.
const FIRST_START: &str = "takeover";
const MARK_SILENCES: &str = "takeover silences";
const MARK_NOTIFICATION_LOG: &str = "takeover nflog";

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum TakeoverError {
    /// A file is not what Alertmanager writes.
    #[error(
        "cannot take over Alertmanager's file {}: damaged at byte {}: {}; \
         put an undamaged copy in its place, or move it out of the way to start without what it holds",
        .path.display(), .damaged.offset, .damaged.why
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Where and what.
        damaged: Damaged,
    },
    /// A file is there and cannot be read.
    #[error(
        "cannot read Alertmanager's file {}: {source}; \
         make it readable, or move it out of the way to start without what it holds",
        .path.display()
    )]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The database did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes over what an Alertmanager left in `data_dir`, if this is the first start on it; says in the log what it did.
///
/// # Errors
/// When a file is damaged or unreadable, or the database fails. Nothing was taken over then, and the next start tries again.
pub fn take_over(database: &Database, data_dir: &Path, now: Time) -> Result<(), TakeoverError> {
    let files = Files { silences: File::read(data_dir, SILENCES)?, log: File::read(data_dir, NOTIFICATION_LOG)? };
    if database.mark(FIRST_START)?.is_some() {
        return files.note_what_came_later(database);
    }
    let taken = files.decode(now)?;
    database.commit_with_marks(&taken.changes, &files.marks())?;
    if files.any() {
        taken.note(data_dir);
    }
    Ok(())
}

struct Files {
    silences: Option<File>,
    log: Option<File>,
}

impl Files {
    fn any(&self) -> bool {
        self.silences.is_some() || self.log.is_some()
    }

    fn decode(&self, now: Time) -> Result<Taken, TakeoverError> {
        let silences = self.silences.as_ref().map(|file| file.decode(|bytes| silences(bytes, now))).transpose()?;
        let log = self.log.as_ref().map(|file| file.decode(|bytes| notification_log(bytes, now))).transpose()?;
        let TakenSilences { silences, split, refused } = silences.unwrap_or_default();
        let log = log.unwrap_or_default();
        let (silence_count, entry_count) = (silences.len(), log.len());
        let silences = silences.into_iter().map(|silence| Change::Silence(Arc::new(silence)));
        let entries = log.into_iter().map(|entry| Change::ForeignLog(Box::new(entry)));
        Ok(Taken { changes: silences.chain(entries).collect(), silence_count, entry_count, split, refused })
    }

    fn marks(&self) -> Vec<Mark> {
        let file = |name, file: &Option<File>| file.as_ref().map(|file| Mark { name, value: file.digest() });
        let first_start = Some(Mark { name: FIRST_START, value: 1 });
        let marks = [first_start, file(MARK_SILENCES, &self.silences), file(MARK_NOTIFICATION_LOG, &self.log)];
        marks.into_iter().flatten().collect()
    }

    /// What was there at the first start is known; everything else was put there later, and people should know that it
    /// counts for nothing.
    fn note_what_came_later(&self, database: &Database) -> Result<(), TakeoverError> {
        for (name, file) in [(MARK_SILENCES, &self.silences), (MARK_NOTIFICATION_LOG, &self.log)] {
            let Some(file) = file else { continue };
            if database.mark(name)? != Some(file.digest()) {
                tracing::warn!(
                    file = %file.path.display(),
                    "this file of an Alertmanager came or changed after the first start and is not taken over: \
                     move it away; silences can be imported with amtool"
                );
            }
        }
        Ok(())
    }
}

/// What the files hold.
struct Taken {
    changes: Vec<Change>,
    silence_count: usize,
    entry_count: usize,
    split: Vec<String>,
    refused: Vec<String>,
}

impl Taken {
    fn note(&self, data_dir: &Path) {
        for why in &self.split {
            tracing::info!("{why}");
        }
        for why in &self.refused {
            tracing::error!("{why}");
        }
        tracing::info!(
            from = %data_dir.display(), silences = self.silence_count, notification_log_entries = self.entry_count,
            refused = self.refused.len(), "took over Alertmanager's silences and notification log; its files are untouched"
        );
    }
}

struct File {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl File {
    fn read(data_dir: &Path, name: &str) -> Result<Option<Self>, TakeoverError> {
        let path = data_dir.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(Self { path, bytes })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(TakeoverError::Unreadable { path, source }),
        }
    }

    fn decode<T>(&self, decode: impl FnOnce(&[u8]) -> Result<T, Damaged>) -> Result<T, TakeoverError> {
        decode(&self.bytes).map_err(|damaged| TakeoverError::Damaged { path: self.path.clone(), damaged })
    }

    /// Tells this content from any other; never negative.
    fn digest(&self) -> i64 {
        let digest = Sha256::digest(&self.bytes);
        let first = digest.first_chunk::<8>().copied().unwrap_or_default();
        (u64::from_le_bytes(first) >> 1).cast_signed()
    }
}
