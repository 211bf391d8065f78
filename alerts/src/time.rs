//! Points in time as the whole program passes them: nanoseconds since 1970, eight bytes.
//!
//! Deliberately unknown here: what time it is (that is [`crate::ports::Clock`]).

use std::{fmt, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time: nanoseconds since 1970-01-01T00:00:00Z, UTC.
///
/// Times outside of the years 1678 to 2261 are clamped; Go's zero time (year 1), which senders use for "unknown", is
/// an `Option::None` wherever it may occur.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(i64);

impl Time {
    /// The earliest time that can be expressed.
    pub const MIN: Time = Time(i64::MIN);
    /// The latest time that can be expressed.
    pub const MAX: Time = Time(i64::MAX);

    /// From nanoseconds since 1970.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// From milliseconds since 1970, clamped.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// From seconds since 1970, clamped.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000_000))
    }

    /// Nanoseconds since 1970.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Milliseconds since 1970, rounded down.
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Seconds since 1970, rounded down.
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1_000_000_000)
    }

    /// The time `duration` later, clamped.
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(nanos(duration)))
    }

    /// The time `duration` earlier, clamped.
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(nanos(duration)))
    }

    /// How long after `earlier` this is; zero when it is not after it.
    pub fn since(self, earlier: Time) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0).max(0).unsigned_abs())
    }

    /// Rounded up to a whole multiple of `step` since 1970.
    pub fn round_up(self, step: Duration) -> Self {
        let step = nanos(step).max(1);
        match self.0.rem_euclid(step) {
            0 => self,
            over => Self(self.0.saturating_add(step - over)),
        }
    }

    /// Reads RFC 3339. Go's zero time and other times before 1678 come out as [`Time::MIN`].
    pub fn parse(text: &str) -> Result<Self, String> {
        let timestamp: Timestamp = text.parse().map_err(|error: jiff::Error| error.to_string())?;
        Ok(timestamp.into())
    }

    /// RFC 3339 in UTC with as many digits as are needed, the way Go's RFC3339Nano prints.
    pub fn rfc3339(self) -> String {
        self.timestamp().to_string()
    }

    /// RFC 3339 in UTC with exactly three digits of milliseconds, the way Alertmanager's API answers.
    pub fn rfc3339_millis(self) -> String {
        format!("{:.3}", Timestamp::from_millisecond(self.as_millis()).unwrap_or_default())
    }

    /// The same time as jiff's type.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_nanosecond(i128::from(self.0)).unwrap_or_default()
    }
}

impl From<Timestamp> for Time {
    fn from(timestamp: Timestamp) -> Self {
        let clamped = timestamp.as_nanosecond().clamp(i128::from(i64::MIN), i128::from(i64::MAX));
        Self(i64::try_from(clamped).unwrap_or_default())
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(Self)
    }
}

fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_go_does() {
        assert_eq!(Time::from_millis(1_700_000_000_500).rfc3339(), "2023-11-14T22:13:20.5Z");
        assert_eq!(Time::from_secs(1_700_000_000).rfc3339(), "2023-11-14T22:13:20Z");
        assert_eq!(Time::from_secs(1_700_000_000).rfc3339_millis(), "2023-11-14T22:13:20.000Z");
    }

    #[test]
    fn go_zero_time_is_the_minimum() {
        assert_eq!(Time::parse("0001-01-01T00:00:00Z"), Ok(Time::MIN));
    }

    #[test]
    fn rounds_up_to_the_minute() {
        let minute = Duration::from_secs(60);
        assert_eq!(Time::from_secs(61).round_up(minute), Time::from_secs(120));
        assert_eq!(Time::from_secs(120).round_up(minute), Time::from_secs(120));
    }

    #[test]
    fn arithmetic_is_clamped() {
        assert_eq!(Time::MAX.plus(Duration::from_secs(1)), Time::MAX);
        assert_eq!(Time::MIN.since(Time::MAX), Duration::ZERO);
    }
}
