//! The old graph's `aliasColors` and `seriesOverrides` to overrides of fields.
//!
//! Deliberately unknown here: the rest of the panel.

use serde_json::{Value, json};

use super::json::{Object, number, object, objects, text, truthy};
use crate::dashboards::model::Override;

/// The overrides of a graph with these axes.
pub(super) fn overrides(json: &Object, axes: &[Object; 2]) -> Vec<Override> {
    let colors = object(json, "aliasColors").iter().filter(|(_, color)| color.is_string());
    let colors = colors.map(|(alias, color)| Override {
        matcher: "byName".to_owned(),
        options: json!(alias),
        properties: vec![("color".to_owned(), json!({"mode": "fixed", "fixedColor": color}))],
    });
    colors.chain(objects(json, "seriesOverrides").filter_map(|series| of_series(series, json, axes))).collect()
}

fn of_series(series: &Object, graph: &Object, axes: &[Object; 2]) -> Option<Override> {
    let alias = text(series, "alias");
    let properties: Vec<(String, Value)> =
        series.keys().flat_map(|key| properties(key, series, axes)).chain(dashes(series, graph)).collect();
    let matcher = if is_pattern(alias) { "byRegexp" } else { "byName" };
    (!alias.is_empty() && !properties.is_empty()).then(|| Override {
        matcher: matcher.to_owned(),
        options: json!(alias),
        properties,
    })
}

/// Whether an alias is a pattern: `/x/i`.
fn is_pattern(alias: &str) -> bool {
    let flags = |text: &str| text.chars().all(|c| "gimsuy".contains(c));
    alias.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')).is_some_and(|(_, end)| flags(end))
}

/// What one key of a series' override becomes.
fn properties(key: &str, series: &Object, axes: &[Object; 2]) -> Vec<(String, Value)> {
    let number = number(series, key);
    let flag = truthy(series, key);
    let one = |id: &str, value: Value| vec![(id.to_owned(), value)];
    match key {
        "yaxis" if number == Some(2.0) => right_axis(axes),
        "fill" => number.map_or_else(Vec::new, |fill| one("custom.fillOpacity", json!(fill * 10.0))),
        "fillBelowTo" => one("custom.fillBelowTo", series[key].clone()),
        "fillGradient" if flag => vec![
            ("custom.gradientMode".to_owned(), json!("opacity")),
            ("custom.fillOpacity".to_owned(), json!(number.unwrap_or(1.0) * 10.0)),
        ],
        "points" => one("custom.showPoints", json!(if flag { "always" } else { "never" })),
        "bars" if flag => {
            vec![("custom.drawStyle".to_owned(), json!("bars")), ("custom.fillOpacity".to_owned(), json!(100))]
        }
        "bars" => one("custom.drawStyle", json!("line")),
        "lines" if flag => one("custom.drawStyle", json!("line")),
        "lines" => one("custom.lineWidth", json!(0)),
        "linewidth" => number.map_or_else(Vec::new, |width| one("custom.lineWidth", json!(width))),
        "pointradius" => number.map_or_else(Vec::new, |radius| one("custom.pointSize", json!(2.0 + radius * 2.0))),
        "stack" => one("custom.stacking", stacking(&series[key])),
        "color" if !text(series, key).is_empty() => one("color", json!({"mode": "fixed", "fixedColor": series[key]})),
        "transform" if text(series, key) == "negative-Y" => one("custom.transform", json!("negative-Y")),
        "steppedLine" => one("custom.lineInterpolation", json!(if flag { "stepAfter" } else { "linear" })),
        "nullPointMode" => one("custom.spanNulls", json!(text(series, key) == "connected")),
        "legend" if !flag => one("custom.hideFrom", json!({"legend": true, "tooltip": false, "viz": false})),
        "hiddenSeries" if flag => one("custom.hideFrom", json!({"legend": false, "tooltip": true, "viz": true})),
        _ => Vec::new(),
    }
}

/// `false`: by itself; `true`: with the others; a letter: with those of the letter.
fn stacking(value: &Value) -> Value {
    match value {
        Value::Bool(false) | Value::Null => json!({"mode": "none", "group": "A"}),
        Value::String(group) => json!({"mode": "normal", "group": group}),
        _ => json!({"mode": "normal", "group": "A"}),
    }
}

/// What the right axis has otherwise than the left one.
fn right_axis([left, right]: &[Object; 2]) -> Vec<(String, Value)> {
    let differs = |key: &str| right.get(key).filter(|value| left.get(key) != Some(value)).cloned();
    let plain = ["unit", "decimals", "min", "max"].into_iter().filter_map(|key| Some((key.to_owned(), differs(key)?)));
    // a range that only the left axis has is not the right one's
    let free = ["min", "max"].into_iter().filter(|key| left.contains_key(*key) && !right.contains_key(*key));
    let free = free.map(|key| (key.to_owned(), Value::Null));
    let (left, custom) = (object(left, "custom"), object(right, "custom"));
    let custom = custom.iter().filter(|(key, value)| *key != "axisPlacement" && left.get(*key) != Some(value));
    let custom = custom.map(|(key, value)| (format!("custom.{key}"), value.clone()));
    let placement = [("custom.axisPlacement".to_owned(), json!("right"))];
    plain.chain(free).chain(custom).chain(placement).collect()
}

fn dashes(series: &Object, graph: &Object) -> Option<(String, Value)> {
    ["dashes", "dashLength", "spaceLength"].into_iter().find(|key| series.contains_key(*key))?;
    let own = |key: &str| number(series, key).or_else(|| number(graph, key)).unwrap_or(10.0);
    let dashed = truthy(series, "dashes") || (!series.contains_key("dashes") && truthy(graph, "dashes"));
    let style = json!({"fill": if dashed { "dash" } else { "solid" }, "dash": [own("dashLength"), own("spaceLength")]});
    Some(("custom.lineStyle".to_owned(), style))
}
