//! Sensu Go: an event of a check that belongs to the group, at a proxy entity. An event of the same check takes the earlier one's
//! place, so what is sent twice counts once.
//!
//! It takes no files; pictures are annotations of the check.
//!
//! Deliberately unknown here: Sensu's other APIs.

use std::{path::PathBuf, sync::Arc, time::Duration};

use alerts::{
    Status,
    message::{Message, Receipt},
    order::Severity,
    ports::{
        Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, SendError, SendErrorKind, TextLimit,
        TextUnit, Way,
    },
    templates::{Data, TextTemplate},
};
use async_trait::async_trait;
use http::{
    Method,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use crate::{
    builder::{self, Builder},
    config::{HttpConfig, Images, Secret, duration},
    registry::Integration,
    sending::{
        Fitted, Http, Rehearsed, Reply, Vendor,
        fullest::{and_more, and_more_pictures, fullest},
        refused::refused,
        texts::Texts,
        values::escaped,
    },
};

/// The largest body in bytes: the default of Sensu's `api-request-limit`.
const BODY: usize = 512_000;

/// The longest name of an entity or a check; Sensu documents none.
const NAME: usize = 200;

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A check must have an interval, although nobody runs this one; Grafana's.
const INTERVAL: u32 = 86_400;

/// What can be configured of Sensu Go.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told: then the check passes.
    pub send_resolved: bool,
    /// The backend's API.
    pub url: Option<String>,
    /// An API key.
    pub api_key: Option<SecretString>,
    /// A file with it.
    pub api_key_file: Option<PathBuf>,
    /// The proxy entity.
    pub entity: String,
    /// The check; without it, one for each group.
    pub check: Option<String>,
    /// The namespace of both.
    pub namespace: String,
    /// The handler of the event.
    pub handler: Option<String>,
    /// The check's output.
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
            api_key: None,
            api_key_file: None,
            entity: "wirephoto".to_owned(),
            check: None,
            namespace: "default".to_owned(),
            handler: None,
            message: r#"{{ template "default.message" . }}"#.to_owned(),
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
        Self { url: Some(base.to_owned()), api_key: Some("sensu-key-secret".into()), ..Self::default() }
    }

    fn address(&self, builder: &mut Builder<'_>) -> Option<Url> {
        let text = builder.required("url", self.url.as_deref(), "")?;
        let mut url = builder.url("url", text)?;
        if sanitised(&self.namespace) != self.namespace || matches!(self.namespace.as_str(), "." | "..") {
            builder.problem("namespace", "must consist of letters, digits and _ . -");
            return None;
        }
        let mut path = url.path_segments_mut().ok()?;
        path.pop_if_empty().extend(["api", "core", "v2", "namespaces", &self.namespace, "events"]);
        drop(path);
        Some(url)
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let url = self.address(builder);
        if self.api_key.is_none() && self.api_key_file.is_none() {
            builder.problem("api_key", "is missing");
        }
        let key = builder.secret("api_key", self.api_key.as_ref(), self.api_key_file.as_ref());
        let entity = builder.text("entity", &self.entity);
        let check = builder.optional_text("check", self.check.as_deref());
        let handler = builder.optional_text("handler", self.handler.as_deref());
        let text = builder.text("message", &self.message);
        let rule_url = builder.text("", r#"{{ template "__alertmanagerURL" . }}"#);
        let http = builder.http(self.http_config.as_ref());
        let pictures = builder.pictures(self.images, self.max_images, able());
        let url = url?;
        let destination = [&builder::url_destination(&url), &self.entity, self.check.as_deref().unwrap_or("")];
        let limits = Limits {
            title: TextLimit::UNLIMITED,
            text: TextLimit { unit: TextUnit::Bytes, max: BODY },
            pictures,
            pace: Pace { burst: 1, period: Duration::ZERO },
            concurrency: 4,
            timeout: self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT),
            editing: Editing::default(),
            send_resolved: self.send_resolved,
            destination: builder::destination(&destination),
            kind: "sensugo",
        };
        Some(Arc::new(Fitted::new(Sensu {
            limits,
            http: http?,
            url,
            key: key?,
            entity: entity?,
            check,
            namespace: self.namespace.clone(),
            handler,
            text: text?,
            rule_url: rule_url?,
        })))
    }

    fn vendor(&self) -> Vendor {
        vendor
    }
}

/// What Sensu says when all is well: nothing, but that it is there.
fn vendor(_: &Rehearsed) -> Reply {
    Reply { status: 201, body: String::new() }
}

fn able() -> PictureLimits {
    PictureLimits {
        ways: vec![Way::Link],
        max_count: 50,
        max_bytes: u64::MAX,
        max_total_bytes: u64::MAX,
        max_pixels: (u32::MAX, u32::MAX),
        formats: &[Format::Png, Format::Jpeg],
        late: LatePictures::No,
    }
}

