//! Times as senders write them.
//!
//! Go's zero time, the empty string and `null` mean "unknown". Deliberately unknown here: defaults.

use std::fmt;

use jiff::{civil, tz::TimeZone};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::time::Time;

/// A time of Alertmanager's API: RFC 3339, or one of the shorter forms of ISO 8601 that go-openapi accepts, those without
/// an offset being UTC.
pub(super) struct When(pub Option<Time>);

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WhenVisitor { lenient: false }).map(When)
    }
}

/// The same, or seconds, milliseconds, microseconds or nanoseconds since 1970 as a number or a string of digits; which
/// of them, its size tells (seconds reach 10^11 in the year 5138).
pub(super) struct LooseWhen(pub Option<Time>);

impl<'de> Deserialize<'de> for LooseWhen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WhenVisitor { lenient: true }).map(LooseWhen)
    }
}

struct WhenVisitor {
    lenient: bool,
}

impl Visitor<'_> for WhenVisitor {
    type Value = Option<Time>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.lenient { "a time as RFC 3339 or in seconds since 1970" } else { "a time as RFC 3339" })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let number = || if self.lenient { text.trim().parse().ok().and_then(since_1970) } else { None };
        match parse(text) {
            Ok(time) => Ok(time),
            Err(reason) => number().map(Some).ok_or_else(|| E::custom(format_args!("parsing time {text:?}: {reason}"))),
        }
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        self.visit_f64(value as f64)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        self.visit_f64(value as f64)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        if !self.lenient {
            return Err(E::invalid_type(serde::de::Unexpected::Other("number"), &self));
        }
        since_1970(value).map(Some).ok_or_else(|| E::custom(format_args!("{value} is not a time")))
    }
}

/// Reads a time of Alertmanager's API; none if it is empty or Go's zero time.
///
/// # Errors
/// Why it is no time.
pub fn parse(text: &str) -> Result<Option<Time>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let time = Time::parse(text).or_else(|reason| without_offset(text).ok_or(reason))?;
    Ok((time != Time::MIN).then_some(time))
}

fn without_offset(text: &str) -> Option<Time> {
    let civil: civil::DateTime = text.parse().ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp().into())
}

fn since_1970(value: f64) -> Option<Time> {
    let seconds = match value.abs() {
        size if size < 1e11 => value,
        size if size < 1e14 => value / 1e3,
        size if size < 1e17 => value / 1e6,
        _ => value / 1e9,
    };
    // To the microsecond: a double holds no more of today's times. The cast saturates, and NaN becomes 0.
    let micros = Some(seconds).filter(|seconds| seconds.is_finite()).map(|seconds| (seconds * 1e6).round() as i64)?;
    jiff::Timestamp::from_microsecond(micros).ok().map(Time::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_go_openapi_reads() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(parse(text).map(|time| time.map(Time::rfc3339)), Ok(expected.map(str::to_owned)), "{text}");
        };
        check("2026-11-22T17:00:00Z", Some("2026-11-22T17:00:00Z"));
        check("2026-11-22T17:00:00.123456789+02:00", Some("2026-11-22T15:00:00.123456789Z"));
        check("2026-11-22T17:00:00", Some("2026-11-22T17:00:00Z"));
        check("2026-11-22 17:00:00", Some("2026-11-22T17:00:00Z"));
        check("2026-11-22T17:00", Some("2026-11-22T17:00:00Z"));
        check("2026-11-22", Some("2026-11-22T00:00:00Z"));
        check("0001-01-01T00:00:00Z", None);
        check("", None);
        assert!(parse("tomorrow").is_err());
    }

    #[test]
    fn the_size_of_a_number_tells_its_unit() {
        let check = |value: f64, expected: &str| {
            assert_eq!(since_1970(value).map(Time::rfc3339).as_deref(), Some(expected), "{value}");
        };
        check(1_700_000_000.0, "2023-11-14T22:13:20Z");
        check(1_700_000_000.5, "2023-11-14T22:13:20.5Z");
        check(1_700_000_000_500.0, "2023-11-14T22:13:20.5Z");
        check(1_700_000_000_500_000.0, "2023-11-14T22:13:20.5Z");
        check(1_700_000_000_500_000_000.0, "2023-11-14T22:13:20.5Z");
        assert_eq!(since_1970(f64::MAX), None);
        assert_eq!(since_1970(f64::NAN), None);
    }
}
