//! `custom` of a field of a time series to the looks of its series.
//!
//! The defaults are Grafana's. Deliberately unknown here: axes, colours.

use charts::{Dash, DrawAs, Gaps, Gradient, Interpolation, SeriesLook, ShowPoints, Stack};
use serde_json::Value;

use crate::dashboards::fields::{FieldConfig, config::number};

/// More dashes than this are not looked at.
const MOST_DASHES: usize = 16;

/// The keys that are drawn, or that say nothing about a picture.
const KNOWN: [&str; 31] = [
    "axisCenteredZero",
    "axisLabel",
    "axisPlacement",
    "axisSoftMax",
    "axisSoftMin",
    "axisWidth",
    "axisBorderShow",
    "axisColorMode",
    "axisGridShow",
    "barAlignment",
    "barMaxWidth",
    "barWidthFactor",
    "drawStyle",
    "fillBelowTo",
    "fillColor",
    "fillOpacity",
    "gradientMode",
    "hideFrom",
    "insertNulls",
    "lineColor",
    "lineInterpolation",
    "lineStyle",
    "lineWidth",
    "pointColor",
    "pointSize",
    "scaleDistribution",
    "showPoints",
    "showValues",
    "spanNulls",
    "stacking",
    "thresholdsStyle",
];

/// What `transform` does with the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    None,
    Negative,
    Constant,
}

/// What is done with the values before they are drawn.
pub(super) fn change(config: &FieldConfig) -> Change {
    match config.custom_text("transform") {
        Some("negative-Y") => Change::Negative,
        Some("constant") => Change::Constant,
        _ => Change::None,
    }
}

/// Whether a field is hidden from `viz`, `legend` or `tooltip`.
pub(super) fn hidden(config: &FieldConfig, from: &str) -> bool {
    config.custom("hideFrom").and_then(|hidden| hidden.get(from)).and_then(Value::as_bool) == Some(true)
}

/// The looks of a series. What is not known of them is told in `degraded`.
pub(super) fn look(config: &FieldConfig, degraded: &mut Vec<String>) -> SeriesLook {
    unknown(config, degraded);
    let default = SeriesLook::default();
    let float = |key: &str, default: f32, most: f32| {
        config.custom_number(key).map_or(default, |value| (value as f32).clamp(0.0, most))
    };
    SeriesLook {
        draw: one_of(config, "drawStyle", &DRAWN, degraded),
        interpolation: one_of(config, "lineInterpolation", &INTERPOLATIONS, degraded),
        width: float("lineWidth", default.width, 20.0),
        dash: dash(config.custom("lineStyle")),
        fill: float("fillOpacity", 0.0, 100.0) / 100.0,
        gradient: one_of(config, "gradientMode", &GRADIENTS, degraded),
        points: one_of(config, "showPoints", &POINTS, degraded),
        point_size: float("pointSize", default.point_size, 40.0),
        gaps: gaps(config),
        stack: stack(config),
        on_right: false,
        fill_below_to: config.custom_text("fillBelowTo").map(str::to_owned),
        in_legend: !hidden(config, "legend"),
        unit: Some(config.unit()),
        decimals: config.decimals(),
    }
}

const DRAWN: [(&str, DrawAs); 3] = [("line", DrawAs::Line), ("bars", DrawAs::Bars), ("points", DrawAs::Points)];
const INTERPOLATIONS: [(&str, Interpolation); 4] = [
    ("linear", Interpolation::Linear),
    ("smooth", Interpolation::Smooth),
    ("stepBefore", Interpolation::StepBefore),
    ("stepAfter", Interpolation::StepAfter),
];
const GRADIENTS: [(&str, Gradient); 3] =
    [("none", Gradient::None), ("opacity", Gradient::Opacity), ("hue", Gradient::Hue)];
const POINTS: [(&str, ShowPoints); 3] =
    [("auto", ShowPoints::Auto), ("always", ShowPoints::Always), ("never", ShowPoints::Never)];

/// What a word means, or the default.
fn one_of<T: Copy + Default>(config: &FieldConfig, key: &str, known: &[(&str, T)], degraded: &mut Vec<String>) -> T {
    let Some(word) = config.custom_text(key) else { return T::default() };
    let found = known.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
    found.unwrap_or_else(|| {
        degraded.push(format!("{key} {word:?}"));
        T::default()
    })
}

