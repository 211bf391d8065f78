//! The port of the pictures that events bring.

use async_trait::async_trait;

use crate::own::Own;

/// Keeps the pictures that came with events until they are drawn.
#[async_trait]
pub trait OwnPictures: Send + Sync {
    /// Looks at a picture and keeps it; `Ok` when it is written down. The answer is its name, for the annotation
    /// [`crate::own::OWN_PICTURE`]; equal pictures have equal names.
    async fn keep(&self, picture: Own) -> Result<String, NotKept>;
}

/// Why a picture was not kept. The event that it came with is taken all the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotKept {
    /// It is no picture that is taken: its sender's fault.
    #[error("{0}")]
    Refused(String),
    /// The disk, or too many at once.
    #[error("{0}")]
    Failed(String),
}
