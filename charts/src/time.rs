//! The time axis: ticks at round local times, their labels, the window in words.
//!
//! Local means the panel's time zone, also across a change of its offset. It knows no pixels.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};

/// One label of the time axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TimeTick {
    pub(crate) at_ms: i64,
    pub(crate) label: String,
    /// The label names a day among times: more important than its neighbours.
    pub(crate) is_date: bool,
}

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The years 1 to 9999, roughly: what a calendar can name with a day to spare on either side.
const EARLIEST: i64 = -62_135_000_000_000;
const LATEST: i64 = 253_400_000_000_000;

/// How far ticks are apart. Fixed ones divide a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Distance {
    Fixed(i64),
    Days(i64),
    Months(i64),
    Years(i64),
}

const DISTANCES: [Distance; 46] = {
    use Distance::{Days, Fixed, Months, Years};
    [
        Fixed(1),
        Fixed(2),
        Fixed(5),
        Fixed(10),
        Fixed(20),
        Fixed(50),
        Fixed(100),
        Fixed(200),
        Fixed(500),
        Fixed(SECOND),
        Fixed(2 * SECOND),
        Fixed(5 * SECOND),
        Fixed(10 * SECOND),
        Fixed(15 * SECOND),
        Fixed(30 * SECOND),
        Fixed(MINUTE),
        Fixed(2 * MINUTE),
        Fixed(5 * MINUTE),
        Fixed(10 * MINUTE),
        Fixed(15 * MINUTE),
        Fixed(30 * MINUTE),
        Fixed(HOUR),
        Fixed(2 * HOUR),
        Fixed(3 * HOUR),
        Fixed(4 * HOUR),
        Fixed(6 * HOUR),
        Fixed(12 * HOUR),
        Days(1),
        Days(2),
        Days(3),
        Days(5),
        Days(7),
        Days(14),
        Months(1),
        Months(2),
        Months(3),
        Months(6),
        Years(1),
        Years(2),
        Years(5),
        Years(10),
        Years(20),
        Years(50),
        Years(100),
        Years(500),
        Years(2000),
    ]
};

impl Distance {
    /// About how long it is.
    fn length(self) -> i64 {
        match self {
            Distance::Fixed(length) => length,
            Distance::Days(days) => days * DAY,
            Distance::Months(months) => months * 30 * DAY,
            Distance::Years(years) => years * 365 * DAY,
        }
    }
}

/// The window that is shown for the one that was asked for: in order, not empty, within the calendar.
pub(crate) fn window(from_ms: i64, to_ms: i64) -> (i64, i64) {
    let (from, to) = (from_ms.clamp(EARLIEST, LATEST), to_ms.clamp(EARLIEST, LATEST));
    if from < to { (from, to) } else { (from - MINUTE / 2, from + MINUTE / 2) }
}

/// About `most` ticks at most, ascending.
pub(crate) fn ticks((from, to): (i64, i64), zone: &TimeZone, most: usize) -> Vec<TimeTick> {
    let room = (to - from) / most.max(1) as i64;
    let distance = DISTANCES.into_iter().find(|distance| distance.length() >= room).unwrap_or(Distance::Years(2000));
    let times = match distance {
        Distance::Fixed(length) => fixed((from, to), zone, length),
        _ => calendar((from, to), zone, distance),
    };
    times.into_iter().map(|at_ms| tick(at_ms, zone, distance)).collect()
}

/// The window in words, with the zone: "25 Oct 2026 20:10 – 26 Oct 03:00 CET".
pub(crate) fn describe((from, to): (i64, i64), zone: &TimeZone) -> String {
    let (from, to) = (local(from, zone), local(to, zone));
    let end = if from.date() == to.date() { "%H:%M %Z" } else { "%-d %b %H:%M %Z" };
    format!("{} – {}", from.strftime("%-d %b %Y %H:%M"), to.strftime(end))
}

