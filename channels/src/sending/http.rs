//! The HTTP client of the channels: bounded in time and size, never led elsewhere, silent about secrets.
//!
//! Deliberately unknown here: what is sent, and what an answer means beyond its class.

mod credentials;
mod oauth2;
mod proxy;
pub(crate) mod tls;

use std::{error::Error as _, fmt, sync::Arc, time::Duration};

use alerts::ports::{SendError, SendErrorKind};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode, header::AUTHORIZATION};
use reqwest::{Client, ClientBuilder, RequestBuilder, Response, Url, redirect};

use self::{
    credentials::Credentials,
    proxy::with_proxy,
    tls::{Problem, client_config},
};
use super::{
    classify::classify,
    redact::Redactor,
    rehearsal::{self, Rehearsal, Vendor},
};
use crate::config::{HttpConfig, ProxyConfig, TlsConfig};

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
    credentials: Arc<Credentials>,
    /// Nothing is sent, and this is how the vendor would answer.
    rehearsal: Option<(Arc<Rehearsal>, Vendor)>,
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
        let client = plain(true).no_proxy().build().map_err(|error| causes(&error))?;
        Ok(Self { client, credentials: Arc::default(), rehearsal: None })
    }

    /// A client that sends nothing: requests are written down.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn rehearsing(rehearsal: Arc<Rehearsal>) -> Result<Self, String> {
        Ok(Self::shared()?.rehearsed(rehearsal))
    }

    /// This client, sending nothing.
    #[must_use]
    pub fn rehearsed(&self, rehearsal: Arc<Rehearsal>) -> Self {
        Self { rehearsal: Some((rehearsal, rehearsal::content)), ..self.clone() }
    }

    /// What stands in for the network, if something does.
    pub fn rehearsal(&self) -> Option<&Arc<Rehearsal>> {
        self.rehearsal.as_ref().map(|(rehearsal, _)| rehearsal)
    }

    /// The same client; in a rehearsal, `vendor` answers it.
    pub(crate) fn answered_by(&self, vendor: Vendor) -> Self {
        let rehearsal = self.rehearsal().map(|rehearsal| (rehearsal.clone(), vendor));
        Self { rehearsal, ..self.clone() }
    }

    /// A client with these options; it shares this one's connections where it can.
    ///
    /// # Errors
    /// The key that is wrong, and why.
    pub fn configured(&self, config: &HttpConfig) -> Result<Self, Problem> {
        let credentials = Arc::new(Credentials::new(config)?);
        let (follow, http2) = (config.follow_redirects.unwrap_or(true), config.enable_http2.unwrap_or(true));
        let proxy = config.proxy();
        let as_shared = follow
            && http2
            && proxy.proxy_url.is_none()
            && proxy.no_proxy.is_none()
            && !proxy.proxy_from_environment
            && proxy.proxy_connect_header.is_empty()
            && config.tls_config.is_none();
        if as_shared {
            return Ok(Self { credentials, ..self.clone() });
        }
        let client = own_client(config.tls_config.as_ref(), &proxy, follow, http2)?;
        Ok(Self { client, credentials, ..self.clone() })
    }

    /// A request with our name, the configured headers and the configured credentials.
    ///
    /// # Errors
    /// When a file with credentials cannot be read, or no token is to be had.
    pub async fn request(&self, method: Method, url: Url) -> Result<RequestBuilder, SendError> {
        self.with_headers(method, url, true).await
    }

    /// The same without the configured credentials: the caller has its own, or the address is permission enough.
    ///
    /// # Errors
    /// When a file with a header's value cannot be read.
    pub async fn request_without_login(&self, method: Method, url: Url) -> Result<RequestBuilder, SendError> {
        self.with_headers(method, url, false).await
    }

    async fn with_headers(&self, method: Method, url: Url, login: bool) -> Result<RequestBuilder, SendError> {
        let request = self.client.request(method, url);
        if self.credentials.is_empty() {
            return Ok(request);
        }
        if self.rehearsal.is_some() && self.credentials.tokens().is_some() && login {
            // the token itself would have to be asked for
            return Ok(request.headers(self.credentials.headers(false).await?).bearer_auth("of-the-token-server"));
        }
        Ok(request.headers(self.credentials.headers(login).await?))
    }

    /// Sends a request of [`Http::request`] and reads its answer, whatever the status. A token that is refused is renewed
    /// once.
    ///
    /// # Errors
    /// When there is no answer; ambiguous if the request may have arrived all the same.
    pub async fn send(&self, request: RequestBuilder, timeout: Duration) -> Result<Answer, SendError> {
        let tokens = self.credentials.tokens().filter(|_| self.rehearsal.is_none());
        let Some(tokens) = tokens else { return self.send_once(request, timeout).await };
        let again = request.try_clone();
        let answer = send(request, timeout).await?;
        let (StatusCode::UNAUTHORIZED, Some(again)) = (answer.status, again) else { return Ok(answer) };
        let (client, again) = again.build_split();
        let mut again = again.map_err(no_answer)?;
        if let Some(refused) = again.headers().get(AUTHORIZATION) {
            tokens.refused(refused).await;
        }
        again.headers_mut().insert(AUTHORIZATION, tokens.header().await?);
        send(RequestBuilder::from_parts(client, again), timeout).await
    }

    /// The same, for requests with a login of their own: no token is renewed.
    ///
    /// # Errors
    /// When there is no answer; ambiguous if the request may have arrived all the same.
    pub async fn send_once(&self, request: RequestBuilder, timeout: Duration) -> Result<Answer, SendError> {
        match &self.rehearsal {
            Some((rehearsal, vendor)) => rehearsal.answer(request.build().map_err(no_answer)?, *vendor).await,
            None => send(request, timeout).await,
        }
    }

    /// The configured credentials as of now: what answers must not be shown with.
    pub async fn secrets(&self) -> Redactor {
        self.credentials.secrets().await
    }
}

/// Sends a request and reads its answer, whatever the status; it really does, rehearsal or not.
async fn send(request: RequestBuilder, timeout: Duration) -> Result<Answer, SendError> {
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

fn plain(follow_redirects: bool) -> ClientBuilder {
    let policy = if follow_redirects { redirect::Policy::custom(within_the_host) } else { redirect::Policy::none() };
    Client::builder().user_agent(USER_AGENT).connect_timeout(CONNECT_TIMEOUT).redirect(policy)
}

/// A client with connections of its own.
fn own_client(
    tls: Option<&TlsConfig>,
    proxy: &ProxyConfig,
    follow_redirects: bool,
    http2: bool,
) -> Result<Client, Problem> {
    let mut builder = with_proxy(plain(follow_redirects), proxy)?;
    if !http2 {
        builder = builder.http1_only();
    }
    if let Some(tls) = tls {
        builder = builder.tls_backend_preconfigured(client_config(tls, http2)?);
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

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Http {{ credentials: {} }}", !self.credentials.is_empty())
    }
}
