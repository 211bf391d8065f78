//! Discord, through a channel's webhook: one message with its pictures, which later notifications may change.
//!
//! The receipt keeps the embed with the text: when a picture comes late, all embeds of the message are written again.
//!
//! Deliberately unknown here: pace and repetition, bots.

mod answer;
mod config;
mod look;
mod markdown;
mod texts;
mod webhook;

use alerts::{
    message::{Message, Receipt},
    picture::Picture,
    ports::{Channel, Limits, SendError, SendErrorKind},
};
use async_trait::async_trait;
pub use config::Config;
use serde::{Deserialize, Serialize};
use serde_json::json;

use self::{
    answer::{Failure, Made},
    look::{Card, EMBEDS, Head, Shown, Source},
    texts::{DiscordTexts, Rendered},
    webhook::{Place, Webhook},
};
use crate::config::Strategy;

struct Discord {
    limits: Limits,
    webhook: Webhook,
    texts: DiscordTexts,
    strategy: Strategy,
}

/// The message that is out.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Posted {
    id: String,
    /// The thread that it is in.
    thread: Option<String>,
    /// The embed with the text; none: it went out as plain text.
    card: Option<Card>,
    pictures: Vec<Shown>,
}

/// A message with its pictures: all that a request needs.
struct Draft<'a> {
    rendered: Rendered,
    shown: Vec<Shown>,
    files: &'a [Picture],
}

#[async_trait]
impl Channel for Discord {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let files: Vec<Picture> = message.pictures.iter().filter(|one| one.bytes.is_some()).cloned().collect();
        let unshown: Vec<&Picture> = message.pictures.iter().filter(|one| Shown::new(one).is_none()).collect();
        let shown: Vec<Shown> = message.pictures.iter().filter_map(Shown::new).collect();
        let rendered = self.texts.rendered(message, &unshown)?;
        let draft = Draft { rendered, shown, files: &files };
        let previous = previous.and_then(|receipt| Posted::deserialize(&receipt.message).ok());
        let thread = previous.as_ref().and_then(|posted| posted.thread.clone());
        let thread = thread.filter(|_| self.strategy == Strategy::Thread);
        let sent = match (self.strategy, &previous) {
            (Strategy::Update, Some(posted)) => self.update(posted, &draft).await,
            _ => self.post_or_begin_anew(thread.as_deref(), &draft).await,
        };
        let (posted, simplified) = match sent {
            Err(failure) if failure.error.kind == SendErrorKind::Rejected => {
                self.simplified(failure, thread.as_deref(), &draft).await?
            }
            sent => (sent.map_err(|failure| *failure.error)?, None),
        };
        let degraded: Vec<String> = draft.rendered.failures.into_iter().chain(simplified).collect();
        Ok(Receipt {
            message: json!(posted),
            pictures_due: false,
            degraded: (!degraded.is_empty()).then(|| degraded.join("; ")),
        })
    }

    async fn add_pictures(&self, receipt: &Receipt, pictures: &[Picture]) -> Result<Receipt, SendError> {
        let posted = Posted::deserialize(&receipt.message).ok().filter(|posted| !posted.id.is_empty());
        let Some(mut posted) = posted else {
            return Err(SendError::new(SendErrorKind::Rejected, "the receipt names no message to add pictures to"));
        };
        let room = EMBEDS.saturating_sub(posted.pictures.len());
        let new = pictures.iter().filter(|one| !posted.pictures.iter().any(|shown| shown.is_of(one)));
        let (added, others): (Vec<_>, Vec<_>) = new
            .map(|one| (Shown::new(one), one))
            .enumerate()
            .partition(|(at, (shown, _))| *at < room && shown.is_some());
        let added: Vec<(Shown, &Picture)> =
            added.into_iter().filter_map(|(_, (shown, one))| Some((shown?, one))).collect();
        let files: Vec<Picture> =
            added.iter().filter(|(_, one)| one.bytes.is_some()).map(|(_, one)| (*one).clone()).collect();
        if !added.is_empty() {
            posted.pictures.extend(added.into_iter().map(|(shown, _)| shown));
            let payload = look::edit(None, posted.card.as_ref(), &posted.pictures, &files);
            let place = Place { thread: posted.thread.as_deref(), message: Some(&posted.id) };
            let made = self.webhook.send(place, &payload, &files, true).await.map_err(|failure| *failure.error)?;
            remember(&mut posted.pictures, &made);
        }
        let problem = (!others.is_empty()).then(|| format!("{} late pictures could not be added", others.len()));
        let degraded: Vec<String> = receipt.degraded.clone().into_iter().chain(problem).collect();
        Ok(Receipt {
            message: json!(posted),
            pictures_due: false,
            degraded: (!degraded.is_empty()).then(|| degraded.join("; ")),
        })
    }
}

