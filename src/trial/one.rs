//! One message through one channel, in the steps in which the machine makes it: the text, then the pictures that are due.
//!
//! Deliberately unknown here: whether anything is really sent.

use std::time::Duration;

use alerts::{
    message::{Message, Receipt},
    ports::{Channel, SendError, SendErrorKind},
};

/// Sends a message; pictures that cannot be added afterwards are a note in the receipt, as in the machine.
pub(super) async fn tell(
    channel: &dyn Channel,
    message: &Message,
    previous: Option<&Receipt>,
) -> Result<Receipt, SendError> {
    let timeout = channel.limits().timeout;
    let mut receipt = within(timeout, channel.send(message, previous)).await?;
    if !receipt.pictures_due {
        return Ok(receipt);
    }
    let degraded = receipt.degraded.take();
    match within(timeout, channel.add_pictures(&receipt, &message.pictures)).await {
        Ok(added) => Ok(Receipt { degraded: degraded.or(added.degraded.clone()), pictures_due: false, ..added }),
        Err(error) => {
            let why = format!("the text is out, its pictures could not be added: {error}");
            let degraded = Some(degraded.into_iter().chain([why]).collect::<Vec<_>>().join("; "));
            Ok(Receipt { degraded, pictures_due: false, ..receipt })
        }
    }
}

/// What a later message about the same group is told with.
pub(super) fn previous<'a>(channel: &dyn Channel, receipt: Option<&'a Receipt>) -> Option<&'a Receipt> {
    let editing = channel.limits().editing;
    receipt.filter(|_| editing.edit || editing.thread)
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
