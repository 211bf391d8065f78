//! The image stores, as the pages serve them.
//!
//! Deliberately unknown here: HTTP, how links are signed, who keeps the bytes.

use std::time::Duration;

use alerts::{
    Time,
    picture::PictureId,
    ports::{ImageError, ImageStore},
};
use async_trait::async_trait;
use bytes::Bytes;
use images::store::{LinkError as Refused, Stores};

use super::{LinkError, ServeImages};

#[async_trait]
impl ServeImages for Stores {
    fn signed_path(&self, id: &PictureId, now: Time, lifetime: Duration) -> Option<String> {
        self.local().signed_path(id, now, lifetime)
    }

    fn verify(&self, id: &PictureId, end_secs: i64, signature: &str, now: Time) -> Result<(), LinkError> {
        self.local().verify(id, end_secs, signature, now).map_err(|refused| match refused {
            Refused::Signature => LinkError::Invalid,
            Refused::Expired => LinkError::Expired,
        })
    }

    async fn get(&self, id: &PictureId) -> Result<Bytes, ImageError> {
        ImageStore::get(self, id).await
    }
}
