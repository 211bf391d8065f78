//! Webex: the message first, then its pictures, one reply for each: a message can have one file, and one with a file cannot be
//! edited. Later notifications of a group are messages of their own, edit the first, or answer it.
//!
//! Deliberately unknown here: pace and repetition.

mod config;

use std::time::Duration;

use alerts::{
    message::{Message, Receipt},
    picture::Picture,
    ports::{Channel, Limits, SendError, SendErrorKind, TextLimit, TextUnit},
    templates::{Data, TextTemplate},
};
use async_trait::async_trait;
use http::{Method, StatusCode, header::CONTENT_TYPE};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

pub use self::config::Config;
use crate::{
    attachments::link,
    config::Strategy,
    sending::{
        Answer, Http, Redactor, Rehearsed, Reply,
        fitted::degraded,
        fullest::{and_more, fullest},
        markdown,
        multipart::Form,
        texts::Texts,
        truncate::truncate,
        values::{escaped, one_line, plain},
    },
};

/// The longest message (<https://developer.webex.com/docs/api/v1/messages/create-a-message>).
const TEXT: TextLimit = TextLimit { unit: TextUnit::Bytes, max: 7_439 };

/// The most pictures of a message: each is a reply.
const MOST_PICTURES: usize = 4;

/// How often a message can be edited.
const MOST_EDITS: u32 = 10;

struct Webex {
    limits: Limits,
    http: Http,
    url: Url,
    room: TextTemplate,
    text: TextTemplate,
    strategy: Strategy,
    timeout: Duration,
}

/// A message that is out: what a receipt holds.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Posted {
    id: String,
    room: String,
    /// The message that it answers; none: it answers none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    root: Option<String>,
    /// How often it has been edited.
    #[serde(default, skip_serializing_if = "is_zero")]
    edits: u32,
}

