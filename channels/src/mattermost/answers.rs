//! What Mattermost answers, and what it means for the machine.
//!
//! Deliberately unknown here: what was sent.

use std::time::Duration;

use alerts::ports::{SendError, SendErrorKind};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::sending::{
    Answer, Redactor, Rehearsed, Reply,
    classify::{LONGEST_WAIT, retry_after},
};

/// Parts of Mattermost's error ids that say that the destination is wrong, with status 400 all the same.
const CLOSED: [&str; 5] = [
    "web.incoming_webhook.invalid",
    "web.incoming_webhook.disabled",
    "web.incoming_webhook.channel",
    "web.incoming_webhook.user",
    "web.incoming_webhook.permissions",
];

/// A webhook's answer: it took the post if it says `ok`.
pub fn taken(answer: &Answer, redactor: &Redactor) -> Result<(), SendError> {
    if !answer.status.is_success() {
        return Err(failure(answer, redactor));
    }
    if answer.body.trim_ascii().eq_ignore_ascii_case(b"ok") {
        return Ok(());
    }
    Err(SendError::new(SendErrorKind::Retry, format!("not Mattermost's answer: {}", answer.words(redactor))))
}

/// The API's answer, if it is a success.
pub fn understood<T: DeserializeOwned>(answer: &Answer, redactor: &Redactor) -> Result<T, SendError> {
    if !answer.status.is_success() {
        return Err(failure(answer, redactor));
    }
    let strange =
        |_| SendError::new(SendErrorKind::Retry, format!("not Mattermost's answer: {}", answer.words(redactor)));
    serde_json::from_slice(&answer.body).map_err(strange)
}

/// Mattermost's name for what went wrong; empty, if it gives none.
pub fn id(answer: &Answer) -> String {
    let json: Option<serde_json::Value> = serde_json::from_slice(&answer.body).ok();
    json.and_then(|json| Some(json["id"].as_str()?.to_owned())).unwrap_or_default()
}

/// The failure that a status other than 2xx means.
pub fn failure(answer: &Answer, redactor: &Redactor) -> SendError {
    let error = answer.failure(redactor);
    let id = id(answer);
    let kind = match (answer.status, error.kind) {
        // the server says how long in a header of its own
        (StatusCode::TOO_MANY_REQUESTS, SendErrorKind::RetryAfter(_)) if retry_after(&answer.headers).is_none() => {
            reset(answer).map_or(error.kind, SendErrorKind::RetryAfter)
        }
        (StatusCode::BAD_REQUEST, _) if CLOSED.iter().any(|part| id.starts_with(part)) => SendErrorKind::Unauthorised,
        // files are switched off: no use in asking again
        (StatusCode::NOT_IMPLEMENTED, _) => SendErrorKind::Rejected,
        (_, kind) => kind,
    };
    SendError { kind, ..error }
}

/// `X-RateLimit-Reset`: seconds.
fn reset(answer: &Answer) -> Option<Duration> {
    let seconds: u64 = answer.headers.get("x-ratelimit-reset")?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

/// What Mattermost says when all is well.
pub fn vendor(request: &Rehearsed) -> Reply {
    let path = request.url.path();
    if path.ends_with("/api/v4/files") {
        let files = request.body.windows(9).filter(|window| window == b"filename=").count();
        let infos: Vec<_> = (0..files).map(|at| json!({ "id": format!("file{at:022}") })).collect();
        return Reply::json(&json!({ "file_infos": infos }));
    }
    if path.contains("/api/v4/posts") {
        Reply::json(&json!({ "id": "post00000000000000000000ab" }))
    } else {
        Reply::ok("ok")
    }
}
