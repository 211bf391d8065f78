//! Slack, with a bot token: the message first, then its pictures uploaded into its thread with one complete call.
//!
//! Requests, types and client are slack-morphism's, over our own connector (`client.rs`). Some answers are read with types
//! of our own: the crate's want more fields than we need, and a message that is out must not fail for one of them.
//!
//! Deliberately unknown here: incoming webhooks (`hook.rs`), pace and repetition.

mod attachment;
mod client;
mod config;
mod content;
mod hook;
mod mrkdwn;
mod texts;
mod words;

use alerts::{
    message::{Message, Receipt},
    picture::Picture,
    ports::{Channel, Limits, SendError, SendErrorKind, TextLimit, Way},
    templates::{Data, TextTemplate},
};
use async_trait::async_trait;
use attachment::{Extras, attachments};
use client::{Connector, unwrapped};
pub use config::Config;
use content::Parts;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;
use slack_morphism::prelude::{
    SlackApiChatPostMessageRequest, SlackApiFilesComplete, SlackApiFilesCompleteUploadExternalRequest,
    SlackApiFilesGetUploadUrlExternalRequest, SlackApiFilesUploadViaUrlRequest, SlackApiToken, SlackApiTokenValue,
    SlackChannelId, SlackClient, SlackFileId, SlackMessageContent, SlackTs,
};
use texts::SlackTexts;

use crate::{
    config::Secret,
    sending::{
        texts::Texts,
        truncate::truncate,
        values::{escaped, one_line},
    },
};

/// The longest description of an uploaded file: half of what Slack takes, since it travels in the URL.
const ALT_TXT: TextLimit = TextLimit::chars(500);

struct Slack {
    limits: Limits,
    client: SlackClient<Connector>,
    token: Secret,
    channel: TextTemplate,
    texts: SlackTexts,
}

/// The message that was posted; Slack's own words for what it takes to answer it.
#[derive(Deserialize, Serialize)]
struct Posted {
    channel: String,
    ts: String,
}

/// An answer of which only `ok` matters.
#[derive(Deserialize)]
struct Done {}

#[async_trait]
impl Channel for Slack {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let clean = escaped(message, mrkdwn::escape);
        let mut texts = Texts::new(&clean, Data::new(&clean));
        let mut request = self.request(&mut texts)?;
        let parts = self.texts.parts(message, &mut texts);
        let extras = self.texts.extras(&mut texts);
        let failures = texts.into_failures();
        let (linked, uploads): (Vec<_>, Vec<_>) =
            message.pictures.iter().cloned().partition(|picture| picture.bytes.is_none());
        request.content = content::content(&parts, &linked);
        let body =
            if extras.is_needed() { with_attachments(&request, &parts, &extras, &linked) } else { json!(request) };
        let (posted, simplified) = self.post_somehow(&body, request, &parts, linked.is_empty()).await?;
        let degraded: Vec<String> = failures.into_iter().chain(simplified).collect();
        Ok(Receipt {
            message: json!(posted),
            pictures_due: !uploads.is_empty(),
            degraded: (!degraded.is_empty()).then(|| degraded.join("; ")),
        })
    }

    async fn add_pictures(&self, receipt: &Receipt, pictures: &[Picture]) -> Result<Receipt, SendError> {
        let parent = Posted::deserialize(&receipt.message)
            .map_err(|_| SendError::new(SendErrorKind::Rejected, "the receipt names no message to answer"))?;
        let (uploads, linked): (Vec<_>, Vec<_>) = pictures.iter().cloned().partition(|picture| picture.bytes.is_some());
        if !uploads.is_empty() {
            self.upload(&parent, &uploads).await?;
        }
        if !linked.is_empty() {
            let request = SlackApiChatPostMessageRequest::new(SlackChannelId(parent.channel), content::reply(&linked))
                .with_thread_ts(SlackTs(parent.ts));
            self.call::<_, Done>("chat.postMessage", &request).await?;
        }
        Ok(Receipt { pictures_due: false, ..receipt.clone() })
    }
}

impl Slack {
    /// The request without its content.
    fn request(&self, texts: &mut Texts<'_>) -> Result<SlackApiChatPostMessageRequest, SendError> {
        let channel = self.channel.render(&texts.data).map(|name| mrkdwn::unescape(&one_line(&name)));
        let channel = channel.map_err(|why| SendError::new(SendErrorKind::Rejected, why.to_string()))?;
        let t = &self.texts;
        Ok(SlackApiChatPostMessageRequest::new(SlackChannelId(channel), SlackMessageContent::new())
            .opt_username(texts.option(t.username.as_ref()).map(|name| mrkdwn::unescape(&one_line(&name))))
            .opt_icon_emoji(texts.option(t.icon_emoji.as_ref()))
            .opt_icon_url(texts.option(t.icon_url.as_ref()).map(|url| mrkdwn::unescape(&url)))
            .opt_link_names(self.texts.link_names.then_some(true))
            .with_unfurl_links(false)
            .with_unfurl_media(false))
    }

