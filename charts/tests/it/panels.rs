//! The panels of the golden pictures: fixed data, one peculiarity each.

use charts::{Axis, Mark, MarkKind, Panel, Role, Series, Side, Threshold, Unit, demo};
use jiff::tz::TimeZone;

pub const MINUTE: i64 = 60_000;
/// 2026-06-01 10:00 UTC.
pub const NOON: i64 = 1_780_308_000_000;

/// Sixty points, one a minute: `level` with waves of `swing`.
pub fn wave(name: &str, level: f64, swing: f64, phase: f64) -> Series {
    let value = |minute: i64| {
        let turn = minute as f64 / 9.0 + phase;
        level + swing * (turn.sin() + 0.4 * (2.7 * turn).cos() + 0.15 * (9.1 * turn).sin())
    };
    Series::new(name, MINUTE, (0..=60).map(|minute| (NOON + minute * MINUTE, value(minute))).collect())
}

pub fn hour(title: &str) -> Panel {
    Panel::new(title, NOON, NOON + 60 * MINUTE)
}

pub fn threshold(value: f64, side: Side) -> Vec<Threshold> {
    vec![Threshold::new(value, side)]
}

pub fn mark(minute: i64, kind: MarkKind) -> Mark {
    Mark { at_ms: NOON + minute * MINUTE, kind, label: String::new() }
}

/// All panels with a golden picture, by file name.
pub fn all() -> Vec<(&'static str, Panel)> {
    vec![
        ("ten_series", demo::panel()),
        ("threshold_above", threshold_above()),
        ("threshold_below", threshold_below()),
        ("threshold_out_of_sight", threshold_out_of_sight()),
        ("moving_threshold", moving_threshold()),
        ("gaps", gaps()),
        ("constant", constant()),
        ("single_point", single_point()),
        ("no_data", no_data()),
        ("many_series", many_series()),
        ("muted", muted()),
        ("percentunit", percentunit()),
        ("bytes", bytes()),
        ("durations", durations()),
        ("negative", negative()),
        ("crowded_marks", crowded_marks()),
        ("clock_change", clock_change()),
        ("three_weeks", three_weeks()),
        ("names", names()),
    ]
}

fn threshold_above() -> Panel {
    let mut series = wave("payments", 40.0, 4.0, 0.0);
    for (minute, point) in series.points.iter_mut().enumerate().skip(38) {
        point.1 += 3.0 * (minute as f64 - 37.0);
    }
    Panel {
        left: Axis::of(Unit::Percent),
        subtitle: Some("avg by (service) (rate(process_cpu_seconds_total[5m])) * 100".into()),
        series: vec![Series { role: Role::Highlighted, ..series }],
        thresholds: threshold(80.0, Side::Above),
        marks: vec![mark(50, MarkKind::Began), mark(55, MarkKind::Firing)],
        ..hour("CPU usage")
    }
}

fn threshold_below() -> Panel {
    let mut series = wave("node-3", 160.0, 6.0, 0.0);
    for (minute, point) in series.points.iter_mut().enumerate().skip(20) {
        point.1 -= 3.6 * (minute as f64 - 20.0);
    }
    Panel {
        left: Axis::of(Unit::Suffix("conn".into())),
        series: vec![
            Series { role: Role::Highlighted, ..series },
            wave("node-1", 175.0, 7.0, 1.0),
            wave("node-2", 190.0, 5.0, 2.0),
        ],
        thresholds: threshold(60.0, Side::Below),
        marks: vec![mark(48, MarkKind::Began), mark(53, MarkKind::Firing)],
        ..hour("Free connections")
    }
}

fn threshold_out_of_sight() -> Panel {
    Panel {
        series: vec![wave("queue", 40.0, 4.0, 0.0)],
        thresholds: threshold(10_000.0, Side::Above),
        ..hour("Queue length, far from its limit")
    }
}

fn moving_threshold() -> Panel {
    let limit = Series { role: Role::MovingThreshold, ..wave("capacity", 800.0, 60.0, 2.0) };
    let load = Series { role: Role::Highlighted, ..wave("load", 620.0, 230.0, 0.5) };
    Panel { left: Axis::of(Unit::RequestsPerSecond), series: vec![load, limit], ..hour("Load against capacity") }
}

fn gaps() -> Panel {
    let mut holes = wave("with holes", 50.0, 6.0, 0.0);
    holes.points.drain(20..28);
    holes.points[5].1 = f64::NAN;
    holes.points[35..40].iter_mut().for_each(|point| point.1 = f64::NAN);
    let mut alone = wave("alone between gaps", 30.0, 3.0, 1.0);
    let beside = |minute: &usize| *minute > 30 && !minute.is_multiple_of(4);
    for (_, point) in alone.points.iter_mut().enumerate().filter(|(minute, _)| beside(minute)) {
        point.1 = f64::NAN;
    }
    let mut infinite = wave("infinite at times", 15.0, 3.0, 2.0);
    infinite.points[12].1 = f64::INFINITY;
    infinite.points[45].1 = f64::NEG_INFINITY;
    Panel { series: vec![holes, alone, infinite], ..hour("Gaps, holes and infinities") }
}

fn constant() -> Panel {
    let points = (0..=60).map(|minute| (NOON + minute * MINUTE, 1.0)).collect();
    Panel { series: vec![Series::new("up", MINUTE, points)], ..hour("Always one") }
}

