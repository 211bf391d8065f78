//! Texts that run up or down: the glyphs of a level text, turned pixel by pixel.
//!
//! It does not know axes.

use super::painter::place;
use super::{Font, Ink, Painter, Point, at};

/// The way a text is turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It reads upwards.
    Up,
    /// It reads downwards.
    Down,
}

impl Painter {
    /// Writes a text whose baseline starts at `pen` and is turned by a quarter.
    pub(crate) fn turned_text(&mut self, text: &str, pen: Point, turn: Turn, font: Font, ink: Ink) {
        // glyphs are placed on whole pixels right of and below the picture's corner, so the level text stands away from it
        let origin = (2.0 * font.size).ceil();
        let (column, row) = (pen.x.round(), pen.y.round());
        let canvas = &mut self.canvas;
        place(&mut self.glyphs, text, at(origin, origin), font, |x, y, covered| {
            let (along, down) = (x as f32 - origin, y as f32 - origin);
            let (x, y) = match turn {
                Turn::Up => (column + down, row - along - 1.0),
                Turn::Down => (column - down - 1.0, row + along),
            };
            if x >= 0.0 && y >= 0.0 {
                canvas.blend(x as usize, y as usize, ink.color, ink.weight(f32::from(covered) / 255.0));
            }
        });
    }
}