    /// Posts; what Slack finds fault with for its form goes out once more as plain text. With linked pictures the caller
    /// tries without them first.
    async fn post_somehow(
        &self,
        body: &serde_json::Value,
        request: SlackApiChatPostMessageRequest,
        parts: &Parts,
        last_resort: bool,
    ) -> Result<(Posted, Option<String>), SendError> {
        match self.call("chat.postMessage", body).await {
            Err(error) if error.kind == SendErrorKind::TooLarge && last_resort => {
                let plain = SlackApiChatPostMessageRequest { content: content::plain(parts), ..request };
                let posted = self.call("chat.postMessage", &plain).await.map_err(for_good)?;
                Ok((posted, Some(format!("sent as plain text: {}", error.detail))))
            }
            posted => Ok((posted?, None)),
        }
    }

    /// Uploads the files and shares them all in the thread at once.
    async fn upload(&self, parent: &Posted, pictures: &[Picture]) -> Result<(), SendError> {
        let mut files = Vec::new();
        for picture in pictures {
            let id = self.upload_one(picture).await?;
            files.push(SlackApiFilesComplete::new(id).with_title(one_line(&picture.record.title)));
        }
        let request = SlackApiFilesCompleteUploadExternalRequest::new(files)
            .with_channel_id(SlackChannelId(parent.channel.clone()))
            .with_thread_ts(SlackTs(parent.ts.clone()));
        self.call::<_, Done>("files.completeUploadExternal", &request).await.map(drop)
    }

    async fn upload_one(&self, picture: &Picture) -> Result<SlackFileId, SendError> {
        let token = self.token().await?;
        let session = self.client.open_session(&token);
        let bytes = picture.bytes.clone().unwrap_or_default();
        let alt = truncate(&one_line(&picture.record.alt), ALT_TXT).into_owned();
        let wanted = SlackApiFilesGetUploadUrlExternalRequest::new(format!("{}.png", picture.record.id), bytes.len())
            .opt_alt_txt((!alt.is_empty()).then_some(alt));
        let place = session.get_upload_url_external(&wanted).await.map_err(unwrapped)?;
        let file = SlackApiFilesUploadViaUrlRequest::new(place.upload_url, bytes.to_vec(), "image/png".to_owned());
        session.files_upload_via_url(&file).await.map_err(not_shared_yet)?;
        Ok(place.file_id)
    }

    async fn call<RQ: Serialize + Send + Sync, RS: DeserializeOwned + Send>(
        &self,
        method: &str,
        request: &RQ,
    ) -> Result<RS, SendError> {
        let token = self.token().await?;
        let session = self.client.open_session(&token);
        session.http_session_api.http_post(method, request, None).await.map_err(unwrapped)
    }

    async fn token(&self) -> Result<SlackApiToken, SendError> {
        let token = self.token.read().await.map_err(|why| SendError::new(SendErrorKind::Unauthorised, why))?;
        Ok(SlackApiToken::new(SlackApiTokenValue(token.expose_secret().to_owned())))
    }
}

/// The request with attachments instead of blocks; the crate's type of attachments lacks most of what they can have.
fn with_attachments(
    request: &SlackApiChatPostMessageRequest,
    parts: &Parts,
    extras: &Extras,
    linked: &[Picture],
) -> serde_json::Value {
    let content = SlackMessageContent::new().opt_text(extras.message_text.clone());
    let request = SlackApiChatPostMessageRequest { content, ..request.clone() };
    let mut body = json!(request);
    body["attachments"] = json!(attachments(parts, extras, linked));
    body
}

/// There is nothing left to take off.
fn for_good(error: SendError) -> SendError {
    let kind = if error.kind == SendErrorKind::TooLarge { SendErrorKind::Rejected } else { error.kind };
    SendError { kind, ..error }
}

/// An upload that nobody has been shown can be repeated without harm, whatever became of it.
fn not_shared_yet(error: slack_morphism::errors::SlackClientError) -> SendError {
    SendError { ambiguous: false, ..unwrapped(error) }
}

/// The ways a bot can give pictures: into the thread, or linked inside of the message.
const WAYS: [Way; 2] = [Way::Attach, Way::Link];
