//! The calls of Rocket.Chat's REST API that we make, and what its answers mean for the machine.
//!
//! An answer is a success only if it says so in its body: 200 comes with `success: false` too.
//!
//! Deliberately unknown here: what a message says, when it is sent.

use std::time::Duration;

use alerts::{
    picture::Picture,
    ports::{SendError, SendErrorKind},
};
use http::{
    Method, StatusCode,
    header::{CONTENT_TYPE, DATE, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use crate::{
    config::Secret,
    sending::{
        Answer, Http, Redactor, Rehearsed, Reply,
        classify::{DEFAULT_WAIT, LONGEST_WAIT, retry_after},
        multipart::Form,
    },
};

/// Parts of Rocket.Chat's errors that say that the destination is wrong or closed to us, with status 400 all the same.
const CLOSED: [&str; 8] = [
    "invalid-channel",
    "error-room-not-found",
    "error-invalid-room",
    "error-room-archived",
    "room_is_blocked",
    "error-not-allowed",
    "error-action-not-allowed",
    "error-user-not-in-room",
];

/// A server, as one of its users.
pub struct Api {
    pub http: Http,
    pub server: Url,
    pub token: Secret,
    pub user: Secret,
    pub timeout: Duration,
}

/// A call that failed: what it means for the machine, and whether it is about the message, not about us or the server.
pub struct Refusal {
    pub error: Box<SendError>,
    pub of_the_message: bool,
}

impl Api {
    /// Calls a method with JSON.
    pub async fn call(&self, path: &[&str], body: &Value) -> Result<Value, Refusal> {
        self.send(path, "application/json", body.to_string().into_bytes()).await
    }

    /// Uploads a picture to a room, where nobody sees it yet; the file's id.
    pub async fn upload(&self, room: &str, picture: &Picture) -> Result<String, SendError> {
        let (kind, body) = Form::default().picture("file", picture).finish();
        let answer = self.send(&["rooms.media", room], &kind, body).await.map_err(|refusal| *refusal.error);
        // it can be uploaded again without harm, whatever became of it
        let answer = answer.map_err(|error| SendError { ambiguous: false, ..error })?;
        text(&answer["file"]["_id"])
    }

    async fn send(&self, path: &[&str], kind: &str, body: impl Into<reqwest::Body>) -> Result<Value, Refusal> {
        let (token, user) = (secret(&self.token).await?, secret(&self.user).await?);
        let mut url = self.server.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => drop(segments.pop_if_empty().extend(["api", "v1"]).extend(path)),
            Err(()) => return Err(SendError::new(SendErrorKind::Rejected, "api_url cannot have a path").into()),
        }
        let request = self.http.request(Method::POST, url).await?;
        let request = request
            .header("X-Auth-Token", header(&token)?)
            .header("X-User-Id", header(&user)?)
            .header(CONTENT_TYPE, kind)
            .body(body);
        let answer = self.http.send(request, self.timeout).await?;
        understood(&answer, &self.http.secrets().await.with([token, user]))
    }
}

/// A text that an answer must have.
pub fn text(value: &Value) -> Result<String, SendError> {
    let missing = || SendError::new(SendErrorKind::Rejected, "the answer names no message or file");
    value.as_str().map(str::to_owned).ok_or_else(missing)
}

fn understood(answer: &Answer, redactor: &Redactor) -> Result<Value, Refusal> {
    let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let error = json.as_ref().filter(|json| json["success"] == false).map(said);
    match json {
        Some(json) if answer.status.is_success() && json["success"] == true => return Ok(json),
        _ if answer.status.is_success() && error.is_none() => {
            let words = format!("not Rocket.Chat's answer: {}", answer.words(redactor));
            return Err(SendError::new(SendErrorKind::Retry, words).into());
        }
        _ => {}
    }
    let said = error.unwrap_or_default();
    let (kind, of_the_message) = classified(answer, &said);
    let words = if answer.status.is_success() { redactor.words(&said) } else { answer.words(redactor) };
    Err(Refusal { error: Box::new(SendError::new(kind, words)), of_the_message })
}

/// The error's name and its words.
fn said(json: &Value) -> String {
    let parts = [&json["errorType"], &json["error"], &json["message"]];
    let parts: Vec<&str> = parts.into_iter().filter_map(Value::as_str).collect();
    if parts.is_empty() { "success is false, without an error".to_owned() } else { parts.join(": ") }
}

fn classified(answer: &Answer, said: &str) -> (SendErrorKind, bool) {
    let of_status = answer.failure(&Redactor::default()).kind;
    let refused = answer.status.is_success() || answer.status == StatusCode::BAD_REQUEST;
    if answer.status == StatusCode::TOO_MANY_REQUESTS || said.contains("error-too-many-requests") {
        let wait = retry_after(&answer.headers).or_else(|| reset(answer)).unwrap_or(DEFAULT_WAIT);
        return (SendErrorKind::RetryAfter(wait), false);
    }
    if !refused {
        return (of_status, matches!(of_status, SendErrorKind::TooLarge));
    }
    match said {
        said if CLOSED.iter().any(|part| said.contains(part)) => (SendErrorKind::Unauthorised, true),
        said if said.contains("error-message-size-exceeded") => (SendErrorKind::TooLarge, true),
        _ => (SendErrorKind::Rejected, true),
    }
}

/// `X-RateLimit-Reset`: when, in milliseconds; read against the answer's own date, so that clocks need not agree.
fn reset(answer: &Answer) -> Option<Duration> {
    let end: u64 = answer.headers.get("x-ratelimit-reset")?.to_str().ok()?.trim().parse().ok()?;
    let now = httpdate::parse_http_date(answer.headers.get(DATE)?.to_str().ok()?).ok()?;
    let now = now.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Duration::from_millis(end).saturating_sub(now).min(LONGEST_WAIT))
}

async fn secret(secret: &Secret) -> Result<SecretString, SendError> {
    secret.read().await.map_err(|why| SendError::new(SendErrorKind::Unauthorised, why))
}

fn header(secret: &SecretString) -> Result<HeaderValue, SendError> {
    let wrong = |_| SendError::new(SendErrorKind::Unauthorised, "the token or its id cannot be a header");
    let mut value = HeaderValue::from_str(secret.expose_secret().trim()).map_err(wrong)?;
    value.set_sensitive(true);
    Ok(value)
}

impl From<SendError> for Refusal {
    fn from(error: SendError) -> Self {
        Self { error: Box::new(error), of_the_message: false }
    }
}

impl From<Refusal> for SendError {
    fn from(refusal: Refusal) -> Self {
        *refusal.error
    }
}

/// What Rocket.Chat says when all is well.
pub fn vendor(request: &Rehearsed) -> Reply {
    if request.url.path().contains("/rooms.media/") {
        return Reply::json(&json!({ "success": true, "file": { "_id": "67109d6c25682c7469486008" } }));
    }
    Reply::json(&json!({
        "success": true,
        "channel": "alerts",
        "message": { "_id": "vzGBzSwy6jJQDwtZe", "rid": "64f0f82c2c26843a68c1f7ba" },
    }))
}
