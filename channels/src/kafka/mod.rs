//! Kafka: one record per notification, in Grafana's form, through a REST proxy or straight to the brokers.
//!
//! The key of a record is that of the group, so that a group's records stay in order and a compacted topic keeps the last of them. Kafka
//! does not drop what is sent twice: the header `notification-id` is the same for all attempts at a notification. Pictures are linked,
//! or are records of their own in `image_topic`, in front of the record that names them.
//!
//! Deliberately unknown here: how records travel (`rest.rs`, `native.rs`), what is in them (`record.rs`).

mod config;
mod native;
mod partition;
mod record;
mod rest;
mod sasl;

use std::time::Duration;

use alerts::{
    message::{Message, Receipt},
    ports::{Channel, Limits, SendError, SendErrorKind},
    templates::{Data, TextTemplate},
};
use async_trait::async_trait;

pub use self::{
    config::{ApiVersion, Compression, Config},
    sasl::{Mechanism, Sasl},
};
use self::{
    native::Native,
    record::{Record, Words, is_topic, of_message, of_picture},
    rest::Rest,
};
use crate::sending::{fullest::fullest, values::escaped};

struct Kafka {
    limits: Limits,
    way: Way,
    topic: TextTemplate,
    image_topic: Option<String>,
    words: Words,
    max_record_bytes: usize,
    /// For all pictures of a message together.
    pictures_timeout: Duration,
}

/// How records travel.
enum Way {
    Rest(Rest),
    Native(Native),
}

/// A way that is open.
enum Session<'a> {
    Rest(&'a Rest),
    Native(Box<native::Session<'a>>),
}

impl Session<'_> {
    async fn put(&self, record: &Record) -> Result<(), SendError> {
        match self {
            Session::Rest(rest) => rest.put(record).await,
            Session::Native(session) => session.put(record).await,
        }
    }
}

#[async_trait]
impl Channel for Kafka {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let topic = self.topic(message)?;
        let session = match &self.way {
            Way::Rest(rest) => Session::Rest(rest),
            Way::Native(native) => Session::Native(Box::new(native.open().await?)),
        };
        let mut message = message.clone();
        let mut problems = self.put_pictures(&session, &mut message).await;
        let (record, failures) = self.record(&topic, &message)?;
        session.put(&record).await?;
        problems.extend(failures);
        Ok(Receipt { degraded: (!problems.is_empty()).then(|| problems.join("; ")), ..Receipt::default() })
    }
}

impl Kafka {
    fn topic(&self, message: &Message) -> Result<String, SendError> {
        let rejected = |why: String| SendError::new(SendErrorKind::Rejected, why);
        let topic = self.topic.render(&Data::new(message)).map_err(|why| rejected(why.to_string()))?;
        let topic = topic.trim().to_owned();
        if is_topic(&topic) { Ok(topic) } else { Err(rejected(format!("kafka_topic comes out as {topic:?}"))) }
    }

    /// The record of a message, of as many alerts as fit.
    fn record(&self, topic: &str, message: &Message) -> Result<(Record, Vec<String>), SendError> {
        let render = |message: &Message, left_out: usize| {
            let clean = escaped(message, str::to_owned);
            of_message(&clean, topic, self.image_topic.as_deref(), &self.words, left_out)
        };
        let fits = |(record, _): &(Record, Vec<String>)| record.size() <= self.max_record_bytes;
        fullest(message, render, fits).ok_or_else(|| {
            let detail = format!("no record fits into max_record_bytes = {}", self.max_record_bytes);
            SendError::new(
                if message.pictures.is_empty() { SendErrorKind::Rejected } else { SendErrorKind::TooLarge },
                detail,
            )
        })
    }

    /// Sends the pictures that are files. One that cannot be sent is linked; says why.
    async fn put_pictures(&self, session: &Session<'_>, message: &mut Message) -> Vec<String> {
        let Some(topic) = &self.image_topic else { return Vec::new() };
        let deadline = tokio::time::Instant::now() + self.pictures_timeout;
        let mut problems = Vec::new();
        for picture in &mut message.pictures {
            let Some(record) = of_picture(picture, topic, &message.idempotency_key, message.now) else { continue };
            let put = tokio::time::timeout_at(deadline, session.put(&record)).await;
            let why = match put {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => error.to_string(),
                Err(_) => "it took too long".to_owned(),
            };
            problems.push(format!("picture {} is not in {topic}: {why}", picture.record.id));
            picture.bytes = None;
        }
        problems
    }
}
