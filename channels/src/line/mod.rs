//! LINE, through a bot's push messages: one text, and up to four pictures that LINE's apps fetch by their links. (LINE Notify, which
//! Grafana's integration was made for, is closed.)
//!
//! Each push counts towards the account's monthly quota, per receiver: so nothing is sent in two steps, and late pictures stay out.
//!
//! Deliberately unknown here: HTTP and answers (`api.rs`), pace and repetition.

mod api;
mod config;

use alerts::{
    message::{Message, Receipt},
    picture::Picture,
    ports::{Channel, Limits, SendError, TextLimit, TextUnit},
    templates::{Data, TextTemplate},
};
use api::{Api, Part, Push};
use async_trait::async_trait;
pub use config::Config;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::sending::{
    fullest::{and_more, fullest},
    texts::Texts,
    truncate::{length, truncate},
    values::{escaped, one_line},
};

/// The longest text of a message (<https://developers.line.biz/en/reference/messaging-api/#text-message>).
const TEXT: TextLimit = TextLimit { unit: TextUnit::Utf16, max: 5_000 };

/// A push has five messages, one of them is the text (<https://developers.line.biz/en/reference/messaging-api/#send-push-message>).
const PICTURES: usize = 4;

/// The largest picture, in bytes: our links lead to one file, which has to do for the preview too
/// (<https://developers.line.biz/en/reference/messaging-api/#image-message>).
const PREVIEW: u64 = 1_000_000;

/// The longest address of a picture, in characters.
const PICTURE_URL: usize = 2_000;

/// The longest name of a linked picture.
const LINK_WORDS: TextLimit = TextLimit::chars(100);

struct Line {
    limits: Limits,
    api: Api,
    to: String,
    title: TextTemplate,
    description: TextTemplate,
}

#[async_trait]
impl Channel for Line {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let (shown, linked): (Vec<_>, Vec<_>) = message.pictures.iter().cloned().partition(can_be_shown);
        let (text, problems) = self.text(message, &linked);
        let mut messages = vec![Part::Text { text }];
        messages.extend(
            shown
                .iter()
                .filter_map(|picture| picture.url.clone())
                .map(|url| Part::Image { original_content_url: url.clone(), preview_image_url: url }),
        );
        let push = Push { to: &self.to, messages };
        let sent = self.api.push(&push, &retry_key(&message.idempotency_key)).await?;
        Ok(Receipt {
            message: json!({ "ids": sent }),
            pictures_due: false,
            degraded: (!problems.is_empty()).then(|| problems.join("; ")),
        })
    }
}

impl Line {
    /// The fullest text that fits, and what went wrong while it was made.
    fn text(&self, message: &Message, linked: &[Picture]) -> (String, Vec<String>) {
        let render = |message: &Message, left_out: usize| {
            let clean = escaped(message, str::to_owned);
            let mut texts = Texts::new(&clean, Data::new(&clean));
            let mut lines = vec![one_line(&texts.title(&self.title)), texts.body(&self.description).trim().to_owned()];
            lines.extend(and_more(left_out));
            lines.extend(linked.iter().filter_map(link));
            lines.extend(pictures_left_out(&clean));
            lines.retain(|line| !line.is_empty());
            // LINE takes no message of nothing
            let text = if lines.is_empty() { clean.status.as_str().to_owned() } else { lines.join("\n") };
            (text, texts.into_failures())
        };
        let fits = |rendered: &(String, Vec<String>)| length(&rendered.0, TEXT.unit) <= TEXT.max;
        fullest(message, render, fits).unwrap_or_else(|| {
            let (text, mut problems) = render(message, 0);
            problems.push("the text was too long, and cut".to_owned());
            (truncate(&text, TEXT).into_owned(), problems)
        })
    }
}

/// Whether LINE's apps can show it: over TLS, and small enough for its own preview. Others are linked in the text.
fn can_be_shown(picture: &Picture) -> bool {
    let url = picture.url.as_deref().unwrap_or_default();
    url.starts_with("https://") && url.chars().count() <= PICTURE_URL && picture.record.size <= PREVIEW
}

fn link(picture: &Picture) -> Option<String> {
    let title = one_line(&picture.record.title);
    let words = if title.is_empty() { "Picture".into() } else { truncate(&title, LINK_WORDS) };
    Some(format!("{words}: {}", picture.url.as_deref()?))
}

fn pictures_left_out(message: &Message) -> Option<String> {
    match message.pictures_left_out {
        0 => None,
        1 => Some(format!("1 more picture: {}", message.external_url)),
        more => Some(format!("{more} more pictures: {}", message.external_url)),
    }
}

/// The key under which LINE takes a message only once within a day: a UUID made from ours, as those made from names are.
fn retry_key(idempotency_key: &str) -> String {
    let hash = Sha256::digest(idempotency_key.as_bytes());
    let mut bytes: Vec<u8> = hash.iter().take(16).copied().collect();
    bytes[6] = bytes[6] & 0x0F | 0x50;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_uuids() {
        let key = retry_key("0123456789abcdef0123456789abcdef");
        assert_eq!(key, retry_key("0123456789abcdef0123456789abcdef"));
        assert_ne!(key, retry_key("another"));
        let parts: Vec<usize> = key.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert!(key.as_bytes()[14] == b'5' && b"89ab".contains(&key.as_bytes()[19]), "{key}");
    }
}
