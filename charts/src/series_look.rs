//! How one series of a dashboard's panel is drawn, in Grafana's terms.
//!
//! It does not know roles: those are for panels that wirephoto composes itself.

use crate::Unit;

/// The looks of a series. The default is Grafana's.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesLook {
    /// Lines, bars or points.
    pub draw: DrawAs,
    /// How a line goes from point to point.
    pub interpolation: Interpolation,
    /// The line's width in points; 0: none.
    pub width: f32,
    /// How the line is broken up.
    pub dash: Dash,
    /// How strongly the area below is filled, 0 to 1.
    pub fill: f32,
    /// How the fill changes with the height.
    pub gradient: Gradient,
    /// Whether points are marked.
    pub points: ShowPoints,
    /// Their diameter in points.
    pub point_size: f32,
    /// What is drawn where values are missing.
    pub gaps: Gaps,
    /// Whether it stands on other series.
    pub stack: Option<Stack>,
    /// Whether it belongs to the right axis.
    pub on_right: bool,
    /// The fill ends at the series of this name instead of at zero.
    pub fill_below_to: Option<String>,
    /// Whether the legend names it.
    pub in_legend: bool,
    /// Its own unit in the legend. Without: its axis's.
    pub unit: Option<Unit>,
    /// Its own digits after the point in the legend. Without: its axis's.
    pub decimals: Option<u8>,
}

impl Default for SeriesLook {
    fn default() -> SeriesLook {
        SeriesLook {
            draw: DrawAs::Line,
            interpolation: Interpolation::Linear,
            width: 1.0,
            dash: Dash::Solid,
            fill: 0.0,
            gradient: Gradient::None,
            points: ShowPoints::Auto,
            point_size: 5.0,
            gaps: Gaps::Break,
            stack: None,
            on_right: false,
            fill_below_to: None,
            in_legend: true,
            unit: None,
            decimals: None,
        }
    }
}

/// What a series is drawn as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum DrawAs {
    /// A line.
    #[default]
    Line,
    /// A bar for each value.
    Bars,
    /// A point for each value.
    Points,
}

/// How a line goes from point to point.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Interpolation {
    /// Straight.
    #[default]
    Linear,
    /// In a curve that does not overshoot.
    Smooth,
    /// At once to the next value, then level.
    StepBefore,
    /// Level, then at once to the next value.
    StepAfter,
}

/// How a line is broken up.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Dash {
    /// Not at all.
    #[default]
    Solid,
    /// Lengths in points of dash and gap in turn; empty: 10 and 10.
    Dashes(Vec<f32>),
    /// Round dots, the gaps in points; empty: 0 and 10.
    Dots(Vec<f32>),
}

/// How a fill changes with the height.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Gradient {
    /// Not at all.
    #[default]
    None,
    /// It fades towards the bottom.
    Opacity,
    /// Its hue shifts a little towards the bottom.
    Hue,
}

/// Whether points are marked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ShowPoints {
    /// Where there is room between them.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never; a value alone is a dot all the same.
    Never,
}

/// What is drawn where values are missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Gaps {
    /// A gap, where a value is missing (NaN); points that are merely far apart are joined.
    #[default]
    Break,
    /// The line goes on.
    Connect,
    /// The line goes on over holes of at most so many milliseconds.
    ConnectUpTo(i64),
}

/// Series of the same group on the same axis stand on one another, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// The group.
    pub group: String,
    /// Whether the sum is always 100 %: values are shares from 0 to 1 of it.
    pub percent: bool,
}
