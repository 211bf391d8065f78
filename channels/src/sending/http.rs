//! The HTTP client of the channels: bounded in time and size, never led elsewhere, silent about secrets.
//!
//! Deliberately unknown here: what is sent, and what an answer means beyond its class.

use std::{error::Error as _, fmt, time::Duration};

use alerts::ports::{SendError, SendErrorKind};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode};
use reqwest::{Certificate, Client, ClientBuilder, Proxy, RequestBuilder, Response, Url, redirect};
use secrecy::{ExposeSecret, SecretString};

use super::{classify::classify, redact::Redactor};
use crate::config::{HttpConfig, Secret, TlsConfig};

/// As whom requests are sent.
pub const USER_AGENT: &str = concat!("wirephoto/", env!("CARGO_PKG_VERSION"));

/// The most of an answer that is read, in bytes; the rest is dropped with the connection.
const LONGEST_ANSWER: usize = 64 * 1024;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The most redirects within a host.
const MOST_REDIRECTS: usize = 5;

/// A client with its credentials. Cheap to clone.
#[derive(Clone)]
pub struct Http {
    client: Client,
    authorization: Option<Authorization>,
}

#[derive(Clone)]
enum Authorization {
    Basic(String, Option<Secret>),
    Other(String, Secret),
}

/// An answer: whatever its status, it was one.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, at most 64 KiB of it.
    pub body: Bytes,
}

impl Http {
    /// The client without options. `rustls`'s default provider must have been installed.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn shared() -> Result<Self, String> {
        let client = plain().no_proxy().build().map_err(|error| causes(&error))?;
        Ok(Self { client, authorization: None })
    }

    /// A client with these options; it shares this one's connections where it can.
    ///
    /// # Errors
    /// The key that is wrong, and why.
    pub fn configured(&self, config: &HttpConfig) -> Result<Self, (&'static str, String)> {
        let authorization = authorization(config)?;
        let own = config.follow_redirects
            || config.proxy_url.is_some()
            || config.proxy_from_environment
            || config.tls_config.is_some();
        let client = if own { client(config)? } else { self.client.clone() };
        Ok(Self { client, authorization })
    }

    /// A request with our name and the configured credentials.
    ///
    /// # Errors
    /// When a file with credentials cannot be read.
    pub async fn request(&self, method: Method, url: Url) -> Result<RequestBuilder, SendError> {
        let request = self.client.request(method, url);
        match &self.authorization {
            None => Ok(request),
            Some(Authorization::Basic(user, None)) => Ok(request.basic_auth(user, None::<&str>)),
            Some(Authorization::Basic(user, Some(password))) => {
                Ok(request.basic_auth(user, Some(credentials(password).await?.expose_secret())))
            }
            Some(Authorization::Other(scheme, secret)) => {
                let value = format!("{scheme} {}", credentials(secret).await?.expose_secret());
                Ok(request.header(http::header::AUTHORIZATION, value))
            }
        }
    }

    /// The configured credentials as of now: what answers must not be shown with.
    pub async fn secrets(&self) -> Redactor {
        let secret = match &self.authorization {
            Some(Authorization::Basic(_, password)) => password.as_ref(),
            Some(Authorization::Other(_, secret)) => Some(secret),
            None => None,
        };
        match secret {
            Some(secret) => Redactor::new(secret.read().await.ok()),
            None => Redactor::default(),
        }
    }
}

/// Sends a request and reads its answer, whatever the status.
///
/// # Errors
/// When there is no answer; ambiguous if the request may have arrived all the same.
pub async fn send(request: RequestBuilder, timeout: Duration) -> Result<Answer, SendError> {
    let response = request.timeout(timeout).send().await.map_err(no_answer)?;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = body(response).await;
    match body {
        Ok(body) => Ok(Answer { status, headers, body }),
        // the status alone says that it arrived, and that it was not taken
        Err(_) if !status.is_success() => Ok(Answer { status, headers, body: Bytes::new() }),
        Err(error) => Err(no_answer(error)),
    }
}

impl Answer {
    /// The failure that a status other than 2xx means, with the vendor's words.
    pub fn failure(&self, redactor: &Redactor) -> SendError {
        SendError::new(classify(self.status, &self.headers), self.words(redactor))
    }

    /// Status and body as they may be shown.
    pub fn words(&self, redactor: &Redactor) -> String {
        let body = redactor.words(&String::from_utf8_lossy(&self.body));
        let location = self.status.is_redirection().then(|| self.elsewhere()).flatten();
        match (location, body.is_empty()) {
            (Some(host), _) => format!("{}: leads to {host}, which is not followed", self.status),
            (None, true) => self.status.to_string(),
            (None, false) => format!("{}: {body}", self.status),
        }
    }

    fn elsewhere(&self) -> Option<String> {
        let url: Url = self.headers.get(http::header::LOCATION)?.to_str().ok()?.parse().ok()?;
        Some(url.host_str()?.to_owned())
    }
}