#[async_trait]
impl Channel for Webex {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let (text, failures) = self.text(message);
        let room = self.room(message)?;
        let open = previous.and_then(|receipt| Posted::deserialize(&receipt.message).ok());
        let posted = match (self.strategy, open) {
            (Strategy::Update, Some(open)) => self.update(&text, &room, open).await?,
            (Strategy::Thread, Some(open)) => self.answer(&text, &room, &open).await?,
            _ => self.post(&text, &room).await?,
        };
        Ok(Receipt {
            message: json!(posted),
            pictures_due: !message.pictures.is_empty(),
            degraded: (!failures.is_empty()).then(|| failures.join("; ")),
        })
    }

    async fn add_pictures(&self, receipt: &Receipt, pictures: &[Picture]) -> Result<Receipt, SendError> {
        let out = Posted::deserialize(&receipt.message)
            .map_err(|_| SendError::new(SendErrorKind::Rejected, "the receipt names no message to answer"))?;
        let done = Receipt { pictures_due: false, ..receipt.clone() };
        for (at, picture) in pictures.iter().enumerate() {
            match self.reply(&out, picture).await {
                Ok(()) => {}
                // what is shown already would be shown again
                Err(error) if at > 0 => {
                    let left = format!("{} of {} pictures are missing: {error}", pictures.len() - at, pictures.len());
                    return Ok(degraded(done, &[left]));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }
}

impl Webex {
    /// The text with as many alerts as fit; and what went wrong on the side.
    fn text(&self, message: &Message) -> (String, Vec<String>) {
        let render = |part: &Message, left_out: usize| {
            let clean = escaped(part, markdown::escape);
            let mut texts = Texts::new(&clean, Data::new(&clean));
            let mut parts = vec![plain(&texts.body(&self.text)).trim().to_owned()];
            parts.extend([and_more(left_out), markdown::more_pictures(message)].into_iter().flatten());
            (hard_breaks(&parts.join("\n\n")), texts.into_failures())
        };
        fullest(message, render, |(text, _)| text.len() <= TEXT.max).unwrap_or_else(|| {
            let (text, failures) = render(message, 0);
            (truncate(&text, TEXT).into_owned(), failures)
        })
    }

    fn room(&self, message: &Message) -> Result<String, SendError> {
        let room = self.room.render(&Data::new(message)).map(|room| one_line(&room));
        room.map_err(|why| SendError::new(SendErrorKind::Rejected, why.to_string()))
    }

    async fn post(&self, text: &str, room: &str) -> Result<Posted, SendError> {
        let (answer, redactor) = self.ask(Method::POST, None, &json!({ "roomId": room, "markdown": text })).await?;
        Ok(Posted { id: id(&answer, &redactor)?, room: room.to_owned(), root: None, edits: 0 })
    }

    /// Puts the text into the place of the open conversation's; posts a new one if that cannot be done any more.
    async fn update(&self, text: &str, room: &str, open: Posted) -> Result<Posted, SendError> {
        if open.edits >= MOST_EDITS {
            return self.post(text, room).await;
        }
        let body = json!({ "roomId": open.room, "markdown": text });
        let (answer, redactor) = self.ask(Method::PUT, Some(open.root()), &body).await?;
        match answer.status {
            status if status.is_success() => Ok(Posted { edits: open.edits + 1, ..open }),
            // edited too often, deleted, or not ours
            StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => self.post(text, room).await,
            _ => Err(answer.failure(&redactor)),
        }
    }

    /// Answers the open conversation's message; begins anew if that is gone.
    async fn answer(&self, text: &str, room: &str, open: &Posted) -> Result<Posted, SendError> {
        let body = json!({ "roomId": open.room, "parentId": open.root(), "markdown": text });
        let (answer, redactor) = self.ask(Method::POST, None, &body).await?;
        if matches!(answer.status, StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND) {
            return self.post(text, room).await;
        }
        let root = Some(open.root().to_owned());
        Ok(Posted { id: id(&answer, &redactor)?, room: open.room.clone(), root, edits: 0 })
    }

    /// A picture below a message: as a file, or for Webex to fetch.
    async fn reply(&self, to: &Posted, picture: &Picture) -> Result<(), SendError> {
        let title = markdown::escape(&one_line(&picture.record.title));
        let (answer, redactor) = match (&picture.bytes, picture.url.as_deref().and_then(link)) {
            (Some(_), _) => {
                let form =
                    Form::default().text("roomId", &to.room).text("parentId", to.root()).text("markdown", &title);
                let (kind, body) = form.picture("files", picture).finish();
                self.send(Method::POST, None, &kind, body).await?
            }
            (None, Some(url)) => {
                let body = json!({ "roomId": to.room, "parentId": to.root(), "markdown": title, "files": [url] });
                self.ask(Method::POST, None, &body).await?
            }
            (None, None) => {
                return Err(SendError::new(SendErrorKind::Rejected, "the picture has neither file nor link"));
            }
        };
        id(&answer, &redactor).map(drop)
    }

    async fn ask(&self, method: Method, id: Option<&str>, body: &Value) -> Result<(Answer, Redactor), SendError> {
        self.send(method, id, "application/json", body.to_string().into_bytes()).await
    }

    async fn send(
        &self,
        method: Method,
        id: Option<&str>,
        kind: &str,
        body: impl Into<reqwest::Body>,
    ) -> Result<(Answer, Redactor), SendError> {
        let mut url = self.url.clone();
        if let (Some(id), Ok(mut segments)) = (id, url.path_segments_mut()) {
            segments.pop_if_empty().push(id);
        }
        let request = self.http.request(method, url).await?.header(CONTENT_TYPE, kind).body(body);
        let answer = self.http.send(request, self.timeout).await?;
        // asked for now: the token may have been renewed on the way
        Ok((answer, self.http.secrets().await))
    }
}

impl Posted {
    /// The only message of a conversation that can be answered.
    fn root(&self) -> &str {
        self.root.as_deref().unwrap_or(&self.id)
    }
}

/// The id of the message that was made.
fn id(answer: &Answer, redactor: &Redactor) -> Result<String, SendError> {
    if !answer.status.is_success() {
        return Err(answer.failure(redactor));
    }
    let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let id = json.as_ref().and_then(|json| json["id"].as_str());
    let strange = || SendError::new(SendErrorKind::Retry, format!("not Webex's answer: {}", answer.words(redactor)));
    id.map(str::to_owned).ok_or_else(strange)
}

/// Lines stay lines: in Markdown, an end of line is a space unless two spaces stand before it.
fn hard_breaks(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let mut broken = String::with_capacity(text.len() + 2 * lines.len());
    for (at, line) in lines.iter().enumerate() {
        broken.push_str(line);
        let next = lines.get(at + 1);
        if !line.is_empty() && next.is_some_and(|next| !next.is_empty()) {
            broken.push_str("  ");
        }
        if next.is_some() {
            broken.push('\n');
        }
    }
    broken
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// What Webex says when all is well.
fn vendor(_: &Rehearsed) -> Reply {
    Reply::json(&json!({ "id": "Y2lzY29zcGFyazovL3VzL01FU1NBR0UvOTJk", "roomType": "group" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_lines() {
        assert_eq!(hard_breaks("a\nb\n\nc \n- d\n"), "a  \nb\n\nc  \n- d");
        assert_eq!(hard_breaks(""), "");
    }
}
