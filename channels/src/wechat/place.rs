//! Where messages go: a group's robot, by its address; or members of a company, by an application.
//!
//! Deliberately unknown here: texts.

use std::time::Duration;

use alerts::{
    picture::Picture,
    ports::{SendError, SendErrorKind},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{Method, header::CONTENT_TYPE};
use md5::{Digest, Md5};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use url::Url;

use super::{
    app::{App, media_id},
    codes,
    texts::To,
};
use crate::{
    config::Secret,
    sending::{Http, multipart::Form},
};

/// A robot or an application.
pub enum Place {
    /// The robot's address.
    Robot(Secret),
    /// The application.
    App(Box<App>),
}

impl Place {
    /// Posts a message: its content, and for an application whom it is for.
    pub async fn post(&self, http: &Http, to: &To, mut content: Value, timeout: Duration) -> Result<Value, SendError> {
        match self {
            Place::Robot(secret) => robot(http, secret, &content, timeout).await,
            Place::App(app) => {
                if let (Some(content), Value::Object(to)) = (content.as_object_mut(), json!(to)) {
                    content.extend(to);
                    content.insert("safe".to_owned(), "0".into());
                }
                let body = (JSON.to_owned(), Bytes::from(content.to_string()));
                call(http, app, &["message", "send"], None, &body, timeout).await
            }
        }
    }

    /// A picture as the content of a message of its own.
    pub async fn image(&self, http: &Http, picture: &Picture, timeout: Duration) -> Result<Value, SendError> {
        let bytes = picture.bytes.clone().unwrap_or_default();
        match self {
            Place::Robot(_) => {
                let md5: String = Md5::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
                Ok(json!({ "msgtype": "image", "image": { "base64": STANDARD.encode(&bytes), "md5": md5 } }))
            }
            Place::App(app) => {
                let form = Form::default().picture("media", picture).finish();
                let answer = call(http, app, &["media", "upload"], Some(("type", "image")), &form, timeout).await?;
                Ok(json!({ "msgtype": "image", "image": { "media_id": media_id(&answer)? } }))
            }
        }
    }
}

const JSON: &str = "application/json";

async fn robot(http: &Http, secret: &Secret, content: &Value, timeout: Duration) -> Result<Value, SendError> {
    let wrong = |why: String| SendError::new(SendErrorKind::Unauthorised, why);
    let text = secret.read().await.map_err(wrong)?;
    let url =
        Url::parse(text.expose_secret().trim()).map_err(|why| wrong(format!("webhook_url is not a URL: {why}")))?;
    let request = http.request(Method::POST, url.clone()).await?;
    let request = request.header(CONTENT_TYPE, JSON).body(content.to_string());
    let answer = http.send(request, timeout).await?;
    let redactor = http.secrets().await.with_url(&url);
    codes::understood(&answer, &redactor).map_err(|refusal| refusal.error)
}

/// A call of an application; with a new token, if the first one is refused.
async fn call(
    http: &Http,
    app: &App,
    path: &[&str],
    query: Option<(&str, &str)>,
    (kind, body): &(String, Bytes),
    timeout: Duration,
) -> Result<Value, SendError> {
    let mut tried = 0;
    loop {
        let (mut url, token) = app.address(http, path, timeout).await?;
        if let Some((name, value)) = query {
            url.query_pairs_mut().append_pair(name, value);
        }
        let request = http.request(Method::POST, url.clone()).await?;
        let request = request.header(CONTENT_TYPE, kind).body(body.clone());
        let answer = http.send(request, timeout).await?;
        let redactor = http.secrets().await.with_url(&url).with([token.clone()]);
        tried += 1;
        match codes::understood(&answer, &redactor) {
            Ok(json) => return Ok(json),
            Err(refusal) if refusal.token && tried == 1 => app.refused(&token).await,
            Err(refusal) => return Err(refusal.error),
        }
    }
}
