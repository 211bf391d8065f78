//! One attempt at a delivery: the message with its pictures is made, sent, and what came of it is told.
//!
//! Deliberately unknown here: the queue, when attempts are made.

use std::{collections::HashMap, time::Duration};

use alerts::{
    Time,
    message::{Delivery, Receipt},
    order::Severities,
    picture::{Picture, PictureId},
    ports::{Change, LatePictures, SendError, SendErrorKind},
    shown,
};
use tokio::sync::oneshot;

use super::{context::ChannelContext, late::Wanted};
use crate::messages::Record;

/// Attempts at adding pictures to a text that is out, before it is left at the text.
const PICTURE_ATTEMPTS: u32 = 3;
/// The longest wait between them that a vendor may ask for.
const PICTURE_WAIT: Duration = Duration::from_secs(30);

/// A message that was sent.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) receipt: Receipt,
    pub(super) pictures: Vec<PictureId>,
    /// The text went out, a picture did not: why.
    pub(super) degraded: Option<String>,
    /// Pictures that may still come, to be added to the message then.
    pub(super) late: Option<Wanted>,
}

/// Makes an attempt. `delivery.receipt` is what an earlier one achieved: its text is not sent again.
pub(super) async fn attempt(context: &ChannelContext, delivery: &Delivery) -> Result<Sent, SendError> {
    let limits = context.channel.limits();
    let pictures = if limits.pictures.wants_pictures() { pictures_of(context, delivery).await } else { Vec::new() };
    let ids: Vec<PictureId> = pictures.iter().map(|picture| picture.record.id.clone()).collect();
    let mut receipt = match delivery.receipt.clone() {
        Some(receipt) => receipt,
        None => send_text(context, delivery, pictures.clone()).await?,
    };
    let mut degraded = receipt.degraded.take();
    if receipt.pictures_due {
        record_progress(context, delivery, &receipt).await;
        match second_step(context, &receipt, &pictures).await {
            Ok(mut with_pictures) => {
                degraded = degraded.or(with_pictures.degraded.take());
                receipt = with_pictures;
            }
            Err(why) => degraded = Some(why),
        }
        receipt.pictures_due = false;
    }
    let late = (limits.pictures.late == LatePictures::Add).then(|| Wanted::unsettled(context, delivery)).flatten();
    Ok(Sent { receipt, pictures: ids, degraded, late })
}

async fn second_step(context: &ChannelContext, receipt: &Receipt, pictures: &[Picture]) -> Result<Receipt, String> {
    if pictures.is_empty() {
        return Err("the pictures were gone when the attempt was taken up again".to_owned());
    }
    add_pictures(context, receipt, pictures).await.map_err(|error| error.to_string())
}

/// Adds pictures to a message that is out, with a few tries. A vendor that asks to wait moves the pace of all that goes there.
pub(super) async fn add_pictures(
    context: &ChannelContext,
    receipt: &Receipt,
    pictures: &[Picture],
) -> Result<Receipt, SendError> {
    let timeout = context.channel.limits().timeout;
    let mut tried = 0;
    loop {
        tried += 1;
        let error = match within(timeout, context.channel.add_pictures(receipt, pictures)).await {
            Ok(receipt) => return Ok(receipt),
            Err(error) => error,
        };
        let wait = match error.kind {
            SendErrorKind::RetryAfter(wait) => {
                context.pace.block(context.clock.now().plus(wait));
                wait
            }
            SendErrorKind::Retry => Duration::from_secs(u64::from(tried)),
            _ => return Err(error),
        };
        if tried >= PICTURE_ATTEMPTS || wait > PICTURE_WAIT || error.ambiguous {
            return Err(error);
        }
        tokio::time::sleep(wait).await;
    }
}

/// The distinct pictures of a delivery's alerts, as far as they are there, with bytes and links as the channel wants them.
pub(super) async fn pictures_of(context: &ChannelContext, delivery: &Delivery) -> Vec<Picture> {
    let mut alerts = delivery.alerts.clone();
    let mut records = HashMap::new();
    // An old picture in place of one that will be added would be there twice.
    let waits = context.channel.limits().pictures.late == LatePictures::Add;
    for message_alert in &mut alerts {
        message_alert.alert.pictures = context.slots(&message_alert.alert);
        let slot = shown::slot(message_alert);
        if let Some(id) = slot.taken().filter(|_| !(waits && slot.is_awaited()))
            && !records.contains_key(id)
            && let Some(record) = context.pictures.record(id).await
        {
            records.insert(id.clone(), record);
        }
    }
    let mut pictures = shown::pictures(&alerts, |id| records.get(id).cloned(), &Severities::default());
    let wants_bytes = context.channel.limits().pictures.wants_bytes();
    for picture in &mut pictures {
        picture.url = context.pictures.link(&picture.record).await;
        if wants_bytes || picture.url.is_none() {
            picture.bytes = context.pictures.bytes(&picture.record.id).await;
        }
    }
    pictures.retain(|picture| picture.bytes.is_some() || picture.url.is_some());
    pictures
}

async fn send_text(
    context: &ChannelContext,
    delivery: &Delivery,
    pictures: Vec<Picture>,
) -> Result<Receipt, SendError> {
    let limits = context.channel.limits();
    let previous = match limits.editing.wants_receipt() {
        true => context.last_receipt(delivery).await,
        false => None,
    };
    let message = delivery.message(&context.external_url, pictures);
    within(limits.timeout, context.channel.send(&message, previous.as_ref())).await
}

async fn within(
    timeout: Duration,
    send: impl Future<Output = Result<Receipt, SendError>>,
) -> Result<Receipt, SendError> {
    tokio::time::timeout(timeout, send).await.unwrap_or_else(|_| {
        let detail = format!("no answer within {} s", timeout.as_secs_f64());
        Err(SendError { ambiguous: true, ..SendError::new(SendErrorKind::Retry, detail) })
    })
}

/// The text is out and its receipt is made durable before anything else is done, so that a crash never sends it twice.
async fn record_progress(context: &ChannelContext, delivery: &Delivery, receipt: &Receipt) {
    let (done, committed) = oneshot::channel();
    let progress = Change::DeliveryProgress {
        id: delivery.id,
        attempts: delivery.attempts + 1,
        not_before: delivery.not_before,
        error: None,
        receipt: Some(receipt.clone()),
    };
    context.recorder.tell(Record { changes: vec![progress], done: Some(done) });
    drop(committed.await);
}

/// When a picture that is not settled yet can no longer be expected.
pub(super) fn last_chance(context: &ChannelContext, delivery: &Delivery) -> Time {
    delivery.flushed_at.plus(context.picture_patience)
}
