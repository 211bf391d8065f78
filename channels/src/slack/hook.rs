//! Slack's incoming webhooks, which most of Alertmanager's users have: an address that takes messages and gives nothing back.
//!
//! It takes no files, so pictures are linked; it names no message, so nothing is edited or added later. Mattermost and
//! Rocket.Chat take the same requests.
//!
//! Deliberately unknown here: the Web API.

use std::time::Duration;

use alerts::{
    message::{Message, Receipt},
    ports::{Channel, Limits, SendError, SendErrorKind},
    templates::{Data, TextTemplate},
};
use async_trait::async_trait;
use http::{Method, StatusCode, header::CONTENT_TYPE};
use secrecy::ExposeSecret;
use serde::Serialize;
use url::Url;

use super::{attachment::attachments, mrkdwn, texts::SlackTexts, words};
use crate::{
    attachments::Attachment,
    config::Secret,
    sending::{Answer, Http, Redactor, texts::Texts, values::escaped, values::one_line},
};

/// An incoming webhook.
pub struct Hook {
    pub limits: Limits,
    pub http: Http,
    pub url: Secret,
    /// Old webhooks take another channel than their own.
    pub channel: Option<TextTemplate>,
    pub texts: SlackTexts,
    pub timeout: Duration,
}

#[derive(Serialize)]
struct Payload {
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon_emoji: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link_names: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    attachments: Vec<Attachment>,
}

#[async_trait]
impl Channel for Hook {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let url = self.url().await?;
        let clean = escaped(message, mrkdwn::escape);
        let mut texts = Texts::new(&clean, Data::new(&clean));
        let payload = self.payload(message, &mut texts);
        let failures = texts.into_failures();
        let json =
            serde_json::to_string(&payload).map_err(|why| SendError::new(SendErrorKind::Rejected, why.to_string()))?;
        let request = self.http.request(Method::POST, url.clone()).await?;
        let request = request.header(CONTENT_TYPE, "application/json").body(json);
        let answer = self.http.send(request, self.timeout).await?;
        // asked for now: the token may have been renewed on the way
        let redactor = self.http.secrets().await.with_url(&url);
        understood(&answer, &redactor)?;
        let degraded = (!failures.is_empty()).then(|| failures.join("; "));
        Ok(Receipt { degraded, ..Receipt::default() })
    }
}

impl Hook {
    fn payload(&self, message: &Message, texts: &mut Texts<'_>) -> Payload {
        let parts = self.texts.parts(message, texts);
        let extras = self.texts.extras(texts);
        let t = &self.texts;
        Payload {
            channel: texts.option(self.channel.as_ref()).map(|name| mrkdwn::unescape(&one_line(&name))),
            username: texts.option(t.username.as_ref()).map(|name| mrkdwn::unescape(&one_line(&name))),
            icon_emoji: texts.option(t.icon_emoji.as_ref()),
            icon_url: texts.option(t.icon_url.as_ref()).map(|url| mrkdwn::unescape(&url)),
            link_names: t.link_names.then_some(true),
            text: extras.message_text.clone(),
            attachments: attachments(&parts, &extras, &message.pictures),
        }
    }

    async fn url(&self) -> Result<Url, SendError> {
        let wrong = |why: String| SendError::new(SendErrorKind::Unauthorised, why);
        let text = self.url.read().await.map_err(wrong)?;
        Url::parse(text.expose_secret().trim()).map_err(|why| wrong(format!("api_url is not a URL: {why}")))
    }
}

/// A success is 2xx, unless the answer is the Web API's and says otherwise. Failures have a word as their body.
fn understood(answer: &Answer, redactor: &Redactor) -> Result<(), SendError> {
    let json: Option<serde_json::Value> = serde_json::from_slice(&answer.body).ok();
    if answer.status.is_success() {
        let refused = json.as_ref().filter(|json| json["ok"] == false);
        let Some(json) = refused else { return Ok(()) };
        let word = json["error"].as_str().unwrap_or("ok is false, without an error");
        return Err(SendError::new(words::classify(word), redactor.words(word)));
    }
    let failure = answer.failure(redactor);
    if answer.status == StatusCode::BAD_REQUEST {
        let word = String::from_utf8_lossy(&answer.body);
        return Err(SendError { kind: words::classify(word.trim()), ..failure });
    }
    Err(failure)
}
