//! An application's token: asked for with its secret, kept until shortly before its end, asked for again when it is refused.
//!
//! Deliberately unknown here: messages.

use std::time::Duration;

use alerts::ports::{SendError, SendErrorKind};
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::{sync::Mutex, time::Instant};
use url::Url;

use super::codes;
use crate::{config::Secret, sending::Http};

/// A token is renewed so long before its end.
const EARLY: Duration = Duration::from_secs(5 * 60);

/// An application of a company.
pub struct App {
    /// The API.
    pub base: Url,
    /// The company.
    pub corp: String,
    secret: Secret,
    current: Mutex<Option<Token>>,
}

struct Token {
    text: SecretString,
    until: Instant,
}

impl App {
    /// The application with this secret.
    pub fn new(base: Url, corp: String, secret: Secret) -> Self {
        Self { base, corp, secret, current: Mutex::default() }
    }

    /// The address of a call, with a token that holds; and the token.
    pub async fn address(
        &self,
        http: &Http,
        path: &[&str],
        timeout: Duration,
    ) -> Result<(Url, SecretString), SendError> {
        let token = self.token(http, timeout).await?;
        let mut url = below(&self.base, path);
        if let Some(rehearsal) = http.rehearsal() {
            rehearsal.conceal(&token);
        }
        url.query_pairs_mut().append_pair("access_token", token.expose_secret());
        Ok((url, token))
    }

    /// Forgets a token that was refused, unless there is a newer one already.
    pub async fn refused(&self, token: &SecretString) {
        let mut current = self.current.lock().await;
        if current.as_ref().is_some_and(|current| current.text.expose_secret() == token.expose_secret()) {
            *current = None;
        }
    }

    async fn token(&self, http: &Http, timeout: Duration) -> Result<SecretString, SendError> {
        let mut current = self.current.lock().await;
        if let Some(token) = current.as_ref().filter(|token| Instant::now() < token.until) {
            return Ok(token.text.clone());
        }
        *current = None;
        // a question that gets no answer has told nobody anything
        let token = self.ask(http, timeout).await.map_err(|error| SendError { ambiguous: false, ..error })?;
        Ok(current.insert(token).text.clone())
    }

    async fn ask(&self, http: &Http, timeout: Duration) -> Result<Token, SendError> {
        let secret = self.secret.read().await.map_err(|why| SendError::new(SendErrorKind::Unauthorised, why))?;
        let mut url = below(&self.base, &["gettoken"]);
        let query = [("corpid", self.corp.as_str()), ("corpsecret", secret.expose_secret())];
        url.query_pairs_mut().extend_pairs(query);
        let redactor = http.secrets().await.with_url(&url).with([secret]);
        let answer = http.send(http.request(Method::GET, url).await?, timeout).await?;
        let json = codes::understood(&answer, &redactor).map_err(|refusal| {
            let error = refusal.error;
            // whatever WeCom finds fault with: without a token nothing gets through until somebody mends it
            let no_token = error.kind == SendErrorKind::Rejected && answer.status.is_success();
            let kind = if no_token { SendErrorKind::Unauthorised } else { error.kind };
            SendError { kind, detail: format!("no token: {}", error.detail), ..error }
        })?;
        let Some(text) = json["access_token"].as_str().filter(|text| !text.is_empty()) else {
            return Err(SendError::new(SendErrorKind::Unauthorised, "no token: the answer holds none"));
        };
        let lifetime = Duration::from_secs(json["expires_in"].as_u64().unwrap_or(7_200));
        Ok(Token { text: SecretString::from(text), until: Instant::now() + lifetime.saturating_sub(EARLY) })
    }
}

/// The id of an uploaded file.
pub fn media_id(answer: &Value) -> Result<&str, SendError> {
    let missing = || SendError::new(SendErrorKind::Rejected, "the answer to the upload names no file");
    answer["media_id"].as_str().filter(|id| !id.is_empty()).ok_or_else(missing)
}

fn below(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    // fails only for URLs without a host, which are not HTTP's
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}
