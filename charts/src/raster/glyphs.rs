//! Glyphs as small pictures of coverage, kept for the next time, and the widths of texts.
//!
//! It does not know colours, nor where a text stands.

use std::collections::HashMap;

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{GlyphId, MetadataProvider};

use super::coverage::Coverage;
use super::fonts::Weight;
use super::{Clip, Point, at};

/// A font at a size in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Font {
    pub(crate) weight: Weight,
    pub(crate) size: f32,
}

impl Font {
    /// The width of a text in pixels.
    pub(crate) fn width(&self, text: &str) -> f32 {
        let face = self.weight.face();
        text.chars().map(|character| face.advance(face.glyph(character))).sum::<f32>() * self.size
    }
}

/// The picture of one glyph; `left` and `top` are its place relative to the pen.
#[derive(Debug, Default)]
pub(super) struct Glyph {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) width: usize,
    /// Rows of `width` bytes, 255 where fully covered.
    pub(super) coverage: Vec<u8>,
}

/// Where between two pixels a glyph stands, in quarters.
pub(super) const PHASES: f32 = 4.0;

/// Glyphs drawn before, by font, size, glyph and phase.
#[derive(Debug, Default)]
pub(super) struct Glyphs {
    drawn: HashMap<(Weight, u32, GlyphId, u8), Glyph>,
    /// Bytes of coverage in `drawn`.
    bytes: usize,
    scratch: Coverage,
}

/// More than the Latin alphabet in all fonts and phases; names of thousands of characters must not fill the memory.
const CAPACITY: usize = 4096;
/// Nor may the large digits of a few stat panels.
const MOST_BYTES: usize = 4_000_000;

impl Glyphs {
    pub(super) fn get(&mut self, font: Font, id: GlyphId, phase: u8) -> &Glyph {
        if self.drawn.len() >= CAPACITY || self.bytes >= MOST_BYTES {
            self.drawn.clear();
            self.bytes = 0;
        }
        let (scratch, bytes) = (&mut self.scratch, &mut self.bytes);
        self.drawn.entry((font.weight, font.size.to_bits(), id, phase)).or_insert_with(|| {
            let glyph = draw(scratch, font, id, f32::from(phase) / PHASES);
            *bytes += glyph.coverage.len();
            glyph
        })
    }
}

fn draw(coverage: &mut Coverage, font: Font, id: GlyphId, shift: f32) -> Glyph {
    let mut outline = Outline { shift, pieces: pieces(font.size), ..Outline::default() };
    let settings = DrawSettings::unhinted(Size::new(font.size), LocationRef::default());
    let drawn = font.weight.face().font.outline_glyphs().get(id).map(|glyph| glyph.draw(settings, &mut outline));
    if !matches!(drawn, Some(Ok(_))) || outline.edges.is_empty() {
        return Glyph::default();
    }
    rasterise(coverage, &outline.edges)
}

fn rasterise(coverage: &mut Coverage, edges: &[(Point, Point)]) -> Glyph {
    let points = || edges.iter().flat_map(|(from, to)| [from, to]);
    let bound = |value: fn(&Point) -> f32, pick: fn(f32, f32) -> f32| points().map(value).reduce(pick).unwrap_or(0.0);
    let (left, top) = (bound(|p| p.x, f32::min).floor(), bound(|p| p.y, f32::min).floor());
    let width = (bound(|p| p.x, f32::max).ceil() - left) as usize;
    let height = (bound(|p| p.y, f32::max).ceil() - top) as usize;
    coverage.begin(Clip { x0: 0, y0: 0, x1: width, y1: height });
    let moved = |point: &Point| at(point.x - left, point.y - top);
    edges.iter().for_each(|(from, to)| coverage.edge(moved(from), moved(to)));
    let mut pixels = vec![0; width * height];
    coverage.drain(|x, first, sums, _| {
        let mut covered = 0.0;
        for (y, sum) in (first..height).zip(sums) {
            covered += sum;
            pixels[y * width + x] = (covered.abs().min(1.0) * 255.0 + 0.5) as u8;
        }
    });
    Glyph { left: left as i32, top: top as i32, width, coverage: pixels }
}

/// Collects a glyph's outline as straight edges, y downwards.
#[derive(Debug, Default)]
struct Outline {
    shift: f32,
    /// Straight pieces per curve.
    pieces: u8,
    start: Option<Point>,
    pen: Option<Point>,
    edges: Vec<(Point, Point)>,
}

/// Straight pieces per curve: six are enough for letters of 30 pixels; their distance to the curve grows with the size and shrinks with the
/// square of their number.
fn pieces(size: f32) -> u8 {
    (6.0 * (size / 30.0).max(1.0).sqrt()).ceil().min(64.0) as u8
}

impl Outline {
    fn edge_to(&mut self, point: Point) {
        if let Some(pen) = self.pen.replace(point) {
            self.edges.push((pen, point));
        }
    }

    fn curve(&mut self, place: impl Fn(f32) -> Point) {
        (1..=self.pieces).for_each(|piece| self.edge_to(place(f32::from(piece) / f32::from(self.pieces))));
    }

    fn place(&self, x: f32, y: f32) -> Point {
        at(x + self.shift, -y)
    }
}

impl OutlinePen for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.close();
        self.start = Some(self.place(x, y));
        self.pen = self.start;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.edge_to(self.place(x, y));
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let from = self.pen.unwrap_or(at(0.0, 0.0));
        let (control, to) = (self.place(cx, cy), self.place(x, y));
        self.curve(|t| between(between(from, control, t), between(control, to, t), t));
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        let from = self.pen.unwrap_or(at(0.0, 0.0));
        let (a, b, to) = (self.place(ax, ay), self.place(bx, by), self.place(x, y));
        self.curve(|t| {
            let middle = between(a, b, t);
            between(between(between(from, a, t), middle, t), between(middle, between(b, to, t), t), t)
        });
    }

    fn close(&mut self) {
        if let Some(start) = self.start.take() {
            self.edge_to(start);
        }
        self.pen = None;
    }
}

fn between(from: Point, to: Point, t: f32) -> Point {
    at(from.x + (to.x - from.x) * t, from.y + (to.y - from.y) * t)
}
