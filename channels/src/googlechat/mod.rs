//! Google Chat, through a space's webhook: a card in a thread, with pictures that Google fetches.
//!
//! A webhook takes no files and changes no messages. All notifications of a conversation (as long as something in the group
//! fires) go into one thread; the next conversation begins another, because nobody looks into last week's.
//!
//! Deliberately unknown here: what a card looks like (`card.rs`), Chat apps and their tokens.

mod card;
mod config;

use alerts::{
    message::{Message, Receipt},
    picture::Picture,
    ports::{Channel, Limits, SendError, SendErrorKind, TextLimit},
    templates::{Data, TextTemplate},
};
use async_trait::async_trait;
use card::{Arranged, Card, MESSAGE, TITLE};
pub use config::Config;
use http::{Method, header::CONTENT_TYPE};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use crate::{
    config::Secret,
    sending::{
        Answer, Http, Redactor, Rehearsed, Reply,
        classify::classify,
        fullest::{and_more, fullest},
        texts::{Texts, plain_title},
        truncate::truncate,
        values::{escaped, one_line},
    },
};

struct GoogleChat {
    limits: Limits,
    http: Http,
    url: Secret,
    title: TextTemplate,
    message: TextTemplate,
    has_button: bool,
    threads: bool,
}

/// What is remembered of a message.
#[derive(Deserialize, Serialize)]
struct Posted {
    /// The key of its thread.
    thread: Option<String>,
}

#[async_trait]
impl Channel for GoogleChat {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let earlier = previous.and_then(|receipt| Posted::deserialize(&receipt.message).ok()?.thread);
        let thread = self.threads.then(|| earlier.unwrap_or_else(|| begun_by(message)));
        let (title, mut failures) = self.title(message);
        let (payload, failed) = self.payload(message, &title);
        failures.extend(failed);
        self.post(payload, thread.as_deref(), &message.idempotency_key, !message.pictures.is_empty()).await?;
        Ok(Receipt {
            message: json!(Posted { thread }),
            pictures_due: false,
            degraded: (!failures.is_empty()).then(|| failures.join("; ")),
        })
    }

    async fn add_pictures(&self, receipt: &Receipt, pictures: &[Picture]) -> Result<Receipt, SendError> {
        let posted = Posted::deserialize(&receipt.message).ok().filter(|posted| posted.thread.is_some());
        let Some(Posted { thread: Some(thread) }) = posted else {
            return Err(SendError::new(SendErrorKind::Rejected, "the receipt names no thread to add pictures to"));
        };
        let Arranged { sections, lines, missing } = card::arranged(pictures);
        let title = card::titles(pictures);
        let payload = card::message(&Card { title: &title, text: &lines.join("\n"), button: None }, &sections);
        // the same pictures again are the same request
        let ids: Vec<String> = pictures.iter().map(|one| one.record.id.to_string()).collect();
        let request = hash(&[&thread, &ids.join(" ")]);
        if missing < pictures.len() {
            self.post(payload, Some(&thread), &request, true).await?;
        }
        let problem = (missing > 0).then(|| format!("{missing} late pictures could not be added"));
        let degraded: Vec<String> = receipt.degraded.clone().into_iter().chain(problem).collect();
        let degraded = (!degraded.is_empty()).then(|| degraded.join("; "));
        Ok(Receipt { pictures_due: false, degraded, ..receipt.clone() })
    }
}

impl GoogleChat {
    /// Plain text in one line.
    fn title(&self, message: &Message) -> (String, Vec<String>) {
        let plain = escaped(message, str::to_owned);
        let mut texts = Texts::new(&plain, Data::new(&plain));
        let title = one_line(&texts.title(&self.title));
        let title = if title.is_empty() { one_line(&plain_title(&plain)) } else { title };
        // in plain texts this would mention somebody
        let title = title.replace("<users/", "<\u{200B}users/");
        (truncate(&title, TextLimit::chars(TITLE)).into_owned(), texts.into_failures())
    }

    /// As much of the message as fits.
    fn payload(&self, message: &Message, title: &str) -> (Value, Vec<String>) {
        let button = self.button(message);
        let Arranged { sections, lines: notes, missing } = card::arranged(&message.pictures);
        let missing = card::left_out(message.pictures_left_out + missing, &message.external_url);
        let notes: Vec<String> = notes.into_iter().chain(missing).collect();
        let written = |text: &str, left_out: usize| {
            let lines: Vec<String> = and_more(left_out).into_iter().chain(notes.iter().cloned()).collect();
            let text = format!("{}\n\n{}", text.trim(), lines.join("\n"));
            card::message(&Card { title, text: &text, button: button.as_ref() }, &sections)
        };
        let render = |message: &Message, left_out: usize| {
            let (text, failed) = self.text(message);
            (written(&text, left_out), failed)
        };
        let fits = |(payload, _): &(Value, Vec<String>)| payload.to_string().len() <= MESSAGE;
        fullest(message, render, fits).unwrap_or_else(|| {
            let (_, failed) = self.text(message);
            (written("The text is too long for Google Chat.", 0), failed)
        })
    }

