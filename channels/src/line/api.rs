//! Calls of LINE's Messaging API, and what its answers mean.
//!
//! Deliberately unknown here: texts and pictures.

use std::time::Duration;

use alerts::ports::{SendError, SendErrorKind};
use http::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use crate::{
    config::Secret,
    sending::{Answer, Http, Redactor, Rehearsed, Reply},
};

/// Messages for one receiver.
#[derive(Serialize)]
pub struct Push<'a> {
    pub to: &'a str,
    pub messages: Vec<Part>,
}

/// One of at most five messages of a push.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Part {
    Text {
        text: String,
    },
    #[serde(rename_all = "camelCase")]
    Image {
        original_content_url: String,
        preview_image_url: String,
    },
}

/// The Messaging API with a token.
pub struct Api {
    pub http: Http,
    pub base: Url,
    pub token: Secret,
    pub timeout: Duration,
}

/// An error, in LINE's words.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    message: String,
    details: Vec<Detail>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail {
    message: String,
    property: String,
}

impl Refusal {
    fn of(answer: &Answer) -> Self {
        serde_json::from_slice(&answer.body).unwrap_or_default()
    }

    /// Whether it is about who the message goes to.
    fn is_about_receiver(&self) -> bool {
        // a user who is not there, or has blocked the account, is told of in general words
        self.message == "Failed to send messages"
            || self.message.contains("'to'")
            || self.details.iter().any(|detail| detail.property == "to")
    }

    fn words(&self) -> String {
        let details = self.details.iter().map(|detail| format!("{}: {}", detail.property, detail.message));
        let details: Vec<String> = details.collect();
        if details.is_empty() { self.message.clone() } else { format!("{} ({})", self.message, details.join("; ")) }
    }
}

impl Api {
    /// Sends; the ids of the messages.
    pub async fn push(&self, push: &Push<'_>, retry_key: &str) -> Result<Vec<String>, SendError> {
        let (token, url) = (self.token().await?, self.url("push")?);
        let request = self.http.request_without_login(Method::POST, url).await?;
        let request = request.bearer_auth(token.expose_secret()).header("x-line-retry-key", retry_key).json(push);
        let answer = self.http.send_once(request, self.timeout).await?;
        let redactor = self.http.secrets().await.with([token]);
        // a conflict: the same key has been accepted before, so it is out
        if answer.status.is_success() || answer.status == StatusCode::CONFLICT {
            return sent(&answer, &redactor);
        }
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            return Err(self.too_many(&answer, &redactor).await);
        }
        Err(refused(&answer, &redactor, push.messages.len() > 1))
    }

    /// Too fast, which passes; or the month's quota, which does not until somebody buys more: then others must be told.
    async fn too_many(&self, answer: &Answer, redactor: &Redactor) -> SendError {
        let failure = answer.failure(redactor);
        let words = Refusal::of(answer).message;
        let (quota, used) = (self.number("quota", "value").await, self.number("quota/consumption", "totalUsage").await);
        let is_used_up = quota.zip(used).is_some_and(|(quota, used)| used >= quota);
        if !is_used_up && !words.contains("monthly limit") {
            return failure;
        }
        let numbers = quota.zip(used).map(|(quota, used)| format!(": {used} of {quota} messages are used"));
        let detail = format!("the monthly quota{} ({})", numbers.unwrap_or_default(), failure.detail);
        SendError { kind: SendErrorKind::Unauthorised, detail, ..failure }
    }

    /// A number that LINE tells, if it does.
    async fn number(&self, what: &str, field: &str) -> Option<i64> {
        let (token, url) = (self.token().await.ok()?, self.url(what).ok()?);
        let request = self.http.request_without_login(Method::GET, url).await.ok()?;
        let answer = self.http.send_once(request.bearer_auth(token.expose_secret()), self.timeout).await.ok()?;
        let json: Value = serde_json::from_slice(&answer.body).ok().filter(|_| answer.status.is_success())?;
        json[field].as_i64()
    }

    fn url(&self, what: &str) -> Result<Url, SendError> {
        let base = self.base.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}/v2/bot/message/{what}"))
            .map_err(|why| SendError::new(SendErrorKind::Rejected, format!("api_url: {why}")))
    }

    async fn token(&self) -> Result<SecretString, SendError> {
        self.token.read().await.map_err(|why| SendError::new(SendErrorKind::Unauthorised, why))
    }
}

/// The ids in the answer of a success, which is JSON.
fn sent(answer: &Answer, redactor: &Redactor) -> Result<Vec<String>, SendError> {
    let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let Some(json) = json.filter(Value::is_object) else {
        // repeated under the same key, nothing is sent twice
        let words = format!("not LINE's answer: {}", answer.words(redactor));
        return Err(SendError::new(SendErrorKind::Retry, words));
    };
    let sent = json["sentMessages"].as_array().into_iter().flatten();
    Ok(sent.filter_map(|message| message["id"].as_str().map(str::to_owned)).collect())
}

fn refused(answer: &Answer, redactor: &Redactor, with_pictures: bool) -> SendError {
    let (failure, refusal) = (answer.failure(redactor), Refusal::of(answer));
    let kind = match failure.kind {
        SendErrorKind::Rejected if refusal.is_about_receiver() => SendErrorKind::Unauthorised,
        // whatever else it is refused for, it is tried without pictures
        SendErrorKind::Rejected | SendErrorKind::TooLarge if with_pictures => SendErrorKind::TooLarge,
        SendErrorKind::TooLarge => SendErrorKind::Rejected,
        kind => kind,
    };
    let detail = if refusal.message.is_empty() { failure.detail } else { redactor.words(&refusal.words()) };
    SendError { kind, detail, ..failure }
}

/// The Messaging API when all is well.
pub fn vendor(request: &Rehearsed) -> Reply {
    Reply::json(&match request.url.path().rsplit('/').next() {
        Some("quota") => json!({"type": "limited", "value": 200}),
        Some("consumption") => json!({"totalUsage": 5}),
        _ => json!({"sentMessages": [{"id": "461230966842064897", "quoteToken": "IStG5h1Tz7b"}]}),
    })
}
