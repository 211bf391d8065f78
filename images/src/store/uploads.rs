//! A provider outside, held at arm's length: time limits, a breaker per operation, metrics.
//!
//! Deliberately unknown here: which provider it is.

use std::{future::Future, sync::Arc, time::Duration};

use alerts::{
    Time,
    picture::PictureId,
    ports::{ImageError, RenderError},
};
use bytes::Bytes;
use tokio::time::Instant;

use super::{Backend, name};
use crate::renderers::{Breaker, Outcome, Watch};

/// The longest that one request to a provider may take.
const LIMIT: Duration = Duration::from_secs(10);

/// What is asked of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A picture is uploaded.
    Put,
    /// A picture is read.
    Get,
    /// A picture is deleted.
    Delete,
    /// A link is signed: mostly without the network.
    Link,
}

impl Operation {
    const ALL: [Operation; 4] = [Operation::Put, Operation::Get, Operation::Delete, Operation::Link];

    /// Its name in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Operation::Put => "put",
            Operation::Get => "get",
            Operation::Delete => "delete",
            Operation::Link => "link",
        }
    }
}

/// A provider that is left alone after several failures. Each operation has a breaker of its own: who may not delete may
/// still upload.
pub struct Uploads {
    provider: &'static str,
    place: Arc<str>,
    backend: Arc<dyn Backend>,
    breakers: [Breaker; 4],
    watch: Arc<dyn Watch>,
}

impl Uploads {
    /// `place` says where its objects lie, for records: provider, address, bucket and path.
    pub fn new(provider: &'static str, place: String, backend: Arc<dyn Backend>, watch: Arc<dyn Watch>) -> Self {
        let breaker = |of: Operation| Breaker::new(format!("store/{provider}/{}", of.name()), watch.clone());
        let breakers = Operation::ALL.map(breaker);
        Self { provider, place: place.into(), backend, breakers, watch }
    }

    /// The provider's name in the configuration.
    pub fn provider(&self) -> &'static str {
        self.provider
    }

    /// Where its objects lie.
    pub fn place(&self) -> &Arc<str> {
        &self.place
    }

    /// Uploads a picture.
    ///
    /// # Errors
    /// When the provider refuses it, is slow, or is left alone.
    pub async fn put(&self, id: &PictureId, png: Bytes) -> Result<(), ImageError> {
        self.guarded(Operation::Put, self.backend.put(id, png)).await
    }

    /// Reads a picture.
    ///
    /// # Errors
    /// When it is not there, or the provider fails.
    pub async fn get(&self, id: &PictureId) -> Result<Bytes, ImageError> {
        self.guarded(Operation::Get, self.backend.get(id)).await
    }

    /// Deletes a picture; one that is not there is no error.
    ///
    /// # Errors
    /// When the provider fails.
    pub async fn delete(&self, id: &PictureId) -> Result<(), ImageError> {
        self.guarded(Operation::Delete, self.backend.delete(id)).await
    }

    /// A link; none where the provider serves nothing.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub async fn link(&self, id: &PictureId, now: Time, lifetime: Duration) -> Result<Option<String>, ImageError> {
        self.guarded(Operation::Link, self.backend.link(id, now, lifetime)).await
    }

    /// What its owner should know at the start; what takes too long is not said.
    pub async fn remarks(&self) -> Vec<String> {
        tokio::time::timeout(LIMIT, self.backend.remarks()).await.unwrap_or_default()
    }

    /// Characters of a picture's name.
    pub(super) fn name_length(&self) -> usize {
        if self.provider == "azure_blob" { name::AZURE_LENGTH } else { name::LENGTH }
    }

    async fn guarded<T>(
        &self,
        operation: Operation,
        work: impl Future<Output = Result<T, ImageError>>,
    ) -> Result<T, ImageError> {
        let permit = self.breakers[operation as usize].enter().map_err(left_alone)?;
        let began = Instant::now();
        let done = tokio::time::timeout(LIMIT, work).await;
        let outcome = match &done {
            Ok(Ok(_)) => "ok",
            Ok(Err(ImageError::NotFound(_))) => "not_found",
            Ok(Err(ImageError::Failed(_))) => "failed",
            Err(_) => "timeout",
        };
        permit.leave(if matches!(outcome, "ok" | "not_found") { Outcome::Works } else { Outcome::Fails });
        self.watch.stored(self.provider, operation.name(), outcome, began.elapsed());
        done.unwrap_or_else(|_| Err(self.slow()))
    }

    fn slow(&self) -> ImageError {
        ImageError::Failed(format!("{} did not answer within {} s", self.provider, LIMIT.as_secs()))
    }
}

fn left_alone(error: RenderError) -> ImageError {
    ImageError::Failed(error.detail)
}
