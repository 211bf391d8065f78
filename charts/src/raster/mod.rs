//! The rasteriser: shapes to pixels. It knows coverage, colours and glyphs, and no word of charts.
//!
//! Why not a library: a chart is made of lines that run from left to right, and coverage summed **down each column**
//! makes such a line touch a handful of pixels per column, without sorting and without looking at the rest. That is
//! several times faster than a general scan converter, and being plain `f32` arithmetic without SIMD dispatch it
//! gives the same picture on every machine.

mod area;
mod canvas;
mod coverage;
mod fonts;
mod glyphs;
mod painter;
mod shade;
mod stroke;
mod upright;

pub(crate) use area::Area;
pub(crate) use canvas::{Canvas, Clip, Ink};
pub(crate) use fonts::Weight;
pub(crate) use glyphs::Font;
pub(crate) use painter::Painter;
pub(crate) use shade::Shade;
pub(crate) use upright::Turn;

/// A place in the picture, in pixels; y grows downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f32,
    pub(crate) y: f32,
}

/// Short for [`Point`].
pub(crate) fn at(x: f32, y: f32) -> Point {
    Point { x, y }
}

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) right: f32,
    pub(crate) bottom: f32,
}

impl Rect {
    pub(crate) fn new(left: f32, top: f32, right: f32, bottom: f32) -> Rect {
        Rect { left, top, right, bottom }
    }

    pub(crate) fn width(&self) -> f32 {
        self.right - self.left
    }

    pub(crate) fn height(&self) -> f32 {
        self.bottom - self.top
    }

    pub(crate) fn overlaps(&self, other: &Rect) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    pub(crate) fn contains(&self, point: Point) -> bool {
        (self.left..=self.right).contains(&point.x) && (self.top..=self.bottom).contains(&point.y)
    }

    /// The same rectangle with `by` more on every side.
    pub(crate) fn grown(&self, by: f32) -> Rect {
        Rect::new(self.left - by, self.top - by, self.right + by, self.bottom + by)
    }
}
