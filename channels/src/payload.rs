//! Alertmanager's payload, as its webhooks and incident.io get it, with ours beside it.
//!
//! Deliberately unknown here: where it goes. What reads this has a parser of its own, so nothing is escaped but JSON.

use std::collections::HashMap;

use alerts::{
    Fingerprint, LabelSet, Status, Time,
    message::{Message, MessageAlert},
    picture::Picture,
    ports::{SendError, SendErrorKind},
};
use serde::Serialize;

use crate::webhook::images::{Encoding, Image, images};

/// Go's zero time: the end of an alert that goes on, and a time that nobody knows.
const NO_TIME: &str = "0001-01-01T00:00:00Z";

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
    route_labels: &'a LabelSet,
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

/// The message with at most `max_alerts` alerts (0: all), and how many were left out. What is common is common to those that
/// are shown; whether anything fires is asked of all.
pub fn truncated(message: &Message, max_alerts: usize) -> (Message, usize) {
    let left_out = if max_alerts == 0 { 0 } else { message.alerts.len().saturating_sub(max_alerts) };
    let mut shown = message.clone();
    if left_out > 0 {
        shown.alerts.truncate(max_alerts);
        shown.common_labels = common(&shown.alerts, |one| &one.alert.labels);
        shown.common_annotations = common(&shown.alerts, |one| &one.alert.annotations);
    }
    (shown, left_out)
}

/// The body, in this version, for a message that was truncated by so many alerts.
///
/// # Errors
/// When it cannot be written, which no message should bring about.
pub fn body(
    message: &Message,
    truncated_alerts: usize,
    version: &'static str,
    encoding: Option<Encoding>,
) -> Result<String, SendError> {
    let links = links(&message.pictures);
    let payload = Payload {
        receiver: quoted(&message.receiver),
        status: message.status,
        alerts: message.alerts.iter().map(|one| alert(one, &links)).collect(),
        notification_reason: message.reason.as_str(),
        group_labels: &message.group_labels,
        common_labels: &message.common_labels,
        common_annotations: &message.common_annotations,
        route_labels: &message.route_labels,
        external_url: &message.external_url,
        version,
        group_key: &message.group_key,
        truncated_alerts,
        images: images(message, encoding),
    };
    written(&payload)
}

/// A value as Go's encoder would write it.
///
/// # Errors
/// When it cannot be written.
pub fn written(value: &impl Serialize) -> Result<String, SendError> {
    let json = serde_json::to_string(value).map_err(|why| SendError::new(SendErrorKind::Rejected, why.to_string()))?;
    Ok(as_go_writes(json))
}

fn common<'a>(alerts: &'a [MessageAlert], set: impl Fn(&'a MessageAlert) -> &'a LabelSet) -> LabelSet {
    Message::common(alerts.iter().map(set))
}

fn alert<'a>(one: &'a MessageAlert, links: &HashMap<Fingerprint, &'a str>) -> PayloadAlert<'a> {
    let given = Some(one.alert.annotations.value("__alert_image_url__")).filter(|url| !url.is_empty());
    PayloadAlert {
        status: one.status,
        labels: &one.alert.labels,
        annotations: &one.alert.annotations,
        starts_at: time(one.alert.starts_at),
        ends_at: ends_at(one),
        generator_url: &one.alert.generator_url,
        fingerprint: one.alert.fingerprint.to_string(),
        // a picture of the sender's own is passed on as a link
        image_url: links.get(&one.alert.fingerprint).copied().or(given),
    }
}

/// The first picture of each alert: pictures come in the order of their importance.
pub fn links(pictures: &[Picture]) -> HashMap<Fingerprint, &str> {
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

/// A time as Go writes it.
pub fn time(time: Time) -> String {
    if time == Time::MIN { NO_TIME.to_owned() } else { time.rfc3339() }
}

/// The end of an alert, which those that fire do not have.
pub fn ends_at(one: &MessageAlert) -> String {
    if one.status == Status::Firing { NO_TIME.to_owned() } else { time(one.alert.ends_at) }
}

/// Go's `regexp.QuoteMeta`, which Alertmanager applies to the receiver's name.
pub fn quoted(receiver: &str) -> String {
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
