//! Panels as dashboards have them, for golden pictures in both themes: one look each, with plausible data.

use charts::{
    Axis, Band, Calculation, Dash, DrawAs, Gaps, Gradient, Interpolation, LegendLook, LegendMode, Panel, Placement,
    Rgb, Scale, Series, SeriesLook, ShowPoints, Side, Stack, Threshold, Unit,
};

use crate::panels::{MINUTE, NOON, hour, wave};

const GREEN: Rgb = Rgb(0x73, 0xbf, 0x69);
const YELLOW: Rgb = Rgb(0xf2, 0xcc, 0x0c);
const BLUE: Rgb = Rgb(0x57, 0x94, 0xf2);
const RED: Rgb = Rgb(0xf2, 0x49, 0x5c);
const ORANGE: Rgb = Rgb(0xff, 0x98, 0x30);
const PURPLE: Rgb = Rgb(0xb8, 0x77, 0xd9);

/// All panels with a golden picture in both themes, by file name.
pub fn all() -> Vec<(&'static str, Panel)> {
    vec![
        ("look_cpu_stacked", cpu_stacked()),
        ("look_latency_smooth", latency_smooth()),
        ("look_disk_bands", disk_bands()),
        ("look_error_bars", error_bars()),
        ("look_network_negative", network_negative()),
        ("look_log", log()),
        ("look_symlog", symlog()),
        ("look_right_axis", right_axis()),
        ("look_steps_and_dashes", steps_and_dashes()),
        ("look_points_and_gaps", points_and_gaps()),
        ("look_percent_hue", percent_hue()),
        ("look_fill_below_to", fill_below_to()),
        ("look_many_in_table", many_in_table()),
        ("look_many_beside", many_beside()),
        ("look_hidden_legend", hidden_legend()),
    ]
}

fn styled(series: Series, color: Rgb, look: SeriesLook) -> Series {
    Series { color: Some(color), look: Some(Box::new(look)), ..series }
}

fn plain() -> SeriesLook {
    SeriesLook { points: ShowPoints::Never, ..SeriesLook::default() }
}

fn table(calculations: &[Calculation]) -> LegendLook {
    LegendLook { mode: LegendMode::Table, calculations: calculations.to_vec(), ..LegendLook::default() }
}

fn stacked() -> SeriesLook {
    let stack = Some(Stack { group: "A".into(), percent: false });
    SeriesLook { stack, fill: 0.3, ..plain() }
}

/// Never below zero.
fn positive(name: &str, level: f64, swing: f64, phase: f64) -> Series {
    let mut series = wave(name, level, swing, phase);
    series.points.iter_mut().for_each(|point| point.1 = point.1.max(0.0));
    series
}

fn cpu_stacked() -> Panel {
    let modes = [
        ("system", 0.06, RED),
        ("user", 0.22, BLUE),
        ("iowait", 0.08, ORANGE),
        ("irq", 0.01, PURPLE),
        ("softirq", 0.02, YELLOW),
        ("nice", 0.03, GREEN),
    ];
    let mode = |(index, (name, level, color)): (usize, (&str, f64, Rgb))| {
        styled(positive(name, level, 0.4 * level, 0.7 * index as f64), color, stacked())
    };
    Panel {
        left: Axis { min: Some(0.0), ..Axis::of(Unit::PercentUnit) },
        legend: LegendLook {
            sort: Some((Calculation::Mean, true)),
            ..table(&[Calculation::Max, Calculation::Mean, Calculation::LastNotNull])
        },
        series: modes.into_iter().enumerate().map(mode).collect(),
        ..hour("CPU busy by mode")
    }
}

fn latency_smooth() -> Panel {
    let look = || SeriesLook {
        interpolation: Interpolation::Smooth,
        gradient: Gradient::Opacity,
        fill: 0.35,
        width: 2.0,
        ..plain()
    };
    let quantile = |name, level: f64, color| {
        let mut series = positive(name, level, 0.25 * level, level);
        series.points.retain(|point| (point.0 - NOON) % (3 * MINUTE) == 0);
        styled(series, color, look())
    };
    Panel {
        left: Axis { label: Some("latency".into()), ..Axis::of(Unit::Seconds) },
        legend: LegendLook { placement: Placement::Right, ..table(&[Calculation::Mean, Calculation::Max]) },
        series: vec![quantile("p50", 0.08, GREEN), quantile("p90", 0.19, YELLOW), quantile("p99", 0.42, RED)],
        ..hour("Request latency")
    }
}

fn disk_bands() -> Panel {
    const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
    let used = |name, from: f64, color| {
        let value = |minute: i64| (from + 0.35 * minute as f64) * GIB;
        let points = (0..=60).map(|minute| (NOON + minute * MINUTE, value(minute))).collect();
        styled(Series::new(name, MINUTE, points), color, SeriesLook { fill: 0.1, width: 2.0, ..plain() })
    };
    let line = |value, color, solid| Threshold { color: Some(color), solid, ..Threshold::new(value, Side::None) };
    Panel {
        left: Axis { min: Some(0.0), max: Some(100.0 * GIB), ..Axis::of(Unit::Bytes) },
        series: vec![used("/", 38.0, BLUE), used("/var", 70.0, PURPLE)],
        thresholds: vec![line(75.0 * GIB, ORANGE, false), line(90.0 * GIB, RED, true)],
        bands: vec![
            Band { from: f64::NEG_INFINITY, to: 75.0 * GIB, color: GREEN },
            Band { from: 75.0 * GIB, to: 90.0 * GIB, color: ORANGE },
            Band { from: 90.0 * GIB, to: f64::INFINITY, color: RED },
        ],
        ..hour("Disk space used")
    }
}

