//! Thresholds: steps of colours, absolute or in percent of the expected range.
//!
//! Deliberately unknown here: how they are drawn.

use charts::{Rgb, Theme};
use serde_json::Value;

use super::{colors::named, config::FieldConfig};

/// More steps than this are noise.
const MOST_STEPS: usize = 100;

/// Steps, ascending.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Thresholds {
    /// Whether values are percent of the range.
    percent: bool,
    /// Where each begins (the first at minus infinity), and its colour; none is transparent.
    steps: Vec<(f64, Option<Rgb>)>,
}

impl Thresholds {
    /// Of a field's settings; without any: green, and red from 80 on, as Grafana has it.
    pub(crate) fn new(config: &FieldConfig, theme: Theme) -> Thresholds {
        let given = config.get("thresholds");
        let percent = given.and_then(|given| given.get("mode")).and_then(Value::as_str) == Some("percentage");
        let list = given.and_then(|given| given.get("steps")).and_then(Value::as_array);
        let step = |step: &Value| {
            let value = match step.get("value") {
                None | Some(Value::Null) => f64::NEG_INFINITY,
                Some(value) => super::config::number(value).unwrap_or(f64::NEG_INFINITY),
            };
            (value, named(step.get("color").and_then(Value::as_str).unwrap_or_default(), theme))
        };
        let default = || vec![(f64::NEG_INFINITY, named("green", theme)), (80.0, named("red", theme))];
        let mut steps = list.map_or_else(default, |list| list.iter().take(MOST_STEPS).map(step).collect());
        steps.retain(|(value, _)| !value.is_nan());
        steps.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        Thresholds { percent, steps }
    }

    /// The colour of a value in a range; the first step's for what lies below all of them.
    pub(crate) fn color(&self, value: f64, range: (f64, f64)) -> Option<Rgb> {
        let value = if self.percent { share(value, range) * 100.0 } else { value };
        let reached = self.steps.iter().rev().find(|(from, _)| value >= *from);
        reached.or_else(|| self.steps.first()).map_or(Some(super::colors::FALLBACK), |(_, color)| *color)
    }

    /// The steps as values of the axis.
    pub(crate) fn absolute(&self, (min, max): (f64, f64)) -> Vec<(f64, Option<Rgb>)> {
        let placed = |(value, color): &(f64, Option<Rgb>)| {
            let value = if self.percent && value.is_finite() { min + value / 100.0 * (max - min) } else { *value };
            (value, *color)
        };
        self.steps.iter().map(placed).collect()
    }
}

/// Where a value lies in a range, 0 to 1 inside of it.
pub(super) fn share(value: f64, (min, max): (f64, f64)) -> f64 {
    let share = (value - min) / (max - min);
    if share.is_nan() { 0.0 } else { share }
}
