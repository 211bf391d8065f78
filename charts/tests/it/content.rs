//! What a picture must show, pixel by pixel where it matters.

use charts::{Axis, MarkKind, Panel, Pixels, Rgb, Role, Series, Side, Style, Theme};

use crate::panels::{hour, mark, threshold, wave};

const STYLE: Style = Style { width: 800, height: 400, scale: 1, theme: Theme::Dark };
const RED: Rgb = Rgb(0xf0, 0x38, 0x4d);

fn draw(panel: &Panel) -> Pixels {
    charts::draw(panel, &STYLE).unwrap()
}

/// The pixels of about one colour, as (column, row).
fn places(picture: &Pixels, color: Rgb) -> Vec<(usize, usize)> {
    let near = |pixel: &[u8]| {
        pixel[0].abs_diff(color.0) < 12 && pixel[1].abs_diff(color.1) < 12 && pixel[2].abs_diff(color.2) < 12
    };
    let pixels = picture.bytes.chunks(3).enumerate().filter(|(_, pixel)| near(pixel));
    pixels.map(|(index, _)| (index % 800, index / 800)).collect()
}

/// The row with the most pixels of a colour.
fn main_row(picture: &Pixels, color: Rgb) -> usize {
    let mut rows = [0; 400];
    places(picture, color).iter().for_each(|(_, row)| rows[*row] += 1);
    (0..400).max_by_key(|row| rows[*row]).unwrap()
}

fn percent() -> Axis {
    Axis { min: Some(0.0), max: Some(100.0), ..Axis::default() }
}

fn flat(level: f64) -> Series {
    Series { color: Some(Rgb(0, 255, 0)), role: Role::Plain, ..wave("flat", level, 0.0, 0.0) }
}

#[test]
fn the_threshold_is_a_red_line_at_its_value() {
    let at_threshold = draw(&Panel { series: vec![flat(50.0)], left: percent(), ..hour("") });
    let expected = main_row(&at_threshold, Rgb(0, 255, 0));
    let (thresholds, series) = (threshold(50.0, Side::Above), vec![flat(90.0)]);
    let seen = draw(&Panel { series, thresholds, left: percent(), ..hour("") });
    assert!(main_row(&seen, RED).abs_diff(expected) <= 1);
}

#[test]
fn the_shaded_side_is_redder_than_the_other() {
    let reddish = |side: Side, row: usize| {
        let picture = draw(&Panel { thresholds: threshold(50.0, side), left: percent(), ..hour("") });
        let pixel = &picture.bytes[(row * 800 + 500) * 3..];
        i32::from(pixel[0]) - i32::from(pixel[2])
    };
    let line = main_row(&draw(&Panel { thresholds: threshold(50.0, Side::None), left: percent(), ..hour("") }), RED);
    assert!(reddish(Side::Above, line - 10) > 15 && reddish(Side::Above, line + 10) < 5);
    assert!(reddish(Side::Below, line + 10) > 15 && reddish(Side::Below, line - 10) < 5);
    assert!(reddish(Side::None, line - 10) < 5 && reddish(Side::None, line + 10) < 5);
}

#[test]
fn a_gap_is_empty_and_a_single_point_is_a_dot() {
    let mut series = flat(50.0);
    series.points.drain(20..40);
    let picture = draw(&Panel { series: vec![series], ..hour("") });
    let columns: Vec<usize> =
        places(&picture, Rgb(0, 255, 0)).into_iter().filter(|(_, row)| *row < 330).map(|place| place.0).collect();
    assert!(columns.iter().any(|column| *column < 250) && columns.iter().any(|column| *column > 600));
    assert!(!columns.iter().any(|column| (330..500).contains(column)));
    let mut point = flat(50.0);
    point.points.drain(1..);
    point.points[0].0 += 30 * 60_000;
    let dot = places(&draw(&Panel { series: vec![point], ..hour("") }), Rgb(0, 255, 0));
    assert!(dot.iter().filter(|(_, row)| *row < 330).count() > 8);
}

#[test]
fn a_mark_outside_of_the_window_is_not_drawn() {
    let firing = Rgb(0xe0, 0x2f, 0x44);
    let count =
        |minute| places(&draw(&Panel { marks: vec![mark(minute, MarkKind::Firing)], ..hour("") }), firing).len();
    assert!(count(30) > 400);
    assert_eq!(count(90), 0);
}

#[test]
fn the_highlighted_series_covers_the_others() {
    let mut top = flat(50.0);
    top.role = Role::Highlighted;
    let below = Series { color: Some(Rgb(0, 0, 255)), ..flat(50.0) };
    let picture = draw(&Panel { series: vec![top, below], ..hour("") });
    let in_plot = |color| places(&picture, color).into_iter().filter(|(_, row)| *row < 330).count();
    assert!(in_plot(Rgb(0, 255, 0)) > 500);
    assert_eq!(in_plot(Rgb(0, 0, 255)), 0);
}

#[test]
fn sizes_out_of_range_are_refused() {
    let refused = |width, height, scale| charts::render(&hour(""), &Style { width, height, scale, ..STYLE }).is_err();
    assert!(refused(99, 500, 1) && refused(500, 4001, 1) && refused(500, 500, 0) && refused(500, 500, 3));
    assert!(refused(4000, 4000, 2) && refused(u32::MAX, u32::MAX, 2));
    assert!(!refused(100, 100, 1) && !refused(100, 4000, 2));
}
