//! A message as templates see it: Alertmanager's data and Grafana's, in one.
//!
//! Grafana's private annotations and labels (`__dashboardUid__`) are not shown; they make `.DashboardURL`, `.Values` and
//! their like. What a Grafana webhook said of an alert's links stands in `__dashboardURL__`, `__panelURL__`,
//! `__silenceURL__` and `__alert_image_url__`.
//!
//! Deliberately unknown here: which template will be executed.

use std::{fmt::Write as _, sync::Arc};

use gotmpl::{SafeKind, Value};

use super::{
    gotime::GoTime,
    links,
    value::{self, Kind, Map, labels, list, marked, public_labels, structure},
};
use crate::{
    Status, Time,
    labels::Fingerprint,
    message::{Message, MessageAlert},
    route::RouteLabels,
};

/// A message as templates see it: made once, used for all options of a channel. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Data {
    pub(super) root: Value,
    pub(super) now: GoTime,
    /// Set while route labels are made: `routeLabels` then executes the label that it names.
    pub(super) route_labels: Option<Arc<RouteLabels>>,
}

/// A picture as templates see it: `.Src`, `.Alt`, `.Title`, `.Width`, `.Height`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplatePicture {
    /// `cid:…`, or an `https:` link.
    pub src: String,
    /// What is to be seen, for those who cannot see it.
    pub alt: String,
    /// The panel's title.
    pub title: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The alerts it belongs to: they get it as `.EmbeddedImage` (`cid:`) or `.ImageURL`. May be empty.
    pub alerts: Vec<Fingerprint>,
}

impl Data {
    /// The data of a message. `.Pictures` are those that have a link.
    pub fn new(message: &Message) -> Self {
        let base = &message.external_url;
        let alerts = list(message.alerts.iter().map(|alert| alert_value(alert, base)));
        let root = structure(
            Kind::Data,
            [
                ("Receiver", quote_meta(&message.receiver).into()),
                ("Status", message.status.as_str().into()),
                ("Alerts", alerts),
                ("NotificationReason", message.reason.as_str().into()),
                ("GroupLabels", public_labels(&message.group_labels)),
                ("CommonLabels", public_labels(&message.common_labels)),
                ("CommonAnnotations", public_labels(&message.common_annotations)),
                ("RouteLabels", labels(message.route_labels.iter())),
                ("ExternalURL", base.as_str().into()),
                ("SilenceURL", links::silence_group(message).into()),
                ("GroupKey", message.group_key.as_str().into()),
                ("TruncatedAlerts", Value::Int(0)),
                ("AppVersion", env!("CARGO_PKG_VERSION").into()),
                ("OrgID", Value::Int(1)),
                ("Vars", labels([])),
                ("Pictures", list([])),
                ("PicturesLeftOut", Value::Int(i64::try_from(message.pictures_left_out).unwrap_or(i64::MAX))),
            ],
        );
        let linked = message.pictures.iter().filter_map(|picture| {
            Some(TemplatePicture {
                src: picture.url.clone()?,
                alt: picture.record.alt.clone(),
                title: picture.record.title.clone(),
                width: picture.record.width,
                height: picture.record.height,
                alerts: picture.alerts.clone(),
            })
        });
        Self { root, now: GoTime::utc(message.now.timestamp()), route_labels: None }.with_pictures(linked.collect())
    }

    /// Data for templates that read a JSON body; `now` is what `now` is to them.
    pub fn from_json(body: &serde_json::Value, now: Time) -> Self {
        Self { root: value::from_json(body), now: GoTime::utc(now.timestamp()), route_labels: None }
    }

    /// Of data that is a JSON body: the same for one element of it. The element's fields are seen at once, the whole element as
    /// `.alert` and the body as `.root`.
    #[must_use]
    pub fn with_element(&self, element: &serde_json::Value) -> Self {
        let element = value::from_json(element);
        let mut fields = match &element {
            Value::Map(fields) => Map::clone(fields),
            _ => Map::new(),
        };
        fields.entry("root".into()).or_insert_with(|| self.root.clone());
        fields.entry("alert".into()).or_insert(element);
        Self { root: marked(Kind::Dict, fields), ..self.clone() }
    }

    /// The data that a route's own labels are made of: it is not decided yet why anyone is told.
    #[must_use]
    pub(crate) fn for_route_labels(mut self, of: RouteLabels) -> Self {
        self.set("NotificationReason", "".into());
        self.set("RouteLabels", labels(of.texts().iter().map(|(name, text)| (name.as_str(), text.as_str()))));
        Self { route_labels: Some(Arc::new(of)), ..self }
    }

    fn set(&mut self, field: &str, value: Value) {
        if let Value::Map(root) = &mut self.root {
            Arc::make_mut(root).insert(field.into(), value);
        }
    }

