//! Opsgenie, and Jira Service Management, which takes the same requests at another address: an alert per group, closed when all is
//! over. The group's hash is its alias, so what is sent twice counts once.
//!
//! Opsgenie works asynchronously: it says that a request will be processed, and later what became of it. Pictures are attached once it
//! is known which alert it became; what cannot be attached is linked in the alert's details.
//!
//! Deliberately unknown here: what an alert says (`alert.rs`).

mod alert;
mod attach;
mod config;

use std::time::Duration;

use alerts::{
    Status,
    message::{Message, Receipt},
    picture::Picture,
    ports::{Channel, Limits, SendError, SendErrorKind},
    templates::Data,
};
use async_trait::async_trait;
pub use config::Config;
use http::{
    Method, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use reqwest::RequestBuilder;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use self::alert::AlertTexts;
use crate::{
    key::Key,
    sending::{Answer, Http, Rehearsed, Reply, fullest::fullest, refused::refused, truncate::length, values::escaped},
};

struct Opsgenie {
    limits: Limits,
    http: Http,
    /// With a slash at the end.
    base: Url,
    key: Key,
    texts: AlertTexts,
    /// Whether an alert that is open already gets the new texts.
    update_alerts: bool,
    timeout: Duration,
}

/// What is remembered of a message.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Posted {
    alias: String,
    /// Under this the outcome can be asked for.
    request_id: Option<String>,
    /// The alert that it became, once that is known.
    alert_id: Option<String>,
    /// The alert was closed: its alias leads nowhere any more.
    closed: bool,
    /// The pictures that it has: while it is open, what is told again is not attached again.
    pictures: Vec<String>,
}

/// The most pictures that are remembered.
const REMEMBERED: usize = 200;

impl Posted {
    /// The pictures that were attached to the alert while it was open.
    fn pictures_of(previous: Option<&Receipt>) -> Vec<String> {
        let posted = previous.and_then(|receipt| Self::deserialize(&receipt.message).ok());
        posted.filter(|posted| !posted.closed).map(|posted| posted.pictures).unwrap_or_default()
    }

    fn lacks(&self, picture: &Picture) -> bool {
        !self.pictures.iter().any(|id| **id == *picture.record.id.0)
    }

    fn has(&mut self, picture: &Picture) {
        self.pictures.push(picture.record.id.to_string());
        let forgotten = self.pictures.len().saturating_sub(REMEMBERED);
        self.pictures.drain(..forgotten);
    }
}

#[async_trait]
impl Channel for Opsgenie {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let key = self.key.of(&Data::new(message), &self.http).await?;
        match message.status {
            Status::Firing => self.create(message, Posted::pictures_of(previous), &key).await,
            Status::Resolved => self.close(message, &key).await,
        }
    }

    async fn add_pictures(&self, receipt: &Receipt, pictures: &[Picture]) -> Result<Receipt, SendError> {
        let posted = Posted::deserialize(&receipt.message).ok().filter(|posted| !posted.alias.is_empty());
        let nothing = || SendError::new(SendErrorKind::Rejected, "the receipt names no alert");
        // a key that is made of the message takes no files: limits say so
        let Key::Fixed(key) = &self.key else { return Err(nothing()) };
        let key = key.read().await.map_err(|why| SendError::new(SendErrorKind::Unauthorised, why))?;
        self.attach_all(posted.ok_or_else(nothing)?, pictures, &key).await
    }
}

impl Opsgenie {
    /// Creates the group's alert; if it is open already, it counts once more.
    async fn create(&self, message: &Message, pictures: Vec<String>, key: &SecretString) -> Result<Receipt, SendError> {
        let render = |message: &Message, left_out: usize| {
            let clean = escaped(message, str::to_owned);
            self.texts.alert(&clean, left_out)
        };
        let fits = |alert: &alert::Alert| length(&alert.description, alert::DESCRIPTION.unit) <= alert::DESCRIPTION.max;
        let mut alert = fullest(message, render, fits).unwrap_or_else(|| render(message, 0).cut());
        let linked = message.pictures.iter().filter(|picture| picture.bytes.is_none());
        let links = linked.clone().count();
        let mut degraded = std::mem::take(&mut alert.failures);
        let not_linked = alert.link(linked);
        if not_linked > 0 {
            degraded.push(format!("{not_linked} links to pictures do not fit into the details"));
        }
        let answer = self.call(Method::POST, "v2/alerts", &json!(alert), key).await;
        let answer = answer.map_err(|error| refused(error, links))?;
        if self.update_alerts {
            degraded.extend(self.update(&alert, key).await?);
        }
        let posted = Posted { alias: alert.alias, request_id: request_id(&answer), pictures, ..Posted::default() };
        let pictures_due = message.pictures.iter().any(|picture| picture.bytes.is_some() && posted.lacks(picture));
        let degraded = (!degraded.is_empty()).then(|| degraded.join("; "));
        Ok(Receipt { message: json!(posted), pictures_due, degraded })
    }

