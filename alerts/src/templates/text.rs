//! Values as text, the way Go's `fmt` prints them with `%v`, through the `String` methods that they have.
//!
//! Deliberately unknown here: printf, JSON, HTML.

use std::{fmt::Write as _, sync::Arc};

use gotmpl::Value;

use super::{
    fields,
    value::{Kind, Map, as_duration, as_time, kind, visible},
};

/// A value as an action prints it: what has a text form of its own becomes text, the rest stays what it is (nil prints
/// differently in text and in HTML, trusted HTML stays trusted).
pub(super) fn printable(value: &Value) -> Value {
    match value {
        Value::Float(_) | Value::List(_) | Value::Map(_) | Value::Function(_) => Value::from(text(value)),
        plain => plain.clone(),
    }
}

/// A value as text.
pub(super) fn text(value: &Value) -> String {
    let mut out = String::new();
    push(&mut out, value);
    out
}

/// Go's `fmt.Sprint`: spaces between operands when neither is a string.
pub(super) fn sprint(values: &[Value]) -> String {
    let mut out = String::new();
    for (at, value) in values.iter().enumerate() {
        let is_string = |v: &Value| matches!(v, Value::String(_) | Value::Safe { .. });
        if at > 0 && !is_string(value) && !is_string(&values[at - 1]) {
            out.push(' ');
        }
        push(&mut out, value);
    }
    out
}

/// Go's `fmt.Sprintln`.
pub(super) fn sprintln(values: &[Value]) -> String {
    values.iter().map(text).collect::<Vec<_>>().join(" ") + "\n"
}

/// The pairs of a set of labels in Alertmanager's order: `alertname` first, then by name.
pub(super) fn sorted_pairs(map: &Map) -> impl Iterator<Item = (&Arc<str>, &Value)> {
    let (first, rest): (Vec<_>, Vec<_>) = visible(map).partition(|(name, _)| &***name == "alertname");
    first.into_iter().chain(rest)
}

fn push(out: &mut String, value: &Value) {
    let _ = match value {
        Value::Nil => write!(out, "<nil>"),
        Value::Float(float) => write!(out, "{}", go_float(*float)),
        Value::List(items) => {
            push_list(out, items);
            Ok(())
        }
        Value::Map(map) => {
            push_map(out, value, map);
            Ok(())
        }
        plain => write!(out, "{plain}"),
    };
}

fn push_list(out: &mut String, items: &[Value]) {
    let pairs = !items.is_empty() && items.iter().all(|item| kind(item) == Some(Kind::Pair));
    if pairs {
        let pair = |item: &Value| {
            let part = |name| item.field(name).map(text).unwrap_or_default();
            format!("{}={}", part("Name"), part("Value"))
        };
        return out.push_str(&items.iter().map(pair).collect::<Vec<_>>().join(", "));
    }
    out.push('[');
    separated(out, items.iter(), " ", push);
    out.push(']');
}

fn push_map(out: &mut String, value: &Value, map: &Map) {
    match kind(value) {
        None => separated(out, sorted_pairs(map), ", ", |out, (name, value)| {
            let _ = write!(out, "{name}=");
            push(out, value);
        }),
        Some(Kind::Dict | Kind::Numbers) => {
            out.push_str("map[");
            separated(out, visible(map), " ", |out, (key, value)| {
                let _ = write!(out, "{key}:");
                push(out, value);
            });
            out.push(']');
        }
        Some(Kind::Time) => out.push_str(&as_time(value).map(|t| t.to_string()).unwrap_or_default()),
        Some(Kind::Duration) => out.push_str(&as_duration(value).map(|d| d.to_string()).unwrap_or_default()),
        Some(of) => {
            out.push('{');
            let known = fields::of(of).iter().filter(|field| !field.omit_empty).filter_map(|field| map.get(field.name));
            separated(out, known, " ", push);
            out.push('}');
        }
    }
}

fn separated<T>(out: &mut String, items: impl Iterator<Item = T>, separator: &str, push: impl Fn(&mut String, T)) {
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push_str(separator);
        }
        push(out, item);
    }
}

/// A float as `%v` prints it: the shortest digits, with an exponent when that is below -4 or at least 6.
pub(super) fn go_float(float: f64) -> String {
    if let Some(special) = special_float(float) {
        return special.to_owned();
    }
    let (digits, exponent) = shortest(float);
    if (-4..6).contains(&exponent) {
        return format!("{float}");
    }
    with_exponent(&digits, exponent)
}

/// A float with `precision` significant digits, as `%.4g` prints it.
pub(super) fn go_float_general(float: f64, precision: usize) -> String {
    if let Some(special) = special_float(float) {
        return special.to_owned();
    }
    let rounded = format!("{:.*e}", precision.saturating_sub(1), float);
    let (mantissa, exponent) = rounded.split_once('e').unwrap_or((&rounded, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let mantissa = if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    if exponent < -4 || exponent >= i32::try_from(precision).unwrap_or(i32::MAX) {
        return with_exponent(mantissa, exponent);
    }
    format!("{mantissa}e{exponent}").parse::<f64>().map(|f| f.to_string()).unwrap_or_default()
}

pub(super) fn special_float(float: f64) -> Option<&'static str> {
    match float {
        f if f.is_nan() => Some("NaN"),
        f if f == f64::INFINITY => Some("+Inf"),
        f if f == f64::NEG_INFINITY => Some("-Inf"),
        _ => None,
    }
}

/// The shortest digits that give the number back, `1.5`, and its decimal exponent.
pub(super) fn shortest(float: f64) -> (String, i32) {
    let all = format!("{float:e}");
    let (digits, exponent) = all.split_once('e').unwrap_or((&all, "0"));
    (digits.to_owned(), exponent.parse().unwrap_or(0))
}

fn with_exponent(digits: &str, exponent: i32) -> String {
    format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.unsigned_abs())
}
