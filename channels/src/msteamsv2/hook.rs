//! The address that Teams gives to a channel, and a post to it.
//!
//! Deliberately unknown here: what is posted.

use std::{path::PathBuf, time::Duration};

use alerts::ports::{SendError, SendErrorKind};
use http::{Method, header::CONTENT_TYPE};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::answer;
use crate::{
    builder::{self, Builder, exposed},
    config::{HttpConfig, Secret},
    sending::Http,
};

/// An address that is permission enough: it is signed.
pub struct Hook {
    url: Secret,
    http: Http,
    timeout: Duration,
}

impl Hook {
    /// The hook of `webhook_url` or its file, with the hash of its destination.
    pub fn new(
        builder: &mut Builder<'_>,
        inline: Option<&SecretString>,
        file: Option<&PathBuf>,
        http: Option<&HttpConfig>,
        timeout: Duration,
    ) -> Option<(Self, String)> {
        let http = builder.http(http);
        if inline.is_none() && file.is_none() {
            return builder.required("webhook_url", None, "");
        }
        let url = builder.secret("webhook_url", inline, file)?;
        let text = exposed(url.read_now().ok().as_ref())?;
        let destination = builder::url_destination(&builder.url("webhook_url", &text)?);
        Some((Self { url, http: http?, timeout }, destination))
    }

    /// Posts JSON.
    pub async fn post(&self, json: String, with_pictures: bool) -> Result<(), SendError> {
        let url = self.url().await?;
        let request = self.http.request(Method::POST, url.clone()).await?;
        let answer = self.http.send(request.header(CONTENT_TYPE, "application/json").body(json), self.timeout).await?;
        // asked for now: a token may have been renewed on the way
        let redactor = self.http.secrets().await.with_url(&url);
        answer::understood(&answer, &redactor, with_pictures)
    }

    async fn url(&self) -> Result<Url, SendError> {
        let wrong = |why: String| SendError::new(SendErrorKind::Unauthorised, why);
        let text = self.url.read().await.map_err(wrong)?;
        Url::parse(text.expose_secret().trim()).map_err(|why| wrong(format!("webhook_url is not a URL: {why}")))
    }
}
