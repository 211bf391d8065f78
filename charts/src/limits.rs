//! Thresholds: bands, shaded sides, lines, and a label where the fewest lines pass.
//!
//! It does not know what a threshold is good for.

use crate::lines::Line;
use crate::marks::Placed;
use crate::plot::Plot;
use crate::raster::{Ink, Painter, Rect, at};
use crate::sizes::Sizes;
use crate::theme::Colors;
use crate::{Panel, Rgb, Side, Threshold, number, text};

/// Colours the bands, and shades the side of each threshold, strongest at its line.
pub(crate) fn bands(painter: &mut Painter, panel: &Panel, plot: &Plot<'_>, colors: &Colors) {
    for band in panel.bands.iter().take(MOST).filter(|band| band.from < band.to) {
        let [top, bottom] = [band.to, band.from].map(|end| row(end, plot));
        painter.fill(&Rect { top, bottom, ..plot.rect }, Ink::faint(band.color, BAND));
    }
    for threshold in panel.thresholds.iter().filter(|threshold| !threshold.value.is_nan()) {
        let rect = plot.rect;
        let level = plot.y(threshold.value);
        // a logarithmic axis has no place for it
        if level.is_nan() {
            continue;
        }
        let band = match threshold.side {
            Side::Above => Rect { bottom: level.clamp(rect.top, rect.bottom), ..rect },
            Side::Below => Rect { top: level.clamp(rect.top, rect.bottom), ..rect },
            Side::None => continue,
        };
        fade(painter, &band, level, rect.height(), (threshold.color.unwrap_or(colors.limit), colors.band));
    }
}

/// Grafana's opacity of thresholds that are drawn as areas.
const BAND: f32 = 0.15;

/// The row of a band's end in the plot.
fn row(end: f64, plot: &Plot<'_>) -> f32 {
    let row = plot.y(end);
    if row.is_nan() { plot.rect.bottom } else { row.clamp(plot.rect.top, plot.rect.bottom) }
}

/// Rows of one band, fading with the distance to the line.
fn fade(painter: &mut Painter, band: &Rect, level: f32, height: f32, (color, strongest): (Rgb, f32)) {
    let (first, last) = (band.top.round() as i32, band.bottom.round() as i32);
    for row in first..last {
        let distance = ((row as f32 + 0.5 - level).abs() / height).clamp(0.0, 1.0);
        let strength = strongest * (1.0 - 0.75 * distance.sqrt());
        let row = Rect { top: row as f32, bottom: row as f32 + 1.0, ..*band };
        painter.fill(&row, Ink::faint(color, strength));
    }
}

/// Draws the lines and their labels.
pub(crate) fn draw(
    painter: &mut Painter,
    panel: &Panel,
    plot: &Plot<'_>,
    obstacles: (&[Line], &[Placed]),
    sizes: Sizes,
    colors: &Colors,
) {
    let mut taken: Vec<Rect> = Vec::new();
    let drawable = panel.thresholds.iter().filter(|threshold| plot.y(threshold.value).is_finite());
    let drawable = drawable.filter(|threshold| threshold.value.is_finite());
    for threshold in drawable.take(MOST) {
        let level = plot.y(threshold.value).round();
        let shown = (plot.rect.top - 0.5..=plot.rect.bottom + 0.5).contains(&level);
        if shown {
            line(painter, threshold, level, plot, sizes, colors);
        }
        let Some(label) = label(threshold, panel) else { continue };
        if plot.rect.height() < sizes.px(44.0) || plot.rect.width() < sizes.px(120.0) {
            continue;
        }
        let arrow = match level {
            _ if shown => "",
            level if level < plot.rect.top => "↑ ",
            _ => "↓ ",
        };
        let font = sizes.strong();
        let label = text::cut_end(&format!("{arrow}{label}"), font, plot.rect.width() - sizes.px(16.0));
        let place = quietest(&label, level, plot, obstacles, &taken, sizes);
        taken.push(place);
        let pen = at(place.left, place.bottom - sizes.px(4.0));
        let halo = Ink::faint(colors.panel, 0.85);
        let color = threshold.color.unwrap_or(colors.limit_text);
        painter.haloed_text(&label, pen, font, Ink::solid(color), halo, sizes.px(2.5));
    }
}

/// More thresholds than this are noise.
const MOST: usize = 20;

/// What stands beside the line. A dashboard's threshold has a colour of its own and says nothing, as in Grafana.
fn label(threshold: &Threshold, panel: &Panel) -> Option<String> {
    let given = threshold.label.as_deref().map(text::clean).filter(|label| !label.is_empty());
    let value = || number::format(threshold.value, &panel.left.unit, panel.left.decimals);
    given.or_else(|| threshold.color.is_none().then(|| format!("threshold {}", value())))
}

fn line(painter: &mut Painter, threshold: &Threshold, level: f32, plot: &Plot<'_>, sizes: Sizes, colors: &Colors) {
    let width = sizes.px(1.5).round();
    let top = level - (0.5 * width).floor();
    let ink = Ink::solid(threshold.color.unwrap_or(colors.limit));
    let (dash, period) = if threshold.solid { (plot.rect.width(), plot.rect.width()) } else { (8.0, 13.0) };
    let mut left = plot.rect.left;
    while left < plot.rect.right {
        let right = (left + sizes.px(dash)).min(plot.rect.right);
        painter.fill(&Rect::new(left, top, right, top + width), ink);
        left += sizes.px(period);
    }
}

/// The rectangle beside the line with the fewest lines in it: right before left before middle, above before below.
fn quietest(
    label: &str,
    level: f32,
    plot: &Plot<'_>,
    (lines, marks): (&[Line], &[Placed]),
    taken: &[Rect],
    sizes: Sizes,
) -> Rect {
    let (width, height) = (sizes.strong().width(label), sizes.px(17.0));
    let inset = sizes.px(8.0);
    let (left, right) = (plot.rect.left + inset, plot.rect.right - inset - width);
    let columns = [right, left, 0.5 * (left + right), 0.75 * right + 0.25 * left, 0.25 * right + 0.75 * left];
    let level = level.clamp(plot.rect.top, plot.rect.bottom);
    let tops = [level - height - sizes.px(1.0), level + sizes.px(2.0)];
    let places = columns.into_iter().flat_map(|x| tops.map(|top| Rect::new(x, top, x + width, top + height)));
    let cost = |place: &Rect| {
        let outside = place.top < plot.rect.top || place.bottom > plot.rect.bottom;
        let blocked = outside || taken.iter().any(|other| other.overlaps(place));
        let crossed: usize = lines.iter().map(|line| line.crossings(place)).sum();
        let marked = marks.iter().filter(|mark| place.grown(sizes.px(3.0)).contains(at(mark.x, place.top))).count();
        crossed + 10 * marked + usize::from(blocked) * 1_000_000
    };
    let fallback = Rect::new(left, tops[0], left + width, tops[0] + height);
    places.min_by_key(cost).unwrap_or(fallback)
}
