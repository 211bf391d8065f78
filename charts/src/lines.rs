//! A series' points to lines in pixels: sorted, cut into runs at gaps, clipped to the window, thinned.
//!
//! It does not know colours or widths; `scene.rs` decides how a line looks.

use std::borrow::Cow;

use crate::Series;
use crate::axis::{ValueAxis, limited};
use crate::raster::{Point, Rect, at};

/// Where values and times lie in the picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plot<'a> {
    pub(crate) rect: Rect,
    pub(crate) window: (i64, i64),
    pub(crate) axis: &'a ValueAxis,
}

impl Plot<'_> {
    /// The column of a time.
    pub(crate) fn x(&self, at_ms: i64) -> f32 {
        // the difference of two i64 may not fit into one
        let passed = i128::from(at_ms) - i128::from(self.window.0);
        let share = passed as f64 / (self.window.1 - self.window.0) as f64;
        (f64::from(self.rect.left) + share * f64::from(self.rect.width())) as f32
    }

    /// The row of a value; far outside of the plot it stays within a few heights of it.
    pub(crate) fn y(&self, value: f64) -> f32 {
        let share = self.axis.share(limited(value)).clamp(-4.0, 5.0) as f32;
        self.rect.bottom - share * self.rect.height()
    }

    /// The row of zero, or of the end of the axis next to it: fills stand on it.
    pub(crate) fn base(&self) -> f32 {
        self.y(0.0_f64.clamp(self.axis.min, self.axis.max))
    }
}

/// What one series draws.
#[derive(Debug, Default)]
pub(crate) struct Line {
    points: Vec<Point>,
    /// For each run, the index after its last point.
    ends: Vec<usize>,
    /// Infinite values: the column, and whether it is positive.
    pub(crate) infinite: Vec<(f32, bool)>,
}

/// The points of a series in the order of time; of points at the same time the last one counts.
pub(crate) fn sorted(points: &[(i64, f64)]) -> Cow<'_, [(i64, f64)]> {
    if points.is_sorted_by(|a, b| a.0 < b.0) {
        return Cow::Borrowed(points);
    }
    let mut points = points.to_vec();
    points.sort_by_key(|point| point.0);
    points.reverse();
    points.dedup_by_key(|point| point.0);
    points.reverse();
    Cow::Owned(points)
}

/// The points inside of the window.
pub(crate) fn inside(points: &[(i64, f64)], (from, to): (i64, i64)) -> &[(i64, f64)] {
    let first = points.partition_point(|point| point.0 < from);
    let last = points.partition_point(|point| point.0 <= to);
    points.get(first..last).unwrap_or_default()
}

impl Line {
    /// The line of a series, with one neighbour on either side of the window.
    pub(crate) fn new(series: &Series, points: &[(i64, f64)], plot: &Plot<'_>) -> Line {
        let first = points.partition_point(|point| point.0 < plot.window.0).saturating_sub(1);
        let last = (points.partition_point(|point| point.0 <= plot.window.1) + 1).min(points.len());
        let mut line = Line::default();
        let mut before: Option<i64> = None;
        for &(at_ms, value) in points.get(first..last).unwrap_or_default() {
            if before.is_some_and(|before| is_gap(before, at_ms, series.step_ms)) {
                line.end_run();
            }
            before = Some(at_ms);
            if value.is_finite() {
                line.points.push(at(plot.x(at_ms), plot.y(value)));
                continue;
            }
            line.end_run();
            if value.is_infinite() && (plot.window.0..=plot.window.1).contains(&at_ms) {
                line.infinite.push((plot.x(at_ms), value > 0.0));
            }
        }
        line.end_run();
        line.clip(&plot.rect);
        line.thin(plot.rect.width());
        line
    }

