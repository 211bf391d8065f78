//! The connector under slack-morphism's client: our own HTTP, so that base address, time limits, sizes, `Retry-After` and
//! the reading of answers are ours.
//!
//! The crate's own connector takes a 200 that is not JSON, and `ok: false` without a word, for success, sends the token
//! to the upload host, and has no time limit. Here an answer is a success only if it is JSON and says `ok: true`.
//!
//! Deliberately unknown here: what is sent.

use std::time::Duration;

use alerts::ports::{SendError, SendErrorKind};
use futures_util::{FutureExt, future::BoxFuture};
use http::{
    Method, StatusCode,
    header::{CONTENT_TYPE, HeaderValue},
};
use reqwest::RequestBuilder;
use secrecy::SecretString;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use slack_morphism::{
    ClientResult, SlackClientApiCallContext, SlackClientHttpConnector, SlackClientId, SlackClientSecret,
    errors::{SlackClientError, SlackClientSystemError},
    multipart_form::FileMultipartData,
};
use url::Url;

use super::words;
use crate::sending::{Answer, Http, Redactor, Rehearsed, Reply, classify::retry_after};

/// Our HTTP as slack-morphism wants it.
#[derive(Clone, Debug)]
pub struct Connector {
    http: Http,
    base: Url,
    timeout: Duration,
}

impl Connector {
    /// Sends all calls to `base` (`https://slack.com/api`), each within `timeout`.
    pub fn new(http: Http, base: Url, timeout: Duration) -> Self {
        Self { http, base, timeout }
    }

    async fn call<RS: DeserializeOwned>(
        &self,
        method: Method,
        url: Url,
        json: Option<String>,
        token: Option<&str>,
    ) -> Result<RS, Refusal> {
        let mut request = match token {
            Some(token) => self.http.request_without_login(method, url).await?.bearer_auth(token),
            None => self.http.request(method, url).await?,
        };
        if let Some(json) = json {
            request = request.header(CONTENT_TYPE, "application/json; charset=utf-8").body(json);
        }
        let redactor = self.redactor(token).await;
        let answer = self.http.send_once(request, self.timeout).await?;
        understood(&answer, &redactor)
    }