fn error_bars() -> Panel {
    let bars = |name, level: f64, phase, color| {
        let mut series = positive(name, level, level, phase);
        series.points.retain(|point| (point.0 - NOON) % (2 * MINUTE) == 0);
        series.points.iter_mut().for_each(|point| point.1 = point.1.round());
        styled(series, color, SeriesLook { draw: DrawAs::Bars, fill: 0.8, ..stacked() })
    };
    Panel {
        left: Axis { label: Some("errors / min".into()), ..Axis::default() },
        legend: LegendLook { calculations: vec![Calculation::Sum, Calculation::Max], ..LegendLook::default() },
        series: vec![bars("500", 6.0, 0.0, RED), bars("502", 3.0, 2.0, ORANGE), bars("504", 2.0, 4.0, YELLOW)],
        ..hour("HTTP errors")
    }
}

fn network_negative() -> Panel {
    let look = || SeriesLook { fill: 0.2, ..plain() };
    let negative = |mut series: Series| {
        series.points.iter_mut().for_each(|point| point.1 = -point.1);
        series
    };
    Panel {
        left: Axis { label: Some("out (-) / in (+)".into()), centered_zero: true, ..Axis::of(Unit::BitsPerSecond) },
        legend: table(&[Calculation::Min, Calculation::Max, Calculation::Mean]),
        series: vec![
            styled(positive("eth0 in", 40e6, 22e6, 0.0), GREEN, look()),
            styled(positive("eth1 in", 12e6, 6e6, 1.0), YELLOW, look()),
            styled(negative(positive("eth0 out", 25e6, 14e6, 2.0)), BLUE, look()),
            styled(negative(positive("eth1 out", 8e6, 5e6, 3.0)), PURPLE, look()),
        ],
        ..hour("Network traffic")
    }
}

/// Growing by so many powers of ten, from one.
fn growing(name: &str, powers: f64) -> Series {
    let value = |minute: i64| 10_f64.powf(powers * minute as f64 / 60.0 + 0.2 * (minute as f64 / 5.0).sin());
    Series::new(name, MINUTE, (0..=60).map(|minute| (NOON + minute * MINUTE, value(minute))).collect())
}

fn log() -> Panel {
    let mut with_zeros = growing("with zeros", 2.5);
    with_zeros.points.iter_mut().skip(20).take(8).for_each(|point| point.1 = 0.0);
    Panel {
        left: Axis { scale: Scale::Log { base: 10.0 }, ..Axis::default() },
        series: vec![
            styled(growing("requests", 5.0), BLUE, SeriesLook { fill: 0.1, ..plain() }),
            styled(with_zeros, ORANGE, plain()),
        ],
        ..hour("On a logarithmic axis")
    }
}

fn symlog() -> Panel {
    let mut below = growing("below zero", 3.0);
    below.points.iter_mut().for_each(|point| point.1 = -point.1);
    Panel {
        left: Axis { scale: Scale::SymLog { base: 10.0, linear: 1.0 }, ..Axis::default() },
        series: vec![styled(growing("above zero", 4.0), BLUE, plain()), styled(below, ORANGE, plain())],
        ..hour("On a symmetric logarithmic axis")
    }
}

fn right_axis() -> Panel {
    let right = SeriesLook { on_right: true, width: 2.0, dash: Dash::Dashes(vec![8.0, 5.0]), ..plain() };
    let own = SeriesLook { unit: Some(Unit::parse("celsius")), decimals: Some(1), ..plain() };
    Panel {
        left: Axis { label: Some("requests".into()), ..Axis::of(Unit::RequestsPerSecond) },
        right: Axis { label: Some("latency (p99)".into()), decimals: Some(1), ..Axis::of(Unit::Milliseconds) },
        legend: table(&[Calculation::Mean, Calculation::LastNotNull]),
        series: vec![
            styled(wave("rate", 230.0, 60.0, 0.0), BLUE, SeriesLook { fill: 0.1, ..plain() }),
            styled(wave("latency", 4.1, 0.5, 2.0), ORANGE, right),
            styled(wave("inlet", 41.25, 3.0, 1.0), GREEN, own),
        ],
        ..hour("Requests and their latency")
    }
}