    /// A failed template's plain text is escaped as a whole.
    fn text(&self, message: &Message) -> (String, Vec<String>) {
        let plain = escaped(message, str::to_owned);
        let mut texts = Texts::new(&plain, Data::new(&escaped(message, card::escape)));
        let text = texts.body(&self.message);
        let failed = texts.into_failures();
        (if failed.is_empty() { text } else { card::escape(&text) }, failed)
    }

    fn button(&self, message: &Message) -> Option<Url> {
        let mut url = Url::parse(&message.external_url).ok().filter(|_| self.has_button)?;
        let receiver: String = url::form_urlencoded::byte_serialize(message.receiver.as_bytes()).collect();
        url.set_fragment(Some(&format!("/alerts?receiver={receiver}")));
        Some(url).filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
    }

    async fn post(
        &self,
        mut payload: Value,
        thread: Option<&str>,
        request_id: &str,
        with_pictures: bool,
    ) -> Result<(), SendError> {
        let wrong = |why: String| SendError::new(SendErrorKind::Unauthorised, why);
        let text = self.url.read().await.map_err(wrong)?;
        let base = Url::parse(text.expose_secret().trim()).map_err(|why| wrong(format!("url is not a URL: {why}")))?;
        let mut url = base.clone();
        // documented for the method, though not for webhooks by name: a repeated request makes no second message
        url.query_pairs_mut().append_pair("requestId", request_id);
        if let Some(thread) = thread {
            url.query_pairs_mut().append_pair("messageReplyOption", "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD");
            payload["thread"] = json!({"threadKey": thread});
        }
        let request = self.http.request(Method::POST, url).await?;
        let request = request.header(CONTENT_TYPE, "application/json; charset=UTF-8").body(payload.to_string());
        let answer = self.http.send(request, self.limits.timeout).await?;
        // asked for now: the token may have been renewed on the way
        let redactor = self.http.secrets().await.with_url(&base);
        understood(&answer, &redactor, with_pictures)
    }
}

/// The key of the thread that a message begins.
fn begun_by(message: &Message) -> String {
    hash(&[&message.group_hash(), &message.idempotency_key])
}

/// 32 hexadecimal digits.
fn hash(parts: &[&str]) -> String {
    Sha256::digest(parts.join("\n").as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Words {
    error: Option<Trouble>,
}

/// Google's form of errors (<https://cloud.google.com/apis/design/errors>).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Trouble {
    code: u16,
    message: String,
}

/// A success is 2xx with JSON, or nothing, that is no error.
fn understood(answer: &Answer, redactor: &Redactor, with_pictures: bool) -> Result<(), SendError> {
    let words: Result<Words, _> = serde_json::from_slice(&answer.body);
    if answer.status.is_success() && words.is_err() && !answer.body.trim_ascii().is_empty() {
        let detail = format!("not Google Chat's answer: {}", answer.words(redactor));
        return Err(SendError::new(SendErrorKind::Retry, detail));
    }
    let trouble = words.unwrap_or_default().error;
    let mut error = match (&trouble, answer.status.is_success()) {
        (None, true) => return Ok(()),
        (Some(Trouble { code, .. }), true) => {
            let status = http::StatusCode::from_u16(*code).unwrap_or(http::StatusCode::BAD_REQUEST);
            SendError::new(classify(status, &answer.headers), answer.words(redactor))
        }
        (_, false) => answer.failure(redactor),
    };
    // a wrong key is answered with 400
    let is_about_the_key = trouble.is_some_and(|trouble| trouble.message.contains("API key"));
    error.kind = match error.kind {
        SendErrorKind::Rejected if is_about_the_key => SendErrorKind::Unauthorised,
        SendErrorKind::Rejected | SendErrorKind::TooLarge if with_pictures => SendErrorKind::TooLarge,
        SendErrorKind::TooLarge => SendErrorKind::Rejected,
        kind => kind,
    };
    Err(error)
}

/// How Google answers when all is well.
fn vendor(_: &Rehearsed) -> Reply {
    let thread = json!({"name": "spaces/AAAAexample/threads/t1"});
    Reply::json(&json!({"name": "spaces/AAAAexample/messages/t1.m1", "thread": thread}))
}