struct Sensu {
    limits: Limits,
    http: Http,
    url: Url,
    key: Secret,
    entity: TextTemplate,
    check: Option<TextTemplate>,
    namespace: String,
    handler: Option<TextTemplate>,
    text: TextTemplate,
    rule_url: TextTemplate,
}

#[async_trait]
impl Channel for Sensu {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let key = self.key.read().await.map_err(|why| SendError::new(SendErrorKind::Unauthorised, why))?;
        let rejected = |why: String| SendError::new(SendErrorKind::Rejected, why);
        let login = HeaderValue::from_str(&format!("Key {}", key.expose_secret()));
        let mut login = login.map_err(|_| rejected("api_key has characters that no header takes".to_owned()))?;
        login.set_sensitive(true);
        let render = |message: &Message, left_out: usize| {
            let (event, failures) = self.event(&escaped(message, str::to_owned), left_out);
            (event.to_string(), failures)
        };
        let event = fullest(message, render, |(event, _)| event.len() <= BODY);
        let too_large = || refused(rejected(format!("the event is larger than {BODY} bytes")), message.pictures.len());
        let (event, failures) = event.ok_or_else(too_large)?;
        let request = self.http.request_without_login(Method::POST, self.url.clone()).await?;
        let request = request.header(AUTHORIZATION, login).header(CONTENT_TYPE, "application/json").body(event);
        let answer = self.http.send_once(request, self.limits.timeout).await?;
        if !answer.status.is_success() {
            let redactor = self.http.secrets().await.with([key]);
            return Err(refused(answer.failure(&redactor), message.pictures.len()));
        }
        let degraded = (!failures.is_empty()).then(|| failures.join("; "));
        Ok(Receipt { degraded, ..Receipt::default() })
    }
}

impl Sensu {
    /// The event; and what went wrong with its texts.
    fn event(&self, message: &Message, left_out: usize) -> (Value, Vec<String>) {
        let mut texts = Texts::new(message, Data::new(message).with_truncated_alerts(left_out));
        let named = |text: Option<String>| text.map(|text| sanitised(&text)).filter(|name| !name.is_empty());
        let entity = named(texts.option(Some(&self.entity))).unwrap_or_else(|| "wirephoto".to_owned());
        let check = named(texts.option(self.check.as_ref())).unwrap_or_else(|| check_of(message));
        let handlers: Vec<String> = texts.option(self.handler.as_ref()).into_iter().collect();
        let mut output = texts.body(&self.text).trim_end().to_owned();
        for more in [and_more(left_out), and_more_pictures(message.pictures_left_out)].into_iter().flatten() {
            output = format!("{output}\n{more}");
        }
        let mut annotations = Map::new();
        for (at, url) in message.pictures.iter().filter_map(|picture| picture.url.as_deref()).enumerate() {
            let number = if at == 0 { String::new() } else { format!("_{}", at + 1) };
            annotations.insert(format!("imageURL{number}"), json!(url));
        }
        annotations.extend(texts.option(Some(&self.rule_url)).map(|url| ("ruleURL".to_owned(), json!(url))));
        let status = status(message);
        let event = json!({
            "entity": {
                "entity_class": "proxy",
                "metadata": { "name": entity, "namespace": self.namespace },
            },
            "check": {
                "metadata": { "name": check, "namespace": self.namespace, "annotations": annotations },
                "output": output.trim_start(),
                "status": status,
                "state": if status == 0 { "passing" } else { "failing" },
                "interval": INTERVAL,
                "handlers": handlers,
                "issued": message.now.as_secs(),
            },
        });
        (event, texts.into_failures())
    }
}

/// Sensu's: 0 is well, 1 a warning, 2 critical.
fn status(message: &Message) -> u8 {
    match (message.status, message.severity()) {
        (Status::Resolved, _) => 0,
        (_, Severity::Warning | Severity::Info) => 1,
        (_, Severity::Critical | Severity::Error | Severity::Unknown) => 2,
    }
}

/// A group's check: the values that the group was made by, for people, and its hash, to be unique.
fn check_of(message: &Message) -> String {
    const SHOWN: usize = 60;
    let values: Vec<String> = message.group_labels.iter().map(|(_, value)| sanitised(value)).collect();
    let values: String = values.join("-").chars().take(SHOWN).collect();
    let hash = message.group_hash();
    let name = if values.trim_matches('-').is_empty() { "wirephoto" } else { values.trim_matches('-') };
    format!("{name}-{}", &hash[..12])
}

/// What a name in Sensu may consist of.
fn sanitised(text: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    text.trim().chars().map(|c| if allowed(c) { c } else { '-' }).take(NAME).collect()
}
