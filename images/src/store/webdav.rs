//! A folder on a WebDAV server.
//!
//! Links are not signed, as the protocol knows none: what protects a picture is its name, and the server in front. Follows no
//! redirect. Deliberately unknown here: pictures.

use std::{path::PathBuf, time::Duration};

use alerts::{Time, picture::PictureId, ports::ImageError};
use async_trait::async_trait;
use bytes::Bytes;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{
    Backend,
    name::object_key,
    secret::secret,
    settings::{Wrong, address},
    words::{failed, failure},
};
use crate::error::chain;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// What stands for the picture's file in `public_url`, as in Grafana.
const PLACEHOLDER: &str = "${file}";
/// The most bytes of a picture that are read back.
const MAX_PICTURE_BYTES: usize = 16 << 20;

/// `[external_image_storage.webdav]`; Grafana's keys.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebdavConfig {
    /// The folder that pictures are put into.
    pub url: String,
    /// The user's name.
    pub username: String,
    /// The user's password.
    pub password: Option<SecretString>,
    /// A file with it.
    pub password_file: Option<PathBuf>,
    /// Where pictures are read, if not at `url`; `${file}` stands for the file, or it is put behind.
    pub public_url: String,
}

impl WebdavConfig {
    /// What is wrong with it.
    pub(super) fn check(&self) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        if self.url.is_empty() {
            wrong.push(Wrong::missing("webdav.url", "the folder for the pictures"));
        }
        wrong.extend(address("webdav.url", &self.url));
        wrong.extend(address("webdav.public_url", &self.public_url.replace(PLACEHOLDER, "file")));
        match self.password() {
            Err(problem) => wrong.push(Wrong::new("webdav.password", problem)),
            Ok(Some(_)) if self.username.is_empty() => {
                wrong.push(Wrong::missing("webdav.username", "the user whose password it is"));
            }
            Ok(_) => {}
        }
        wrong
    }

    /// Where its objects lie.
    pub(super) fn place(&self) -> String {
        format!("webdav {}/", self.url.trim_end_matches('/'))
    }

    pub(super) fn backend(&self) -> Result<Webdav, String> {
        let client = Client::builder().redirect(Policy::none()).connect_timeout(CONNECT_TIMEOUT);
        let client = client.user_agent(concat!("wirephoto/", env!("CARGO_PKG_VERSION"))).build();
        let folder = format!("{}/", self.url.trim_end_matches('/'));
        let public = match self.public_url.as_str() {
            "" => format!("{folder}{PLACEHOLDER}"),
            url if url.contains(PLACEHOLDER) => url.to_owned(),
            url => format!("{}/{PLACEHOLDER}", url.trim_end_matches('/')),
        };
        let login = (!self.username.is_empty()).then(|| self.username.clone());
        let password = self.password()?.unwrap_or_default();
        Ok(Webdav { client: client.map_err(|error| chain(&error))?, folder, public, login, password })
    }

    fn password(&self) -> Result<Option<SecretString>, String> {
        secret(self.password.as_ref(), self.password_file.as_deref())
    }
}

/// The folder.
pub(super) struct Webdav {
    client: Client,
    folder: String,
    public: String,
    login: Option<String>,
    password: SecretString,
}

impl Webdav {
    fn request(&self, method: Method, id: &PictureId) -> Result<RequestBuilder, ImageError> {
        let request = self.client.request(method, object_key(&self.folder, id)?);
        Ok(match &self.login {
            Some(user) => request.basic_auth(user, Some(self.password.expose_secret())),
            None => request,
        })
    }
}

async fn sent(request: RequestBuilder) -> Result<Response, ImageError> {
    request.send().await.map_err(|error| failure(&error.without_url()))
}

#[async_trait]
impl Backend for Webdav {
    async fn put(&self, id: &PictureId, png: Bytes) -> Result<(), ImageError> {
        let request = self.request(Method::PUT, id)?.header("content-type", "image/png").body(png);
        match sent(request).await?.status() {
            StatusCode::CREATED | StatusCode::NO_CONTENT => Ok(()),
            status => Err(refused(status)),
        }
    }

    async fn get(&self, id: &PictureId) -> Result<Bytes, ImageError> {
        let mut answer = sent(self.request(Method::GET, id)?).await?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND | StatusCode::GONE => return Err(ImageError::NotFound(id.clone())),
            status => return Err(refused(status)),
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| failure(&error.without_url()))? {
            if body.len() + chunk.len() > MAX_PICTURE_BYTES {
                return Err(failed("the file is larger than any picture of ours"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.into())
    }

    async fn delete(&self, id: &PictureId) -> Result<(), ImageError> {
        let Ok(request) = self.request(Method::DELETE, id) else { return Ok(()) };
        match sent(request).await?.status() {
            status if status.is_success() => Ok(()),
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(()),
            status => Err(refused(status)),
        }
    }

    async fn link(&self, id: &PictureId, _: Time, _: Duration) -> Result<Option<String>, ImageError> {
        Ok(Some(self.public.replace(PLACEHOLDER, &object_key("", id)?)))
    }
}

fn refused(status: StatusCode) -> ImageError {
    let hint = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ": look at username and password",
        StatusCode::CONFLICT | StatusCode::NOT_FOUND => ": is the folder of `url` there?",
        StatusCode::METHOD_NOT_ALLOWED => ": is `url` a WebDAV folder?",
        status if status.is_redirection() => ": redirects are not followed, set url to where it leads",
        _ => "",
    };
    failed(format!("the server answered {status}{hint}"))
}
