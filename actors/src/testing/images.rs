//! An image store in memory.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use alerts::{
    Time,
    picture::PictureId,
    ports::{ImageError, ImageStore},
};
use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;

/// Keeps pictures in memory; can be made to fail as a full disk does.
#[derive(Default)]
pub struct MemoryImages {
    pictures: Mutex<HashMap<PictureId, Bytes>>,
    failing: AtomicBool,
}

impl MemoryImages {
    /// From now on every put fails, or none does.
    pub fn fail(&self, failing: bool) {
        self.failing.store(failing, Ordering::Relaxed);
    }

    /// How many pictures there are.
    pub fn len(&self) -> usize {
        self.pictures.lock().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[async_trait]
impl ImageStore for MemoryImages {
    async fn put(&self, id: &PictureId, png: Bytes) -> Result<(), ImageError> {
        if self.failing.load(Ordering::Relaxed) {
            return Err(ImageError::Failed("no space left on device".into()));
        }
        self.pictures.lock().insert(id.clone(), png);
        Ok(())
    }

    async fn get(&self, id: &PictureId) -> Result<Bytes, ImageError> {
        self.pictures.lock().get(id).cloned().ok_or_else(|| ImageError::NotFound(id.clone()))
    }

    async fn delete(&self, id: &PictureId) -> Result<(), ImageError> {
        self.pictures.lock().remove(id);
        Ok(())
    }

    fn link(&self, id: &PictureId, _: Time, _: Duration) -> Option<String> {
        Some(format!("http://images.test/{id}.png"))
    }

    fn is_cloud(&self) -> bool {
        false
    }
}
