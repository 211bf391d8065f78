//! A panel onto the canvas, in the order of what covers what: areas, then lines, the highlighted ones on top.
//!
//! It does not choose places (`layout.rs` does) or colours (`theme.rs` does).

use crate::layout::Layout;
use crate::lines::{Line, Plot};
use crate::raster::{Area, Clip, Ink, Painter, Rect, at};
use crate::scene::{Curve, Scene};
use crate::theme::Colors;
use crate::{Panel, Role, Side, Style, limits, marks, text, time};

/// Draws the whole picture.
pub(crate) fn draw(painter: &mut Painter, panel: &Panel, style: &Style) {
    let colors = style.theme.colors();
    let scene = Scene::new(panel, colors);
    let layout = Layout::new(&scene, style);
    let plot = layout.plot(&scene);
    background(painter, &layout, colors);
    header(painter, &scene, &layout, colors);
    limits::bands(painter, &panel.thresholds, &plot, colors);
    grid(painter, &layout, &plot, colors);
    let lines: Vec<Line> = scene.curves.iter().map(|curve| Line::new(curve.series, &curve.points, &plot)).collect();
    series(painter, &scene, &lines, &layout, &plot, colors);
    if !scene.has_data {
        no_data(painter, panel, &layout, colors);
    }
    marks::strip(painter, &panel.marks, &plot, layout.sizes, colors);
    let limits = (panel.thresholds.as_slice(), &panel.left.unit, panel.left.decimals);
    limits::draw(painter, limits, &plot, (&lines, &layout.marks), layout.sizes, colors);
    marks::draw(painter, &layout.marks, &plot, layout.sizes, colors);
    axis_labels(painter, &layout, &plot, colors);
    layout.legend.draw(painter, layout.left, layout.legend_top, colors);
}

pub(crate) fn background(painter: &mut Painter, layout: &Layout, colors: &Colors) {
    painter.canvas.reset(layout.width as usize, layout.height as usize, colors.panel);
    let whole = Rect::new(0.0, 0.0, layout.width, layout.height);
    let hairline = layout.sizes.hairline();
    for edge in [
        Rect { bottom: hairline, ..whole },
        Rect { top: layout.height - hairline, ..whole },
        Rect { right: hairline, ..whole },
        Rect { left: layout.width - hairline, ..whole },
    ] {
        painter.fill(&edge, Ink::solid(colors.border));
    }
    let inks = (Ink::solid(colors.page), Ink::solid(colors.border), Ink::solid(colors.panel));
    painter.round_off(&whole, layout.sizes.px(4.0), hairline, inks);
}

/// Title and subtitle on the left, the window on the right where there is room beside them.
pub(crate) fn header(painter: &mut Painter, scene: &Scene<'_>, layout: &Layout, colors: &Colors) {
    let (title_font, font) = (layout.sizes.title(), layout.sizes.label());
    let room = layout.right - layout.left;
    let gap = layout.sizes.px(24.0);
    let window = time::describe(scene.window, &scene.panel.timezone);
    let window_width = font.width(&window);
    let mut window_at = None;
    let rows = [
        Some((scene.title.as_str(), title_font, colors.title, layout.title)),
        layout.subtitle.map(|baseline| (scene.subtitle.as_str(), font, colors.dim, baseline)),
    ];
    for (words, font, color, baseline) in rows.into_iter().flatten() {
        if window_at.is_none() && font.width(words) + gap + window_width <= room {
            window_at = Some(baseline);
        }
        let words = text::cut_end(words, font, room);
        painter.text(&words, at(layout.left, baseline), font, Ink::solid(color));
    }
    if let Some(baseline) = window_at {
        painter.text(&window, at(layout.right - window_width, baseline), font, Ink::solid(colors.dim));
    }
}

fn grid(painter: &mut Painter, layout: &Layout, plot: &Plot<'_>, colors: &Colors) {
    let hairline = layout.sizes.hairline();
    let rect = plot.rect;
    for (value, _) in &layout.axis.ticks {
        let top = plot.y(*value).round().min(rect.bottom - hairline);
        let ink = if *value == 0.0 { colors.zero } else { colors.grid };
        painter.fill(&Rect::new(rect.left, top, rect.right, top + hairline), ink);
    }
    if layout.axis.ticks.is_empty() {
        painter.fill(&Rect { top: rect.bottom - hairline, ..rect }, colors.zero);
    }
    for (_, tick) in &layout.times {
        let left = plot.x(tick.at_ms).round().min(rect.right - hairline);
        let ink = if tick.is_date { colors.zero } else { colors.grid };
        painter.fill(&Rect::new(left, rect.top, left + hairline, rect.bottom), ink);
    }
}

/// How a role looks: line width in points, opacity.
fn look(role: Role, some_highlighted: bool) -> (f32, f32) {
    match role {
        Role::Highlighted => (2.0, 1.0),
        Role::Plain if some_highlighted => (1.35, 0.85),
        Role::Plain => (1.5, 1.0),
        Role::Muted => (1.0, 0.55),
        Role::MovingThreshold => (1.75, 1.0),
    }
}

