//! The uploader: names a drawn picture, puts it into the image store, makes its record durable.
//!
//! Deliberately unknown here: which alerts wait for it.

use std::{sync::Arc, time::Duration};

use actix::{Actor, Context, Handler, ResponseFuture};
use alerts::{
    picture::{PictureId, PictureRecord},
    ports::{Change, Clock, ImageError, ImageStore, Kept},
};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::Pictures;
use crate::{
    messages::{Record, Upload},
    metrics::Metrics,
    recorder::Recorder,
    tell::Handle,
};

/// How long the image store may take; the picture is sent from memory afterwards.
const PUT_TIMEOUT: Duration = Duration::from_secs(30);

/// The actor. Uploads are bounded by the screenshot workers, of which each waits for its own.
pub(crate) struct Uploader {
    pub(crate) pictures: Arc<Pictures>,
    pub(crate) images: Arc<dyn ImageStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) recorder: Handle<Recorder>,
}

impl Actor for Uploader {
    type Context = Context<Self>;
}

impl Handler<Upload> for Uploader {
    type Result = ResponseFuture<PictureRecord>;

    fn handle(&mut self, message: Upload, _: &mut Self::Context) -> Self::Result {
        let record = record_of(&message, self.images.new_name(), self.clock.now());
        let png = message.rendered.png;
        self.pictures.add(record.clone(), png.clone());
        // before the bytes are kept anywhere, so that nothing is kept that retention does not know of
        self.recorder.tell(recorded(&record));
        let this = Upkeep {
            pictures: self.pictures.clone(),
            images: self.images.clone(),
            metrics: self.metrics.clone(),
            recorder: self.recorder.clone(),
        };
        Box::pin(this.keep(record, png))
    }
}

fn recorded(record: &PictureRecord) -> Record {
    Record { changes: vec![Change::Picture(record.clone())], done: None }
}

/// What keeping a picture needs.
struct Upkeep {
    pictures: Arc<Pictures>,
    images: Arc<dyn ImageStore>,
    metrics: Arc<Metrics>,
    recorder: Handle<Recorder>,
}

impl Upkeep {
    /// Keeps the bytes; the record that says where.
    async fn keep(self, record: PictureRecord, png: Bytes) -> PictureRecord {
        let kept = tokio::time::timeout(PUT_TIMEOUT, self.images.put(&record.id, png)).await;
        let kept = kept.unwrap_or_else(|_| Kept { local: Err(slow()), uploaded: None });
        self.metrics.uploads.count(kept.local.is_ok() && !matches!(kept.uploaded, Some(Err(_))));
        if let Err(error) = &kept.local {
            tracing::error!(picture = %record.id, panel = record.subject.panel, %error, "a picture could not be stored; it is sent from memory");
        }
        match kept.uploaded {
            None => record,
            Some(Ok(place)) => {
                let record = PictureRecord { uploaded: Some(place), ..record };
                self.pictures.uploaded(&record);
                self.recorder.tell(recorded(&record));
                record
            }
            Some(Err(error)) => {
                tracing::error!(picture = %record.id, panel = record.subject.panel, %error, "a picture could not be uploaded; this server's own link is used");
                record
            }
        }
    }
}

fn slow() -> ImageError {
    ImageError::Failed("no answer in time".to_owned())
}

fn record_of(upload: &Upload, id: PictureId, now: alerts::Time) -> PictureRecord {
    let Upload { capture, rendered } = upload;
    PictureRecord {
        id,
        subject: capture.subject.clone(),
        transition: capture.transition,
        title: rendered.title.clone(),
        alt: rendered.alt.clone(),
        width: rendered.width,
        height: rendered.height,
        size: rendered.png.len() as u64,
        sha256: Sha256::digest(&rendered.png).iter().map(|byte| format!("{byte:02x}")).collect(),
        taken_at: now,
        used_at: now,
        uploaded: None,
    }
}