pub(crate) fn local(at_ms: i64, zone: &TimeZone) -> Zoned {
    let timestamp = Timestamp::from_millisecond(at_ms.clamp(EARLIEST, LATEST)).unwrap_or(Timestamp::UNIX_EPOCH);
    timestamp.to_zoned(zone.clone())
}

/// Multiples of `length` by the local clock, stretch by stretch between changes of the zone's offset.
fn fixed((from, to): (i64, i64), zone: &TimeZone, length: i64) -> Vec<i64> {
    let mut times = Vec::new();
    let mut start = from;
    while start <= to {
        let zoned = local(start, zone);
        let offset = i64::from(zoned.offset().seconds()) * SECOND;
        let change = zone.following(zoned.timestamp()).next().map(|transition| transition.timestamp().as_millisecond());
        let end = change.map_or(to, |change| to.min(change - 1));
        let first = start + (-(start + offset)).rem_euclid(length);
        times.extend((first..=end).step_by(length as usize));
        start = match change {
            Some(change) => change.max(start + 1),
            None => break,
        };
    }
    times
}

/// Starts of days, months or years in the zone.
fn calendar((from, to): (i64, i64), zone: &TimeZone, distance: Distance) -> Vec<i64> {
    let midnight = |date: Date| date.to_zoned(zone.clone()).ok().map(|start| start.timestamp().as_millisecond());
    let mut date = first_date(local(from, zone).date(), distance);
    let mut times = Vec::new();
    while let Some(at_ms) = midnight(date).filter(|at_ms| *at_ms <= to) {
        if at_ms >= from {
            times.push(at_ms);
        }
        let next = match distance {
            Distance::Fixed(_) => return times,
            Distance::Days(days) => date.checked_add(days.days()),
            Distance::Months(months) => date.checked_add(months.months()),
            Distance::Years(years) => date.checked_add(years.years()),
        };
        date = match next {
            Ok(next) => next,
            Err(_) => return times,
        };
    }
    times
}

/// The last round date that is not after `date`.
fn first_date(date: Date, distance: Distance) -> Date {
    // a Monday, so that weeks start on Mondays
    let monday = jiff::civil::date(1970, 1, 5);
    let round = match distance {
        Distance::Fixed(_) => Ok(date),
        Distance::Days(days) => {
            let passed = date.duration_since(monday).as_hours() / 24;
            date.checked_sub(SignedDuration::from_hours(24 * passed.rem_euclid(days)))
        }
        Distance::Months(months) => {
            let passed = i64::from(date.month() - 1).rem_euclid(months);
            Date::new(date.year(), date.month() - passed as i8, 1)
        }
        Distance::Years(years) => {
            let passed = i64::from(date.year()).rem_euclid(years);
            Date::new(date.year() - passed as i16, 1, 1)
        }
    };
    round.unwrap_or(date)
}