fn series(painter: &mut Painter, scene: &Scene<'_>, lines: &[Line], layout: &Layout, plot: &Plot<'_>, colors: &Colors) {
    let some_highlighted = scene.drawn(Role::Highlighted).next().is_some();
    let order = [Role::Muted, Role::Plain, Role::MovingThreshold, Role::Highlighted];
    for role in order {
        let strength = fill_strength(scene, role, some_highlighted);
        for (index, curve) in scene.drawn(role).filter(|_| strength > 0.01) {
            area(painter, &lines[index], Ink::faint(curve.color, strength), plot);
        }
    }
    for role in order {
        let (width, alpha) = look(role, some_highlighted);
        for (index, curve) in scene.drawn(role) {
            let ink = Ink::faint(curve.color, alpha);
            line(painter, curve, &lines[index], (layout.sizes.px(width), ink), layout, plot, colors);
        }
    }
}

/// The fill's opacity at its strongest. Many fills on top of each other are mud: the more, the fainter.
fn fill_strength(scene: &Scene<'_>, role: Role, some_highlighted: bool) -> f32 {
    let count = scene.drawn(role).count() as f32;
    let low_is_bad = scene.panel.thresholds.iter().any(|threshold| threshold.side == Side::Below);
    match role {
        Role::Highlighted if low_is_bad => 0.12 / count.powf(1.3),
        Role::Highlighted => 0.38 / count.powf(1.3),
        Role::Plain if !some_highlighted && count <= 4.0 => 0.30 / count,
        _ => 0.0,
    }
}

fn area(painter: &mut Painter, line: &Line, ink: Ink, plot: &Plot<'_>) {
    let base = plot.base();
    let Some((high, low)) = line.rows() else { return };
    let (high, low) = (high.max(plot.rect.top), low.min(plot.rect.bottom));
    let peak = if base - high > low - base { high } else { low };
    let clip = painter.canvas.clip(&plot.rect);
    painter.area(clip, line.runs(), Area { base, peak, ink });
}

fn line(
    painter: &mut Painter,
    curve: &Curve<'_>,
    line: &Line,
    (width, ink): (f32, Ink),
    layout: &Layout,
    plot: &Plot<'_>,
    colors: &Colors,
) {
    let clip = line_clip(painter, plot, width);
    let px = |points| layout.sizes.px(points);
    match curve.series.role {
        Role::MovingThreshold => painter.dashed(clip, line.runs(), width, (px(7.0), px(4.5)), ink),
        Role::Highlighted => {
            // a rim in the panel's colour lifts the line off the others
            painter.lines(clip, line.runs(), width + px(2.0), Ink::faint(colors.panel, 0.55));
            painter.lines(clip, line.runs(), width, ink);
        }
        _ => painter.lines(clip, line.runs(), width, ink),
    }
    let visible = |point: &crate::raster::Point| plot.rect.grown(1.0).contains(*point);
    for point in line.dots().filter(visible) {
        painter.dot(point, 1.1 * width + px(0.9), Ink::solid(ink.color));
    }
    for (x, positive) in &line.infinite {
        arrow(painter, *x, *positive, px(4.5), plot, ink);
    }
}

/// The plot, and half a line more above and below, so that a line at the edge is whole.
fn line_clip(painter: &Painter, plot: &Plot<'_>, width: f32) -> Clip {
    let rect = plot.rect;
    painter.canvas.clip(&Rect::new(rect.left, rect.top - width, rect.right, rect.bottom + width))
}

/// A small triangle at the top or bottom edge: the value was infinite.
fn arrow(painter: &mut Painter, x: f32, positive: bool, size: f32, plot: &Plot<'_>, ink: Ink) {
    let (tip, foot) = match positive {
        true => (plot.rect.top, plot.rect.top + 1.6 * size),
        false => (plot.rect.bottom, plot.rect.bottom - 1.6 * size),
    };
    painter.polygon(&[at(x, tip), at(x + size, foot), at(x - size, foot)], ink);
}

fn no_data(painter: &mut Painter, panel: &Panel, layout: &Layout, colors: &Colors) {
    let font = layout.sizes.notice();
    let notice = panel.no_data.as_deref().map(text::clean).filter(|notice| !notice.is_empty());
    let notice = text::cut_end(notice.as_deref().unwrap_or("No data"), font, layout.plot.width());
    let middle = |from: f32, to: f32| 0.5 * (from + to);
    let pen = at(
        middle(layout.plot.left, layout.plot.right) - 0.5 * font.width(&notice),
        middle(layout.plot.top, layout.plot.bottom) + 0.35 * font.size,
    );
    let halo = Ink::faint(colors.panel, 0.9);
    painter.haloed_text(&notice, pen, font, Ink::solid(colors.dim), halo, layout.sizes.px(4.0));
}

fn axis_labels(painter: &mut Painter, layout: &Layout, plot: &Plot<'_>, colors: &Colors) {
    let font = layout.sizes.label();
    let px = |points| layout.sizes.px(points);
    let right = plot.rect.left - px(9.0);
    for (value, label) in &layout.axis.ticks {
        let pen = at(right - font.width(label), plot.y(*value) + 0.35 * font.size);
        if pen.x >= 0.0 {
            painter.text(label, pen, font, Ink::solid(colors.dim));
        }
    }
    for (left, tick) in &layout.times {
        let color = if tick.is_date { colors.text } else { colors.dim };
        painter.text(&tick.label, at(*left, plot.rect.bottom + px(20.0)), font, Ink::solid(color));
    }
}
