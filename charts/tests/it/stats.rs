//! Stat panels: golden pictures in both themes, what they must show, and panels that nobody would draw on purpose.

use charts::{ColorMode, Orientation, Rgb, Stat, StatValue, Style, TextMode, Theme};
use proptest::prelude::*;

use crate::golden;
use crate::hostile::{self, name, style, time, value};
use crate::panels::{MINUTE, NOON, wave};

const GREEN: Rgb = Rgb(0x73, 0xbf, 0x69);
const YELLOW: Rgb = Rgb(0xfa, 0xde, 0x2a);
const ORANGE: Rgb = Rgb(0xff, 0x98, 0x30);
const RED: Rgb = Rgb(0xe0, 0x2f, 0x44);
const SMALL: Style = Style { width: 600, height: 300, scale: 1, theme: Theme::Dark };

fn hour(title: &str) -> Stat {
    Stat::new(title, NOON, NOON + 60 * MINUTE)
}

fn tile(name: &str, text: &str, color: Rgb) -> StatValue {
    StatValue { name: name.into(), text: text.into(), color: Some(color), line: vec![], filled: true, change: None }
}

fn with_line(name: &str, text: &str, color: Rgb, phase: f64) -> StatValue {
    StatValue { line: wave(name, 50.0, 6.0, phase).points, ..tile(name, text, color) }
}

fn nodes(count: usize) -> Vec<StatValue> {
    let colors = [GREEN, GREEN, ORANGE, RED];
    let value = |index: usize| {
        let text = format!("{:.1}%", 31.0 + 17.3 * (index % 4) as f64 + index as f64 / 10.0);
        with_line(&format!("node-{index}"), &text, colors[index % 4], index as f64)
    };
    (0..count).map(value).collect()
}

fn cases() -> Vec<(&'static str, Stat)> {
    vec![
        ("stat_one", one()),
        ("stat_background", background()),
        (
            "stat_solid",
            Stat { color_mode: ColorMode::BackgroundSolid, orientation: Orientation::Horizontal, ..background() },
        ),
        (
            "stat_eight",
            Stat { values: nodes(8), subtitle: Some("100 - avg by (instance) (idle)".into()), ..hour("CPU") },
        ),
        ("stat_forty", Stat { values: nodes(40), omitted: 21, color_mode: ColorMode::Background, ..hour("All nodes") }),
        ("stat_no_data", Stat { subtitle: Some("up{job=\"nothing\"}".into()), ..hour("Targets") }),
        ("stat_mapped", mapped()),
        ("stat_change", change()),
        ("stat_names", names()),
    ]
}

fn one() -> Stat {
    let mut value = with_line("node-1", "98.4%", RED, 0.0);
    value.line.iter_mut().enumerate().for_each(|(minute, point)| point.1 += minute as f64 / 3.0);
    value.line[20..24].iter_mut().for_each(|point| point.1 = f64::NAN);
    Stat { values: vec![value], subtitle: Some("max(disk_used_ratio)".into()), ..hour("Disk usage") }
}

fn background() -> Stat {
    let values = vec![
        with_line("checkout", "1.23K req/s", GREEN, 0.0),
        with_line("payments", "812 req/s", YELLOW, 1.0),
        with_line("search", "0 req/s", RED, 2.0),
    ];
    Stat { values, color_mode: ColorMode::Background, ..hour("Requests") }
}

fn mapped() -> Stat {
    let values = vec![tile("api", "UP", GREEN), tile("database", "DOWN", RED)];
    Stat { values, color_mode: ColorMode::BackgroundSolid, text_mode: TextMode::ValueAndName, ..hour("Targets") }
}

fn change() -> Stat {
    let changed = |name: &str, text: &str, change: f64, phase: f64| StatValue {
        change: Some(change),
        ..with_line(name, text, Rgb(0x57, 0x94, 0xf2), phase)
    };
    let values = vec![
        changed("visitors", "12.4 K", 0.123_4, 0.0),
        changed("orders", "318", -0.054, 1.0),
        changed("refunds", "7", 0.0, 2.0),
    ];
    Stat { values, color_mode: ColorMode::None, ..hour("Shop") }
}

fn names() -> Stat {
    let long = "{namespace=\"production\", pod=\"checkout-6d5f9c7b8d-x2x9z\"}".repeat(4);
    let values = vec![
        tile(&long, "1.5 GiB", GREEN),
        tile("\u{202e}right to left שלום", "<b>bold</b>", ORANGE),
        tile("日本語の名前 🚀", &"9".repeat(200), RED),
        tile("", "\u{0}", GREEN),
    ];
    Stat { values, ..hour(&"A title that is much longer than any picture is wide ".repeat(5)) }
}

