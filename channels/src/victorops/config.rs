//! What can be configured of Splunk On-Call, under Alertmanager's keys, and the channel made of it.
//!
//! Deliberately unknown here: requests.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, Way};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::{
    VictorOps,
    event::{self, EventTexts},
};
use crate::{
    builder::{self, Builder},
    config::{HttpConfig, Images, Secret, duration},
    registry::Integration,
    sending::{Fitted, Vendor},
};

/// The REST integration.
const API: &str = "https://alert.victorops.com/integrations/generic/20131114/alert/";

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Fields that are ours to fill.
const RESERVED: [&str; 7] = [
    "routing_key",
    "message_type",
    "state_message",
    "entity_display_name",
    "monitoring_tool",
    "entity_id",
    "entity_state",
];

/// What can be configured of Splunk On-Call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told: then the incident recovers.
    pub send_resolved: bool,
    /// The key of the REST integration.
    pub api_key: Option<SecretString>,
    /// A file with it.
    pub api_key_file: Option<PathBuf>,
    /// The REST integration.
    pub api_url: Option<String>,
    /// Options of the requests.
    pub http_config: Option<HttpConfig>,
    /// How long a request may take; 0: the default, ten seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// Who is called.
    pub routing_key: String,
    /// `CRITICAL`, `WARNING` or `INFO`.
    pub message_type: String,
    /// The text.
    pub state_message: String,
    /// The title.
    pub entity_display_name: String,
    /// Who says it.
    pub monitoring_tool: String,
    /// More fields.
    pub custom_fields: BTreeMap<String, String>,
    /// Whether pictures are linked.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
}

impl Default for Config {
    fn default() -> Self {
        let template = |part: &str| format!(r#"{{{{ template "victorops.default.{part}" . }}}}"#);
        Self {
            send_resolved: true,
            api_key: None,
            api_key_file: None,
            api_url: None,
            http_config: None,
            timeout: None,
            routing_key: String::new(),
            message_type: "CRITICAL".to_owned(),
            state_message: template("state_message"),
            entity_display_name: template("entity_display_name"),
            monitoring_tool: template("monitoring_tool"),
            custom_fields: BTreeMap::new(),
            images: Images::Auto,
            max_images: None,
        }
    }
}

impl Config {
    /// Everything to `base`.
    pub fn example(base: &str) -> Self {
        Self {
            api_key: Some("rest-key-secret".into()),
            api_url: Some(format!("{base}/alert/")),
            routing_key: "ops".to_owned(),
            ..Self::default()
        }
    }

    fn key(&self, builder: &mut Builder<'_>) -> Option<Secret> {
        if self.api_key.is_some() || self.api_key_file.is_some() {
            return builder.secret("api_key", self.api_key.as_ref(), self.api_key_file.as_ref());
        }
        let globals = builder.context.globals;
        let (inline, file) = (globals.victorops_api_key.as_ref(), globals.victorops_api_key_file.as_ref());
        if inline.is_none() && file.is_none() {
            return builder.required("api_key", None, "victorops_api_key");
        }
        builder.secret("api_key", inline, file)
    }

    fn base(&self, builder: &mut Builder<'_>) -> Option<Url> {
        let text = self.api_url.clone().or_else(|| builder.context.globals.victorops_api_url.clone());
        let text = text.unwrap_or_else(|| API.to_owned());
        builder.url("api_url", &format!("{}/", text.trim().trim_end_matches('/')))
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let (base, key) = (self.base(builder), self.key(builder));
        let routing_key = Some(self.routing_key.as_str()).filter(|key| !key.trim().is_empty());
        let routing_key = builder.required("routing_key", routing_key, "");
        let routing_key = builder.optional_text("routing_key", routing_key);
        let reserved: Vec<_> = RESERVED.into_iter().filter(|name| self.custom_fields.contains_key(*name)).collect();
        for name in reserved {
            builder.problem(&format!("custom_fields.{name}"), "is a field with a key of its own");
        }
        let texts = EventTexts::new(self, builder);
        let http = builder.http(self.http_config.as_ref());
        let pictures = builder.pictures(self.images, self.max_images, able());
        let timeout = self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT);
        let base = base?;
        let limits = Limits {
            title: event::FIELD,
            text: event::TEXT,
            pictures,
            // no rate is documented
            pace: Pace { burst: 10, period: Duration::from_millis(500) },
            concurrency: 4,
            timeout,
            editing: Editing::default(),
            send_resolved: self.send_resolved,
            destination: builder::destination(&[&builder::url_destination(&base), &self.routing_key]),
            kind: "victorops",
        };
        let (http, key, routing_key, texts) = (http?, key?, routing_key?, texts?);
        Some(Arc::new(Fitted::new(VictorOps { limits, http, base, key, routing_key, texts, timeout })))
    }

    fn vendor(&self) -> Vendor {
        super::vendor
    }
}

fn able() -> PictureLimits {
    PictureLimits {
        ways: vec![Way::Link],
        max_count: 10,
        max_bytes: u64::MAX,
        max_total_bytes: u64::MAX,
        max_pixels: (u32::MAX, u32::MAX),
        formats: &[Format::Png, Format::Jpeg],
        late: LatePictures::No,
    }
}
