//! The plot: where values and times lie in the picture.
//!
//! It does not know what is drawn into it.

use crate::axis::{ValueAxis, limited};
use crate::raster::Rect;

/// Where values and times lie in the picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plot<'a> {
    pub(crate) rect: Rect,
    pub(crate) window: (i64, i64),
    pub(crate) axis: &'a ValueAxis,
}

impl Plot<'_> {
    /// The column of a time.
    pub(crate) fn x(&self, at_ms: i64) -> f32 {
        // the difference of two i64 may not fit into one
        let passed = i128::from(at_ms) - i128::from(self.window.0);
        let share = passed as f64 / (self.window.1 - self.window.0) as f64;
        (f64::from(self.rect.left) + share * f64::from(self.rect.width())) as f32
    }

    /// The row of a value; far outside of the plot it stays within a few heights of it. NaN where the axis has no place
    /// for the value.
    pub(crate) fn y(&self, value: f64) -> f32 {
        let share = self.axis.share(limited(value)).clamp(-4.0, 5.0) as f32;
        self.rect.bottom - share * self.rect.height()
    }

    /// The row of zero, or of the end of the axis next to it: fills stand on it.
    pub(crate) fn base(&self) -> f32 {
        self.y(0.0_f64.clamp(self.axis.min, self.axis.max))
    }
}
