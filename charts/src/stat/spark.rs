//! The small line behind a value: its own range from bottom to top, no axis.
//!
//! It does not know colours.

use crate::lines::{inside, sorted};
use crate::raster::{Area, Ink, Painter, Point, Rect, Shade, at};

/// Whether a series has points enough in the window for a line.
pub(super) fn is_line(points: &[(i64, f64)], (from, to): (i64, i64)) -> bool {
    let shown = |point: &&(i64, f64)| (from..=to).contains(&point.0) && point.1.is_finite();
    points.iter().filter(shown).nth(1).is_some()
}

/// Draws a line into `rect`, and the area below it in `fill` where there is one.
pub(super) fn draw(
    painter: &mut Painter,
    points: &[(i64, f64)],
    window: (i64, i64),
    rect: &Rect,
    (width, ink, fill): (f32, Ink, Option<Ink>),
) {
    let points = sorted(points);
    let points = inside(&points, window);
    let runs = runs(points, window, &Rect { top: rect.top + width, bottom: rect.bottom - width, ..*rect });
    let clip = painter.canvas.clip(rect);
    if let Some(ink) = fill {
        // the fill would be gone one height below the tile: at its bottom half is left
        let base = rect.bottom + rect.height();
        let shade = Shade { from: (rect.top, ink), to: (base, Ink::faint(ink.color, 0.0)) };
        let area = Area { base, shade };
        painter.area(clip, runs.iter().map(Vec::as_slice), area);
    }
    painter.lines(clip, runs.iter().map(Vec::as_slice), width, ink);
    for point in runs.iter().filter(|run| run.len() == 1).map(|run| run[0]) {
        painter.dot(point, width, ink);
    }
}

/// The pieces between gaps, in pixels.
fn runs(points: &[(i64, f64)], (from, to): (i64, i64), rect: &Rect) -> Vec<Vec<Point>> {
    let finite = || points.iter().map(|point| point.1).filter(|value| value.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    // halves: the whole span of two numbers may be infinite
    let span = 0.5 * high - 0.5 * low;
    let share = |value: f64| if span > 0.0 { (0.5 * value - 0.5 * low) / span } else { 0.5 };
    let place = |&(time, value): &(i64, f64)| {
        let across = (time as f64 - from as f64) / (to as f64 - from as f64);
        at(rect.left + across as f32 * rect.width(), rect.bottom - share(value) as f32 * rect.height())
    };
    let pieces = points.chunk_by(|a, b| a.1.is_finite() && b.1.is_finite());
    let pieces = pieces.map(|piece| piece.iter().filter(|point| point.1.is_finite()).map(place).collect::<Vec<_>>());
    pieces.filter(|run| !run.is_empty()).map(thinned).collect()
}

/// With many points per column of pixels, the first, the lowest, the highest and the last of each.
fn thinned(run: Vec<Point>) -> Vec<Point> {
    let mut kept = Vec::new();
    for column in run.chunk_by(|a, b| a.x.floor() == b.x.floor()) {
        let by_row = |a: &&Point, b: &&Point| a.y.total_cmp(&b.y);
        match (column.iter().max_by(by_row), column.iter().min_by(by_row)) {
            (Some(low), Some(high)) if column.len() > 4 => {
                let (first, second) = if low.x <= high.x { (low, high) } else { (high, low) };
                kept.extend([column[0], *first, *second, column[column.len() - 1]]);
            }
            _ => kept.extend_from_slice(column),
        }
    }
    kept
}
