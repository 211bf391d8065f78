//! The section `http_config`, under the names that Prometheus's programs share (`prometheus/common`, `config/http_config.go`).
//!
//! Deliberately unknown here: what is right together, and how clients are made of it: see `sending/http`.

use std::{collections::BTreeMap, path::PathBuf};

use secrecy::SecretString;
use serde::Deserialize;

/// Options of HTTP requests.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// User name and password.
    pub basic_auth: Option<BasicAuth>,
    /// Any other `Authorization` header.
    pub authorization: Option<Authorization>,
    /// A bearer token; the old form of `authorization`.
    pub bearer_token: Option<SecretString>,
    /// A file with it.
    pub bearer_token_file: Option<PathBuf>,
    /// A token that a token server is asked for (OAuth 2.0, client credentials).
    pub oauth2: Option<OAuth2>,
    /// Whether 307 and 308 within the same host are followed; nothing ever leads elsewhere. Default: yes.
    pub follow_redirects: Option<bool>,
    /// Whether HTTP/2 is offered. Default: yes.
    pub enable_http2: Option<bool>,
    /// More headers, by their names.
    pub http_headers: BTreeMap<String, Header>,
    /// TLS options.
    pub tls_config: Option<TlsConfig>,
    /// The proxy for all requests.
    pub proxy_url: Option<SecretString>,
    /// Hosts that are asked without the proxy: names, addresses, networks, with commas between them.
    pub no_proxy: Option<String>,
    /// Whether `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` of the environment count.
    pub proxy_from_environment: bool,
    /// Headers for the proxy, when it is asked to connect.
    pub proxy_connect_header: BTreeMap<String, Vec<SecretString>>,
}

/// Which proxy, out of `http_config` or `oauth2`.
#[derive(Clone, Debug, Default)]
pub struct ProxyConfig {
    /// See [`HttpConfig::proxy_url`].
    pub proxy_url: Option<SecretString>,
    /// See [`HttpConfig::no_proxy`].
    pub no_proxy: Option<String>,
    /// See [`HttpConfig::proxy_from_environment`].
    pub proxy_from_environment: bool,
    /// See [`HttpConfig::proxy_connect_header`].
    pub proxy_connect_header: BTreeMap<String, Vec<SecretString>>,
}

/// HTTP's basic authentication.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BasicAuth {
    /// The user.
    pub username: Option<String>,
    /// A file with the user's name.
    pub username_file: Option<PathBuf>,
    /// The password.
    pub password: Option<SecretString>,
    /// A file with the password.
    pub password_file: Option<PathBuf>,
}

/// An `Authorization` header.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Authorization {
    /// The scheme; `Bearer` if it is not given.
    #[serde(rename = "type")]
    pub scheme: Option<String>,
    /// What follows it.
    pub credentials: Option<SecretString>,
    /// A file with it.
    pub credentials_file: Option<PathBuf>,
}

/// OAuth 2.0's client credentials.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OAuth2 {
    /// The client's name.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: Option<SecretString>,
    /// A file with it.
    pub client_secret_file: Option<PathBuf>,
    /// Where tokens come from.
    pub token_url: String,
    /// What the token is to be good for.
    pub scopes: Vec<String>,
    /// More parameters of the request for a token.
    pub endpoint_params: BTreeMap<String, SecretString>,
    /// TLS options towards the token server.
    pub tls_config: Option<TlsConfig>,
    /// See [`HttpConfig::proxy_url`].
    pub proxy_url: Option<SecretString>,
    /// See [`HttpConfig::no_proxy`].
    pub no_proxy: Option<String>,
    /// See [`HttpConfig::proxy_from_environment`].
    pub proxy_from_environment: bool,
    /// See [`HttpConfig::proxy_connect_header`].
    pub proxy_connect_header: BTreeMap<String, Vec<SecretString>>,
}

/// The values of a header.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Header {
    /// Values that may be seen.
    pub values: Vec<String>,
    /// Values that may not.
    pub secrets: Vec<SecretString>,
    /// Files with a value each, read at every request.
    pub files: Vec<PathBuf>,
}

/// TLS options of a client.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsConfig {
    /// The certificates (PEM) that are trusted, in place of the system's.
    pub ca: Option<String>,
    /// A file with them.
    pub ca_file: Option<PathBuf>,
    /// Our certificate, and those between it and its root (PEM).
    pub cert: Option<String>,
    /// A file with it.
    pub cert_file: Option<PathBuf>,
    /// Its key (PEM).
    pub key: Option<SecretString>,
    /// A file with it.
    pub key_file: Option<PathBuf>,
    /// The name that the server's certificate must have, where it is not the host's.
    pub server_name: Option<String>,
    /// Accepts any certificate.
    pub insecure_skip_verify: bool,
    /// The oldest version: `TLS12` or `TLS13`; older ones that are named come to `TLS12`.
    pub min_version: Option<String>,
    /// The newest version.
    pub max_version: Option<String>,
}

impl HttpConfig {
    pub(crate) fn proxy(&self) -> ProxyConfig {
        ProxyConfig {
            proxy_url: self.proxy_url.clone(),
            no_proxy: self.no_proxy.clone(),
            proxy_from_environment: self.proxy_from_environment,
            proxy_connect_header: self.proxy_connect_header.clone(),
        }
    }
}

impl OAuth2 {
    pub(crate) fn proxy(&self) -> ProxyConfig {
        ProxyConfig {
            proxy_url: self.proxy_url.clone(),
            no_proxy: self.no_proxy.clone(),
            proxy_from_environment: self.proxy_from_environment,
            proxy_connect_header: self.proxy_connect_header.clone(),
        }
    }
}
