//! An inbox that only remembers: what a preview shows of it.
//!
//! Deliberately unknown here: the database.

use alerts::ports::{Inbox, InboxEntry, InboxPicture, StoreError};
use async_trait::async_trait;
use parking_lot::Mutex;

#[derive(Default)]
pub(super) struct Shelf(Mutex<Vec<InboxEntry>>);

impl Shelf {
    /// What was put here since the last call.
    pub(super) fn take(&self) -> Vec<InboxEntry> {
        std::mem::take(&mut *self.0.lock())
    }
}

#[async_trait]
impl Inbox for Shelf {
    async fn keep(&self, entry: InboxEntry) -> Result<i64, StoreError> {
        let mut entries = self.0.lock();
        entries.push(entry);
        Ok(i64::try_from(entries.len()).unwrap_or_default() - 1)
    }

    async fn add_pictures(&self, id: i64, pictures: Vec<InboxPicture>) -> Result<(), StoreError> {
        let at = usize::try_from(id).unwrap_or(usize::MAX);
        if let Some(entry) = self.0.lock().get_mut(at) {
            entry.pictures.extend(pictures);
        }
        Ok(())
    }
}
