//! Durations as configuration files write them: Prometheus's syntax, `10s`, `5m`, `1h30m`, `7d`.
//!
//! Deliberately unknown here: Go's durations (`1h30m0s`, `1.5h`), which only templates and APIs use.

use std::time::Duration;

/// The units, largest first, in milliseconds. A year has 365 days, a day 24 hours, as in Prometheus's `model/time.go`.
const UNITS: [(&str, u64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// A text that is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a duration: write whole numbers with units from large to small, like 10s, 5m, 1h30m or 7d")]
pub struct NotADuration(pub String);

/// Reads a duration: whole numbers, each with one of `y w d h m s ms`, each unit at most once and from large to small;
/// or a plain `0`.
///
/// # Errors
/// When the text is anything else, or longer than a 64-bit number of milliseconds holds.
pub fn parse(text: &str) -> Result<Duration, NotADuration> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    millis(text).map(Duration::from_millis).ok_or_else(|| NotADuration(text.to_owned()))
}

/// Prints a duration so that [`parse`] reads it back, rounded down to milliseconds: `1h30m`, `90d`, `0s`.
pub fn print(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut text = String::new();
    for (unit, size) in UNITS {
        // years and weeks only where they come out even: `90d` is easier to read than `12w6d`
        let skip = matches!(unit, "y" | "w") && !rest.is_multiple_of(size);
        let count = if skip { 0 } else { rest / size };
        if count > 0 {
            text.push_str(&format!("{count}{unit}"));
            rest -= count * size;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

fn millis(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut units = UNITS.iter();
    let mut sum: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, tail) = rest.split_at(digits);
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (name, tail) = tail.split_at(letters);
        let (_, size) = units.by_ref().find(|(unit, _)| *unit == name)?;
        sum = sum.checked_add(number.parse::<u64>().ok()?.checked_mul(*size)?)?;
        rest = tail;
    }
    (!text.is_empty()).then_some(sum)
}

/// For `#[serde(with = "alerts::duration::text")]` on a [`Duration`] that is written as text.
pub mod text {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes the duration as [`super::print`] does.
    pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::print(*duration))
    }

    /// Reads the duration as [`super::parse`] does.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        super::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// For `#[serde(default, with = "alerts::duration::optional_text")]` on an `Option<Duration>`.
pub mod optional_text {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes the duration as [`super::print`] does.
    pub fn serialize<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => serializer.serialize_str(&super::print(*duration)),
            None => serializer.serialize_none(),
        }
    }

    /// Reads the duration as [`super::parse`] does.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| super::parse(&text).map_err(D::Error::custom)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, millis: Option<u64>) {
        assert_eq!(parse(text).ok(), millis.map(Duration::from_millis), "{text:?}");
    }

    #[test]
    fn reads_prometheus_durations() {
        check("10s", Some(10_000));
        check("5m", Some(300_000));
        check("1h30m", Some(5_400_000));
        check("7d", Some(7 * 86_400_000));
        check("1y2w3d4h5m6s7ms", Some(((((365 + 14 + 3) * 24 + 4) * 60 + 5) * 60 + 6) * 1000 + 7));
        check("0", Some(0));
        check("0s", Some(0));
        check("100ms", Some(100));
    }

    #[test]
    fn refuses_the_rest() {
        for text in
            ["", "1", "s", "1.5h", "-1s", " 1s", "1s ", "1m1h", "1s1s", "1x", "1h 30m", "99999999999999y", "1sm"]
        {
            check(text, None);
        }
    }

    #[test]
    fn prints_as_prometheus_does() {
        let printed = |millis| print(Duration::from_millis(millis));
        assert_eq!(printed(0), "0s");
        assert_eq!(printed(5_400_000), "1h30m");
        assert_eq!(printed(90 * 86_400_000), "90d");
        assert_eq!(printed(14 * 86_400_000), "2w");
        assert_eq!(printed(1_500), "1s500ms");
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(millis in any::<u64>()) {
            let duration = Duration::from_millis(millis);
            prop_assert_eq!(parse(&print(duration)), Ok(duration));
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = parse(&text);
        }
    }
}
