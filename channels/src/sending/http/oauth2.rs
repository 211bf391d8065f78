//! Tokens of a token server (OAuth 2.0, client credentials, RFC 6749 section 4.4): kept until they expire, got once for all who wait.
//!
//! Deliberately unknown here: what the tokens are for.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use alerts::ports::{SendError, SendErrorKind};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderValue, StatusCode, header};
use reqwest::{Client, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::{sync::Mutex, time::Instant};

use super::{
    Answer,
    credentials::{one_of, read},
    own_client,
    proxy::sensitive,
    send,
    tls::Problem,
};
use crate::{
    config::{OAuth2, Secret},
    sending::redact::Redactor,
};

/// How long a token server may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// So much before its end a token is not used any more.
const MARGIN: Duration = Duration::from_secs(10);

/// A source of tokens.
pub struct Tokens {
    client: Client,
    url: Url,
    id: String,
    secret: Option<Secret>,
    scopes: Vec<String>,
    params: BTreeMap<String, SecretString>,
    /// Some servers want name and secret in the body; found out once.
    in_body: AtomicBool,
    current: Mutex<Option<Token>>,
    /// The one that was refused last: answers may repeat it.
    former: Mutex<Option<SecretString>>,
}

struct Token {
    header: HeaderValue,
    text: SecretString,
    /// None: it does not say.
    until: Option<Instant>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    #[serde(default)]
    token_type: String,
    expires_in: Option<serde_json::Value>,
}

impl Tokens {
    /// The source that a configuration describes.
    ///
    /// # Errors
    /// The key that is wrong, and why.
    pub fn new(config: &OAuth2) -> Result<Self, Problem> {
        if config.client_id.trim().is_empty() {
            return Err(("oauth2.client_id", "is missing".to_owned()));
        }
        if config.token_url.trim().is_empty() {
            return Err(("oauth2.token_url", "is missing".to_owned()));
        }
        let key = "oauth2.client_secret";
        let secret = one_of(key, config.client_secret.as_ref(), config.client_secret_file.as_ref())?;
        let url =
            Url::parse(config.token_url.trim()).map_err(|why| ("oauth2.token_url", format!("is not a URL: {why}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(("oauth2.token_url", "must begin with http:// or https://".to_owned()));
        }
        Ok(Self {
            client: own_client(config.tls_config.as_ref(), &config.proxy(), true, true).map_err(within_the_section)?,
            url,
            id: config.client_id.clone(),
            secret,
            scopes: config.scopes.clone(),
            params: config.endpoint_params.clone(),
            in_body: AtomicBool::new(false),
            current: Mutex::new(None),
            former: Mutex::new(None),
        })
    }

    /// The `Authorization` header with a token that holds.
    ///
    /// # Errors
    /// When no token is to be had: never ambiguous, since nothing was sent with it.
    pub async fn header(&self) -> Result<HeaderValue, SendError> {
        let mut current = self.current.lock().await;
        if let Some(token) = current.as_ref().filter(|token| token.until.is_none_or(|until| Instant::now() < until)) {
            return Ok(token.header.clone());
        }
        *current = None;
        let token = self.fetch().await.map_err(|error| SendError {
            ambiguous: false,
            ..SendError::new(error.kind, format!("no token from oauth2.token_url: {}", error.detail))
        })?;
        Ok(current.insert(token).header.clone())
    }

    /// Forgets a token that was refused, unless there is a newer one already.
    pub async fn refused(&self, header: &HeaderValue) {
        let mut current = self.current.lock().await;
        if current.as_ref().is_some_and(|token| token.header == header) {
            *self.former.lock().await = current.take().map(|token| token.text);
        }
    }

    /// The secrets as of now.
    pub async fn secrets(&self) -> Vec<SecretString> {
        let mut all: Vec<SecretString> = self.params.values().cloned().collect();
        if let Some(secret) = &self.secret {
            all.extend(secret.read().await.ok());
        }
        all.extend(self.current.lock().await.as_ref().map(|token| token.text.clone()));
        all.extend(self.former.lock().await.clone());
        all
    }

    async fn fetch(&self) -> Result<Token, SendError> {
        let secret = match &self.secret {
            Some(secret) => read(secret).await?,
            None => SecretString::from(""),
        };
        let known = self.in_body.load(Ordering::Relaxed);
        let mut answer = self.ask(&secret, known).await?;
        if !known && matches!(answer.status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED) {
            answer = self.ask(&secret, true).await?;
            self.in_body.store(answer.status.is_success(), Ordering::Relaxed);
        }
        let pair = STANDARD.encode(format!("{}:{}", self.id, secret.expose_secret()));
        let secrets = self.params.values().cloned().chain([secret, SecretString::from(pair)]);
        token_of(&answer, &Redactor::new(secrets))
    }

    async fn ask(&self, secret: &SecretString, in_body: bool) -> Result<Answer, SendError> {
        let mut form = vec![("grant_type", "client_credentials")];
        let scopes = self.scopes.join(" ");
        if !scopes.is_empty() {
            form.push(("scope", &scopes));
        }
        if in_body {
            form.push(("client_id", &self.id));
            form.push(("client_secret", secret.expose_secret()));
        }
        form.extend(self.params.iter().map(|(name, value)| (name.as_str(), value.expose_secret())));
        let mut request = self.client.post(self.url.clone()).header(header::ACCEPT, "application/json").form(&form);
        if !in_body {
            // RFC 6749, 2.3.1: each is form-encoded first
            request = request.basic_auth(encoded(&self.id), Some(encoded(secret.expose_secret())));
        }
        send(request, TIMEOUT).await
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn within_the_section((key, why): Problem) -> Problem {
    let key = if key.starts_with("tls_config") { "oauth2.tls_config" } else { "oauth2.proxy_url" };
    (key, why)
}

fn token_of(answer: &Answer, redactor: &Redactor) -> Result<Token, SendError> {
    if !answer.status.is_success() {
        let failure = answer.failure(redactor);
        // whatever the server finds fault with, no token means that nothing gets through until somebody mends it
        let kind = if failure.kind == SendErrorKind::Rejected { SendErrorKind::Unauthorised } else { failure.kind };
        return Err(SendError { kind, ..failure });
    }
    let unknown = |why: &str| SendError::new(SendErrorKind::Unauthorised, format!("the answer {why}"));
    let granted: Granted = serde_json::from_slice(&answer.body).map_err(|_| unknown("holds no access_token"))?;
    let scheme = match granted.token_type.to_ascii_lowercase().as_str() {
        "" | "bearer" => "Bearer",
        "mac" => "MAC",
        _ => granted.token_type.as_str(),
    };
    let header = sensitive(&format!("{scheme} {}", granted.access_token.expose_secret()).into());
    let header = header.ok_or_else(|| unknown("holds a token that no header can carry"))?;
    let seconds = granted.expires_in.as_ref().and_then(|value| match value {
        serde_json::Value::String(text) => text.parse().ok(),
        other => other.as_f64(),
    });
    let lifetime =
        seconds.filter(|seconds| *seconds > 0.0).and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let until = lifetime.and_then(|lifetime| Instant::now().checked_add(lifetime.saturating_sub(MARGIN)));
    Ok(Token { header, text: granted.access_token, until })
}