fn single_point() -> Panel {
    let series = Series::new("one sample", MINUTE, vec![(NOON + 30 * MINUTE, 42.0)]);
    Panel { series: vec![Series { role: Role::Highlighted, ..series }], ..hour("A single point") }
}

fn no_data() -> Panel {
    let empty = Series::new("nothing", MINUTE, vec![]);
    let nan = Series::new("not a number", MINUTE, vec![(NOON + MINUTE, f64::NAN), (NOON + 2 * MINUTE, f64::NAN)]);
    Panel { series: vec![empty, nan], marks: vec![mark(40, MarkKind::Firing)], ..hour("Nothing there") }
}

fn many_series() -> Panel {
    let name = |index: i32| format!("{{instance=\"10.20.30.{index}:9100\", job=\"node\", zone=\"eu-{}\"}}", index % 3);
    let series = |index: i32| wave(&name(index), 20.0 + 4.0 * f64::from(index), 5.0, f64::from(index));
    Panel { series: (0..20).map(series).collect(), omitted: 137, ..hour("Load of all nodes") }
}

fn muted() -> Panel {
    let role = |index: i32| if index < 3 { Role::Highlighted } else { Role::Muted };
    let level = |index: i32| if index < 3 { 90.0 - 9.0 * f64::from(index) } else { 14.0 + 2.2 * f64::from(index) };
    let series = |index: i32| Series {
        role: role(index),
        ..wave(&format!("shard-{index}"), level(index), 3.5, 1.7 * f64::from(index))
    };
    Panel {
        left: Axis::of(Unit::Percent),
        series: (0..20).map(series).collect(),
        thresholds: threshold(70.0, Side::Above),
        omitted: 12,
        marks: vec![mark(30, MarkKind::Firing)],
        ..hour("Disk usage by shard")
    }
}

fn percentunit() -> Panel {
    let series = Series { role: Role::Highlighted, ..wave("availability", 0.9978, 0.0009, 0.0) };
    Panel {
        left: Axis::of(Unit::PercentUnit),
        series: vec![series],
        thresholds: threshold(0.995, Side::Below),
        ..hour("Availability")
    }
}

fn bytes() -> Panel {
    const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
    Panel {
        left: Axis::of(Unit::Bytes),
        series: vec![wave("used", 11.0 * GIB, 1.5 * GIB, 0.0), wave("cached", 5.0 * GIB, 0.8 * GIB, 1.0)],
        thresholds: vec![Threshold { label: Some("installed".into()), ..Threshold::new(16.0 * GIB, Side::None) }],
        ..hour("Memory")
    }
}

fn durations() -> Panel {
    Panel {
        left: Axis::of(Unit::Seconds),
        series: vec![wave("backup", 5400.0, 700.0, 0.0), wave("restore", 2700.0, 400.0, 1.0)],
        ..hour("Duration of jobs")
    }
}

fn negative() -> Panel {
    let delta = Series { role: Role::Highlighted, ..wave("in", 2000.0, 900.0, 0.0) };
    let series = vec![delta, wave("out", -1500.0, 700.0, 1.0), wave("balance", 100.0, 800.0, 2.0)];
    Panel { left: Axis::of(Unit::DecBytesPerSecond), series, ..hour("In and out") }
}

fn crowded_marks() -> Panel {
    let kinds = [MarkKind::Began, MarkKind::Firing, MarkKind::Resolved];
    let near = |(index, minute): (usize, &i64)| mark(*minute, kinds[index % 3]);
    Panel {
        series: vec![wave("flapping", 40.0, 6.0, 0.0)],
        marks: [0, 1, 3, 30, 31, 32, 57, 59, 60].iter().enumerate().map(near).collect(),
        ..hour("Marks beside each other")
    }
}

fn clock_change() -> Panel {
    let from = 1_792_872_000_000; // 2026-10-24 22:00 in Berlin; the clock goes back at 03:00
    let points = (0..=60).map(|step| (from + step * 10 * MINUTE, 20.0 + (step as f64 / 7.0).sin())).collect();
    Panel {
        timezone: TimeZone::get("Europe/Berlin").unwrap(),
        series: vec![Series::new("temperature", 10 * MINUTE, points)],
        left: Axis::of(Unit::parse("celsius")),
        ..Panel::new("The night with 25 hours", from, from + 600 * MINUTE)
    }
}

fn three_weeks() -> Panel {
    let day = 1440 * MINUTE;
    let from = NOON + 5 * 30 * day;
    let points = (0..=252)
        .map(|step| (from + step * day / 12, 500.0 + 400.0 * (step as f64 * std::f64::consts::FRAC_PI_6).sin()))
        .collect();
    Panel {
        series: vec![Series::new("visitors", day / 12, points)],
        ..Panel::new("Three weeks", from, from + 21 * day)
    }
}

fn names() -> Panel {
    let long =
        format!("{{{}}}", ["namespace=\"production\"", "pod=\"checkout-6d5f9c7b8d-x2x9z\""].join(", ").repeat(6));
    Panel {
        subtitle: Some("sum(rate(errors_total[5m])) by (pod) ".repeat(8)),
        series: vec![
            wave(&long, 10.0, 2.0, 0.0),
            wave("日本語の名前 🚀", 20.0, 2.0, 1.0),
            wave("\u{202e}right to left שלום", 30.0, 2.0, 2.0),
            wave("Zürich – Øresund – Łódź – Ελλάδα – Київ", 40.0, 2.0, 3.0),
        ],
        ..hour(&"A title that is much longer than any picture is wide ".repeat(5))
    }
}
