//! The webhook: Alertmanager's payload, version 4, with the pictures beside it.
//!
//! Deliberately unknown here: templates. What reads this payload has a parser of its own.

use std::{collections::HashMap, sync::Arc, time::Duration};

use alerts::{
    Fingerprint, LabelSet, Status, Time,
    message::{Message, MessageAlert, Receipt},
    picture::Picture,
    ports::{
        Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, SendError, SendErrorKind, TextLimit, Way,
    },
};
use async_trait::async_trait;
use http::{Method, header::CONTENT_TYPE};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    builder::{self, Builder, exposed},
    config::{HttpConfig, Images, Secret, duration},
    registry::Integration,
    sending::{Fitted, Http},
};

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Go's zero time: the end of an alert that goes on, and a time that nobody knows.
const NO_TIME: &str = "0001-01-01T00:00:00Z";

/// What can be configured of a webhook.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// Where to. A secret: many vendors put their token into the path.
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
        let secret = builder.secret("url", self.url.as_ref(), self.url_file.as_ref());
        let secret =
            if self.url.is_none() && self.url_file.is_none() { builder.required("url", secret, "") } else { secret };
        let now = secret.as_ref().and_then(|secret| secret.read_now().ok());
        let url = exposed(now.as_ref()).and_then(|text| builder.url("url", &text));
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
            destination: builder::url_destination(&url?),
            kind: "webhook",
        };
        Some(Arc::new(Fitted::new(Webhook { limits, url: secret?, http: http?, max_alerts: self.max_alerts })))
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
    url: Secret,
    http: Http,
    max_alerts: usize,
}

#[async_trait]
impl Channel for Webhook {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let url = self.url().await?;
        let redactor = self.http.secrets().await.with_url(&url);
        let request = self.http.request(Method::POST, url).await?;
        let request = request
            .header(CONTENT_TYPE, "application/json")
            .header("Idempotency-Key", &message.idempotency_key)
            .body(body(message, self.max_alerts)?);
        let answer = self.http.send(request, self.limits.timeout).await?;
        if answer.status.is_success() { Ok(Receipt::default()) } else { Err(answer.failure(&redactor)) }
    }
}

impl Webhook {
    async fn url(&self) -> Result<Url, SendError> {
        let wrong = |why: String| SendError::new(SendErrorKind::Unauthorised, why);
        let text = self.url.read().await.map_err(wrong)?;
        Url::parse(text.expose_secret().trim()).map_err(|why| wrong(format!("url is not a URL: {why}")))
    }
}

/// Alertmanager's message, in the order of its fields; then ours.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    receiver: String,
    status: Status,
    alerts: Vec<PayloadAlert<'a>>,
    #[serde(rename = "notification_reason")]
    notification_reason: &'static str,
    group_labels: &'a LabelSet,
    common_labels: &'a LabelSet,
    common_annotations: &'a LabelSet,
    #[serde(rename = "externalURL")]
    external_url: &'a str,
    version: &'static str,
    group_key: &'a str,
    truncated_alerts: usize,
    images: Vec<Image<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PayloadAlert<'a> {
    status: Status,
    labels: &'a LabelSet,
    annotations: &'a LabelSet,
    starts_at: String,
    ends_at: String,
    #[serde(rename = "generatorURL")]
    generator_url: &'a str,
    fingerprint: String,
    /// Grafana's key for the same thing.
    #[serde(rename = "imageURL", skip_serializing_if = "Option::is_none")]
    image_url: Option<&'a str>,
}

#[derive(Serialize)]
struct Image<'a> {
    url: &'a str,
    alt: &'a str,
    title: &'a str,
    status: Status,
    width: u32,
    height: u32,
    sha256: &'a str,
    size: u64,
    alerts: Vec<String>,
}

