//! What can be configured of Telegram, under Alertmanager's keys where it has them, and the channel made of it.
//!
//! Deliberately unknown here: requests.

use std::{path::PathBuf, sync::Arc, time::Duration};

use alerts::{
    Status,
    ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, Way},
    templates::{Data, sample_message},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use teloxide::types::{ChatId, Recipient};

use super::{
    Telegram,
    client::{self, Client},
    markup::Mode,
    text::{CAPTION, TEXT, Texts},
};
use crate::{
    builder::{self, Builder},
    config::{HttpConfig, Images, Secret, Strategy, duration},
    registry::Integration,
    sending::{Fitted, Vendor},
};

/// Telegram's Bot API.
const API: &str = "https://api.telegram.org";

/// How long a request may take if the configuration says nothing: there may be large pictures in it.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The default text as HTML, unless the user's files have another one under this name.
const DEFAULT: &str = r#"{{ template "telegram.default.message" . }}"#;
const OUR_DEFAULT: &str = r#"{{ template "__telegram_html" . }}"#;
const PLAIN_DEFAULT: &str = r#"{{ template "__telegram_text" . }}"#;

/// What can be configured of Telegram.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// The Bot API's address, `https://api.telegram.org` if it is not given here or globally.
    pub api_url: Option<String>,
    /// The bot's token.
    pub bot_token: Option<SecretString>,
    /// A file with it.
    pub bot_token_file: Option<PathBuf>,
    /// The chat: a number, or a public channel's name, `@name`.
    #[serde(deserialize_with = "number_or_name")]
    pub chat_id: Option<String>,
    /// A file with it.
    pub chat_id_file: Option<PathBuf>,
    /// A topic of a forum.
    pub message_thread_id: Option<i32>,
    /// The text; without one, a default that suits `parse_mode`.
    pub message: Option<String>,
    /// Without a sound.
    pub disable_notifications: bool,
    /// How the text is to be read: `HTML`, `MarkdownV2`, `Markdown` or `plain`.
    pub parse_mode: String,
    /// Options of the requests.
    pub http_config: Option<HttpConfig>,
    /// How long a request may take; 0: the default, twenty seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// How later notifications of a group follow the first.
    pub message_strategy: Strategy,
    /// How pictures are given.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            send_resolved: true,
            api_url: None,
            bot_token: None,
            bot_token_file: None,
            chat_id: None,
            chat_id_file: None,
            message_thread_id: None,
            message: None,
            disable_notifications: false,
            parse_mode: "HTML".to_owned(),
            http_config: None,
            timeout: None,
            message_strategy: Strategy::New,
            images: Images::Auto,
            max_images: None,
        }
    }
}

/// The chat, here or in a file that is read at each use.
#[derive(Clone, Debug)]
pub enum Chat {
    /// Here.
    Fixed(Recipient),
    /// There.
    File(PathBuf),
}

impl Chat {
    /// The chat as of now.
    ///
    /// # Errors
    /// When the file cannot be read, or names no chat.
    pub async fn read(&self) -> Result<Recipient, String> {
        match self {
            Chat::Fixed(chat) => Ok(chat.clone()),
            Chat::File(path) => chat(Secret::File(path.clone()).read().await?.expose_secret()),
        }
    }
}

fn chat(text: &str) -> Result<Recipient, String> {
    let text = text.trim();
    match text.parse() {
        Ok(id) if id != 0 => Ok(Recipient::Id(ChatId(id))),
        _ if text.len() > 1 && text.starts_with('@') => Ok(Recipient::ChannelUsername(text.to_owned())),
        _ => Err("must be a number, or the name of a public channel with @ before it".to_owned()),
    }
}

impl Config {
    /// Everything to `base`.
    pub fn example(base: &str) -> Self {
        Self {
            api_url: Some(base.to_owned()),
            bot_token: Some("123456:telegram-secret".into()),
            chat_id: Some("-1001234567890".to_owned()),
            ..Self::default()
        }
    }

    fn token(&self, builder: &mut Builder<'_>) -> Option<Secret> {
        if self.bot_token.is_some() || self.bot_token_file.is_some() {
            return builder.secret("bot_token", self.bot_token.as_ref(), self.bot_token_file.as_ref());
        }
        let globals = builder.context.globals;
        let (inline, file) = (globals.telegram_bot_token.as_ref(), globals.telegram_bot_token_file.as_ref());
        if inline.is_none() && file.is_none() {
            return builder.required("bot_token", None, "telegram_bot_token");
        }
        builder.secret("bot_token", inline, file)
    }

