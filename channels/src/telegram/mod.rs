//! Telegram, through a bot. A short text stands below its pictures, in one message or album; a long one goes first and the pictures
//! answer it.
//!
//! Deliberately unknown here: HTTP and the words of failures (`client.rs`, `words.rs`), markup (`markup.rs`), pace and repetition.

mod client;
mod config;
mod markup;
mod request;
mod text;
mod words;

use std::sync::{Mutex, PoisonError};

use alerts::{
    message::{Message, Receipt},
    picture::Picture,
    ports::{Channel, Limits, SendError, SendErrorKind},
};
use async_trait::async_trait;
use client::{Client, Failure};
pub use config::Config;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use teloxide::types::{ChatId, Recipient};
use text::{CAPTION, Rendered, TEXT, Text, Texts};
use words::Trouble;

use self::{
    config::Chat,
    request::{Call, To},
};
use crate::config::Strategy;

struct Telegram {
    limits: Limits,
    client: Client,
    chat: Chat,
    topic: Option<i32>,
    silent: bool,
    strategy: Strategy,
    texts: Texts,
    /// A group that became a supergroup has another id: the old one and the new one.
    moved: Mutex<Option<(ChatId, ChatId)>>,
}

/// What is out.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Posted {
    chat: Recipient,
    /// The message with the text; of an album, its first.
    message: Option<i32>,
    /// Whether the text stands below a picture.
    photo: bool,
    /// The first message of the conversation.
    root: Option<i32>,
    /// The pictures that answer the message.
    #[serde(default)]
    pictures: Vec<i32>,
}

impl Posted {
    fn of(receipt: &Receipt) -> Option<Self> {
        Self::deserialize(&receipt.message).ok()
    }
}

/// Telegram's answer to a message: where it is, and what it is called there.
struct Sent {
    chat: Recipient,
    ids: Vec<i32>,
}

impl Sent {
    fn new(chat: Recipient, result: &Value) -> Self {
        let messages = result.as_array().map_or(std::slice::from_ref(result), Vec::as_slice);
        let id = |message: &Value| i32::try_from(message["message_id"].as_i64()?).ok();
        let known = messages.first().and_then(|message| message["chat"]["id"].as_i64());
        let chat = known.map_or(chat, |id| Recipient::Id(ChatId(id)));
        Self { chat, ids: messages.iter().filter_map(id).collect() }
    }
}

/// What went wrong on the side.
#[derive(Default)]
struct Notes(Vec<String>);

impl Notes {
    fn text(&mut self, rendered: Rendered) -> Text {
        self.0.extend(rendered.problem);
        rendered.text
    }

    fn receipt(self, posted: &Posted, pictures_due: bool) -> Receipt {
        let degraded = (!self.0.is_empty()).then(|| self.0.join("; "));
        Receipt { message: json!(posted), pictures_due, degraded }
    }
}

#[async_trait]
impl Channel for Telegram {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let chat = self.chat.read().await.map_err(|why| SendError::new(SendErrorKind::Unauthorised, why))?;
        let chat = self.where_it_is_now(chat);
        let open = previous.and_then(Posted::of).filter(|open| open.chat == chat || is_name(&chat));
        let mut to = self.to(chat, None);
        match (self.strategy, open) {
            (Strategy::Update, Some(open)) => match self.rewrite(&open, message).await {
                Err(failure) if failure.trouble == Trouble::Gone => {}
                done => return done.map_err(|failure| *failure.error),
            },
            (Strategy::Thread, Some(open)) => to.reply_to = open.root.or(open.message),
            _ => {}
        }
        // a rewrite may have found that the group has moved
        to.chat = self.where_it_is_now(to.chat);
        self.tell(message, to).await.map_err(|failure| *failure.error)
    }

    async fn add_pictures(&self, receipt: &Receipt, pictures: &[Picture]) -> Result<Receipt, SendError> {
        let posted = Posted::of(receipt)
            .ok_or_else(|| SendError::new(SendErrorKind::Rejected, "the receipt names no message to answer"))?;
        self.answer_with(posted, pictures, receipt).await.map_err(|failure| *failure.error)
    }
}