    /// The bytes of a file, without the token: the upload address is permission enough.
    async fn upload(&self, url: Url, content_type: &str, data: &[u8], token: Option<&str>) -> Result<(), SendError> {
        self.check_upload_address(&url)?;
        let redactor = self.redactor(token).await.with_url(&url);
        let request: RequestBuilder = self.http.request_without_login(Method::POST, url).await?;
        let value = HeaderValue::from_str(content_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
        let request = request.header(CONTENT_TYPE, value).body(data.to_vec());
        let answer = self.http.send_once(request, self.timeout).await?;
        if answer.status == StatusCode::OK { Ok(()) } else { Err(answer.failure(&redactor)) }
    }

    /// Slack names the upload address in its answer; it must not take us from TLS to plain text.
    fn check_upload_address(&self, url: &Url) -> Result<(), SendError> {
        let plainer = self.base.scheme() == "https" && url.scheme() != "https";
        if plainer || !matches!(url.scheme(), "http" | "https") {
            return Err(SendError::new(SendErrorKind::Rejected, "the upload address is not an https address"));
        }
        Ok(())
    }

    async fn redactor(&self, token: Option<&str>) -> Redactor {
        self.http.secrets().await.with(token.map(SecretString::from))
    }
}

/// The answer, if it says `ok`; what it lacks besides is for the caller to miss.
fn understood<RS: DeserializeOwned>(answer: &Answer, redactor: &Redactor) -> Result<RS, Refusal> {
    let json: Option<serde_json::Value> = serde_json::from_slice(&answer.body).ok();
    let word = json.as_ref().and_then(|json| json["error"].as_str());
    if answer.status == StatusCode::TOO_MANY_REQUESTS || !answer.status.is_success() && word.is_none() {
        return Err(answer.failure(redactor).into());
    }
    let Some(json) = json.as_ref().filter(|json| json["ok"].is_boolean()) else {
        let detail = format!("not Slack's answer: {}", answer.words(redactor));
        return Err(SendError::new(SendErrorKind::Retry, detail).into());
    };
    if json["ok"] == true && word.is_none() {
        let missing =
            |why: serde_json::Error| SendError::new(SendErrorKind::Rejected, format!("answer not understood: {why}"));
        return RS::deserialize(json).map_err(|why| missing(why).into());
    }
    let kind = match words::classify(word.unwrap_or("")) {
        SendErrorKind::RetryAfter(default) => {
            SendErrorKind::RetryAfter(retry_after(&answer.headers).unwrap_or(default))
        }
        kind => kind,
    };
    let error = Box::new(SendError::new(kind, redactor.words(&said(json))));
    Err(Refusal { error, word: word.unwrap_or_default().to_owned() })
}

/// Slack's word with its explanations: `invalid_blocks (must be a valid URL)`.
fn said(json: &serde_json::Value) -> String {
    let word = json["error"].as_str().unwrap_or("ok is false, without an error");
    let reasons = json["errors"].as_array().or_else(|| json["response_metadata"]["messages"].as_array());
    let reasons: Vec<String> =
        reasons.into_iter().flatten().map(|r| r.as_str().map_or(r.to_string(), str::to_owned)).collect();
    let needed = json["needed"].as_str().map(|scope| format!("needs {scope}"));
    let all: Vec<String> = reasons.into_iter().chain(needed).collect();
    if all.is_empty() { word.to_owned() } else { format!("{word} ({})", all.join("; ")) }
}

/// A call that failed: what it means for the machine, and Slack's word for it (empty: it did not come to one).
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct Refusal {
    pub error: Box<SendError>,
    pub word: String,
}

impl From<SendError> for Refusal {
    fn from(error: SendError) -> Self {
        Self { error: Box::new(error), word: String::new() }
    }
}

impl From<Refusal> for SendError {
    fn from(refusal: Refusal) -> Self {
        *refusal.error
    }
}

/// Our error through slack-morphism's.
fn wrapped(refusal: impl Into<Refusal>) -> SlackClientError {
    SlackClientError::SystemError(SlackClientSystemError::new().with_cause(Box::new(refusal.into())))
}

/// Our error back again; anything else comes from the crate itself, and its text may hold what was sent.
pub fn refused(error: SlackClientError) -> Refusal {
    let unknown = || SendError::new(SendErrorKind::Rejected, "the request could not be made").into();
    match error {
        SlackClientError::SystemError(SlackClientSystemError { cause: Some(cause), .. }) => {
            cause.downcast::<Refusal>().map_or_else(|_| unknown(), |refusal| *refusal)
        }
        _ => unknown(),
    }
}

/// What Slack says when all is well.
pub fn vendor(request: &Rehearsed) -> Reply {
    let path = request.url.path();
    if path.ends_with("/chat.postMessage") || path.ends_with("/chat.update") {
        return Reply::json(&json!({ "ok": true, "channel": "C024BE91L", "ts": "1700000000.000100" }));
    }
    if path.ends_with("/files.getUploadURLExternal") {
        let name = request.url.query_pairs().find(|(key, _)| key == "filename").map(|(_, name)| name.into_owned());
        let id = name.as_deref().and_then(|name| name.split('.').next()).unwrap_or("file");
        let upload = request.url.join(&format!("upload/{id}")).map(String::from).unwrap_or_default();
        return Reply::json(&json!({ "ok": true, "upload_url": upload, "file_id": format!("F{id}") }));
    }
    if path.ends_with("/reactions.add") {
        return Reply::json(&json!({ "ok": true }));
    }
    if path.contains("/upload/") { Reply::ok("OK") } else { Reply::json(&json!({ "ok": true, "files": [] })) }
}

fn token<'a>(context: &SlackClientApiCallContext<'a>) -> Option<&'a str> {
    context.token.map(|token| token.token_value.0.as_str())
}

fn not_used<'a, RS: Send + 'a>() -> BoxFuture<'a, ClientResult<RS>> {
    let error = SendError::new(SendErrorKind::Rejected, "this call is not used");
    std::future::ready(Err(wrapped(error))).boxed()
}

