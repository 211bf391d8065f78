//! Slack, with a bot token: the message first, then its pictures uploaded into its thread with one complete call. Later
//! notifications of a group are messages of their own, edit the first, or stand in its thread.
//!
//! Requests, types and client are slack-morphism's, over our own connector (`client.rs`).
//!
//! Deliberately unknown here: incoming webhooks (`hook.rs`), pace and repetition.

mod api;
mod attachment;
mod build;
mod client;
mod config;
mod content;
mod conversation;
mod hook;
mod mrkdwn;
mod place;
mod texts;
mod words;

use std::sync::{Mutex, PoisonError};

use alerts::{
    Status,
    message::{Message, Receipt},
    picture::Picture,
    ports::{Channel, Limits, SendError, SendErrorKind},
    templates::{Data, TextTemplate},
};
use api::Api;
use async_trait::async_trait;
use attachment::{Extras, attachments};
use client::Refusal;
pub use config::Config;
use content::Parts;
use conversation::{Following, Posted, cannot_be_answered, cannot_be_edited};
use serde_json::{Value, json};
use slack_morphism::prelude::{SlackApiChatPostMessageRequest, SlackChannelId, SlackMessageContent, SlackTs};
use texts::SlackTexts;

use crate::sending::{
    texts::Texts,
    values::{escaped, one_line},
};

struct Slack {
    limits: Limits,
    api: Api,
    channel: TextTemplate,
    texts: SlackTexts,
    following: Following,
    /// A thread's summary that is out while its first reply is not: the next attempt at the same delivery does not post
    /// another one.
    begun: Mutex<Option<(String, Posted)>>,
}

/// A message in all its forms, as requests.
struct Outgoing {
    /// As it should be.
    full: Value,
    /// A text and nothing else, for when Slack finds fault with the rest.
    plain: Value,
    /// Whether pictures are linked in it: then it is tried without them before it becomes plain.
    links: bool,
    /// The summary of its thread, if there is to be one: all but its title.
    summary: Value,
    /// What went wrong on the side.
    notes: Vec<String>,
}

#[async_trait]
impl Channel for Slack {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let clean = escaped(message, mrkdwn::escape);
        let mut outgoing = self.written(message, &clean)?;
        let open = Posted::of(previous);
        let posted = match (&self.following, open) {
            (Following::Update, Some(open)) => self.update(&mut outgoing, open).await?,
            (Following::Thread { summary: true, .. }, open) => self.below_summary(&mut outgoing, &clean, open).await?,
            (Following::Thread { .. }, Some(open)) => self.answer(&mut outgoing, &open).await?,
            _ => self.post(&mut outgoing, None).await?,
        };
        self.celebrate(&mut outgoing, message, &posted).await;
        Ok(Receipt {
            message: json!(posted),
            pictures_due: message.pictures.iter().any(|picture| picture.bytes.is_some()),
            degraded: (!outgoing.notes.is_empty()).then(|| outgoing.notes.join("; ")),
        })
    }

    async fn add_pictures(&self, receipt: &Receipt, pictures: &[Picture]) -> Result<Receipt, SendError> {
        let parent = Posted::of(Some(receipt))
            .ok_or_else(|| SendError::new(SendErrorKind::Rejected, "the receipt names no message to answer"))?;
        let (uploads, linked): (Vec<_>, Vec<_>) = pictures.iter().cloned().partition(|picture| picture.bytes.is_some());
        if !uploads.is_empty() {
            self.api.upload(&parent, &uploads).await?;
        }
        if !linked.is_empty() {
            let channel = SlackChannelId(parent.channel.clone());
            let request = SlackApiChatPostMessageRequest::new(channel, content::reply(&linked))
                .with_thread_ts(SlackTs(parent.root().to_owned()));
            self.api.post(&json!(request)).await?;
        }
        Ok(Receipt { pictures_due: false, ..receipt.clone() })
    }
}

