//! What can be configured of Jira, under Alertmanager's keys, and the channel made of it.
//!
//! Deliberately unknown here: requests, and how texts become fields.

use std::{fmt, sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, TextLimit, Way};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor, value},
};
use serde_json::{Map, Value};

use super::{
    Jira,
    client::{self, Api, Kind},
    fields::{self, Fields},
    jql::Search,
};
use crate::{
    builder::{self, Builder},
    config::{HttpConfig, Images, duration},
    registry::Integration,
    sending::{Fitted, Vendor},
};

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The most requests of one send: look, search, update, ask for transitions, make one, and once more without a field.
const CALLS: u32 = 6;

/// What can be configured of Jira.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// The API: `https://example.atlassian.net/rest/api/3`.
    pub api_url: Option<String>,
    /// Which Jira it is: the two are searched in different ways.
    pub api_type: ApiType,
    /// Options of the requests; the login is here.
    pub http_config: Option<HttpConfig>,
    /// How long a request may take; 0: the default, ten seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// The project's key.
    pub project: String,
    /// The type of new issues.
    pub issue_type: String,
    /// The issue's title.
    pub summary: FieldText,
    /// Its text.
    pub description: FieldText,
    /// Its labels, beside the one by which it is found again.
    pub labels: Labels,
    /// Its priority; nothing, if it comes out empty.
    pub priority: String,
    /// The transition that a resolved group's issue makes.
    pub resolve_transition: String,
    /// The transition that a done issue makes when its group fires again.
    pub reopen_transition: String,
    /// For how long after its end an issue is opened again instead of making a new one.
    #[serde(deserialize_with = "duration")]
    pub reopen_duration: Option<Duration>,
    /// Issues with this resolution are left alone.
    pub wont_fix_resolution: String,
    /// More fields, by their names in the API.
    pub fields: Map<String, Value>,
    /// How pictures are given.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
}

/// Which Jira it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApiType {
    /// Cloud, if the host is `atlassian.net`.
    #[default]
    Auto,
    /// Atlassian's own.
    Cloud,
    /// Anybody's own.
    Datacenter,
}

/// A text, or a table with the text and whether it is written again into an issue that is there.
#[derive(Clone, Debug)]
pub struct FieldText {
    /// The text.
    pub template: String,
    /// Whether an update rewrites it.
    pub enable_update: bool,
}

/// A list, or a table with the list and whether it is written again into an issue that is there.
#[derive(Clone, Debug)]
pub struct Labels {
    /// The labels.
    pub values: Vec<String>,
    /// Whether an update rewrites them.
    pub enable_update: bool,
}

impl Default for Config {
    fn default() -> Self {
        let template = |part: &str| format!(r#"{{{{ template "jira.default.{part}" . }}}}"#);
        let text = |part: &str| FieldText { template: template(part), enable_update: true };
        Self {
            send_resolved: true,
            api_url: None,
            api_type: ApiType::Auto,
            http_config: None,
            timeout: None,
            project: String::new(),
            issue_type: String::new(),
            summary: text("summary"),
            description: text("description"),
            labels: Labels { values: Vec::new(), enable_update: true },
            priority: template("priority"),
            resolve_transition: String::new(),
            reopen_transition: String::new(),
            reopen_duration: None,
            wont_fix_resolution: String::new(),
            fields: Map::new(),
            images: Images::Auto,
            max_images: None,
        }
    }
}

impl Config {
    /// Everything to `base`.
    pub fn example(base: &str) -> Self {
        let login = crate::config::BasicAuth {
            username: Some("wirephoto@example.org".to_owned()),
            password: Some("token-secret".into()),
            ..Default::default()
        };
        Self {
            api_url: Some(format!("{base}/rest/api/2")),
            http_config: Some(HttpConfig { basic_auth: Some(login), ..HttpConfig::default() }),
            project: "OPS".to_owned(),
            issue_type: "Incident".to_owned(),
            resolve_transition: "Done".to_owned(),
            ..Self::default()
        }
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let global = builder.context.globals.jira_api_url.clone();
        let url = builder.required("api_url", self.api_url.clone().or(global), "jira_api_url");
        let base = url.and_then(|url| builder.url("api_url", &url));
        let kind = base.as_ref().map(|base| Kind::of(base, self.api_type));
        let fields = Fields::new(self, builder, kind.unwrap_or_default().adf);
        let http = builder.http(self.http_config.as_ref());
        let pictures = builder.pictures(self.images, self.max_images, able());
        let timeout = self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT);
        let (base, kind) = (base?, kind?);
        let limits = Limits {
            title: fields::SUMMARY,
            text: TextLimit::chars(fields::DESCRIPTION),
            pictures,
            // Cloud's limits are per tenant and issue, and told by 429: only a storm is slowed down
            pace: Pace { burst: 20, period: Duration::from_millis(500) },
            concurrency: 2,
            timeout: timeout * CALLS,
            editing: Editing { edit: true, thread: false, begins: false },
            send_resolved: self.send_resolved,
            destination: builder::destination(&[&builder::url_destination(&base), &self.project, &self.issue_type]),
            kind: "jira",
        };
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let search = Search {
            wont_fix: given(&self.wont_fix_resolution),
            reopen_within: self.reopen_duration.filter(|_| !self.reopen_transition.trim().is_empty()),
        };
        Some(Arc::new(Fitted::new(Jira {
            limits,
            api: Api::new(http?, base, kind, timeout),
            fields: fields?,
            search,
            resolve: given(&self.resolve_transition),
            reopen: given(&self.reopen_transition),
        })))
    }

    fn vendor(&self) -> Vendor {
        client::vendor
    }
}

/// Jira's own limit for a file is the administrator's; 10 MB is what new sites have.
fn able() -> PictureLimits {
    PictureLimits {
        ways: vec![Way::Attach, Way::Link],
        max_count: 10,
        max_bytes: 10_000_000,
        max_total_bytes: 50_000_000,
        max_pixels: (10_000, 10_000),
        formats: &[Format::Png, Format::Jpeg],
        late: LatePictures::Add,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TextTable {
    template: String,
    enable_update: bool,
}

impl Default for TextTable {
    fn default() -> Self {
        Self { template: String::new(), enable_update: true }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LabelsTable {
    values: Vec<String>,
    enable_update: bool,
}

impl Default for LabelsTable {
    fn default() -> Self {
        Self { values: Vec::new(), enable_update: true }
    }
}

impl<'de> Deserialize<'de> for FieldText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = FieldText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or a table with template and enable_update")
            }

            fn visit_str<E>(self, text: &str) -> Result<FieldText, E> {
                Ok(FieldText { template: text.to_owned(), enable_update: true })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FieldText, A::Error> {
                let TextTable { template, enable_update } =
                    TextTable::deserialize(value::MapAccessDeserializer::new(map))?;
                Ok(FieldText { template, enable_update })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Labels;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of texts, or a table with values and enable_update")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Labels, A::Error> {
                let values = Vec::deserialize(value::SeqAccessDeserializer::new(list))?;
                Ok(Labels { values, enable_update: true })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Labels, A::Error> {
                let LabelsTable { values, enable_update } =
                    LabelsTable::deserialize(value::MapAccessDeserializer::new(map))?;
                Ok(Labels { values, enable_update })
            }
        }
        deserializer.deserialize_any(Either)
    }
}
