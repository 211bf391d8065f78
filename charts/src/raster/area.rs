//! The filled area between a curve and a level line, its colour changing from row to row.
//!
//! The curve's edge is blended pixel by pixel; what lies between it and the line is blended in blocks of columns,
//! row by row, where all columns of the block are covered.

use super::canvas::Canvas;
use super::coverage::Coverage;
use super::{Clip, Point, Shade};

/// What to fill.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Area {
    /// The row of the level line.
    pub(crate) base: f32,
    /// What each row is filled with.
    pub(crate) shade: Shade,
}

/// Columns that are blended together.
const BLOCK: usize = 16;

/// Reused memory: per column the covered rows, as a half-open range.
#[derive(Debug, Default)]
pub(super) struct Spans {
    inner: Vec<(usize, usize)>,
}

impl Area {
    /// Fills below (or, where the curve is lower than the line, above) the runs of points.
    pub(super) fn fill<'a>(
        &self,
        canvas: &mut Canvas,
        coverage: &mut Coverage,
        spans: &mut Spans,
        clip: Clip,
        runs: impl Iterator<Item = &'a [Point]>,
    ) {
        coverage.begin(clip);
        runs.flat_map(|run| run.windows(2)).for_each(|pair| coverage.edge(pair[0], pair[1]));
        let base = (self.base.round().max(0.0) as usize).clamp(clip.y0, clip.y1);
        spans.inner.clear();
        spans.inner.resize(clip.x1 - clip.x0, (0, 0));
        coverage.drain(|x, top, sums, below_clip| {
            let total = sums.iter().chain(below_clip).sum();
            spans.inner[x - clip.x0] = self.curve(canvas, base, (x, top), sums, total);
        });
        self.blocks(canvas, clip, &spans.inner);
    }

    /// Blends the pixels that the curve crosses in one column; answers the rows that are fully covered. `total` is the
    /// share of the column's width that the curve spans: less than all of it where a run starts or ends.
    fn curve(
        &self,
        canvas: &mut Canvas,
        base: usize,
        (x, top): (usize, usize),
        sums: &[f32],
        total: f32,
    ) -> (usize, usize) {
        let mut below = 0.0;
        for (row, sum) in (top..).zip(sums) {
            below += sum;
            let covered = if row < base { below } else { total - below };
            let ink = self.shade.at(row);
            canvas.blend(x, row, ink.color, ink.weight(covered.clamp(0.0, 1.0)));
        }
        let bottom = top + sums.len();
        let (first, last) = if bottom < base { (bottom, base) } else { (base, top) };
        if total > 0.99 {
            return (first, last);
        }
        for row in first..last {
            let ink = self.shade.at(row);
            canvas.blend(x, row, ink.color, ink.weight(total.clamp(0.0, 1.0)));
        }
        (0, 0)
    }

    /// Blends the fully covered rows of all columns: what a block has in common at once, the rest column by column.
    fn blocks(&self, canvas: &mut Canvas, clip: Clip, spans: &[(usize, usize)]) {
        for (block, x) in spans.chunks(BLOCK).zip((clip.x0..).step_by(BLOCK)) {
            let first = block.iter().map(|span| span.0).max().unwrap_or(0);
            let last = block.iter().map(|span| span.1).min().unwrap_or(0).max(first);
            for row in first..last {
                let ink = self.shade.at(row);
                canvas.blend_run(x, x + block.len(), row, ink.color, ink.weight(1.0));
            }
            for (span, x) in block.iter().zip(x..) {
                for row in (span.0..span.1.min(first)).chain(span.0.max(last)..span.1) {
                    let ink = self.shade.at(row);
                    canvas.blend(x, row, ink.color, ink.weight(1.0));
                }
            }
        }
    }
}
