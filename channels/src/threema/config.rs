//! What can be configured of Threema, under Grafana's keys, and the channel made of it.
//!
//! Deliberately unknown here: requests.

use std::{path::PathBuf, sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, TextLimit, Way};
use crypto_box::PublicKey;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::OnceCell;

use super::{
    Threema, crypto,
    texts::{TEXT, ThreemaTexts},
};
use crate::{
    builder::{Builder, destination},
    config::{HttpConfig, Images, Secret, duration},
    registry::Integration,
    sending::{Fitted, Rehearsed, Reply, Vendor},
};

const API: &str = "https://msgapi.threema.ch";

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The most requests of a send or of an added picture: a key, a thumbnail, a file, a message.
const MOST_REQUESTS: u32 = 4;

/// The largest file of the apps, in bytes.
const MOST_BYTES: u64 = 50 * 1024 * 1024;

/// What can be configured of Threema.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// Options of the requests.
    pub http_config: Option<HttpConfig>,
    /// Where the Gateway is.
    pub api_url: String,
    /// The Gateway ID: eight characters, the first is `*`.
    pub gateway_id: String,
    /// The recipient's Threema ID: eight characters.
    pub recipient_id: String,
    /// The Gateway ID's secret.
    pub api_secret: Option<SecretString>,
    /// A file with it.
    pub api_secret_file: Option<PathBuf>,
    /// The Gateway ID's private key, in hexadecimal digits: with it, messages are encrypted from end to end.
    pub private_key: Option<SecretString>,
    /// A file with it.
    pub private_key_file: Option<PathBuf>,
    /// The recipient's public key, in hexadecimal digits; without it, Threema is asked.
    pub recipient_public_key: Option<String>,
    /// The title.
    pub title: String,
    /// The text.
    pub description: String,
    /// How long a request may take; 0: the default, ten seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// How pictures are given; files want a private key.
    pub images: Images,
    /// The most pictures of a message; each file costs three credits, so without this one: more become a contact sheet.
    pub max_images: Option<usize>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            send_resolved: true,
            http_config: None,
            api_url: API.to_owned(),
            gateway_id: String::new(),
            recipient_id: String::new(),
            api_secret: None,
            api_secret_file: None,
            private_key: None,
            private_key_file: None,
            recipient_public_key: None,
            title: r#"{{ template "default.title" . }}"#.to_owned(),
            description: r#"{{ template "default.message" . }}"#.to_owned(),
            timeout: None,
            images: Images::Auto,
            max_images: None,
        }
    }
}

impl Config {
    /// Everything to `base`.
    pub fn example(base: &str) -> Self {
        Self {
            api_url: base.to_owned(),
            gateway_id: "*EXAMPLE".to_owned(),
            recipient_id: "ECHOECHO".to_owned(),
            api_secret: Some("api-secret".into()),
            ..Self::default()
        }
    }

    fn private_key(&self, builder: &mut Builder<'_>) -> Option<Secret> {
        let key = builder.secret("private_key", self.private_key.as_ref(), self.private_key_file.as_ref())?;
        let readable = key.read_now().is_ok_and(|text| crypto::key(text.expose_secret(), "private").is_some());
        if !readable {
            builder.problem("private_key", "is no key: 64 hexadecimal digits");
        }
        Some(key)
    }

    fn public_key(&self, builder: &mut Builder<'_>) -> OnceCell<PublicKey> {
        let Some(text) = &self.recipient_public_key else { return OnceCell::new() };
        let key = crypto::key(text, "public").map(PublicKey::from);
        if key.is_none() {
            builder.problem("recipient_public_key", "is no key: 64 hexadecimal digits");
        }
        OnceCell::new_with(key)
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let right =
            |id: &str| id.len() == 8 && id.chars().all(|c| c == '*' || c.is_ascii_uppercase() || c.is_ascii_digit());
        if !right(&self.gateway_id) || !self.gateway_id.starts_with('*') {
            builder.problem("gateway_id", "is eight capital letters or digits, the first is *");
        }
        if !right(&self.recipient_id) {
            builder.problem("recipient_id", "is eight capital letters or digits");
        }
        if self.api_secret.is_none() && self.api_secret_file.is_none() {
            builder.problem("api_secret", "is missing");
        }
        let secret = builder.secret("api_secret", self.api_secret.as_ref(), self.api_secret_file.as_ref());
        let private_key = self.private_key(builder);
        let public_key = self.public_key(builder);
        let title = builder.text("title", &self.title);
        let description = builder.text("description", &self.description);
        let http = builder.http(self.http_config.as_ref());
        let api = builder.url("api_url", &self.api_url);
        let pictures = self.pictures(builder, private_key.is_some());
        let timeout = self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT);
        let limits = Limits {
            title: TextLimit::UNLIMITED,
            text: TEXT,
            pictures,
            pace: Pace { burst: 4, period: Duration::from_secs(1) },
            concurrency: 2,
            timeout: timeout * MOST_REQUESTS,
            editing: Editing::default(),
            send_resolved: self.send_resolved,
            destination: destination(&[api.as_ref()?.as_str(), &self.gateway_id, &self.recipient_id]),
            kind: "threema",
        };
        Some(Arc::new(Fitted::new(Threema {
            limits,
            http: http?,
            api: api?,
            from: self.gateway_id.clone(),
            to: self.recipient_id.clone(),
            secret: secret?,
            private_key,
            public_key,
            texts: ThreemaTexts { title: title?, description: description? },
            timeout,
        })))
    }

    fn vendor(&self) -> Vendor {
        taken
    }
}

impl Config {
    fn pictures(&self, builder: &mut Builder<'_>, end_to_end: bool) -> PictureLimits {
        let files = PictureLimits {
            ways: vec![Way::Attach, Way::Link],
            max_count: 10,
            max_bytes: MOST_BYTES,
            max_total_bytes: MOST_BYTES,
            max_pixels: (10_000, 10_000),
            formats: &[Format::Png, Format::Jpeg],
            late: LatePictures::Add,
        };
        let able = match end_to_end {
            true => files,
            false => PictureLimits { ways: vec![Way::Link], late: LatePictures::No, ..files },
        };
        let mut pictures = builder.pictures(self.images, self.max_images, able);
        if pictures.wants_bytes() && self.max_images.is_none() {
            pictures.max_count = 1;
        }
        pictures
    }
}

/// Threema answers with bare words: a key, the name of a file, the number of a message.
fn taken(request: &Rehearsed) -> Reply {
    match request.url.path() {
        path if path.contains("/pubkeys/") => Reply::ok(crypto::hex(&[9; 32])),
        path if path.ends_with("/upload_blob") => Reply::ok("0123456789abcdef0123456789abcdef"),
        _ => Reply::ok("0123456789abcdef"),
    }
}
