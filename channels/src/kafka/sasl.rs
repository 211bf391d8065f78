//! The login at brokers: which mechanism, whose password.
//!
//! Deliberately unknown here: connections.

use std::path::PathBuf;

use alerts::ports::{SendError, SendErrorKind};
use rskafka::client::{Credentials, SaslConfig};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::{builder::Builder, config::Secret};

/// The login at the brokers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sasl {
    /// How it is shown.
    pub mechanism: Mechanism,
    /// The user.
    pub username: String,
    /// The password.
    pub password: Option<SecretString>,
    /// A file with it.
    pub password_file: Option<PathBuf>,
}

/// How a password is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Mechanism {
    /// As it is.
    #[default]
    #[serde(rename = "PLAIN")]
    Plain,
    /// By a proof.
    #[serde(rename = "SCRAM-SHA-256")]
    ScramSha256,
    /// By a proof with a longer hash.
    #[serde(rename = "SCRAM-SHA-512")]
    ScramSha512,
}

/// Who we are there.
pub struct Login {
    pub mechanism: Mechanism,
    pub username: String,
    pub password: Secret,
}

impl Sasl {
    /// The login of a configuration.
    pub(super) fn login(&self, builder: &mut Builder<'_>) -> Option<Login> {
        if self.username.is_empty() {
            builder.problem("sasl.username", "is missing");
        }
        if self.password.is_none() && self.password_file.is_none() {
            builder.required::<()>("sasl.password", None, "");
        }
        let password = builder.secret("sasl.password", self.password.as_ref(), self.password_file.as_ref())?;
        Some(Login { mechanism: self.mechanism, username: self.username.clone(), password })
    }
}

impl Login {
    /// What the library wants, with the password as of now, and the password itself.
    ///
    /// # Errors
    /// When the file with the password cannot be read.
    pub async fn now(&self) -> Result<(SaslConfig, SecretString), SendError> {
        let password = self.password.read().await.map_err(|why| SendError::new(SendErrorKind::Unauthorised, why))?;
        let credentials = Credentials::new(self.username.clone(), password.expose_secret().to_owned());
        Ok((self.mechanism.with(credentials), password))
    }
}

impl Mechanism {
    fn with(self, credentials: Credentials) -> SaslConfig {
        match self {
            Mechanism::Plain => SaslConfig::Plain(credentials),
            Mechanism::ScramSha256 => SaslConfig::ScramSha256(credentials),
            Mechanism::ScramSha512 => SaslConfig::ScramSha512(credentials),
        }
    }
}
