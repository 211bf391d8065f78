//! The grid, and what stands beside it: the labels of values and times, the names of the axes.
//!
//! It does not choose ticks.

use crate::layout::{Layout, Strip, VALUES_GAP};
use crate::plot::Plot;
use crate::raster::{Font, Ink, Painter, Rect, Turn, at};
use crate::theme::Colors;

/// Draws the lines of the left axis's ticks (of the right one's, if the left one has none) and of the times.
pub(crate) fn grid(painter: &mut Painter, layout: &Layout, plot: &Plot<'_>, right: &Plot<'_>, colors: &Colors) {
    let hairline = layout.sizes.hairline();
    let rect = plot.rect;
    let plot = if plot.axis.ticks.is_empty() { right } else { plot };
    for (value, _) in &plot.axis.ticks {
        let top = plot.y(*value).round().min(rect.bottom - hairline);
        let ink = if *value == 0.0 { colors.zero } else { colors.grid };
        painter.fill(&Rect::new(rect.left, top, rect.right, top + hairline), ink);
    }
    if plot.axis.ticks.is_empty() {
        painter.fill(&Rect { top: rect.bottom - hairline, ..rect }, colors.zero);
    }
    for (_, tick) in &layout.times {
        let left = plot.x(tick.at_ms).round().min(rect.right - hairline);
        let ink = if tick.is_date { colors.zero } else { colors.grid };
        painter.fill(&Rect::new(left, rect.top, left + hairline, rect.bottom), ink);
    }
}

/// Writes the labels of both value axes and of the time axis.
pub(crate) fn labels(painter: &mut Painter, layout: &Layout, plot: &Plot<'_>, right: &Plot<'_>, colors: &Colors) {
    let font = layout.sizes.label();
    let px = |points| layout.sizes.px(points);
    let (ink, baseline) = (Ink::solid(colors.dim), |plot: &Plot<'_>, value| plot.y(value) + 0.35 * font.size);
    for (value, label) in &plot.axis.ticks {
        let pen = at(plot.rect.left - px(VALUES_GAP) - font.width(label), baseline(plot, *value));
        if pen.x >= 0.0 {
            painter.text(label, pen, font, ink);
        }
    }
    name(painter, &layout.left_axis, plot, Turn::Up, font, ink);
    if let Some(strip) = &layout.right_axis {
        for (value, label) in &strip.axis.ticks {
            let pen = at(plot.rect.right + px(VALUES_GAP), baseline(right, *value));
            if pen.x + font.width(label) <= layout.width {
                painter.text(label, pen, font, ink);
            }
        }
        name(painter, strip, plot, Turn::Down, font, ink);
    }
    for (left, tick) in &layout.times {
        let color = if tick.is_date { colors.text } else { colors.dim };
        painter.text(&tick.label, at(*left, plot.rect.bottom + px(20.0)), font, Ink::solid(color));
    }
}

/// Writes an axis's name along it, in the middle.
fn name(painter: &mut Painter, strip: &Strip, plot: &Plot<'_>, turn: Turn, font: Font, ink: Ink) {
    if strip.label.is_empty() {
        return;
    }
    let middle = 0.5 * (plot.rect.top + plot.rect.bottom);
    let (half, below) = (0.5 * font.width(&strip.label), 0.35 * font.size);
    let pen = match turn {
        Turn::Up => at(strip.label_at + below, middle + half),
        Turn::Down => at(strip.label_at - below, middle - half),
    };
    painter.turned_text(&strip.label, pen, turn, font, ink);
}
