//! Mattermost's incoming webhooks: an address that takes posts and gives nothing back. Pictures are linked.
//!
//! Deliberately unknown here: the API.

use std::time::Duration;

use alerts::{
    message::{Message, Receipt},
    ports::{Channel, Limits, SendError, SendErrorKind},
};
use async_trait::async_trait;
use http::{Method, header::CONTENT_TYPE};
use secrecy::ExposeSecret;
use url::Url;

use super::{answers, texts::PostTexts};
use crate::{
    config::Secret,
    sending::{Http, classify::blamed_on},
};

/// An incoming webhook.
pub struct Hook {
    pub limits: Limits,
    pub http: Http,
    pub url: Secret,
    pub texts: PostTexts,
    pub timeout: Duration,
}

#[async_trait]
impl Channel for Hook {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let url = self.url().await?;
        let (post, failures) = self.texts.post(message);
        let json =
            serde_json::to_string(&post).map_err(|why| SendError::new(SendErrorKind::Rejected, why.to_string()))?;
        let request = self.http.request(Method::POST, url.clone()).await?;
        let request = request.header(CONTENT_TYPE, "application/json").body(json);
        let answer = self.http.send(request, self.timeout).await?;
        // asked for now: the token may have been renewed on the way
        let redactor = self.http.secrets().await.with_url(&url);
        answers::taken(&answer, &redactor).map_err(|error| blamed_on(!message.pictures.is_empty(), error))?;
        let degraded = (!failures.is_empty()).then(|| failures.join("; "));
        Ok(Receipt { degraded, ..Receipt::default() })
    }
}

impl Hook {
    async fn url(&self) -> Result<Url, SendError> {
        let wrong = |why: String| SendError::new(SendErrorKind::Unauthorised, why);
        let text = self.url.read().await.map_err(wrong)?;
        Url::parse(text.expose_secret().trim()).map_err(|why| wrong(format!("webhook_url is not a URL: {why}")))
    }
}
