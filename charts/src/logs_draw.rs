//! Log lines onto the canvas: a bar in the colour of the level, the time, the text; long ones take the rows that are left over, then
//! they are cut.
//!
//! The header and the frame are those of other panels (`draw.rs`).

use jiff::tz::TimeZone;

use crate::draw::{background, header, no_data};
use crate::layout::Layout;
use crate::logs::{LogLevel, Logs};
use crate::raster::{Font, Ink, Painter, Rect, at};
use crate::scene::Scene;
use crate::theme::Colors;
use crate::{Panel, Rgb, Style, Theme, text, time};

/// The height of a line in points.
const ROW: f32 = 19.0;
/// Between the header and the first line.
const TOP: f32 = 4.0;
/// Below the last line.
const BOTTOM: f32 = 10.0;

/// Draws the whole picture.
pub(crate) fn draw(painter: &mut Painter, logs: &Logs, style: &Style) {
    let colors = style.theme.colors();
    let frame = Panel {
        subtitle: logs.subtitle.clone(),
        timezone: logs.timezone.clone(),
        no_data: Some(logs.no_data.clone().unwrap_or_else(|| "No lines".to_owned())),
        ..Panel::new(logs.title.as_str(), logs.from_ms, logs.to_ms)
    };
    let scene = Scene::new(&frame, colors);
    let layout = Layout::new(&scene, style);
    background(painter, &layout, colors);
    header(painter, &scene, &layout, colors);
    if logs.lines.is_empty() {
        return no_data(painter, &frame, &layout, colors);
    }
    rows(painter, logs, &layout, style.theme, colors);
}

fn rows(painter: &mut Painter, logs: &Logs, layout: &Layout, theme: Theme, colors: &Colors) {
    let sizes = layout.sizes;
    let (top, row) = (layout.plot.top + sizes.px(TOP), sizes.px(ROW));
    let fitting = ((layout.height - sizes.px(BOTTOM) - top) / row).max(0.0) as usize;
    // the row of a remark is one of them
    let shown = if logs.lines.len() > fitting { fitting.saturating_sub(1) } else { logs.lines.len() };
    let lines = &logs.lines[..shown];
    let moments = || lines.iter().map(|line| line.at_ms);
    let span = (moments().min().unwrap_or(0), moments().max().unwrap_or(0));
    let times: Vec<String> = moments().map(|at_ms| written(at_ms, span, &logs.timezone)).collect();
    let widest = times.iter().map(|time| sizes.label().width(time)).fold(0.0, f32::max);
    let (font, mut spare) = (sizes.label(), fitting.saturating_sub(logs.lines.len()));
    let room = layout.right - text_left(layout, widest);
    let mut place = Rect::new(layout.left, top, layout.right, top);
    for (line, time) in lines.iter().zip(&times) {
        let words = wrapped(&text::clean(&line.text), font, room, 1 + spare);
        spare -= words.len() - 1;
        place = Rect { top: place.bottom, bottom: place.bottom + words.len() as f32 * row, ..place };
        one(painter, (line.level, time, &words), widest, &place, layout, (theme, colors));
    }
    let omitted = logs.lines.len() - shown;
    if omitted > 0 && fitting > 0 {
        let remark = match omitted {
            _ if logs.cut => format!("more than {omitted} more lines"),
            1 => "1 more line".to_owned(),
            _ => format!("{omitted} more lines"),
        };
        let pen = at(layout.left + sizes.px(12.0), place.bottom + 0.5 * row + 0.35 * font.size);
        painter.text(&remark, pen, font, Ink::solid(colors.dim));
    }
}

/// Where texts begin, behind the widest time.
fn text_left(layout: &Layout, widest: f32) -> f32 {
    layout.left + layout.sizes.px(26.0) + widest
}

