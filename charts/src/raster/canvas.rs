//! The picture under construction: opaque RGB pixels, row by row, just as the PNG wants them.
//!
//! It blends colours into pixels and runs of pixels; it does not know shapes.

use super::Rect;
use crate::Rgb;

/// Full coverage, and full opacity, as a weight of [`Canvas::blend`]: a power of two, so that blending shifts.
pub(crate) const FULL: u16 = 256;

/// A colour and how much of it: 1.0 hides what is below.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ink {
    pub(crate) color: Rgb,
    pub(crate) alpha: f32,
}

impl Ink {
    pub(crate) fn solid(color: Rgb) -> Ink {
        Ink { color, alpha: 1.0 }
    }

    pub(crate) fn faint(color: Rgb, alpha: f32) -> Ink {
        Ink { color, alpha }
    }

    /// The weight of a pixel that is covered by `coverage` (0.0 to 1.0).
    pub(super) fn weight(&self, coverage: f32) -> u16 {
        (coverage * self.alpha * f32::from(FULL) + 0.5) as u16
    }
}

/// The columns and rows that may be drawn to; `x1` and `y1` are the first ones outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clip {
    pub(crate) x0: usize,
    pub(crate) y0: usize,
    pub(crate) x1: usize,
    pub(crate) y1: usize,
}

/// Width times height pixels of three bytes.
#[derive(Debug, Default)]
pub(crate) struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    /// Starts a new picture, reusing the memory of the last one.
    pub(crate) fn reset(&mut self, width: usize, height: usize, background: Rgb) {
        (self.width, self.height) = (width, height);
        self.pixels.resize(width * height * 3, 0);
        let Some((first, rest)) = self.pixels.split_at_mut_checked(width * 3) else { return };
        first.as_chunks_mut::<3>().0.fill(bytes(background));
        rest.chunks_exact_mut(width * 3).for_each(|row| row.copy_from_slice(first));
    }

    pub(crate) fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The whole picture as a clip.
    pub(crate) fn bounds(&self) -> Clip {
        Clip { x0: 0, y0: 0, x1: self.width, y1: self.height }
    }

    /// The part of a rectangle (rounded to whole pixels) that lies in the picture.
    pub(crate) fn clip(&self, rect: &Rect) -> Clip {
        let within = |value: f32, end: usize| (value.round().max(0.0) as usize).min(end);
        let (x0, y0) = (within(rect.left, self.width), within(rect.top, self.height));
        let (x1, y1) = (within(rect.right, self.width), within(rect.bottom, self.height));
        Clip { x0, y0, x1: x1.max(x0), y1: y1.max(y0) }
    }

    /// Fills a rectangle, its edges rounded to whole pixels: crisp by construction.
    pub(crate) fn fill(&mut self, rect: &Rect, ink: Ink) {
        let clip = self.clip(rect);
        for y in clip.y0..clip.y1 {
            self.blend_run(clip.x0, clip.x1, y, ink.color, ink.weight(1.0));
        }
    }

    /// Blends one pixel, `weight` from 0 to [`FULL`]. Outside of the picture nothing happens.
    #[inline]
    pub(super) fn blend(&mut self, x: usize, y: usize, color: Rgb, weight: u16) {
        if x >= self.width {
            return;
        }
        let start = (y * self.width + x) * 3;
        if let Some(pixel) = self.pixels.get_mut(start..start + 3) {
            mix(pixel, &bytes(color), weight);
        }
    }

    /// Blends the pixels of one column from the row `top` downwards, each with its own weight.
    #[inline]
    pub(super) fn blend_column(&mut self, x: usize, top: usize, color: Rgb, weights: impl Iterator<Item = u16>) {
        if x >= self.width {
            return;
        }
        let start = (top * self.width + x) * 3;
        let Some(below) = self.pixels.get_mut(start..) else { return };
        for (row, weight) in below.chunks_mut(self.width * 3).zip(weights) {
            if let Some(pixel) = row.first_chunk_mut::<3>() {
                mix(pixel, &bytes(color), weight);
            }
        }
    }

    /// Blends the pixels `x0..x1` of one row alike.
    pub(super) fn blend_run(&mut self, x0: usize, x1: usize, y: usize, color: Rgb, weight: u16) {
        let row = y * self.width;
        let Some(run) = self.pixels.get_mut((row + x0) * 3..(row + x1) * 3) else { return };
        if weight >= FULL {
            run.as_chunks_mut::<3>().0.fill(bytes(color));
            return;
        }
        // sixteen pixels at a time: the compiler turns this into a few wide instructions
        let mut colors = [[0_u8; 3]; RUN];
        colors.fill(bytes(color));
        let colors = colors.as_flattened();
        let (blocks, rest) = run.as_chunks_mut::<{ RUN * 3 }>();
        blocks.iter_mut().for_each(|block| mix(block, colors, weight));
        mix(rest, colors, weight);
    }
}

/// Pixels that are blended in one go.
const RUN: usize = 16;

fn bytes(color: Rgb) -> [u8; 3] {
    [color.0, color.1, color.2]
}

#[inline]
fn mix(pixels: &mut [u8], colors: &[u8], weight: u16) {
    let keep = FULL - weight.min(FULL);
    for (below, above) in pixels.iter_mut().zip(colors) {
        *below = ((u16::from(*below) * keep + u16::from(*above) * (FULL - keep) + FULL / 2) >> 8) as u8;
    }
}
