//! Mattermost's API, as a bot: the files first, which nobody sees, then the post that shows them. Later notifications of a
//! group are posts of their own, edit the first, or stand in its thread.
//!
//! Files cannot be added to a post that is out (older servers ignore them), so later ones come as a reply. An upload that
//! fails for a while does not keep the text waiting either: the machine adds the pictures to what is out.
//!
//! Deliberately unknown here: webhooks, pace and repetition.

use std::time::Duration;

use alerts::{
    message::{Message, Receipt},
    picture::Picture,
    ports::{Channel, Limits, SendError, SendErrorKind},
};
use async_trait::async_trait;
use http::{Method, StatusCode, header::CONTENT_TYPE};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use url::Url;

use super::{answers, post::Post, texts::PostTexts};
use crate::{
    config::{Secret, Strategy},
    sending::{Answer, Http, Redactor, classify::blamed_on, multipart::Form},
};

/// A bot in a channel.
pub struct Bot {
    pub limits: Limits,
    pub http: Http,
    pub server: Url,
    pub token: Secret,
    pub channel_id: String,
    pub texts: PostTexts,
    pub strategy: Strategy,
    pub timeout: Duration,
}

/// A post that is out: what a receipt holds.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Posted {
    id: String,
    /// The first post of the thread that it stands in; none: it stands in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    root: Option<String>,
}

#[derive(Deserialize)]
struct Uploaded {
    file_infos: Vec<FileInfo>,
}

#[derive(Deserialize)]
struct FileInfo {
    id: String,
}

#[async_trait]
impl Channel for Bot {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let (post, failures) = self.texts.post(message);
        let open = previous.and_then(|receipt| Posted::deserialize(&receipt.message).ok());
        let degraded = (!failures.is_empty()).then(|| failures.join("; "));
        let has_files = message.pictures.iter().any(|picture| picture.bytes.is_some());
        if let (Strategy::Update, Some(open)) = (self.strategy, &open)
            && self.edited(&post, open, !message.pictures.is_empty()).await?
        {
            return Ok(Receipt { message: json!(open), pictures_due: has_files, degraded });
        }
        let files = match has_files {
            true => self.uploaded(&message.pictures).await?,
            false => Some(Vec::new()),
        };
        let pictures_due = files.is_none();
        let root = open.filter(|_| self.strategy == Strategy::Thread).map(Posted::into_root);
        let body = self.body(&post, &message.idempotency_key, &files.unwrap_or_default());
        let posted = self.posted(body, root).await;
        let posted = posted.map_err(|error| blamed_on(!message.pictures.is_empty(), error))?;
        Ok(Receipt { message: json!(posted), pictures_due, degraded })
    }

    async fn add_pictures(&self, receipt: &Receipt, pictures: &[Picture]) -> Result<Receipt, SendError> {
        let out = Posted::deserialize(&receipt.message)
            .map_err(|_| SendError::new(SendErrorKind::Rejected, "the receipt names no post to answer"))?;
        let mut reply = Post::default();
        reply.show(pictures, true);
        let files = match pictures.iter().any(|picture| picture.bytes.is_some()) {
            true => self.files(pictures).await?,
            false => Vec::new(),
        };
        let mut body = json!({ "channel_id": self.channel_id, "message": "", "root_id": out.into_root() });
        if !files.is_empty() {
            body["file_ids"] = json!(files);
        }
        if !reply.attachments.is_empty() {
            body["props"] = json!({ "attachments": reply.attachments });
        }
        self.call::<Posted>(Method::POST, &["posts"], &body).await?;
        Ok(Receipt { pictures_due: false, ..receipt.clone() })
    }
}

impl Posted {
    /// The only post of a conversation that has a thread.
    fn into_root(self) -> String {
        self.root.unwrap_or(self.id)
    }
}

impl Bot {
    /// Puts the text into the place of the open conversation's. No: that cannot be done any more.
    async fn edited(&self, post: &Post, open: &Posted, pictures: bool) -> Result<bool, SendError> {
        let body = json!({ "message": post.text.as_deref().unwrap_or(""), "props": props(post) });
        let id = open.clone().into_root();
        let (answer, redactor) = self.ask(Method::PUT, &["posts", &id, "patch"], &body).await?;
        match answer.status {
            status if status.is_success() => Ok(true),
            // deleted, not ours, or too old: the id says which, and it is all the same
            StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Ok(false),
            _ => Err(blamed_on(pictures, answers::failure(&answer, &redactor))),
        }
    }

