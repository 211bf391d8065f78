//! Time intervals: when routes are silent (`timeinterval/timeinterval.go`).
//!
//! Deliberately unknown here: which routes use them, what time it is.

mod parse;
mod range;

use std::collections::{BTreeMap, btree_map::Entry};

use jiff::{
    Zoned,
    tz::{TimeZone, TimeZoneDatabase},
};
use serde::{Deserialize, Deserializer, de};

pub use range::{DayRange, IntervalError, MonthRange, TimeRange, WeekdayRange, YearRange};

use crate::time::Time;

/// An interval: within all the fields that are given, in any of the ranges of each. Read as Alertmanager's YAML writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TimeInterval {
    /// Times of day: `{start_time: "09:00", end_time: "17:00"}`.
    pub times: Option<Vec<TimeRange>>,
    /// `monday:friday`.
    pub weekdays: Option<Vec<WeekdayRange>>,
    /// `1:5`, `-3:-1`.
    pub days_of_month: Option<Vec<DayRange>>,
    /// `january:march`, `7`.
    pub months: Option<Vec<MonthRange>>,
    /// `2020:2025`.
    pub years: Option<Vec<YearRange>>,
    /// Where; none: UTC.
    pub location: Option<Location>,
}

impl TimeInterval {
    /// Whether `now` is within. A field with an empty list contains nothing.
    pub fn contains(&self, now: Time) -> bool {
        let zone = self.location.as_ref().map_or(TimeZone::UTC, |location| location.0.clone());
        let local = now.timestamp().to_zoned(zone);
        any(&self.times, |range| range.contains(minute(&local)))
            && any(&self.days_of_month, |range| range.contains(local.day(), local.days_in_month()))
            && any(&self.months, |range| range.contains(local.month()))
            && any(&self.weekdays, |range| range.contains(local.weekday()))
            && any(&self.years, |range| range.contains(local.year()))
    }
}

fn any<T>(ranges: &Option<Vec<T>>, contains: impl Fn(&T) -> bool) -> bool {
    ranges.as_ref().is_none_or(|ranges| ranges.iter().any(contains))
}

fn minute(local: &Zoned) -> u16 {
    u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs())
}

/// A time zone: an IANA name, `UTC`, or `Local`, which is the server's at the time the configuration is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location(pub TimeZone);

impl Location {
    /// The zone of that name. `database` is the machine's, or a bundled one.
    ///
    /// # Errors
    /// When there is none.
    pub fn named(name: &str, database: &TimeZoneDatabase) -> Result<Self, IntervalError> {
        match name {
            "" | "UTC" => Ok(Self(TimeZone::UTC)),
            "Local" => Ok(Self(TimeZone::system())),
            _ => match database.get(name) {
                Ok(zone) => Ok(Self(zone)),
                Err(_) => Err(IntervalError(format!("unknown time zone {name}"))),
            },
        }
    }
}

impl<'de> Deserialize<'de> for Location {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name, jiff::tz::db()).map_err(de::Error::custom)
    }
}

/// All configured time intervals by name; each name stands for any of several.
#[derive(Clone, Debug, Default)]
pub struct TimeIntervals(BTreeMap<String, Vec<TimeInterval>>);

/// Why a route is silent, with the names for `mutedBy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silent {
    /// Now is outside of all of these, which say when it is active.
    Inactive(Vec<String>),
    /// Now is within these, which say when it is mute.
    Muted(Vec<String>),
}

impl TimeIntervals {
    /// Adds the intervals of a name.
    ///
    /// # Errors
    /// When there is that name already, which keeps what it stands for.
    pub fn insert(&mut self, name: &str, intervals: Vec<TimeInterval>) -> Result<(), IntervalError> {
        match self.0.entry(name.to_owned()) {
            Entry::Vacant(free) => {
                free.insert(intervals);
                Ok(())
            }
            Entry::Occupied(_) => Err(IntervalError(format!("time interval {name:?} is not unique"))),
        }
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether a route with these lists of names is silent now, and why.
    pub fn silent(&self, mute: &[String], active: &[String], now: Time) -> Option<Silent> {
        if !active.is_empty() && !active.iter().any(|name| self.contains(name, now)) {
            return Some(Silent::Inactive(active.to_vec()));
        }
        let muting: Vec<String> = mute.iter().filter(|name| self.contains(name, now)).cloned().collect();
        (!muting.is_empty()).then_some(Silent::Muted(muting))
    }

    fn contains(&self, name: &str, now: Time) -> bool {
        self.0.get(name).is_some_and(|intervals| intervals.iter().any(|interval| interval.contains(now)))
    }
}

#[cfg(test)]
mod tests;