fn body(message: &Message, max_alerts: usize) -> Result<String, SendError> {
    let kept = if max_alerts == 0 { message.alerts.len() } else { message.alerts.len().min(max_alerts) };
    let alerts = &message.alerts[..kept];
    // as Alertmanager does: what is common is common to the alerts that are shown
    let (labels, annotations) = if kept == message.alerts.len() {
        (message.common_labels.clone(), message.common_annotations.clone())
    } else {
        (common(alerts, |one| &one.alert.labels), common(alerts, |one| &one.alert.annotations))
    };
    let links = links(&message.pictures);
    let payload = Payload {
        receiver: quoted(&message.receiver),
        status: message.status,
        alerts: alerts.iter().map(|one| alert(one, &links)).collect(),
        notification_reason: message.reason.as_str(),
        group_labels: &message.group_labels,
        common_labels: &labels,
        common_annotations: &annotations,
        external_url: &message.external_url,
        version: "4",
        group_key: &message.group_key,
        truncated_alerts: message.alerts.len() - kept,
        images: message.pictures.iter().filter_map(image).collect(),
    };
    let json =
        serde_json::to_string(&payload).map_err(|why| SendError::new(SendErrorKind::Rejected, why.to_string()))?;
    Ok(as_go_writes(json))
}

fn common<'a>(alerts: &'a [MessageAlert], set: impl Fn(&'a MessageAlert) -> &'a LabelSet) -> LabelSet {
    Message::common(alerts.iter().map(set))
}

fn alert<'a>(one: &'a MessageAlert, links: &HashMap<Fingerprint, &'a str>) -> PayloadAlert<'a> {
    PayloadAlert {
        status: one.status,
        labels: &one.alert.labels,
        annotations: &one.alert.annotations,
        starts_at: time(one.alert.starts_at),
        ends_at: if one.status == Status::Firing { NO_TIME.to_owned() } else { time(one.alert.ends_at) },
        generator_url: &one.alert.generator_url,
        fingerprint: one.alert.fingerprint.to_string(),
        image_url: links.get(&one.alert.fingerprint).copied(),
    }
}

/// The first picture of each alert: pictures come in the order of their importance.
fn links(pictures: &[Picture]) -> HashMap<Fingerprint, &str> {
    let mut links = HashMap::new();
    for picture in pictures {
        for alert in &picture.alerts {
            if let Some(url) = &picture.url {
                links.entry(*alert).or_insert(url.as_str());
            }
        }
    }
    links
}

fn image(picture: &Picture) -> Option<Image<'_>> {
    let record = &picture.record;
    Some(Image {
        url: picture.url.as_deref()?,
        alt: &record.alt,
        title: &record.title,
        status: record.transition,
        width: record.width,
        height: record.height,
        sha256: &record.sha256,
        size: record.size,
        alerts: picture.alerts.iter().map(ToString::to_string).collect(),
    })
}

fn time(time: Time) -> String {
    if time == Time::MIN { NO_TIME.to_owned() } else { time.rfc3339() }
}

/// Go's `regexp.QuoteMeta`, which Alertmanager applies to the receiver's name.
fn quoted(receiver: &str) -> String {
    receiver.chars().fold(String::new(), |mut quoted, c| {
        if r"\.+*?()|[]{}^$".contains(c) {
            quoted.push('\\');
        }
        quoted.push(c);
        quoted
    })
}

/// Go's encoder escapes these five, which can only stand inside strings, and ends with a line end.
fn as_go_writes(json: String) -> String {
    let escaped = json.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e");
    escaped.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receivers_are_quoted_as_go_quotes() {
        assert_eq!(quoted("team-a.b (x)#&~"), r"team-a\.b \(x\)#&~");
    }

    #[test]
    fn json_is_escaped_as_go_escapes() {
        let json = serde_json::to_string("<a href=\"x\">&\u{2028}").unwrap();
        assert_eq!(as_go_writes(json), "\"\\u003ca href=\\\"x\\\"\\u003e\\u0026\\u2028\"\n");
    }
}
