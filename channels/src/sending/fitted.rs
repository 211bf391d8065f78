//! A channel with the shared handling of pictures around it: the channel inside sees only pictures that fit, and a
//! picture never costs the text.
//!
//! Deliberately unknown here: pace, waiting, repetition (the actors' work), and any vendor.

use alerts::{
    message::{Message, Receipt},
    picture::Picture,
    ports::{Channel, Limits, SendError, SendErrorKind},
};
use async_trait::async_trait;

use super::fit::{Fit, fit};

/// The channel `C`, with pictures fitted before it.
///
/// `C` answers [`SendErrorKind::TooLarge`] whenever the message might be taken without its pictures.
pub struct Fitted<C>(C);

impl<C: Channel> Fitted<C> {
    /// Wraps a channel.
    pub fn new(inner: C) -> Self {
        Self(inner)
    }
}

#[async_trait]
impl<C: Channel> Channel for Fitted<C> {
    fn limits(&self) -> &Limits {
        self.0.limits()
    }

    async fn send(&self, message: &Message, previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        if message.pictures.is_empty() {
            return self.0.send(message, previous).await;
        }
        let Fit { pictures, left_out, problems } = fit(&message.pictures, &self.limits().pictures).await;
        let count = pictures.len();
        let mut fitted =
            Message { pictures, pictures_left_out: message.pictures_left_out + left_out, ..message.clone() };
        match self.0.send(&fitted, previous).await {
            Err(error) if error.kind == SendErrorKind::TooLarge && count > 0 => {
                fitted.pictures.clear();
                fitted.pictures_left_out += count;
                let receipt = self.0.send(&fitted, previous).await?;
                Ok(degraded(receipt, &[format!("sent without pictures: {}", error.detail)]))
            }
            Err(error) => Err(error),
            Ok(receipt) => Ok(degraded(receipt, &problems)),
        }
    }

    async fn add_pictures(&self, receipt: &Receipt, pictures: &[Picture]) -> Result<Receipt, SendError> {
        let fit = fit(pictures, &self.limits().pictures).await;
        let done = Receipt { pictures_due: false, ..receipt.clone() };
        if fit.pictures.is_empty() {
            return Ok(degraded(done, &fit.problems));
        }
        let added = self.0.add_pictures(receipt, &fit.pictures).await?;
        Ok(degraded(Receipt { pictures_due: false, ..added }, &fit.problems))
    }
}

/// The receipt with more of what went wrong on the side.
pub(crate) fn degraded(mut receipt: Receipt, problems: &[String]) -> Receipt {
    if !problems.is_empty() {
        let earlier = receipt.degraded.take();
        let all: Vec<String> = earlier.into_iter().chain(problems.iter().cloned()).collect();
        receipt.degraded = Some(all.join("; "));
    }
    receipt
}