impl Discord {
    /// A new message, in a thread that is there already (`thread`), in the configured one, or with one of its own.
    async fn post(&self, thread: Option<&str>, draft: &Draft<'_>) -> Result<Posted, Failure> {
        let Draft { rendered, shown, files } = draft;
        let begins_thread = thread.is_none() && self.texts.begins_threads();
        let head =
            Head { thread_name: rendered.head.thread_name.clone().filter(|_| begins_thread), ..rendered.head.clone() };
        let thread = thread.or(rendered.thread_id.as_deref());
        let payload = look::message(&head, Some(&rendered.card), shown, files);
        let made = self.webhook.send(Place { thread, message: None }, &payload, files, !shown.is_empty()).await?;
        let thread = if begins_thread { made.channel_id.as_deref() } else { thread };
        Ok(posted(&made, thread, Some(&rendered.card), shown))
    }

    /// Changes the message that is out; a new one if it cannot be changed any more.
    async fn update(&self, earlier: &Posted, draft: &Draft<'_>) -> Result<Posted, Failure> {
        let Draft { rendered, shown, files } = draft;
        if earlier.id.is_empty() {
            return self.post(None, draft).await;
        }
        let thread = earlier.thread.as_deref();
        let payload = look::edit(Some(&rendered.head), Some(&rendered.card), shown, files);
        let place = Place { thread, message: Some(&earlier.id) };
        match self.webhook.send(place, &payload, files, !shown.is_empty()).await {
            Ok(mut made) => {
                made.id = earlier.id.clone();
                Ok(posted(&made, thread, Some(&rendered.card), shown))
            }
            Err(failure) if failure.is_about_the_thread() => self.post(None, draft).await,
            Err(failure) if failure.is_about_the_message() => self.post(thread, draft).await,
            Err(failure) => Err(failure),
        }
    }

    /// A message in the thread that the conversation began; a new thread if there is none, or if it is gone.
    async fn post_or_begin_anew(&self, thread: Option<&str>, draft: &Draft<'_>) -> Result<Posted, Failure> {
        match self.post(thread, draft).await {
            Err(failure) if thread.is_some() && failure.is_about_the_thread() => self.post(None, draft).await,
            sent => sent,
        }
    }

    /// The same without anything that Discord could find fault with: a text and nothing else.
    async fn simplified(
        &self,
        refused: Failure,
        thread: Option<&str>,
        draft: &Draft<'_>,
    ) -> Result<(Posted, Option<String>), SendError> {
        let Rendered { head, card, thread_id, .. } = &draft.rendered;
        let begins_thread = thread.is_none() && self.texts.begins_threads();
        let parts = [Some(&head.content), card.title.as_ref(), card.description.as_ref()];
        let text: Vec<&str> = parts.into_iter().flatten().map(String::as_str).filter(|part| !part.is_empty()).collect();
        let head = Head {
            content: markdown::cut(&text.join("\n"), look::CONTENT),
            mentions: head.mentions.clone(),
            thread_name: head.thread_name.clone().filter(|_| begins_thread),
            ..Head::default()
        };
        let thread = thread.or(thread_id.as_deref());
        let payload = look::message(&head, None, &[], &[]);
        let made = self.webhook.send(Place { thread, message: None }, &payload, &[], false).await;
        let made = made.map_err(|failure| *failure.error)?;
        let thread = if begins_thread { made.channel_id.as_deref() } else { thread };
        let simplified = format!("sent as plain text: {}", refused.error.detail);
        Ok((posted(&made, thread, None, &[]), Some(simplified)))
    }
}

fn posted(made: &Made, thread: Option<&str>, card: Option<&Card>, shown: &[Shown]) -> Posted {
    let mut pictures = shown.to_vec();
    remember(&mut pictures, made);
    Posted { id: made.id.clone(), thread: thread.map(str::to_owned), card: card.cloned(), pictures }
}

/// Writes down the numbers of the files.
fn remember(pictures: &mut [Shown], made: &Made) {
    for picture in pictures {
        if let Source::File(name, id) = &mut picture.source {
            *id = made.file(name).or_else(|| id.take());
        }
    }
}
