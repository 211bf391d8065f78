//! DingTalk: a group's robot, by its address, signed where it has a secret. It takes no files, so pictures are linked inside of the text.
//!
//! Deliberately unknown here: how payloads look (`payload.rs`), what codes mean (`answer.rs`).

mod answer;
mod payload;

use std::{path::PathBuf, sync::Arc, time::Duration};

use alerts::{
    message::{Message, Receipt},
    ports::{
        Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, SendError, SendErrorKind, TextLimit,
        TextUnit, Way,
    },
};
use async_trait::async_trait;
use http::{Method, header::CONTENT_TYPE};
use payload::{Kind, Texts};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use crate::{
    builder::{self, Builder},
    config::{HttpConfig, Images, Secret, duration},
    registry::Integration,
    sending::{Fitted, Http, Vendor, now::now},
};

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What can be configured of DingTalk.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// The robot's address.
    pub url: Option<SecretString>,
    /// A file with it.
    pub url_file: Option<PathBuf>,
    /// The secret that requests are signed with, if the robot wants that.
    pub secret: Option<SecretString>,
    /// A file with it.
    pub secret_file: Option<PathBuf>,
    /// What a message is: Grafana's key and words, and `markdown`.
    #[serde(rename = "msgType")]
    pub kind: Kind,
    /// The title.
    pub title: String,
    /// The text.
    pub message: String,
    /// Options of the requests.
    pub http_config: Option<HttpConfig>,
    /// How long a request may take; 0: the default, ten seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// Whether pictures are linked.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            send_resolved: true,
            url: None,
            url_file: None,
            secret: None,
            secret_file: None,
            kind: Kind::Markdown,
            title: r#"{{ template "dingding.default.title" . }}"#.to_owned(),
            message: r#"{{ template "dingding.default.message" . }}"#.to_owned(),
            http_config: None,
            timeout: None,
            images: Images::Auto,
            max_images: None,
        }
    }
}

impl Config {
    /// Everything to `base`.
    pub fn example(base: &str) -> Self {
        let url = format!("{base}/robot/send?access_token=robot-secret");
        Self { url: Some(url.into()), secret: Some("SECsigning-secret".into()), ..Self::default() }
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let url = match self.url.is_some() || self.url_file.is_some() {
            true => builder.secret("url", self.url.as_ref(), self.url_file.as_ref()),
            false => builder.required("url", None, ""),
        };
        let now = url.as_ref().and_then(|url| url.read_now().ok());
        let now = now.and_then(|url| builder.url("url", url.expose_secret()));
        let has_secret = self.secret.is_some() || self.secret_file.is_some();
        let secret = builder.secret("secret", self.secret.as_ref(), self.secret_file.as_ref());
        let (title, message) = (builder.text("title", &self.title), builder.text("message", &self.message));
        let http = builder.http(self.http_config.as_ref());
        let pictures = builder.pictures(self.images, self.max_images, able(self.kind));
        if has_secret && secret.is_none() {
            return None;
        }
        let limits = Limits {
            title: payload::TITLE,
            text: TextLimit { unit: TextUnit::Bytes, max: payload::BODY },
            pictures,
            // 20 in a minute; who sends more is not heard for ten
            pace: Pace { burst: 2, period: Duration::from_millis(3_400) },
            concurrency: 1,
            timeout: self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT),
            editing: Editing::default(),
            send_resolved: self.send_resolved,
            destination: builder::url_destination(&now?),
            kind: "dingding",
        };
        let texts = Texts { kind: self.kind, title: title?, message: message? };
        Some(Arc::new(Fitted::new(DingTalk { limits, http: http?, url: url?, secret, texts })))
    }

    fn vendor(&self) -> Vendor {
        answer::vendor
    }
}

/// What a text can hold; a message of the type `link` shows one.
fn able(kind: Kind) -> PictureLimits {
    PictureLimits {
        ways: vec![Way::Link],
        max_count: if kind == Kind::Link { 1 } else { 10 },
        max_bytes: u64::MAX,
        max_total_bytes: u64::MAX,
        max_pixels: (u32::MAX, u32::MAX),
        formats: &[Format::Png, Format::Jpeg],
        late: LatePictures::No,
    }
}

struct DingTalk {
    limits: Limits,
    http: Http,
    url: Secret,
    secret: Option<Secret>,
    texts: Texts,
}

#[async_trait]
impl Channel for DingTalk {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let (payload, failures) = self.texts.payload(message);
        let mut secrets = Vec::new();
        let mut url = self.url().await?;
        if let Some(secret) = &self.secret {
            let secret = secret.read().await.map_err(unauthorised)?;
            answer::sign(&mut url, &secret, now());
            secrets.push(secret);
        }
        let request = self.http.request(Method::POST, url.clone()).await?;
        let request = request.header(CONTENT_TYPE, "application/json; charset=utf-8").body(payload.to_string());
        let answer = self.http.send(request, self.limits.timeout).await?;
        // asked for now: the token may have been renewed on the way
        let redactor = self.http.secrets().await.with_url(&url).with(secrets);
        answer::understood(&answer, &redactor, !message.pictures.is_empty())?;
        Ok(Receipt { degraded: (!failures.is_empty()).then(|| failures.join("; ")), ..Receipt::default() })
    }
}

impl DingTalk {
    async fn url(&self) -> Result<Url, SendError> {
        let text = self.url.read().await.map_err(unauthorised)?;
        Url::parse(text.expose_secret().trim()).map_err(|why| unauthorised(format!("url is not a URL: {why}")))
    }
}

fn unauthorised(why: String) -> SendError {
    SendError::new(SendErrorKind::Unauthorised, why)
}
