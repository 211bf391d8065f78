//! The port of the image stores.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;

use crate::{
    picture::{PictureId, PictureRecord},
    time::Time,
};

/// Keeps the bytes of pictures and hands out links to them.
#[async_trait]
pub trait ImageStore: Send + Sync {
    /// A new name, hard to guess, as long as the provider's names are.
    fn new_name(&self) -> PictureId;

    /// Keeps a PNG file under its name, here and with the provider. Putting the same name again is not an error.
    async fn put(&self, id: &PictureId, png: Bytes) -> Kept;

    /// The PNG file.
    async fn get(&self, id: &PictureId) -> Result<Bytes, ImageError>;

    /// Forgets a picture everywhere; one that is not there is not an error.
    async fn delete(&self, picture: &PictureRecord) -> Result<(), ImageError>;

    /// A link that works from now for at least `lifetime` where the provider allows it; none where nothing is served.
    async fn link(&self, picture: &PictureRecord, now: Time, lifetime: Duration) -> Option<String>;

    /// Whether links lead to a cloud store, so that `images = "auto"` links wherever a channel can link.
    fn is_cloud(&self) -> bool;
}

/// What became of keeping a picture. Where both halves failed, its bytes are only in memory.
#[derive(Debug)]
pub struct Kept {
    /// Below the data directory.
    pub local: Result<(), ImageError>,
    /// With the provider, where there is one: the place for [`PictureRecord::uploaded`].
    pub uploaded: Option<Result<Arc<str>, ImageError>>,
}

/// Why an image store failed.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// No picture of that name.
    #[error("no picture named {0}")]
    NotFound(PictureId),
    /// The disk, or the provider.
    #[error("the image store failed: {0}")]
    Failed(String),
}