impl SlackClientHttpConnector for Connector {
    fn http_get_uri<'a, RS>(
        &'a self,
        url: Url,
        context: SlackClientApiCallContext<'a>,
    ) -> BoxFuture<'a, ClientResult<RS>>
    where
        RS: for<'de> serde::de::Deserialize<'de> + Send + 'a,
    {
        async move { self.call(Method::GET, url, None, token(&context)).await.map_err(wrapped) }.boxed()
    }

    fn http_post_uri<'a, RQ, RS>(
        &'a self,
        url: Url,
        request_body: &'a RQ,
        context: SlackClientApiCallContext<'a>,
    ) -> BoxFuture<'a, ClientResult<RS>>
    where
        RQ: Serialize + Send + Sync,
        RS: for<'de> serde::de::Deserialize<'de> + Send + 'a,
    {
        async move {
            let json = serde_json::to_string(request_body);
            let json = json.map_err(|why| wrapped(SendError::new(SendErrorKind::Rejected, why.to_string())))?;
            self.call(Method::POST, url, Some(json), token(&context)).await.map_err(wrapped)
        }
        .boxed()
    }

    fn http_post_uri_binary<'a, 'p, RS>(
        &'a self,
        url: Url,
        content_type: String,
        data: &'a [u8],
        context: SlackClientApiCallContext<'a>,
    ) -> BoxFuture<'a, ClientResult<RS>>
    where
        RS: for<'de> serde::de::Deserialize<'de> + Send + 'a,
    {
        async move {
            self.upload(url, &content_type, data, token(&context)).await.map_err(wrapped)?;
            // the answer is a line of text that says nothing more than the status did
            let nothing = serde_json::from_str("{}");
            nothing.map_err(|why| wrapped(SendError::new(SendErrorKind::Rejected, why.to_string())))
        }
        .boxed()
    }

    fn http_get_with_client_secret<'a, RS>(
        &'a self,
        _url: Url,
        _id: &'a SlackClientId,
        _secret: &'a SlackClientSecret,
    ) -> BoxFuture<'a, ClientResult<RS>>
    where
        RS: for<'de> serde::de::Deserialize<'de> + Send + 'a,
    {
        not_used()
    }

    fn http_post_uri_multipart_form<'a, 'p, RS, PT, TS>(
        &'a self,
        _url: Url,
        _file: Option<FileMultipartData<'p>>,
        _params: &'p PT,
        _context: SlackClientApiCallContext<'a>,
    ) -> BoxFuture<'a, ClientResult<RS>>
    where
        RS: for<'de> serde::de::Deserialize<'de> + Send + 'a,
        PT: IntoIterator<Item = (&'p str, Option<TS>)> + Clone,
        TS: AsRef<str> + 'p + Send,
    {
        not_used()
    }

    fn create_method_uri_path(&self, method: &str) -> ClientResult<Url> {
        let mut url = self.base.clone();
        match url.path_segments_mut() {
            Ok(mut path) => drop(path.pop_if_empty().push(method)),
            Err(()) => return Err(wrapped(SendError::new(SendErrorKind::Rejected, "api_url cannot have a path"))),
        }
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connector(base: &str) -> Connector {
        // installed twice is as good as once
        let _ = rustls::crypto::ring::default_provider().install_default();
        Connector::new(Http::shared().unwrap(), base.parse().unwrap(), Duration::from_secs(1))
    }

    #[test]
    fn calls_go_below_the_base() {
        let check = |base, expected: &str| {
            assert_eq!(connector(base).create_method_uri_path("chat.postMessage").unwrap().as_str(), expected);
        };
        check("https://slack.com/api", "https://slack.com/api/chat.postMessage");
        check("http://127.0.0.1:80/x/api/", "http://127.0.0.1/x/api/chat.postMessage");
    }

    #[test]
    fn uploads_do_not_leave_tls() {
        let check = |base, upload: &str, expected: bool| {
            let url = upload.parse().unwrap();
            assert_eq!(connector(base).check_upload_address(&url).is_ok(), expected, "{upload}");
        };
        check("https://slack.com/api", "https://files.slack.com/upload/v1/x", true);
        check("https://slack.com/api", "http://files.slack.com/upload/v1/x", false);
        check("http://127.0.0.1:80/api", "http://127.0.0.1:80/upload", true);
        check("http://127.0.0.1:80/api", "file:///etc/passwd", false);
    }
}
