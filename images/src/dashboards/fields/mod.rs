//! Columns as a panel shows them: named, coloured, with units, after the panel's defaults and overrides.
//!
//! Deliberately unknown here: what type of panel it is, beyond the colours that it has by default.

mod colors;
pub(crate) mod config;
mod display;
mod mappings;
mod overrides;
mod scheme;
mod thresholds;

use charts::Theme;
use regex::{Regex, RegexBuilder};

pub(crate) use self::{
    config::FieldConfig,
    display::{Canvas, Display},
    overrides::{Candidate, Matcher},
    scheme::{Place, Scheme},
};
use super::{
    frames::{Cell, Field, Frame, Naming},
    model::PanelModel,
};

/// What a column is shown with.
#[derive(Clone, Debug)]
pub(crate) struct Dressed<'a> {
    /// The column.
    pub(crate) field: &'a Field,
    /// The frame that it is in, by its place.
    pub(crate) frame: usize,
    /// Its name for people.
    pub(crate) name: String,
    /// Its settings.
    pub(crate) config: FieldConfig,
    /// Which of all columns but times it is.
    pub(crate) index: usize,
    /// The smallest and the largest value that are expected.
    pub(crate) range: (f64, f64),
}

impl Dressed<'_> {
    /// What its colours may depend on.
    pub(crate) fn place(&self) -> Place<'_> {
        Place { index: self.index, name: &self.name, range: self.range }
    }

    /// How it is coloured, by `default` where it does not say so.
    pub(crate) fn scheme(&self, default: &str, theme: Theme) -> Scheme {
        Scheme::new(&self.config, default, theme)
    }
}

/// All columns with what the panel says of them. What cannot be read is told in `degraded`.
pub(crate) fn dress<'a>(frames: &'a [Frame], panel: &PanelModel, degraded: &mut Vec<String>) -> Vec<Dressed<'a>> {
    let naming = Naming::of(frames);
    let matchers = overrides::matchers(&panel.overrides, degraded);
    let all = all_values(frames);
    let (mut dressed, mut index) = (Vec::new(), 0);
    for (at, frame) in frames.iter().enumerate() {
        for field in &frame.fields {
            let mut config = FieldConfig::new(field.config.clone());
            config.fill_up(&panel.defaults);
            let name = naming.name(frame, field, config.map());
            let candidate = Candidate { field, name: &name, ref_id: &frame.ref_id };
            for (_, one) in matchers.iter().filter(|(matcher, _)| matcher.matches(candidate)) {
                for (id, value) in &one.properties {
                    config.set(id, value.clone());
                }
            }
            let name = naming.name(frame, field, config.map());
            let range = range(field, &config, all);
            dressed.push(Dressed { field, frame: at, name, config, index, range });
            index += usize::from(!field.is_time());
        }
    }
    dressed
}

/// What is 0 and 100 % of a column: its settings', else that of all columns, else (`fieldMinMax`) its own.
fn range(field: &Field, config: &FieldConfig, all: (f64, f64)) -> (f64, f64) {
    let own = config.get("fieldMinMax").and_then(serde_json::Value::as_bool) == Some(true);
    let found = if own { bounds([field]) } else { all };
    let (min, max) = (config.number("min").unwrap_or(found.0), config.number("max").unwrap_or(found.1));
    if min.is_finite() && max.is_finite() { (min, max) } else { (0.0, 100.0) }
}

fn all_values(frames: &[Frame]) -> (f64, f64) {
    bounds(frames.iter().flat_map(|frame| &frame.fields))
}

fn bounds<'a>(fields: impl IntoIterator<Item = &'a Field>) -> (f64, f64) {
    let mut bounds = (f64::INFINITY, f64::NEG_INFINITY);
    for field in fields.into_iter().filter(|field| field.is_drawable()) {
        for row in 0..field.values.len() {
            if let Cell::Number(number) = field.values.get(row)
                && number.is_finite()
            {
                bounds = (bounds.0.min(number), bounds.1.max(number));
            }
        }
    }
    bounds
}

/// A pattern as Grafana writes it: `/part of it/i`, or without slashes for all of it. None: this engine cannot run it.
pub(crate) fn pattern(text: &str) -> Option<Regex> {
    /// What a compiled pattern may take, in bytes.
    const SIZE: usize = 1 << 20;
    let build = |source: &str, flags: &str| {
        let mut builder = RegexBuilder::new(source);
        builder.size_limit(SIZE).case_insensitive(flags.contains('i')).multi_line(flags.contains('m'));
        builder.build().ok()
    };
    let Some(inside) = text.strip_prefix('/') else { return build(&format!("^(?:{text})$"), "") };
    let (source, flags) = inside.rsplit_once('/')?;
    flags.chars().all(|flag| "gimsuy".contains(flag)).then(|| build(source, flags)).flatten()
}
