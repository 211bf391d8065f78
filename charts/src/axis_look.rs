//! How a value axis is laid out, as the caller wants it.
//!
//! It does not know values; `axis.rs` chooses its ends and ticks.

use crate::Unit;

/// What the caller wants of a value axis.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Axis {
    /// How values are written, on the axis and in the legend.
    pub unit: Unit,
    /// Digits after the point, for the axis and the legend. Without: as many as are needed.
    pub decimals: Option<u8>,
    /// The bottom. Without: from the data.
    pub min: Option<f64>,
    /// The top. Without: from the data.
    pub max: Option<f64>,
    /// The bottom unless the data goes below it.
    pub soft_min: Option<f64>,
    /// The top unless the data goes above it.
    pub soft_max: Option<f64>,
    /// Written along the axis.
    pub label: Option<String>,
    /// How values are spread.
    pub scale: Scale,
    /// Whether zero is in the middle.
    pub centered_zero: bool,
}

impl Axis {
    /// An axis of this unit.
    pub fn of(unit: Unit) -> Axis {
        Axis { unit, ..Axis::default() }
    }
}

/// How values are spread over an axis.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Scale {
    /// Evenly.
    #[default]
    Linear,
    /// By powers of a base (2 or 10); values of zero and below are gaps.
    Log {
        /// More than 1.
        base: f64,
    },
    /// By powers of a base beyond a threshold on either side of zero, evenly between.
    SymLog {
        /// More than 1.
        base: f64,
        /// More than 0.
        linear: f64,
    },
}