    /// The chat, and who it is as of now.
    fn chat(&self, builder: &mut Builder<'_>) -> Option<(Chat, Recipient)> {
        let (key, read) = match (&self.chat_id, &self.chat_id_file) {
            (Some(_), Some(_)) => {
                builder.problem("chat_id", "only one of chat_id and chat_id_file may be given");
                return None;
            }
            (Some(text), None) => ("chat_id", chat(text).map(|now| (Chat::Fixed(now.clone()), now))),
            (None, Some(path)) => {
                let text = Secret::File(path.clone()).read_now();
                let now = text.and_then(|text| chat(text.expose_secret()));
                ("chat_id_file", now.map(|now| (Chat::File(path.clone()), now)))
            }
            (None, None) => {
                builder.problem("chat_id", "is missing, and so is chat_id_file");
                return None;
            }
        };
        read.map_err(|why| builder.problem(key, why)).ok()
    }

    fn texts(&self, builder: &mut Builder<'_>) -> Option<Texts> {
        let Some(mode) = Mode::named(&self.parse_mode) else {
            builder.problem("parse_mode", "must be HTML, MarkdownV2, Markdown or plain");
            return None;
        };
        match (mode, &self.message) {
            (Mode::Html, message) => {
                let source = message.as_deref().unwrap_or(DEFAULT);
                Some(Texts::Html(builder.html("message", source)?))
            }
            (mode, Some(message)) => Some(Texts::Other(mode, builder.text("message", message)?)),
            // the user's own default is in the user's own format, ours is not
            (mode, None) if is_overridden(builder) => Some(Texts::Other(mode, builder.text("message", DEFAULT)?)),
            (_, None) => Some(Texts::Other(Mode::Plain, builder.text("message", PLAIN_DEFAULT)?)),
        }
    }
}

/// Whether the user's files have a default text of their own.
fn is_overridden(builder: &mut Builder<'_>) -> bool {
    let sample = Data::new(&sample_message(Status::Firing));
    let mut shown = |source: &str| builder.text("message", source).and_then(|text| text.render(&sample).ok());
    shown(DEFAULT) != shown(OUR_DEFAULT)
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let globals = builder.context.globals;
        let base = self.api_url.as_deref().or(globals.telegram_api_url.as_deref()).unwrap_or(API);
        let base = builder.url("api_url", base);
        let token = self.token(builder);
        let chat = self.chat(builder);
        let texts = self.texts(builder);
        let http = builder.http(self.http_config.as_ref());
        let pictures = builder.pictures(self.images, self.max_images, able(self.message_strategy));
        let timeout = self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT);
        let (base, (chat, now)) = (base?, chat?);
        let topic = self.message_thread_id.filter(|topic| *topic != 0);
        let limits = Limits {
            title: CAPTION,
            text: TEXT,
            pictures,
            pace: pace(&now),
            concurrency: 1,
            // an edit that fails, a message without its markup, one without its pictures
            timeout: (timeout * 4).min(Duration::from_secs(120)),
            editing: Editing { edit: true, thread: true, begins: false },
            send_resolved: self.send_resolved,
            destination: builder::destination(&[
                base.as_str(),
                &now.to_string(),
                &topic.unwrap_or_default().to_string(),
            ]),
            kind: "telegram",
        };
        let client = Client { http: http?, base, token: token?, timeout };
        let telegram = Telegram {
            limits,
            client,
            chat,
            topic,
            silent: self.disable_notifications,
            strategy: self.message_strategy,
            texts: texts?,
            moved: std::sync::Mutex::default(),
        };
        Some(Arc::new(Fitted::new(telegram)))
    }

    fn vendor(&self) -> Vendor {
        client::vendor
    }
}

/// One message per second and chat; twenty per minute in groups and channels, whose ids are negative
/// (<https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this>).
fn pace(chat: &Recipient) -> Pace {
    let alone = matches!(chat, Recipient::Id(ChatId(id)) if *id > 0);
    Pace { burst: 1, period: Duration::from_secs(if alone { 1 } else { 3 }) }
}

fn able(strategy: Strategy) -> PictureLimits {
    PictureLimits {
        ways: vec![Way::Embed, Way::Link],
        // an album takes ten; a message that is rewritten has one, more become a sheet
        max_count: if strategy == Strategy::Update { 1 } else { 10 },
        max_bytes: 10_000_000,
        max_total_bytes: 50_000_000,
        // the sum of both is at most 10000
        max_pixels: (5_000, 5_000),
        formats: &[Format::Png, Format::Jpeg],
        late: LatePictures::Add,
    }
}

/// Alertmanager's ids are numbers; a name is a text.
fn number_or_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(i64),
        Name(String),
    }
    Ok(Option::deserialize(deserializer)?.map(|either| match either {
        Either::Number(id) => id.to_string(),
        Either::Name(name) => name,
    }))
}
