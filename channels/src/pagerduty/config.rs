//! What can be configured of PagerDuty, under Alertmanager's keys, and the channel made of it.
//!
//! Deliberately unknown here: requests.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, TextLimit, TextUnit, Way};
use secrecy::SecretString;
use serde::{
    Deserialize, Deserializer,
    de::{self, IntoDeserializer as _, SeqAccess, Visitor},
};
use serde_json::{Map, Value};
use url::Url;

use super::{BODY, PagerDuty, V1_PATH, Version, event, event::EventTexts};
use crate::{
    builder::{self, Builder},
    config::{HttpConfig, Images, duration},
    key::Key,
    registry::Integration,
    sending::{Fitted, Vendor},
};

/// The Events API v2.
const API: &str = "https://events.pagerduty.com/v2/enqueue";

const V2_PATH: &str = "/v2/enqueue";

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The details that every event has unless the configuration says otherwise; Alertmanager's.
pub(super) const DETAILS: [(&str, &str); 4] = [
    ("firing", "{{ .Alerts.Firing | toJson }}"),
    ("num_firing", "{{ .Alerts.Firing | len }}"),
    ("num_resolved", "{{ .Alerts.Resolved | len }}"),
    ("resolved", "{{ .Alerts.Resolved | toJson }}"),
];

/// What can be configured of PagerDuty.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told: then the incident is resolved.
    pub send_resolved: bool,
    /// The key of an integration of the Events API v1.
    pub service_key: Option<SecretString>,
    /// A file with it.
    pub service_key_file: Option<PathBuf>,
    /// The key of an integration of the Events API v2.
    pub routing_key: Option<SecretString>,
    /// A file with it.
    pub routing_key_file: Option<PathBuf>,
    /// Where events go; that of the European region, for one.
    pub url: Option<String>,
    /// Options of the requests.
    pub http_config: Option<HttpConfig>,
    /// How long a request may take; 0: the default, ten seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// Who says it.
    pub client: String,
    /// Where that leads.
    pub client_url: String,
    /// The incident's title.
    pub description: String,
    /// More about it: any structure.
    pub details: Map<String, Value>,
    /// Pictures of the user's own, or how ours are given.
    pub images: PagerImages,
    /// The most pictures of ours.
    pub max_images: Option<usize>,
    /// Links beside the incident.
    pub links: Vec<Link>,
    /// The affected system; `client`, if it is not given.
    pub source: Option<String>,
    /// `critical`, `error`, `warning` or `info`.
    pub severity: Option<String>,
    /// The class of the event.
    pub class: Option<String>,
    /// The part of the source.
    pub component: Option<String>,
    /// The group of components.
    pub group: Option<String>,
}

/// The key `images`: Alertmanager's list of pictures of the user's own, or how ours are given, as everywhere else.
#[derive(Clone, Debug, PartialEq)]
pub enum PagerImages {
    /// How ours are given.
    Ours(Images),
    /// Pictures that come before ours.
    Own(Vec<Image>),
}

/// A picture of the user's own.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Image {
    /// Where it is.
    pub src: String,
    /// What is to be seen.
    pub alt: String,
    /// Where it leads.
    pub href: String,
}

/// A link beside the incident.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Link {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub text: String,
}

impl<'de> Deserialize<'de> for PagerImages {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = PagerImages;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of images, or one of auto, link, none")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<PagerImages, E> {
                Images::deserialize(text.into_deserializer()).map(PagerImages::Ours)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<PagerImages, A::Error> {
                let mut own = Vec::new();
                while let Some(image) = items.next_element()? {
                    own.push(image);
                }
                Ok(PagerImages::Own(own))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl Default for Config {
    fn default() -> Self {
        let template = |part: &str| format!(r#"{{{{ template "pagerduty.default.{part}" . }}}}"#);
        Self {
            send_resolved: true,
            service_key: None,
            service_key_file: None,
            routing_key: None,
            routing_key_file: None,
            url: None,
            http_config: None,
            timeout: None,
            client: template("client"),
            client_url: template("clientURL"),
            description: template("description"),
            details: Map::new(),
            images: PagerImages::Ours(Images::Auto),
            max_images: None,
            links: Vec::new(),
            source: None,
            severity: None,
            class: None,
            component: None,
            group: None,
        }
    }
}

impl Config {
    /// Everything to `base`.
    pub fn example(base: &str) -> Self {
        Self {
            routing_key: Some("routing-key-secret".into()),
            url: Some(format!("{base}{V2_PATH}")),
            ..Self::default()
        }
    }

    /// As in Alertmanager, the key of a service decides for version 1.
    fn key(&self, builder: &mut Builder<'_>) -> Option<(Version, Key)> {
        let routing = (self.routing_key.as_ref(), self.routing_key_file.as_ref());
        let service = (self.service_key.as_ref(), self.service_key_file.as_ref());
        match (service, routing) {
            ((None, None), (None, None)) => {
                builder.problem("routing_key", "is missing, and so is service_key");
                None
            }
            ((None, None), (inline, file)) => Some((Version::V2, Key::new(builder, "routing_key", inline, file)?)),
            ((inline, file), _) => Some((Version::V1, Key::new(builder, "service_key", inline, file)?)),
        }
    }

    /// The address; that of version 1 is version 2's with another path.
    fn address(&self, builder: &mut Builder<'_>, version: Version) -> Option<Url> {
        let text = self.url.clone().or_else(|| builder.context.globals.pagerduty_url.clone());
        let mut url = builder.url("url", &text.unwrap_or_else(|| API.to_owned()))?;
        if version == Version::V1
            && let Some(before) = url.path().strip_suffix(V2_PATH)
        {
            let path = format!("{before}{V1_PATH}");
            url.set_path(&path);
        }
        Some(url)
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let key = self.key(builder);
        let version = key.as_ref().map_or(Version::V2, |(version, _)| *version);
        let url = self.address(builder, version);
        let texts = EventTexts::new(self, builder);
        let http = builder.http(self.http_config.as_ref());
        let images = if let PagerImages::Ours(images) = self.images { images } else { Images::Auto };
        let pictures = builder.pictures(images, self.max_images, able());
        let timeout = self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT);
        let (url, (version, key)) = (url?, key?);
        let limits = Limits {
            title: TextLimit::chars(event::SUMMARY),
            text: TextLimit { unit: TextUnit::Bytes, max: BODY },
            pictures,
            // about 120 events a minute for each key (https://developer.pagerduty.com/docs/events-api-v2-overview)
            pace: Pace { burst: 10, period: Duration::from_millis(500) },
            concurrency: 4,
            timeout,
            editing: Editing::default(),
            send_resolved: self.send_resolved,
            destination: builder::destination(&[&builder::url_destination(&url), &key.identity()]),
            kind: "pagerduty",
        };
        let pager = PagerDuty { limits, http: http?, url, version, key, texts: texts?, timeout };
        Some(Arc::new(Fitted::new(pager)))
    }

    fn vendor(&self) -> Vendor {
        super::vendor
    }
}

fn able() -> PictureLimits {
    PictureLimits {
        ways: vec![Way::Link],
        // PagerDuty names no limit; more than these nobody looks at in the middle of the night
        max_count: 20,
        max_bytes: u64::MAX,
        max_total_bytes: u64::MAX,
        max_pixels: (u32::MAX, u32::MAX),
        formats: &[Format::Png, Format::Jpeg],
        late: LatePictures::No,
    }
}
