//! What is drawn: a panel, its series, thresholds and marks, as plain data.
//!
//! It does not know where the values came from, what an alert is, or how big the picture will be.

use jiff::tz::TimeZone;

use crate::{Axis, LegendLook, SeriesLook};

/// One panel: everything that the picture shows, except its size and colours (see [`crate::Style`]).
///
/// All times are milliseconds since the Unix epoch. Any value is drawable: a panel with hostile numbers gives an ugly
/// picture, never an error.
#[derive(Debug, Clone)]
pub struct Panel {
    /// The headline, cut with an ellipsis when the picture is too narrow for it.
    pub title: String,
    /// A second, smaller line: the expression, the labels of the alert.
    pub subtitle: Option<String>,
    /// The value axis on the left, and how values are written.
    pub left: Axis,
    /// The value axis on the right, for the series that ask for it; without such series there is none.
    pub right: Axis,
    /// The names and numbers below the plot or beside it.
    pub legend: LegendLook,
    /// Start of the time axis.
    pub from_ms: i64,
    /// End of the time axis. When it is not after `from_ms`, one minute around `from_ms` is shown.
    pub to_ms: i64,
    /// In which the time axis is labelled.
    pub timezone: TimeZone,
    /// The lines, most important first: the legend keeps this order and cuts at the end.
    pub series: Vec<Series>,
    /// Horizontal lines with a shaded side, on the left axis.
    pub thresholds: Vec<Threshold>,
    /// Coloured ranges of values behind everything, on the left axis.
    pub bands: Vec<Band>,
    /// Vertical lines with a badge.
    pub marks: Vec<Mark>,
    /// Series that the caller left out; the legend says "and N more series".
    pub omitted: usize,
    /// The text in the middle of the plot when no series has a value to show. Without: "No data".
    pub no_data: Option<String>,
}

impl Panel {
    /// An empty panel in UTC, to be filled in by struct update (`Panel { series, ..Panel::new("CPU", from, to) }`).
    pub fn new(title: impl Into<String>, from_ms: i64, to_ms: i64) -> Panel {
        Panel {
            title: title.into(),
            subtitle: None,
            left: Axis::default(),
            right: Axis::default(),
            legend: LegendLook::default(),
            from_ms,
            to_ms,
            timezone: TimeZone::UTC,
            series: Vec::new(),
            thresholds: Vec::new(),
            bands: Vec::new(),
            marks: Vec::new(),
            omitted: 0,
            no_data: None,
        }
    }
}

/// One line of the picture.
#[derive(Debug, Clone)]
pub struct Series {
    /// As the legend shows it.
    pub name: String,
    /// (time in milliseconds, value), in any order. NaN is a gap; an infinity is a gap with a small arrow at the edge.
    pub points: Vec<(i64, f64)>,
    /// The expected distance of two points: a hole longer than one and a half steps is a gap. Zero or less: no gaps.
    pub step_ms: i64,
    /// How it is drawn.
    pub role: Role,
    /// Its colour. Without: the next one of the theme's palette (grey when muted).
    pub color: Option<Rgb>,
    /// How it is drawn in a dashboard's panel. Without: as its role has it.
    pub look: Option<Box<SeriesLook>>,
}

impl Series {
    /// A plain series in a colour of the palette.
    pub fn new(name: impl Into<String>, step_ms: i64, points: Vec<(i64, f64)>) -> Series {
        Series { name: name.into(), points, step_ms, role: Role::Plain, color: None, look: None }
    }
}

/// How a series is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// Above the others, wider, filled (the more there are, the fainter): the series that the picture is about.
    Highlighted,
    /// A line; with a faint fill when nothing is highlighted and there are few.
    #[default]
    Plain,
    /// Thin and grey, below the others; all muted series share one legend entry.
    Muted,
    /// Dashed, without fill: the right side of `a > b`.
    MovingThreshold,
}

/// A horizontal line at a value.
#[derive(Debug, Clone)]
pub struct Threshold {
    /// Where it is.
    pub value: f64,
    /// Which side is shaded.
    pub side: Side,
    /// Text beside the line. Without: the value with the panel's unit, unless the threshold has a colour of its own.
    pub label: Option<String>,
    /// Its colour. Without: red.
    pub color: Option<Rgb>,
    /// Whether the line is whole instead of dashed.
    pub solid: bool,
}

impl Threshold {
    /// A dashed red line that says its value.
    pub fn new(value: f64, side: Side) -> Threshold {
        Threshold { value, side, label: None, color: None, solid: false }
    }
}

/// A range of values with a faint colour over the whole plot: Grafana's thresholds drawn as areas.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Its lower end; negative infinity: the bottom of the plot.
    pub from: f64,
    /// Its upper end; infinity: the top of the plot.
    pub to: f64,
    /// Its colour, drawn faintly.
    pub color: Rgb,
}

/// The side of a threshold that is shaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Larger values.
    Above,
    /// Smaller values.
    Below,
    /// The line alone.
    None,
}

/// A vertical dashed line at a time, with a badge.
#[derive(Debug, Clone)]
pub struct Mark {
    /// Where it is; outside of the time axis it is not drawn.
    pub at_ms: i64,
    /// What happened: gives the colour.
    pub kind: MarkKind,
    /// The badge's text; empty: the kind's own name.
    pub label: String,
}

/// What a mark marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkKind {
    /// The condition became true.
    Began,
    /// It had been true for long enough.
    Firing,
    /// It is no longer true.
    Resolved,
}

/// A colour without transparency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rgb(
    /// Red.
    pub u8,
    /// Green.
    pub u8,
    /// Blue.
    pub u8,
);
