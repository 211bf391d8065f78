//! What can be configured of Webex, Alertmanager's keys and ours, and the channel made of it.
//!
//! Deliberately unknown here: requests.

use std::{sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, Way};
use serde::Deserialize;

use super::{MOST_PICTURES, TEXT, Webex, vendor};
use crate::{
    builder::{self, Builder},
    config::{Authorization, HttpConfig, Images, Strategy, duration},
    registry::Integration,
    sending::{Fitted, Vendor},
};

/// Webex's address for messages.
const API: &str = "https://webexapis.com/v1/messages";

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What can be configured of Webex.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// The address for messages; Webex's own, if nothing else is given here or globally.
    pub api_url: Option<String>,
    /// The room's id.
    pub room_id: String,
    /// The message, in Markdown.
    pub message: String,
    /// Options of the requests; `authorization` holds the bot's token.
    pub http_config: Option<HttpConfig>,
    /// How long a request may take; 0: the default, ten seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// How a group's later notifications follow the first.
    pub message_strategy: Option<Strategy>,
    /// How pictures are given.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            send_resolved: true,
            api_url: None,
            room_id: String::new(),
            message: r#"{{ template "webex.default.message" . }}"#.to_owned(),
            http_config: None,
            timeout: None,
            message_strategy: None,
            images: Images::Auto,
            max_images: None,
        }
    }
}

impl Config {
    /// Everything to `base`.
    pub fn example(base: &str) -> Self {
        let authorization = Authorization { credentials: Some("token-secret".into()), ..Authorization::default() };
        Self {
            api_url: Some(format!("{base}/v1/messages")),
            room_id: "Y2lzY29zcGFyazovL3VzL1JPT00vYmJj".to_owned(),
            http_config: Some(HttpConfig { authorization: Some(authorization), ..HttpConfig::default() }),
            ..Self::default()
        }
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let globals = builder.context.globals;
        let url = self.api_url.clone().or_else(|| globals.webex_api_url.clone());
        let url = builder.url("api_url", url.as_deref().unwrap_or(API));
        let login = self.http_config.as_ref().or(globals.http_config.as_ref());
        let login = login.and_then(|http| http.authorization.as_ref());
        builder.required("http_config.authorization", login, "http_config.authorization");
        let room = builder.required("room_id", Some(self.room_id.trim()).filter(|id| !id.is_empty()), "");
        let room = builder.optional_text("room_id", room);
        let text = builder.text("message", &self.message);
        let http = builder.http(self.http_config.as_ref());
        let pictures = builder.pictures(self.images, self.max_images, able());
        let timeout = self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT);
        let url = url?;
        let limits = Limits {
            title: TEXT,
            text: TEXT,
            pictures,
            // Webex's limits change by themselves; it says when they are reached
            pace: Pace { burst: 5, period: Duration::from_secs(1) },
            concurrency: 1,
            // one request for each picture, after the text
            timeout: timeout * u32::try_from(MOST_PICTURES).unwrap_or(1),
            editing: Editing { edit: true, thread: true, begins: false },
            send_resolved: self.send_resolved,
            destination: builder::destination(&[&builder::url_destination(&url), &self.room_id]),
            kind: "webex",
        };
        let strategy = self.message_strategy.unwrap_or_default();
        let webex = Webex { limits, http: http?, url, room: room?, text: text?, strategy, timeout };
        Some(Arc::new(Fitted::new(webex)))
    }

    fn vendor(&self) -> Vendor {
        vendor
    }
}

fn able() -> PictureLimits {
    PictureLimits {
        ways: vec![Way::Attach, Way::Link],
        max_count: MOST_PICTURES,
        // files may have 100 MB, but only up to 1 MB they are shown
        max_bytes: 1_000_000,
        max_total_bytes: u64::MAX,
        max_pixels: (10_000, 10_000),
        formats: &[Format::Png, Format::Jpeg],
        late: LatePictures::Add,
    }
}
