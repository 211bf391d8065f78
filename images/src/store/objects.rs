//! A bucket behind the crate `object_store`: what Google's and Azure's stores have in common.
//!
//! Deliberately unknown here: credentials, addresses.

use std::time::Duration;

use alerts::{Time, picture::PictureId, ports::ImageError};
use async_trait::async_trait;
use bytes::Bytes;
use http::Method;
use object_store::{
    Attribute, Attributes, BackoffConfig, ClientOptions, ObjectStore, ObjectStoreExt, PutOptions, RetryConfig,
    path::Path, signer::Signer,
};

use super::{
    Backend,
    name::object_key,
    words::{failed, failure},
};

/// What both vendors' bodies call a bucket that is gone; theirs is the status of a missing object.
const NO_BUCKET: [&str; 2] = ["NoSuchBucket", "ContainerNotFound"];

/// The bucket.
pub(super) struct Objects<S> {
    pub(super) store: S,
    /// The beginning of all names, with a slash at the end, or empty.
    pub(super) folder: String,
    pub(super) links: Links,
}

/// How the bucket's objects are linked.
pub(super) enum Links {
    /// With a signature that ends, not before and not after these.
    Signed { shortest: Duration, longest: Duration },
    /// Plainly below this address, which ends in a slash: the bucket is readable by everybody.
    Public(String),
}

/// One repetition, for a connection that was closed while it was idle: who waits has ten seconds.
pub(super) fn retries() -> RetryConfig {
    let backoff = BackoffConfig {
        init_backoff: Duration::from_millis(100),
        max_backoff: Duration::from_secs(1),
        ..BackoffConfig::default()
    };
    RetryConfig { backoff, max_retries: 1, retry_timeout: Duration::from_secs(10) }
}

/// How both are spoken to.
pub(super) fn client_options(endpoint: &str) -> ClientOptions {
    ClientOptions::new()
        .with_allow_http(endpoint.starts_with("http://"))
        .with_connect_timeout(Duration::from_secs(3))
        .with_timeout(Duration::from_secs(10))
}

impl<S> Objects<S> {
    fn path(&self, id: &PictureId) -> Result<Path, ImageError> {
        object_key(&self.folder, id).map(Path::from)
    }
}

#[async_trait]
impl<S: ObjectStore + Signer> Backend for Objects<S> {
    async fn put(&self, id: &PictureId, png: Bytes) -> Result<(), ImageError> {
        let path = self.path(id)?;
        let attributes = Attributes::from_iter([(Attribute::ContentType, "image/png")]);
        let options = PutOptions { attributes, ..PutOptions::default() };
        let put = self.store.put_opts(&path, png.into(), options).await;
        put.map(drop).map_err(|error| failure(&error))
    }

    async fn get(&self, id: &PictureId) -> Result<Bytes, ImageError> {
        let path = self.path(id)?;
        let read = async { self.store.get(&path).await?.bytes().await };
        read.await.map_err(|error| missing_or_failed(id, &error))
    }

    async fn delete(&self, id: &PictureId) -> Result<(), ImageError> {
        let Ok(path) = self.path(id) else { return Ok(()) };
        match self.store.delete(&path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failure(&error)),
        }
    }

    async fn link(&self, id: &PictureId, _: Time, lifetime: Duration) -> Result<Option<String>, ImageError> {
        let path = self.path(id)?;
        match &self.links {
            Links::Public(base) => Ok(Some(format!("{base}{path}"))),
            Links::Signed { shortest, longest } => {
                let lifetime = lifetime.clamp(*shortest, *longest);
                let signed = self.store.signed_url(Method::GET, &path, lifetime).await;
                signed.map(|url| Some(url.into())).map_err(|error| failure(&error))
            }
        }
    }
}

fn missing_or_failed(id: &PictureId, error: &object_store::Error) -> ImageError {
    let words = crate::error::chain(error);
    match error {
        object_store::Error::NotFound { .. } if !NO_BUCKET.iter().any(|code| words.contains(code)) => {
            ImageError::NotFound(id.clone())
        }
        _ => failed(words),
    }
}
