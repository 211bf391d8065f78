//! Microsoft Teams's retired connectors: the card that they took, for what still speaks their language (relays, old servers).
//!
//! Microsoft has switched off the connectors of Office 365; `msteamsv2` is for flows, which took their place. The server warns of
//! this section at each load.
//!
//! Deliberately unknown here: adaptive cards. Address, answers and escapes are those of `msteamsv2`.

use std::{path::PathBuf, sync::Arc, time::Duration};

use alerts::{
    Status,
    message::{Message, Receipt},
    picture::Picture,
    ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, SendError, TextLimit, TextUnit, Way},
    templates::{Data, TextTemplate},
};
use async_trait::async_trait;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{
    builder::Builder,
    config::{HttpConfig, Images, duration},
    msteamsv2::{
        MOST_BYTES, TIMEOUT,
        hook::Hook,
        markdown::{self, link},
    },
    registry::Integration,
    sending::{
        Fitted, Rehearsed, Reply, Vendor,
        fullest::{and_more, fullest},
        texts::{Texts, plain_title},
        truncate::truncate,
        values::{escaped, one_line},
    },
};

/// The longest title where nothing else fits.
const LAST_TITLE: TextLimit = TextLimit::chars(500);

/// What can be configured of a connector: Alertmanager's keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// The connector's address; a secret.
    pub webhook_url: Option<SecretString>,
    /// A file with it.
    pub webhook_url_file: Option<PathBuf>,
    /// Options of the requests.
    pub http_config: Option<HttpConfig>,
    /// The title.
    pub title: String,
    /// What the notification says.
    pub summary: String,
    /// The text.
    pub text: String,
    /// How long a request may take; 0: the default, ten seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// Whether pictures are linked.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
}

impl Default for Config {
    fn default() -> Self {
        let default = |part: &str| format!(r#"{{{{ template "msteams.default.{part}" . }}}}"#);
        Self {
            send_resolved: true,
            webhook_url: None,
            webhook_url_file: None,
            http_config: None,
            title: default("title"),
            summary: default("summary"),
            text: default("text"),
            timeout: None,
            images: Images::Auto,
            max_images: None,
        }
    }
}

impl Config {
    /// Everything to `base`.
    pub fn example(base: &str) -> Self {
        let url = format!("{base}/webhookb2/group-secret/IncomingWebhook/path-secret");
        Self { webhook_url: Some(url.into()), ..Self::default() }
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let timeout = self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT);
        let http = self.http_config.as_ref();
        let hook = Hook::new(builder, self.webhook_url.as_ref(), self.webhook_url_file.as_ref(), http, timeout);
        let title = builder.text("title", &self.title);
        let summary = builder.text("summary", &self.summary);
        let text = builder.text("text", &self.text);
        let pictures = builder.pictures(self.images, self.max_images, able());
        let (hook, destination) = hook?;
        let limits = Limits {
            title: TextLimit::UNLIMITED,
            text: TextLimit { unit: TextUnit::Bytes, max: MOST_BYTES },
            pictures,
            pace: Pace { burst: 4, period: Duration::from_millis(500) },
            concurrency: 2,
            timeout,
            editing: Editing::default(),
            send_resolved: self.send_resolved,
            destination,
            kind: "msteams",
        };
        Some(Arc::new(Fitted::new(Connector { limits, hook, title: title?, summary: summary?, text: text? })))
    }

    fn vendor(&self) -> Vendor {
        one
    }
}

/// A connector's word for success.
fn one(_: &Rehearsed) -> Reply {
    Reply::ok("1")
}

fn able() -> PictureLimits {
    PictureLimits {
        ways: vec![Way::Link],
        max_count: 10,
        max_bytes: u64::MAX,
        max_total_bytes: u64::MAX,
        max_pixels: (u32::MAX, u32::MAX),
        formats: &[Format::Png, Format::Jpeg],
        late: LatePictures::No,
    }
}

struct Connector {
    limits: Limits,
    hook: Hook,
    title: TextTemplate,
    summary: TextTemplate,
    text: TextTemplate,
}

/// <https://learn.microsoft.com/outlook/actionable-messages/message-card-reference>; Alertmanager writes `type`, so both are there.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageCard {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(rename = "type")]
    kind_again: &'static str,
    title: String,
    summary: String,
    text: String,
    theme_color: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sections: Vec<Section>,
}

#[derive(Debug, Serialize)]
struct Section {
    images: Vec<Image>,
}

#[derive(Debug, Serialize)]
struct Image {
    image: String,
    title: String,
}

#[async_trait]
impl Channel for Connector {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let mut failures = Vec::new();
        let render = |shown: &Message, left_out| {
            let (card, failed) = self.card(shown, left_out);
            failures = failed;
            json(&card)
        };
        let json = fullest(message, render, |json| json.len() <= MOST_BYTES).unwrap_or_else(|| last_resort(message));
        self.hook.post(json, !message.pictures.is_empty()).await?;
        Ok(Receipt { degraded: (!failures.is_empty()).then(|| failures.join("; ")), ..Receipt::default() })
    }
}

impl Connector {
    fn card(&self, shown: &Message, left_out: usize) -> (MessageCard, Vec<String>) {
        let clean = escaped(shown, markdown::escape);
        let mut texts = Texts::new(&clean, Data::new(&clean).with_truncated_alerts(left_out));
        let title = one_line(&texts.title(&self.title));
        let summary = markdown::unescape(&one_line(&texts.title(&self.summary)));
        let mut text = texts.body(&self.text);
        for words in and_more(left_out).into_iter().chain(more_pictures(shown.pictures_left_out)) {
            text += &format!("\n\n{}", link(&words, &shown.external_url));
        }
        let images: Vec<Image> = shown.pictures.iter().filter_map(image).collect();
        let sections = if images.is_empty() { Vec::new() } else { vec![Section { images }] };
        (MessageCard { sections, ..MessageCard::new(title, summary, text, shown.status) }, texts.into_failures())
    }
}

impl MessageCard {
    fn new(title: String, summary: String, text: String, status: Status) -> Self {
        let theme_color = match status {
            Status::Firing => "8C1A1A",
            Status::Resolved => "2DC72D",
        };
        let (context, kind) = ("http://schema.org/extensions", "MessageCard");
        Self { context, kind, kind_again: kind, title, summary, text, theme_color, sections: Vec::new() }
    }
}

fn image(picture: &Picture) -> Option<Image> {
    Some(Image { image: picture.url.clone()?, title: one_line(&picture.record.title) })
}

fn more_pictures(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 more picture".to_owned()),
        more => Some(format!("{more} more pictures")),
    }
}

/// The title alone, if a text by itself is longer than a message.
fn last_resort(message: &Message) -> String {
    let title = truncate(&one_line(&plain_title(message)), LAST_TITLE).into_owned();
    json(&MessageCard::new(markdown::escape(&title), title, message.external_url.clone(), message.status))
}

fn json(card: &MessageCard) -> String {
    serde_json::to_string(card).unwrap_or_default()
}
