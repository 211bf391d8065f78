//! Panels of dashboards to figures: which types are drawn, and what they have in common.
//!
//! Deliberately unknown here: where the frames came from, and how a figure is drawn.

mod axes;
mod legend;
mod looks;
mod stat;
mod timeseries;

use alerts::ports::{RenderError, RenderErrorKind};
use charts::{Figure, Mark, Theme};
use jiff::tz::TimeZone;
use serde_json::Value;

use super::{frames::Frame, model::PanelModel, transform::transformed};
use crate::{error::failed, window::Window};

/// What a figure is composed of.
pub(crate) struct Parts<'a> {
    /// The panel, its variables filled in.
    pub(crate) panel: &'a PanelModel,
    /// The answers to its queries, transformed.
    pub(crate) frames: Vec<Frame>,
    /// The headline.
    pub(crate) title: String,
    /// The smaller line.
    pub(crate) subtitle: Option<String>,
    /// The stretch of time.
    pub(crate) window: Window,
    /// In which times are written.
    pub(crate) timezone: TimeZone,
    /// The colours.
    pub(crate) theme: Theme,
    /// When the alert began, fired and was over.
    pub(crate) marks: Vec<Mark>,
}

/// A figure, and what of the panel's looks it does without.
pub(crate) struct Composed {
    pub(crate) figure: Figure,
    pub(crate) degraded: Vec<String>,
}

/// Draws one type of panel.
type Compose = fn(Parts<'_>, &mut Vec<String>) -> Result<Figure, RenderError>;

/// The types of panels that are drawn. A new one joins here.
const KINDS: [(&str, Compose); 2] = [("timeseries", timeseries::compose), ("stat", stat::compose)];

/// What composes panels of this type.
///
/// # Errors
/// `Unsupported` where nothing does: another renderer is tried.
fn composer(kind: &str) -> Result<Compose, RenderError> {
    let found = KINDS.iter().find(|(name, _)| *name == kind);
    found
        .map(|(_, compose)| *compose)
        .ok_or_else(|| unsupported(format!("panels of type {kind:?} are not drawn natively")))
}

/// The most bytes of a panel's settings as JSON: each of thousands of series gets a copy of them. Those of the corpus have 8 kB at most.
const MOST_SETTINGS: usize = 64 << 10;

/// Refuses at once what would be refused after its queries were answered: its type, its size, its transformations.
///
/// # Errors
/// `Unsupported`.
pub(crate) fn check(panel: &PanelModel) -> Result<(), RenderError> {
    composer(&panel.kind)?;
    let overrides = panel.overrides.iter().flat_map(|one| &one.properties).map(|(_, value)| value);
    let options = panel.overrides.iter().map(|one| &one.options);
    let size: usize = panel.defaults.values().chain(overrides).chain(options).map(size).sum();
    if size > MOST_SETTINGS {
        return Err(unsupported(format!("its settings have more than {MOST_SETTINGS} bytes")));
    }
    transformed(Vec::new(), &panel.transformations).map(drop)
}

/// The figure of a panel.
///
/// # Errors
/// `Unsupported` where its type is not drawn, or where drawing it plainly would say something else.
pub(crate) fn compose(parts: Parts<'_>) -> Result<Composed, RenderError> {
    let mut degraded = parts.panel.degraded.clone();
    let figure = composer(&parts.panel.kind)?(parts, &mut degraded)?;
    degraded.sort();
    degraded.dedup();
    Ok(Composed { figure, degraded })
}

/// About as many bytes as it has as JSON.
fn size(value: &Value) -> usize {
    match value {
        Value::Array(list) => list.iter().map(|one| size(one) + 1).sum::<usize>() + 2,
        Value::Object(map) => map.iter().map(|(key, value)| key.len() + size(value) + 4).sum::<usize>() + 2,
        Value::String(text) => text.len() + 2,
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
    }
}

fn unsupported(detail: impl Into<String>) -> RenderError {
    failed(RenderErrorKind::Unsupported, detail)
}
