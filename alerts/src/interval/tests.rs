//! Time intervals: what they contain, how they are read, what they may not be.

use jiff::{ToSpan, civil::date};
use proptest::prelude::*;

use super::*;

fn interval(json: &str) -> TimeInterval {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

fn check(json: &str, within: &[&str], without: &[&str]) {
    let interval = interval(json);
    for (times, expected) in [(within, true), (without, false)] {
        for time in times {
            assert_eq!(interval.contains(Time::parse(time).unwrap()), expected, "{json} at {time}");
        }
    }
}

#[test]
fn contains_what_alertmanager_says() {
    check("{}", &["2024-01-01T00:00:00Z"], &[]);
    check(
        r#"{"times": [{"start_time": "09:00", "end_time": "17:00"}], "weekdays": ["monday:friday"]}"#,
        &["2020-07-10T09:00:00Z", "2020-07-10T16:59:59.999Z"],
        &["2020-07-10T08:59:59Z", "2020-07-10T17:00:00Z", "2020-07-11T12:00:00Z"],
    );
    check(
        r#"{"times": [{"start_time": "22:30", "end_time": "24:00"}]}"#,
        &["2020-07-10T22:30:00Z", "2020-07-10T23:59:59Z"],
        &["2020-07-11T00:00:00Z"],
    );
    check(
        r#"{"days_of_month": ["1:5", "-3:-1"], "months": ["february"]}"#,
        &["2024-02-01T00:00:00Z", "2024-02-05T23:59:00Z", "2024-02-27T00:00:00Z", "2023-02-26T00:00:00Z"],
        &["2024-02-06T00:00:00Z", "2024-02-26T00:00:00Z", "2024-03-01T00:00:00Z"],
    );
    check(r#"{"days_of_month": ["31"]}"#, &["2024-03-31T00:00:00Z"], &["2024-04-30T00:00:00Z"]);
    check(r#"{"days_of_month": ["29:31"]}"#, &["2024-04-30T00:00:00Z"], &["2023-02-28T00:00:00Z"]);
    check(r#"{"days_of_month": ["-31:-30"]}"#, &["2024-03-01T00:00:00Z"], &["2023-02-01T00:00:00Z"]);
    check(r#"{"days_of_month": ["15:-1"]}"#, &["2024-03-31T00:00:00Z"], &["2024-03-14T00:00:00Z"]);
    check(
        r#"{"months": ["january:march", "7"]}"#,
        &["2024-02-01T00:00:00Z", "2024-07-31T00:00:00Z"],
        &["2024-04-01T00:00:00Z"],
    );
    check(
        r#"{"years": ["2020:2022", 2024]}"#,
        &["2022-12-31T23:59:59Z", "2024-01-01T00:00:00Z"],
        &["2023-06-01T00:00:00Z"],
    );
    check(
        r#"{"weekdays": ["SATURDAY", "sunday"]}"#,
        &["2020-07-11T00:00:00Z", "2020-07-12T00:00:00Z"],
        &["2020-07-13T00:00:00Z"],
    );
    check(r#"{"weekdays": []}"#, &[], &["2020-07-13T00:00:00Z"]);
}

#[test]
fn counts_in_the_zone_of_the_location() {
    let nine =
        |zone: &str| format!(r#"{{"times": [{{"start_time": "09:00", "end_time": "10:00"}}], "location": "{zone}"}}"#);
    check(&nine("Australia/Sydney"), &["2020-07-09T23:00:00Z", "2020-01-09T22:00:00Z"], &["2020-01-09T23:00:00Z"]);
    check(&nine("UTC"), &["2020-07-09T09:30:00Z"], &["2020-07-09T10:00:00Z"]);
    // The day of the month is that of the zone, too.
    check(
        r#"{"days_of_month": ["1"], "location": "Pacific/Auckland"}"#,
        &["2024-02-29T12:00:00Z"],
        &["2024-03-01T12:00:00Z"],
    );
    // The night in which clocks spring forward belongs to a month of 31 days.
    check(
        r#"{"days_of_month": ["-1"], "location": "Europe/Berlin"}"#,
        &["2024-03-31T12:00:00Z"],
        &["2024-03-30T12:00:00Z"],
    );
}

#[test]
fn refuses_what_alertmanager_refuses() {
    let check = |json: &str, expected: &str| {
        let error = serde_json::from_str::<TimeInterval>(json).unwrap_err().to_string();
        assert!(error.contains(expected), "{json}: {error}");
    };
    let times = |start: &str, end: &str| format!(r#"{{"times": [{{"start_time": "{start}", "end_time": "{end}"}}]}}"#);
    check(&times("17:00", "09:00"), "start time cannot be equal or greater than end time");
    check(&times("", "09:00"), "both start and end times must be provided");
    for wrong in ["9:00", "25:00", "24:01", "12:60", "12", "+1:00", "12:00:00"] {
        check(&times("00:00", wrong), &format!("couldn't parse timestamp {wrong}, invalid format"));
    }
    check(r#"{"weekdays": ["friday:monday"]}"#, "start day cannot be before end day");
    check(r#"{"weekdays": ["1:5"]}"#, "1 is not a valid weekday");
    check(r#"{"days_of_month": ["0"]}"#, "0 is not a valid day of the month: out of range");
    check(r#"{"days_of_month": ["1:32"]}"#, "32 is not a valid day of the month: out of range");
    check(r#"{"days_of_month": ["-5:5"]}"#, "end day must be negative if start day is negative");
    check(r#"{"days_of_month": ["10:-25"]}"#, "end day -25 is always before start day 10");
    check(r#"{"days_of_month": ["x"]}"#, "x is not a whole number");
    check(r#"{"months": ["march:january"]}"#, "end month january is before start month march");
    check(r#"{"months": ["smarch"]}"#, "smarch is not a valid month");
    check(r#"{"years": ["2025:2020"]}"#, "end year 2020 is before start year 2025");
    check(r#"{"years": ["2020:"]}"#, "couldn't parse range 2020:, invalid format");
    check(r#"{"location": "Middle/Earth"}"#, "unknown time zone Middle/Earth");
    check(r#"{"day": []}"#, "unknown field `day`");
}

#[test]
fn a_route_is_silent_in_its_mute_intervals_and_outside_of_its_active_ones() {
    let mut intervals = TimeIntervals::default();
    intervals.insert("nights", vec![interval(r#"{"times": [{"start_time": "00:00", "end_time": "06:00"}]}"#)]).unwrap();
    intervals
        .insert("weekends", vec![interval(r#"{"weekdays": ["saturday"]}"#), interval(r#"{"weekdays": ["sunday"]}"#)])
        .unwrap();
    let error = intervals.insert("nights", vec![]).unwrap_err();
    assert_eq!(error.to_string(), "time interval \"nights\" is not unique");
    let strings = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let check = |mute: &[&str], active: &[&str], at: &str, expected: Option<Silent>| {
        assert_eq!(intervals.silent(&strings(mute), &strings(active), Time::parse(at).unwrap()), expected, "{at}");
    };
    let (sunday_night, monday_noon) = ("2020-07-12T03:00:00Z", "2020-07-13T12:00:00Z");
    check(&["nights", "weekends"], &[], sunday_night, Some(Silent::Muted(strings(&["nights", "weekends"]))));
    check(&["nights", "weekends"], &[], monday_noon, None);
    check(&[], &["nights", "weekends"], sunday_night, None);
    check(&[], &["nights", "weekends"], monday_noon, Some(Silent::Inactive(strings(&["nights", "weekends"]))));
    check(&["nights"], &["weekends"], sunday_night, Some(Silent::Muted(strings(&["nights"]))));
    check(&[], &[], sunday_night, None);
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "[-0-9a-z:é]{0,9}") {
        let _ = (text.parse::<WeekdayRange>(), text.parse::<DayRange>(), text.parse::<MonthRange>(), text.parse::<YearRange>());
        let _ = TimeRange::parse(&text, "24:00");
    }

    #[test]
    fn a_day_is_in_a_range_from_the_end_as_in_the_mirrored_one(
        one in 1i8..=31, other in 1i8..=31, day in 1i8..=31, days in 28i8..=31,
    ) {
        let (begin, end, day) = (one.min(other), one.max(other), day.min(days));
        let (forward, backward) = (DayRange { begin, end }, DayRange { begin: -end, end: -begin });
        prop_assert_eq!(forward.contains(day, days), backward.contains(days + 1 - day, days));
    }

    #[test]
    fn every_minute_is_in_exactly_one_of_two_halves(split in 1u16..1440, minute in 0u16..1440) {
        let (first, second) = (TimeRange { start: 0, end: split }, TimeRange { start: split, end: 1440 });
        prop_assert!(first.contains(minute) != second.contains(minute));
    }

    #[test]
    fn a_date_is_in_the_interval_that_names_it(offset in 0i64..36_500, minute in 0i64..1440) {
        let day = date(1980, 1, 1).checked_add(offset.days()).unwrap();
        let at = day.at(0, 0, 0, 0).checked_add(minute.minutes()).unwrap().to_zoned(TimeZone::UTC).unwrap();
        let named = format!(
            r#"{{"days_of_month": [{}], "months": [{}], "years": ["{}"], "weekdays": ["{:?}"]}}"#,
            day.day(), day.month(), day.year(), day.weekday(),
        );
        prop_assert!(interval(&named).contains(at.timestamp().into()));
    }
}
