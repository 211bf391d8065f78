//! The inbox: messages are kept in the database and shown on a page of the server, pictures and all.
//!
//! Deliberately unknown here: the page and the database. Pictures go by their names, and the page signs their links anew,
//! so nothing has to fit but their number.

use std::{sync::Arc, time::Duration};

use alerts::{
    message::{Message, Receipt},
    picture::Picture,
    ports::{
        Channel, Editing, Format, Inbox, InboxEntry, InboxPicture, LatePictures, Limits, Pace, PictureLimits,
        SendError, SendErrorKind, StoreError, TextLimit, Way,
    },
    templates::{Data, TextTemplate},
};
use async_trait::async_trait;
use serde::Deserialize;
use serde_json::json;

use crate::{
    builder::{self, Builder},
    config::Images,
    registry::Integration,
    sending::{texts::Texts, truncate::truncate, values},
};

/// What can be configured of an inbox.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// The title of a message.
    pub title: String,
    /// Its text.
    pub text: String,
    /// Whether it has pictures: `none` takes them out, the others are the same here.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            send_resolved: true,
            title: r#"{{ template "inbox.default.title" . }}"#.to_owned(),
            text: r#"{{ template "inbox.default.text" . }}"#.to_owned(),
            images: Images::Auto,
            max_images: None,
        }
    }
}

impl Config {
    /// Nothing of it leaves the house, wherever `base` is.
    pub fn example(_base: &str) -> Self {
        Self::default()
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let (title, text) = (builder.text("title", &self.title), builder.text("text", &self.text));
        let images = if self.images == Images::None { Images::None } else { Images::Link };
        let pictures = builder.pictures(images, self.max_images, able());
        let limits = Limits {
            title: TextLimit::chars(1_000),
            text: TextLimit::chars(100_000),
            pictures,
            pace: Pace { burst: 1, period: Duration::ZERO },
            concurrency: 4,
            timeout: Duration::from_secs(10),
            editing: Editing::default(),
            send_resolved: self.send_resolved,
            destination: builder::destination(&["inbox"]),
            kind: "inbox",
        };
        Some(Arc::new(InboxChannel { limits, title: title?, text: text?, inbox: builder.context.inbox.clone() }))
    }
}

fn able() -> PictureLimits {
    PictureLimits {
        // the nearest to "by name": no bytes are wanted
        ways: vec![Way::Link],
        max_count: 100,
        max_bytes: u64::MAX,
        max_total_bytes: u64::MAX,
        max_pixels: (u32::MAX, u32::MAX),
        formats: &[Format::Png],
        late: LatePictures::Add,
    }
}

struct InboxChannel {
    limits: Limits,
    title: TextTemplate,
    text: TextTemplate,
    inbox: Arc<dyn Inbox>,
}

#[async_trait]
impl Channel for InboxChannel {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let (entry, failures) = self.entry(message);
        let id = self.inbox.keep(entry).await.map_err(failed)?;
        let degraded = (!failures.is_empty()).then(|| failures.join("; "));
        Ok(Receipt { message: json!({ "id": id }), pictures_due: false, degraded })
    }

    async fn add_pictures(&self, receipt: &Receipt, pictures: &[Picture]) -> Result<Receipt, SendError> {
        let id = receipt.message["id"].as_i64();
        let id =
            id.ok_or_else(|| SendError::new(SendErrorKind::Rejected, "the receipt names no message of the inbox"))?;
        self.inbox.add_pictures(id, shown(pictures)).await.map_err(failed)?;
        Ok(Receipt { pictures_due: false, ..receipt.clone() })
    }
}

impl InboxChannel {
    fn entry(&self, message: &Message) -> (InboxEntry, Vec<String>) {
        let clean = values::escaped(message, str::to_owned);
        let mut texts = Texts::new(&clean, Data::new(&clean));
        let title = values::one_line(&texts.title(&self.title));
        let text = texts.body(&self.text);
        let most = if self.limits.pictures.wants_pictures() { self.limits.pictures.max_count } else { 0 };
        let pictures: Vec<_> = shown(&message.pictures[..message.pictures.len().min(most)]);
        let left_out = if most == 0 { 0 } else { message.pictures.len() - pictures.len() };
        let entry = InboxEntry {
            id: None,
            idempotency_key: message.idempotency_key.clone(),
            receiver: message.receiver.clone(),
            group_key: message.group_key.clone(),
            status: message.status,
            title: truncate(&title, self.limits.title).into_owned(),
            text: truncate(text.trim(), self.limits.text).into_owned(),
            group_labels: message.group_labels.clone(),
            at: message.now,
            pictures,
            pictures_left_out: message.pictures_left_out + left_out,
        };
        (entry, texts.into_failures())
    }
}

fn shown(pictures: &[Picture]) -> Vec<InboxPicture> {
    let shown = pictures.iter().map(|picture| InboxPicture {
        id: picture.record.id.clone(),
        title: picture.record.title.clone(),
        alt: picture.record.alt.clone(),
        transition: picture.record.transition,
        width: picture.record.width,
        height: picture.record.height,
    });
    shown.collect()
}

/// The database comes back or it does not: either way the message waits.
fn failed(error: StoreError) -> SendError {
    SendError::new(SendErrorKind::Retry, error.to_string())
}
