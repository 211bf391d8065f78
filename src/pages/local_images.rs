//! The local image store, as the pages serve it.
//!
//! Deliberately unknown here: HTTP, how the store signs and keeps.

use std::time::Duration;

use alerts::{
    Time,
    picture::PictureId,
    ports::{ImageError, ImageStore},
};
use async_trait::async_trait;
use bytes::Bytes;
use images::store::{LinkError as Refused, LocalStore};

use super::{LinkError, ServeImages};

#[async_trait]
impl ServeImages for LocalStore {
    fn signed_path(&self, id: &PictureId, now: Time, lifetime: Duration) -> Option<String> {
        LocalStore::signed_path(self, id, now, lifetime)
    }

    fn verify(&self, id: &PictureId, end_secs: i64, signature: &str, now: Time) -> Result<(), LinkError> {
        LocalStore::verify(self, id, end_secs, signature, now).map_err(|refused| match refused {
            Refused::Signature => LinkError::Invalid,
            Refused::Expired => LinkError::Expired,
        })
    }

    async fn get(&self, id: &PictureId) -> Result<Bytes, ImageError> {
        ImageStore::get(self, id).await
    }
}
