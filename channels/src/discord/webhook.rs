//! Requests to a webhook: a message posted, a message changed, with its files.
//!
//! Deliberately unknown here: what messages look like, what is done about a failure.

use std::time::Duration;

use alerts::{
    picture::Picture,
    ports::{SendError, SendErrorKind},
};
use http::{Method, header::CONTENT_TYPE};
use reqwest::multipart::{Form, Part};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use url::Url;

use super::answer::{Failure, Made, understood};
use crate::{
    config::Secret,
    sending::{Http, Rehearsed, Reply, files},
};

/// Discord's own hosts; elsewhere a path is left as it is.
const HOSTS: [&str; 4] = ["discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"];

/// The version that this is written for: without one, Discord takes requests as an older one would.
const VERSION: &str = "v10";

pub struct Webhook {
    pub http: Http,
    pub url: Secret,
    pub timeout: Duration,
}

/// Where a request goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place<'a> {
    /// The thread.
    pub thread: Option<&'a str>,
    /// The message that is changed; none: a new one.
    pub message: Option<&'a str>,
}

impl Webhook {
    /// Posts or changes a message.
    pub async fn send(
        &self,
        place: Place<'_>,
        payload: &Value,
        files: &[Picture],
        with_pictures: bool,
    ) -> Result<Made, Failure> {
        let base = self.base().await?;
        let method = if place.message.is_some() { Method::PATCH } else { Method::POST };
        let request = self.http.request(method, place.in_webhook(&base)).await?;
        let text = payload.to_string();
        let request = if files.is_empty() {
            request.header(CONTENT_TYPE, "application/json").body(text)
        } else {
            request.multipart(form(text, files)?)
        };
        let answer = self.http.send(request, self.timeout).await?;
        // asked for now: the token may have been renewed on the way
        let redactor = self.http.secrets().await.with_url(&base);
        understood(&answer, &redactor, with_pictures)
    }

    async fn base(&self) -> Result<Url, SendError> {
        let wrong = |why: String| SendError::new(SendErrorKind::Unauthorised, why);
        let text = self.url.read().await.map_err(wrong)?;
        let mut url =
            Url::parse(text.expose_secret().trim()).map_err(|why| wrong(format!("webhook_url is not a URL: {why}")))?;
        let rest = url.path().trim_end_matches('/').to_owned();
        let unversioned = rest.strip_prefix("/api/webhooks/").filter(|_| HOSTS.contains(&url.host_str().unwrap_or("")));
        url.set_path(&unversioned.map_or_else(|| rest.clone(), |rest| format!("/api/{VERSION}/webhooks/{rest}")));
        Ok(url)
    }
}

impl Place<'_> {
    fn in_webhook(self, base: &Url) -> Url {
        let mut url = base.clone();
        if let Some(message) = self.message {
            url.set_path(&format!("{}/messages/{message}", base.path()));
        }
        let ours = |name: &str| name == "wait" || (name == "thread_id" && self.thread.is_some());
        let others: Vec<(String, String)> =
            base.query_pairs().filter(|(name, _)| !ours(name)).map(|(n, v)| (n.into(), v.into())).collect();
        url.query_pairs_mut().clear().extend_pairs(others);
        if self.message.is_none() {
            // with the message in the answer, and with an error if it could not be kept
            url.query_pairs_mut().append_pair("wait", "true");
        }
        if let Some(thread) = self.thread {
            url.query_pairs_mut().append_pair("thread_id", thread);
        }
        if url.query() == Some("") {
            url.set_query(None);
        }
        url
    }
}

fn form(payload: String, pictures: &[Picture]) -> Result<Form, SendError> {
    let wrong = |why: reqwest::Error| SendError::new(SendErrorKind::Rejected, why.to_string());
    let payload = Part::text(payload).mime_str("application/json").map_err(wrong)?;
    let mut form = Form::new().part("payload_json", payload);
    for (at, picture) in pictures.iter().enumerate() {
        let bytes = picture.bytes.clone().unwrap_or_default();
        let length = bytes.len() as u64;
        let file = Part::stream_with_length(bytes.clone(), length).file_name(files::name(picture));
        form = form.part(format!("files[{at}]"), file.mime_str(files::mime(&bytes)).map_err(wrong)?);
    }
    Ok(form)
}

/// How Discord answers when all is well.
pub fn vendor(request: &Rehearsed) -> Reply {
    let body = String::from_utf8_lossy(&request.body);
    let names = body.split("; filename=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let attachments: Vec<Value> = names
        .enumerate()
        .map(|(at, name)| json!({"id": format!("11000000000000001{at:02}"), "filename": name}))
        .collect();
    let thread = request.url.query_pairs().find(|(name, _)| name == "thread_id").map(|(_, thread)| thread.into_owned());
    let channel = thread.unwrap_or_else(|| "1100000000000000002".to_owned());
    Reply::json(&json!({"id": "1100000000000000003", "channel_id": channel, "attachments": attachments}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn addresses_are_versioned_where_they_are_discords() {
        let check = async |text: &str, place: Place<'_>, expected: &str| {
            rustls::crypto::ring::default_provider().install_default().ok();
            let (http, url) = (Http::shared().unwrap(), Secret::Inline(text.into()));
            let webhook = Webhook { http, url, timeout: Duration::from_secs(1) };
            assert_eq!(place.in_webhook(&webhook.base().await.unwrap()).as_str(), expected);
        };
        let new = Place::default();
        let edit = Place { thread: Some("7"), message: Some("5") };
        check("https://discord.com/api/webhooks/1/t/", new, "https://discord.com/api/v10/webhooks/1/t?wait=true").await;
        check(
            "https://discordapp.com/api/v9/webhooks/1/t",
            edit,
            "https://discordapp.com/api/v9/webhooks/1/t/messages/5?thread_id=7",
        )
        .await;
        let no_thread = Place { thread: None, ..edit };
        check(
            "http://proxy.test/api/webhooks/1/t?wait=false",
            no_thread,
            "http://proxy.test/api/webhooks/1/t/messages/5",
        )
        .await;
        check("http://proxy.test/hook?thread_id=3&key=a", new, "http://proxy.test/hook?thread_id=3&key=a&wait=true")
            .await;
    }
}
