//! The calls of Slack's Web API that we make: post, update, react, upload.
//!
//! Some answers are read with types of our own: the crate's want more fields than we need, and a message that is out must
//! not fail for one of them.
//!
//! Deliberately unknown here: what a message says, when it is sent.

use alerts::{
    picture::Picture,
    ports::{SendError, SendErrorKind, TextLimit},
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use slack_morphism::prelude::{
    SlackApiFilesComplete, SlackApiFilesCompleteUploadExternalRequest, SlackApiFilesGetUploadUrlExternalRequest,
    SlackApiFilesUploadViaUrlRequest, SlackApiToken, SlackApiTokenValue, SlackChannelId, SlackClient, SlackFileId,
    SlackTs,
};

use super::{
    client::{Connector, Refusal, refused},
    conversation::Posted,
};
use crate::{
    config::Secret,
    sending::{files, truncate::truncate, values::one_line},
};

/// The longest description of an uploaded file: half of what Slack takes, since it travels in the URL.
const ALT_TXT: TextLimit = TextLimit::chars(500);

/// The Web API, as our bot.
pub struct Api {
    pub client: SlackClient<Connector>,
    pub token: Secret,
}

/// Where a message is now; Slack's own words.
#[derive(Deserialize)]
struct Place {
    channel: String,
    ts: String,
}

/// An answer of which only `ok` matters.
#[derive(Deserialize)]
struct Done {}

impl Api {
    /// Posts a message.
    pub async fn post(&self, body: &Value) -> Result<Posted, Refusal> {
        let place: Place = self.call("chat.postMessage", body).await?;
        Ok(Posted::new(place.channel, place.ts))
    }

    /// Puts a message into the place of another one.
    pub async fn update(&self, of: &Posted, body: &Value) -> Result<(), Refusal> {
        let mut update = json!({ "channel": of.channel, "ts": of.root() });
        // what is not given keeps what was there before
        for (key, empty) in [("text", json!("")), ("attachments", json!([])), ("link_names", Value::Null)] {
            let value = body.get(key).cloned().unwrap_or(empty);
            if !value.is_null() {
                update[key] = value;
            }
        }
        self.call::<_, Done>("chat.update", &update).await.map(drop)
    }

    /// Adds a reaction to the first message of a conversation; one that is there already is as good.
    pub async fn react(&self, to: &Posted, emoji: &str) -> Result<(), Refusal> {
        let body = json!({ "channel": to.channel, "timestamp": to.root(), "name": emoji });
        match self.call::<_, Done>("reactions.add", &body).await {
            Err(refusal) if refusal.word != "already_reacted" => Err(refusal),
            _ => Ok(()),
        }
    }

    /// Uploads the files and shares them all in the thread at once.
    pub async fn upload(&self, thread: &Posted, pictures: &[Picture]) -> Result<(), SendError> {
        let mut shared = Vec::new();
        for picture in pictures {
            let id = self.upload_one(picture).await?;
            shared.push(SlackApiFilesComplete::new(id).with_title(one_line(&picture.record.title)));
        }
        let request = SlackApiFilesCompleteUploadExternalRequest::new(shared)
            .with_channel_id(SlackChannelId(thread.channel.clone()))
            .with_thread_ts(SlackTs(thread.root().to_owned()));
        self.call::<_, Done>("files.completeUploadExternal", &request).await?;
        Ok(())
    }

    async fn upload_one(&self, picture: &Picture) -> Result<SlackFileId, SendError> {
        let token = self.token().await?;
        let session = self.client.open_session(&token);
        let bytes = picture.bytes.clone().unwrap_or_default();
        let alt = truncate(&one_line(&picture.record.alt), ALT_TXT).into_owned();
        let wanted = SlackApiFilesGetUploadUrlExternalRequest::new(files::name(picture), bytes.len())
            .opt_alt_txt((!alt.is_empty()).then_some(alt));
        let place = session.get_upload_url_external(&wanted).await.map_err(refused)?;
        let mime = files::mime(&bytes).to_owned();
        let file = SlackApiFilesUploadViaUrlRequest::new(place.upload_url, bytes.to_vec(), mime);
        session.files_upload_via_url(&file).await.map_err(not_shared_yet)?;
        Ok(place.file_id)
    }

    async fn call<RQ: Serialize + Send + Sync, RS: DeserializeOwned + Send>(
        &self,
        method: &str,
        request: &RQ,
    ) -> Result<RS, Refusal> {
        let token = self.token().await?;
        let session = self.client.open_session(&token);
        session.http_session_api.http_post(method, request, None).await.map_err(refused)
    }

    async fn token(&self) -> Result<SlackApiToken, SendError> {
        let token = self.token.read().await.map_err(|why| SendError::new(SendErrorKind::Unauthorised, why))?;
        Ok(SlackApiToken::new(SlackApiTokenValue(token.expose_secret().to_owned())))
    }
}

/// An upload that nobody has been shown can be repeated without harm, whatever became of it.
fn not_shared_yet(error: slack_morphism::errors::SlackClientError) -> SendError {
    SendError { ambiguous: false, ..*refused(error).error }
}
