//! The texts of a message to WeCom, within its limits in bytes; and its pictures as articles.
//!
//! Deliberately unknown here: requests.

use alerts::{
    message::Message,
    picture::Picture,
    ports::{TextLimit, TextUnit},
    templates::{Data, TextTemplate},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::sending::{
    fullest::{and_more, fullest},
    texts::{self, plain_title},
    truncate::truncate,
    values::{escaped, one_line},
};

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Nothing but text.
    Text,
    /// WeCom's part of Markdown.
    Markdown,
}

/// All templates of a message.
pub struct Texts {
    pub kind: Kind,
    pub message: TextTemplate,
    pub recipients: Recipients,
}

/// Whom an application tells.
pub struct Recipients {
    pub user: TextTemplate,
    pub party: TextTemplate,
    pub tag: TextTemplate,
    pub agent: TextTemplate,
}

/// The same for a message; it goes into the receipt, since late pictures go the same way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct To {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub touser: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub toparty: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub totag: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub agentid: String,
}

impl Kind {
    /// The longest text, in bytes.
    pub const fn room(self) -> usize {
        match self {
            Kind::Text => 2_048,
            Kind::Markdown => 4_096,
        }
    }

    /// Keeps a value from becoming a mention, a tag, a link or the end of code: what begins them is torn apart with a space that is
    /// not seen. WeCom knows no escapes.
    fn escape(self, text: &str) -> String {
        let text = text.replace('<', "<\u{200B}");
        match self {
            Kind::Text => text,
            Kind::Markdown => text.replace("](", "]\u{200B}(").replace('`', "'"),
        }
    }
}

impl Texts {
    /// The message's content, and what failed.
    pub fn content(&self, message: &Message) -> (Value, Vec<String>) {
        let mut failed = Vec::new();
        let limit = TextLimit { unit: TextUnit::Bytes, max: self.kind.room() };
        let render = |message: &Message, left_out: usize| {
            let clean = escaped(message, |value| self.kind.escape(value));
            let mut texts = texts::Texts::new(&clean, Data::new(&clean));
            let body = texts.body(&self.message);
            failed = texts.into_failures();
            let parts = [body.trim().to_owned(), and_more(left_out).unwrap_or_default(), self.left_out(message)];
            let text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
            // WeCom takes no empty message
            if text.is_empty() { plain_title(&clean) } else { text }
        };
        let found = fullest(message, render, |text| text.len() <= limit.max);
        let bare = || truncate(&self.kind.escape(&one_line(&plain_title(message))), limit).into_owned();
        (self.body(&found.unwrap_or_else(bare)), failed)
    }

    fn body(&self, content: &str) -> Value {
        match self.kind {
            Kind::Text => json!({ "msgtype": "text", "text": { "content": content } }),
            Kind::Markdown => json!({ "msgtype": "markdown", "markdown": { "content": content } }),
        }
    }

    fn left_out(&self, message: &Message) -> String {
        let words = match message.pictures_left_out {
            0 => return String::new(),
            1 => "1 more picture".to_owned(),
            more => format!("{more} more pictures"),
        };
        match self.kind {
            Kind::Text => format!("{words}: {}", message.external_url),
            Kind::Markdown => format!("[{words}]({})", message.external_url),
        }
    }

    /// Whom the message is for, and what failed.
    pub fn to(&self, message: &Message) -> (To, Vec<String>) {
        let clean = escaped(message, str::to_owned);
        let mut texts = texts::Texts::new(&clean, Data::new(&clean));
        let mut of = |template| texts.option(Some(template)).map(|text| one_line(&text)).unwrap_or_default();
        let r = &self.recipients;
        let to = To { touser: of(&r.user), toparty: of(&r.party), totag: of(&r.tag), agentid: of(&r.agent) };
        (to, texts.into_failures())
    }
}

/// Pictures that are linked, as one message.
pub fn news(pictures: &[Picture]) -> Value {
    let cut = |text: &str, max| truncate(&one_line(text), TextLimit { unit: TextUnit::Bytes, max }).into_owned();
    let articles = pictures.iter().filter_map(|picture| {
        let url = picture.url.as_deref()?;
        let title = cut(&picture.record.title, 128);
        let title = if title.is_empty() { "picture".to_owned() } else { title };
        Some(json!({ "title": title, "description": cut(&picture.record.alt, 512), "url": url, "picurl": url }))
    });
    json!({ "msgtype": "news", "news": { "articles": articles.take(8).collect::<Vec<_>>() } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_begin_no_markup() {
        let check = |kind: Kind, text: &str, expected: &str| assert_eq!(kind.escape(text), expected);
        check(Kind::Text, "<@all> a](b) `c`", "<\u{200B}@all> a](b) `c`");
        check(Kind::Markdown, "<@all> a](b) `c`", "<\u{200B}@all> a]\u{200B}(b) 'c'");
        check(Kind::Markdown, "node_load1 > 5", "node_load1 > 5");
    }
}
