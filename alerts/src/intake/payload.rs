//! The bodies of Alertmanager's webhooks (version 4 of its payload) and of Grafana's (version 1): one form, Grafana's having more.
//!
//! A sender of these tells a firing alert every few hours, so the status says what holds, not the end. Unknown fields are skipped.
//! Deliberately unknown here: defaults, labels' validity, HTTP.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Incoming, NotParsed, Pair, links::Annotations, strings::readable, times::LooseWhen};
use crate::{alert::Status, time::Time};

/// The alerts of a body, and what else it says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Payload {
    /// The alerts; for one that cannot be read, why.
    pub alerts: Vec<Result<Incoming<'static>, String>>,
    /// How many the sender left out.
    pub truncated: u64,
    /// Where its sender is, in its own words.
    pub external_url: String,
}

/// Reads a body as JSON. Bytes that are not UTF-8 become U+FFFD.
///
/// # Errors
/// Where it is no JSON.
pub fn json(body: &[u8]) -> Result<Value, NotParsed> {
    let text = readable(body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body));
    serde_json::from_str(&text).map_err(|error| NotParsed::Payload(format!("the body is not JSON: {error}")))
}

/// Reads the alerts of a body, received at `received`.
///
/// # Errors
/// When it is no such payload.
pub fn parse(body: &Value, received: Time) -> Result<Payload, NotParsed> {
    let wrong = |why: &str| NotParsed::Payload(why.to_owned());
    let fields = body.as_object().ok_or_else(|| wrong("the body must be an object with a list of alerts"))?;
    let alerts = fields.get("alerts").ok_or_else(|| wrong("alerts: is missing"))?;
    let alerts = alerts.as_array().ok_or_else(|| wrong("alerts: must be a list"))?;
    Ok(Payload {
        alerts: alerts.iter().map(|alert| read(alert, received)).collect(),
        truncated: fields.get("truncatedAlerts").and_then(Value::as_u64).unwrap_or_default(),
        external_url: external_url(body).to_owned(),
    })
}

/// Where the sender of a body says that it is; nothing where it does not.
pub fn external_url(body: &Value) -> &str {
    body.get("externalURL").and_then(Value::as_str).unwrap_or_default()
}

fn read(alert: &Value, received: Time) -> Result<Incoming<'static>, String> {
    let fields = alert.as_object().ok_or("must be an object")?;
    let mut annotations = Annotations::of(pairs(fields, "annotations")?);
    annotations.add_panel(text(fields, "dashboardURL"), text(fields, "panelURL"));
    annotations.add_silence(text(fields, "silenceURL"));
    annotations.add_image(text(fields, "imageURL"));
    annotations.add("__value_string__", text(fields, "valueString").to_owned());
    if let Some(values) = fields.get("values").filter(|values| values.is_object()) {
        annotations.add("__values__", values.to_string());
    }
    if let Some(org) = fields.get("orgId").and_then(Value::as_i64) {
        annotations.add("__orgId__", org.to_string());
    }
    let (starts_at, ends_at) = (time(fields, "startsAt")?, time(fields, "endsAt")?);
    Ok(Incoming {
        labels: pairs(fields, "labels")?,
        annotations: annotations.0,
        starts_at,
        ends_at: end(fields.get("status"), ends_at, received)?,
        generator_url: text(fields, "generatorURL").to_owned().into(),
    })
}

/// When it ended; none while it fires: then the next notification, or the timeout, tells.
fn end(status: Option<&Value>, ends_at: Option<Time>, received: Time) -> Result<Option<Time>, String> {
    match status {
        None | Some(Value::Null) => Ok(ends_at),
        Some(status) => {
            Ok(ended(Status::deserialize(status).map_err(|error| format!("status: {error}"))?, ends_at, received))
        }
    }
}

/// The end of an alert of which the status is known.
pub(super) fn ended(status: Status, ends_at: Option<Time>, received: Time) -> Option<Time> {
    match status {
        Status::Firing => None,
        Status::Resolved => Some(ends_at.map_or(received, |end| end.min(received))),
    }
}

/// A text; anything else is as good as none.
fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn time(fields: &Map<String, Value>, name: &str) -> Result<Option<Time>, String> {
    let Some(value) = fields.get(name) else { return Ok(None) };
    LooseWhen::deserialize(value).map(|when| when.0).map_err(|error| format!("{name}: {error}"))
}

fn pairs(fields: &Map<String, Value>, name: &str) -> Result<Vec<Pair<'static>>, String> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(pairs)) => pairs
            .iter()
            .map(|(key, value)| {
                let value = scalar(value).ok_or_else(|| format!("{name}: the value of {key:?} must be a text"))?;
                Ok((Cow::Owned(key.clone()), Cow::Owned(value)))
            })
            .collect(),
        Some(_) => Err(format!("{name}: must be an object of texts")),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Null => Some(String::new()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
#[path = "payload_tests.rs"]
mod tests;
