//! What can be configured of Slack, under Alertmanager's keys where it has them, and the channel made of it.
//!
//! Deliberately unknown here: requests.

use std::{path::PathBuf, sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, TextLimit, Way};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use slack_morphism::prelude::SlackClient;
use url::Url;

use super::{Slack, WAYS, client::Connector, content, hook::Hook, texts::SlackTexts};
use crate::{
    builder::{self, Builder, exposed},
    config::{HttpConfig, Images, Secret, Strategy, duration},
    registry::Integration,
    sending::{Fitted, Vendor},
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
    /// An incoming webhook's address, or the Web API's; `https://slack.com/api`, if nothing else is given here or globally.
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
    pub pretext: String,
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
    /// The message's own text, above the attachment.
    pub message_text: Option<String>,
    /// Pairs below the text.
    pub fields: Vec<Field>,
    /// Whether fields stand beside each other unless they say otherwise.
    pub short_fields: bool,
    /// Below everything.
    pub footer: String,
    /// What buttons come back with.
    pub callback_id: String,
    /// An image of the user's own.
    pub image_url: Option<String>,
    /// A small one at the side.
    pub thumb_url: Option<String>,
    /// The texts in which Slack's markup counts.
    pub mrkdwn_in: Vec<String>,
    /// Buttons.
    pub actions: Vec<Action>,
    /// How a group's later notifications follow the first.
    pub message_strategy: Option<Strategy>,
    /// The older form of `message_strategy = "update"`.
    pub update_message: bool,
    /// How threads look.
    pub threaded_options: Option<ThreadedOptions>,
    /// How pictures are given.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
}

/// A pair below the text.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Field {
    /// Its name.
    pub title: String,
    /// Its value.
    pub value: String,
    /// Whether it stands beside others.
    pub short: Option<bool>,
}

/// A button.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Action {
    /// `button`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What stands on it.
    pub text: String,
    /// Where it leads.
    pub url: Option<String>,
    /// `default`, `primary` or `danger`.
    pub style: Option<String>,
    /// What it is called to whoever handles it.
    pub name: Option<String>,
    /// What it says to whoever handles it.
    pub value: Option<String>,
    /// What is asked first.
    pub confirm: Option<Confirm>,
}

/// What is asked before a button counts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Confirm {
    /// The question.
    pub text: String,
    /// Above it.
    pub title: Option<String>,
    /// Yes.
    pub ok_text: Option<String>,
    /// No.
    pub dismiss_text: Option<String>,
}

/// How threads look.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ThreadedOptions {
    /// The reaction that the first message gets when all is over.
    pub resolve_emoji: Option<String>,
    /// Whether the first message is a summary.
    pub use_summary_header: Option<bool>,
    /// How it looks.
    pub summary_header: Option<SummaryHeader>,
}