fn unknown(config: &FieldConfig, degraded: &mut Vec<String>) {
    let custom = config.get("custom").and_then(Value::as_object);
    let unknown = custom.into_iter().flatten().map(|(key, _)| key.as_str()).filter(|key| !KNOWN.contains(key));
    degraded.extend(unknown.filter(|key| *key != "transform").take(20).map(|key| format!("custom.{key}")));
    let mapped = config.get("mappings").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    degraded.extend(mapped.then(|| "value mappings on an axis".to_owned()));
}

/// The distance beyond which two values have a gap between them: `insertNulls`, else the interval that the data source tells.
pub(super) fn gap(config: &FieldConfig, time: &serde_json::Map<String, Value>) -> Option<i64> {
    let told = config.custom_number("insertNulls").or_else(|| time.get("interval").and_then(number));
    told.filter(|millis| *millis >= 1.0).map(|millis| millis as i64)
}

fn gaps(config: &FieldConfig) -> Gaps {
    match config.custom("spanNulls") {
        Some(Value::Bool(true)) => Gaps::Connect,
        Some(value) => number(value).map_or(Gaps::Break, |millis| Gaps::ConnectUpTo(millis as i64)),
        None => Gaps::Break,
    }
}

fn dash(style: Option<&Value>) -> Dash {
    let Some(style) = style else { return Dash::Solid };
    let list = style.get("dash").and_then(Value::as_array).into_iter().flatten().take(MOST_DASHES);
    let lengths = list.filter_map(number).map(|length| length.clamp(0.0, 1_000.0) as f32).collect();
    match style.get("fill").and_then(Value::as_str) {
        Some("dash" | "square") => Dash::Dashes(lengths),
        Some("dot") => Dash::Dots(lengths),
        _ => Dash::Solid,
    }
}

/// Series that go down stand on one another apart from those that go up.
fn stack(config: &FieldConfig) -> Option<Stack> {
    let stacking = config.custom("stacking")?;
    let percent = match stacking.get("mode").and_then(Value::as_str) {
        Some("normal") => false,
        Some("percent") => true,
        _ => return None,
    };
    let group = stacking.get("group").and_then(Value::as_str).unwrap_or("A");
    let side = if change(config) == Change::Negative { "-" } else { "+" };
    Some(Stack { group: format!("{group}{side}"), percent })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(custom: Value, expected: SeriesLook, told: &[&str]) {
        let Value::Object(map) = json!({ "custom": custom }) else { panic!("an object") };
        let mut degraded = Vec::new();
        let expected = SeriesLook { unit: Some(charts::Unit::None), ..expected };
        assert_eq!(look(&FieldConfig::new(map), &mut degraded), expected);
        assert_eq!(degraded, told);
    }

    #[test]
    fn looks_are_grafanas() {
        let plain = SeriesLook::default;
        check(json!({}), plain(), &[]);
        check(
            json!({"drawStyle": "bars", "lineWidth": 2, "fillOpacity": 30, "gradientMode": "opacity", "spanNulls": 60000,
                "showPoints": "never", "lineInterpolation": "smooth", "stacking": {"mode": "normal", "group": "B"},
                "hideFrom": {"legend": true}, "lineStyle": {"fill": "dash", "dash": [8, "x", 4]}, "tooltip": 1}),
            SeriesLook {
                draw: DrawAs::Bars,
                width: 2.0,
                fill: 0.3,
                gradient: Gradient::Opacity,
                gaps: Gaps::ConnectUpTo(60_000),
                points: ShowPoints::Never,
                interpolation: Interpolation::Smooth,
                stack: Some(Stack { group: "B+".into(), percent: false }),
                in_legend: false,
                dash: Dash::Dashes(vec![8.0, 4.0]),
                ..plain()
            },
            &["custom.tooltip"],
        );
        check(
            json!({"transform": "negative-Y", "stacking": {"mode": "percent"}, "gradientMode": "scheme", "spanNulls": true}),
            SeriesLook { gaps: Gaps::Connect, stack: Some(Stack { group: "A-".into(), percent: true }), ..plain() },
            &["gradientMode \"scheme\""],
        );
        check(
            json!({"lineWidth": "1e99", "fillOpacity": -5, "stacking": 7, "lineStyle": []}),
            SeriesLook { width: 20.0, ..plain() },
            &[],
        );
    }
}
