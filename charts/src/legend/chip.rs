//! The piece of a series' line beside its name.

use super::ROW;
use super::entries::Entry;
use crate::Role;
use crate::raster::{Ink, Painter, Rect};
use crate::sizes::Sizes;

/// The width of the piece, and the gap to the name.
pub(super) const CHIP: f32 = 14.0;
pub(super) const CHIP_GAP: f32 = 7.0;

/// Draws it as the line looks in the plot.
pub(super) fn draw(painter: &mut Painter, entry: &Entry, (left, top): (f32, f32), sizes: Sizes) {
    let px = |points| sizes.px(points);
    let thickness = if entry.role == Role::Highlighted { 5.0 } else { 4.0 };
    let middle = (top + px(0.5 * ROW)).round();
    let chip = |from: f32, to: f32| {
        let (top, bottom) = (middle - px(0.5 * thickness), middle + px(0.5 * thickness));
        Rect::new(left + px(from), top, left + px(to), bottom)
    };
    let pieces: &[(f32, f32)] = if entry.dashed { &[(0.0, 6.0), (8.0, CHIP)] } else { &[(0.0, CHIP)] };
    for (from, to) in pieces {
        painter.rounded(&chip(*from, *to), px(2.0), Ink::solid(entry.color));
    }
}

/// Where a text in the row that starts at `top` stands.
pub(super) fn baseline(top: f32, sizes: Sizes) -> f32 {
    top + sizes.px(14.5)
}
