//! Functions on times and durations.
//!
//! Deliberately unknown here: the clock (`now` is the message's).

use gotmpl::Value;

use super::{Outcome, string};
use crate::templates::{
    context,
    gotime::{self, GoTime},
    text::{go_float_general, special_float},
    value::{self, as_duration, as_text, as_time, describe},
};

pub(super) fn since(arguments: &[Value]) -> Outcome {
    Ok(value::duration(context::now().since(&a_time("since", &arguments[0])?)))
}

pub(super) fn date(arguments: &[Value]) -> Outcome {
    let layout = string("date", &arguments[0])?;
    Ok(a_time("date", &arguments[1])?.format(layout).into())
}

pub(super) fn tz(arguments: &[Value]) -> Outcome {
    let zone = string("tz", &arguments[0])?;
    Ok(value::time(&a_time("tz", &arguments[1])?.within(zone)?))
}

/// The zero time for what cannot be read.
pub(super) fn to_date(arguments: &[Value]) -> Outcome {
    let (layout, text) = (string("toDate", &arguments[0])?, string("toDate", &arguments[1])?);
    Ok(value::time(&gotime::parse(layout, text).unwrap_or_else(|_| GoTime::zero())))
}

pub(super) fn must_to_date(arguments: &[Value]) -> Outcome {
    let (layout, text) = (string("mustToDate", &arguments[0])?, string("mustToDate", &arguments[1])?);
    Ok(value::time(&gotime::parse(layout, text)?))
}

fn a_time(function: &str, argument: &Value) -> Result<GoTime, String> {
    as_time(argument).ok_or_else(|| format!("{function} takes a time, not {}", describe(argument)))
}

/// As Prometheus does: `1d 2h 3m 4s`, `1.5s`, `20ms`.
pub(super) fn humanize_duration(arguments: &[Value]) -> Outcome {
    let argument = &arguments[0];
    let seconds = match argument {
        Value::String(_) | Value::Safe { .. } => as_text(argument).and_then(|text| text.parse().ok()),
        value => as_duration(value).map(|duration| duration.seconds()).or_else(|| number(value)),
    };
    let seconds =
        seconds.ok_or_else(|| format!("humanizeDuration takes seconds or a duration, not {}", describe(argument)))?;
    Ok(humanized(seconds).into())
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Float(float) => Some(*float),
        Value::Int(n) => Some(*n as f64),
        Value::Uint(n) => Some(*n as f64),
        _ => None,
    }
}

fn humanized(seconds: f64) -> String {
    if let Some(special) = special_float(seconds) {
        return special.to_owned();
    }
    if seconds == 0.0 {
        return "0s".to_owned();
    }
    if seconds.abs() < 1.0 {
        return small(seconds);
    }
    let sign = if seconds < 0.0 { "-" } else { "" };
    let whole = seconds.abs() as i64;
    let (days, hours, minutes, rest) = (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60, whole % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{sign}{}s", go_float_general(seconds.abs(), 4)),
        (0, 0, _) => format!("{sign}{minutes}m {rest}s"),
        (0, _, _) => format!("{sign}{hours}h {minutes}m {rest}s"),
        _ => format!("{sign}{days}d {hours}h {minutes}m {rest}s"),
    }
}

fn small(mut seconds: f64) -> String {
    let mut prefix = "";
    for next in ["m", "u", "n", "p", "f", "a", "z", "y"] {
        if seconds.abs() >= 1.0 {
            break;
        }
        prefix = next;
        seconds *= 1000.0;
    }
    format!("{}{prefix}s", go_float_general(seconds, 4))
}
