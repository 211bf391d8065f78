//! Splunk On-Call, once VictorOps: one event per notification through the REST integration. The group's hash is the incident's
//! name, so what is sent twice counts once.
//!
//! It takes no files; pictures are annotations that it shows in the incident, by their links.
//!
//! Deliberately unknown here: what can be configured (`config.rs`).

mod config;
mod event;

use std::time::Duration;

use alerts::{
    message::{Message, Receipt},
    ports::{Channel, Limits, SendError, SendErrorKind},
    templates::{Data, TextTemplate},
};
use async_trait::async_trait;
pub use config::Config;
use event::EventTexts;
use http::{Method, header::CONTENT_TYPE};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use crate::{
    config::Secret,
    sending::{
        Answer, Http, Redactor, Rehearsed, Reply, fullest::fullest, refused::refused, truncate::length, values::escaped,
    },
};

struct VictorOps {
    limits: Limits,
    http: Http,
    /// With a slash at the end; the key and the routing key come behind it.
    base: Url,
    key: Secret,
    routing_key: TextTemplate,
    texts: EventTexts,
    timeout: Duration,
}

#[async_trait]
impl Channel for VictorOps {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let key = self.key.read().await.map_err(|why| SendError::new(SendErrorKind::Unauthorised, why))?;
        let url = self.address(message, &key)?;
        let render = |message: &Message, left_out: usize| self.texts.event(&escaped(message, str::to_owned), left_out);
        let fits = |event: &event::Event| length(&event.text, event::TEXT.unit) <= event::TEXT.max;
        let event = fullest(message, render, fits).unwrap_or_else(|| render(message, 0));
        let request = self.http.request(Method::POST, url.clone()).await?;
        let request = request.header(CONTENT_TYPE, "application/json").body(event.body());
        let answer = self.http.send(request, self.timeout).await?;
        // asked for now: a token of http_config may have been renewed on the way
        let redactor = self.http.secrets().await.with_url(&url).with([key]);
        understood(&answer, &redactor).map_err(|error| refused(error, message.pictures.len()))?;
        let degraded = (!event.failures.is_empty()).then(|| event.failures.join("; "));
        Ok(Receipt { message: json!({ "entity_id": message.group_hash() }), degraded, ..Receipt::default() })
    }
}

impl VictorOps {
    /// The address for a message: a part of a path that a label makes is escaped, and leads nowhere else.
    fn address(&self, message: &Message, key: &SecretString) -> Result<Url, SendError> {
        let rejected = |why: &str| SendError::new(SendErrorKind::Rejected, why);
        let routing_key = self.routing_key.render(&Data::new(message));
        let routing_key = routing_key.map_err(|_| rejected("the template of routing_key failed"))?;
        let routing_key = routing_key.trim();
        if matches!(routing_key, "" | "." | "..") {
            return Err(rejected("routing_key comes out empty for this message"));
        }
        let mut url = self.base.clone();
        let mut path = url.path_segments_mut().map_err(|()| rejected("api_url takes no path"))?;
        path.pop_if_empty().push(key.expose_secret().trim()).push(routing_key);
        drop(path);
        Ok(url)
    }
}

/// A success is 2xx, unless its body says otherwise.
fn understood(answer: &Answer, redactor: &Redactor) -> Result<(), SendError> {
    if !answer.status.is_success() {
        return Err(answer.failure(redactor));
    }
    let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    match json["result"].as_str() {
        None | Some("success") => Ok(()),
        Some(result) => {
            let why = json["message"].as_str().or(json["messages"].as_str()).unwrap_or("without a reason");
            Err(SendError::new(SendErrorKind::Rejected, redactor.words(&format!("{result}: {why}"))))
        }
    }
}

/// What it says when all is well.
fn vendor(request: &Rehearsed) -> Reply {
    let event: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    Reply::json(&json!({ "result": "success", "entity_id": event["entity_id"] }))
}
