//! Pushover: a push message with one picture. An emergency, which rings until somebody confirms it, is called off by the message
//! that follows it.
//!
//! The new message goes out before the old emergency is called off, so that nothing is silent in between; an emergency that
//! cannot be called off ends by itself (`expire`).
//!
//! Deliberately unknown here: what an answer means (`answer.rs`), pace and repetition.

mod answer;
mod config;
mod texts;

use std::time::Duration;

use alerts::{
    message::{Message, Receipt},
    ports::{Channel, Limits, SendError, SendErrorKind},
    templates::{Data, Templates},
};
use answer::Taken;
use async_trait::async_trait;
pub use config::Config;
use http::Method;
use reqwest::{
    Body,
    multipart::{Form, Part},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use texts::{PushTexts, Said};
use url::Url;

use crate::{
    config::Secret,
    sending::{Http, Redactor, files},
};

/// The priority that rings until it is confirmed.
const EMERGENCY: i8 = 2;

struct Pushover {
    limits: Limits,
    http: Http,
    /// With a slash at the end.
    api: Url,
    token: Secret,
    user: Secret,
    texts: PushTexts,
    templates: Templates,
    retry: Duration,
    expire: Duration,
    ttl: Duration,
    timeout: Duration,
}

/// Who sends, and to whom.
struct Keys {
    token: SecretString,
    user: SecretString,
}

#[async_trait]
impl Channel for Pushover {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let keys = self.keys(message).await?;
        let said = self.texts.of(message);
        let request = self.http.request(Method::POST, self.at(&["messages.json"])).await?;
        let request = request.multipart(self.form(message, &said, &keys)?);
        let answer = self.http.send(request, self.timeout).await?;
        let redactor = self.redactor(&keys).await;
        let taken = answer::understood(&answer, &redactor, !message.pictures.is_empty())?;
        let mut degraded = said.failures;
        if let Some(emergency) = previous.and_then(|receipt| receipt.message["receipt"].as_str()) {
            degraded.extend(self.call_off(emergency, &keys, &redactor).await.err());
        }
        let Taken { request, receipt } = taken;
        Ok(Receipt {
            message: json!({ "request": request, "receipt": receipt }),
            pictures_due: false,
            degraded: (!degraded.is_empty()).then(|| degraded.join("; ")),
        })
    }
}

impl Pushover {
    fn form(&self, message: &Message, said: &Said, keys: &Keys) -> Result<Form, SendError> {
        let secret = |secret: &SecretString| secret.expose_secret().to_owned();
        let mut form = Form::new().text("token", secret(&keys.token)).text("user", secret(&keys.user));
        for (name, value) in &said.fields {
            form = form.text(*name, value.clone());
        }
        if said.priority == EMERGENCY {
            form = form.text("retry", self.retry.as_secs().to_string());
            form = form.text("expire", self.expire.as_secs().to_string());
        }
        if !self.ttl.is_zero() {
            form = form.text("ttl", self.ttl.as_secs().to_string());
        }
        // when it happened, however late it arrives
        form = form.text("timestamp", message.now.timestamp().as_second().to_string());
        let picture = message.pictures.first().and_then(|picture| Some((picture, picture.bytes.clone()?)));
        let Some((picture, bytes)) = picture else { return Ok(form) };
        let part = Part::stream_with_length(Body::from(bytes.clone()), bytes.len() as u64);
        let part = part.file_name(files::name(picture)).mime_str(files::mime(&bytes));
        let part = part.map_err(|why| SendError::new(SendErrorKind::Rejected, why.to_string()))?;
        Ok(form.part("attachment", part))
    }

    /// Stops the ringing of an emergency; what happened to the message is settled already.
    async fn call_off(&self, emergency: &str, keys: &Keys, redactor: &Redactor) -> Result<(), String> {
        let failed = |error: SendError| format!("the emergency before was not called off: {}", error.detail);
        let url = self.at(&["receipts", emergency, "cancel.json"]);
        let request = self.http.request(Method::POST, url).await.map_err(failed)?;
        let request = request.form(&[("token", keys.token.expose_secret())]);
        let answer = self.http.send(request, self.timeout).await.map_err(failed)?;
        match answer::understood(&answer, redactor, false) {
            Ok(_) => Ok(()),
            // the same token has just been taken: it is the emergency that is not there any more
            Err(error) if matches!(error.kind, SendErrorKind::Rejected | SendErrorKind::Unauthorised) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    fn at(&self, path: &[&str]) -> Url {
        let mut url = self.api.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// As in Alertmanager, either may be a template: a key per team.
    async fn keys(&self, message: &Message) -> Result<Keys, SendError> {
        Ok(Keys { token: self.key(&self.token, message).await?, user: self.key(&self.user, message).await? })
    }

    async fn key(&self, secret: &Secret, message: &Message) -> Result<SecretString, SendError> {
        let text = secret.read().await.map_err(|why| SendError::new(SendErrorKind::Unauthorised, why))?;
        if !text.expose_secret().contains("{{") {
            return Ok(text);
        }
        // the template's own words may be a key
        let wrong = |_| SendError::new(SendErrorKind::Rejected, "the template of a key failed");
        let template = self.templates.text("key", text.expose_secret()).map_err(wrong)?;
        Ok(SecretString::from(template.render(&Data::new(message)).map_err(wrong)?.trim()))
    }

    /// Asked for after the answer: a token may have been renewed on the way.
    async fn redactor(&self, keys: &Keys) -> Redactor {
        self.http.secrets().await.with([keys.token.clone(), keys.user.clone()])
    }
}