fn steps_and_dashes() -> Panel {
    let levels = |name, offset: f64, color, look| {
        let value = |step: i64| offset + f64::from([3_u8, 3, 5, 4, 7, 7, 2, 4, 6, 6][step as usize % 10]);
        let points = (0..=15).map(|step| (NOON + 4 * step * MINUTE, value(step))).collect();
        styled(Series::new(name, 4 * MINUTE, points), color, look)
    };
    let step = |interpolation| SeriesLook { interpolation, width: 2.0, fill: 0.1, ..plain() };
    let line = |dash, width| SeriesLook { dash, width, ..plain() };
    Panel {
        series: vec![
            levels("stepAfter", 20.0, GREEN, step(Interpolation::StepAfter)),
            levels("stepBefore", 15.0, YELLOW, step(Interpolation::StepBefore)),
            levels("dashes", 10.0, BLUE, line(Dash::Dashes(vec![10.0, 10.0]), 2.0)),
            levels("long and short", 5.0, RED, line(Dash::Dashes(vec![20.0, 6.0, 4.0, 6.0]), 1.0)),
            levels("dots", 0.0, PURPLE, line(Dash::Dots(vec![0.0, 8.0]), 4.0)),
        ],
        ..hour("Steps, dashes and dots")
    }
}

fn points_and_gaps() -> Panel {
    let holes = |name, level, color, look| {
        let mut series = wave(name, level, 2.0, level);
        series.points.retain(|point| (point.0 - NOON) % (2 * MINUTE) == 0);
        for index in [5, 6, 14, 16, 22, 23, 24, 25, 26] {
            series.points[index].1 = f64::NAN;
        }
        styled(series, color, look)
    };
    let gaps = |gaps, points| SeriesLook { gaps, points, ..SeriesLook::default() };
    Panel {
        series: vec![
            holes("break, auto", 50.0, GREEN, gaps(Gaps::Break, ShowPoints::Auto)),
            holes("break, never", 40.0, YELLOW, gaps(Gaps::Break, ShowPoints::Never)),
            holes("connect, always", 30.0, BLUE, gaps(Gaps::Connect, ShowPoints::Always)),
            holes("up to 6 minutes", 20.0, RED, gaps(Gaps::ConnectUpTo(6 * MINUTE), ShowPoints::Never)),
            holes(
                "points",
                10.0,
                PURPLE,
                SeriesLook { draw: DrawAs::Points, point_size: 9.0, ..SeriesLook::default() },
            ),
        ],
        ..hour("Points and gaps")
    }
}

fn percent_hue() -> Panel {
    let look = || SeriesLook {
        stack: Some(Stack { group: "A".into(), percent: true }),
        gradient: Gradient::Hue,
        fill: 0.8,
        ..plain()
    };
    Panel {
        series: vec![
            styled(positive("hit", 420.0, 130.0, 0.0), GREEN, look()),
            styled(positive("stale", 90.0, 40.0, 1.0), YELLOW, look()),
            styled(positive("miss", 160.0, 80.0, 2.0), RED, look()),
        ],
        legend: LegendLook { placement: Placement::Right, ..LegendLook::default() },
        ..hour("Cache answers, shares")
    }
}

fn fill_below_to() -> Panel {
    let edge = || SeriesLook { width: 0.0, in_legend: false, ..plain() };
    let upper = SeriesLook { fill_below_to: Some("lower".into()), fill: 0.25, in_legend: true, ..edge() };
    let smooth = SeriesLook { interpolation: Interpolation::Smooth, width: 2.0, ..plain() };
    Panel {
        left: Axis { soft_min: Some(0.0), soft_max: Some(100.0), ..Axis::of(Unit::Percent) },
        series: vec![
            styled(wave("expected", 62.0, 6.0, 0.0), BLUE, upper),
            styled(wave("lower", 38.0, 5.0, 0.2), BLUE, edge()),
            styled(wave("measured", 50.0, 14.0, 0.4), ORANGE, smooth),
        ],
        ..hour("Between two bounds, with soft ends")
    }
}

fn pods(count: i32) -> Vec<Series> {
    let name = |index: i32| format!("checkout-{:02}-6d5f9c7b8d-x2x9z", index);
    let pod = |index: i32| wave(&name(index), 20.0 + 4.0 * f64::from(index), 5.0, f64::from(index));
    (0..count).map(|index| Series { look: Some(Box::new(plain())), ..pod(index) }).collect()
}

fn many_in_table() -> Panel {
    let calculations = [
        Calculation::Min,
        Calculation::Max,
        Calculation::Mean,
        Calculation::LastNotNull,
        Calculation::Sum,
        Calculation::StdDev,
    ];
    Panel {
        left: Axis::of(Unit::DecBytes),
        legend: LegendLook { sort: Some((Calculation::Max, true)), ..table(&calculations) },
        series: pods(24),
        omitted: 76,
        ..hour("Memory of many pods")
    }
}

fn many_beside() -> Panel {
    Panel {
        left: Axis::of(Unit::DecBytes),
        legend: LegendLook {
            placement: Placement::Right,
            ..table(&[Calculation::Max, Calculation::Mean, Calculation::LastNotNull, Calculation::Sum])
        },
        series: pods(40),
        ..hour("Memory of many pods")
    }
}

fn hidden_legend() -> Panel {
    let legend = LegendLook { mode: LegendMode::Hidden, ..LegendLook::default() };
    Panel { legend, left: Axis { soft_max: Some(300.0), ..Axis::default() }, series: pods(5), ..hour("No legend") }
}
