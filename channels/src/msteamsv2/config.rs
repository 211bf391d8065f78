//! What can be configured of Teams, under Alertmanager's keys where it has them, and the channel made of it.
//!
//! Deliberately unknown here: cards, requests.

use std::{path::PathBuf, sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, TextLimit, TextUnit, Way};
use secrecy::SecretString;
use serde::Deserialize;

use super::{MOST_BYTES, Teams, entries::Entries, hook::Hook};
use crate::{
    builder::Builder,
    config::{HttpConfig, Images, duration},
    registry::Integration,
    sending::{Fitted, Rehearsed, Reply, Vendor},
};

/// How long a request may take if the configuration says nothing.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

/// The largest file inside of a card: in base64 two thirds of what the card may take.
const MOST_PICTURE_BYTES: u64 = 12 * 1024;

/// What can be configured of Teams.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// The flow's address; a secret, since it is signed.
    pub webhook_url: Option<SecretString>,
    /// A file with it.
    pub webhook_url_file: Option<PathBuf>,
    /// Options of the requests.
    pub http_config: Option<HttpConfig>,
    /// The title.
    pub title: String,
    /// The text; the default shows each alert in a container of its own.
    pub text: String,
    /// What the notification says where no card is shown.
    pub summary: String,
    /// How long a request may take; 0: the default, ten seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// How pictures are given: `link`, or `upload` for one small JPEG inside of the card.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
}

impl Default for Config {
    fn default() -> Self {
        let default = |part: &str| format!(r#"{{{{ template "msteamsv2.default.{part}" . }}}}"#);
        Self {
            send_resolved: true,
            webhook_url: None,
            webhook_url_file: None,
            http_config: None,
            title: default("title"),
            text: default("text"),
            summary: default("title"),
            timeout: None,
            images: Images::Auto,
            max_images: None,
        }
    }
}

impl Config {
    /// Everything to `base`.
    pub fn example(base: &str) -> Self {
        let url = format!("{base}/workflows/flow-secret/triggers/manual/paths/invoke?sig=sig-secret");
        Self { webhook_url: Some(url.into()), ..Self::default() }
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let timeout = self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT);
        let http = self.http_config.as_ref();
        let hook = Hook::new(builder, self.webhook_url.as_ref(), self.webhook_url_file.as_ref(), http, timeout);
        let title = builder.text("title", &self.title);
        let text = builder.text("text", &self.text);
        let summary = builder.text("summary", &self.summary);
        let entries = Entries::new(builder);
        let mut pictures = builder.pictures(self.images, self.max_images, able());
        if pictures.wants_bytes() {
            // there is room for one; more become a contact sheet
            pictures.max_count = pictures.max_count.min(1);
        }
        let (hook, destination) = hook?;
        let limits = Limits {
            title: TextLimit::UNLIMITED,
            text: TextLimit { unit: TextUnit::Bytes, max: MOST_BYTES },
            pictures,
            // four a second, sixty in thirty seconds: what connectors took, and flows take more
            pace: Pace { burst: 4, period: Duration::from_millis(500) },
            concurrency: 2,
            timeout,
            editing: Editing::default(),
            send_resolved: self.send_resolved,
            destination,
            kind: "msteamsv2",
        };
        Some(Arc::new(Fitted::new(Teams { limits, hook, title: title?, text: text?, summary, entries: entries? })))
    }

    fn vendor(&self) -> Vendor {
        accepted
    }
}

/// A flow answers before it has done anything.
fn accepted(_: &Rehearsed) -> Reply {
    Reply { status: 202, body: String::new() }
}

fn able() -> PictureLimits {
    PictureLimits {
        ways: vec![Way::Link, Way::Embed],
        max_count: 10,
        max_bytes: MOST_PICTURE_BYTES,
        max_total_bytes: MOST_PICTURE_BYTES,
        // what cards show at most
        max_pixels: (1_024, 1_024),
        formats: &[Format::Jpeg],
        late: LatePictures::No,
    }
}