fn one(
    painter: &mut Painter,
    (level, time, words): (LogLevel, &str, &[String]),
    widest: f32,
    place: &Rect,
    layout: &Layout,
    (theme, colors): (Theme, &Colors),
) {
    let (sizes, font) = (layout.sizes, layout.sizes.label());
    let hairline = sizes.hairline();
    painter.fill(&Rect { top: place.bottom.round() - hairline, bottom: place.bottom.round(), ..*place }, colors.grid);
    let bar = Rect {
        right: place.left + sizes.px(3.0),
        top: place.top.round() + hairline,
        bottom: place.bottom.round() - 2.0 * hairline,
        ..*place
    };
    painter.fill(&bar, Ink::solid(color(level, theme)));
    let baseline = |row: usize| place.top + (row as f32 + 0.5) * sizes.px(ROW) + 0.35 * font.size;
    painter.text(time, at(place.left + sizes.px(12.0), baseline(0)), font, Ink::solid(colors.dim));
    for (row, words) in words.iter().enumerate() {
        painter.text(words, at(text_left(layout, widest), baseline(row)), font, Ink::solid(colors.text));
    }
}

/// The text in at most so many rows, at least one; the end of the last is cut.
fn wrapped(text: &str, font: Font, room: f32, most: usize) -> Vec<String> {
    let (mut rows, mut rest) = (Vec::new(), text);
    while rows.len() + 1 < most && font.width(rest) > room {
        let end = row_end(rest, font, room);
        if end == 0 {
            break;
        }
        rows.push(rest[..end].trim_end().to_owned());
        rest = rest[end..].trim_start();
    }
    rows.push(text::cut_end(rest, font, room));
    rows
}

/// How many bytes fit into a row: up to a space, unless that leaves much of the row empty.
fn row_end(text: &str, font: Font, room: f32) -> usize {
    let (mut used, mut end, mut space) = (0.0, 0, 0);
    for (at, character) in text.char_indices() {
        used += font.width(character.encode_utf8(&mut [0; 4]));
        if used > room {
            break;
        }
        end = at + character.len_utf8();
        if character == ' ' {
            space = end;
        }
    }
    if 2 * space > end { space } else { end }
}

/// `14:39:58.123`; with the day where the lines are of several.
fn written(at_ms: i64, (from, to): (i64, i64), zone: &TimeZone) -> String {
    let day = |at_ms| time::local(at_ms, zone).date();
    let format = if day(from) == day(to) { "%H:%M:%S%.3f" } else { "%-d %b %H:%M:%S%.3f" };
    time::local(at_ms, zone).strftime(format).to_string()
}

/// The colours in which Grafana shows levels.
fn color(level: LogLevel, theme: Theme) -> Rgb {
    match level {
        LogLevel::Critical => Rgb(0x8f, 0x6f, 0xd1),
        LogLevel::Error => Rgb(0xe2, 0x4d, 0x42),
        LogLevel::Warning => Rgb(0xea, 0xb8, 0x39),
        LogLevel::Info => Rgb(0x7e, 0xb2, 0x6d),
        LogLevel::Debug => Rgb(0x1f, 0x78, 0xc1),
        LogLevel::Trace => Rgb(0x6e, 0xd0, 0xe0),
        LogLevel::Unknown if theme == Theme::Light => Rgb(0xbd, 0xc4, 0xcd),
        LogLevel::Unknown => Rgb(0x8e, 0x8e, 0x8e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Weight;

    const FONT: Font = Font { weight: Weight::Regular, size: 12.0 };

    fn check(text: &str, most: usize, expected: &[&str]) {
        assert_eq!(wrapped(text, FONT, 100.0, most), expected, "{text}");
    }

    #[test]
    fn long_texts_take_the_rows_that_there_are() {
        check("short", 3, &["short"]);
        check("", 3, &[""]);
        check("the order was not placed at all", 1, &["the order was n…"]);
        check("the order was not placed at all", 3, &["the order was", "not placed at all"]);
        check(&"x".repeat(40), 9, &["x".repeat(15).as_str(), "x".repeat(15).as_str(), "x".repeat(10).as_str()]);
        assert_eq!(wrapped("anything", FONT, 3.0, 5), [""]);
    }
}
