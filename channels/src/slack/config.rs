//! What can be configured of Slack, under Alertmanager's keys where it has them, and the channel made of it.
//!
//! Deliberately unknown here: requests.

use std::{path::PathBuf, sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, TextLimit};
use secrecy::SecretString;
use serde::Deserialize;
use slack_morphism::prelude::SlackClient;
use url::Url;

use super::{Slack, SlackTexts, WAYS, client::Connector, content};
use crate::{
    builder::{self, Builder, exposed},
    config::{HttpConfig, Images, Secret, duration},
    registry::Integration,
    sending::Fitted,
};

/// Slack's Web API.
const API: &str = "https://slack.com/api";

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What can be configured of Slack.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// The Web API's address; `https://slack.com/api`, if nothing else is given here or globally.
    pub api_url: Option<SecretString>,
    /// A file with it.
    pub api_url_file: Option<PathBuf>,
    /// Alertmanager's newer key: the address of `chat.postMessage`.
    pub app_url: Option<String>,
    /// The bot token, `xoxb-…`.
    #[serde(alias = "bot_token")]
    pub app_token: Option<SecretString>,
    /// A file with it.
    #[serde(alias = "bot_token_file")]
    pub app_token_file: Option<PathBuf>,
    /// Options of the requests.
    pub http_config: Option<HttpConfig>,
    /// How long a request may take; 0: the default, ten seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// The channel's name or id.
    pub channel: String,
    /// As whom it is posted; needs the scope `chat:write.customize`.
    pub username: Option<String>,
    /// The same, as `:fire:`.
    pub icon_emoji: Option<String>,
    /// The same, as an address.
    pub icon_url: Option<String>,
    /// Whether `#names` and `@names` in texts become links.
    pub link_names: bool,
    /// Above the title: the place for mentions.
    pub pretext: Option<String>,
    /// The title.
    pub title: String,
    /// Where it leads.
    pub title_link: String,
    /// The text, in Slack's markup.
    pub text: String,
    /// What is shown where the text is not.
    pub fallback: String,
    /// The bar beside the text: `good`, `warning`, `danger` or `#rrggbb`.
    pub color: String,
    /// How pictures are given.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
}

impl Default for Config {
    fn default() -> Self {
        let template = |part: &str| format!(r#"{{{{ template "slack.default.{part}" . }}}}"#);
        Self {
            send_resolved: false,
            api_url: None,
            api_url_file: None,
            app_url: None,
            app_token: None,
            app_token_file: None,
            http_config: None,
            timeout: None,
            channel: String::new(),
            username: None,
            icon_emoji: None,
            icon_url: None,
            link_names: false,
            pretext: None,
            title: template("title"),
            title_link: template("titlelink"),
            text: template("text"),
            fallback: template("fallback"),
            color: template("color"),
            images: Images::Auto,
            max_images: None,
        }
    }
}

impl Config {
    /// Everything to `base`.
    pub fn example(base: &str) -> Self {
        Self {
            send_resolved: true,
            api_url: Some(format!("{base}/api").into()),
            app_token: Some("xoxb-token-secret".into()),
            channel: "#alerts".to_owned(),
            ..Self::default()
        }
    }

    fn secret_token(&self, builder: &mut Builder<'_>) -> Option<Secret> {
        let globals = builder.context.globals;
        if self.app_token.is_some() || self.app_token_file.is_some() {
            return builder.secret("app_token", self.app_token.as_ref(), self.app_token_file.as_ref());
        }
        if globals.slack_app_token.is_none() && globals.slack_app_token_file.is_none() {
            return builder.required("app_token", None, "slack_app_token");
        }
        builder.secret("app_token", globals.slack_app_token.as_ref(), globals.slack_app_token_file.as_ref())
    }

    /// Here before globally, the Web API's address before that of one of its methods.
    fn base(&self, builder: &mut Builder<'_>) -> Option<Url> {
        let globals = builder.context.globals;
        let mut own = |key, inline, file| {
            let secret = builder.secret(key, inline, file)?.read_now().ok();
            exposed(secret.as_ref())
        };
        let text = own("api_url", self.api_url.as_ref(), self.api_url_file.as_ref())
            .or_else(|| self.app_url.clone())
            .or_else(|| globals.slack_app_url.clone())
            .or_else(|| own("api_url", globals.slack_api_url.as_ref(), globals.slack_api_url_file.as_ref()))
            .unwrap_or_else(|| API.to_owned());
        let text = text.trim().trim_end_matches('/').trim_end_matches("/chat.postMessage");
        let url = builder.url("api_url", text)?;
        if url.path().starts_with("/services/") {
            builder.problem(
                "api_url",
                "is that of an incoming webhook, which takes no pictures: leave it out and use a bot token",
            );
            return None;
        }
        Some(url)
    }

    fn texts(&self, builder: &mut Builder<'_>) -> Option<SlackTexts> {
        let username = builder.optional_text("username", self.username.as_deref());
        let icon_emoji = builder.optional_text("icon_emoji", self.icon_emoji.as_deref());
        let icon_url = builder.optional_text("icon_url", self.icon_url.as_deref());
        let pretext = builder.optional_text("pretext", self.pretext.as_deref());
        let title = builder.text("title", &self.title);
        let title_link = builder.text("title_link", &self.title_link);
        let text = builder.text("text", &self.text);
        let fallback = builder.text("fallback", &self.fallback);
        let color = builder.text("color", &self.color);
        Some(SlackTexts {
            username,
            icon_emoji,
            icon_url,
            pretext,
            title: title?,
            title_link,
            text: text?,
            fallback,
            color,
        })
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let token = self.secret_token(builder);
        let base = self.base(builder);
        let name = (!self.channel.trim().is_empty()).then_some(self.channel.trim());
        let channel = builder.required("channel", name, "").and_then(|name| builder.text("channel", name));
        let texts = self.texts(builder);
        let http = builder.http(self.http_config.as_ref());
        let pictures = builder.pictures(self.images, self.max_images, able());
        let timeout = self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT);
        let base = base?;
        let limits = Limits {
            title: TextLimit::chars(content::TITLE),
            text: TextLimit::chars(content::TEXT),
            pictures,
            // one message per second and channel with short bursts (https://docs.slack.dev/apis/web-api/rate-limits)
            pace: Pace { burst: 3, period: Duration::from_secs(1) },
            concurrency: 1,
            // a plain text after a refusal, or all uploads one after the other
            timeout: timeout * 6,
            editing: Editing::default(),
            send_resolved: self.send_resolved,
            destination: builder::destination(&[base.as_str(), &self.channel]),
            kind: "slack",
        };
        let client = SlackClient::new(Connector::new(http?, base, timeout));
        let link_names = self.link_names;
        Some(Arc::new(Fitted::new(Slack {
            limits,
            client,
            token: token?,
            channel: channel?,
            texts: texts?,
            link_names,
        })))
    }
}

fn able() -> PictureLimits {
    PictureLimits {
        ways: WAYS.to_vec(),
        // ten make a gallery that is still looked at; Slack names no limit for one complete call
        max_count: 10,
        // a workspace may set a lower limit, which it says when it refuses
        max_bytes: 20_000_000,
        max_total_bytes: 100_000_000,
        max_pixels: (10_000, 10_000),
        formats: &[Format::Png, Format::Jpeg],
        late: LatePictures::Add,
    }
}
