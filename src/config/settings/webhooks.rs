//! Webhooks that alerts come by: the two that are always there, and those of the section `webhooks`.
//!
//! Deliberately unknown here: HTTP, files.

use std::time::Duration;

use alerts::{
    Time,
    intake::{
        NotParsed,
        mapping::Mapping,
        payload::{self, Payload},
    },
};
use channels::config::Secret;
use serde_json::Value;

/// The webhooks that are always there, in the forms of their senders.
pub const BUILT_IN: [&str; 2] = ["alertmanager", "grafana"];

/// A webhook: `POST /webhook/NAME`.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// The last part of its path.
    pub name: String,
    /// Who may send.
    pub login: Login,
    /// How bodies become alerts.
    pub form: Form,
    /// How long an alert without an end is believed; none: as `server.webhook_resolve_timeout` says.
    pub resolve_timeout: Option<Duration>,
}

/// How bodies become alerts.
#[derive(Clone, Debug)]
pub enum Form {
    /// Alertmanager's payload, or Grafana's.
    Payload,
    /// By templates.
    Mapped(Box<Mapping>),
}

/// Who may send.
#[derive(Clone)]
pub enum Login {
    /// Everybody who gets to the server.
    Anybody,
    /// Who has the token.
    Bearer(Secret),
    /// Who has the password.
    Basic {
        /// The user.
        username: String,
        /// The password.
        password: Secret,
    },
    /// Who signs the body with the secret: HMAC-SHA256 in hexadecimal digits.
    Signed {
        /// The secret.
        secret: Secret,
        /// The header with the signature; none: one of those that are known.
        header: Option<String>,
        /// The header with the time that is signed too; none: the time is not signed.
        timestamp_header: Option<String>,
    },
}

/// Secrets do not print.
impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Login::Anybody => "Anybody",
            Login::Bearer(_) => "Bearer",
            Login::Basic { .. } => "Basic",
            Login::Signed { .. } => "Signed",
        })
    }
}

impl Webhook {
    /// One of [`BUILT_IN`].
    pub fn built_in(name: &str) -> Self {
        Self { name: name.to_owned(), login: Login::Anybody, form: Form::Payload, resolve_timeout: None }
    }

    /// The alerts of a body, received at `received`.
    ///
    /// # Errors
    /// When there are no alerts to be found in it.
    pub fn alerts(&self, body: &Value, received: Time) -> Result<Payload, NotParsed> {
        match &self.form {
            Form::Payload => payload::parse(body, received),
            Form::Mapped(mapping) => {
                let alerts = mapping.alerts(body, received)?.into_iter().flatten().collect();
                Ok(Payload { alerts, truncated: 0, external_url: payload::external_url(body).to_owned() })
            }
        }
    }
}