#[test]
fn every_stat_panel_looks_as_its_golden_picture() {
    let themes = [("", Theme::Dark), ("_light", Theme::Light)];
    let all = cases().into_iter().flat_map(|(name, stat)| {
        themes.map(|(suffix, theme)| golden::check(&format!("{name}{suffix}"), &stat, &Style { theme, ..SMALL }))
    });
    let failed: Vec<String> = all.filter_map(Result::err).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn and_in_other_sizes() {
    let sizes = [("2x", 1000, 500, 2, 5), ("tiny", 100, 100, 1, 1), ("flat", 800, 100, 1, 3), ("tall", 200, 600, 1, 5)];
    let check = |(name, width, height, scale, count)| {
        let style = Style { width, height, scale, theme: Theme::Dark };
        golden::check(&format!("stat_{name}"), &Stat { values: nodes(count), ..hour("CPU") }, &style)
    };
    let failed: Vec<String> = sizes.into_iter().map(check).filter_map(Result::err).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

/// How many pixels have about this colour.
fn pixels(stat: &Stat, color: Rgb) -> usize {
    let near = |pixel: &&[u8]| {
        pixel[0].abs_diff(color.0) < 3 && pixel[1].abs_diff(color.1) < 3 && pixel[2].abs_diff(color.2) < 3
    };
    charts::draw(stat, &SMALL).unwrap().bytes.chunks(3).filter(near).count()
}

#[test]
fn the_colour_colours_what_it_should() {
    let stat = |color_mode| Stat { values: vec![tile("", "42", GREEN)], color_mode, ..hour("") };
    assert_eq!(pixels(&stat(ColorMode::None), GREEN), 0);
    let words = pixels(&stat(ColorMode::Value), GREEN);
    assert!((1000..40_000).contains(&words), "{words}");
    let ground = pixels(&stat(ColorMode::BackgroundSolid), GREEN);
    assert!(ground > 80_000, "{ground}");
}

#[test]
fn the_text_mode_is_obeyed() {
    let drawn = |text_mode| {
        let values = vec![tile("a name", "42", GREEN)];
        charts::draw(&Stat { values, text_mode, ..hour("") }, &SMALL).unwrap().bytes
    };
    assert_eq!(drawn(TextMode::Auto), drawn(TextMode::Value));
    assert_ne!(drawn(TextMode::Auto), drawn(TextMode::ValueAndName));
    assert_ne!(drawn(TextMode::Name), drawn(TextMode::Value));
    let nothing = Stat { values: vec![tile("a name", "42", GREEN)], text_mode: TextMode::None, ..hour("") };
    assert_eq!(pixels(&nothing, GREEN), 0);
}

fn any_value() -> impl Strategy<Value = StatValue> {
    let color = prop::option::of(any::<(u8, u8, u8)>().prop_map(|(red, green, blue)| Rgb(red, green, blue)));
    let line = prop::collection::vec((time(), value()), 0..60);
    (name(), name(), color, line, any::<bool>(), prop::option::of(value()))
        .prop_map(|(name, text, color, line, filled, change)| StatValue { name, text, color, line, filled, change })
}

prop_compose! {
    fn any_stat()(
        (title, subtitle, no_data) in (name(), prop::option::of(name()), prop::option::of(name())),
        (from, to) in (time(), time()),
        values in prop::collection::vec(any_value(), 0..45),
        omitted in prop_oneof![Just(0), any::<usize>()],
        color_mode in prop::sample::select(vec![
            ColorMode::None, ColorMode::Value, ColorMode::Background, ColorMode::BackgroundSolid,
        ]),
        text_mode in prop::sample::select(vec![
            TextMode::Auto, TextMode::Value, TextMode::ValueAndName, TextMode::Name, TextMode::None,
        ]),
        orientation in prop::sample::select(vec![Orientation::Auto, Orientation::Horizontal, Orientation::Vertical]),
        centered in any::<bool>(),
    ) -> Stat {
        Stat {
            subtitle, no_data, values, omitted, color_mode, text_mode, orientation, centered,
            ..Stat::new(title, from, to)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, max_shrink_iters: 500, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_stat_gives_a_picture_of_the_right_size(stat in any_stat(), style in style()) {
        hostile::check(&stat, &style);
    }
}

#[test]
fn a_thousand_values_and_the_largest_pictures() {
    let stat = Stat { values: nodes(1000), omitted: usize::MAX, ..hour("") };
    hostile::check(&stat, &SMALL);
    hostile::check(&stat, &Style { width: 4000, height: 100, ..SMALL });
    hostile::check(&Stat { values: nodes(1), ..hour("") }, &Style { width: 4000, height: 4000, ..SMALL });
}

#[test]
fn more_points_than_pixels() {
    let points = (0..200_000).map(|at| (at, (at as f64 * 0.7).sin() * 1e308)).collect();
    let value = StatValue { line: points, ..tile("dense", "1", GREEN) };
    hostile::check(&Stat { values: vec![value], ..Stat::new("", 0, 200_000) }, &SMALL);
}
