//! `eq`, `lt` and their like, with Go's refusals.
//!
//! Deliberately unknown here: everything but two values.

use std::cmp::Ordering;

use gotmpl::Value;

use super::Outcome;
use crate::templates::value::{as_duration, as_text, as_time, describe};

pub(super) fn eq(arguments: &[Value]) -> Outcome {
    let (first, others) = arguments.split_first().ok_or("eq takes two values")?;
    for other in others {
        if equal(first, other)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

pub(super) fn ne(arguments: &[Value]) -> Outcome {
    Ok(Value::Bool(!equal(&arguments[0], &arguments[1])?))
}

pub(super) fn lt(arguments: &[Value]) -> Outcome {
    order(arguments, Ordering::is_lt)
}

pub(super) fn le(arguments: &[Value]) -> Outcome {
    order(arguments, Ordering::is_le)
}

pub(super) fn gt(arguments: &[Value]) -> Outcome {
    order(arguments, Ordering::is_gt)
}

pub(super) fn ge(arguments: &[Value]) -> Outcome {
    order(arguments, Ordering::is_ge)
}

/// A duration is an integer to Go.
fn plain(value: &Value) -> Value {
    as_duration(value).map_or_else(|| value.clone(), |duration| Value::Int(duration.0))
}

fn equal(left: &Value, right: &Value) -> Result<bool, String> {
    if let (Some(left), Some(right)) = (as_time(left), as_time(right)) {
        return Ok(left.at == right.at);
    }
    if let (Some(left), Some(right)) = (as_text(left), as_text(right)) {
        return Ok(left == right);
    }
    match (plain(left), plain(right)) {
        (Value::Nil, Value::Nil) => Ok(true),
        (Value::Nil, _) | (_, Value::Nil) => Ok(false),
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        (Value::Float(a), Value::Float(b)) => Ok(a == b),
        (a, b) => match (integer(&a), integer(&b)) {
            (Some(a), Some(b)) => Ok(a == b),
            _ => Err(refusal(left, right)),
        },
    }
}

fn order(arguments: &[Value], wanted: fn(Ordering) -> bool) -> Outcome {
    let [left, right] = arguments else { return Err("two values are compared".to_owned()) };
    if let (Some(a), Some(b)) = (as_text(left), as_text(right)) {
        return Ok(Value::Bool(wanted(a.cmp(b))));
    }
    let (a, b) = (plain(left), plain(right));
    if let (Some(a), Some(b)) = (integer(&a), integer(&b)) {
        return Ok(Value::Bool(wanted(a.cmp(&b))));
    }
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => Ok(Value::Bool(a.partial_cmp(&b).is_some_and(wanted))),
        _ => Err(refusal(left, right)),
    }
}

fn integer(value: &Value) -> Option<i128> {
    match value {
        Value::Int(n) => Some(i128::from(*n)),
        Value::Uint(n) => Some(i128::from(*n)),
        _ => None,
    }
}

fn refusal(left: &Value, right: &Value) -> String {
    format!("{} cannot be compared with {}", describe(left), describe(right))
}