fn tick(at_ms: i64, zone: &TimeZone, distance: Distance) -> TimeTick {
    let time = local(at_ms, zone);
    let starts_day = time.time() == jiff::civil::Time::midnight();
    let (format, is_date) = match distance {
        Distance::Fixed(_) if starts_day => ("%-d %b", true),
        Distance::Fixed(length) if length < SECOND => ("%H:%M:%S%.3f", false),
        Distance::Fixed(length) if length < MINUTE => ("%H:%M:%S", false),
        Distance::Fixed(_) => ("%H:%M", false),
        Distance::Days(_) => ("%-d %b", false),
        Distance::Months(_) if time.month() == 1 => ("%Y", true),
        Distance::Months(_) => ("%b", false),
        Distance::Years(_) => ("%Y", false),
    };
    TimeTick { at_ms, label: time.strftime(format).to_string(), is_date }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> i64 {
        time.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[track_caller]
    fn check(from: &str, to: &str, zone: &str, most: usize, expected: &[&str]) {
        let zone = TimeZone::get(zone).unwrap();
        let labels: Vec<String> = ticks((at(from), at(to)), &zone, most).into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels, expected);
    }

    #[test]
    fn ticks_stand_at_round_local_times() {
        check("2026-06-01T10:03:00Z", "2026-06-01T11:02:00Z", "UTC", 5, &["10:15", "10:30", "10:45", "11:00"]);
        check("2026-06-01T10:03:00Z", "2026-06-01T11:02:00Z", "Asia/Kolkata", 3, &["16:00", "16:30"]);
        check("2026-06-01T10:00:00Z", "2026-06-01T10:00:40Z", "UTC", 3, &["10:00:00", "10:00:15", "10:00:30"]);
        check(
            "2026-06-01T10:00:00.200Z",
            "2026-06-01T10:00:01Z",
            "UTC",
            2,
            &["10:00:00.500", "10:00:01"].map(|label| match label {
                "10:00:01" => "10:00:01.000",
                label => label,
            }),
        );
    }

    #[test]
    fn a_window_across_midnight_names_the_day() {
        check("2026-06-01T20:00:00Z", "2026-06-02T03:00:00Z", "UTC", 4, &["20:00", "22:00", "2 Jun", "02:00"]);
        check("2026-06-01T00:00:00Z", "2026-06-05T00:00:00Z", "UTC", 5, &["1 Jun", "2 Jun", "3 Jun", "4 Jun", "5 Jun"]);
        check(
            "2026-06-01T00:00:00Z",
            "2026-06-29T00:00:00Z",
            "UTC",
            5,
            &["1 Jun", "8 Jun", "15 Jun", "22 Jun", "29 Jun"],
        );
        check("2025-11-15T00:00:00Z", "2026-03-15T00:00:00Z", "UTC", 5, &["Dec", "2026", "Feb", "Mar"]);
        check("1990-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "UTC", 4, &["1990", "2000", "2010", "2020"]);
    }

    #[test]
    fn a_change_of_the_clock_keeps_ticks_at_round_times() {
        // in autumn 02:00 comes twice, in spring it is left out
        let autumn = ["00:00", "01:00", "02:00", "02:00", "03:00", "04:00"]
            .map(|label| if label == "00:00" { "25 Oct" } else { label });
        check("2026-10-24T22:00:00Z", "2026-10-25T03:00:00Z", "Europe/Berlin", 6, &autumn);
        check(
            "2026-03-29T00:00:00Z",
            "2026-03-29T03:00:00Z",
            "Europe/Berlin",
            3,
            &["01:00", "03:00", "04:00", "05:00"],
        );
        check(
            "2026-10-24T10:00:00Z",
            "2026-10-26T11:00:00Z",
            "Europe/Berlin",
            5,
            &["12:00", "25 Oct", "12:00", "26 Oct", "12:00"],
        );
        check(
            "2026-10-23T22:00:00Z",
            "2026-10-26T23:00:00Z",
            "Europe/Berlin",
            4,
            &["24 Oct", "25 Oct", "26 Oct", "27 Oct"],
        );
    }

    #[test]
    fn windows_are_repaired() {
        assert_eq!(window(100, 200), (100, 200));
        assert_eq!(window(60_000, 60_000), (30_000, 90_000));
        assert_eq!(window(60_000, 0), (30_000, 90_000));
        for (from, to) in [(i64::MIN, i64::MAX), (i64::MAX, i64::MIN), (i64::MAX, i64::MAX), (i64::MIN, i64::MIN)] {
            let (from, to) = window(from, to);
            assert!(from < to);
            assert!(ticks((from, to), &TimeZone::get("Europe/Berlin").unwrap(), 8).len() < 40);
        }
    }

    #[test]
    fn the_window_is_described_with_its_zone() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let day = describe((at("2026-10-24T18:10:00Z"), at("2026-10-25T02:00:00Z")), &zone);
        assert_eq!(day, "24 Oct 2026 20:10 – 25 Oct 03:00 CET");
        let hour = describe((at("2026-06-01T10:00:00Z"), at("2026-06-01T11:00:00Z")), &TimeZone::UTC);
        assert_eq!(hour, "1 Jun 2026 10:00 – 11:00 UTC");
    }
}
