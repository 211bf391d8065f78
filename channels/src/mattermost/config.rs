//! What can be configured of Mattermost: Alertmanager's keys, and ours for a bot.
//!
//! Deliberately unknown here: what is made of it (`build.rs`).

use std::{path::PathBuf, time::Duration};

use secrecy::SecretString;
use serde::Deserialize;

use crate::{
    attachments::FieldConfig,
    config::{HttpConfig, Images, Strategy, duration},
};

/// What can be configured of Mattermost.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// An incoming webhook's address.
    pub webhook_url: Option<SecretString>,
    /// A file with it.
    pub webhook_url_file: Option<PathBuf>,
    /// The server of a bot.
    pub server_url: Option<String>,
    /// The bot's token.
    pub bot_token: Option<SecretString>,
    /// A file with it.
    pub bot_token_file: Option<PathBuf>,
    /// The channel's id, for a bot.
    pub channel_id: Option<String>,
    /// Options of the requests.
    pub http_config: Option<HttpConfig>,
    /// How long a request may take; 0: the default, ten seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// Another channel than the webhook's own, or `@user`.
    pub channel: Option<String>,
    /// As whom a webhook posts.
    pub username: String,
    /// The same, as an address.
    pub icon_url: Option<String>,
    /// The same, as `:fire:`.
    pub icon_emoji: Option<String>,
    /// The text; with `attachments` above them, else in the one there is.
    pub text: String,
    /// What is shown where attachments are not.
    pub fallback: String,
    /// The bar beside the text.
    pub color: String,
    /// Above the attachment: the place for mentions.
    pub pretext: Option<String>,
    /// Above the title.
    pub author_name: Option<String>,
    /// Where that leads.
    pub author_link: Option<String>,
    /// The picture beside it.
    pub author_icon: Option<String>,
    /// The title.
    pub title: String,
    /// Where it leads.
    pub title_link: String,
    /// Pairs below the text.
    pub fields: Vec<FieldConfig>,
    /// A small image at the side.
    pub thumb_url: Option<String>,
    /// Below everything.
    pub footer: Option<String>,
    /// The picture beside it.
    pub footer_icon: Option<String>,
    /// An image of the user's own.
    pub image_url: Option<String>,
    /// Attachments in place of the one that is made of the keys above.
    pub attachments: Vec<AttachmentConfig>,
    /// The post's type: `custom_…`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// What plugins are told.
    pub props: Option<Props>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// How a group's later notifications follow the first; with a bot only.
    pub message_strategy: Option<Strategy>,
    /// How pictures are given.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
}

/// An attachment of the user's own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the keys are those of `Config`")]
pub struct AttachmentConfig {
    pub fallback: Option<String>,
    pub color: Option<String>,
    pub pretext: Option<String>,
    pub text: Option<String>,
    pub author_name: Option<String>,
    pub author_link: Option<String>,
    pub author_icon: Option<String>,
    pub title: Option<String>,
    pub title_link: Option<String>,
    pub fields: Vec<FieldConfig>,
    pub thumb_url: Option<String>,
    pub footer: Option<String>,
    pub footer_icon: Option<String>,
    pub image_url: Option<String>,
}

/// What plugins are told.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Props {
    /// Markdown for the side bar.
    pub card: Option<String>,
}

/// How urgent a post is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Priority {
    /// `standard`, `important` or `urgent`.
    pub priority: Option<String>,
    /// Whether readers are to say that they have seen it; not with `standard`.
    pub requested_ack: bool,
    /// Whether they are told again and again until they do; with `urgent` only.
    pub persistent_notifications: bool,
}

impl Default for Config {
    fn default() -> Self {
        let template = |part: &str| format!(r#"{{{{ template "mattermost.default.{part}" . }}}}"#);
        Self {
            send_resolved: true,
            webhook_url: None,
            webhook_url_file: None,
            server_url: None,
            bot_token: None,
            bot_token_file: None,
            channel_id: None,
            http_config: None,
            timeout: None,
            channel: None,
            username: template("username"),
            icon_url: None,
            icon_emoji: None,
            text: template("text"),
            fallback: template("fallback"),
            color: template("color"),
            pretext: None,
            author_name: None,
            author_link: None,
            author_icon: None,
            title: template("title"),
            title_link: template("titlelink"),
            fields: Vec::new(),
            thumb_url: None,
            footer: None,
            footer_icon: None,
            image_url: None,
            attachments: Vec::new(),
            kind: None,
            props: None,
            priority: None,
            message_strategy: None,
            images: Images::Auto,
            max_images: None,
        }
    }
}

impl Config {
    /// Everything to `base`: a bot, which can do more than a webhook.
    pub fn example(base: &str) -> Self {
        Self {
            server_url: Some(base.to_owned()),
            bot_token: Some("token-secret".into()),
            channel_id: Some("4xp9fdt77pncbef59f4k1qe83o".to_owned()),
            ..Self::default()
        }
    }

    /// The one attachment that is made of the keys for its parts.
    pub(super) fn own_attachment(&self) -> AttachmentConfig {
        AttachmentConfig {
            fallback: Some(self.fallback.clone()),
            color: Some(self.color.clone()),
            pretext: self.pretext.clone(),
            text: Some(self.text.clone()),
            author_name: self.author_name.clone(),
            author_link: self.author_link.clone(),
            author_icon: self.author_icon.clone(),
            title: Some(self.title.clone()),
            title_link: Some(self.title_link.clone()),
            fields: self.fields.clone(),
            thumb_url: self.thumb_url.clone(),
            footer: self.footer.clone(),
            footer_icon: self.footer_icon.clone(),
            image_url: self.image_url.clone(),
        }
    }
}