impl Slack {
    fn new(limits: Limits, api: Api, channel: TextTemplate, texts: SlackTexts, following: Following) -> Self {
        Self { limits, api, channel, texts, following, begun: Mutex::default() }
    }

    fn written(&self, message: &Message, clean: &Message) -> Result<Outgoing, SendError> {
        let mut texts = Texts::new(clean, Data::new(clean));
        let request = self.request(&mut texts)?;
        let parts = self.texts.parts(message, &mut texts);
        let extras = self.texts.extras(&mut texts);
        let linked: Vec<Picture> = message.pictures.iter().filter(|picture| picture.bytes.is_none()).cloned().collect();
        let with = |content| json!(SlackApiChatPostMessageRequest { content, ..request.clone() });
        let full = match extras.is_needed() {
            true => with_attachments(with(SlackMessageContent::new()), &parts, &extras, &linked),
            false => with(content::content(&parts, &linked)),
        };
        let plain = with(content::plain(&parts));
        let mut summary = with(SlackMessageContent::new());
        summary["attachments"] = json!([{}]);
        if let Some(color) = self.summary_color(message, &parts, &mut texts) {
            summary["attachments"][0]["color"] = json!(color);
        }
        Ok(Outgoing { full, plain, links: !linked.is_empty(), summary, notes: texts.into_failures() })
    }

    /// The request without its content.
    fn request(&self, texts: &mut Texts<'_>) -> Result<SlackApiChatPostMessageRequest, SendError> {
        let channel = self.channel.render(&texts.data).map(|name| mrkdwn::unescape(&one_line(&name)));
        let channel = channel.map_err(|why| SendError::new(SendErrorKind::Rejected, why.to_string()))?;
        let t = &self.texts;
        Ok(SlackApiChatPostMessageRequest::new(SlackChannelId(channel), SlackMessageContent::new())
            .opt_username(texts.option(t.username.as_ref()).map(|name| mrkdwn::unescape(&one_line(&name))))
            .opt_icon_emoji(texts.option(t.icon_emoji.as_ref()))
            .opt_icon_url(texts.option(t.icon_url.as_ref()).map(|url| mrkdwn::unescape(&url)))
            .opt_link_names(self.texts.link_names.then_some(true))
            .with_unfurl_links(false)
            .with_unfurl_media(false))
    }

    fn summary_color(&self, message: &Message, parts: &Parts, texts: &mut Texts<'_>) -> Option<String> {
        let resolved = match &self.following {
            Following::Thread { resolve_color, .. } if message.status == Status::Resolved => resolve_color.as_ref(),
            _ => None,
        };
        texts.option(resolved).or_else(|| parts.color.clone())
    }

    /// Posts, into a thread if there is one. What Slack finds fault with for its form goes out once more as plain text; with
    /// linked pictures the caller tries without them first.
    async fn post(&self, outgoing: &mut Outgoing, thread: Option<&Posted>) -> Result<Posted, Refusal> {
        let posted = match self.api.post(&in_thread(&outgoing.full, thread)).await {
            Err(refusal) if refusal.error.kind == SendErrorKind::TooLarge && !outgoing.links => {
                let posted = self.api.post(&in_thread(&outgoing.plain, thread)).await.map_err(for_good)?;
                outgoing.notes.push(format!("sent as plain text: {}", refusal.error.detail));
                posted
            }
            posted => posted?,
        };
        Ok(match thread {
            Some(first) => posted.answers(first),
            None => posted,
        })
    }

