//! Rocket.Chat: the message first, then its pictures, each uploaded and then confirmed into the message's thread. Later
//! notifications of a group are messages of their own, edit the first, or stand in its thread.
//!
//! Messages have ids of the server's own: `chat.sendMessage` would take ours, but knows rooms by their ids only, and Alertmanager's
//! key `channel` has names. So a message whose answer is lost may come twice.
//!
//! Deliberately unknown here: pace and repetition.

mod api;
mod build;
mod config;
mod texts;

use alerts::{
    message::{Message, Receipt},
    picture::Picture,
    ports::{Channel, Limits, SendError, SendErrorKind},
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use self::config::{Action, Config};
use self::{
    api::{Api, Refusal, text},
    texts::{MessageTexts, Written, shown, words},
};
use crate::{
    attachments::linked,
    config::Strategy,
    sending::{classify::blamed_on, fitted::degraded, values::one_line},
};

struct RocketChat {
    limits: Limits,
    api: Api,
    texts: MessageTexts,
    strategy: Strategy,
}

/// A message that is out: what a receipt holds.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Posted {
    id: String,
    room: String,
    /// The first message of the thread that it stands in; none: it stands in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    root: Option<String>,
}

#[async_trait]
impl Channel for RocketChat {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let (written, failures) = self.texts.written(message);
        let open = previous.and_then(|receipt| Posted::deserialize(&receipt.message).ok());
        let posted = match (self.strategy, open) {
            (Strategy::Update, Some(open)) => self.update(&written, open).await,
            (Strategy::Thread, Some(open)) => self.answer(&written, &open).await,
            _ => self.post(&written, None).await,
        };
        let shown = self.strategy != Strategy::Update && linked(&message.pictures).next().is_some();
        let posted = posted.map_err(|refusal| blamed_on(shown, *refusal.error))?;
        let due = |picture: &Picture| picture.bytes.is_some() || self.strategy == Strategy::Update;
        Ok(Receipt {
            message: json!(posted),
            pictures_due: message.pictures.iter().any(due),
            degraded: (!failures.is_empty()).then(|| failures.join("; ")),
        })
    }

    async fn add_pictures(&self, receipt: &Receipt, pictures: &[Picture]) -> Result<Receipt, SendError> {
        let out = Posted::deserialize(&receipt.message)
            .map_err(|_| SendError::new(SendErrorKind::Rejected, "the receipt names no message to answer"))?;
        let mut files = Vec::new();
        for picture in pictures.iter().filter(|picture| picture.bytes.is_some()) {
            files.push((picture, self.api.upload(&out.room, picture).await?));
        }
        let mut replies = Vec::new();
        for (picture, file) in &files {
            let (title, alt) = (words(&one_line(&picture.record.title)), words(&one_line(&picture.record.alt)));
            let body = json!({ "msg": title, "description": alt, "tmid": out.root() });
            replies.push((vec!["rooms.mediaConfirm", &out.room, file], body));
        }
        // of an editable message the links are added too
        let links: Vec<_> = linked(pictures).map(|(picture, url)| shown(picture, url, None)).collect();
        if !links.is_empty() {
            let body = json!({ "roomId": out.room, "tmid": out.root(), "attachments": links });
            replies.push((vec!["chat.postMessage"], body));
        }
        let done = Receipt { pictures_due: false, ..receipt.clone() };
        for (at, (path, body)) in replies.iter().enumerate() {
            match self.api.call(path, body).await {
                Ok(_) => {}
                // what is shown already would be shown again
                Err(refusal) if at > 0 => {
                    let left =
                        format!("{} of {} pictures are missing: {}", replies.len() - at, replies.len(), refusal.error);
                    return Ok(degraded(done, &[left]));
                }
                Err(refusal) => return Err(*refusal.error),
            }
        }
        Ok(done)
    }
}

impl RocketChat {
    async fn post(&self, written: &Written, thread: Option<&Posted>) -> Result<Posted, Refusal> {
        let mut body = json!(written);
        if let Some(first) = thread {
            body["tmid"] = json!(first.root());
        }
        let answer = self.api.call(&["chat.postMessage"], &body).await?;
        let message: &Value = &answer["message"];
        let root = thread.map(|first| first.root().to_owned());
        Ok(Posted { id: text(&message["_id"])?, room: text(&message["rid"])?, root })
    }

    /// Puts the text into the place of the open conversation's; posts a new one if that cannot be done any more.
    async fn update(&self, written: &Written, open: Posted) -> Result<Posted, Refusal> {
        let body = json!({ "roomId": open.room, "msgId": open.root(), "text": written.text });
        match self.api.call(&["chat.update"], &body).await {
            Ok(_) => Ok(open),
            // deleted, not ours, or too old
            Err(refusal) if refusal.of_the_message => self.post(written, None).await,
            Err(refusal) => Err(refusal),
        }
    }

    /// Answers in the open conversation's thread; begins a new one if that takes no more.
    async fn answer(&self, written: &Written, open: &Posted) -> Result<Posted, Refusal> {
        match self.post(written, Some(open)).await {
            Err(refusal) if refusal.of_the_message => self.post(written, None).await,
            answered => answered,
        }
    }
}

impl Posted {
    /// The only message of a conversation that has a thread.
    fn root(&self) -> &str {
        self.root.as_deref().unwrap_or(&self.id)
    }
}
