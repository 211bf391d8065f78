//! Looking into JSON that may be anything: what has not the expected form is as if it were not there.
//!
//! Deliberately unknown here: what the JSON means.

use serde_json::{Map, Value};

pub(super) type Object = Map<String, Value>;

/// Nothing, to look into.
pub(super) static EMPTY: std::sync::LazyLock<Object> = std::sync::LazyLock::new(Object::new);

/// The object under a key.
pub(super) fn object<'a>(json: &'a Object, key: &str) -> &'a Object {
    json.get(key).and_then(Value::as_object).unwrap_or(&EMPTY)
}

/// The elements of the list under a key.
pub(super) fn list<'a>(json: &'a Object, key: &str) -> &'a [Value] {
    json.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Those of them that are objects.
pub(super) fn objects<'a>(json: &'a Object, key: &str) -> impl Iterator<Item = &'a Object> {
    list(json, key).iter().filter_map(Value::as_object)
}

/// The text under a key; empty where there is none.
pub(super) fn text<'a>(json: &'a Object, key: &str) -> &'a str {
    json.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The same where an empty text means none.
pub(super) fn filled(json: &Object, key: &str) -> Option<String> {
    Some(text(json, key)).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The number under a key, or in the text under it: old editors kept texts.
pub(super) fn number(json: &Object, key: &str) -> Option<f64> {
    let value = json.get(key)?;
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    number.filter(|number| number.is_finite())
}

/// The number of things under a key.
pub(super) fn count(json: &Object, key: &str) -> Option<u64> {
    let value = json.get(key)?;
    let whole = |number: f64| (number >= 0.0 && number.fract() == 0.0 && number < 9e15).then_some(number as u64);
    value.as_u64().or_else(|| number(json, key).and_then(whole))
}

/// Whether JavaScript takes what is under a key for true.
pub(super) fn truthy(json: &Object, key: &str) -> bool {
    match json.get(key) {
        None | Some(Value::Null) => false,
        Some(Value::Bool(flag)) => *flag,
        Some(Value::Number(number)) => number.as_f64().is_some_and(|number| number != 0.0),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(_) | Value::Object(_)) => true,
    }
}

/// A single value as the text that it is shown as.
pub(super) fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
