//! What integrations have in common in the configuration: global defaults, secrets, pictures; HTTP's options in [`http`].
//!
//! Deliberately unknown here: files and formats (any `serde` format will do), and any one integration's own keys.

mod http;

use std::{fmt, path::PathBuf, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, de::Error as _};

pub use self::http::{Authorization, BasicAuth, Header, HttpConfig, OAuth2, ProxyConfig, TlsConfig};

/// The defaults of the section `global` that integrations use, under Alertmanager's names.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Globals {
    /// Options of all HTTP requests.
    pub http_config: Option<HttpConfig>,
    /// The sender's address.
    pub smtp_from: Option<String>,
    /// The mail server as `host:port`.
    pub smtp_smarthost: Option<String>,
    /// The name that we greet the mail server with.
    pub smtp_hello: Option<String>,
    /// The user name at the mail server.
    pub smtp_auth_username: Option<String>,
    /// The password at the mail server.
    pub smtp_auth_password: Option<SecretString>,
    /// A file with the password.
    pub smtp_auth_password_file: Option<PathBuf>,
    /// The secret of the CRAM-MD5 mechanism.
    pub smtp_auth_secret: Option<SecretString>,
    /// A file with it.
    pub smtp_auth_secret_file: Option<PathBuf>,
    /// The identity of the PLAIN mechanism.
    pub smtp_auth_identity: Option<String>,
    /// Whether mails go out over TLS only.
    pub smtp_require_tls: Option<bool>,
    /// TLS options towards the mail server.
    pub smtp_tls_config: Option<TlsConfig>,
    /// Whether TLS begins with the connection; without this key, on port 465.
    pub smtp_force_implicit_tls: Option<bool>,
    /// Slack's address: that of an incoming webhook, or of the Web API.
    pub slack_api_url: Option<SecretString>,
    /// A file with it.
    pub slack_api_url_file: Option<PathBuf>,
    /// Alertmanager's newer key for the address of `chat.postMessage`.
    pub slack_app_url: Option<String>,
    /// Slack's bot token.
    pub slack_app_token: Option<SecretString>,
    /// A file with it.
    pub slack_app_token_file: Option<PathBuf>,
    /// PagerDuty's address for events.
    pub pagerduty_url: Option<String>,
    /// Opsgenie's address.
    pub opsgenie_api_url: Option<String>,
    /// Opsgenie's key of an integration.
    pub opsgenie_api_key: Option<SecretString>,
    /// A file with it.
    pub opsgenie_api_key_file: Option<PathBuf>,
    /// WeCom's address.
    pub wechat_api_url: Option<String>,
    /// WeCom's secret of an application.
    pub wechat_api_secret: Option<SecretString>,
    /// A file with it.
    pub wechat_api_secret_file: Option<PathBuf>,
    /// WeCom's name of the company.
    pub wechat_api_corp_id: Option<String>,
    /// VictorOps' (Splunk On-Call's) address.
    pub victorops_api_url: Option<String>,
    /// VictorOps' key.
    pub victorops_api_key: Option<SecretString>,
    /// A file with it.
    pub victorops_api_key_file: Option<PathBuf>,
    /// Telegram's address.
    pub telegram_api_url: Option<String>,
    /// Telegram's bot token.
    pub telegram_bot_token: Option<SecretString>,
    /// A file with it.
    pub telegram_bot_token_file: Option<PathBuf>,
    /// Webex's address for messages.
    pub webex_api_url: Option<String>,
    /// Rocket.Chat's address.
    pub rocketchat_api_url: Option<String>,
    /// Rocket.Chat's token.
    pub rocketchat_token: Option<SecretString>,
    /// A file with it.
    pub rocketchat_token_file: Option<PathBuf>,
    /// The name of Rocket.Chat's token.
    pub rocketchat_token_id: Option<SecretString>,
    /// A file with it.
    pub rocketchat_token_id_file: Option<PathBuf>,
    /// Mattermost's incoming webhook.
    pub mattermost_webhook_url: Option<SecretString>,
    /// A file with it.
    pub mattermost_webhook_url_file: Option<PathBuf>,
    /// Jira's address.
    pub jira_api_url: Option<String>,
}

/// How an integration gives pictures: the key `images`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Images {
    /// With a cloud store what can link links; without one, bytes where they are taken.
    #[default]
    Auto,
    /// Bytes only.
    Upload,
    /// Links only.
    Link,
    /// No pictures.
    None,
}

/// How a group's later notifications follow its first one, as long as something in the group fires: the key `message_strategy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// Each is a message of its own.
    #[default]
    New,
    /// The first is edited.
    Update,
    /// They stand in its thread, or answer it.
    Thread,
}

/// A secret that stands in the configuration, or in a file that is read at each use, so that it can be renewed.
#[derive(Clone)]
pub enum Secret {
    /// The secret itself.
    Inline(SecretString),
    /// The file that holds it; white space around it does not count.
    File(PathBuf),
}

impl Secret {
    /// The secret as of now.
    ///
    /// # Errors
    /// When the file cannot be read: which, and why.
    pub async fn read(&self) -> Result<SecretString, String> {
        match self {
            Secret::Inline(secret) => Ok(secret.clone()),
            Secret::File(path) => trimmed(tokio::fs::read_to_string(path).await, path),
        }
    }

    /// The same where blocking is allowed: while channels are built.
    pub(crate) fn read_now(&self) -> Result<SecretString, String> {
        match self {
            Secret::Inline(secret) => Ok(secret.clone()),
            Secret::File(path) => trimmed(std::fs::read_to_string(path), path),
        }
    }
}

fn trimmed(text: std::io::Result<String>, path: &std::path::Path) -> Result<SecretString, String> {
    let text = text.map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(SecretString::from(text.trim()))
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Secret::Inline(_) => f.write_str("[REDACTED]"),
            Secret::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Whether a secret holds nothing: an empty `${NAME}` is as good as none.
pub(crate) fn is_empty(secret: &SecretString) -> bool {
    secret.expose_secret().trim().is_empty()
}

/// Reads an optional duration in Prometheus's syntax.
pub(crate) fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    alerts::duration::parse(&text).map(Some).map_err(D::Error::custom)
}
