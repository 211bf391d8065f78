//! Panels that nobody would draw on purpose: every one gives a picture of the right size.

use charts::{
    Axis, Band, Calculation, Dash, DrawAs, Gaps, Gradient, Interpolation, LegendLook, LegendMode, Mark, MarkKind,
    Panel, Placement, Rgb, Role, Scale, Series, SeriesLook, ShowPoints, Side, Stack, Style, Theme, Threshold, Unit,
    View,
};
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
    (name(), points, step, role, prop::option::of(look())).prop_map(|(name, points, step, role, look)| Series {
        role,
        look: look.map(Box::new),
        ..Series::new(name, step, points)
    })
}

/// Sizes, opacities and lengths.
fn measure() -> impl Strategy<Value = f32> {
    let odd = vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -1.0, 0.0, 1e-30, 1e30, f32::MAX];
    prop_oneof![4 => 0.0..10.0_f32, 1 => any::<f32>(), 1 => prop::sample::select(odd)]
}

fn dash() -> impl Strategy<Value = Dash> {
    let lengths = || {
        prop_oneof![
            4 => prop::collection::vec(measure(), 0..6),
            1 => (measure(), 0..10_000_usize).prop_map(|(length, count)| vec![length; count]),
        ]
    };
    prop_oneof![Just(Dash::Solid), lengths().prop_map(Dash::Dashes), lengths().prop_map(Dash::Dots)]
}

fn any_of<T: Clone + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = T> + use<T> {
    prop::sample::select(values.to_vec())
}

prop_compose! {
    fn look()(
        draw in any_of(&[DrawAs::Line, DrawAs::Bars, DrawAs::Points]),
        interpolation in any_of(&[
            Interpolation::Linear, Interpolation::Smooth, Interpolation::StepBefore, Interpolation::StepAfter,
        ]),
        (width, fill, point_size) in (measure(), measure(), measure()),
        dash in dash(),
        gradient in any_of(&[Gradient::None, Gradient::Opacity, Gradient::Hue]),
        points in any_of(&[ShowPoints::Auto, ShowPoints::Always, ShowPoints::Never]),
        gaps in prop_oneof![Just(Gaps::Break), Just(Gaps::Connect), any::<i64>().prop_map(Gaps::ConnectUpTo)],
        stack in prop::option::of(("[ab]{0,1}", any::<bool>()).prop_map(|(group, percent)| Stack { group, percent })),
        (on_right, in_legend) in (any::<bool>(), any::<bool>()),
        fill_below_to in prop::option::of(name()),
        unit in prop::option::of(unit()),
        decimals in prop::option::of(any::<u8>()),
    ) -> SeriesLook {
        SeriesLook {
            draw, interpolation, width, fill, point_size, dash, gradient, points, gaps, stack, on_right, in_legend,
            fill_below_to, unit, decimals,
        }
    }
}

fn scale() -> impl Strategy<Value = Scale> {
    prop_oneof![
        2 => Just(Scale::Linear),
        1 => value().prop_map(|base| Scale::Log { base }),
        1 => Just(Scale::Log { base: 10.0 }),
        1 => (value(), value()).prop_map(|(base, linear)| Scale::SymLog { base, linear }),
    ]
}

prop_compose! {
    fn axis()(
        unit in unit(),
        decimals in prop::option::of(any::<u8>()),
        (min, max) in (prop::option::of(value()), prop::option::of(value())),
        (soft_min, soft_max) in (prop::option::of(value()), prop::option::of(value())),
        label in prop::option::of(name()),
        scale in scale(),
        centered_zero in any::<bool>(),
    ) -> Axis {
        Axis { unit, decimals, min, max, soft_min, soft_max, label, scale, centered_zero }
    }
}

fn calculation() -> impl Strategy<Value = Calculation> {
    let ids = ["last", "lastNotNull", "min", "max", "mean", "sum", "count", "diffperc", "stdDev", "delta"];
    any_of(&ids).prop_map(|id| Calculation::parse(id).unwrap())
}

fn legend() -> impl Strategy<Value = LegendLook> {
    let mode = any_of(&[LegendMode::List, LegendMode::Table, LegendMode::Hidden]);
    let placement = any_of(&[Placement::Bottom, Placement::Right]);
    let calculations = prop::collection::vec(calculation(), 0..12);
    let sort = prop::option::of((calculation(), any::<bool>()));
    (mode, placement, calculations, sort).prop_map(|(mode, placement, calculations, sort)| LegendLook {
        mode,
        placement,
        calculations,
        sort,
    })
}

