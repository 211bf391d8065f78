//! How a line gets from point to point: in steps, or in a curve that does not overshoot.
//!
//! It works on pixels and does not know values. Straight lines need none of it.

use crate::Interpolation;
use crate::raster::{Point, at};

/// The path through a run of points (which go from left to right), inside of two columns of pixels.
pub(crate) fn path(run: &[Point], how: Interpolation, columns: (f32, f32), into: &mut Vec<Point>) {
    match how {
        _ if run.len() < 2 => into.extend_from_slice(run),
        Interpolation::Linear => into.extend_from_slice(run),
        Interpolation::Smooth => smooth(run, columns, into),
        Interpolation::StepBefore => steps(run, |_, to| to.y, columns, into),
        Interpolation::StepAfter => steps(run, |from, _| from.y, columns, into),
    }
}

/// One level piece for each segment; its neighbours' levels at the same column make the jumps.
fn steps(run: &[Point], level: fn(Point, Point) -> f32, (left, right): (f32, f32), into: &mut Vec<Point>) {
    let visible = |point: &&Point| (left..=right).contains(&point.x);
    into.extend(run.first().filter(visible));
    for pair in run.windows(2) {
        let (from, to) = (pair[0].x.max(left), pair[1].x.min(right));
        if from <= to {
            let level = level(pair[0], pair[1]);
            into.extend([at(from, level), at(to, level)]);
        }
    }
    into.extend(run.last().filter(visible));
}

/// Pixels between two samples of a curve.
const SAMPLE: f32 = 3.0;

/// Cubic pieces whose slopes at the points are those of uPlot's spline, so that the curve looks as in Grafana.
fn smooth(run: &[Point], (left, right): (f32, f32), into: &mut Vec<Point>) {
    let slopes = slopes(run);
    for (pair, slopes) in run.windows(2).zip(slopes.windows(2)) {
        let (from, to) = (pair[0].x.max(left), pair[1].x.min(right));
        if from > to {
            continue;
        }
        let pieces = ((to - from) / SAMPLE).ceil().clamp(1.0, 4096.0) as u16;
        let column = |piece: u16| from + (to - from) * f32::from(piece) / f32::from(pieces);
        let sample = |piece: u16| at(column(piece), cubic(pair[0], pair[1], (slopes[0], slopes[1]), column(piece)));
        into.extend((0..=pieces).map(sample));
    }
}

/// The slope at each point: the harmonic mean of its neighbours' slopes, and level at a peak (Fritsch and Butland).
fn slopes(run: &[Point]) -> Vec<f32> {
    let segments: Vec<(f32, f32)> = run
        .windows(2)
        .map(|pair| {
            let width = pair[1].x - pair[0].x;
            (width, if width > 1e-3 { (pair[1].y - pair[0].y) / width } else { 0.0 })
        })
        .collect();
    let inner = segments.windows(2).map(|pair| {
        let ((width, slope), (next_width, next_slope)) = (pair[0], pair[1]);
        if slope * next_slope <= 0.0 {
            return 0.0;
        }
        let mean =
            3.0 * (width + next_width) / ((2.0 * next_width + width) / slope + (next_width + 2.0 * width) / next_slope);
        if mean.is_finite() { mean } else { 0.0 }
    });
    let end = |segment: Option<&(f32, f32)>| segment.map(|segment| segment.1);
    end(segments.first()).into_iter().chain(inner).chain(end(segments.last())).collect()
}

/// The row at `x` of the cubic from one point to another with these slopes.
fn cubic(from: Point, to: Point, (slope, next_slope): (f32, f32), x: f32) -> f32 {
    let width = to.x - from.x;
    if width <= 1e-3 {
        return if x < to.x { from.y } else { to.y };
    }
    let t = ((x - from.x) / width).clamp(0.0, 1.0);
    let (a, b) = (slope * width - (to.y - from.y), (to.y - from.y) - next_slope * width);
    from.y + (to.y - from.y) * t + t * (1.0 - t) * (a * (1.0 - t) + b * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(points: &[(f32, f32)], how: Interpolation) -> Vec<(f32, f32)> {
        let run: Vec<Point> = points.iter().map(|(x, y)| at(*x, *y)).collect();
        let mut into = Vec::new();
        path(&run, how, (0.0, 100.0), &mut into);
        let mut seen: Vec<(f32, f32)> = into.iter().map(|point| (point.x, point.y)).collect();
        seen.dedup();
        seen
    }

    #[test]
    fn steps_jump_where_they_say() {
        let points = [(10.0, 1.0), (20.0, 5.0), (30.0, 3.0)];
        let check = |how, expected: &[(f32, f32)]| assert_eq!(drawn(&points, how), expected, "{how:?}");
        check(Interpolation::StepAfter, &[(10.0, 1.0), (20.0, 1.0), (20.0, 5.0), (30.0, 5.0), (30.0, 3.0)]);
        check(Interpolation::StepBefore, &[(10.0, 1.0), (10.0, 5.0), (20.0, 5.0), (20.0, 3.0), (30.0, 3.0)]);
    }

    #[test]
    fn what_lies_outside_ends_at_the_edge() {
        let points = [(-50.0, 1.0), (50.0, 5.0), (150.0, 3.0)];
        let check = |how, expected: &[(f32, f32)]| assert_eq!(drawn(&points, how), expected, "{how:?}");
        check(Interpolation::StepAfter, &[(0.0, 1.0), (50.0, 1.0), (50.0, 5.0), (100.0, 5.0)]);
        check(Interpolation::StepBefore, &[(0.0, 5.0), (50.0, 5.0), (50.0, 3.0), (100.0, 3.0)]);
        let smooth = drawn(&points, Interpolation::Smooth);
        assert_eq!((smooth[0].0, smooth[smooth.len() - 1].0), (0.0, 100.0));
    }

    #[test]
    fn curves_pass_through_their_points_and_do_not_overshoot() {
        let points = [(0.0, 10.0), (30.0, 10.0), (60.0, 90.0), (61.0, 88.0), (61.0, 20.0), (100.0, 20.0)];
        let smooth = drawn(&points, Interpolation::Smooth);
        assert!(smooth.is_sorted_by(|a, b| a.0 <= b.0), "{smooth:?}");
        assert!(smooth.iter().all(|(_, y)| (10.0..=90.0).contains(y)), "{smooth:?}");
        for point in points {
            assert!(smooth.contains(&point), "{point:?} in {smooth:?}");
        }
        assert!(smooth.len() > 25, "{smooth:?}");
    }
}
