//! What can be configured of Google Chat, under Grafana's keys where it has them, and the channel made of it.
//!
//! Deliberately unknown here: requests.

use std::{path::PathBuf, sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, TextLimit, TextUnit, Way};
use secrecy::SecretString;
use serde::Deserialize;

use super::{GoogleChat, card};
use crate::{
    builder::{self, Builder, exposed},
    config::{HttpConfig, Images, Strategy, duration},
    registry::Integration,
    sending::{Fitted, Vendor},
};

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What can be configured of Google Chat.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// The webhook's address; `key` and `token` in it are the secret.
    pub url: Option<SecretString>,
    /// A file with it.
    pub url_file: Option<PathBuf>,
    /// Options of the requests.
    pub http_config: Option<HttpConfig>,
    /// The title of the card.
    pub title: String,
    /// The text, in the simple HTML of cards.
    pub message: String,
    /// Whether the button that leads to the alerts is left out.
    pub hide_open_button: bool,
    /// How a group's later notifications follow the first.
    pub message_strategy: Strategy,
    /// How pictures are given.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
    /// How long a request may take; 0: the default, ten seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
}

impl Default for Config {
    fn default() -> Self {
        let template = |part: &str| format!(r#"{{{{ template "googlechat.default.{part}" . }}}}"#);
        Self {
            send_resolved: true,
            url: None,
            url_file: None,
            http_config: None,
            title: template("title"),
            message: template("message"),
            hide_open_button: false,
            message_strategy: Strategy::Thread,
            images: Images::Auto,
            max_images: None,
            timeout: None,
        }
    }
}

impl Config {
    /// Everything to `base`.
    pub fn example(base: &str) -> Self {
        let url = format!("{base}/v1/spaces/AAAAexample/messages?key=key-secret&token=token-secret");
        Self { url: Some(url.into()), ..Self::default() }
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let secret = match (&self.url, &self.url_file) {
            (None, None) => builder.required("url", None, ""),
            (inline, file) => builder.secret("url", inline.as_ref(), file.as_ref()),
        };
        let text = exposed(secret.as_ref().and_then(|url| url.read_now().ok()).as_ref());
        let now = text.and_then(|text| builder.url("url", &text));
        if self.message_strategy == Strategy::Update {
            let problem = "\"update\" is not possible: a webhook cannot change its messages; \"thread\" puts them into one thread";
            builder.problem("message_strategy", problem);
        }
        let title = builder.text("title", &self.title);
        let message = builder.text("message", &self.message);
        let http = builder.http(self.http_config.as_ref());
        let threads = self.message_strategy == Strategy::Thread;
        let pictures = builder.pictures(self.images, self.max_images, able(threads));
        let limits = Limits {
            title: TextLimit::chars(card::TITLE),
            text: TextLimit { unit: TextUnit::Bytes, max: card::MESSAGE },
            pictures,
            // one a second in a space, shared by all of its webhooks (https://developers.google.com/workspace/chat/limits)
            pace: Pace { burst: 1, period: Duration::from_secs(1) },
            concurrency: 1,
            timeout: self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT),
            editing: Editing { edit: false, thread: threads, begins: false },
            send_resolved: self.send_resolved,
            destination: builder::url_destination(&now?),
            kind: "googlechat",
        };
        Some(Arc::new(Fitted::new(GoogleChat {
            limits,
            http: http?,
            url: secret?,
            title: title?,
            message: message?,
            has_button: !self.hide_open_button,
            threads,
        })))
    }

    fn vendor(&self) -> Vendor {
        super::vendor
    }
}

/// Pictures that come late go into the message's thread, if it has one.
fn able(threads: bool) -> PictureLimits {
    PictureLimits {
        ways: vec![Way::Link],
        max_count: card::PICTURES,
        max_bytes: u64::MAX,
        max_total_bytes: u64::MAX,
        max_pixels: (u32::MAX, u32::MAX),
        formats: &[Format::Png, Format::Jpeg],
        late: if threads { LatePictures::Add } else { LatePictures::No },
    }
}
