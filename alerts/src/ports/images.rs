//! The port of the image stores.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{picture::PictureId, time::Time};

/// Keeps the bytes of pictures and hands out links to them.
#[async_trait]
pub trait ImageStore: Send + Sync {
    /// Keeps a PNG file under its name. Putting the same name again is not an error.
    async fn put(&self, id: &PictureId, png: Bytes) -> Result<(), ImageError>;

    /// The PNG file.
    async fn get(&self, id: &PictureId) -> Result<Bytes, ImageError>;

    /// Forgets a picture; one that is not there is not an error.
    async fn delete(&self, id: &PictureId) -> Result<(), ImageError>;

    /// A link that works from now for at least `lifetime` where the provider allows it; none where nothing is served.
    fn link(&self, id: &PictureId, now: Time, lifetime: Duration) -> Option<String>;

    /// Whether links lead to a cloud store, so that `images = "auto"` links wherever a channel can link.
    fn is_cloud(&self) -> bool;
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
