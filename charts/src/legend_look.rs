//! What the legend shows and where, as the caller wants it.
//!
//! It does not know room; `legend.rs` places and cuts.

use crate::Calculation;

/// What the caller wants of the legend. The default is a list below the plot with each series' last value.
#[derive(Debug, Clone, PartialEq)]
pub struct LegendLook {
    /// List, table or none.
    pub mode: LegendMode,
    /// Below the plot or beside it.
    pub placement: Placement,
    /// The numbers beside each name, in this order.
    pub calculations: Vec<Calculation>,
    /// The order of the entries by one of the numbers, largest first if true. Without: the order of the series.
    pub sort: Option<(Calculation, bool)>,
}

impl Default for LegendLook {
    fn default() -> LegendLook {
        LegendLook {
            mode: LegendMode::List,
            placement: Placement::Bottom,
            calculations: vec![Calculation::LastNotNull],
            sort: None,
        }
    }
}

/// How the legend is laid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LegendMode {
    /// Name after name.
    #[default]
    List,
    /// A row for each series, a column for each number.
    Table,
    /// Not at all.
    Hidden,
}

/// Where the legend is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Placement {
    /// Below the plot.
    #[default]
    Bottom,
    /// To the right of the plot.
    Right,
}
