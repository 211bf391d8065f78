//! Log lines onto the canvas: a bar in the colour of the level, the time, the text cut to the width.
//!
//! The header and the frame are those of other panels (`draw.rs`).

use jiff::tz::TimeZone;

use crate::draw::{background, header, no_data};
use crate::layout::Layout;
use crate::logs::{LogLevel, LogLine, Logs};
use crate::raster::{Ink, Painter, Rect, at};
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
    for (index, (line, time)) in lines.iter().zip(&times).enumerate() {
        let place = Rect::new(layout.left, top + index as f32 * row, layout.right, top + (index + 1) as f32 * row);
        one(painter, line, (time, widest), &place, layout, (theme, colors));
    }
    let omitted = logs.lines.len() - shown;
    if omitted > 0 && fitting > 0 {
        let font = sizes.label();
        let remark = match omitted {
            _ if logs.cut => format!("more than {omitted} more lines"),
            1 => "1 more line".to_owned(),
            _ => format!("{omitted} more lines"),
        };
        let pen = at(layout.left + sizes.px(12.0), top + (shown as f32 + 0.5) * row + 0.35 * font.size);
        painter.text(&remark, pen, font, Ink::solid(colors.dim));
    }
}

fn one(
    painter: &mut Painter,
    line: &LogLine,
    (time, widest): (&str, f32),
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
    painter.fill(&bar, Ink::solid(color(line.level, theme)));
    let baseline = 0.5 * (place.top + place.bottom) + 0.35 * font.size;
    let left = place.left + sizes.px(12.0);
    painter.text(time, at(left, baseline), font, Ink::solid(colors.dim));
    let left = left + widest + sizes.px(14.0);
    let words = text::cut_end(&text::clean(&line.text), font, place.right - left);
    painter.text(&words, at(left, baseline), font, Ink::solid(colors.text));
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
