//! What can be configured of Discord, under Alertmanager's keys where it has them, and the channel made of it.
//!
//! Deliberately unknown here: requests.

use std::{path::PathBuf, sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, TextLimit, Way};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::{Discord, look, texts::DiscordTexts, texts::is_id, webhook};
use crate::{
    builder::{self, Builder, exposed},
    config::{HttpConfig, Images, Secret, Strategy, duration},
    registry::Integration,
    sending::{Fitted, Vendor},
};

/// How long a request may take if the configuration says nothing: ten pictures take a while.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The most requests of one send: an edit that fails, a new message, the same as plain text.
const REQUESTS: u32 = 3;

/// What can be configured of Discord.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// The webhook's address; its path is the secret.
    pub webhook_url: Option<SecretString>,
    /// A file with it.
    pub webhook_url_file: Option<PathBuf>,
    /// Options of the requests.
    pub http_config: Option<HttpConfig>,
    /// Above the embed: the place for mentions.
    pub content: String,
    /// The title.
    pub title: String,
    /// Where it leads.
    pub title_link: String,
    /// The text, in Discord's Markdown.
    pub message: String,
    /// As whom it is posted.
    pub username: Option<String>,
    /// The same, as a picture's address.
    pub avatar_url: Option<String>,
    /// The thread that messages go into.
    pub thread_id: Option<String>,
    /// In a forum: the name of the thread that messages begin.
    pub thread_name: Option<String>,
    /// How a group's later notifications follow the first.
    pub message_strategy: Option<Strategy>,
    /// How pictures are given.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
    /// How long a request may take; 0: the default, twenty seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
}

impl Default for Config {
    fn default() -> Self {
        let template = |part: &str| format!(r#"{{{{ template "discord.default.{part}" . }}}}"#);
        Self {
            send_resolved: true,
            webhook_url: None,
            webhook_url_file: None,
            http_config: None,
            content: template("content"),
            title: template("title"),
            title_link: r#"{{ template "__alertmanagerURL" . }}"#.to_owned(),
            message: template("message"),
            username: None,
            avatar_url: None,
            thread_id: None,
            thread_name: None,
            message_strategy: None,
            images: Images::Auto,
            max_images: None,
            timeout: None,
        }
    }
}

impl Config {
    /// Everything to `base`.
    pub fn example(base: &str) -> Self {
        let url = format!("{base}/api/webhooks/1100000000000000001/token-secret");
        Self { webhook_url: Some(url.into()), ..Self::default() }
    }

    fn url(&self, builder: &mut Builder<'_>) -> Option<(Secret, Url)> {
        if self.webhook_url.is_none() && self.webhook_url_file.is_none() {
            return builder.required("webhook_url", None, "");
        }
        let secret = builder.secret("webhook_url", self.webhook_url.as_ref(), self.webhook_url_file.as_ref())?;
        let url = builder.url("webhook_url", &exposed(secret.read_now().ok().as_ref())?)?;
        let last = url.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        if matches!(last, "slack" | "github") {
            let problem = format!("ends with /{last}, which takes other messages than Discord's own: leave that out");
            builder.problem("webhook_url", problem);
            return None;
        }
        Some((secret, url))
    }

    fn check_threads(&self, builder: &mut Builder<'_>) {
        if self.thread_id.is_some() && self.thread_name.is_some() {
            builder.problem("thread_name", "only one of thread_id and thread_name may be given");
        }
        if self.thread_id.as_deref().is_some_and(|id| !id.contains("{{") && !is_id(id.trim())) {
            builder.problem("thread_id", "must be the thread's number");
        }
        if self.message_strategy == Some(Strategy::Thread) && self.thread_name.is_none() {
            let problem = "\"thread\" needs thread_name: a webhook can begin a thread only in a forum; \
                           for a thread that is there already give thread_id";
            builder.problem("message_strategy", problem);
        }
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let url = self.url(builder);
        self.check_threads(builder);
        let texts = DiscordTexts::new(self, builder);
        let http = builder.http(self.http_config.as_ref());
        let pictures = builder.pictures(self.images, self.max_images, able());
        let (secret, url) = url?;
        let timeout = self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT);
        let thread = self.thread_id.as_deref().unwrap_or_default();
        let limits = Limits {
            title: TextLimit::chars(look::TITLE),
            text: TextLimit::chars(look::DESCRIPTION),
            pictures,
            // Discord names no fixed rate (https://discord.com/developers/docs/topics/rate-limits); this one has been seen to hold
            pace: Pace { burst: 5, period: Duration::from_secs(2) },
            concurrency: 1,
            timeout: timeout * REQUESTS,
            editing: Editing { edit: true, thread: self.thread_name.is_some(), begins: false },
            send_resolved: self.send_resolved,
            destination: builder::destination(&[&builder::url_destination(&url), thread]),
            kind: "discord",
        };
        let webhook = webhook::Webhook { http: http?, url: secret, timeout };
        let strategy = self.message_strategy.unwrap_or_default();
        Some(Arc::new(Fitted::new(Discord { limits, webhook, texts: texts?, strategy })))
    }

    fn vendor(&self) -> Vendor {
        webhook::vendor
    }
}

fn able() -> PictureLimits {
    PictureLimits {
        ways: vec![Way::Embed, Way::Link],
        max_count: look::EMBEDS,
        // https://discord.com/developers/docs/reference#uploading-files: 10 MiB a file, 25 MiB a request
        max_bytes: 10 << 20,
        max_total_bytes: 24 << 20,
        max_pixels: (8_192, 8_192),
        formats: &[Format::Png, Format::Jpeg],
        late: LatePictures::Add,
    }
}
