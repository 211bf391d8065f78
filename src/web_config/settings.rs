//! What can be configured of who gets in, under exporter-toolkit's keys.
//!
//! Deliberately unknown here: what is made of it, except what is wrong with it by itself.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use actix_web::http::header::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, de::Error};

use super::{Wrong, same_secret, users};

/// The headers that exporter-toolkit lets one set, and their values where not every one is possible.
const HEADERS: [(&str, &[&str]); 5] = [
    ("Strict-Transport-Security", &[]),
    ("X-Content-Type-Options", &["nosniff"]),
    ("X-Frame-Options", &["deny", "sameorigin"]),
    ("X-XSS-Protection", &[]),
    ("Content-Security-Policy", &[]),
];

/// The file of `--web.config.file`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WebFile {
    /// TLS.
    pub tls_server_config: Option<TlsServer>,
    /// HTTP.
    pub http_server_config: HttpServer,
    /// Not available.
    pub rate_limit: RateLimit,
    /// The users with their passwords' bcrypt hashes.
    pub basic_auth_users: BTreeMap<String, SecretString>,
}

impl WebFile {
    /// The users.
    pub fn auth(&self) -> Auth {
        Auth { basic_auth_users: self.basic_auth_users.clone() }
    }
}

/// `http_server_config`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct HttpServer {
    /// HTTP/2: has no effect, everything is served over HTTP/1.1.
    pub http2: Option<bool>,
    /// See [`Headers`].
    pub headers: Headers,
}

/// `rate_limit`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RateLimit {
    /// The time between two requests; 0: no limit.
    #[serde(deserialize_with = "go_duration")]
    pub interval: Duration,
    /// How many may come at once.
    pub burst: u32,
}

fn go_duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    alerts::duration::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// Headers that every answer gets.
pub type Headers = BTreeMap<String, String>;

/// What is wrong with headers.
pub(crate) fn check_headers(headers: &Headers) -> Vec<Wrong> {
    headers.iter().filter_map(|(name, value)| check_header(name, value)).collect()
}

fn check_header(name: &str, value: &str) -> Option<Wrong> {
    let wrong = |problem: String| Some(Wrong::new(name, problem));
    let Some((_, values)) = HEADERS.iter().find(|(known, _)| *known == name) else {
        let known: Vec<&str> = HEADERS.iter().map(|(known, _)| *known).collect();
        return wrong(format!("this header cannot be set here, possible are {}", known.join(", ")));
    };
    if !values.is_empty() && !values.contains(&value) {
        return wrong(format!("must be {}", values.join(" or ")));
    }
    if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
        return wrong("not a header's value".to_owned());
    }
    None
}

/// The section `server.auth`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Auth {
    /// The users with their passwords' bcrypt hashes; none: everybody gets in.
    pub basic_auth_users: BTreeMap<String, SecretString>,
}

impl Auth {
    /// What is wrong with it.
    pub(crate) fn check(&self) -> Vec<Wrong> {
        let wrong = |(user, hash): (&String, &SecretString)| {
            let problem = users::check_hash(hash.expose_secret()).err()?;
            Some(Wrong::new(format!("basic_auth_users.{user}"), problem))
        };
        self.basic_auth_users.iter().filter_map(wrong).collect()
    }
}

/// The section `server.tls`, in the file `tls_server_config`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct TlsServer {
    /// The certificate and those that signed it (PEM) themselves.
    pub cert: Option<String>,
    /// A file with them: read again when it changes.
    pub cert_file: Option<PathBuf>,
    /// The key (PEM) itself.
    pub key: Option<SecretString>,
    /// A file with it: read again when it changes.
    pub key_file: Option<PathBuf>,
    /// Whether clients need certificates.
    pub client_auth_type: ClientAuth,
    /// Who signs the certificates of clients (PEM).
    pub client_ca: Option<String>,
    /// A file with them.
    pub client_ca_file: Option<PathBuf>,
    /// Not available.
    pub client_allowed_sans: Vec<String>,
    /// The lowest version that is spoken.
    pub min_version: TlsVersion,
    /// The highest.
    pub max_version: TlsVersion,
    /// The cipher suites of TLS 1.2 in Go's names; none: all that are safe.
    pub cipher_suites: Vec<String>,
    /// The curves in Go's names; none: all.
    pub curve_preferences: Vec<String>,
    /// Whether our order of cipher suites counts, not the client's.
    pub prefer_server_cipher_suites: bool,
}

impl Default for TlsServer {
    fn default() -> Self {
        Self {
            cert: None,
            cert_file: None,
            key: None,
            key_file: None,
            client_auth_type: ClientAuth::None,
            client_ca: None,
            client_ca_file: None,
            client_allowed_sans: Vec::new(),
            min_version: TlsVersion::Tls12,
            max_version: TlsVersion::Tls13,
            cipher_suites: Vec::new(),
            curve_preferences: Vec::new(),
            prefer_server_cipher_suites: true,
        }
    }
}

impl TlsServer {
    /// Whether anything that switches TLS on is set; a section without any of it is as good as none.
    pub fn is_enabled(&self) -> bool {
        let texts = self.cert.is_some() || self.key.is_some() || self.client_ca.is_some();
        let files = self.cert_file.is_some() || self.key_file.is_some() || self.client_ca_file.is_some();
        texts || files || self.client_auth_type != ClientAuth::None
    }

    /// Whether both say the same. Certificates in files may differ all the same: they are read again by themselves.
    pub fn same(&self, other: &Self) -> bool {
        let blank = |tls: &Self| format!("{:?}", Self { key: None, ..tls.clone() });
        same_secret(self.key.as_ref(), other.key.as_ref()) && blank(self) == blank(other)
    }
}

/// Whether clients need certificates: Go's names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum ClientAuth {
    /// No.
    #[default]
    #[serde(rename = "NoClientCert", alias = "")]
    None,
    /// They are asked for one, and nobody looks at it.
    #[serde(rename = "RequestClientCert")]
    Request,
    /// Any certificate will do. Not available: it proves nothing.
    #[serde(rename = "RequireAnyClientCert", alias = "RequireClientCert")]
    RequireAny,
    /// One that is given must be signed by the configured authority.
    #[serde(rename = "VerifyClientCertIfGiven")]
    VerifyIfGiven,
    /// Yes, signed by the configured authority.
    #[serde(rename = "RequireAndVerifyClientCert")]
    RequireAndVerify,
}

/// A version of TLS. Below 1.2 nothing is spoken, whatever is configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum TlsVersion {
    /// 1.0
    #[serde(rename = "TLS10")]
    Tls10,
    /// 1.1
    #[serde(rename = "TLS11")]
    Tls11,
    /// 1.2
    #[serde(rename = "TLS12")]
    Tls12,
    /// 1.3
    #[serde(rename = "TLS13")]
    Tls13,
}
