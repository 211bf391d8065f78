//! PagerDuty: one event per notification, through the Events API v2 (`routing_key`) or v1 (`service_key`). The group's hash is the
//! incident's key, so what is sent twice counts once.
//!
//! Deliberately unknown here: what an event says (`event.rs`); PagerDuty takes no files, so pictures are linked.

mod config;
mod event;
mod payload;

use std::time::Duration;

use alerts::{
    Status,
    message::{Message, Receipt},
    ports::{Channel, Limits, SendError, SendErrorKind},
    templates::Data,
};
use async_trait::async_trait;
pub use config::Config;
use event::EventTexts;
use http::{Method, StatusCode, header::CONTENT_TYPE};
use payload::Parts;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

use crate::{
    key::Key,
    sending::{
        Answer, Http, Redactor, Rehearsed, Reply, classify, fullest::fullest, refused::refused, values::escaped,
    },
};

/// The largest event in bytes (PagerDuty's documentation says 512 KB; Alertmanager and Grafana reckon with this).
const BODY: usize = 512_000;

/// Where events of version 1 go, in place of version 2's `/v2/enqueue`.
const V1_PATH: &str = "/generic/2010-04-15/create_event.json";

/// Which of PagerDuty's two ways in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

struct PagerDuty {
    limits: Limits,
    http: Http,
    url: Url,
    version: Version,
    key: Key,
    texts: EventTexts,
    timeout: Duration,
}

#[async_trait]
impl Channel for PagerDuty {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let key = self.key.of(&Data::new(message), &self.http).await?;
        let (body, failures) = self.event(message, &key)?;
        let request = self.http.request(Method::POST, self.url.clone()).await?;
        let request = request.header(CONTENT_TYPE, "application/json").body(body);
        let answer = self.http.send(request, self.timeout).await?;
        if !answer.status.is_success() {
            // asked for now: a token of http_config may have been renewed on the way
            let redactor = self.http.secrets().await.with([key]);
            return Err(refused(self.failure(&answer, &redactor), message.pictures.len()));
        }
        let degraded = (!failures.is_empty()).then(|| failures.join("; "));
        Ok(Receipt { message: json!({ "dedup_key": message.group_hash() }), degraded, ..Receipt::default() })
    }
}

impl PagerDuty {
    /// The event, with as many alerts in its details as fit; and what went wrong with its texts.
    fn event(&self, message: &Message, key: &SecretString) -> Result<(String, Vec<String>), SendError> {
        let written = |message: &Message, mut parts: Parts| {
            let failures = std::mem::take(&mut parts.failures);
            (self.written(message, parts, key.expose_secret()), failures)
        };
        let render = |message: &Message, left_out: usize| {
            let clean = escaped(message, str::to_owned);
            written(&clean, self.texts.parts(&clean, left_out))
        };
        let fits = |(body, _): &(String, Vec<String>)| body.len() <= BODY;
        if let Some(event) = fullest(message, render, fits) {
            return Ok(event);
        }
        let clean = escaped(message, str::to_owned);
        let mut parts = self.texts.parts(&clean, 0);
        let why = "the details are left out: they are larger than PagerDuty takes";
        parts.details = [("error".to_owned(), json!(why))].into_iter().collect();
        parts.failures.push(why.to_owned());
        Some(written(&clean, parts)).filter(fits).ok_or_else(|| {
            let error = SendError::new(SendErrorKind::Rejected, format!("the event is larger than {BODY} bytes"));
            refused(error, message.pictures.len())
        })
    }

    fn written(&self, message: &Message, parts: Parts, key: &str) -> String {
        let action = if message.status == Status::Firing { "trigger" } else { "resolve" };
        match self.version {
            Version::V1 => parts.v1(key, action, &message.group_hash()),
            Version::V2 => parts.v2(key, action, &message.group_hash()),
        }
    }

    fn failure(&self, answer: &Answer, redactor: &Redactor) -> SendError {
        let failure = answer.failure(redactor);
        let kind = match (self.version, answer.status) {
            // version 1 has no 429
            (Version::V1, StatusCode::FORBIDDEN) => {
                SendErrorKind::RetryAfter(classify::retry_after(&answer.headers).unwrap_or(classify::DEFAULT_WAIT))
            }
            (_, StatusCode::BAD_REQUEST) if finds_fault_with_the_key(answer) => SendErrorKind::Unauthorised,
            _ => failure.kind,
        };
        SendError { kind, ..failure }
    }
}

/// Whether what is wrong with an event is its key: then it is wrong for all events.
fn finds_fault_with_the_key(answer: &Answer) -> bool {
    let json: Option<serde_json::Value> = serde_json::from_slice(&answer.body).ok();
    let errors = json.as_ref().and_then(|json| json["errors"].as_array());
    let names_it = |error: &serde_json::Value| {
        error.as_str().is_some_and(|error| error.contains("routing_key") || error.contains("service_key"))
    };
    errors.is_some_and(|errors| errors.iter().any(names_it))
}

/// What PagerDuty says when all is well.
fn vendor(request: &Rehearsed) -> Reply {
    let event: serde_json::Value = serde_json::from_slice(&request.body).unwrap_or_default();
    if request.url.path().ends_with(V1_PATH) {
        let body = json!({ "status": "success", "message": "Event processed", "incident_key": event["incident_key"] });
        return Reply::json(&body);
    }
    let body = json!({ "status": "success", "message": "Event processed", "dedup_key": event["dedup_key"] });
    Reply { status: 202, body: body.to_string() }
}
