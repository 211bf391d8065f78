//! The pictures that were taken: records and bytes, the newest of them in memory, so that a picture whose upload failed is
//! still sent.
//!
//! Deliberately unknown here: who wants them, how they were drawn.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use alerts::{
    picture::{PictureId, PictureRecord},
    ports::{Clock, ImageStore, Store},
};
use bytes::Bytes;
use parking_lot::Mutex;

use crate::live::LiveCell;

/// Bytes of pictures kept in memory.
const MEMORY: u64 = 64 << 20;

/// Loads pictures from memory, else from the database and the image store.
pub(crate) struct Pictures {
    recent: Mutex<Recent>,
    store: Arc<dyn Store>,
    images: Arc<dyn ImageStore>,
    clock: Arc<dyn Clock>,
    live: LiveCell,
}

#[derive(Default)]
struct Recent {
    pictures: HashMap<PictureId, (PictureRecord, Bytes)>,
    order: VecDeque<PictureId>,
    size: u64,
}

impl Recent {
    fn add(&mut self, record: PictureRecord, bytes: Bytes) {
        self.size += bytes.len() as u64;
        self.order.push_back(record.id.clone());
        self.pictures.insert(record.id.clone(), (record, bytes));
        while self.size > MEMORY
            && let Some(oldest) = self.order.pop_front()
        {
            if let Some((_, bytes)) = self.pictures.remove(&oldest) {
                self.size -= bytes.len() as u64;
            }
        }
    }
}

impl Pictures {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        images: Arc<dyn ImageStore>,
        clock: Arc<dyn Clock>,
        live: LiveCell,
    ) -> Self {
        Self { recent: Mutex::default(), store, images, clock, live }
    }

    /// A picture that was just taken.
    pub(crate) fn add(&self, record: PictureRecord, bytes: Bytes) {
        self.recent.lock().add(record, bytes);
    }

    /// A picture that was just taken was uploaded.
    pub(crate) fn uploaded(&self, record: &PictureRecord) {
        if let Some((known, _)) = self.recent.lock().pictures.get_mut(&record.id) {
            known.clone_from(record);
        }
    }

    /// What is known of a picture.
    pub(crate) async fn record(&self, id: &PictureId) -> Option<PictureRecord> {
        if let Some((record, _)) = self.recent.lock().pictures.get(id) {
            return Some(record.clone());
        }
        let (store, id) = (self.store.clone(), id.clone());
        let read = tokio::task::spawn_blocking(move || store.picture(&id)).await;
        read.ok().and_then(Result::ok).flatten()
    }

    /// The PNG file; none if it is nowhere, which is logged.
    pub(crate) async fn bytes(&self, id: &PictureId) -> Option<Bytes> {
        if let Some((_, bytes)) = self.recent.lock().pictures.get(id) {
            return Some(bytes.clone());
        }
        match self.images.get(id).await {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                tracing::warn!(picture = %id, %error, "a picture cannot be read and is left out");
                None
            }
        }
    }

    /// A link to the picture, signed anew.
    pub(crate) async fn link(&self, picture: &PictureRecord) -> Option<String> {
        let lifetime = self.live.load().link_lifetime;
        self.images.link(picture, self.clock.now(), lifetime).await
    }
}