impl Telegram {
    /// A message of its own.
    async fn tell(&self, message: &Message, to: To) -> Result<Receipt, Failure> {
        let mut notes = Notes::default();
        let (pictures, odd) = by_shape(&message.pictures);
        let whole = self.texts.whole(message, &odd);
        if !pictures.is_empty() && whole.text.fits(CAPTION) {
            let text = notes.text(whole);
            match self.deliver(Call::Photos(&pictures), Some(&text), &to, &mut notes).await {
                Ok(sent) => return Ok(notes.receipt(&posted(sent, &to, true), false)),
                Err(failure) if failure.trouble == Trouble::Pictures && are_linked(&pictures) => {
                    notes.0.push(format!("pictures as plain links: {}", failure.error.detail));
                    let text = notes.text(self.texts.within(message, &message.pictures, TEXT));
                    let sent = self.deliver(Call::Text, Some(&text), &to, &mut notes).await?;
                    return Ok(notes.receipt(&posted(sent, &to, false), false));
                }
                Err(failure) => return Err(failure),
            }
        }
        let text = notes.text(self.texts.within(message, &odd, TEXT));
        let sent = self.deliver(Call::Text, Some(&text), &to, &mut notes).await?;
        Ok(notes.receipt(&posted(sent, &to, false), !pictures.is_empty()))
    }

    /// The open message with another text and another picture. `update` takes one picture, or one sheet of all of them.
    async fn rewrite(&self, open: &Posted, message: &Message) -> Result<Receipt, Failure> {
        let mut notes = Notes::default();
        let to = self.to(open.chat.clone(), None);
        let id = open.message.ok_or_else(gone)?;
        let (pictures, odd) = by_shape(&message.pictures);
        if !open.photo {
            let text = notes.text(self.texts.within(message, &odd, TEXT));
            self.deliver(Call::EditText(id), Some(&text), &to, &mut notes).await?;
            return Ok(notes.receipt(open, !pictures.is_empty()));
        }
        let text = notes.text(self.texts.within(message, &odd, CAPTION));
        if let Some(picture) = pictures.first() {
            match self.deliver(Call::EditPhoto(id, picture), Some(&text), &to, &mut notes).await {
                Err(failure) if failure.trouble == Trouble::Pictures && are_linked(&pictures) => {
                    notes.0.push(format!("pictures as plain links: {}", failure.error.detail));
                    let text = notes.text(self.texts.within(message, &message.pictures, CAPTION));
                    self.deliver(Call::EditCaption(id), Some(&text), &to, &mut notes).await?;
                }
                done => drop(done?),
            }
        } else {
            self.deliver(Call::EditCaption(id), Some(&text), &to, &mut notes).await?;
        }
        Ok(notes.receipt(open, false))
    }

    /// Pictures in answer to a message; where the conversation is one message, in place of those that answered it before.
    async fn answer_with(&self, open: Posted, all: &[Picture], receipt: &Receipt) -> Result<Receipt, Failure> {
        let mut notes = Notes(receipt.degraded.iter().cloned().collect());
        let chat = self.where_it_is_now(open.chat.clone());
        // in a supergroup, the old group's messages have other ids
        let to = self.to(chat.clone(), open.message.filter(|_| chat == open.chat));
        let (pictures, odd) = by_shape(all);
        // where pictures were due, the text has links to those of an odd shape already
        let Some(picture) = pictures.first() else {
            self.links(&odd, &to, &mut notes).await?;
            return Ok(notes.receipt(&open, false));
        };
        if !odd.is_empty() && !receipt.pictures_due {
            notes.0.push(format!("{} pictures left out: Telegram shows none of their shape", odd.len()));
        }
        if let (Strategy::Update, Some(id)) = (self.strategy, open.pictures.first().filter(|_| chat == open.chat)) {
            match self.deliver(Call::EditPhoto(*id, picture), None, &to, &mut notes).await {
                Err(failure) if failure.trouble == Trouble::Gone => {}
                done => return done.map(|_| notes.receipt(&open, false)),
            }
        }
        match self.deliver(Call::Photos(&pictures), None, &to, &mut notes).await {
            Ok(sent) => Ok(notes.receipt(&Posted { pictures: sent.ids, ..open }, false)),
            Err(failure) if failure.trouble == Trouble::Pictures && are_linked(&pictures) => {
                notes.0.push(format!("pictures as plain links: {}", failure.error.detail));
                self.links(&pictures, &to, &mut notes).await?;
                Ok(notes.receipt(&open, false))
            }
            Err(failure) => Err(failure),
        }
    }

