//! Panels to pictures: [`Panel`] in, PNG out. No I/O, no clock.
//!
//! It deliberately does not know what an alert is, where values came from, or what becomes of the picture.
//!
//! ```no_run
//! use charts::{Panel, Series, Style, Theme};
//! let panel = Panel { series: vec![Series::new("a", 15_000, vec![(0, 1.0), (15_000, 2.0)])], ..Panel::new("CPU", 0, 60_000) };
//! let style = Style { width: 1000, height: 500, scale: 1, theme: Theme::Dark };
//! let png = charts::render(&panel, &style)?;
//! # Ok::<(), charts::Error>(())
//! ```

mod alt;
mod axis;
mod axis_draw;
mod axis_look;
mod bars;
mod calculation;
pub mod demo;
mod draw;
mod encode;
mod figure;
mod hue;
mod interpolate;
mod layers;
mod layout;
mod legend;
mod legend_look;
mod limits;
mod lines;
mod logs;
mod logs_draw;
mod look_draw;
mod marks;
mod number;
mod panel;
mod plot;
mod range;
mod raster;
mod scales;
mod scene;
mod series_look;
mod sizes;
mod stack;
mod stat;
mod text;
mod theme;
mod time;
mod unit;

use std::cell::RefCell;

pub use alt::alt_text;
pub use axis_look::{Axis, Scale};
pub use calculation::Calculation;
pub use figure::{Figure, View};
pub use legend_look::{LegendLook, LegendMode, Placement};
pub use logs::{LogLevel, LogLine, Logs};
pub use number::{format as format_value, format_at as format_value_at};
pub use panel::{Band, Mark, MarkKind, Panel, Rgb, Role, Series, Side, Threshold};
pub use series_look::{Dash, DrawAs, Gaps, Gradient, Interpolation, SeriesLook, ShowPoints, Stack};
pub use stat::{ColorMode, Orientation, Stat, StatValue, TextMode};
pub use theme::Theme;
pub use unit::Unit;

use raster::Painter;

/// The size and colours of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Width in points, 100 to 4000; the picture has `width * scale` pixels.
    pub width: u32,
    /// Height in points, 100 to 4000.
    pub height: u32,
    /// Pixels per point, 1 or 2. The whole picture may have at most 16 million pixels.
    pub scale: u8,
    /// Dark or light.
    pub theme: Theme,
}

impl Default for Style {
    fn default() -> Style {
        Style { width: 1000, height: 500, scale: 1, theme: Theme::Dark }
    }
}

/// A finished picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Png {
    /// The file.
    pub bytes: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Why there is no picture. Only the style can be wrong: every panel can be drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Width or height is out of range.
    #[error(
        "a picture of {width}x{height} at scale {scale} cannot be drawn: use 100 to 4000 each way, scale 1 or 2, at most 16 million pixels"
    )]
    Size {
        /// The width asked for.
        width: u32,
        /// The height asked for.
        height: u32,
        /// The scale asked for.
        scale: u8,
    },
    /// The encoder refused the pixels.
    #[error("the picture could not be encoded as PNG: {0}")]
    Encode(#[from] png::EncodingError),
}

/// A drawn picture, not yet encoded: rows of RGB bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    /// Three bytes per pixel.
    pub bytes: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

thread_local! {
    /// Memory and glyphs, kept from picture to picture.
    static PAINTER: RefCell<Painter> = RefCell::default();
}

/// More pixels than this (a large panel at scale 2) are given back after drawing.
const KEPT_PIXELS: u64 = 3_000_000;
/// What mail programs and chats still show.
const MOST_PIXELS: u64 = 16_000_000;

/// Draws a panel and encodes it.
///
/// Blocks for some milliseconds: call it from a thread that may. Each thread keeps some memory for the next picture.
///
/// # Errors
/// [`Error::Size`] when the style asks for a size outside of the limits.
pub fn render<'a>(panel: impl Into<View<'a>>, style: &Style) -> Result<Png, Error> {
    let (width, height) = style.pixels()?;
    let encode = |pixels: &[u8]| encode::png(pixels, width, height);
    Ok(Png { bytes: with_pixels(panel.into(), style, encode)?, width, height })
}

/// Draws a panel without encoding it: for contact sheets and measurements.
///
/// # Errors
/// As [`render`].
pub fn draw<'a>(panel: impl Into<View<'a>>, style: &Style) -> Result<Pixels, Error> {
    let (width, height) = style.pixels()?;
    Ok(Pixels { bytes: with_pixels(panel.into(), style, <[u8]>::to_vec), width, height })
}

fn with_pixels<T>(panel: View<'_>, style: &Style, take: impl FnOnce(&[u8]) -> T) -> T {
    PAINTER.with_borrow_mut(|painter| {
        match panel {
            View::TimeSeries(panel) => draw::draw(painter, panel, style),
            View::Logs(logs) => logs_draw::draw(painter, logs, style),
            View::Stat(stat) => stat::draw(painter, stat, style),
        }
        let taken = take(painter.canvas.pixels());
        if painter.canvas.pixels().len() as u64 > 3 * KEPT_PIXELS {
            *painter = Painter::default();
        }
        taken
    })
}

impl Style {
    /// Width and height in pixels, if they can be drawn.
    fn pixels(&self) -> Result<(u32, u32), Error> {
        let Style { width, height, scale, .. } = *self;
        let sides = 100..=4000;
        let (across, down) = (width.saturating_mul(u32::from(scale)), height.saturating_mul(u32::from(scale)));
        let few = u64::from(across) * u64::from(down) <= MOST_PIXELS;
        if sides.contains(&width) && sides.contains(&height) && (1..=2).contains(&scale) && few {
            return Ok((across, down));
        }
        Err(Error::Size { width, height, scale })
    }
}
