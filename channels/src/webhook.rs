//! The webhook: Alertmanager's payload, or one of the configuration's own, to an address that may depend on the message.
//!
//! Deliberately unknown here: how payloads look (`crate::payload`, `crate::custom`).

mod address;

use std::{sync::Arc, time::Duration};

use alerts::{
    message::{Message, Receipt},
    ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, SendError, TextLimit, Way},
};
use async_trait::async_trait;
use http::{Method, header::CONTENT_TYPE};
use secrecy::SecretString;
use serde::Deserialize;

use self::address::Address;

use crate::{
    builder::Builder,
    config::{HttpConfig, Images, duration},
    custom::Custom,
    payload,
    registry::Integration,
    sending::{Fitted, Http},
};

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What can be configured of a webhook.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// Where to; behind the host it may be a template. A secret: many vendors put their token into the path.
    pub url: Option<SecretString>,
    /// A file with the URL.
    pub url_file: Option<std::path::PathBuf>,
    /// Options of the requests.
    pub http_config: Option<HttpConfig>,
    /// The most alerts of a message; 0: all.
    pub max_alerts: usize,
    /// How long a request may take; 0: the default, ten seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// A body in place of Alertmanager's: any structure, its texts and keys being templates.
    pub payload: Option<serde_json::Value>,
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
            http_config: None,
            max_alerts: 0,
            timeout: None,
            payload: None,
            images: Images::Auto,
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
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let address = Address::new(builder, self.url.as_ref(), self.url_file.as_ref());
        let custom = self.payload.as_ref().map(|payload| Custom::new(builder, "payload", payload));
        let http = builder.http(self.http_config.as_ref());
        let pictures = builder.pictures(self.images, self.max_images, able());
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
        let custom = match custom {
            Some(custom) => Some(custom?),
            None => None,
        };
        let max_alerts = self.max_alerts;
        Some(Arc::new(Fitted::new(Webhook { limits, address: address?, http: http?, max_alerts, custom })))
    }
}

fn able() -> PictureLimits {
    PictureLimits {
        ways: vec![Way::Link],
        max_count: 1_000,
        max_bytes: u64::MAX,
        max_total_bytes: u64::MAX,
        max_pixels: (u32::MAX, u32::MAX),
        formats: &[Format::Png, Format::Jpeg],
        late: LatePictures::No,
    }
}

struct Webhook {
    limits: Limits,
    address: Address,
    http: Http,
    max_alerts: usize,
    custom: Option<Custom>,
}

#[async_trait]
impl Channel for Webhook {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let url = self.address.of(message).await?;
        let request = self.http.request(Method::POST, url.clone()).await?;
        let request = request
            .header(CONTENT_TYPE, "application/json")
            .header("Idempotency-Key", &message.idempotency_key)
            .body(self.body(message)?);
        let answer = self.http.send(request, self.limits.timeout).await?;
        // asked for now: the token may have been renewed on the way
        let redactor = self.http.secrets().await.with_url(&url);
        if answer.status.is_success() { Ok(Receipt::default()) } else { Err(answer.failure(&redactor)) }
    }
}

impl Webhook {
    fn body(&self, message: &Message) -> Result<String, SendError> {
        let (shown, left_out) = payload::truncated(message, self.max_alerts);
        match &self.custom {
            None => payload::body(&shown, left_out, "4"),
            Some(custom) => payload::written(&custom.rendered(&shown, left_out)?),
        }
    }
}