async fn body(mut response: Response) -> Result<Bytes, reqwest::Error> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        let room = LONGEST_ANSWER - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == LONGEST_ANSWER {
            break;
        }
    }
    Ok(body.freeze())
}

fn no_answer(error: reqwest::Error) -> SendError {
    let kind = if error.is_builder() { SendErrorKind::Rejected } else { SendErrorKind::Retry };
    let ambiguous = !error.is_connect() && !error.is_builder();
    let detail = if error.is_timeout() { format!("no answer in time: {}", causes(&error)) } else { causes(&error) };
    SendError { ambiguous, ..SendError::new(kind, detail) }
}

/// An error and its causes in one line, without the URL, which may be a secret.
fn causes(error: &reqwest::Error) -> String {
    let mut words = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push(error.to_string());
        cause = error.source();
    }
    words.dedup();
    if words.is_empty() {
        words.push(if error.is_timeout() { "timed out" } else { "the request failed" }.to_owned());
    }
    words.join(": ")
}

fn plain() -> ClientBuilder {
    Client::builder().user_agent(USER_AGENT).connect_timeout(CONNECT_TIMEOUT).redirect(redirect::Policy::none())
}

fn client(config: &HttpConfig) -> Result<Client, (&'static str, String)> {
    let mut builder = plain();
    if config.follow_redirects {
        builder = builder.redirect(redirect::Policy::custom(within_the_host));
    }
    if !config.proxy_from_environment {
        builder = builder.no_proxy();
    }
    if let Some(proxy) = &config.proxy_url {
        let proxy = Proxy::all(proxy.expose_secret()).map_err(|_| ("proxy_url", "is not a proxy's URL".to_owned()))?;
        builder = builder.proxy(proxy);
    }
    if let Some(tls) = &config.tls_config {
        builder = with_tls(builder, tls)?;
    }
    builder.build().map_err(|error| ("tls_config", causes(&error)))
}

/// Only 307 and 308 keep method and body; after the others a POST would become a GET that succeeds and tells nobody.
fn within_the_host(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let keeps_the_request = matches!(attempt.status().as_u16(), 307 | 308);
    let same_host = attempt.previous().last().is_some_and(|from| from.origin() == attempt.url().origin());
    if keeps_the_request && same_host && attempt.previous().len() <= MOST_REDIRECTS {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

fn with_tls(builder: ClientBuilder, tls: &TlsConfig) -> Result<ClientBuilder, (&'static str, String)> {
    if tls.server_name.is_some() {
        return Err(("tls_config.server_name", "is only known for mail".to_owned()));
    }
    let builder = builder.tls_danger_accept_invalid_certs(tls.insecure_skip_verify);
    let Some(path) = &tls.ca_file else { return Ok(builder) };
    let wrong = |why: String| ("tls_config.ca_file", format!("{}: {why}", path.display()));
    let pem = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| wrong(causes(&error)))?;
    Ok(builder.tls_certs_merge(certificates))
}

fn authorization(config: &HttpConfig) -> Result<Option<Authorization>, (&'static str, String)> {
    match (&config.basic_auth, &config.authorization) {
        (Some(_), Some(_)) => {
            Err(("authorization", "only one of basic_auth and authorization may be given".to_owned()))
        }
        (None, None) => Ok(None),
        (Some(basic), None) => {
            let password = one_of("basic_auth.password", basic.password.as_ref(), basic.password_file.as_ref())?;
            Ok(Some(Authorization::Basic(basic.username.clone(), password)))
        }
        (None, Some(other)) => {
            let key = "authorization.credentials";
            let secret = one_of(key, other.credentials.as_ref(), other.credentials_file.as_ref())?;
            let secret = secret.ok_or_else(|| (key, "is missing".to_owned()))?;
            let scheme = other.scheme.clone().unwrap_or_else(|| "Bearer".to_owned());
            Ok(Some(Authorization::Other(scheme, secret)))
        }
    }
}

fn one_of(
    key: &'static str,
    inline: Option<&SecretString>,
    file: Option<&std::path::PathBuf>,
) -> Result<Option<Secret>, (&'static str, String)> {
    let secret = match (inline, file) {
        (Some(_), Some(_)) => return Err((key, "only one of the key and its _file twin may be given".to_owned())),
        (Some(inline), None) => Secret::Inline(inline.clone()),
        (None, Some(file)) => Secret::File(file.clone()),
        (None, None) => return Ok(None),
    };
    secret.read_now().map_err(|why| (key, why))?;
    Ok(Some(secret))
}

async fn credentials(secret: &Secret) -> Result<SecretString, SendError> {
    secret.read().await.map_err(|why| SendError::new(SendErrorKind::Unauthorised, why))
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Http {{ credentials: {} }}", self.authorization.is_some())
    }
}
