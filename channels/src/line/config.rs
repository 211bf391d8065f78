//! What can be configured of LINE, and the channel made of it. Alertmanager has no such integration; `title`, `description` and `token`
//! are Grafana's keys.
//!
//! Deliberately unknown here: requests.

use std::{path::PathBuf, sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, Way};
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    Line, PICTURES, TEXT,
    api::{self, Api},
};
use crate::{
    builder::{self, Builder},
    config::{HttpConfig, Images, Secret, duration},
    registry::Integration,
    sending::{Fitted, Vendor},
};

/// LINE's Messaging API.
const API: &str = "https://api.line.me";

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What can be configured of LINE.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// The id of a user, a group or a room.
    pub to: String,
    /// The channel's access token.
    #[serde(alias = "token")]
    pub channel_access_token: Option<SecretString>,
    /// A file with it.
    #[serde(alias = "token_file")]
    pub channel_access_token_file: Option<PathBuf>,
    /// The first line.
    pub title: String,
    /// The text below it.
    pub description: String,
    /// The Messaging API's address.
    pub api_url: String,
    /// Options of the requests.
    pub http_config: Option<HttpConfig>,
    /// How long a request may take; 0: the default, ten seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// How pictures are given.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            send_resolved: true,
            to: String::new(),
            channel_access_token: None,
            channel_access_token_file: None,
            title: r#"{{ template "default.title" . }}"#.to_owned(),
            description: r#"{{ template "default.message" . }}"#.to_owned(),
            api_url: API.to_owned(),
            http_config: None,
            timeout: None,
            images: Images::Auto,
            max_images: None,
        }
    }
}

impl Config {
    /// Everything to `base`.
    pub fn example(base: &str) -> Self {
        Self {
            to: "C4af4980629bc5e0e7b1a4f1d2c3b4a59".to_owned(),
            channel_access_token: Some("line-token-secret".into()),
            api_url: base.to_owned(),
            ..Self::default()
        }
    }

    fn token(&self, builder: &mut Builder<'_>) -> Option<Secret> {
        let (inline, file) = (self.channel_access_token.as_ref(), self.channel_access_token_file.as_ref());
        if inline.is_none() && file.is_none() {
            return builder.required("channel_access_token", None, "");
        }
        builder.secret("channel_access_token", inline, file)
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let to = Some(self.to.trim()).filter(|to| !to.is_empty());
        let to = builder.required("to", to, "");
        let token = self.token(builder);
        let base = builder.url("api_url", &self.api_url);
        let (title, description) = (builder.text("title", &self.title), builder.text("description", &self.description));
        let http = builder.http(self.http_config.as_ref());
        let pictures = builder.pictures(self.images, self.max_images, able());
        let timeout = self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT);
        let (to, base) = (to?, base?);
        let limits = Limits {
            title: TEXT,
            text: TEXT,
            pictures,
            // two thousand requests per second are no limit of ours
            pace: Pace { burst: 1, period: Duration::ZERO },
            concurrency: 1,
            // with pictures, without them, and two questions about the quota
            timeout: (timeout * 4).min(Duration::from_secs(120)),
            editing: Editing::default(),
            send_resolved: self.send_resolved,
            destination: builder::destination(&[base.as_str(), to]),
            kind: "line",
        };
        let api = Api { http: http?, base, token: token?, timeout };
        let line = Line { limits, api, to: to.to_owned(), title: title?, description: description? };
        Some(Arc::new(Fitted::new(line)))
    }

    fn vendor(&self) -> Vendor {
        api::vendor
    }
}

fn able() -> PictureLimits {
    PictureLimits {
        ways: vec![Way::Link],
        max_count: PICTURES,
        max_bytes: u64::MAX,
        max_total_bytes: u64::MAX,
        max_pixels: (u32::MAX, u32::MAX),
        formats: &[Format::Png, Format::Jpeg],
        late: LatePictures::No,
    }
}
