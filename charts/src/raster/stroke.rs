//! Lines with a width: a polyline to the outline that [`Coverage`] sums.
//!
//! Each segment is a strip, each sharp joint a wedge on its outer side; all wind the same way, so that overlaps only add
//! up and are cut at full coverage. It knows no colours and no clipping.

use super::coverage::Coverage;
use super::{Clip, Point, at};

/// A segment whose start has been joined to what was before it.
struct Segment {
    /// Where its edges start, to its left and to its right.
    left: Point,
    right: Point,
    end: Point,
    /// From its middle to its left edge.
    side: Point,
}

/// Adds the outline of `points` drawn with a pen of `width`. Points closer than a hundredth of a pixel are one.
pub(super) fn polyline(coverage: &mut Coverage, points: &[Point], width: f32) {
    let half = width * 0.5;
    let Some(mut start) = points.first().copied() else { return };
    let mut before: Option<Segment> = None;
    for &end in points.iter().skip(1) {
        let Some(side) = side_of(start, end, half) else { continue };
        let (left, right) = match before {
            None => cap(coverage, start, side),
            Some(segment) => join(coverage, &segment, side, half),
        };
        before = Some(Segment { left, right, end, side });
        start = end;
    }
    if let Some(Segment { left, right, end, side }) = before {
        edges(coverage, (left, right), (plus(end, side), minus(end, side)));
        cap(coverage, end, at(-side.x, -side.y));
    }
}

/// Adds the two long edges of a segment.
fn edges(coverage: &mut Coverage, (left, right): (Point, Point), (left_end, right_end): (Point, Point)) {
    coverage.edge(left, left_end);
    coverage.edge(right_end, right);
}

/// The part of a run (from left to right) that a pen of `width` draws into the columns of `clip`.
pub(super) fn near(run: &[Point], clip: Clip, width: f32) -> &[Point] {
    let (left, right) = (clip.x0 as f32 - width - 1.0, clip.x1 as f32 + width + 1.0);
    let first = run.partition_point(|point| point.x < left).saturating_sub(1);
    let last = (run.partition_point(|point| point.x <= right) + 1).min(run.len());
    run.get(first..last).unwrap_or_default()
}

/// The vector from the segment to its left edge; none for a segment without length.
fn side_of(start: Point, end: Point, half: f32) -> Option<Point> {
    let (dx, dy) = (end.x - start.x, end.y - start.y);
    let length = (dx * dx + dy * dy).sqrt();
    (length > 0.01).then(|| at(dy * (half / length), -dx * (half / length)))
}

/// Closes the outline at one end of the line; answers where its edges start.
fn cap(coverage: &mut Coverage, end: Point, side: Point) -> (Point, Point) {
    let (left, right) = (plus(end, side), minus(end, side));
    coverage.edge(right, left);
    (left, right)
}

/// Ends a segment where the next one, with the side `after`, starts; answers where the next one's edges start.
///
/// In a gentle turn the edges are drawn to where they meet. Else there is a wedge with one corner in its middle on the
/// outer side, and the way through the joint on the inner one.
fn join(coverage: &mut Coverage, segment: &Segment, after: Point, half: f32) -> (Point, Point) {
    let Segment { left, right, end: joint, side: before } = *segment;
    let gentle = (before.x - after.x).powi(2) + (before.y - after.y).powi(2) < half * half;
    if gentle {
        let sum = plus(before, after);
        let stretch = 2.0 * half * half / (sum.x * sum.x + sum.y * sum.y);
        let corner = at(sum.x * stretch, sum.y * stretch);
        let meeting = (plus(joint, corner), minus(joint, corner));
        edges(coverage, (left, right), meeting);
        return meeting;
    }
    edges(coverage, (left, right), (plus(joint, before), minus(joint, before)));
    wedge(coverage, joint, before, after, half);
    (plus(joint, after), minus(joint, after))
}

fn wedge(coverage: &mut Coverage, joint: Point, before: Point, after: Point, half: f32) {
    let turns_left = before.x * after.y - before.y * after.x < 0.0;
    if turns_left {
        coverage.edge(plus(joint, before), joint);
        coverage.edge(joint, plus(joint, after));
        let corner = rounding(at(-before.x, -before.y), at(-after.x, -after.y), half, 1.0);
        coverage.edge(minus(joint, after), plus(joint, corner));
        coverage.edge(plus(joint, corner), minus(joint, before));
    } else {
        let corner = rounding(before, after, half, -1.0);
        coverage.edge(plus(joint, before), plus(joint, corner));
        coverage.edge(plus(joint, corner), plus(joint, after));
        coverage.edge(minus(joint, after), joint);
        coverage.edge(joint, minus(joint, before));
    }
}

/// The middle of the arc from `before` to `after`; in a full turn, the direction of travel.
fn rounding(before: Point, after: Point, half: f32, turn: f32) -> Point {
    let sum = plus(before, after);
    let length = (sum.x * sum.x + sum.y * sum.y).sqrt();
    if length > 0.2 * half {
        return at(sum.x * (half / length), sum.y * (half / length));
    }
    at(before.y * turn, -before.x * turn)
}

fn plus(a: Point, b: Point) -> Point {
    at(a.x + b.x, a.y + b.y)
}

fn minus(a: Point, b: Point) -> Point {
    at(a.x - b.x, a.y - b.y)
}

/// Cuts a polyline into dashes and hands out each; `pattern` is drawn and left out in turn. Its sum is not zero, and of
/// an odd number of lengths the last is drawn.
pub(super) fn dashes(points: &[Point], pattern: &[f32], mut visit: impl FnMut(&[Point])) {
    let mut dash: Vec<Point> = points.first().copied().into_iter().collect();
    let (mut turn, mut left) = (0, pattern[0]);
    for pair in points.windows(2) {
        let (mut start, end) = (pair[0], pair[1]);
        let mut length = ((end.x - start.x).powi(2) + (end.y - start.y).powi(2)).sqrt();
        while length > left {
            let share = left / length;
            start = at(start.x + (end.x - start.x) * share, start.y + (end.y - start.y) * share);
            length -= left;
            if turn % 2 == 0 {
                dash.push(start);
                visit(&dash);
            }
            dash.clear();
            dash.push(start);
            turn = (turn + 1) % pattern.len();
            left = pattern[turn];
        }
        left -= length;
        if turn % 2 == 0 {
            dash.push(end);
        }
    }
    if turn % 2 == 0 && dash.len() > 1 {
        visit(&dash);
    }
}
