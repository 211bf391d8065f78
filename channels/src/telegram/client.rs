//! Calls of the Bot API over our own HTTP, so that base address, time limits and the reading of answers are ours. (teloxide's own
//! client waits ten seconds after each 5xx and loses its status.)
//!
//! Deliberately unknown here: what is sent, and what is done about a failure.

use std::time::Duration;

use alerts::ports::{SendError, SendErrorKind};
use http::{Method, StatusCode};
use reqwest::multipart::{Form, Part};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{
    request::Request,
    words::{self, Trouble},
};
use crate::{
    config::Secret,
    sending::{
        Answer, Http, Redactor, Rehearsed, Reply,
        classify::{DEFAULT_WAIT, LONGEST_WAIT, classify, retry_after},
        files,
    },
};

/// The Bot API with a token.
pub struct Client {
    pub http: Http,
    pub base: Url,
    pub token: Secret,
    pub timeout: Duration,
}

/// Why a call failed.
pub struct Failure {
    pub error: Box<SendError>,
    pub trouble: Trouble,
    /// The group has become a supergroup, with this id.
    pub moved_to: Option<i64>,
}

impl From<SendError> for Failure {
    fn from(error: SendError) -> Self {
        Self { error: Box::new(error), trouble: Trouble::Other, moved_to: None }
    }
}

/// Any answer of the Bot API.
#[derive(Deserialize)]
struct Said {
    ok: bool,
    #[serde(default)]
    result: Value,
    #[serde(default)]
    description: String,
    error_code: Option<u16>,
    #[serde(default)]
    parameters: Parameters,
}

/// teloxide's type for it knows only one of the two at a time.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Parameters {
    retry_after: Option<f64>,
    migrate_to_chat_id: Option<i64>,
}

impl Client {
    /// Calls, and answers with what Telegram calls the result.
    pub async fn call(&self, request: &Request<'_>) -> Result<Value, Failure> {
        let token = self.token.read().await.map_err(|why| SendError::new(SendErrorKind::Unauthorised, why))?;
        let url = self.url(token.expose_secret(), request.method)?;
        let http = self.http.request(Method::POST, url).await?;
        let http = if request.files.is_empty() { http.json(&request.body) } else { http.multipart(form(request)?) };
        let answer = self.http.send(http, self.timeout).await?;
        let redactor = self.http.secrets().await.with([token]);
        understood(&answer, request, &redactor)
    }

    fn url(&self, token: &str, method: &str) -> Result<Url, SendError> {
        let base = self.base.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}/bot{token}/{method}"))
            .map_err(|_| SendError::new(SendErrorKind::Unauthorised, "bot_token is nothing that an address can hold"))
    }
}

/// Each parameter as a part, texts as they are and the rest as JSON; then the files.
fn form(request: &Request<'_>) -> Result<Form, SendError> {
    let mut form = Form::new();
    for (name, value) in request.body.as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        form = form.text(name.clone(), value);
    }
    for (part, picture) in &request.files {
        let bytes = picture.bytes.clone().unwrap_or_default();
        let (length, mime) = (bytes.len() as u64, files::mime(&bytes));
        let file = Part::stream_with_length(bytes, length).file_name(files::name(picture)).mime_str(mime);
        let file = file.map_err(|why| SendError::new(SendErrorKind::Rejected, why.to_string()))?;
        form = form.part(part.clone(), file);
    }
    Ok(form)
}

fn understood(answer: &Answer, request: &Request<'_>, redactor: &Redactor) -> Result<Value, Failure> {
    let said = match serde_json::from_slice::<Said>(&answer.body) {
        Ok(said) => said,
        // a long answer is not read to its end; what is out must not be sent again for it
        Err(_) if answer.status.is_success() && answer.body.starts_with(br#"{"ok":true"#) => return Ok(Value::Null),
        Err(_) if answer.status.is_success() => {
            let words = format!("not Telegram's answer: {}", answer.words(redactor));
            return Err(SendError::new(SendErrorKind::Retry, words).into());
        }
        Err(_) => {
            let trouble =
                if answer.status == StatusCode::PAYLOAD_TOO_LARGE { Trouble::Pictures } else { Trouble::Other };
            return Err(failure(answer.failure(redactor), trouble, request));
        }
    };
    if said.ok && answer.status.is_success() {
        return Ok(said.result);
    }
    let trouble = words::read(&said.description);
    if trouble == Trouble::NotModified {
        return Ok(Value::Null);
    }
    let status = said.error_code.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(answer.status);
    let kind = match classify(status, &answer.headers) {
        SendErrorKind::RetryAfter(_) if status == StatusCode::TOO_MANY_REQUESTS => {
            SendErrorKind::RetryAfter(wait(&said, answer))
        }
        kind => kind,
    };
    let words = if said.description.is_empty() { "ok is false, without a description" } else { &said.description };
    let error = SendError::new(kind, redactor.words(words));
    Err(Failure { moved_to: said.parameters.migrate_to_chat_id, ..failure(error, trouble, request) })
}

/// The failure, its class refined by what it is about.
fn failure(error: SendError, trouble: Trouble, request: &Request<'_>) -> Failure {
    let kind = match (trouble, error.kind) {
        (Trouble::Closed, _) => SendErrorKind::Unauthorised,
        // whatever else a message with pictures is refused for, it is tried without them
        (Trouble::Pictures, _) | (_, SendErrorKind::Rejected) if request.has_pictures() => SendErrorKind::TooLarge,
        (_, SendErrorKind::TooLarge) => SendErrorKind::Rejected,
        (_, kind) => kind,
    };
    Failure { error: Box::new(SendError { kind, ..error }), trouble, moved_to: None }
}

fn wait(said: &Said, answer: &Answer) -> Duration {
    let named = said.parameters.retry_after.and_then(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).ok());
    named.or_else(|| retry_after(&answer.headers)).unwrap_or(DEFAULT_WAIT).min(LONGEST_WAIT)
}

/// The Bot API when all is well.
pub fn vendor(request: &Rehearsed) -> Reply {
    let message = |id: i32| json!({"message_id": id, "date": 1_700_000_000, "chat": {"id": -1_001_234_567_890_i64, "type": "supergroup"}});
    let result = match request.url.path().rsplit('/').next() {
        Some("sendMediaGroup") => json!([message(101), message(102)]),
        _ => message(101),
    };
    Reply::json(&json!({"ok": true, "result": result}))
}
