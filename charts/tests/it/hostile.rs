//! Panels that nobody would draw on purpose: every one gives a picture of the right size.

use charts::{Axis, LegendLook, Mark, MarkKind, Panel, Role, Series, Side, Style, Theme, Threshold, Unit, View};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use crate::golden::decode;

pub fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -1e3..1e3,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![
            f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 1e308, -1e308, f64::MAX, f64::MIN, 5e-324, 1e-300,
        ]),
    ]
}

pub fn time() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => 0..3_600_000_i64,
        1 => any::<i64>(),
        1 => prop::sample::select(vec![i64::MIN, i64::MAX, 0, -1, 253_402_207_200_000]),
    ]
}

pub fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => ".{0,40}",
        1 => Just("\u{202e}\u{0}\u{7}שלום\u{1b}[31m\n\t👩‍👩‍👧".to_owned()),
        1 => (0..20_000_usize).prop_map(|length| "æ".repeat(length)),
    ]
}

fn series() -> impl Strategy<Value = Series> {
    let role = prop::sample::select(vec![Role::Highlighted, Role::Plain, Role::Muted, Role::MovingThreshold]);
    let points = prop::collection::vec((time(), value()), 0..60);
    let step = prop_oneof![Just(0), Just(60_000), any::<i64>()];
    (name(), points, step, role)
        .prop_map(|(name, points, step, role)| Series { role, ..Series::new(name, step, points) })
}

fn unit() -> impl Strategy<Value = Unit> {
    let ids = ["short", "percent", "percentunit", "bytes", "decbytes", "s", "ms", "reqps", "ops", "Bps", "none", "x/y"];
    prop::sample::select(ids.to_vec()).prop_map(Unit::parse)
}

fn threshold() -> impl Strategy<Value = Threshold> {
    let side = prop::sample::select(vec![Side::Above, Side::Below, Side::None]);
    (value(), side, prop::option::of(name())).prop_map(|(value, side, label)| Threshold { value, side, label })
}

fn mark() -> impl Strategy<Value = Mark> {
    let kind = prop::sample::select(vec![MarkKind::Began, MarkKind::Firing, MarkKind::Resolved]);
    (time(), kind, name()).prop_map(|(at_ms, kind, label)| Mark { at_ms, kind, label })
}

prop_compose! {
    fn panel()(
        title in name(),
        subtitle in prop::option::of(name()),
        unit in unit(),
        decimals in prop::option::of(any::<u8>()),
        window in (time(), time()),
        zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"]),
        (series, thresholds, marks) in (
            prop::collection::vec(series(), 0..8),
            prop::collection::vec(threshold(), 0..3),
            prop::collection::vec(mark(), 0..5),
        ),
        omitted in prop_oneof![Just(0), any::<usize>()],
        no_data in prop::option::of(name()),
        (y_min, y_max) in (prop::option::of(value()), prop::option::of(value())),
    ) -> Panel {
        let timezone = TimeZone::get(zone).unwrap();
        let (from_ms, to_ms) = window;
        Panel {
            title, subtitle, from_ms, to_ms, timezone, series, thresholds, marks, omitted, no_data,
            left: Axis { unit, decimals, min: y_min, max: y_max, ..Axis::default() },
            right: Axis::default(),
            legend: LegendLook::default(),
        }
    }
}

pub fn style() -> impl Strategy<Value = Style> {
    let theme = prop::sample::select(vec![Theme::Dark, Theme::Light]);
    (100..900_u32, 100..600_u32, 1..=2_u8, theme).prop_map(|(width, height, scale, theme)| Style {
        width,
        height,
        scale,
        theme,
    })
}

#[track_caller]
pub fn check<'a>(panel: impl Into<View<'a>>, style: &Style) {
    let panel = panel.into();
    let picture = charts::render(panel, style).unwrap();
    let size = (style.width * u32::from(style.scale), style.height * u32::from(style.scale));
    let (width, height, _) = decode(&picture.bytes);
    assert_eq!((width, height), size);
    assert_eq!((picture.width, picture.height), size);
    assert!(!charts::alt_text(panel).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, max_shrink_iters: 500, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_panel_gives_a_picture_of_the_right_size(panel in panel(), style in style()) {
        check(&panel, &style);
    }
}

#[test]
fn none_and_a_thousand_series() {
    check(&Panel::new("", 0, 0), &Style::default());
    let series = |index: i64| Series::new(format!("{index}"), 1000, vec![(0, index as f64), (1000, -index as f64)]);
    let panel = Panel { series: (0..1000).map(series).collect(), ..Panel::new("", 0, 1000) };
    check(&panel, &Style::default());
}

/// The neighbour before a point at the very start of the window was not cut, and its dashes never ended.
#[test]
fn a_neighbour_far_before_the_window() {
    let points = vec![(i64::MIN, 1.0), (0, 2.0), (1000, 3.0), (i64::MAX, 4.0)];
    let series = Series { role: Role::MovingThreshold, ..Series::new("limit", 0, points) };
    check(&Panel { series: vec![series], ..Panel::new("", 0, 1000) }, &Style::default());
}

#[test]
fn more_points_than_pixels() {
    let points = (0..200_000).map(|at| (at, (at as f64 * 0.7).sin() * 1e9)).collect();
    let panel = Panel { series: vec![Series::new("dense", 1, points)], ..Panel::new("", 0, 200_000) };
    check(&panel, &Style::default());
}
