//! What can be configured of Pushover, under Alertmanager's keys, and the channel made of it.
//!
//! Deliberately unknown here: requests.

use std::{path::PathBuf, sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, Way};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{
    Pushover,
    texts::{PushTexts, TEXT, TITLE},
};
use crate::{
    builder::{Builder, destination},
    config::{HttpConfig, Images, Secret, duration},
    registry::Integration,
    sending::{Fitted, Rehearsed, Reply, Vendor},
};

const API: &str = "https://api.pushover.net/1";

/// How long a request may take if the configuration says nothing: some megabytes have to get there.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The largest attachment, in bytes.
const MOST_BYTES: u64 = 5_242_880;

/// How soon an emergency may ring again, and for how long, in seconds.
const RETRY: (u64, u64) = (30, 10_800);

/// What can be configured of Pushover.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// Options of the requests.
    pub http_config: Option<HttpConfig>,
    /// Where the API is.
    pub api_url: String,
    /// Whom to tell: a user's key or a group's. A secret; it may be a template.
    pub user_key: Option<SecretString>,
    /// A file with it.
    pub user_key_file: Option<PathBuf>,
    /// The application's token. A secret; it may be a template.
    pub token: Option<SecretString>,
    /// A file with it.
    pub token_file: Option<PathBuf>,
    /// The title.
    pub title: String,
    /// The text.
    pub message: String,
    /// A link below the text.
    pub url: String,
    /// What the link is called.
    pub url_title: String,
    /// The device to tell; all of the user's without it.
    pub device: String,
    /// The sound to play.
    pub sound: String,
    /// -2 to 2; 2 rings until it is confirmed.
    pub priority: String,
    /// How often an emergency rings: at least every 30 seconds.
    #[serde(deserialize_with = "duration")]
    pub retry: Option<Duration>,
    /// When an emergency stops ringing by itself: after three hours at most.
    #[serde(deserialize_with = "duration")]
    pub expire: Option<Duration>,
    /// When a message vanishes from devices; never without it.
    #[serde(deserialize_with = "duration")]
    pub ttl: Option<Duration>,
    /// Whether the text is HTML, in the few tags that Pushover knows.
    pub html: bool,
    /// Whether the text is shown in letters of one width.
    pub monospace: bool,
    /// How long a request may take; 0: the default, twenty seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// Whether a picture is attached.
    pub images: Images,
    /// 0 or 1; several pictures become a contact sheet.
    pub max_images: Option<usize>,
}

impl Default for Config {
    fn default() -> Self {
        let default = |part: &str| format!(r#"{{{{ template "pushover.default.{part}" . }}}}"#);
        Self {
            send_resolved: true,
            http_config: None,
            api_url: API.to_owned(),
            user_key: None,
            user_key_file: None,
            token: None,
            token_file: None,
            title: default("title"),
            message: default("message"),
            url: default("url"),
            url_title: String::new(),
            device: String::new(),
            sound: String::new(),
            priority: r#"{{ if eq .Status "firing" }}2{{ else }}0{{ end }}"#.to_owned(),
            retry: Some(Duration::from_secs(60)),
            expire: Some(Duration::from_secs(3_600)),
            ttl: None,
            html: false,
            monospace: false,
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
            api_url: format!("{base}/1"),
            user_key: Some("user-secret".into()),
            token: Some("app-secret".into()),
            ..Self::default()
        }
    }

    fn texts(&self, builder: &mut Builder<'_>) -> Option<PushTexts> {
        if self.html && self.monospace {
            builder.problem("monospace", "contradicts html: only one of them may be true");
        }
        let given = |text: &str| Some(text).filter(|text| !text.is_empty()).map(str::to_owned);
        let title = builder.text("title", &self.title);
        let message = builder.text("message", &self.message);
        let html = if self.html { Some(builder.html("message", &self.message)?) } else { None };
        let url = builder.text("url", &self.url);
        let url_title = builder.optional_text("url_title", given(&self.url_title).as_deref());
        let priority = builder.text("priority", &self.priority);
        let sound = builder.optional_text("sound", given(&self.sound).as_deref());
        let device = builder.optional_text("device", given(&self.device).as_deref());
        Some(PushTexts {
            title: title?,
            message: message?,
            html,
            monospace: self.monospace,
            url: url?,
            url_title,
            priority: priority?,
            sound,
            device,
        })
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let user = key(builder, "user_key", self.user_key.as_ref(), self.user_key_file.as_ref());
        let token = key(builder, "token", self.token.as_ref(), self.token_file.as_ref());
        let texts = self.texts(builder);
        let http = builder.http(self.http_config.as_ref());
        let api = builder.url("api_url", &self.api_url);
        let pictures = builder.pictures(self.images, self.max_images, able());
        let (user, token, api) = (user?, token?, api?);
        let timeout = self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT);
        let limits = Limits {
            title: TITLE,
            text: TEXT,
            pictures,
            pace: Pace { burst: 4, period: Duration::from_secs(1) },
            // they ask for no more than two connections
            concurrency: 2,
            // the second request calls off the emergency before
            timeout: timeout * 2,
            // the message before is wanted: it may be an emergency to call off
            editing: Editing { edit: false, thread: false, begins: true },
            send_resolved: self.send_resolved,
            destination: destination(&[api.as_str(), &named(&user), &self.device]),
            kind: "pushover",
        };
        let bounded = |time: Option<Duration>, default: u64| {
            let seconds = time.filter(|time| !time.is_zero()).map_or(default, |time| time.as_secs());
            Duration::from_secs(seconds.clamp(RETRY.0, RETRY.1))
        };
        Some(Arc::new(Fitted::new(Pushover {
            limits,
            http: http?,
            api,
            token,
            user,
            texts: texts?,
            templates: builder.context.templates.clone(),
            retry: bounded(self.retry, 60),
            expire: bounded(self.expire, 3_600),
            ttl: self.ttl.unwrap_or_default(),
            timeout,
        })))
    }

    fn vendor(&self) -> Vendor {
        taken
    }
}

fn key(builder: &mut Builder<'_>, name: &str, inline: Option<&SecretString>, file: Option<&PathBuf>) -> Option<Secret> {
    if inline.is_none() && file.is_none() {
        return builder.required(name, None, "");
    }
    builder.secret(name, inline, file)
}

/// What names the recipient: the key, or the file that holds it, whose content may be renewed.
fn named(user: &Secret) -> String {
    match user {
        Secret::Inline(key) => key.expose_secret().to_owned(),
        Secret::File(path) => path.display().to_string(),
    }
}

/// An emergency has a receipt.
fn taken(request: &Rehearsed) -> Reply {
    let body = String::from_utf8_lossy(&request.body);
    let emergency = body.contains("name=\"priority\"\r\n\r\n2\r\n");
    let mut answer = serde_json::json!({ "status": 1, "request": "647d2300-702c-4b38-8b2f-d56326ae460b" });
    if emergency {
        answer["receipt"] = "rLqVuqTRh62UzxtmqiaLzQmVcPgiCy".into();
    }
    Reply::json(&answer)
}

fn able() -> PictureLimits {
    PictureLimits {
        ways: vec![Way::Attach],
        max_count: 1,
        max_bytes: MOST_BYTES,
        max_total_bytes: MOST_BYTES,
        max_pixels: (10_000, 10_000),
        formats: &[Format::Png, Format::Jpeg],
        late: LatePictures::No,
    }
}
