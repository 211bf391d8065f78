//! The folder of own pictures: bounded in bytes and in age, the oldest go first. Everything blocks.
//!
//! Deliberately unknown here: what time it is, who asks, whether a file is a picture.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use alerts::{Time, own::is_name, ports::NotKept};
use bytes::Bytes;

use super::kept::{Kept, name};
use crate::store::files::{make_private_directory, remove_unfinished, write_private};

/// The folder.
pub(super) struct Files {
    folder: PathBuf,
    most_bytes: u64,
    most_files: usize,
    size: AtomicU64,
    files: AtomicU64,
    /// Held while something is written or deleted.
    changing: Mutex<()>,
}

/// What was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// A file in it.
pub(super) struct Found {
    path: PathBuf,
    modified: SystemTime,
    size: u64,
}

impl Files {
    /// Opens the folder below `data_dir`, which holds so much.
    ///
    /// # Errors
    /// When it cannot be made or read; the path is in the words.
    pub(super) fn open(data_dir: &Path, most_bytes: u64, most_files: usize) -> Result<Self, String> {
        let folder = data_dir.join("own");
        let failed = |error: io::Error| format!("cannot use {}: {error}", folder.display());
        make_private_directory(&folder).map_err(failed)?;
        remove_unfinished(&folder).map_err(failed)?;
        let files = Self {
            most_bytes,
            most_files,
            size: AtomicU64::new(0),
            files: AtomicU64::new(0),
            changing: Mutex::new(()),
            folder: folder.clone(),
        };
        files.measured(&files.found().map_err(failed)?);
        Ok(files)
    }

    /// How many bytes it holds.
    pub(super) fn size(&self) -> u64 {
        self.size.load(Ordering::Relaxed)
    }

    /// Deletes what was last brought before `before`.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(super) fn clean(&self, before: Time) -> Result<Cleaned, String> {
        let before = UNIX_EPOCH + Duration::from_millis(u64::try_from(before.as_millis()).unwrap_or_default());
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let found = self.found().map_err(|error| self.failed("read", &error))?;
        let (old, kept): (Vec<_>, Vec<_>) = found.into_iter().partition(|file| file.modified < before);
        let cleaned = delete(&old);
        self.measured(&kept);
        Ok(cleaned)
    }

    /// What [`Files::clean`] would delete.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(super) fn older_than(&self, before: Time) -> Result<Cleaned, String> {
        let before = UNIX_EPOCH + Duration::from_millis(u64::try_from(before.as_millis()).unwrap_or_default());
        let found = self.found().map_err(|error| self.failed("read", &error))?;
        let old = found.iter().filter(|file| file.modified < before);
        Ok(old.fold(Cleaned::default(), |sum, file| Cleaned { files: sum.files + 1, bytes: sum.bytes + file.size }))
    }

    /// A picture by its name.
    pub(super) fn read(&self, name: &str) -> Result<Kept, String> {
        let path = self.path(name)?;
        let file = fs::read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => "the picture that came with the event is no longer kept".to_owned(),
            _ => format!("cannot read {}: {error}", path.display()),
        })?;
        Kept::read(&Bytes::from(file)).map_err(|error| format!("{} is damaged: {error}", path.display()))
    }

    /// Writes a picture down.
    pub(super) fn write(&self, kept: &Kept) -> Result<String, NotKept> {
        let file = kept.file();
        let name = name(&file);
        let path = self.path(&name).map_err(NotKept::Failed)?;
        let length = file.len() as u64;
        if length > self.most_bytes {
            return Err(NotKept::Refused(format!("{length} bytes are more than are kept")));
        }
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if path.exists() {
            // as good as new; a file system without times keeps it shorter
            let _ = write_private(&path, &file);
            return Ok(name);
        }
        self.make_room(length).map_err(|error| NotKept::Failed(self.failed("read", &error)))?;
        write_private(&path, &file).map_err(|error| NotKept::Failed(self.failed("write to", &error)))?;
        self.size.fetch_add(length, Ordering::Relaxed);
        self.files.fetch_add(1, Ordering::Relaxed);
        Ok(name)
    }

    /// Deletes the oldest, and some more, so that it is not done for each that comes.
    fn make_room(&self, length: u64) -> io::Result<()> {
        let files = usize::try_from(self.files.load(Ordering::Relaxed)).unwrap_or(usize::MAX);
        if self.size() + length <= self.most_bytes && files < self.most_files {
            return Ok(());
        }
        let mut found = self.found()?;
        found.sort_by_key(|file| file.modified);
        let mut size: u64 = found.iter().map(|file| file.size).sum();
        let mut count = found.len();
        let enough = (self.most_bytes - length).min(self.most_bytes / 10 * 9);
        let old = found.iter().take_while(|file| {
            let too_much = size > enough || count >= self.most_files / 10 * 9;
            size -= file.size;
            count -= 1;
            too_much
        });
        let old = old.count();
        let kept = found.split_off(old);
        let deleted = delete(&found);
        tracing::warn!(
            files = deleted.files,
            "pictures that came with events fill their room: the oldest were deleted"
        );
        self.measured(&kept);
        Ok(())
    }

    pub(super) fn found(&self) -> io::Result<Vec<Found>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if !entry.file_name().to_str().is_some_and(is_name) {
                continue;
            }
            // one that goes away meanwhile is none
            let Ok(metadata) = entry.metadata() else { continue };
            let modified = metadata.modified().unwrap_or(UNIX_EPOCH);
            found.push(Found { path: entry.path(), modified, size: metadata.len() });
        }
        Ok(found)
    }

    fn measured(&self, found: &[Found]) {
        self.size.store(found.iter().map(|file| file.size).sum(), Ordering::Relaxed);
        self.files.store(found.len() as u64, Ordering::Relaxed);
    }

    pub(super) fn path(&self, name: &str) -> Result<PathBuf, String> {
        if is_name(name) { Ok(self.folder.join(name)) } else { Err("that is no name of a picture".to_owned()) }
    }

    fn failed(&self, doing: &str, error: &io::Error) -> String {
        format!("cannot {doing} {}: {error}", self.folder.display())
    }
}

fn delete(files: &[Found]) -> Cleaned {
    let gone = files.iter().filter(|file| fs::remove_file(&file.path).is_ok());
    gone.fold(Cleaned::default(), |sum, file| Cleaned { files: sum.files + 1, bytes: sum.bytes + file.size })
}
