//! The values of templates. gotmpl knows lists and maps only, so Go's structs are maps with one hidden key that names
//! their kind. Sets of labels are maps without it: they are ranged over and measured.
//!
//! Deliberately unknown here: what fields and methods a kind has.

use std::{collections::BTreeMap, sync::Arc};

use gotmpl::Value;
use jiff::Timestamp;

use super::gotime::{GoDuration, GoTime};
use crate::labels::LabelSet;

/// The map inside a [`Value::Map`].
pub(super) type Map = BTreeMap<Arc<str>, Value>;

const MARK: &str = "\0";
const SECONDS: &str = "\0s";
const NANOS: &str = "\0n";
const ZONE: &str = "\0z";

/// What a marked map stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The message.
    Data,
    /// One of its alerts.
    Alert,
    /// A label's name and value.
    Pair,
    /// A picture of the message.
    Picture,
    /// A point in time.
    Time,
    /// A length of time.
    Duration,
    /// What `dict` makes, or a JSON object; an empty one has no mark.
    Dict,
    /// Names and numbers: Grafana's `.Values`.
    Numbers,
    /// `coll`, `data`, `tmpl`, `time`.
    Namespace,
}

const KINDS: [Kind; 9] = [
    Kind::Data,
    Kind::Alert,
    Kind::Pair,
    Kind::Picture,
    Kind::Time,
    Kind::Duration,
    Kind::Dict,
    Kind::Numbers,
    Kind::Namespace,
];

/// The kind of a marked map; labels, lists and plain values have none.
pub(super) fn kind(value: &Value) -> Option<Kind> {
    let Value::Map(map) = value else { return None };
    match map.get(MARK) {
        Some(Value::Int(at)) => KINDS.get(usize::try_from(*at).ok()?).copied(),
        _ => None,
    }
}

/// A marked map.
pub(super) fn marked(kind: Kind, entries: impl IntoIterator<Item = (Arc<str>, Value)>) -> Value {
    let at = KINDS.iter().position(|k| *k == kind).unwrap_or_default();
    let mut map: Map = entries.into_iter().collect();
    map.insert(MARK.into(), Value::Int(at as i64));
    Value::Map(Arc::new(map))
}

/// A struct with these fields.
pub(super) fn structure<const N: usize>(kind: Kind, fields: [(&'static str, Value); N]) -> Value {
    marked(kind, fields.map(|(name, value)| (name.into(), value)))
}

/// A map of anything; keys that could be taken for a mark are left out.
pub(super) fn dict(entries: impl IntoIterator<Item = (Arc<str>, Value)>) -> Value {
    let map: Map = entries.into_iter().filter(|(key, _)| !is_hidden(key)).collect();
    if map.is_empty() { Value::Map(Arc::new(map)) } else { marked(Kind::Dict, map) }
}

/// A set of labels. A hostile name could look like a mark: such labels are left out.
pub(super) fn labels<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Value {
    let visible = pairs.into_iter().filter(|(name, _)| !is_hidden(name));
    Value::Map(Arc::new(visible.map(|(name, value)| (Arc::from(name), Value::from(value))).collect()))
}

/// A whole set of labels, without Grafana's private ones (`__name__`).
pub(super) fn public_labels(set: &LabelSet) -> Value {
    labels(set.iter().filter(|(name, _)| is_public(name)))
}

/// Whether a label or annotation is for people to see.
pub(super) fn is_public(name: &str) -> bool {
    !(name.starts_with("__") && name.ends_with("__"))
}

/// The entries of a map that a template may see.
pub(super) fn visible(map: &Map) -> impl Iterator<Item = (&Arc<str>, &Value)> {
    map.iter().filter(|(key, _)| !is_hidden(key))
}

fn is_hidden(key: &str) -> bool {
    key.starts_with('\0')
}

pub(super) fn list(items: impl IntoIterator<Item = Value>) -> Value {
    Value::List(items.into_iter().collect())
}

pub(super) fn time(time: &GoTime) -> Value {
    structure(
        Kind::Time,
        [
            (SECONDS, Value::Int(time.at.as_second())),
            (NANOS, Value::Int(i64::from(time.at.subsec_nanosecond()))),
            (ZONE, Value::String(time.zone.clone())),
        ],
    )
}

pub(super) fn as_time(value: &Value) -> Option<GoTime> {
    if kind(value) != Some(Kind::Time) {
        return None;
    }
    let (Some(Value::Int(seconds)), Some(Value::Int(nanos)), Some(Value::String(zone))) =
        (value.field(SECONDS), value.field(NANOS), value.field(ZONE))
    else {
        return None;
    };
    let at = Timestamp::new(*seconds, i32::try_from(*nanos).ok()?).ok()?;
    Some(GoTime { at, zone: zone.clone() })
}

pub(super) fn duration(duration: GoDuration) -> Value {
    structure(Kind::Duration, [(NANOS, Value::Int(duration.0))])
}

pub(super) fn as_duration(value: &Value) -> Option<GoDuration> {
    match (kind(value), value.field(NANOS)) {
        (Some(Kind::Duration), Some(Value::Int(nanos))) => Some(GoDuration(*nanos)),
        _ => None,
    }
}

/// The name of a namespace.
pub(super) fn namespace(name: &'static str) -> Value {
    structure(Kind::Namespace, [(ZONE, name.into())])
}

pub(super) fn as_namespace(value: &Value) -> Option<&str> {
    if kind(value) == Some(Kind::Namespace) { value.field(ZONE)?.as_str() } else { None }
}

/// The text of a string, trusted or not.
pub(super) fn as_text(value: &Value) -> Option<&Arc<str>> {
    match value {
        Value::String(s) | Value::Safe { s, .. } => Some(s),
        _ => None,
    }
}

/// What a value is, in the words of error messages.
pub(super) fn describe(value: &Value) -> &'static str {
    match (value, kind(value)) {
        (_, Some(Kind::Data)) => "the message",
        (_, Some(Kind::Alert)) => "an alert",
        (_, Some(Kind::Pair)) => "a pair of name and value",
        (_, Some(Kind::Picture)) => "a picture",
        (_, Some(Kind::Time)) => "a time",
        (_, Some(Kind::Duration)) => "a duration",
        (_, Some(Kind::Dict)) => "a dict",
        (_, Some(Kind::Numbers)) => "a map of numbers",
        (_, Some(Kind::Namespace)) => "a function namespace",
        (Value::Nil, _) => "nil",
        (Value::Bool(_), _) => "a boolean",
        (Value::Int(_) | Value::Uint(_), _) => "an integer",
        (Value::Float(_), _) => "a float",
        (Value::String(_) | Value::Safe { .. }, _) => "a string",
        (Value::List(_), _) => "a list",
        (Value::Map(_), _) => "a set of labels",
        (Value::Function(_), _) => "a function",
    }
}

/// JSON as template data: objects become dicts, whole numbers integers.
pub(super) fn from_json(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(b) => Value::Bool(*b),
        serde_json::Value::Number(n) => n.as_i64().map_or(Value::Float(n.as_f64().unwrap_or(f64::NAN)), Value::Int),
        serde_json::Value::String(s) => Value::from(s.as_str()),
        serde_json::Value::Array(items) => list(items.iter().map(from_json)),
        serde_json::Value::Object(map) => dict(map.iter().map(|(k, v)| (Arc::from(k.as_str()), from_json(v)))),
    }
}
