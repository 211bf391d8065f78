//! Which of the two value axes each series belongs to.
//!
//! Grafana makes an axis for each combination of unit, limits, scale and place; two have room here. Deliberately unknown here: values.

use alerts::ports::RenderError;
use charts::{Axis, Scale};
use serde_json::Value;

use super::unsupported;
use crate::dashboards::fields::FieldConfig;

/// The two axes, as series come to them.
#[derive(Debug, Default)]
pub(super) struct Axes {
    left: Option<Axis>,
    right: Option<Axis>,
}

/// Where a series wants its axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Left,
    Right,
    Anywhere,
}

impl Axes {
    /// Whether the axis of this series is the right one.
    ///
    /// # Errors
    /// `Unsupported` where it would need a third axis: on one of another unit it would be read wrongly.
    pub(super) fn place(&mut self, config: &FieldConfig, percent: bool) -> Result<bool, RenderError> {
        let wanted = match config.custom_text("axisPlacement") {
            Some("left") => Wanted::Left,
            Some("right") => Wanted::Right,
            _ => Wanted::Anywhere,
        };
        let axis = axis(config, percent);
        let (right_first, only) = match wanted {
            Wanted::Left => (false, true),
            Wanted::Right => (true, true),
            Wanted::Anywhere => (false, false),
        };
        let sides = if right_first { [true, false] } else { [false, true] };
        let first = if only { 1 } else { 2 };
        let on = |side: bool| if side { self.right.as_ref() } else { self.left.as_ref() };
        // the very axis, then one on which values are read the same way, then a free side
        let same = sides.into_iter().take(first).find(|side| on(*side) == Some(&axis));
        let readable = sides.into_iter().find(|side| on(*side).is_some_and(|other| alike(other, &axis)));
        let free = sides.into_iter().find(|side| on(*side).is_none());
        let side = same.or(readable.filter(|_| !only)).or(free).or(readable);
        let side = side.ok_or_else(|| unsupported("it has more than two value axes"))?;
        let place = self.on(side);
        *place = Some(match place.take() {
            Some(other) => widened(other, &axis),
            None => axis,
        });
        Ok(side)
    }

    /// The left axis and the right axis.
    pub(super) fn finished(self) -> (Axis, Axis) {
        (self.left.unwrap_or_default(), self.right.unwrap_or_default())
    }

    fn on(&mut self, right: bool) -> &mut Option<Axis> {
        if right { &mut self.right } else { &mut self.left }
    }
}

/// Whether values stand at the same height for the same number.
fn alike(a: &Axis, b: &Axis) -> bool {
    a.unit == b.unit && a.scale == b.scale
}

/// An axis for the series of both.
fn widened(a: Axis, b: &Axis) -> Axis {
    let both = |a: Option<f64>, b: Option<f64>, pick: fn(f64, f64) -> f64| Some(pick(a?, b?));
    let either = |a: Option<f64>, b: Option<f64>, pick: fn(f64, f64) -> f64| match (a, b) {
        (Some(a), Some(b)) => Some(pick(a, b)),
        (a, b) => a.or(b),
    };
    Axis {
        min: both(a.min, b.min, f64::min),
        max: both(a.max, b.max, f64::max),
        soft_min: either(a.soft_min, b.soft_min, f64::min),
        soft_max: either(a.soft_max, b.soft_max, f64::max),
        decimals: a.decimals.or(b.decimals),
        label: a.label.or_else(|| b.label.clone()),
        centered_zero: a.centered_zero || b.centered_zero,
        ..a
    }
}

fn axis(config: &FieldConfig, percent: bool) -> Axis {
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    Axis {
        unit: if percent { charts::Unit::PercentUnit } else { config.unit() },
        decimals: config.decimals(),
        min: finite(config.number("min")),
        max: finite(config.number("max")),
        soft_min: finite(config.custom_number("axisSoftMin")),
        soft_max: finite(config.custom_number("axisSoftMax")),
        label: config.custom_text("axisLabel").map(str::to_owned),
        scale: scale(config),
        centered_zero: config.custom("axisCenteredZero").and_then(Value::as_bool) == Some(true),
    }
}

fn scale(config: &FieldConfig) -> Scale {
    let Some(distribution) = config.custom("scaleDistribution") else { return Scale::Linear };
    let number = |key: &str| distribution.get(key).and_then(Value::as_f64);
    let base = number("log").filter(|base| *base > 1.0 && base.is_finite()).unwrap_or(2.0);
    match distribution.get("type").and_then(Value::as_str) {
        Some("log") => Scale::Log { base },
        Some("symlog") => {
            let linear = number("linearThreshold").filter(|linear| *linear > 0.0 && linear.is_finite());
            Scale::SymLog { base, linear: linear.unwrap_or(1.0) }
        }
        _ => Scale::Linear,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Series by their settings: `l`, `r`, or `!` where there is no room.
    fn check(series: &[Value], expected: &str) {
        let mut axes = Axes::default();
        let place = |settings: &Value| {
            let Value::Object(map) = settings.clone() else { panic!("an object") };
            match axes.place(&FieldConfig::new(map), false) {
                Ok(right) => {
                    if right {
                        'r'
                    } else {
                        'l'
                    }
                }
                Err(_) => '!',
            }
        };
        assert_eq!(series.iter().map(place).collect::<String>(), expected, "{series:?}");
    }

    #[test]
    fn each_unit_has_an_axis() {
        let unit = |unit: &str| json!({"unit": unit});
        let on = |unit: &str, side: &str| json!({"unit": unit, "custom": {"axisPlacement": side}});
        check(&[unit("s"), unit("s"), unit("bytes"), unit("s")], "llrl");
        check(&[unit("s"), unit("bytes"), unit("ops")], "lr!");
        check(&[on("s", "right"), unit("bytes"), on("s", "right")], "rlr");
        check(&[unit("s"), on("s", "right"), unit("s")], "lrl");
        check(&[on("s", "left"), on("bytes", "left")], "lr");
        check(&[json!({"unit": "s", "min": 0}), json!({"unit": "s", "min": 5}), unit("s")], "lll");
        check(&[on("s", "hidden"), unit("s")], "ll");
    }

    #[test]
    fn limits_hold_for_all_series_of_an_axis() {
        let mut axes = Axes::default();
        for settings in [json!({"min": 0, "max": 10, "custom": {"axisSoftMax": 3}}), json!({"min": -5})] {
            let Value::Object(map) = settings else { panic!("an object") };
            axes.place(&FieldConfig::new(map), false).expect("there is room");
        }
        let (left, _) = axes.finished();
        assert_eq!((left.min, left.max, left.soft_max), (Some(-5.0), None, Some(3.0)));
    }
}