    /// The connected pieces.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &[Point]> + Clone {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.points[start..*end])
    }

    /// Pieces of one point, which a line cannot show.
    pub(crate) fn dots(&self) -> impl Iterator<Item = Point> {
        self.runs().filter(|run| run.len() == 1).map(|run| run[0])
    }

    /// The highest and the lowest row.
    pub(crate) fn rows(&self) -> Option<(f32, f32)> {
        self.points.iter().map(|point| (point.y, point.y)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// How many segments pass through a rectangle.
    pub(crate) fn crossings<'a>(&'a self, rect: &Rect) -> usize {
        let near = |run: &'a [Point]| {
            let first = run.partition_point(|point| point.x < rect.left).saturating_sub(1);
            let last = (run.partition_point(|point| point.x <= rect.right) + 1).min(run.len());
            run.get(first..last).unwrap_or_default().windows(2)
        };
        self.runs().flat_map(near).filter(|pair| crosses(pair[0], pair[1], rect)).count()
    }

    fn end_run(&mut self) {
        if self.points.len() > self.ends.last().copied().unwrap_or(0) {
            self.ends.push(self.points.len());
        }
    }

    /// Moves neighbours outside of the window to its edge, and drops those that are alone.
    fn clip(&mut self, rect: &Rect) {
        let (mut points, mut ends) = (Vec::with_capacity(self.points.len()), Vec::with_capacity(self.ends.len()));
        for run in self.runs() {
            let visible = |point: &Point| (rect.left - 0.01..=rect.right + 0.01).contains(&point.x);
            let spans = run.len() > 1 && run[0].x < rect.left && run[run.len() - 1].x > rect.right;
            if !spans && !run.iter().any(visible) {
                continue;
            }
            let start = points.len();
            points.extend_from_slice(run);
            let run = &mut points[start..];
            let columns = (rect.left, rect.right);
            if let [first, second, ..] = run {
                *first = cut(*first, *second, columns);
            }
            if let [.., second, last] = run {
                *last = cut(*last, *second, columns);
            }
            ends.push(points.len());
        }
        (self.points, self.ends) = (points, ends);
    }

    /// With many points per column of pixels, keeps the first, lowest, highest and last of each.
    fn thin(&mut self, width: f32) {
        if (self.points.len() as f32) < 4.0 * width {
            return;
        }
        let (mut points, mut ends) = (Vec::new(), Vec::with_capacity(self.ends.len()));
        for run in self.runs() {
            run.chunk_by(|a, b| a.x.floor() == b.x.floor()).for_each(|column| keep_extremes(column, &mut points));
            ends.push(points.len());
        }
        (self.points, self.ends) = (points, ends);
    }
}

fn is_gap(before: i64, after: i64, step_ms: i64) -> bool {
    let passed = i128::from(after) - i128::from(before);
    step_ms > 0 && 2 * passed > 3 * i128::from(step_ms)
}

/// The end of a segment that may lie outside of the columns, moved along it to the column where it enters.
fn cut(outer: Point, inner: Point, (left, right): (f32, f32)) -> Point {
    let edge = outer.x.clamp(left, right);
    if edge == outer.x {
        return outer;
    }
    let share = ((edge - inner.x) / (outer.x - inner.x)).clamp(0.0, 1.0);
    at(edge, inner.y + (outer.y - inner.y) * share)
}

fn keep_extremes(column: &[Point], into: &mut Vec<Point>) {
    if column.len() <= 4 {
        into.extend_from_slice(column);
        return;
    }
    let by_row = |a: &&Point, b: &&Point| a.y.total_cmp(&b.y);
    let (Some(low), Some(high)) = (column.iter().max_by(by_row), column.iter().min_by(by_row)) else { return };
    let (first, second) = if low.x <= high.x { (low, high) } else { (high, low) };
    into.extend([column[0], *first, *second, column[column.len() - 1]]);
}

/// Whether a segment (which never runs backwards in time) passes through a rectangle.
fn crosses(from: Point, to: Point, rect: &Rect) -> bool {
    if to.x < rect.left || from.x > rect.right {
        return false;
    }
    let row = |x: f32| from.y + (to.y - from.y) * ((x - from.x) / (to.x - from.x).max(1e-6)).clamp(0.0, 1.0);
    let (a, b) = (row(rect.left.max(from.x)), row(rect.right.min(to.x)));
    a.min(b) <= rect.bottom && a.max(b) >= rect.top
}