    /// Writes the texts into an alert that was open already. A refusal does not matter to whoever is paged.
    async fn update(&self, alert: &alert::Alert, key: &SecretString) -> Result<Option<String>, SendError> {
        for (what, text) in [("message", &alert.message), ("description", &alert.description)] {
            let path = format!("v2/alerts/{}/{what}?identifierType=alias", alert.alias);
            match self.call(Method::PUT, &path, &json!({ what: text }), key).await {
                Err(error) if matches!(error.kind, SendErrorKind::Retry | SendErrorKind::RetryAfter(_)) => {
                    return Err(error);
                }
                Err(error) => return Ok(Some(format!("the {what} is not updated: {}", error.detail))),
                Ok(_) => {}
            }
        }
        Ok(None)
    }

    /// Closes the group's alert. One that is not there needs no closing.
    async fn close(&self, message: &Message, key: &SecretString) -> Result<Receipt, SendError> {
        let alias = message.group_hash();
        let path = format!("v2/alerts/{alias}/close?identifierType=alias");
        let clean = escaped(message, str::to_owned);
        let (body, failures) = self.texts.closing(&clean);
        let request = self.request(Method::POST, &path, key).await?;
        let request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        let answer = self.http.send_once(request, self.timeout).await?;
        let degraded = (!failures.is_empty()).then(|| failures.join("; "));
        let mut posted = Posted { alias, closed: true, ..Posted::default() };
        if answer.status == StatusCode::NOT_FOUND && is_of_the_api(&answer) {
            return Ok(Receipt { message: json!(posted), degraded, ..Receipt::default() });
        }
        let answer = self.taken(answer, key).await?;
        posted.request_id = request_id(&answer);
        let pictures_due = posted.request_id.is_some() && message.pictures.iter().any(|p| p.bytes.is_some());
        Ok(Receipt { message: json!(posted), pictures_due, degraded })
    }

    async fn call(&self, method: Method, path: &str, body: &Value, key: &SecretString) -> Result<Answer, SendError> {
        let request = self.request(method, path, key).await?;
        let request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        self.taken(self.http.send_once(request, self.timeout).await?, key).await
    }

    async fn request(&self, method: Method, path: &str, key: &SecretString) -> Result<RequestBuilder, SendError> {
        let rejected = |why: String| SendError::new(SendErrorKind::Rejected, why);
        let url = self.base.join(path).map_err(|why| rejected(why.to_string()))?;
        let login = HeaderValue::from_str(&format!("GenieKey {}", key.expose_secret()));
        let mut login = login.map_err(|_| rejected("api_key has characters that no header takes".to_owned()))?;
        login.set_sensitive(true);
        Ok(self.http.request_without_login(method, url).await?.header(AUTHORIZATION, login))
    }

    /// The answer, if it is a success.
    async fn taken(&self, answer: Answer, key: &SecretString) -> Result<Answer, SendError> {
        if answer.status.is_success() {
            return Ok(answer);
        }
        let redactor = self.http.secrets().await.with([key.clone()]);
        Err(answer.failure(&redactor))
    }
}

/// Whether an answer is the API's own, and not that of a wrong address.
fn is_of_the_api(answer: &Answer) -> bool {
    serde_json::from_slice::<Value>(&answer.body).is_ok_and(|json| json.is_object())
}

fn request_id(answer: &Answer) -> Option<String> {
    let json: Value = serde_json::from_slice(&answer.body).ok()?;
    Some(json["requestId"].as_str()?.to_owned())
}

/// What Opsgenie says when all is well.
fn vendor(request: &Rehearsed) -> Reply {
    const REQUEST: &str = "43a29c5c-3dbf-4fa4-9c26-f4f71023e120";
    let path = request.url.path();
    let attached = path.ends_with("/attachments");
    if attached || path.contains("/v2/alerts/requests/") {
        let data =
            json!({ "isSuccess": true, "status": "Created alert", "alertId": "8743a1b2-11da-480e-8493-744660987bef" });
        return Reply::json(
            &json!({ "data": if attached { json!({ "id": "1" }) } else { data }, "requestId": REQUEST }),
        );
    }
    let body = json!({ "result": "Request will be processed", "took": 0.302, "requestId": REQUEST });
    Reply { status: 202, body: body.to_string() }
}
