//! Where pictures are kept: below the data directory, always, and with a provider outside where one is configured.
//!
//! Deliberately unknown here: what a picture shows, when it may be forgotten (retention is the machine's).

mod azure;
mod both;
pub(crate) mod files;
mod gcs;
mod local;
mod name;
mod objects;
mod s3;
mod secret;
pub mod settings;
mod signature;
mod uploads;
mod webdav;
mod words;

use std::time::Duration;

use alerts::{Time, picture::PictureId, ports::ImageError};
use async_trait::async_trait;
use bytes::Bytes;

pub use both::{Outside, Stores};
pub use local::{LinkError, LocalStore};
pub use name::{is_valid_name, random_id};
pub use settings::ExternalImageStorage;
pub use uploads::{Operation, Uploads};

/// One place for pictures. Each of its objects is called like its picture, with `.png` at the end.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Keeps a PNG file under its name. Putting the same name again is not an error.
    async fn put(&self, id: &PictureId, png: Bytes) -> Result<(), ImageError>;

    /// The PNG file.
    async fn get(&self, id: &PictureId) -> Result<Bytes, ImageError>;

    /// Forgets a picture; one that is not there is not an error.
    async fn delete(&self, id: &PictureId) -> Result<(), ImageError>;

    /// A link that works from now for `lifetime`, or for as long as the provider allows; none where nothing is served.
    async fn link(&self, id: &PictureId, now: Time, lifetime: Duration) -> Result<Option<String>, ImageError>;

    /// What its owner should know at the start, one sentence each.
    async fn remarks(&self) -> Vec<String> {
        Vec::new()
    }
}
