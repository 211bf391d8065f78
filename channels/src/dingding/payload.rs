//! A message as DingTalk wants it (<https://open.dingtalk.com/document/orgapp/custom-bot-send-message-type>), within what it takes.
//!
//! Deliberately unknown here: requests.

use alerts::{
    message::Message,
    ports::TextLimit,
    templates::{Data, TextTemplate},
};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::sending::{
    fullest::{and_more, fullest},
    texts::{self, plain_title},
    truncate::truncate,
    values::{escaped, one_line},
};

/// The longest title: more is not shown.
pub const TITLE: TextLimit = TextLimit::chars(100);

/// The longest request, in bytes (channels-incident.md 3).
pub const BODY: usize = 20_000;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A text that leads to the server when it is touched.
    Link,
    /// A card with a button.
    ActionCard,
    /// Marked text.
    Markdown,
}

/// All templates of a message.
pub struct Texts {
    pub kind: Kind,
    pub title: TextTemplate,
    pub message: TextTemplate,
}

impl Texts {
    /// The request's body, and what failed.
    pub fn payload(&self, message: &Message) -> (Value, Vec<String>) {
        let mut failed = Vec::new();
        let render = |message: &Message, left_out: usize| {
            let clean = escaped(message, |value| self.escape(value));
            let mut texts = texts::Texts::new(&clean, Data::new(&clean));
            let title = one_line(&texts.title(&self.title));
            let body = texts.body(&self.message);
            failed = texts.into_failures();
            self.filled(&clean, &title, body.trim(), left_out)
        };
        let found = fullest(message, render, |payload| payload.to_string().len() <= BODY);
        let bare = || {
            let message = Message { pictures: Vec::new(), ..message.clone() };
            let title = self.escape(&one_line(&plain_title(&message)));
            self.filled(&message, &title, "", message.alerts.len())
        };
        (found.unwrap_or_else(bare), failed)
    }

    fn filled(&self, message: &Message, title: &str, body: &str, left_out: usize) -> Value {
        let title = truncate(title, TITLE);
        // DingTalk takes no empty title and no empty text
        let title = if title.is_empty() { "wirephoto" } else { title.as_ref() };
        let more = and_more(left_out).unwrap_or_default();
        let parts: Vec<String> = match self.kind {
            Kind::Link => vec![body.to_owned(), more],
            Kind::ActionCard => vec![lines(body), more, pictures(message)],
            Kind::Markdown => vec![format!("### {title}"), lines(body), more, pictures(message)],
        };
        let text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
        let text = if text.is_empty() { title.to_owned() } else { text };
        match self.kind {
            Kind::Link => {
                let picture = message.pictures.iter().filter_map(|picture| https(picture.url.as_deref()?)).next();
                let mut link = json!({ "title": title, "text": text, "messageUrl": opened_outside(message) });
                if let Some(picture) = picture {
                    link["picUrl"] = picture.as_str().into();
                }
                json!({ "msgtype": "link", "link": link })
            }
            Kind::ActionCard => json!({ "msgtype": "actionCard", "actionCard": {
                "title": title, "text": text, "singleTitle": "More", "singleURL": opened_outside(message)
            }}),
            Kind::Markdown => json!({ "msgtype": "markdown", "markdown": { "title": title, "text": text } }),
        }
    }

    /// Keeps a value from becoming a tag, a link, a picture or the end of code: what begins them is torn apart with a space that is
    /// not seen. DingTalk knows no escapes.
    fn escape(&self, text: &str) -> String {
        match self.kind {
            Kind::Link => text.to_owned(),
            Kind::ActionCard | Kind::Markdown => {
                text.replace('<', "<\u{200B}").replace("](", "]\u{200B}(").replace('`', "'")
            }
        }
    }
}

/// The text with its lines kept: two spaces before the end of one, without which it is no end.
fn lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let mut kept = String::with_capacity(text.len() + 2 * lines.len());
    for (at, line) in lines.iter().enumerate() {
        kept.push_str(line);
        match lines.get(at + 1) {
            Some(next) if !line.is_empty() && !next.is_empty() => kept.push_str("  \n"),
            Some(_) => kept.push('\n'),
            None => {}
        }
    }
    kept
}

/// The pictures inside of the text; what is not on https is a link only, since clients would not load it.
fn pictures(message: &Message) -> String {
    let shown = message.pictures.iter().filter_map(|picture| {
        let title = one_line(&picture.record.title).replace(['[', ']'], " ");
        let title = if title.trim().is_empty() { "picture" } else { title.trim() };
        let url = picture.url.as_deref()?;
        match https(url) {
            Some(url) => Some(format!("![{title}]({})", in_brackets(url.as_str()))),
            None => Some(format!("[{title}]({})", in_brackets(Url::parse(url).ok()?.as_str()))),
        }
    });
    let mut parts: Vec<String> = shown.collect();
    match message.pictures_left_out {
        0 => {}
        1 => parts.push(format!("[1 more picture]({})", message.external_url)),
        more => parts.push(format!("[{more} more pictures]({})", message.external_url)),
    }
    parts.join("\n\n")
}

fn https(url: &str) -> Option<Url> {
    Url::parse(url).ok().filter(|url| url.scheme() == "https")
}

fn in_brackets(url: &str) -> String {
    url.replace('(', "%28").replace(')', "%29")
}

/// The server's pages, opened in a browser and not inside of DingTalk, as Grafana's receiver does.
fn opened_outside(message: &Message) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("pc_slide", "false")
        .append_pair("url", &message.external_url)
        .finish();
    format!("dingtalk://dingtalkclient/page/link?{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_lines() {
        let check = |text: &str, expected: &str| assert_eq!(lines(text), expected);
        check("a\nb\n\nc", "a  \nb\n\nc");
        check("a  \nb", "a  \nb");
        check("", "");
    }
}
