//! Where the tiles of a stat panel stand.
//!
//! It does not know what is in them.

use super::Orientation;
use crate::raster::Rect;
use crate::sizes::Sizes;

/// Points between tiles.
const GAP: f32 = 8.0;
/// Smaller tiles, in points, show nothing that can be read.
const NARROWEST: f32 = 56.0;
pub(super) const LOWEST: f32 = 24.0;

/// At most `count` tiles: fewer where there is no room. Those of an incomplete last row are wider.
pub(super) fn tiles(body: &Rect, count: usize, orientation: Orientation, sizes: Sizes) -> Vec<Rect> {
    let gap = sizes.px(GAP);
    let fitting = |room: f32, least: f32| (((room + gap) / (sizes.px(least) + gap)) as usize).max(1);
    let most = (fitting(body.width(), NARROWEST), fitting(body.height(), LOWEST));
    let (columns, count) = match orientation {
        Orientation::Vertical => (count.min(most.0), count.min(most.0)),
        Orientation::Horizontal => (1, count.min(most.1)),
        Orientation::Auto => {
            let count = count.min(most.0 * most.1);
            (columns(body, count, most, gap), count)
        }
    };
    let rows = count.div_ceil(columns.max(1));
    let tile = |index: usize| {
        let (row, column) = (index / columns, index % columns);
        let in_row = columns.min(count - row * columns);
        let (left, right) = part(body.left, body.right, column, in_row, gap);
        let (top, bottom) = part(body.top, body.bottom, row, rows, gap);
        Rect::new(left, top, right, bottom)
    };
    (0..count).map(tile).collect()
}

/// As many columns as make the shorter sides of the tiles longest; of equals the fewest, so that rows are alike.
fn columns(body: &Rect, count: usize, most: (usize, usize), gap: f32) -> usize {
    let side = |columns: &usize| {
        let rows = count.div_ceil(*columns);
        let size = |room: f32, parts: usize| (room + gap) / parts as f32 - gap;
        size(body.width(), *columns).min(size(body.height(), rows))
    };
    let fits = |columns: &usize| count.div_ceil(*columns) <= most.1;
    let best = (1..=count.min(most.0)).rev().filter(fits).max_by(|a, b| side(a).total_cmp(&side(b)));
    best.unwrap_or(1)
}

/// One of equal parts of a length, its ends on whole pixels.
fn part(from: f32, to: f32, index: usize, parts: usize, gap: f32) -> (f32, f32) {
    let length = (to - from + gap) / parts as f32;
    let start = from + index as f32 * length;
    (start.round(), (start + length - gap).round())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (columns of the first row, rows) of a body of 972 by 440 points, or as said.
    #[track_caller]
    fn check((width, height): (f32, f32), count: usize, orientation: Orientation, expected: (usize, usize, usize)) {
        let body = Rect::new(0.0, 0.0, width, height);
        let tiles = tiles(&body, count, orientation, Sizes::new(1));
        let columns = tiles.iter().filter(|tile| tile.top == 0.0).count();
        let rows = tiles.iter().filter(|tile| tile.left == 0.0).count();
        assert_eq!((columns, rows, tiles.len()), expected, "{count} in {width}x{height}");
        for (index, tile) in tiles.iter().enumerate() {
            assert!(tile.right <= width && tile.bottom <= height && tile.width() > 0.0 && tile.height() > 0.0);
            assert!(tiles.iter().skip(index + 1).all(|other| !tile.overlaps(other)));
        }
    }

    #[test]
    fn tiles_are_as_square_as_can_be() {
        let body = (972.0, 440.0);
        for (count, columns, rows) in [(1, 1, 1), (2, 2, 1), (3, 3, 1), (5, 3, 2), (8, 4, 2), (12, 6, 2), (40, 10, 4)] {
            check(body, count, Orientation::Auto, (columns, rows, count));
        }
        check((400.0, 900.0), 2, Orientation::Auto, (1, 2, 2));
    }

    #[test]
    fn orientation_is_obeyed_as_long_as_there_is_room() {
        check((972.0, 440.0), 3, Orientation::Horizontal, (1, 3, 3));
        check((972.0, 440.0), 3, Orientation::Vertical, (3, 1, 3));
        check((972.0, 440.0), 100, Orientation::Horizontal, (1, 14, 14));
        check((972.0, 440.0), 100, Orientation::Vertical, (15, 1, 15));
        check((972.0, 440.0), 1000, Orientation::Auto, (15, 14, 210));
        check((72.0, 40.0), 5, Orientation::Auto, (1, 1, 1));
    }
}