    /// The same with the channel's own pictures as `.Pictures`.
    #[must_use]
    pub fn with_pictures(self, pictures: Vec<TemplatePicture>) -> Self {
        let Value::Map(mut root) = self.root.clone() else { return self };
        let fields = Arc::make_mut(&mut root);
        for picture in pictures.iter().rev() {
            if let Some(Value::List(alerts)) = fields.get("Alerts") {
                let shown = list(alerts.iter().map(|alert| with_picture(alert, picture)));
                fields.insert("Alerts".into(), shown);
            }
        }
        fields.insert("Pictures".into(), list(pictures.iter().map(picture_value)));
        Self { root: Value::Map(root), ..self }
    }

    /// The same with the number of alerts that the channel left out as `.TruncatedAlerts`.
    #[must_use]
    pub fn with_truncated_alerts(mut self, count: usize) -> Self {
        self.set("TruncatedAlerts", Value::Int(i64::try_from(count).unwrap_or(i64::MAX)));
        self
    }
}

fn alert_value(of: &MessageAlert, base: &str) -> Value {
    let alert = &of.alert;
    let annotation = |name: &str| Value::from(alert.annotations.value(name));
    let ends_at = match of.status {
        Status::Firing => GoTime::zero(),
        Status::Resolved => go_time(alert.ends_at),
    };
    structure(
        Kind::Alert,
        [
            ("Status", of.status.as_str().into()),
            ("Labels", public_labels(&alert.labels)),
            ("Annotations", public_labels(&alert.annotations)),
            ("StartsAt", value::time(&go_time(alert.starts_at))),
            ("EndsAt", value::time(&ends_at)),
            ("GeneratorURL", alert.generator_url.as_str().into()),
            ("Fingerprint", alert.fingerprint.to_string().into()),
            ("SilenceURL", links::silence(alert, base).into()),
            ("DashboardURL", links::dashboard(alert).into()),
            ("PanelURL", links::panel(alert).into()),
            ("RuleUID", alert.labels.value("__alert_rule_uid__").into()),
            ("Values", values(alert.annotations.value("__values__"))),
            ("ValueString", annotation("__value_string__")),
            ("ImageURL", annotation("__alert_image_url__")),
            ("EmbeddedImage", "".into()),
            ("OrgID", Value::Int(alert.annotations.value("__orgId__").parse().unwrap_or(1))),
        ],
    )
}

/// [`Time::MIN`] is what Go's zero time was read as.
fn go_time(time: Time) -> GoTime {
    if time == Time::MIN { GoTime::zero() } else { GoTime::utc(time.timestamp()) }
}

/// Grafana's `{"B": 22.5}`.
fn values(json: &str) -> Value {
    let parsed: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).unwrap_or_default();
    let numbers = parsed.iter().filter(|(name, _)| !name.starts_with('\0'));
    let numbers: Map = numbers.filter_map(|(n, v)| Some((n.as_str().into(), Value::Float(v.as_f64()?)))).collect();
    if numbers.is_empty() { Value::Map(Arc::new(numbers)) } else { marked(Kind::Numbers, numbers) }
}

fn with_picture(alert: &Value, picture: &TemplatePicture) -> Value {
    let fingerprint = alert.field("Fingerprint").and_then(Value::as_str).and_then(|f| f.parse().ok());
    let (Value::Map(fields), true) = (alert, fingerprint.is_some_and(|f| picture.alerts.contains(&f))) else {
        return alert.clone();
    };
    let mut fields = Map::clone(fields);
    match picture.src.strip_prefix("cid:") {
        Some(name) => fields.insert("EmbeddedImage".into(), name.into()),
        None => fields.insert("ImageURL".into(), picture.src.as_str().into()),
    };
    Value::Map(Arc::new(fields))
}

fn picture_value(picture: &TemplatePicture) -> Value {
    // the HTML escaper would replace cid: links as it does javascript: ones
    let trusted = ["cid:", "https:", "http:"].iter().any(|scheme| picture.src.starts_with(scheme));
    let src = picture.src.as_str();
    structure(
        Kind::Picture,
        [
            ("Src", if trusted { Value::Safe { kind: SafeKind::Url, s: src.into() } } else { src.into() }),
            ("Alt", picture.alt.as_str().into()),
            ("Title", picture.title.as_str().into()),
            ("Width", Value::Int(i64::from(picture.width))),
            ("Height", Value::Int(i64::from(picture.height))),
        ],
    )
}

/// Go's `regexp.QuoteMeta`: Alertmanager quotes the receiver's name.
fn quote_meta(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        let _ = if r"\.+*?()|[]{}^$".contains(c) { write!(out, "\\{c}") } else { write!(out, "{c}") };
        out
    })
}
