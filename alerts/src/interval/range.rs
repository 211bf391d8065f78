//! The ranges that time intervals are made of: reading, checking, containing (`timeinterval/timeinterval.go`).
//!
//! Deliberately unknown here: time zones, serialisation.

use std::str::FromStr;

use jiff::civil::Weekday;

const WEEKDAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// The shortest month decides whether a range that counts from both ends can ever be right.
const SHORTEST_MONTH: i8 = 28;

/// What is wrong with a time interval, mostly in Alertmanager's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct IntervalError(pub String);

fn wrong<T>(message: String) -> Result<T, IntervalError> {
    Err(IntervalError(message))
}

/// Minutes of the day, the start within, the end without; up to 1440.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeRange {
    /// The first minute.
    pub start: u16,
    /// The minute behind the last.
    pub end: u16,
}

impl TimeRange {
    /// From `HH:MM` to `HH:MM`, of which the latter may be `24:00`.
    ///
    /// # Errors
    /// When one is missing or no time, or the start is not before the end.
    pub fn parse(start: &str, end: &str) -> Result<Self, IntervalError> {
        if start.is_empty() || end.is_empty() {
            return wrong("both start and end times must be provided".to_owned());
        }
        let (start, end) = (minute(start)?, minute(end)?);
        if start >= end {
            return wrong("start time cannot be equal or greater than end time".to_owned());
        }
        Ok(Self { start, end })
    }

    /// Whether a minute of the day is within.
    pub fn contains(self, minute: u16) -> bool {
        (self.start..self.end).contains(&minute)
    }
}

fn minute(text: &str) -> Result<u16, IntervalError> {
    let two_digits =
        |text: &str| (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok());
    let parsed = text.split_once(':').and_then(|(hour, minute)| Some((two_digits(hour)??, two_digits(minute)??)));
    match parsed {
        Some((hour @ 0..=23u16, minute @ 0..=59u16)) => Ok(hour * 60 + minute),
        Some((24, 0)) => Ok(1440),
        _ => wrong(format!("couldn't parse timestamp {text}, invalid format")),
    }
}

/// Days of the week, 0 is Sunday; both ends are within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekdayRange {
    /// The first day.
    pub begin: i8,
    /// The last day.
    pub end: i8,
}

impl WeekdayRange {
    /// Whether a day is within.
    pub fn contains(self, day: Weekday) -> bool {
        (self.begin..=self.end).contains(&day.to_sunday_zero_offset())
    }
}

impl FromStr for WeekdayRange {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        let day = |name: &str| match position(&WEEKDAYS, name) {
            Some(day) => Ok(day),
            None => wrong(format!("{name} is not a valid weekday")),
        };
        let (begin, end) = ends(text, day)?;
        if begin > end {
            return wrong("start day cannot be before end day".to_owned());
        }
        Ok(Self { begin, end })
    }
}

/// Days of the month, from 1, or from -1, the last; both ends are within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayRange {
    /// The first day.
    pub begin: i8,
    /// The last day.
    pub end: i8,
}

impl DayRange {
    /// Whether a day of a month of that length is within. A range that begins behind the month's end contains nothing.
    pub fn contains(self, day: i8, days_in_month: i8) -> bool {
        let from_start = |day: i8| if day < 0 { days_in_month + day + 1 } else { day };
        (from_start(self.begin)..=from_start(self.end)).contains(&day)
    }
}

impl FromStr for DayRange {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        let day = |text: &str| {
            let day: i64 = number(text)?;
            let valid = i8::try_from(day).ok().filter(|day| matches!(day, -31..=-1 | 1..=31));
            valid.ok_or_else(|| IntervalError(format!("{day} is not a valid day of the month: out of range")))
        };
        let (begin, end) = ends(text, day)?;
        if begin < 0 && end > 0 {
            return wrong("end day must be negative if start day is negative".to_owned());
        }
        let in_shortest = |day: i8| if day < 0 { SHORTEST_MONTH + day } else { day };
        if in_shortest(begin) > in_shortest(end) {
            return wrong(format!("end day {end} is always before start day {begin}"));
        }
        Ok(Self { begin, end })
    }
}

/// Months, 1 is January; both ends are within. Numbers are not checked: a thirteenth month never comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthRange {
    /// The first month.
    pub begin: i32,
    /// The last month.
    pub end: i32,
}

impl MonthRange {
    /// Whether a month is within.
    pub fn contains(self, month: i8) -> bool {
        (self.begin..=self.end).contains(&i32::from(month))
    }
}

impl FromStr for MonthRange {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        let month = |name: &str| match position(&MONTHS, name) {
            Some(month) => Ok(i32::from(month) + 1),
            None => number(name).or_else(|_| wrong(format!("{name} is not a valid month"))),
        };
        let (begin, end) = ends(text, month)?;
        if begin > end {
            return wrong(format!("end month {} is before start month {}", month_name(end), month_name(begin)));
        }
        Ok(Self { begin, end })
    }
}

/// Years; both ends are within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearRange {
    /// The first year.
    pub begin: i32,
    /// The last year.
    pub end: i32,
}

impl YearRange {
    /// Whether a year is within.
    pub fn contains(self, year: i16) -> bool {
        (self.begin..=self.end).contains(&i32::from(year))
    }
}

impl FromStr for YearRange {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        let (begin, end) = ends(text, number)?;
        if begin > end {
            return wrong(format!("end year {end} is before start year {begin}"));
        }
        Ok(Self { begin, end })
    }
}

/// `begin:end`, or one value for both; upper and lower case are the same.
fn ends<T: Copy>(text: &str, member: impl Fn(&str) -> Result<T, IntervalError>) -> Result<(T, T), IntervalError> {
    let text = text.to_lowercase();
    match text.split_once(':') {
        None => member(&text).map(|both| (both, both)),
        Some((begin, end)) if !begin.is_empty() && !end.is_empty() => Ok((member(begin)?, member(end)?)),
        Some(_) => wrong(format!("couldn't parse range {text}, invalid format")),
    }
}

fn number<T: FromStr>(text: &str) -> Result<T, IntervalError> {
    text.parse().or_else(|_| wrong(format!("{text} is not a whole number")))
}

fn position(names: &[&str], name: &str) -> Option<i8> {
    names.iter().position(|known| *known == name).and_then(|at| i8::try_from(at).ok())
}

fn month_name(month: i32) -> String {
    let name = usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at));
    name.map_or_else(|| month.to_string(), ToString::to_string)
}