/// How a thread's summary looks.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SummaryHeader {
    /// Its colour when all is over.
    pub resolve_color: Option<String>,
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
            pretext: template("pretext"),
            title: template("title"),
            title_link: template("titlelink"),
            text: template("text"),
            fallback: template("fallback"),
            color: template("color"),
            message_text: None,
            fields: Vec::new(),
            short_fields: false,
            footer: template("footer"),
            callback_id: template("callbackid"),
            image_url: None,
            thumb_url: None,
            mrkdwn_in: Vec::new(),
            actions: Vec::new(),
            message_strategy: None,
            update_message: false,
            threaded_options: None,
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

    /// Where messages go, and how we are known there.
    fn place(&self, builder: &mut Builder<'_>) -> Option<Place> {
        let globals = builder.context.globals;
        let own_token = self.app_token.is_some() || self.app_token_file.is_some();
        let own_url = self.api_url.is_some() || self.api_url_file.is_some();
        let global_token = globals.slack_app_token.is_some() || globals.slack_app_token_file.is_some();
        let global_url = globals.slack_api_url.is_some() || globals.slack_api_url_file.is_some();
        let url = match (own_url, global_url) {
            (true, _) => {
                let url = builder.secret("api_url", self.api_url.as_ref(), self.api_url_file.as_ref());
                Some(url?)
            }
            (false, true) if !own_token || global_token => {
                let (inline, file) = (globals.slack_api_url.as_ref(), globals.slack_api_url_file.as_ref());
                Some(builder.secret("api_url", inline, file)?)
            }
            _ => None,
        };
        let text = exposed(url.as_ref().and_then(|url| url.read_now().ok()).as_ref());
        let is_hook = text.as_ref().is_some_and(|text| !is_web_api(text));
        match (url, is_hook) {
            (Some(url), true) if !own_token && (own_url || !global_token) => {
                builder.url("api_url", &text.unwrap_or_default())?;
                Some(Place::Hook(url))
            }
            (Some(_), true) if own_url => {
                builder.problem("api_url", "is that of an incoming webhook: only one of it and app_token may be given");
                None
            }
            (_, is_hook) => {
                let token = self.token(builder);
                let base = self.base(builder, text.filter(|_| !is_hook));
                Some(Place::Api(base?, token?))
            }
        }
    }

    /// The bot token: here, as credentials beside the address of `chat.postMessage` (Alertmanager's older way), globally.
    fn token(&self, builder: &mut Builder<'_>) -> Option<Secret> {
        let globals = builder.context.globals;
        if self.app_token.is_some() || self.app_token_file.is_some() {
            return builder.secret("app_token", self.app_token.as_ref(), self.app_token_file.as_ref());
        }
        let http = self.http_config.as_ref().or(globals.http_config.as_ref());
        if let Some(login) = http.and_then(|http| http.authorization.as_ref()) {
            let (inline, file) = (login.credentials.as_ref(), login.credentials_file.as_ref());
            if inline.is_some() || file.is_some() {
                return builder.secret("http_config.authorization.credentials", inline, file);
            }
        }
        if globals.slack_app_token.is_none() && globals.slack_app_token_file.is_none() {
            return builder.required("app_token", None, "slack_app_token");
        }
        builder.secret("app_token", globals.slack_app_token.as_ref(), globals.slack_app_token_file.as_ref())
    }

    /// Here before globally, the Web API's address before that of one of its methods.
    fn base(&self, builder: &mut Builder<'_>, api_url: Option<String>) -> Option<Url> {
        let own_url = self.api_url.is_some() || self.api_url_file.is_some();
        let app_url = self.app_url.clone().or_else(|| builder.context.globals.slack_app_url.clone());
        let (key, text) = match (api_url, app_url) {
            (Some(url), _) if own_url => ("api_url", url),
            (_, Some(url)) => ("app_url", url),
            (Some(url), None) => ("api_url", url),
            (None, None) => ("api_url", API.to_owned()),
        };
        builder.url(key, text.trim().trim_end_matches('/').trim_end_matches(POST_MESSAGE))
    }

    /// What of the ways to follow up is known.
    fn check_strategy(&self, builder: &mut Builder<'_>, place: &Place) {
        let strategy = match (self.message_strategy, self.update_message) {
            (None, true) => Strategy::Update,
            (Some(strategy), true) if strategy != Strategy::Update => {
                builder.problem("update_message", "contradicts message_strategy: leave it out");
                return;
            }
            (strategy, _) => strategy.unwrap_or_default(),
        };
        if self.threaded_options.is_some() && strategy != Strategy::Thread {
            builder.problem("threaded_options", "needs message_strategy = \"thread\"");
        }
        if strategy == Strategy::New {
            return;
        }
        if matches!(place, Place::Hook(_)) {
            builder.problem("message_strategy", "needs a bot token: an incoming webhook names no message to follow up");
            return;
        }
        tracing::warn!("slack: message_strategy is not followed yet; each notification is a message of its own");
    }
}

/// Where messages go.
enum Place {
    /// The Web API, with a bot token.
    Api(Url, Secret),
    /// An incoming webhook.
    Hook(Secret),
}

const POST_MESSAGE: &str = "/chat.postMessage";

/// Whether an address is the Web API's: it, or its method. Anything else is an incoming webhook, Slack's or one that
/// takes the same.
fn is_web_api(text: &str) -> bool {
    let path = text.trim().split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    path.ends_with("/api") || path.ends_with(POST_MESSAGE)
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let place = self.place(builder);
        let hook = matches!(place, Some(Place::Hook(_)));
        if let Some(place) = &place {
            self.check_strategy(builder, place);
        }
        let name = (!self.channel.trim().is_empty()).then_some(self.channel.trim());
        let name = if hook { name } else { builder.required("channel", name, "") };
        let channel = builder.optional_text("channel", name);
        let texts = SlackTexts::new(self, builder, hook);
        let http = builder.http(self.http_config.as_ref());
        let pictures = builder.pictures(self.images, self.max_images, if hook { able_to_link() } else { able() });
        let timeout = self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT);
        let limits = |destination: String, calls: u32| Limits {
            title: TextLimit::chars(content::TITLE),
            text: TextLimit::chars(content::TEXT),
            pictures,
            // one message per second and channel with short bursts (https://docs.slack.dev/apis/web-api/rate-limits)
            pace: Pace { burst: 3, period: Duration::from_secs(1) },
            concurrency: 1,
            timeout: timeout * calls,
            editing: Editing::default(),
            send_resolved: self.send_resolved,
            destination,
            kind: "slack",
        };
        match place? {
            Place::Api(base, token) => {
                // a plain text after a refusal, or all uploads one after the other
                let limits = limits(builder::destination(&[base.as_str(), &self.channel]), 6);
                let client = SlackClient::new(Connector::new(http?, base, timeout));
                let slack = Slack { limits, client, token, channel: channel?, texts: texts? };
                Some(Arc::new(Fitted::new(slack)))
            }
            Place::Hook(url) => {
                let now = url.read_now().ok().and_then(|url| Url::parse(url.expose_secret().trim()).ok())?;
                let limits = limits(builder::destination(&[&builder::url_destination(&now), &self.channel]), 1);
                let hook = Hook { limits, http: http?, url, channel, texts: texts?, timeout };
                Some(Arc::new(Fitted::new(hook)))
            }
        }
    }

    fn vendor(&self) -> Vendor {
        super::client::vendor
    }
}

/// What an incoming webhook can show.
fn able_to_link() -> PictureLimits {
    PictureLimits { ways: vec![Way::Link], late: LatePictures::No, ..able() }
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
