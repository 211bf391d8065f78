//! The methods of Go's `time.Time` and `time.Duration`.
//!
//! Deliberately unknown here: layouts, zones.

use gotmpl::Value;

use super::{
    gotime::{GoDuration, GoTime, RFC3339_NANO},
    member::counted,
    value::{self, as_duration, as_text, as_time, describe},
};

pub(super) fn of_time(receiver: &Value, name: &str, arguments: &[Value]) -> Result<Value, String> {
    let time = as_time(receiver).ok_or("not a time")?;
    match name {
        "Format" => {
            let [layout] = counted(name, arguments)?;
            let layout = as_text(layout).ok_or_else(|| format!(".Format takes a layout, not {}", describe(layout)))?;
            Ok(time.format(layout).into())
        }
        "In" => {
            let [zone] = counted(name, arguments)?;
            let zone = as_text(zone).ok_or_else(|| format!(".In takes a zone's name, not {}", describe(zone)))?;
            Ok(value::time(&time.within(zone)?))
        }
        "Add" | "Truncate" | "Round" => {
            let [by] = counted(name, arguments)?;
            let by = a_duration(name, by)?;
            Ok(value::time(&match name {
                "Add" => time.plus(by),
                "Truncate" => time.truncate(by),
                _ => time.round(by),
            }))
        }
        "Sub" | "After" | "Before" | "Equal" | "Compare" => {
            let [other] = counted(name, arguments)?;
            let other = as_time(other).ok_or_else(|| format!(".{name} takes a time, not {}", describe(other)))?;
            Ok(compared(name, &time, &other))
        }
        "AddDate" => add_date(&time, counted(name, arguments)?),
        _ => {
            let [] = counted(name, arguments)?;
            plain(&time, name).ok_or_else(|| format!("a time has no .{name}"))
        }
    }
}

fn compared(name: &str, time: &GoTime, other: &GoTime) -> Value {
    match name {
        "Sub" => value::duration(time.since(other)),
        "After" => Value::Bool(time.at > other.at),
        "Before" => Value::Bool(time.at < other.at),
        "Equal" => Value::Bool(time.at == other.at),
        _ => Value::Int(time.at.cmp(&other.at) as i64),
    }
}

fn add_date(time: &GoTime, arguments: &[Value; 3]) -> Result<Value, String> {
    let [Value::Int(years), Value::Int(months), Value::Int(days)] = arguments else {
        return Err(".AddDate takes three integers: years, months, days".to_owned());
    };
    let zoned = time.zoned();
    let span = jiff::Span::new().try_years(*years).and_then(|span| span.try_months(*months));
    let later = span.and_then(|span| span.try_days(*days)).and_then(|span| zoned.checked_add(span));
    let at = later.map_err(|_| ".AddDate leaves the years that can be expressed".to_owned())?.timestamp();
    Ok(value::time(&GoTime { at, zone: time.zone.clone() }))
}

fn plain(time: &GoTime, name: &str) -> Option<Value> {
    let zoned = time.zoned();
    Some(match name {
        "UTC" | "Local" => value::time(&GoTime::utc(time.at)),
        "IsZero" => Value::Bool(time.is_zero()),
        "Unix" => Value::Int(time.at.as_second()),
        "UnixMilli" => Value::Int(time.at.as_millisecond()),
        "UnixMicro" => Value::Int(time.at.as_microsecond()),
        "UnixNano" => Value::Int(i64::try_from(time.at.as_nanosecond()).unwrap_or_default()),
        "Year" => Value::Int(zoned.year().into()),
        "Month" => time.format("January").into(),
        "Day" => Value::Int(zoned.day().into()),
        "YearDay" => Value::Int(zoned.day_of_year().into()),
        "Weekday" => time.format("Monday").into(),
        "Hour" => Value::Int(zoned.hour().into()),
        "Minute" => Value::Int(zoned.minute().into()),
        "Second" => Value::Int(zoned.second().into()),
        "Nanosecond" => Value::Int(zoned.subsec_nanosecond().into()),
        "Location" => Value::String(time.zone.clone()),
        "String" => time.to_string().into(),
        "GoString" | "MarshalText" => time.format(RFC3339_NANO).into(),
        _ => return None,
    })
}

pub(super) fn of_duration(receiver: &Value, name: &str, arguments: &[Value]) -> Result<Value, String> {
    let duration = as_duration(receiver).ok_or("not a duration")?;
    if matches!(name, "Round" | "Truncate") {
        let [step] = counted(name, arguments)?;
        let step = a_duration(name, step)?;
        return Ok(value::duration(if name == "Round" { duration.round(step) } else { duration.truncate(step) }));
    }
    let [] = counted(name, arguments)?;
    Ok(match name {
        "Seconds" => Value::Float(duration.seconds()),
        "Minutes" => Value::Float(duration.minutes()),
        "Hours" => Value::Float(duration.hours()),
        "Milliseconds" => Value::Int(duration.0 / 1_000_000),
        "Microseconds" => Value::Int(duration.0 / 1_000),
        "Nanoseconds" => Value::Int(duration.0),
        "Abs" => value::duration(GoDuration(duration.0.saturating_abs())),
        "String" => duration.to_string().into(),
        _ => return Err(format!("a duration has no .{name}")),
    })
}

/// A duration, or nanoseconds as a number, as Go's constants are.
fn a_duration(name: &str, value: &Value) -> Result<GoDuration, String> {
    match value {
        Value::Int(nanos) => Ok(GoDuration(*nanos)),
        value => as_duration(value).ok_or_else(|| format!(".{name} takes a duration, not {}", describe(value))),
    }
}
