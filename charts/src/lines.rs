//! A series' points to lines in pixels: sorted, cut into runs at gaps, clipped to the window, thinned.
//!
//! It does not know colours or widths; `scene.rs` decides how a line looks.

use std::borrow::Cow;

use crate::plot::Plot;
use crate::raster::{Point, Rect, at};
use crate::{Gaps, Interpolation, SeriesLook, interpolate};

/// What one series draws.
#[derive(Debug, Default)]
pub(crate) struct Line {
    points: Vec<Point>,
    /// For each run, the index after its last point.
    ends: Vec<usize>,
    /// Infinite values: the column, and whether it is positive.
    pub(crate) infinite: Vec<(f32, bool)>,
    /// Where the values in the window are, of a series that has a look of its own.
    pub(crate) values: Vec<Point>,
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
    /// The line of a series without a look of its own, with one neighbour on either side of the window.
    pub(crate) fn new(step_ms: i64, points: &[(i64, f64)], plot: &Plot<'_>) -> Line {
        let first = points.partition_point(|point| point.0 < plot.window.0).saturating_sub(1);
        let mut line = Line::default();
        let mut before: Option<i64> = None;
        for &(at_ms, value) in to_neighbour(points, first, plot) {
            if before.is_some_and(|before| is_gap(before, at_ms, step_ms)) {
                line.end_run();
            }
            before = Some(at_ms);
            if line.add(at_ms, value, plot).is_none() {
                line.end_run();
            }
        }
        line.end_run();
        line.clip(&plot.rect);
        line.thin(plot.rect.width());
        line
    }

    /// The line of a series with a look of its own, from the last value before the window to the first after it.
    pub(crate) fn of_look(look: &SeriesLook, points: &[(i64, f64)], plot: &Plot<'_>) -> Line {
        let inside = points.partition_point(|point| point.0 < plot.window.0);
        let first = points.get(..inside).unwrap_or_default().iter().rposition(|point| point.1.is_finite());
        let mut line = Line::default();
        // the last value, and whether one is missing after it
        let mut before: Option<(i64, bool)> = None;
        for &(at_ms, value) in to_neighbour(points, first.unwrap_or(inside), plot) {
            if value.is_finite() && before.is_some_and(|(before, missing)| missing && !joined(look.gaps, before, at_ms))
            {
                line.end_run();
            }
            let added = line.add(at_ms, value, plot);
            before = if added.is_some() { Some((at_ms, false)) } else { before.map(|(before, _)| (before, true)) };
            line.values.extend(added.filter(|_| (plot.window.0..=plot.window.1).contains(&at_ms)));
        }
        line.end_run();
        if look.interpolation == Interpolation::Linear {
            line.clip(&plot.rect);
        } else {
            line.interpolate(look.interpolation, &plot.rect);
        }
        line.thin(plot.rect.width());
        line
    }

    /// Adds a value to the run; none where it has no place, and then the run may have to end.
    fn add(&mut self, at_ms: i64, value: f64, plot: &Plot<'_>) -> Option<Point> {
        if value.is_infinite() && (plot.window.0..=plot.window.1).contains(&at_ms) {
            self.infinite.push((plot.x(at_ms), value > 0.0));
        }
        let row = Some(value).filter(|value| value.is_finite()).map(|value| plot.y(value));
        let point = at(plot.x(at_ms), row.filter(|row| row.is_finite())?);
        self.points.push(point);
        Some(point)
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

    /// Puts the path through the points in the place of each run that the window shows.
    fn interpolate(&mut self, how: Interpolation, rect: &Rect) {
        let (mut points, mut ends) = (Vec::new(), Vec::new());
        for run in self.runs() {
            let start = points.len();
            let visible = run[run.len() - 1].x >= rect.left - 0.01 && run[0].x <= rect.right + 0.01;
            if visible {
                interpolate::path(run, how, (rect.left, rect.right), &mut points);
            }
            if points.len() > start {
                ends.push(points.len());
            }
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

/// The points from an index to the first one after the window.
fn to_neighbour<'a>(points: &'a [(i64, f64)], first: usize, plot: &Plot<'_>) -> &'a [(i64, f64)] {
    let last = (points.partition_point(|point| point.0 <= plot.window.1) + 1).min(points.len());
    points.get(first..last).unwrap_or_default()
}

/// Whether a line goes on where values are missing between two.
fn joined(gaps: Gaps, before: i64, after: i64) -> bool {
    match gaps {
        Gaps::Break => false,
        Gaps::Connect => true,
        Gaps::ConnectUpTo(most) => i128::from(after) - i128::from(before) <= i128::from(most),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::axis::ValueAxis;

    /// The runs of a line with these gaps, as columns; a value each ten columns.
    #[track_caller]
    fn check(gaps: Gaps, values: &[f64], expected: &[&[i64]]) {
        let axis = ValueAxis::new((0.0, 10.0), 5, &crate::Unit::None, None);
        let plot = Plot { rect: Rect::new(0.0, 0.0, 100.0, 100.0), window: (0, 100), axis: &axis };
        let points: Vec<(i64, f64)> = (0..).step_by(10).zip(values.iter().copied()).collect();
        let line = Line::of_look(&SeriesLook { gaps, ..SeriesLook::default() }, &points, &plot);
        let runs: Vec<Vec<i64>> =
            line.runs().map(|run| run.iter().map(|point| point.x.round() as i64).collect()).collect();
        assert_eq!(runs, expected, "{gaps:?}");
    }

    #[test]
    fn gaps_are_as_the_look_has_them() {
        const NAN: f64 = f64::NAN;
        let values = [1.0, 2.0, NAN, 3.0, NAN, NAN, 4.0];
        check(Gaps::Break, &values, &[&[0, 10], &[30], &[60]]);
        check(Gaps::Connect, &values, &[&[0, 10, 30, 60]]);
        check(Gaps::ConnectUpTo(20), &values, &[&[0, 10, 30], &[60]]);
        check(Gaps::ConnectUpTo(i64::MIN), &values, &[&[0, 10], &[30], &[60]]);
        check(Gaps::Break, &[NAN, f64::INFINITY], &[]);
    }

    #[test]
    fn points_that_are_only_far_apart_are_joined() {
        let axis = ValueAxis::new((0.0, 10.0), 5, &crate::Unit::None, None);
        let plot = Plot { rect: Rect::new(0.0, 0.0, 100.0, 100.0), window: (0, 100), axis: &axis };
        let line = Line::of_look(&SeriesLook::default(), &[(0, 1.0), (1, 1.0), (90, 1.0)], &plot);
        assert_eq!(line.runs().count(), 1);
    }
}
