//! The image store of the server: every picture is saved below the data directory first, and uploaded where a provider is
//! configured. If one of the two fails, the other goes on.
//!
//! Deliberately unknown here: which provider it is, when pictures are deleted.

use std::{sync::Arc, time::Duration};

use alerts::{
    Time,
    picture::{PictureId, PictureRecord},
    ports::{ImageError, ImageStore, Kept},
};
use arc_swap::ArcSwapOption;
use async_trait::async_trait;
use bytes::Bytes;

use super::{Backend, LocalStore, Uploads, name};

/// The local store, and the provider beside it.
pub struct Stores {
    local: Arc<LocalStore>,
    outside: ArcSwapOption<Outside>,
}

/// A provider, and what it is for.
pub struct Outside {
    /// The provider.
    pub uploads: Arc<Uploads>,
    /// Whether new pictures are uploaded to it; if not, those that it has are still linked, read and deleted.
    pub takes_new: bool,
}

impl Stores {
    /// Pictures are kept in the local store, and with the provider if there is one.
    pub fn new(local: Arc<LocalStore>, outside: Option<Outside>) -> Self {
        Self { local, outside: ArcSwapOption::from_pointee(outside) }
    }

    /// Another provider, or none, from now on. What is with the old one is linked from here again.
    pub fn replace(&self, outside: Option<Outside>) {
        self.outside.store(outside.map(Arc::new));
    }

    /// The local store, which checks the links that lead here.
    pub fn local(&self) -> &LocalStore {
        &self.local
    }

    fn provider(&self) -> Option<Arc<Uploads>> {
        self.outside.load().as_ref().map(|outside| outside.uploads.clone())
    }

    /// The provider, if it takes new pictures.
    fn taker(&self) -> Option<Arc<Uploads>> {
        self.outside.load().as_ref().filter(|outside| outside.takes_new).map(|outside| outside.uploads.clone())
    }

    /// Deletes a picture where it was uploaded to.
    async fn delete_outside(&self, picture: &PictureRecord) -> Result<(), ImageError> {
        match (&picture.uploaded, self.provider()) {
            (Some(place), Some(uploads)) if place == uploads.place() => uploads.delete(&picture.id).await,
            (Some(place), _) => {
                tracing::warn!(picture = %picture.id, %place, "a picture past its retention is in a store that is not configured any more: delete it there");
                Ok(())
            }
            // a server that died between upload and record may have left it there
            (None, Some(uploads)) => {
                if let Err(error) = uploads.delete(&picture.id).await {
                    tracing::debug!(picture = %picture.id, %error, "whether a picture without an upload is in the image store is not known");
                }
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }
}

#[async_trait]
impl ImageStore for Stores {
    fn new_name(&self) -> PictureId {
        name::random_id_of(self.taker().map_or(name::LENGTH, |uploads| uploads.name_length()))
    }

    async fn put(&self, id: &PictureId, png: Bytes) -> Kept {
        let local = self.local.put(id, png.clone()).await;
        let uploaded = match self.taker() {
            None => None,
            Some(uploads) => Some(uploads.put(id, png).await.map(|()| uploads.place().clone())),
        };
        Kept { local, uploaded }
    }

    async fn get(&self, id: &PictureId) -> Result<Bytes, ImageError> {
        let missing = match self.local.get(id).await {
            Ok(png) => return Ok(png),
            Err(missing) => missing,
        };
        match self.provider() {
            Some(uploads) => uploads.get(id).await,
            None => Err(missing),
        }
    }

    async fn delete(&self, picture: &PictureRecord) -> Result<(), ImageError> {
        // the room on our own disk is needed whatever the provider does
        let local = self.local.delete(&picture.id).await;
        self.delete_outside(picture).await.and(local)
    }

    async fn link(&self, picture: &PictureRecord, now: Time, lifetime: Duration) -> Option<String> {
        let provider = self.provider().filter(|uploads| picture.uploaded.as_ref() == Some(uploads.place()));
        if let Some(uploads) = provider {
            match uploads.link(&picture.id, now, lifetime).await {
                Ok(Some(link)) => return Some(link),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(picture = %picture.id, %error, "no link into the image store: this server's own is used");
                }
            }
        }
        self.local.link(&picture.id, now, lifetime).await.ok().flatten()
    }

    fn is_cloud(&self) -> bool {
        self.taker().is_some()
    }
}
