//! The body of a webhook in Grafana's form, version 1: for receivers that were written for its contact points.
//!
//! Deliberately unknown here: where it goes, how the texts are made. Grafana's private labels and annotations are not told; they
//! make the links and values.

use std::collections::HashMap;

use alerts::{
    Fingerprint, LabelSet, Status,
    message::{Message, MessageAlert},
    ports::SendError,
    templates::{AlertLinks, public},
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::images::{Encoding, Image, images};
use crate::payload::{ends_at, links, quoted, time, written};

/// Grafana's message, in the order of its fields; then ours.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    receiver: String,
    status: Status,
    alerts: Vec<PayloadAlert<'a>>,
    group_labels: LabelSet,
    common_labels: LabelSet,
    common_annotations: LabelSet,
    #[serde(rename = "externalURL")]
    external_url: &'a str,
    version: &'static str,
    group_key: &'a str,
    truncated_alerts: usize,
    org_id: i64,
    title: String,
    state: &'static str,
    message: String,
    images: Vec<Image<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PayloadAlert<'a> {
    status: Status,
    labels: LabelSet,
    annotations: LabelSet,
    starts_at: String,
    ends_at: String,
    #[serde(rename = "generatorURL")]
    generator_url: &'a str,
    fingerprint: String,
    #[serde(rename = "silenceURL")]
    silence_url: String,
    #[serde(rename = "dashboardURL")]
    dashboard_url: String,
    #[serde(rename = "panelURL")]
    panel_url: String,
    #[serde(rename = "ruleUID", skip_serializing_if = "str::is_empty")]
    rule_uid: &'a str,
    values: Option<Map<String, Value>>,
    value_string: &'a str,
    #[serde(rename = "imageURL", skip_serializing_if = "Option::is_none")]
    image_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    org_id: Option<i64>,
}

/// The body for a message that was truncated by so many alerts, with its title and its text.
///
/// # Errors
/// When it cannot be written, which no message should bring about.
pub fn body(
    message: &Message,
    truncated_alerts: usize,
    encoding: Option<Encoding>,
    (title, text): (String, String),
) -> Result<String, SendError> {
    let links = links(&message.pictures);
    let alerts: Vec<_> = message.alerts.iter().map(|one| alert(one, &message.external_url, &links)).collect();
    let payload = Payload {
        receiver: quoted(&message.receiver),
        status: message.status,
        group_labels: public(&message.group_labels),
        common_labels: public(&message.common_labels),
        common_annotations: public(&message.common_annotations),
        external_url: &message.external_url,
        version: "1",
        group_key: &message.group_key,
        truncated_alerts,
        // as Grafana has it, of the rule; a message of ours may be about none
        org_id: alerts.iter().find_map(|alert| alert.org_id).unwrap_or(1),
        title,
        state: if message.status == Status::Firing { "alerting" } else { "ok" },
        message: text,
        images: images(message, encoding),
        alerts,
    };
    written(&payload)
}

fn alert<'a>(one: &'a MessageAlert, external_url: &str, images: &HashMap<Fingerprint, &'a str>) -> PayloadAlert<'a> {
    let alert = &one.alert;
    let links = AlertLinks::of(alert, external_url);
    // a picture of the sender's own is passed on as a link
    let given = Some(alert.annotations.value("__alert_image_url__")).filter(|url| !url.is_empty());
    PayloadAlert {
        status: one.status,
        labels: public(&alert.labels),
        annotations: public(&alert.annotations),
        starts_at: time(alert.starts_at),
        ends_at: ends_at(one),
        generator_url: &alert.generator_url,
        fingerprint: alert.fingerprint.to_string(),
        silence_url: links.silence,
        dashboard_url: links.dashboard,
        panel_url: links.panel,
        rule_uid: alert.labels.value("__alert_rule_uid__"),
        values: values(alert.annotations.value("__values__")),
        value_string: alert.annotations.value("__value_string__"),
        image_url: images.get(&alert.fingerprint).copied().or(given),
        org_id: alert.annotations.value("__orgId__").parse().ok(),
    }
}

/// Grafana's `{"B": 22.5}`; `null` if there are none.
fn values(json: &str) -> Option<Map<String, Value>> {
    let mut values: Map<String, Value> = serde_json::from_str(json).ok()?;
    values.retain(|_, value| value.is_number());
    (!values.is_empty()).then_some(values)
}
