//! Values of arguments: moments, thresholds, time zones.
//!
//! Deliberately unknown here: what time it is.

use std::{str::FromStr, time::Duration};

use alerts::Time;
use charts::Side;
use jiff::tz::TimeZone;

/// A point in time as one types it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// So long before a time that the context names.
    Before(Duration),
    /// This very time.
    At(Time),
}

impl Moment {
    /// The time, where `anchor` is what "before" counts from.
    pub(super) fn resolve(self, anchor: Time) -> Time {
        match self {
            Moment::Before(length) => anchor.minus(length),
            Moment::At(time) => time,
        }
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "now" {
            return Ok(Moment::Before(Duration::ZERO));
        }
        let relative = text.strip_prefix("now-").or_else(|| text.strip_prefix('-')).unwrap_or(text);
        if let Ok(length) = alerts::duration::parse(relative) {
            return Ok(Moment::Before(length));
        }
        let wrong = "write \"now\", a length like \"6h\" or a time like \"2026-03-14T09:26:53Z\"";
        Time::parse(text).map(Moment::At).map_err(|_| wrong.to_owned())
    }
}

/// A length of time as Alertmanager's flags have it: Go's way (`1.5h`, `1m0s`, `300ms`, `-1s`), or Prometheus's. What is below zero
/// stands for zero, as there.
pub(super) fn go_duration(text: &str) -> Result<Duration, String> {
    const UNITS: [(&str, f64); 8] =
        [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("μs", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let prometheus = alerts::duration::parse(text);
    let Err(wrong) = prometheus else { return prometheus.map_err(|wrong| wrong.to_string()) };
    let negative = text.starts_with('-');
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut seconds = (!rest.is_empty()).then_some(0.0);
    while let (Some(sum), false) = (seconds, rest.is_empty()) {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let letters = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let size = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, size)| size);
        seconds = number.parse::<f64>().ok().zip(size).map(|(number, size)| sum + number * size);
        rest = tail;
    }
    let seconds = seconds.map(|seconds| if negative { 0.0 } else { seconds });
    seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).ok_or_else(|| wrong.to_string())
}

/// `>90`, `<5`, `90`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ThresholdArgument {
    pub(super) value: f64,
    pub(super) side: Side,
}

impl FromStr for ThresholdArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (side, number) = match (text.strip_prefix('>'), text.strip_prefix('<')) {
            (Some(number), _) => (Side::Above, number),
            (_, Some(number)) => (Side::Below, number),
            _ => (Side::None, text),
        };
        match number.trim_start_matches('=').trim().parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Self { value, side }),
            _ => Err("write a number, or \">90\", or \"<5\"".to_owned()),
        }
    }
}

/// A time zone by its IANA name.
pub(super) fn time_zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| format!("there is no time zone \"{name}\", write for example \"Europe/Berlin\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let now = Time::from_secs(1_700_000_000);
        let check = |text: &str, expected: Option<i64>| {
            assert_eq!(text.parse::<Moment>().ok().map(|moment| moment.resolve(now).as_secs()), expected, "{text}");
        };
        check("now", Some(1_700_000_000));
        check("1h", Some(1_699_996_400));
        check("now-1h", Some(1_699_996_400));
        check("-30m", Some(1_699_998_200));
        check("2023-11-14T22:13:20Z", Some(1_700_000_000));
        for wrong in ["", "yesterday", "1", "now+1h", "2023-11-14"] {
            check(wrong, None);
        }
    }

    #[test]
    fn thresholds() {
        let check = |text: &str, expected: Option<(f64, Side)>| {
            let threshold = text.parse::<ThresholdArgument>().ok();
            assert_eq!(threshold.map(|threshold| (threshold.value, threshold.side)), expected, "{text}");
        };
        check(">90", Some((90.0, Side::Above)));
        check("< 5.5", Some((5.5, Side::Below)));
        check(">=-1e3", Some((-1000.0, Side::Above)));
        check("0", Some((0.0, Side::None)));
        for wrong in ["", "x", ">", "nan", "inf", "5 %"] {
            check(wrong, None);
        }
    }
}