fn band() -> impl Strategy<Value = Band> {
    (value(), value()).prop_map(|(from, to)| Band { from, to, color: Rgb(1, 2, 3) })
}

fn unit() -> impl Strategy<Value = Unit> {
    let ids = ["short", "percent", "percentunit", "bytes", "decbytes", "s", "ms", "reqps", "ops", "Bps", "none", "x/y"];
    prop::sample::select(ids.to_vec()).prop_map(Unit::parse)
}

fn threshold() -> impl Strategy<Value = Threshold> {
    let side = any_of(&[Side::Above, Side::Below, Side::None]);
    let color = prop::option::of(Just(Rgb(250, 100, 3)));
    (value(), side, prop::option::of(name()), color, any::<bool>())
        .prop_map(|(value, side, label, color, solid)| Threshold { value, side, label, color, solid })
}

fn mark() -> impl Strategy<Value = Mark> {
    let kind = prop::sample::select(vec![MarkKind::Began, MarkKind::Firing, MarkKind::Resolved]);
    (time(), kind, name()).prop_map(|(at_ms, kind, label)| Mark { at_ms, kind, label })
}

prop_compose! {
    fn panel()(
        title in name(),
        subtitle in prop::option::of(name()),
        window in (time(), time()),
        zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"]),
        (series, thresholds, marks) in (
            prop::collection::vec(series(), 0..8),
            prop::collection::vec(threshold(), 0..3),
            prop::collection::vec(mark(), 0..5),
        ),
        omitted in prop_oneof![Just(0), any::<usize>()],
        no_data in prop::option::of(name()),
        (left, right) in (axis(), axis()),
        legend in legend(),
        bands in prop::collection::vec(band(), 0..3),
    ) -> Panel {
        let timezone = TimeZone::get(zone).unwrap();
        let (from_ms, to_ms) = window;
        Panel {
            title, subtitle, left, right, legend, from_ms, to_ms, timezone, series, thresholds, bands, marks, omitted,
            no_data,
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

/// What a look can ask for that takes longest: bounded in time and memory.
#[test]
fn many_series_with_every_look_at_once() {
    let points = |shift: i64| (0..2_000).map(|at| (at * 7 + shift, (at as f64 * 0.7).sin() * 1e9)).collect();
    let look = |index: i64| SeriesLook {
        draw: [DrawAs::Line, DrawAs::Bars, DrawAs::Points][index as usize % 3],
        interpolation: Interpolation::Smooth,
        dash: Dash::Dots(vec![1e-30; 10_000]),
        fill: 1.0,
        gradient: Gradient::Hue,
        points: ShowPoints::Always,
        point_size: 1e9,
        stack: Some(Stack { group: String::new(), percent: index % 2 == 0 }),
        width: 1e9,
        ..SeriesLook::default()
    };
    let series = |index: i64| Series { look: Some(Box::new(look(index))), ..Series::new("", 7, points(index)) };
    let panel = Panel { series: (0..60).map(series).collect(), ..Panel::new("", 0, 14_000) };
    check(&panel, &Style::default());
}

/// Shares from 0 to 1 were set as the ends of a logarithmic axis, which has no place for zero.
#[test]
fn shares_on_a_logarithmic_axis() {
    let look = SeriesLook { stack: Some(Stack { group: String::new(), percent: true }), ..SeriesLook::default() };
    let series = Series { look: Some(Box::new(look)), ..Series::new("", 1000, vec![(0, 1.0), (1000, 0.0)]) };
    let left = Axis { scale: Scale::Log { base: 10.0 }, ..Axis::default() };
    check(&Panel { left, series: vec![series], ..Panel::new("", 0, 1000) }, &Style::default());
}

/// The lane of badges was taller than the plot that a table left, and the plot ended above its start.
#[test]
fn badges_and_a_tall_table_in_a_flat_panel() {
    let series = |index: i64| Series::new(format!("{index}"), 1000, vec![(0, index as f64), (1000, 1.0)]);
    let mark = |at_ms| Mark { at_ms, kind: MarkKind::Firing, label: "a long name of what happened".into() };
    let panel = Panel {
        series: (0..20).map(series).collect(),
        marks: (0..6).map(|index| mark(400 + 20 * index)).collect(),
        bands: vec![Band { from: f64::NEG_INFINITY, to: 5.0, color: Rgb(1, 2, 3) }],
        legend: LegendLook { mode: LegendMode::Table, ..LegendLook::default() },
        ..Panel::new("flat", 0, 1000)
    };
    check(&panel, &Style { width: 400, height: 170, ..Style::default() });
}
