//! A panel onto the canvas, in the order of what covers what: areas, then lines, the highlighted ones on top.
//!
//! It does not choose places (`layout.rs` does) or colours (`theme.rs` does).

use crate::layout::Layout;
use crate::lines::Line;
use crate::plot::Plot;
use crate::raster::{Area, Clip, Ink, Painter, Rect, Shade, at};
use crate::scene::{Curve, Scene};
use crate::theme::Colors;
use crate::{Panel, Role, Side, Style, axis_draw, limits, look_draw, marks, text, time};

/// Draws the whole picture.
pub(crate) fn draw(painter: &mut Painter, panel: &Panel, style: &Style) {
    let colors = style.theme.colors();
    let scene = Scene::new(panel, colors);
    let layout = Layout::new(&scene, style);
    let plots = Plots { left: layout.plot(&scene), right: layout.right_plot(&scene) };
    let plot = plots.left;
    background(painter, &layout, colors);
    header(painter, &scene, &layout, colors);
    limits::bands(painter, panel, &plot, colors);
    axis_draw::grid(painter, &layout, &plots.left, &plots.right, colors);
    let lines: Vec<Line> = scene.curves.iter().map(|curve| line_of(curve, plots.of(curve))).collect();
    series(painter, &scene, &lines, &layout, &plots, colors);
    if !scene.has_data {
        no_data(painter, panel, &layout, colors);
    }
    marks::strip(painter, &panel.marks, &plot, layout.sizes, colors);
    limits::draw(painter, panel, &plot, (&lines, &layout.marks), layout.sizes, colors);
    marks::draw(painter, &layout.marks, &plot, layout.sizes, colors);
    axis_draw::labels(painter, &layout, &plots.left, &plots.right, colors);
    layout.legend.draw(painter, layout.legend_at, colors);
}

/// The plot as either axis measures it.
struct Plots<'a> {
    left: Plot<'a>,
    right: Plot<'a>,
}

impl<'a> Plots<'a> {
    fn of(&self, curve: &Curve<'_>) -> &Plot<'a> {
        if curve.on_right() { &self.right } else { &self.left }
    }
}

fn line_of(curve: &Curve<'_>, plot: &Plot<'_>) -> Line {
    match curve.look() {
        Some(look) => Line::of_look(look, curve.drawn(), plot),
        None => Line::new(curve.series.step_ms, &curve.points, plot),
    }
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

fn series(
    painter: &mut Painter,
    scene: &Scene<'_>,
    lines: &[Line],
    layout: &Layout,
    plots: &Plots<'_>,
    colors: &Colors,
) {
    let some_highlighted = scene.drawn(Role::Highlighted).next().is_some();
    let order = [Role::Muted, Role::Plain, Role::MovingThreshold, Role::Highlighted];
    for role in order {
        let strength = fill_strength(scene, role, some_highlighted);
        for (index, curve) in scene.drawn(role) {
            match curve.look() {
                Some(look) => look_draw::area(painter, scene, (index, look), lines, plots.of(curve)),
                None if strength > 0.01 => {
                    area(painter, &lines[index], Ink::faint(curve.color, strength), &plots.left);
                }
                None => {}
            }
        }
    }
    for role in order {
        let (width, alpha) = look(role, some_highlighted);
        for (index, curve) in scene.drawn(role) {
            let (line, plot, ink) = (&lines[index], plots.of(curve), Ink::faint(curve.color, alpha));
            match curve.look() {
                Some(look) => look_draw::draw(painter, (curve, look), line, plot, layout.sizes),
                None => self::line(painter, curve, line, (layout.sizes.px(width), ink), layout, plot, colors),
            }
            for (x, positive) in &line.infinite {
                arrow(painter, *x, *positive, layout.sizes.px(4.5), plot, ink);
            }
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
    let shade = Shade { from: (peak, ink), to: (base, Ink::faint(ink.color, 0.0)) };
    painter.area(clip, line.runs(), Area { base, shade });
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
        Role::MovingThreshold => painter.dashed(clip, line.runs(), (width, false), &[px(7.0), px(4.5)], ink),
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

pub(crate) fn no_data(painter: &mut Painter, panel: &Panel, layout: &Layout, colors: &Colors) {
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
