//! WeCom (WeChat for companies): a group's robot, or an application that tells members. The text first, then its pictures: each a message
//! of its own where they are files, all in one message of articles where they are links.
//!
//! Deliberately unknown here: requests (`place.rs`), texts (`texts.rs`), pace and repetition.

mod app;
mod codes;
mod config;
mod place;
mod texts;

use std::time::Duration;

use alerts::{
    message::{Message, Receipt},
    picture::Picture,
    ports::{Channel, Limits, SendError, SendErrorKind},
};
use async_trait::async_trait;
pub use config::Config;
use place::Place;
use serde::Deserialize;
use serde_json::json;
use texts::{Texts, To};

use crate::sending::Http;

struct WeCom {
    limits: Limits,
    http: Http,
    place: Place,
    texts: Texts,
    timeout: Duration,
}

#[async_trait]
impl Channel for WeCom {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let (content, mut degraded) = self.texts.content(message);
        let to = match self.place {
            Place::Robot(_) => To::default(),
            Place::App(_) => {
                let (to, failed) = self.texts.to(message);
                degraded.extend(failed);
                if to.touser.is_empty() && to.toparty.is_empty() && to.totag.is_empty() {
                    let words = "there is nobody to tell: set to_user, to_party or to_tag";
                    return Err(SendError::new(SendErrorKind::Unauthorised, words));
                }
                to
            }
        };
        let answer = self.place.post(&self.http, &to, content, self.timeout).await?;
        degraded.extend(codes::not_told(&answer));
        Ok(Receipt {
            message: json!(to),
            pictures_due: !message.pictures.is_empty(),
            degraded: (!degraded.is_empty()).then(|| degraded.join("; ")),
        })
    }

    async fn add_pictures(&self, receipt: &Receipt, pictures: &[Picture]) -> Result<Receipt, SendError> {
        let to = To::deserialize(&receipt.message).unwrap_or_default();
        let (files, linked): (Vec<_>, Vec<_>) = pictures.iter().cloned().partition(|picture| picture.bytes.is_some());
        let mut shown = 0;
        let mut failed = None;
        for picture in &files {
            match self.show(&to, picture).await {
                Ok(()) => shown += 1,
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        if failed.is_none() && !linked.is_empty() {
            match self.place.post(&self.http, &to, texts::news(&linked), self.timeout).await {
                Ok(_) => shown += linked.len(),
                Err(error) => failed = Some(error),
            }
        }
        let done = Receipt { pictures_due: false, ..receipt.clone() };
        match failed {
            None => Ok(done),
            // tried again, those that are there would come twice
            Some(error) if shown > 0 => {
                let words = format!("only {shown} of {} pictures: {error}", pictures.len());
                let degraded = receipt.degraded.iter().cloned().chain([words]).collect::<Vec<_>>().join("; ");
                Ok(Receipt { degraded: Some(degraded), ..done })
            }
            Some(error) => Err(error),
        }
    }
}

impl WeCom {
    async fn show(&self, to: &To, picture: &Picture) -> Result<(), SendError> {
        let content = self.place.image(&self.http, picture, self.timeout).await?;
        self.place.post(&self.http, to, content, self.timeout).await.map(drop)
    }
}
