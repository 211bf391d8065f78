//! An image store in memory.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use alerts::{
    Time,
    picture::{PictureId, PictureRecord},
    ports::{ImageError, ImageStore, Kept},
};
use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use rand::{Rng, distr::Alphanumeric};

/// Keeps pictures in memory; can be made to fail as a full disk does.
#[derive(Default)]
pub struct MemoryImages {
    pictures: Mutex<HashMap<PictureId, Bytes>>,
    failing: AtomicBool,
    cloud: Mutex<Option<Cloud>>,
}

/// What a provider outside does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cloud {
    /// It takes pictures.
    Works,
    /// It takes none, and deletes none.
    Refuses,
}

impl MemoryImages {
    /// From now on every put fails, or none does.
    pub fn fail(&self, failing: bool) {
        self.failing.store(failing, Ordering::Relaxed);
    }

    /// From now on pictures are uploaded too, to a provider that does this.
    pub fn upload(&self, cloud: Cloud) {
        *self.cloud.lock() = Some(cloud);
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
    fn new_name(&self) -> PictureId {
        let name: String = rand::rng().sample_iter(Alphanumeric).take(20).map(char::from).collect();
        PictureId(name.into())
    }

    async fn put(&self, id: &PictureId, png: Bytes) -> Kept {
        let uploaded = self.cloud.lock().map(|cloud| match cloud {
            Cloud::Works => Ok("cloud".into()),
            Cloud::Refuses => Err(ImageError::Failed("the cloud says no".into())),
        });
        if self.failing.load(Ordering::Relaxed) {
            return Kept { local: Err(ImageError::Failed("no space left on device".into())), uploaded };
        }
        self.pictures.lock().insert(id.clone(), png);
        Kept { local: Ok(()), uploaded }
    }

    async fn get(&self, id: &PictureId) -> Result<Bytes, ImageError> {
        self.pictures.lock().get(id).cloned().ok_or_else(|| ImageError::NotFound(id.clone()))
    }

    async fn delete(&self, picture: &PictureRecord) -> Result<(), ImageError> {
        self.pictures.lock().remove(&picture.id);
        match *self.cloud.lock() {
            Some(Cloud::Refuses) => Err(ImageError::Failed("the cloud says no".into())),
            _ => Ok(()),
        }
    }

    async fn link(&self, picture: &PictureRecord, _: Time, _: Duration) -> Option<String> {
        let host = picture.uploaded.as_deref().unwrap_or("images");
        Some(format!("http://{host}.test/{}.png", picture.id))
    }

    fn is_cloud(&self) -> bool {
        self.cloud.lock().is_some()
    }
}
