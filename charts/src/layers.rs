//! What lies between two lines: the pieces of both over the same columns.
//!
//! It works on pixels and does not know why two lines belong together.

use crate::lines::Line;
use crate::raster::{Point, at};

/// The pieces where both lines have a run, cut to the columns that both have.
pub(crate) fn between(upper: &Line, lower: &Line) -> Vec<(Vec<Point>, Vec<Point>)> {
    let (mut uppers, mut lowers) = (upper.runs().peekable(), lower.runs().peekable());
    let mut pieces = Vec::new();
    while let (Some(&above), Some(&below)) = (uppers.peek(), lowers.peek()) {
        let (Some(above_ends), Some(below_ends)) = (ends(above), ends(below)) else { break };
        let columns = (above_ends.0.max(below_ends.0), above_ends.1.min(below_ends.1));
        if columns.0 < columns.1 {
            pieces.push((cut(above, columns), cut(below, columns)));
        }
        if above_ends.1 <= below_ends.1 {
            uppers.next();
        } else {
            lowers.next();
        }
    }
    pieces
}

/// The first and last column of a run.
fn ends(run: &[Point]) -> Option<(f32, f32)> {
    Some((run.first()?.x, run.last()?.x))
}

/// The part of a run between two columns that it has.
fn cut(run: &[Point], (left, right): (f32, f32)) -> Vec<Point> {
    let first = run.partition_point(|point| point.x < left);
    let last = run.partition_point(|point| point.x <= right);
    let inside = run.get(first..last).unwrap_or_default().iter().copied();
    let start = crossing(run, first, left).filter(|_| run.get(first).is_none_or(|point| point.x > left));
    let end = crossing(run, last, right).filter(|_| last > 0 && run[last - 1].x < right);
    start.into_iter().chain(inside).chain(end).collect()
}

/// Where the segment that ends at `index` passes a column.
fn crossing(run: &[Point], index: usize, column: f32) -> Option<Point> {
    let (from, to) = (run.get(index.checked_sub(1)?)?, run.get(index)?);
    let share = ((column - from.x) / (to.x - from.x)).clamp(0.0, 1.0);
    Some(at(column, from.y + (to.y - from.y) * share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_have_the_same_columns() {
        let run = [at(0.0, 0.0), at(10.0, 10.0), at(10.0, 20.0), at(20.0, 40.0)];
        let check = |columns, expected: &[(f32, f32)]| {
            let seen: Vec<(f32, f32)> = cut(&run, columns).iter().map(|point| (point.x, point.y)).collect();
            assert_eq!(seen, expected, "{columns:?}");
        };
        check((0.0, 20.0), &[(0.0, 0.0), (10.0, 10.0), (10.0, 20.0), (20.0, 40.0)]);
        check((5.0, 15.0), &[(5.0, 5.0), (10.0, 10.0), (10.0, 20.0), (15.0, 30.0)]);
        check((2.0, 4.0), &[(2.0, 2.0), (4.0, 4.0)]);
        check((10.0, 15.0), &[(10.0, 10.0), (10.0, 20.0), (15.0, 30.0)]);
    }
}
