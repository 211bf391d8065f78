//! A message as a call of `Publish`: parameters, within the service's limits
//! (<https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>).
//!
//! Deliberately unknown here: signatures, requests.

use std::fmt::Write as _;

use alerts::{
    message::Message,
    ports::{SendError, SendErrorKind, TextLimit},
    templates::{Data, TextTemplate},
};
use sha2::{Digest, Sha256};

use crate::sending::{
    fullest::{and_more, fullest},
    texts::{self, plain_title},
    truncate::{length, truncate},
    values::{escaped, one_line},
};

/// The longest message with its attributes, in bytes.
pub const MESSAGE: usize = 262_144;

/// The longest message to a telephone: it comes in up to ten pieces.
pub const SMS: TextLimit = TextLimit::chars(1_600);

/// The longest subject: "less than 100 characters".
pub const SUBJECT: usize = 99;

/// The most attributes: with more, subscriptions that deliver raw messages to queues lose the message.
const ATTRIBUTES: usize = 10;

/// Where messages go.
pub struct Target {
    /// `TopicArn`, `TargetArn` or `PhoneNumber`.
    pub parameter: &'static str,
    /// Its value.
    pub value: TextTemplate,
}

/// All templates of a message.
pub struct Texts {
    pub target: Target,
    pub subject: TextTemplate,
    pub message: TextTemplate,
    pub attributes: Vec<(TextTemplate, TextTemplate)>,
}

/// A call.
pub struct Publish {
    /// Where the message goes.
    pub target: String,
    /// All parameters.
    pub parameters: Vec<(String, String)>,
    /// What went wrong on the side.
    pub failures: Vec<String>,
}

impl Texts {
    /// The call for a message.
    pub fn publish(&self, message: &Message) -> Result<Publish, SendError> {
        let clean = escaped(message, str::to_owned);
        let mut texts = texts::Texts::new(&clean, Data::new(&clean));
        let target = self.target.value.render(&texts.data);
        let target = target.map_err(|why| SendError::new(SendErrorKind::Rejected, why.to_string()))?;
        let target = target.trim().to_owned();
        let subject = texts.option(Some(&self.subject)).map(|subject| ascii(&subject)).unwrap_or_default();
        let mut attributes = self.attributes(&mut texts);
        if self.target.parameter != "PhoneNumber" {
            let room = ATTRIBUTES.saturating_sub(attributes.len() + 1);
            attributes.extend(image_urls(&clean).into_iter().take(room));
        }
        let mut failures = texts.into_failures();
        let text = self.text(message, &attributes, &mut failures);
        if text.is_cut {
            attributes.push(("truncated".to_owned(), "true".to_owned()));
        }
        let mut parameters = vec![
            ("Action".to_owned(), "Publish".to_owned()),
            ("Version".to_owned(), "2010-03-31".to_owned()),
            (self.target.parameter.to_owned(), target.clone()),
            ("Message".to_owned(), text.text),
        ];
        if !subject.is_empty() {
            parameters.push(("Subject".to_owned(), subject));
        }
        for (at, (name, value)) in attributes.into_iter().enumerate() {
            let entry = |part: &str| format!("MessageAttributes.entry.{}.{part}", at + 1);
            parameters.push((entry("Name"), name));
            parameters.push((entry("Value.DataType"), "String".to_owned()));
            parameters.push((entry("Value.StringValue"), value));
        }
        if target.ends_with(".fifo") {
            // what has the same second number is told once within five minutes: a repeated attempt, but not the end of the same group
            parameters.push(("MessageGroupId".to_owned(), message.group_hash()));
            parameters.push(("MessageDeduplicationId".to_owned(), hash(&message.idempotency_key)));
        }
        Ok(Publish { target, parameters, failures })
    }

    /// Those that have a value: the service takes no empty ones.
    fn attributes(&self, texts: &mut texts::Texts<'_>) -> Vec<(String, String)> {
        let all = self.attributes.iter();
        let all = all.filter_map(|(name, value)| Some((texts.option(Some(name))?, texts.option(Some(value))?)));
        all.take(ATTRIBUTES).collect()
    }

    fn text(&self, message: &Message, attributes: &[(String, String)], failures: &mut Vec<String>) -> Text {
        let around: usize = attributes.iter().map(|(name, value)| attribute(name, value)).sum();
        let room = MESSAGE.saturating_sub(around + attribute("truncated", "true"));
        let fits = |text: &String| match self.target.parameter {
            "PhoneNumber" => length(text, SMS.unit) <= SMS.max,
            _ => text.len() <= room,
        };
        let mut failed = Vec::new();
        let mut render = |message: &Message, left_out: usize| {
            let clean = escaped(message, str::to_owned);
            let mut texts = texts::Texts::new(&clean, Data::new(&clean));
            let body = texts.body(&self.message);
            failed = texts.into_failures();
            let parts = [body.trim().to_owned(), and_more(left_out).unwrap_or_default(), pictures(&clean)];
            let text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
            // the service takes no empty message
            if text.is_empty() { plain_title(&clean) } else { text }
        };
        let whole = render(message, 0);
        let found = if fits(&whole) {
            Text { text: whole, is_cut: false }
        } else {
            let short = fullest(message, &mut render, fits);
            let bare = || truncate(&one_line(&plain_title(message)), TextLimit::chars(SUBJECT)).into_owned();
            Text { text: short.unwrap_or_else(bare), is_cut: true }
        };
        failures.append(&mut failed);
        found
    }
}

struct Text {
    text: String,
    is_cut: bool,
}

/// The pictures as lines at the text's end.
fn pictures(message: &Message) -> String {
    let mut lines = String::new();
    for picture in &message.pictures {
        if let Some(url) = &picture.url {
            let name = one_line(&picture.record.title);
            let name = if name.is_empty() { "picture".to_owned() } else { name };
            let _ = writeln!(lines, "{name}: {url}");
        }
    }
    match message.pictures_left_out {
        0 => {}
        1 => drop(writeln!(lines, "1 more picture: {}", message.external_url)),
        more => drop(writeln!(lines, "{more} more pictures: {}", message.external_url)),
    }
    lines.trim_end().to_owned()
}

fn image_urls(message: &Message) -> Vec<(String, String)> {
    let urls = message.pictures.iter().filter_map(|picture| picture.url.clone());
    urls.enumerate().map(|(at, url)| (format!("image_url_{}", at + 1), url)).collect()
}

/// What an attribute takes of the message's room: name, type, value.
fn attribute(name: &str, value: &str) -> usize {
    name.len() + "String".len() + value.len()
}

/// One line of ASCII, as long as a subject may be.
fn ascii(text: &str) -> String {
    let mut line: String = one_line(text).chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
    if line.len() > SUBJECT {
        line.truncate(SUBJECT - 3);
        line = format!("{}...", line.trim_end());
    }
    line
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hash, byte| {
        let _ = write!(hash, "{byte:02x}");
        hash
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn subjects_are_one_line_of_ascii() {
        let check = |text: &str, expected: &str| assert_eq!(ascii(text), expected);
        check("[FIRING:1] Füße\nauf dem\tTisch", "[FIRING:1] F??e auf dem Tisch");
        check(&"x".repeat(99), &"x".repeat(99));
        check(&"x".repeat(100), &format!("{}...", "x".repeat(96)));
        check(" \r\n", "");
    }

    proptest! {
        #[test]
        fn subjects_fit(text in ".{0,300}") {
            let line = ascii(&text);
            prop_assert!(line.len() <= SUBJECT && line.is_ascii() && !line.contains(char::is_control));
        }
    }
}