    /// Edits the open conversation's message; posts a new one if that cannot be edited any more.
    async fn update(&self, outgoing: &mut Outgoing, open: Posted) -> Result<Posted, Refusal> {
        match self.api.update(&open, &outgoing.full).await {
            Ok(()) => Ok(open),
            Err(refusal) if cannot_be_edited(&refusal.word) => self.post(outgoing, None).await,
            Err(refusal) if refusal.error.kind == SendErrorKind::TooLarge && !outgoing.links => {
                self.api.update(&open, &outgoing.plain).await.map_err(for_good)?;
                outgoing.notes.push(format!("sent as plain text: {}", refusal.error.detail));
                Ok(open)
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// Answers in the open conversation's thread; begins a new one if that takes no more.
    async fn answer(&self, outgoing: &mut Outgoing, open: &Posted) -> Result<Posted, Refusal> {
        match self.post(outgoing, Some(open)).await {
            Err(refusal) if cannot_be_answered(&refusal.word) => self.post(outgoing, None).await,
            answered => answered,
        }
    }

    /// Posts below the thread's summary, which is posted first or brought up to date afterwards.
    async fn below_summary(
        &self,
        outgoing: &mut Outgoing,
        clean: &Message,
        open: Option<Posted>,
    ) -> Result<Posted, Refusal> {
        if let Some(mut first) = open {
            first.turn(clean.reason);
            match self.post(outgoing, Some(&first)).await {
                Err(refusal) if cannot_be_answered(&refusal.word) => {}
                answered => {
                    let answered = answered?;
                    if let Err(refusal) = self.api.update(&first, &titled(&outgoing.summary, &first, clean)).await {
                        outgoing.notes.push(format!("the thread's summary is not current: {}", refusal.error));
                    }
                    return Ok(answered);
                }
            }
        }
        let first = self.begin(outgoing, clean).await?;
        let answered = self.post(outgoing, Some(&first)).await?;
        *self.begun.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(answered)
    }

    /// The summary of a new thread.
    async fn begin(&self, outgoing: &Outgoing, clean: &Message) -> Result<Posted, Refusal> {
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, first)) = begun.filter(|(key, _)| *key == clean.idempotency_key) {
            return Ok(first);
        }
        let mut first = Posted::default();
        first.turn(clean.reason);
        let posted = self.api.post(&titled(&outgoing.summary, &first, clean)).await?;
        let first = first.at(posted);
        *self.begun.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((clean.idempotency_key.clone(), first.clone()));
        Ok(first)
    }

    /// The reaction to a conversation that is over. That it failed is no reason to tell anything again.
    async fn celebrate(&self, outgoing: &mut Outgoing, message: &Message, posted: &Posted) {
        let Following::Thread { resolve_emoji: Some(emoji), .. } = &self.following else { return };
        if message.status != Status::Resolved {
            return;
        }
        if let Err(refusal) = self.api.react(posted, emoji).await {
            outgoing.notes.push(format!("no reaction {emoji}: {}", refusal.error));
        }
    }
}

/// The request with attachments instead of blocks; the crate's type of attachments lacks most of what they can have.
fn with_attachments(mut body: Value, parts: &Parts, extras: &Extras, linked: &[Picture]) -> Value {
    if let Some(text) = &extras.message_text {
        body["text"] = json!(text);
    }
    body["attachments"] = json!(attachments(parts, extras, linked));
    body
}

fn in_thread(body: &Value, thread: Option<&Posted>) -> Value {
    let mut body = body.clone();
    if let Some(first) = thread {
        body["channel"] = json!(first.channel);
        body["thread_ts"] = json!(first.root());
    }
    body
}

fn titled(summary: &Value, first: &Posted, clean: &Message) -> Value {
    let mut summary = summary.clone();
    let title = first.summary(clean);
    summary["attachments"][0]["fallback"] = json!(title);
    summary["attachments"][0]["title"] = json!(title);
    summary
}

/// There is nothing left to take off.
fn for_good(refusal: Refusal) -> Refusal {
    let kind = if refusal.error.kind == SendErrorKind::TooLarge { SendErrorKind::Rejected } else { refusal.error.kind };
    Refusal { error: Box::new(SendError { kind, ..*refusal.error }), ..refusal }
}