    /// Pictures that Telegram will not show, as a message of links.
    async fn links(&self, pictures: &[Picture], to: &To, notes: &mut Notes) -> Result<(), Failure> {
        let Some(text) = text::links(pictures) else {
            notes.0.push("pictures left out: Telegram shows none of them, and they have no links".to_owned());
            return Ok(());
        };
        self.deliver(Call::Text, Some(&text), to, notes).await.map(drop)
    }

    /// Calls; a text whose markup Telegram cannot read goes out without it, to where a group has moved.
    async fn deliver(&self, call: Call<'_>, text: Option<&Text>, to: &To, notes: &mut Notes) -> Result<Sent, Failure> {
        match (self.call(call, text, to, notes).await, text) {
            (Err(failure), Some(text)) if failure.trouble == Trouble::Entities => {
                notes.0.push(format!("sent without formatting: {}", failure.error.detail));
                self.call(call, Some(&text.plain()), to, notes).await
            }
            (sent, _) => sent,
        }
    }

    async fn call(&self, call: Call<'_>, text: Option<&Text>, to: &To, notes: &mut Notes) -> Result<Sent, Failure> {
        // a second try after a first that found the group moved
        let now = self.where_it_is_now(to.chat.clone());
        let to = if now == to.chat { to.clone() } else { To { chat: now, reply_to: None, ..to.clone() } };
        let request = call.request(text, &to)?;
        let failure = match self.client.call(&request).await {
            Ok(result) => return Ok(Sent::new(to.chat, &result)),
            Err(failure) => failure,
        };
        let (Recipient::Id(old), Some(new)) = (&to.chat, failure.moved_to.map(ChatId)) else { return Err(failure) };
        self.remember(*old, new);
        notes.0.push(format!("the group is a supergroup now: set chat_id to {new}"));
        if request.is_edit() {
            return Err(gone());
        }
        let to = To { chat: Recipient::Id(new), reply_to: None, ..to };
        let result = self.client.call(&call.request(text, &to)?).await?;
        Ok(Sent::new(to.chat, &result))
    }

    const fn to(&self, chat: Recipient, reply_to: Option<i32>) -> To {
        To { chat, topic: self.topic, silent: self.silent, reply_to }
    }

    fn where_it_is_now(&self, chat: Recipient) -> Recipient {
        match *self.moved.lock().unwrap_or_else(PoisonError::into_inner) {
            Some((old, new)) if chat == Recipient::Id(old) => Recipient::Id(new),
            _ => chat,
        }
    }

    fn remember(&self, old: ChatId, new: ChatId) {
        *self.moved.lock().unwrap_or_else(PoisonError::into_inner) = Some((old, new));
    }
}

fn posted(sent: Sent, to: &To, photo: bool) -> Posted {
    let message = sent.ids.first().copied();
    Posted { chat: sent.chat, message, photo, root: to.reply_to.or(message), pictures: Vec::new() }
}

const fn is_name(chat: &Recipient) -> bool {
    matches!(chat, Recipient::ChannelUsername(_))
}

fn gone() -> Failure {
    let error = SendError::new(SendErrorKind::Rejected, "the message is not there any more");
    Failure { error: Box::new(error), trouble: Trouble::Gone, moved_to: None }
}

fn are_linked(pictures: &[Picture]) -> bool {
    pictures.iter().all(|picture| picture.bytes.is_none() && picture.url.is_some())
}

/// The longer side of a photo is at most twenty times the shorter one (<https://core.telegram.org/bots/api#sendphoto>).
const MOST_RATIO: u64 = 20;

/// Pictures that Telegram shows, and those whose shape it refuses.
fn by_shape(pictures: &[Picture]) -> (Vec<Picture>, Vec<Picture>) {
    pictures.iter().cloned().partition(|picture| {
        let (width, height) = (u64::from(picture.record.width), u64::from(picture.record.height));
        width.max(height) <= width.min(height).max(1) * MOST_RATIO
    })
}
