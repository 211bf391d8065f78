//! What can be configured of Opsgenie, under Alertmanager's keys, and the channel made of it.
//!
//! Deliberately unknown here: requests.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, Way};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::{
    Opsgenie,
    alert::{self, AlertTexts},
};
use crate::{
    builder::{self, Builder},
    config::{HttpConfig, Images, duration},
    key::Key,
    registry::Integration,
    sending::{Fitted, Vendor},
};

/// Opsgenie's API.
const API: &str = "https://api.opsgenie.com/";

/// What Jira Service Management's addresses have in their path. It is not known to take files.
const JSM: &str = "/jsm/";

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What can be configured of Opsgenie.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told: then the alert is closed.
    pub send_resolved: bool,
    /// The key of an API integration.
    pub api_key: Option<SecretString>,
    /// A file with it.
    pub api_key_file: Option<PathBuf>,
    /// The API; that of another region, or of Jira Service Management.
    pub api_url: Option<String>,
    /// Options of the requests.
    pub http_config: Option<HttpConfig>,
    /// How long a request may take; 0: the default, ten seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// The alert's title.
    pub message: String,
    /// The alert's text.
    pub description: String,
    /// Where it comes from.
    pub source: String,
    /// Pairs beside those of the labels that all alerts share.
    pub details: BTreeMap<String, String>,
    /// What it is about.
    pub entity: Option<String>,
    /// Who is called.
    pub responders: Vec<Responder>,
    /// What can be done, between commas.
    pub actions: Option<String>,
    /// Tags, between commas.
    pub tags: Option<String>,
    /// A note.
    pub note: Option<String>,
    /// `P1` to `P5`; without this key by the alerts' severity.
    pub priority: Option<String>,
    /// Whether an alert that is open already gets the new message and description.
    pub update_alerts: bool,
    /// How pictures are given.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
}

/// Who is called.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Responder {
    /// Its id.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// A user's name.
    pub username: Option<String>,
    /// `team`, `teams` (names between commas), `user`, `escalation` or `schedule`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        let template = |part: &str| format!(r#"{{{{ template "opsgenie.default.{part}" . }}}}"#);
        Self {
            send_resolved: true,
            api_key: None,
            api_key_file: None,
            api_url: None,
            http_config: None,
            timeout: None,
            message: template("message"),
            description: template("description"),
            source: template("source"),
            details: BTreeMap::new(),
            entity: None,
            responders: Vec::new(),
            actions: None,
            tags: None,
            note: None,
            priority: None,
            update_alerts: false,
            images: Images::Auto,
            max_images: None,
        }
    }
}

impl Config {
    /// Everything to `base`.
    pub fn example(base: &str) -> Self {
        Self { api_key: Some("genie-key-secret".into()), api_url: Some(base.to_owned()), ..Self::default() }
    }

    fn key(&self, builder: &mut Builder<'_>) -> Option<Key> {
        if self.api_key.is_some() || self.api_key_file.is_some() {
            return Key::new(builder, "api_key", self.api_key.as_ref(), self.api_key_file.as_ref());
        }
        let globals = builder.context.globals;
        let (inline, file) = (globals.opsgenie_api_key.as_ref(), globals.opsgenie_api_key_file.as_ref());
        if inline.is_none() && file.is_none() {
            return builder.required("api_key", None, "opsgenie_api_key");
        }
        Key::new(builder, "api_key", inline, file)
    }

    /// The API's address with a slash at the end. Grafana's is that of its alerts.
    fn base(&self, builder: &mut Builder<'_>) -> Option<Url> {
        let text = self.api_url.clone().or_else(|| builder.context.globals.opsgenie_api_url.clone());
        let text = text.unwrap_or_else(|| API.to_owned());
        let text = text.trim().trim_end_matches('/');
        builder.url("api_url", &format!("{}/", text.trim_end_matches("/v2/alerts")))
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let (base, key) = (self.base(builder), self.key(builder));
        let texts = AlertTexts::new(self, builder);
        let http = builder.http(self.http_config.as_ref());
        let files =
            base.as_ref().is_none_or(|base| !base.path().contains(JSM)) && !matches!(key, Some(Key::Made { .. }));
        let pictures = builder.pictures(self.images, self.max_images, able(files));
        let timeout = self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT);
        let (base, key) = (base?, key?);
        let limits = Limits {
            title: alert::MESSAGE,
            text: alert::DESCRIPTION,
            pictures,
            // the rate depends on the account, and is said only when it is passed
            pace: Pace { burst: 10, period: Duration::from_millis(500) },
            concurrency: 2,
            // the pauses before it is known what became of a request, and all files one after the other
            timeout: timeout * 6,
            // so that it is known which pictures an open alert has
            editing: Editing { edit: false, thread: false, begins: files },
            send_resolved: self.send_resolved,
            destination: builder::destination(&[&builder::url_destination(&base), &key.identity()]),
            kind: "opsgenie",
        };
        let (http, texts, update_alerts) = (http?, texts?, self.update_alerts);
        Some(Arc::new(Fitted::new(Opsgenie { limits, http, base, key, texts, update_alerts, timeout })))
    }

    fn vendor(&self) -> Vendor {
        super::vendor
    }
}

fn able(files: bool) -> PictureLimits {
    let (ways, late) = match files {
        true => (vec![Way::Attach, Way::Link], LatePictures::Add),
        false => (vec![Way::Link], LatePictures::No),
    };
    PictureLimits {
        ways,
        max_count: 10,
        // no limit is documented; what is refused as too large is linked
        max_bytes: 10_000_000,
        max_total_bytes: 50_000_000,
        max_pixels: (10_000, 10_000),
        formats: &[Format::Png, Format::Jpeg],
        late,
    }
}
