//! What is in a record: Grafana's fields for a message, the file for a picture.
//!
//! Deliberately unknown here: how records travel.

use alerts::{
    Status, Time,
    message::Message,
    picture::Picture,
    templates::{Data, TextTemplate},
};
use bytes::Bytes;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::sending::{files, fullest::and_more, texts::Texts, values::one_line};

/// The texts of a record.
pub struct Words {
    pub description: TextTemplate,
    pub details: TextTemplate,
}

/// A record on its way to a topic.
pub struct Record {
    pub topic: String,
    pub key: String,
    pub content: Content,
    /// The same for all attempts at a notification.
    pub notification_id: String,
    /// When the message was made.
    pub at: Time,
}

/// The value of a record.
pub enum Content {
    Message(Box<Value>),
    File(Bytes),
}

impl Record {
    /// The media type of the value.
    pub fn media_type(&self) -> &'static str {
        match &self.content {
            Content::Message(_) => "application/json",
            Content::File(bytes) => files::mime(bytes),
        }
    }

    /// The headers, by which consumers tell values and repetitions.
    pub fn headers(&self) -> [(&'static str, &str); 2] {
        [("content-type", self.media_type()), ("notification-id", &self.notification_id)]
    }

    /// The value's bytes.
    pub fn value(&self) -> Bytes {
        match &self.content {
            // plain structures of strings always come out
            Content::Message(value) => serde_json::to_vec(value).unwrap_or_default().into(),
            Content::File(bytes) => bytes.clone(),
        }
    }

    /// The size of key and value in bytes.
    pub fn size(&self) -> usize {
        self.key.len() + self.value().len()
    }
}

/// Grafana's fields, in its order; then ours.
#[derive(Serialize)]
pub struct Value {
    description: String,
    client: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    details: String,
    alert_state: &'static str,
    client_url: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contexts: Vec<Context>,
    incident_key: String,
    /// Ours: the same as the header, which v2 of a proxy does not pass on.
    notification_id: String,
}

/// A picture: `type` and `src` are Grafana's, the rest is ours.
#[derive(Serialize)]
struct Context {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    src: Option<String>,
    alt: String,
    alerts: Vec<String>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    file: Option<File>,
}

/// Where a picture's file is.
#[derive(Serialize)]
struct File {
    topic: String,
    key: String,
    mime: &'static str,
    sha256: String,
}

/// The record of a message of which so many alerts were left out, and the templates that failed. The message is escaped; its pictures with
/// bytes are in `image_topic`.
pub fn of_message(
    message: &Message,
    topic: &str,
    image_topic: Option<&str>,
    words: &Words,
    left_out: usize,
) -> (Record, Vec<String>) {
    let mut texts = Texts::new(message, Data::new(message).with_truncated_alerts(left_out));
    let description = one_line(&texts.title(&words.description));
    let mut details = texts.body(&words.details);
    let more = [and_more(left_out), more_pictures(message)];
    for line in more.into_iter().flatten() {
        details = format!("{}\n{line}", details.trim_end());
    }
    let value = Value {
        description,
        client: "wirephoto",
        details: details.trim().to_owned(),
        alert_state: if message.status == Status::Firing { "alerting" } else { "ok" },
        client_url: alerts_url(message),
        contexts: message.pictures.iter().map(|picture| context(picture, image_topic)).collect(),
        incident_key: message.group_hash(),
        notification_id: message.idempotency_key.clone(),
    };
    let record = Record {
        topic: topic.to_owned(),
        key: value.incident_key.clone(),
        content: Content::Message(Box::new(value)),
        notification_id: message.idempotency_key.clone(),
        at: message.now,
    };
    (record, texts.into_failures())
}

/// The record of a picture, if it is a file. Its key is the picture's name: a repetition replaces the same.
pub fn of_picture(picture: &Picture, topic: &str, notification_id: &str, at: Time) -> Option<Record> {
    Some(Record {
        topic: topic.to_owned(),
        key: picture.record.id.to_string(),
        content: Content::File(picture.bytes.clone()?),
        notification_id: notification_id.to_owned(),
        at,
    })
}

/// What Kafka takes for a topic's name.
pub fn is_topic(name: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    (1..=249).contains(&name.len()) && name.chars().all(known) && name != "." && name != ".."
}

fn context(picture: &Picture, image_topic: Option<&str>) -> Context {
    let file = picture.bytes.as_ref().zip(image_topic).map(|(bytes, topic)| File {
        topic: topic.to_owned(),
        key: picture.record.id.to_string(),
        mime: files::mime(bytes),
        sha256: Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
    });
    Context {
        r#type: "image",
        src: picture.url.clone(),
        alt: picture.record.alt.clone(),
        alerts: picture.alerts.iter().map(ToString::to_string).collect(),
        file,
    }
}

fn more_pictures(message: &Message) -> Option<String> {
    match message.pictures_left_out {
        0 => None,
        1 => Some(format!("1 more picture: {}", alerts_url(message))),
        more => Some(format!("{more} more pictures: {}", alerts_url(message))),
    }
}

fn alerts_url(message: &Message) -> String {
    let query =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("receiver", &message.receiver).finish();
    format!("{}/#/alerts?{query}", message.external_url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_have_names_that_kafka_takes() {
        for good in ["alerts", "a.b_c-D9", &"x".repeat(249)] {
            assert!(is_topic(good), "{good}");
        }
        for bad in ["", ".", "..", "a b", "a/b", "ü", &"x".repeat(250)] {
            assert!(!is_topic(bad), "{bad}");
        }
    }
}
