//! Who gets in and how: TLS, users with passwords, headers of answers. The file of `--web.config.file` (Prometheus's exporter-toolkit
//! defines it) and the keys `server.tls`, `server.auth` and `server.headers` say the same.
//!
//! Deliberately unknown here: files and formats of configurations, routes, what is served.

mod certificates;
mod guard;
mod settings;
#[cfg(test)]
mod tests;
mod tls;
mod users;

pub use guard::Guard;
pub(crate) use settings::check_headers;
pub use settings::{Auth, ClientAuth, Headers, HttpServer, RateLimit, TlsServer, TlsVersion, WebFile};
pub use tls::server_config;
pub use users::{Users, check_hash};

use secrecy::{ExposeSecret, SecretString};

/// Something wrong with a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct Wrong {
    /// The key within its section: `cert_file`, `basic_auth_users.alice`.
    pub key: String,
    /// What is wrong with it, and what to do; never with a secret in it.
    pub problem: String,
}

impl Wrong {
    fn new(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { key: key.into(), problem: problem.into() }
    }
}

/// Whether two secrets are the same, for telling whether a configuration has changed: not for checking what a stranger sent.
pub fn same_secret(one: Option<&SecretString>, other: Option<&SecretString>) -> bool {
    one.map(ExposeSecret::expose_secret) == other.map(ExposeSecret::expose_secret)
}
