//! What a stat panel shows, as plain data: values as large words, each perhaps with a small line behind it.
//!
//! It does not know how the values were calculated or coloured. The files below draw it: `stat/draw.rs` the panel,
//! `stat/grid.rs` its tiles, `stat/tile.rs` what is in them.

mod draw;
mod grid;
mod spark;
mod tile;
mod tint;

use jiff::tz::TimeZone;

use crate::Rgb;

pub(crate) use draw::draw;

/// A stat panel. Any content is drawable.
#[derive(Debug, Clone)]
pub struct Stat {
    /// The headline.
    pub title: String,
    /// A second, smaller line.
    pub subtitle: Option<String>,
    /// Start of the window.
    pub from_ms: i64,
    /// End of the window.
    pub to_ms: i64,
    /// In which the window is written.
    pub timezone: TimeZone,
    /// The values, each in a tile of its own.
    pub values: Vec<StatValue>,
    /// Values that the caller left out; the picture says so.
    pub omitted: usize,
    /// The text in the middle when there are no values. Without: "No data".
    pub no_data: Option<String>,
    /// What the colour colours.
    pub color_mode: ColorMode,
    /// What is written.
    pub text_mode: TextMode,
    /// How tiles are arranged.
    pub orientation: Orientation,
    /// Whether words are in the middle of their tile. Without: only where no name is written, else at its left edge.
    pub centered: bool,
}

impl Stat {
    /// An empty panel in UTC, to be filled in by struct update.
    pub fn new(title: impl Into<String>, from_ms: i64, to_ms: i64) -> Stat {
        Stat {
            title: title.into(),
            subtitle: None,
            from_ms,
            to_ms,
            timezone: TimeZone::UTC,
            values: Vec::new(),
            omitted: 0,
            no_data: None,
            color_mode: ColorMode::Value,
            text_mode: TextMode::Auto,
            orientation: Orientation::Auto,
            centered: false,
        }
    }
}

/// One value.
#[derive(Debug, Clone)]
pub struct StatValue {
    /// The series' name.
    pub name: String,
    /// The value as it is written, with its unit; or what it is mapped to.
    pub text: String,
    /// The value's colour. Without: the theme's text colour.
    pub color: Option<Rgb>,
    /// The series behind the value: (time in milliseconds, value), NaN is a gap. Empty: no line.
    pub line: Vec<(i64, f64)>,
    /// Whether the area below the line is filled.
    pub filled: bool,
    /// The change over the window as a share of the first value: 0.12 is written "↑ 12%". Not a number: not written.
    pub change: Option<f64>,
}

/// What the colour of a value colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ColorMode {
    /// Nothing but the line.
    None,
    /// The words.
    #[default]
    Value,
    /// The tile, fading.
    Background,
    /// The tile, evenly.
    BackgroundSolid,
}

/// What is written in a tile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TextMode {
    /// The value, and the name where there are several.
    #[default]
    Auto,
    /// The value.
    Value,
    /// Both.
    ValueAndName,
    /// The name.
    Name,
    /// Nothing.
    None,
}

/// How tiles are arranged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Orientation {
    /// As there is room.
    #[default]
    Auto,
    /// Below one another, each as wide as the panel.
    Horizontal,
    /// Side by side, each as high as the panel.
    Vertical,
}
