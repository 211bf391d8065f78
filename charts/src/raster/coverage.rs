//! How much of each pixel a shape covers: exact areas, summed down the columns.
//!
//! Every edge of a shape adds, in each column that it crosses, the share of the column's width it spans, split over
//! the rows by the exact area below it. Summing a column from top to bottom then gives each pixel's coverage. (The
//! idea is that of `font-rs`, turned by 90 degrees.) Only touched rows are summed and cleaned. It knows no colours.

use super::{Clip, Point};

/// The sums of one shape at a time.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    clip: Option<Clip>,
    /// Rows of a column in `sums`: those of the clip and two below for what spills over.
    stride: usize,
    sums: Vec<f32>,
    /// Per column of the clip, the rows touched, as a half-open range.
    touched: Vec<(u32, u32)>,
    /// The columns touched, as a half-open range.
    columns: (usize, usize),
}

/// An untouched column.
const UNTOUCHED: (u32, u32) = (u32::MAX, 0);

impl Coverage {
    /// Starts a shape that may be drawn within `clip`.
    pub(super) fn begin(&mut self, clip: Clip) {
        if self.clip == Some(clip) {
            return;
        }
        self.stride = clip.y1 - clip.y0 + 2;
        let columns = clip.x1 - clip.x0;
        // `drain` leaves zeros behind, so growing is all that a new clip needs
        if self.sums.len() < self.stride * columns {
            self.sums.resize(self.stride * columns, 0.0);
        }
        self.touched.clear();
        self.touched.resize(columns, UNTOUCHED);
        self.columns = (usize::MAX, 0);
        self.clip = Some(clip);
    }

    /// Adds one edge of the outline. Outlines are closed by the caller.
    #[inline]
    pub(super) fn edge(&mut self, from: Point, to: Point) {
        let Some(clip) = self.clip else { return };
        let (x_offset, y_offset) = (clip.x0 as f32, clip.y0 as f32);
        let (left, right, direction) = if from.x < to.x { (from, to, 1.0) } else { (to, from, -1.0) };
        let (start, end) = (left.x - x_offset, right.x - x_offset);
        let columns = self.touched.len();
        // also refuses NaN
        if !(end > start && end > 0.0 && start < columns as f32) {
            return;
        }
        let slope = (right.y - left.y) / (end - start);
        let first = floor(start.max(0.0));
        let last = ceiling(end).min(columns);
        let bottom = (self.stride - 2) as f32;
        let mut x = start.max(0.0);
        let mut y = left.y - y_offset + slope * (x - start);
        for column in first..last {
            let next_x = ((column + 1) as f32).min(end);
            let next_y = y + slope * (next_x - x);
            self.add(column, (next_x - x) * direction, y.clamp(0.0, bottom), next_y.clamp(0.0, bottom));
            (x, y) = (next_x, next_y);
        }
        self.columns = (self.columns.0.min(first), self.columns.1.max(last));
    }

    /// Adds `width` of a column below the line from `y` at its left to `next_y` at its right.
    #[inline]
    fn add(&mut self, column: usize, width: f32, y: f32, next_y: f32) {
        let (top, bottom) = if y < next_y { (y, next_y) } else { (next_y, y) };
        let (first, last) = (floor(top), ceiling(bottom));
        let range = &mut self.touched[column];
        *range = (range.0.min(first as u32), range.1.max((last as u32).max(first as u32 + 1)));
        let base = column * self.stride + first;
        if last <= first + 1 {
            let above = 0.5 * (top + bottom) - first as f32;
            self.sums[base] += width - width * above;
            self.sums[base + 1] += width * above;
        } else {
            let sums = &mut self.sums[base..=base + (last - first)];
            steep(sums, width, top - first as f32, bottom - (last - 1) as f32, 1.0 / (bottom - top));
        }
    }

    /// Hands out (column, first touched row, sums of the touched rows, sums below the clip) for each touched column and
    /// forgets the shape. The sums are differences: the running sum is the coverage.
    pub(super) fn drain(&mut self, mut visit: impl FnMut(usize, usize, &[f32], &[f32])) {
        let Some(clip) = self.clip else { return };
        for column in self.columns.0..self.columns.1 {
            let (first, last) = std::mem::replace(&mut self.touched[column], UNTOUCHED);
            if first >= last {
                continue;
            }
            let base = column * self.stride;
            // one row more: the last touched row spills into the next
            let sums = &mut self.sums[base + first as usize..=base + last as usize];
            let spilled = (last as usize + 1).saturating_sub(self.stride - 2).min(sums.len());
            let (inside, below) = sums.split_at(sums.len() - spilled);
            visit(clip.x0 + column, clip.y0 + first as usize, inside, below);
            sums.fill(0.0);
        }
        self.columns = (usize::MAX, 0);
    }
}

/// Whole numbers by way of `i32`: one instruction, where `f32::ceil` would be a call.
#[inline]
fn floor(value: f32) -> usize {
    value as i32 as usize
}

#[inline]
fn ceiling(value: f32) -> usize {
    let whole = value as i32;
    (whole + i32::from(whole as f32 != value)) as usize
}

/// The part of [`Coverage::add`] for a line that crosses several rows: `enter` is where it starts in the first row,
/// `leave` where it ends in the last but one of `sums`, `slope` the width that it spans per row.
#[inline]
fn steep(sums: &mut [f32], width: f32, enter: f32, leave: f32, slope: f32) {
    let last = sums.len() - 1;
    let first_area = 0.5 * slope * (1.0 - enter) * (1.0 - enter);
    let last_area = 0.5 * slope * leave * leave;
    sums[0] += width * first_area;
    if last == 2 {
        sums[1] += width * (1.0 - first_area - last_area);
    } else {
        let second = slope * (1.5 - enter);
        sums[1] += width * (second - first_area);
        sums[2..last - 1].iter_mut().for_each(|sum| *sum += width * slope);
        let before_last = second + (last - 3) as f32 * slope;
        sums[last - 1] += width * (1.0 - before_last - last_area);
    }
    sums[last] += width * last_area;
}
