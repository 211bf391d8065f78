//! The uploader: names a drawn picture, puts it into the image store, makes its record durable.
//!
//! Deliberately unknown here: which alerts wait for it.

use std::{sync::Arc, time::Duration};

use actix::{Actor, Context, Handler, ResponseFuture};
use alerts::{
    picture::{PictureId, PictureRecord},
    ports::{Change, Clock, ImageError, ImageStore},
};
use rand::{Rng, distr::Alphanumeric};
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
/// Characters of a picture's name, as Grafana's.
const NAME_LENGTH: usize = 20;

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
        let record = record_of(&message, self.clock.now());
        let png = message.rendered.png;
        self.pictures.add(record.clone(), png.clone());
        let (images, metrics, recorder) = (self.images.clone(), self.metrics.clone(), self.recorder.clone());
        Box::pin(async move {
            let stored = tokio::time::timeout(PUT_TIMEOUT, images.put(&record.id, png)).await;
            let stored = stored.unwrap_or_else(|_| Err(ImageError::Failed("no answer in time".to_owned())));
            metrics.uploads.count(stored.is_ok());
            if let Err(error) = stored {
                tracing::error!(picture = %record.id, panel = record.subject.panel, %error, "a picture could not be stored; it is sent from memory");
            }
            recorder.tell(Record { changes: vec![Change::Picture(record.clone())], done: None });
            record
        })
    }
}

fn record_of(upload: &Upload, now: alerts::Time) -> PictureRecord {
    let Upload { capture, rendered } = upload;
    let name: String = rand::rng().sample_iter(Alphanumeric).take(NAME_LENGTH).map(char::from).collect();
    PictureRecord {
        id: PictureId(name.into()),
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
    }
}