    /// Posts, into a thread if there is one; if that is gone, outside of it.
    async fn posted(&self, mut body: Value, root: Option<String>) -> Result<Posted, SendError> {
        if let Some(root) = root {
            body["root_id"] = json!(root);
            let (answer, redactor) = self.ask(Method::POST, &["posts"], &body).await?;
            if answer.status != StatusCode::BAD_REQUEST || !answers::id(&answer).contains("root_id") {
                let posted: Posted = answers::understood(&answer, &redactor)?;
                return Ok(Posted { root: Some(root), ..posted });
            }
            if let Some(body) = body.as_object_mut() {
                body.remove("root_id");
            }
        }
        self.call(Method::POST, &["posts"], &body).await
    }

    fn body(&self, post: &Post, key: &str, files: &[String]) -> Value {
        let mut body = json!({
            "channel_id": self.channel_id,
            "message": post.text.as_deref().unwrap_or(""),
            "props": props(post),
            // a repetition within half a minute finds the first post
            "pending_post_id": key,
        });
        if !files.is_empty() {
            body["file_ids"] = json!(files);
        }
        if let Some(kind) = &post.kind {
            body["type"] = json!(kind);
        }
        if let Some(priority) = &post.priority {
            body["metadata"] = json!({ "priority": priority });
        }
        body
    }

    /// The ids of the uploaded files. None: they cannot be uploaded just now.
    async fn uploaded(&self, pictures: &[Picture]) -> Result<Option<Vec<String>>, SendError> {
        match self.files(pictures).await {
            Ok(files) => Ok(Some(files)),
            Err(error) => match error.kind {
                SendErrorKind::Retry | SendErrorKind::RetryAfter(_) => Ok(None),
                _ => Err(SendError { kind: SendErrorKind::TooLarge, ..error }),
            },
        }
    }

    async fn files(&self, pictures: &[Picture]) -> Result<Vec<String>, SendError> {
        let form = pictures
            .iter()
            .fold(Form::default().text("channel_id", &self.channel_id), |form, picture| form.picture("files", picture));
        let (kind, body) = form.finish();
        let (answer, redactor) = self.send(Method::POST, &["files"], &kind, body).await.map_err(nobody_saw)?;
        let uploaded: Uploaded = answers::understood(&answer, &redactor)?;
        Ok(uploaded.file_infos.into_iter().map(|file| file.id).collect())
    }

    async fn call<T: DeserializeOwned>(&self, method: Method, path: &[&str], body: &Value) -> Result<T, SendError> {
        let (answer, redactor) = self.ask(method, path, body).await?;
        answers::understood(&answer, &redactor)
    }

    async fn ask(&self, method: Method, path: &[&str], body: &Value) -> Result<(Answer, Redactor), SendError> {
        self.send(method, path, "application/json", body.to_string().into_bytes()).await
    }

    async fn send(
        &self,
        method: Method,
        path: &[&str],
        kind: &str,
        body: impl Into<reqwest::Body>,
    ) -> Result<(Answer, Redactor), SendError> {
        let token = self.token.read().await.map_err(|why| SendError::new(SendErrorKind::Unauthorised, why))?;
        let mut url = self.server.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => drop(segments.pop_if_empty().extend(["api", "v4"]).extend(path)),
            Err(()) => return Err(SendError::new(SendErrorKind::Rejected, "server_url cannot have a path")),
        }
        let request = self.http.request_without_login(method, url).await?;
        let request = request.bearer_auth(token.expose_secret()).header(CONTENT_TYPE, kind).body(body);
        let redactor = self.http.secrets().await.with([token]);
        Ok((self.http.send_once(request, self.timeout).await?, redactor))
    }
}

fn props(post: &Post) -> Value {
    let mut props = json!({ "attachments": post.attachments });
    if let Some(card) = &post.props {
        props["card"] = json!(card.card);
    }
    props
}

/// A file that no post shows can be uploaded again without harm, whatever became of it.
fn nobody_saw(error: SendError) -> SendError {
    SendError { ambiguous: false, ..error }
}
