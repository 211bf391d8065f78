//! What can be configured of Slack, under Alertmanager's keys where it has them.
//!
//! Deliberately unknown here: what is made of it (`build.rs`), where it leads (`place.rs`).

use std::{path::PathBuf, time::Duration};

use secrecy::SecretString;
use serde::Deserialize;

use crate::{
    attachments::FieldConfig,
    config::{HttpConfig, Images, Strategy, duration},
};

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
    pub fields: Vec<FieldConfig>,
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
    /// How a group's later notifications follow the first; with a bot only.
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
    /// Whether the first message is a summary, and all others stand in its thread. Default: yes.
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
}
