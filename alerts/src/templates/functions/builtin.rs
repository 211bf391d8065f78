//! Go's own functions on lists, maps and strings, on our values.
//!
//! Deliberately unknown here: comparison, printf.

use std::sync::Arc;

use gotmpl::Value;

use super::{Outcome, limited};
use crate::templates::{
    text::{sprint, sprintln},
    value::{Kind, describe, kind, visible},
};

pub(super) fn print(arguments: &[Value]) -> Outcome {
    limited(sprint(arguments))
}

pub(super) fn println(arguments: &[Value]) -> Outcome {
    limited(sprintln(arguments))
}

pub(super) fn len(arguments: &[Value]) -> Outcome {
    let length = match &arguments[0] {
        Value::String(s) | Value::Safe { s, .. } => s.len(),
        Value::List(items) => items.len(),
        Value::Map(map) if is_map(&arguments[0]) => visible(map).count(),
        other => return Err(format!("{} has no length", describe(other))),
    };
    Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

/// Whether it is a map to Go too, not a struct.
fn is_map(value: &Value) -> bool {
    matches!(kind(value), None | Some(Kind::Dict | Kind::Numbers))
}

pub(super) fn index(arguments: &[Value]) -> Outcome {
    let (first, keys) = arguments.split_first().ok_or("index takes a value")?;
    keys.iter().try_fold(first.clone(), |value, key| index_one(&value, key))
}

fn index_one(value: &Value, key: &Value) -> Outcome {
    match (value, key) {
        (Value::List(items), Value::Int(at)) => {
            let found = usize::try_from(*at).ok().and_then(|at| items.get(at));
            found.cloned().ok_or_else(|| format!("index {at} is out of range: the list has {} items", items.len()))
        }
        (Value::Map(map), Value::String(key) | Value::Safe { s: key, .. }) if is_map(value) => {
            let found = map.get(key).filter(|_| !key.starts_with('\0'));
            Ok(found.cloned().unwrap_or_else(|| missing(kind(value))))
        }
        (Value::String(s), Value::Int(at)) => {
            let found = usize::try_from(*at).ok().and_then(|at| s.as_bytes().get(at));
            let byte = found.ok_or_else(|| format!("index {at} is out of range: the string has {} bytes", s.len()))?;
            Ok(Value::Int(i64::from(*byte)))
        }
        _ => Err(format!("{} cannot be indexed with {}", describe(value), describe(key))),
    }
}

/// What a map gives for a key that it does not have.
fn missing(kind: Option<Kind>) -> Value {
    match kind {
        None => "".into(),
        Some(Kind::Numbers) => Value::Float(0.0),
        Some(_) => Value::Nil,
    }
}

pub(super) fn slice(arguments: &[Value]) -> Outcome {
    let (value, bounds) = arguments.split_first().ok_or("slice takes a value")?;
    let bound = |at: usize| match bounds.get(at) {
        None => Ok(None),
        Some(Value::Int(n)) => Ok(Some(*n)),
        Some(other) => Err(format!("slice takes integers as bounds, not {}", describe(other))),
    };
    let (start, end, cap) = (bound(0)?, bound(1)?, bound(2)?);
    match (value, cap) {
        (Value::List(items), Some(cap)) if cap < end.unwrap_or(0) || cap > items.len() as i64 => {
            Err("slice bounds are out of range".to_owned())
        }
        (Value::List(_), _) | (Value::String(_), None) => value.slice(start, end).map_err(|error| match error {
            gotmpl::TemplateError::Exec(message) => message,
            other => other.to_string(),
        }),
        _ => Err(format!("{} cannot be sliced", describe(value))),
    }
}

/// The pipeline of `range`, with the number of its variables before it: hidden keys go, what is no sequence is an error.
pub(super) fn range(arguments: &[Value]) -> Outcome {
    let [Value::Int(variables), value] = arguments else { return Err("broken range".to_owned()) };
    match value {
        Value::Int(n) if *variables > 1 => Err(format!("range over the integer {n} takes one variable")),
        Value::Nil | Value::List(_) | Value::Int(_) => Ok(value.clone()),
        Value::Map(map) if is_map(value) => match kind(value) {
            None => Ok(value.clone()),
            Some(_) => Ok(Value::Map(Arc::new(visible(map).map(|(k, v)| (k.clone(), v.clone())).collect()))),
        },
        other => Err(format!("cannot range over {}", describe(other))),
    }
}
