//! What can be configured of a webhook, and the channel made of it.
//!
//! Deliberately unknown here: requests.

use std::{path::PathBuf, sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format as File, LatePictures, Limits, Pace, PictureLimits, TextLimit, Way};
use http::Method;
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    Webhook,
    address::Address,
    body::{Form, Payload},
    images::Encoding,
    signature::{Hmac, Signature},
};
use crate::{
    builder::Builder,
    config::{HttpConfig, Images, duration},
    registry::Integration,
    sending::{Custom, Fitted},
};

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The most bytes of pictures in a request if the configuration says nothing: 10 MiB.
const MOST_BYTES: u64 = 10 << 20;

/// What can be configured of a webhook.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// Where to; behind the host it may be a template. A secret: many vendors put their token into the path.
    pub url: Option<SecretString>,
    /// A file with the URL.
    pub url_file: Option<PathBuf>,
    /// POST or PUT.
    pub method: Verb,
    /// Options of the requests.
    pub http_config: Option<HttpConfig>,
    /// The most alerts of a message; 0: all.
    pub max_alerts: usize,
    /// How long a request may take; 0: the default, ten seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// Whose payload it is.
    pub format: Format,
    /// The field `title` of Grafana's payload.
    pub title: String,
    /// The field `message` of Grafana's payload.
    pub message: String,
    /// A body in place of these: any structure, its texts and keys being templates.
    pub payload: Option<serde_json::Value>,
    /// The signature of the body.
    pub hmac: Option<Hmac>,
    /// How pictures are given.
    pub images: Images,
    /// How files are given; that it is set says that they are taken.
    pub image_encoding: Option<Encoding>,
    /// The most bytes of pictures in a request.
    pub max_image_bytes: Option<u64>,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
}

/// The method of the requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verb {
    /// As Alertmanager does.
    #[default]
    Post,
    /// The other one that Grafana knows.
    Put,
}

/// Whose payload it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Version 4 of Alertmanager's.
    #[default]
    Alertmanager,
    /// Version 1 of Grafana's.
    Grafana,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            send_resolved: true,
            url: None,
            url_file: None,
            method: Verb::Post,
            http_config: None,
            max_alerts: 0,
            timeout: None,
            format: Format::Alertmanager,
            title: r#"{{ template "default.title" . }}"#.to_owned(),
            message: r#"{{ template "default.message" . }}"#.to_owned(),
            payload: None,
            hmac: None,
            images: Images::Auto,
            image_encoding: None,
            max_image_bytes: None,
            max_images: None,
        }
    }
}

impl Config {
    /// Everything to `base`.
    pub fn example(base: &str) -> Self {
        let url = format!("{base}/hook/path-secret?token=query-secret");
        Self { url: Some(url.into()), ..Self::default() }
    }

    /// How files are given, if they are.
    fn encoding(&self) -> Option<Encoding> {
        self.image_encoding.or((self.images == Images::Upload).then_some(Encoding::Base64))
    }

    fn able(&self, builder: &mut Builder<'_>) -> PictureLimits {
        if self.max_image_bytes == Some(0) {
            builder.problem("max_image_bytes", "must be more than 0: images = \"link\" sends no bytes");
        }
        let file = self.encoding().map(|encoding| match encoding {
            Encoding::Base64 => Way::Embed,
            Encoding::Multipart => Way::Attach,
        });
        let most = if file.is_some() { self.max_image_bytes.unwrap_or(MOST_BYTES) } else { u64::MAX };
        PictureLimits {
            ways: file.into_iter().chain([Way::Link]).collect(),
            max_count: 1_000,
            max_bytes: most,
            max_total_bytes: most,
            max_pixels: (u32::MAX, u32::MAX),
            formats: &[File::Png, File::Jpeg],
            late: LatePictures::No,
        }
    }

    fn payload(&self, builder: &mut Builder<'_>) -> Option<Payload> {
        match (&self.payload, self.format) {
            (Some(payload), _) => {
                let sends_files = !matches!(self.images, Images::Link | Images::None);
                if sends_files && self.encoding() == Some(Encoding::Base64) {
                    builder.problem(
                        "image_encoding",
                        "must be \"multipart\" with a payload of your own, which has no place for base64",
                    );
                }
                Custom::new(builder, "payload", payload).map(Payload::Custom)
            }
            (None, Format::Alertmanager) => Some(Payload::Alertmanager),
            (None, Format::Grafana) => {
                let title = builder.text("title", &self.title);
                let message = builder.text("message", &self.message);
                Some(Payload::Grafana { title: title?, message: message? })
            }
        }
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let address = Address::new(builder, self.url.as_ref(), self.url_file.as_ref());
        let payload = self.payload(builder);
        let signature = self.hmac.as_ref().map(|hmac| Signature::new(builder, hmac));
        let http = builder.http(self.http_config.as_ref());
        let able = self.able(builder);
        let pictures = builder.pictures(self.images, self.max_images, able);
        let limits = Limits {
            title: TextLimit::UNLIMITED,
            text: TextLimit::UNLIMITED,
            pictures,
            pace: Pace { burst: 1, period: Duration::ZERO },
            concurrency: 8,
            timeout: self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT),
            editing: Editing::default(),
            send_resolved: self.send_resolved,
            destination: address.as_ref()?.destination(),
            kind: "webhook",
        };
        let signature = match signature {
            Some(signature) => Some(signature?),
            None => None,
        };
        let method = match self.method {
            Verb::Post => Method::POST,
            Verb::Put => Method::PUT,
        };
        let form = Form { payload: payload?, max_alerts: self.max_alerts, encoding: self.encoding() };
        Some(Arc::new(Fitted::new(Webhook { limits, address: address?, http: http?, method, form, signature })))
    }
}
