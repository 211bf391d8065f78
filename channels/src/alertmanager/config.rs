//! What can be configured of another Alertmanager, and the channel made of it.
//!
//! Deliberately unknown here: requests.

use std::{sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, TextLimit, Way};
use serde::Deserialize;
use url::Url;

use super::{Alertmanager, PAUSES};
use crate::{
    builder::{self, Builder},
    config::{HttpConfig, Images, duration},
    registry::Integration,
    sending::{Fitted, Vendor},
};

const PATH: &str = "/api/v2/alerts";

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long a firing alert lasts there if the configuration says nothing: it is told again after a `repeat_interval`, which is four hours
/// unless it says otherwise.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(24 * 3_600);

/// What can be configured of another Alertmanager.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// All replicas.
    pub urls: Vec<String>,
    /// One of them, or several with commas, as Grafana has it.
    pub url: Option<String>,
    /// The annotation that gets the link to an alert's picture; further ones have numbers behind it.
    pub image_annotation: String,
    /// How long a firing alert lasts there unless it is told again.
    #[serde(deserialize_with = "duration")]
    pub resolve_timeout: Option<Duration>,
    /// How long a request may take; 0: the default, ten seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// Options of the requests; the login is in here.
    pub http_config: Option<HttpConfig>,
    /// Whether pictures are linked.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            send_resolved: true,
            urls: Vec::new(),
            url: None,
            image_annotation: "image".to_owned(),
            resolve_timeout: None,
            timeout: None,
            http_config: None,
            images: Images::Auto,
            max_images: None,
        }
    }
}

impl Config {
    /// Everything to `base`.
    pub fn example(base: &str) -> Self {
        Self { urls: vec![base.to_owned()], ..Self::default() }
    }

    fn replicas(&self, builder: &mut Builder<'_>) -> Vec<Url> {
        let named = self.urls.iter().enumerate().map(|(at, url)| (format!("urls[{at}]"), url.as_str()));
        let listed = self.url.iter().flat_map(|url| url.split(',')).map(|url| ("url".to_owned(), url));
        let mut replicas = Vec::new();
        for (key, text) in named.chain(listed).filter(|(_, text)| !text.trim().is_empty()) {
            let text = text.trim().trim_end_matches('/').trim_end_matches(PATH);
            let Some(url) = builder.url(&key, &format!("{text}{PATH}")) else { continue };
            if !url.username().is_empty() || url.password().is_some() {
                builder.problem(&key, "holds a login: it belongs into http_config.basic_auth");
            } else if !replicas.contains(&url) {
                replicas.push(url);
            }
        }
        if self.urls.is_empty() && self.url.is_none() {
            builder.problem("urls", "is missing");
        }
        replicas
    }
}

/// What an annotation may be called in every version.
fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let replicas = self.replicas(builder);
        if !is_name(&self.image_annotation) {
            builder.problem("image_annotation", "must consist of letters, digits and underscores");
        }
        let http = builder.http(self.http_config.as_ref());
        let pictures = builder.pictures(self.images, self.max_images, able());
        let given = |duration: Option<Duration>| duration.filter(|duration| !duration.is_zero());
        let timeout = given(self.timeout).unwrap_or(TIMEOUT);
        let destinations: Vec<String> = replicas.iter().map(builder::url_destination).collect();
        let limits = Limits {
            title: TextLimit::UNLIMITED,
            text: TextLimit::UNLIMITED,
            pictures,
            pace: Pace { burst: 1, period: Duration::ZERO },
            concurrency: 8,
            timeout: timeout * (PAUSES.len() as u32 + 1) + Duration::from_millis(PAUSES.iter().sum()),
            editing: Editing::default(),
            send_resolved: self.send_resolved,
            destination: builder::destination(&destinations.iter().map(String::as_str).collect::<Vec<_>>()),
            kind: "alertmanager",
        };
        let (http, image_annotation) = (http?, self.image_annotation.clone());
        let resolve_timeout = given(self.resolve_timeout).unwrap_or(RESOLVE_TIMEOUT);
        let channel = Alertmanager { limits, http, replicas, image_annotation, resolve_timeout, timeout };
        Some(Arc::new(Fitted::new(channel)))
    }

    fn vendor(&self) -> Vendor {
        super::vendor
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
