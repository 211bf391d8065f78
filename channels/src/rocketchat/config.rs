//! What can be configured of Rocket.Chat: Alertmanager's keys, and ours for pictures and follow-ups.
//!
//! Deliberately unknown here: what is made of it (`build.rs`).

use std::{path::PathBuf, time::Duration};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{
    attachments::FieldConfig,
    config::{HttpConfig, Images, Strategy, duration},
};

/// What can be configured of Rocket.Chat.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// The server; `https://open.rocket.chat`, if nothing else is given here or globally.
    pub api_url: Option<String>,
    /// The token.
    pub token: Option<SecretString>,
    /// A file with it.
    pub token_file: Option<PathBuf>,
    /// The id of the user whose token it is.
    pub token_id: Option<SecretString>,
    /// A file with it.
    pub token_id_file: Option<PathBuf>,
    /// Options of the requests.
    pub http_config: Option<HttpConfig>,
    /// How long a request may take; 0: the default, ten seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// `#channel`, `@user`, or a room's id.
    pub channel: String,
    /// The bar beside the text.
    pub color: String,
    /// The title.
    pub title: String,
    /// Where it leads.
    pub title_link: String,
    /// The text.
    pub text: String,
    /// Pairs below the text.
    pub fields: Vec<FieldConfig>,
    /// Whether fields stand beside each other unless they say otherwise.
    pub short_fields: bool,
    /// As whom it is posted, as `:fire:`; needs the permission `message-impersonate`.
    pub emoji: String,
    /// The same, as an address.
    pub icon_url: String,
    /// An image of the user's own.
    pub image_url: Option<String>,
    /// A small one at the side.
    pub thumb_url: Option<String>,
    /// Nothing, as in Alertmanager.
    pub link_names: bool,
    /// Buttons.
    pub actions: Vec<Action>,
    /// How a group's later notifications follow the first.
    pub message_strategy: Option<Strategy>,
    /// How pictures are given.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
}

/// A button. What is not text goes out as it is configured.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Action {
    /// `button`: there is nothing else.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// What stands on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Where it leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The image on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// Whether it opens inside of the client.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_webview: bool,
    /// How much of it that takes: `compact`, `tall` or `full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webview_height_ratio: Option<String>,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub msg: Option<String>,
    /// Whether it says that in the room.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub msg_in_chat_window: bool,
    /// `sendMessage` or `respondWithMessage`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub msg_processing_type: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        let template = |part: &str| format!(r#"{{{{ template "rocketchat.default.{part}" . }}}}"#);
        Self {
            send_resolved: false,
            api_url: None,
            token: None,
            token_file: None,
            token_id: None,
            token_id_file: None,
            http_config: None,
            timeout: None,
            channel: String::new(),
            color: r#"{{ if eq .Status "firing" }}red{{ else }}green{{ end }}"#.to_owned(),
            title: template("title"),
            title_link: template("titlelink"),
            text: template("text"),
            fields: Vec::new(),
            short_fields: false,
            emoji: template("emoji"),
            icon_url: template("iconurl"),
            image_url: None,
            thumb_url: None,
            link_names: false,
            actions: Vec::new(),
            message_strategy: None,
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
            api_url: Some(base.to_owned()),
            token: Some("token-secret".into()),
            token_id: Some("user-secret".into()),
            channel: "#alerts".to_owned(),
            ..Self::default()
        }
    }
}
