//! Series that came with an event, made into a panel: which of them, over which stretch of time, with the alert's marks.
//!
//! Deliberately unknown here: where they were kept, pixels.

use std::time::Duration;

use alerts::{
    own::{OwnLine, OwnSeries, OwnSide, OwnThreshold},
    ports::Capture,
};
use charts::{Axis, Mark, Panel, Role, Series, Side, Threshold, Unit};
use jiff::tz::TimeZone;

use crate::{series::MOST_SERIES, window::Episode};

/// The panel of a capture's own series.
pub(super) fn compose(own: &OwnSeries, capture: &Capture, timezone: &TimeZone) -> Panel {
    let title = match own.title.trim() {
        "" => crate::panel::title(capture, None),
        title => title.to_owned(),
    };
    let marks = Episode::new(capture, Duration::ZERO).marks();
    let (from_ms, to_ms) = window(own, &marks);
    let (series, omitted) = chosen(own);
    Panel {
        left: Axis::of(if own.unit.is_empty() { Unit::Short } else { Unit::parse(&own.unit) }),
        timezone: timezone.clone(),
        series,
        thresholds: own.thresholds.iter().map(threshold).collect(),
        marks,
        omitted,
        ..Panel::new(title, from_ms, to_ms)
    }
}

/// From the first point to the last, or so much of its end as was asked for; longer where a mark lies shortly outside: a sender
/// measures, and then tells.
fn window(own: &OwnSeries, marks: &[Mark]) -> (i64, i64) {
    let times = || own.series.iter().flat_map(|line| &line.points).map(|point| point.at_ms);
    let (first, last) = (times().min().unwrap_or_default(), times().max().unwrap_or_default());
    let first = match own.range {
        Some(range) => last.saturating_sub(i64::try_from(range.as_millis()).unwrap_or(i64::MAX)),
        None => first,
    };
    let near = (last - first) / 2;
    let mut window = (first, last);
    for mark in marks {
        if (first.saturating_sub(near)..=last.saturating_add(near)).contains(&mark.at_ms) {
            window = (window.0.min(mark.at_ms), window.1.max(mark.at_ms));
        }
    }
    window
}

/// Those that are on the bad side at their end come first and are highlighted; at most [`MOST_SERIES`].
fn chosen(own: &OwnSeries) -> (Vec<Series>, usize) {
    let is_bad = |line: &OwnLine| last(line).is_some_and(|value| own.thresholds.iter().any(|t| is_beyond(value, t)));
    let mut lines: Vec<(bool, &OwnLine)> = own.series.iter().map(|line| (is_bad(line), line)).collect();
    lines.sort_by_key(|(bad, _)| !bad);
    let omitted = lines.len().saturating_sub(MOST_SERIES);
    lines.truncate(MOST_SERIES);
    let single = lines.len() == 1;
    let series = |(bad, line): (bool, &OwnLine)| {
        let points = line.points.iter().map(|point| (point.at_ms, point.value)).collect();
        // a gap is what the sender says is one
        let series = Series::new(line.name.clone(), 0, points);
        Series { role: if bad || single { Role::Highlighted } else { Role::Plain }, ..series }
    };
    (lines.into_iter().map(series).collect(), omitted)
}

/// The last value that is one.
fn last(line: &OwnLine) -> Option<f64> {
    let numbers = line.points.iter().filter(|point| !point.value.is_nan());
    numbers.max_by_key(|point| point.at_ms).map(|point| point.value)
}

fn is_beyond(value: f64, threshold: &OwnThreshold) -> bool {
    match threshold.side {
        OwnSide::Above => value > threshold.value,
        OwnSide::Below => value < threshold.value,
        OwnSide::None => false,
    }
}

fn threshold(own: &OwnThreshold) -> Threshold {
    let side = match own.side {
        OwnSide::Above => Side::Above,
        OwnSide::Below => Side::Below,
        OwnSide::None => Side::None,
    };
    Threshold::new(own.value, side)
}

#[cfg(test)]
mod tests {
    use alerts::own::OwnPoint;
    use charts::MarkKind;

    use super::*;

    fn own(lines: &[&[(i64, f64)]], limit: Option<f64>, range: Option<u64>) -> OwnSeries {
        let points = |line: &&[(i64, f64)]| line.iter().map(|&(at_ms, value)| OwnPoint { at_ms, value }).collect();
        let line = |(at, points)| OwnLine { name: format!("s{at}"), points };
        OwnSeries {
            series: lines.iter().map(points).enumerate().map(line).collect(),
            thresholds: limit.map(|value| OwnThreshold { value, side: OwnSide::Above }).into_iter().collect(),
            range: range.map(Duration::from_millis),
            ..OwnSeries::default()
        }
    }

    #[test]
    fn the_window_holds_all_points_and_the_marks_near_them() {
        let check = |range: Option<u64>, mark: i64, expected: (i64, i64)| {
            let marks = [Mark { at_ms: mark, kind: MarkKind::Firing, label: String::new() }];
            assert_eq!(window(&own(&[&[(1_000, 1.0), (2_000, 1.0)], &[(3_000, 1.0)]], None, range), &marks), expected);
        };
        check(None, 2_500, (1_000, 3_000));
        check(None, 3_700, (1_000, 3_700));
        check(None, 500, (500, 3_000));
        check(None, 9_000, (1_000, 3_000));
        check(Some(500), 3_100, (2_500, 3_100));
        check(Some(u64::MAX), 3_100, (3_000 - i64::MAX, 3_100));
    }

    #[test]
    fn what_is_on_the_bad_side_comes_first() {
        let names = |own: &OwnSeries| {
            let (series, omitted) = chosen(own);
            let shown = series.iter().map(|s| format!("{}{}", s.name, if s.role == Role::Plain { "" } else { "!" }));
            (shown.take(3).collect::<Vec<_>>().join(" "), omitted)
        };
        let check = |own: &OwnSeries, expected: &str, omitted: usize| {
            assert_eq!(names(own), (expected.to_owned(), omitted));
        };
        check(&own(&[&[(1, 1.0)], &[(1, 9.0), (2, f64::NAN)]], Some(5.0), None), "s1! s0", 0);
        check(&own(&[&[(1, 1.0)], &[(1, 9.0), (2, 1.0)]], Some(5.0), None), "s0 s1", 0);
        check(&own(&[&[(1, 1.0)]], None, None), "s0!", 0);
        check(&own(&[&[(1, 1.0)][..]; 25], None, None), "s0 s1 s2", 5);
    }
}
