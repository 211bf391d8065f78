//! Go's `time.Time` as templates use it: a point in time with a zone, printed and read by reference layouts.
//!
//! Deliberately unknown here: template values, and the machine's own zone (Go's `Local` is UTC here).

mod duration;
mod layout;
mod parse;

use std::sync::{Arc, LazyLock};

use jiff::{
    SignedDuration, Timestamp, Zoned,
    tz::{Offset, TimeZone, TimeZoneDatabase},
};

pub(super) use duration::GoDuration;
pub(super) use parse::parse;

/// Go's layout of JSON times.
pub(super) const RFC3339_NANO: &str = "2006-01-02T15:04:05.999999999Z07:00";
const STRING: &str = "2006-01-02 15:04:05.999999999 -0700 MST";
/// 0001-01-01T00:00:00Z in seconds since 1970.
const ZERO_SECONDS: i64 = -62_135_596_800;

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A point in time with the name of a zone: `UTC`, `Europe/Paris`, or an offset `+02:00`.
#[derive(Clone, Debug)]
pub(super) struct GoTime {
    pub(super) at: Timestamp,
    pub(super) zone: Arc<str>,
}

impl GoTime {
    pub(super) fn utc(at: Timestamp) -> Self {
        Self { at, zone: utc_name() }
    }

    /// Go's zero time: midnight of the first day of the year 1.
    pub(super) fn zero() -> Self {
        Self::utc(Timestamp::from_second(ZERO_SECONDS).unwrap_or(Timestamp::MIN))
    }

    pub(super) fn is_zero(&self) -> bool {
        self.at.as_second() == ZERO_SECONDS && self.at.subsec_nanosecond() == 0
    }

    /// The same point in another zone.
    pub(super) fn within(&self, zone: &str) -> Result<Self, String> {
        let name = if matches!(zone, "" | "Local") { "UTC" } else { zone };
        find_zone(name).ok_or_else(|| format!("unknown time zone {zone}"))?;
        Ok(Self { at: self.at, zone: name.into() })
    }

    pub(super) fn zoned(&self) -> Zoned {
        self.at.to_zoned(find_zone(&self.zone).unwrap_or(TimeZone::UTC))
    }

    /// By a layout such as `2006-01-02 15:04`.
    pub(super) fn format(&self, layout: &str) -> String {
        layout::format(self, layout)
    }

    /// The zone's abbreviation at this time; an offset has none.
    pub(super) fn abbreviation(&self) -> String {
        match find_zone(&self.zone) {
            Some(zone) if !is_offset(&self.zone) => zone.to_offset_info(self.at).abbreviation().to_string(),
            _ => String::new(),
        }
    }

    /// Later (or earlier) by that much; clamped to what can be expressed.
    pub(super) fn plus(&self, by: GoDuration) -> Self {
        let limit = if by.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        let at = self.at.checked_add(SignedDuration::from_nanos(by.0)).unwrap_or(limit);
        Self { at, zone: self.zone.clone() }
    }

    /// How long after `earlier` this is, clamped to 292 years either way, as Go does.
    pub(super) fn since(&self, earlier: &GoTime) -> GoDuration {
        let nanos = self.at.as_nanosecond() - earlier.at.as_nanosecond();
        GoDuration(i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX }))
    }

    /// Down to a multiple of `step` since the zero time.
    pub(super) fn truncate(&self, step: GoDuration) -> Self {
        if step.0 <= 0 {
            return self.clone();
        }
        let over = self.since_zero().rem_euclid(i128::from(step.0));
        self.plus(GoDuration(-i64::try_from(over).unwrap_or(0)))
    }

    /// To the nearest multiple of `step` since the zero time; halves go up.
    pub(super) fn round(&self, step: GoDuration) -> Self {
        if step.0 <= 0 {
            return self.clone();
        }
        let over = self.since_zero().rem_euclid(i128::from(step.0));
        let down = self.plus(GoDuration(-i64::try_from(over).unwrap_or(0)));
        if over * 2 < i128::from(step.0) { down } else { down.plus(step) }
    }

    fn since_zero(&self) -> i128 {
        self.at.as_nanosecond() - i128::from(ZERO_SECONDS) * 1_000_000_000
    }
}

/// As Go's `String`.
impl std::fmt::Display for GoTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.format(STRING))
    }
}

fn utc_name() -> Arc<str> {
    static UTC: LazyLock<Arc<str>> = LazyLock::new(|| "UTC".into());
    UTC.clone()
}

fn is_offset(zone: &str) -> bool {
    zone.starts_with(['+', '-'])
}

/// The zone of a name; from the bundled database, never from the machine.
fn find_zone(name: &str) -> Option<TimeZone> {
    if name == "UTC" {
        return Some(TimeZone::UTC);
    }
    if is_offset(name) {
        return name.parse::<i32>().ok().and_then(|seconds| Offset::from_seconds(seconds).ok()).map(TimeZone::fixed);
    }
    ZONES.get(name).ok()
}

/// The name of the zone with that offset.
fn offset_zone(seconds: i32) -> Arc<str> {
    if seconds == 0 { utc_name() } else { format!("{seconds:+}").into() }
}
