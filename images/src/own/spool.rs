//! The spool of own pictures: looks at what comes, and keeps it until it is drawn and some time longer, since a restart asks again.
//!
//! Deliberately unknown here: how files are kept, what time it is, who asks.

use std::{path::Path, sync::Arc};

use alerts::{
    Time,
    own::Own,
    ports::{NotKept, OwnPictures},
};
use async_trait::async_trait;
use tokio::sync::Semaphore;

use super::{
    files::{Cleaned, Files},
    kept::Kept,
};
use crate::content::{Expected, look_at};

/// What the spool may hold in bytes.
const MOST_BYTES: u64 = 256 << 20;
/// Files beside that: small ones cost blocks and time, too.
const MOST_FILES: usize = 50_000;
/// Pictures that are looked at, at once: each may take 64 MB while it is decoded.
const AT_ONCE: usize = 2;

/// Own pictures that are kept.
pub struct Spool {
    pub(super) files: Arc<Files>,
    looking: Semaphore,
}

impl Spool {
    /// Opens the spool below `data_dir`: the folder `own`.
    ///
    /// # Errors
    /// When it cannot be made or read; the path is in the words.
    pub fn open(data_dir: &Path) -> Result<Self, String> {
        Self::bounded(data_dir, MOST_BYTES, MOST_FILES)
    }

    fn bounded(data_dir: &Path, most_bytes: u64, most_files: usize) -> Result<Self, String> {
        let files = Arc::new(Files::open(data_dir, most_bytes, most_files)?);
        Ok(Self { files, looking: Semaphore::new(AT_ONCE) })
    }

    /// How many bytes it holds.
    pub fn size(&self) -> u64 {
        self.files.size()
    }

    /// Deletes what was last brought before `before`. Blocks.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn clean(&self, before: Time) -> Result<Cleaned, String> {
        self.files.clean(before)
    }

    /// What [`Spool::clean`] would delete. Blocks.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn older_than(&self, before: Time) -> Result<Cleaned, String> {
        self.files.older_than(before)
    }
}

#[async_trait]
impl OwnPictures for Spool {
    async fn keep(&self, picture: Own) -> Result<String, NotKept> {
        let _turn = self.looking.acquire().await.expect("the semaphore is never closed");
        let files = self.files.clone();
        let work = tokio::task::spawn_blocking(move || files.write(&looked_at(picture)?));
        work.await.unwrap_or_else(|error| Err(NotKept::Failed(error.to_string())))
    }
}

/// What is kept of a picture: a file that can be decoded, as PNG.
fn looked_at(picture: Own) -> Result<Kept, NotKept> {
    match picture {
        Own::Image { title, alt, file } => {
            let looked = look_at(&file, Expected::default()).map_err(|error| NotKept::Refused(error.detail))?;
            Ok(Kept::Image { title, alt, png: looked.png })
        }
        Own::Series(series) => Ok(Kept::Series(series)),
    }
}

#[cfg(test)]
#[path = "spool_tests.rs"]
mod tests;
