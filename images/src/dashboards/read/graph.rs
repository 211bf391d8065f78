//! The old type `graph` to `timeseries`, as Grafana does it (public/app/plugins/panel/timeseries/migrations.ts,
//! `graphToTimeseriesOptions`).
//!
//! Deliberately unknown here: how a time series panel is drawn.

use serde_json::{Value, json};

use super::{
    graph_overrides::overrides,
    json::{Object, filled, number, object, objects, text, truthy},
};
use crate::dashboards::model::PanelModel;

/// Converts a `graph`.
pub(super) fn convert(json: &Object, panel: &mut PanelModel) {
    let mode = text(object(json, "xaxis"), "mode");
    if !matches!(mode, "" | "time") {
        // histograms and bars by series are other pictures: whoever draws time series must not take it for one
        panel.degraded.push(format!("the x axis is of the mode {mode:?}"));
        return;
    }
    "timeseries".clone_into(&mut panel.kind);
    let axes = axes(json);
    panel.overrides.extend(overrides(json, &axes));
    let [left, _] = axes;
    let mut custom = object(&panel.defaults, "custom").clone();
    custom.extend(object(&left, "custom").clone());
    custom.extend(look(json));
    panel.defaults.extend(left);
    if let Some((style, thresholds)) = thresholds(json) {
        custom.insert("thresholdsStyle".to_owned(), json!({"mode": style}));
        panel.defaults.insert("thresholds".to_owned(), thresholds);
    }
    panel.defaults.insert("custom".to_owned(), Value::Object(custom));
    let nulls = text(json, "nullPointMode");
    if nulls == "null as zero" {
        panel.degraded.push("nulls as zero".to_owned());
    }
    if !nulls.is_empty() {
        panel.defaults.insert("nullValueMode".to_owned(), json!(nulls));
    }
    panel.options.insert("legend".to_owned(), legend(object(json, "legend")));
}

/// The left axis and the right one, as field config.
fn axes(json: &Object) -> [Object; 2] {
    let mut axes = objects(json, "yaxes");
    // until Grafana 4: y_formats
    let formats = super::json::list(json, "y_formats");
    [0, 1].map(|at| match (axes.next(), formats.get(at)) {
        (Some(old), _) => axis(old),
        (None, Some(format)) => Object::from_iter([("unit".to_owned(), format.clone())]),
        (None, None) => Object::new(),
    })
}

fn axis(json: &Object) -> Object {
    let mut field = Object::new();
    let mut custom = Object::new();
    let placement = if json.contains_key("show") && !truthy(json, "show") { "hidden" } else { "auto" };
    custom.insert("axisPlacement".to_owned(), json!(placement));
    if let Some(label) = filled(json, "label") {
        custom.insert("axisLabel".to_owned(), json!(label));
    }
    let base = number(json, "logBase").filter(|base| *base > 1.0);
    if let Some(base) = base {
        // Grafana's new axes know the bases 2 and 10
        let log = if base == 2.0 { 2 } else { 10 };
        custom.insert("scaleDistribution".to_owned(), json!({"type": "log", "log": log}));
    }
    if let Some(format) = filled(json, "format") {
        field.insert("unit".to_owned(), json!(format));
    }
    for key in ["decimals", "min", "max"] {
        field.extend(number(json, key).map(|number| (key.to_owned(), Value::from(number))));
    }
    field.insert("custom".to_owned(), Value::Object(custom));
    field
}

/// How series look: `custom` of the field config.
fn look(json: &Object) -> Object {
    let mut look = Object::new();
    let mut set = |key: &str, value: Value| drop(look.insert(key.to_owned(), value));
    let lines = !json.contains_key("lines") || truthy(json, "lines");
    let style = if truthy(json, "bars") {
        "bars"
    } else if lines {
        "line"
    } else {
        "points"
    };
    set("drawStyle", json!(style));
    match (truthy(json, "points"), style) {
        (true, _) => {
            set("showPoints", json!("always"));
            set("pointSize", json!(2.0 + 2.0 * number(json, "pointradius").unwrap_or(2.0)));
        }
        (false, "points") => {}
        (false, _) => set("showPoints", json!("never")),
    }
    set("lineWidth", json!(number(json, "linewidth").unwrap_or(1.0)));
    if truthy(json, "dashes") {
        let length = |key| number(json, key).unwrap_or(10.0);
        set("lineStyle", json!({"fill": "dash", "dash": [length("dashLength"), length("spaceLength")]}));
    }
    let gradient = number(json, "fillGradient").filter(|gradient| *gradient > 0.0);
    // fills were 0 to 10; bands were always the same, bars always solid
    let fill = match (style, gradient) {
        ("bars", _) => 100.0,
        (_, Some(gradient)) => gradient * 10.0,
        _ if objects(json, "seriesOverrides").any(|series| series.contains_key("fillBelowTo")) => 35.0,
        _ => number(json, "fill").unwrap_or(1.0) * 10.0,
    };
    set("fillOpacity", json!(fill));
    set("gradientMode", json!(if gradient.is_some() { "opacity" } else { "none" }));
    set("spanNulls", json!(text(json, "nullPointMode") == "connected"));
    if truthy(json, "steppedLine") {
        set("lineInterpolation", json!("stepAfter"));
    }
    if truthy(json, "stack") {
        set("stacking", json!({"mode": if truthy(json, "percentage") { "percent" } else { "normal" }, "group": "A"}));
    }
    look
}

fn legend(json: &Object) -> Value {
    let shown = !json.contains_key("show") || truthy(json, "show");
    let columns = ["min", "max", "avg", "current", "total"].into_iter().filter(|key| truthy(json, key));
    let calculations: Vec<&str> = if truthy(json, "values") { columns.map(calculation).collect() } else { Vec::new() };
    let mut legend = json!({
        "showLegend": shown,
        "displayMode": if truthy(json, "alignAsTable") { "table" } else { "list" },
        "placement": if truthy(json, "rightSide") { "right" } else { "bottom" },
        "calcs": calculations,
    });
    if let Some(sort) = filled(json, "sort") {
        legend["sortBy"] = json!(column(&sort));
        legend["sortDesc"] = json!(truthy(json, "sortDesc"));
    }
    if let Some(width) = number(json, "sideWidth") {
        legend["width"] = json!(width);
    }
    legend
}

fn calculation(column: &str) -> &str {
    match column {
        "avg" => "mean",
        "current" => "lastNotNull",
        "total" => "sum",
        other => other,
    }
}

/// What the new legend calls a column that it is sorted by.
fn column(old: &str) -> &str {
    match old {
        "avg" => "Mean",
        "current" => "Last *",
        "total" => "Total",
        "min" => "Min",
        "max" => "Max",
        other => other,
    }
}

/// The style of thresholds, and the thresholds themselves.
fn thresholds(json: &Object) -> Option<(&'static str, Value)> {
    let mut old: Vec<(f64, &Object)> =
        objects(json, "thresholds").filter_map(|one| Some((number(one, "value")?, one))).collect();
    old.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let mut steps: Vec<(Option<f64>, String)> = Vec::new();
    for (at, (value, one)) in old.iter().enumerate() {
        if text(one, "op") != "lt" {
            steps.push((Some(*value), color(one)));
            continue;
        }
        if steps.is_empty() {
            steps.push((None, color(one)));
        }
        let next = old.get(at + 1).map(|(_, next)| *next).filter(|next| text(next, "op") == "lt");
        steps.push((Some(*value), next.map_or_else(|| "transparent".to_owned(), color)));
    }
    if steps.first()?.0.is_some() {
        steps.insert(0, (None, "transparent".to_owned()));
    }
    let has = |key: &str| old.iter().any(|(_, one)| truthy(one, key));
    let style = match (has("fill"), has("line")) {
        (true, true) => "line+area",
        (true, false) => "area",
        (false, _) => "line",
    };
    let steps: Vec<Value> = steps.into_iter().map(|(value, color)| json!({"value": value, "color": color})).collect();
    Some((style, json!({"mode": "absolute", "steps": steps})))
}

fn color(threshold: &Object) -> String {
    match text(threshold, "colorMode") {
        "warning" => "orange".to_owned(),
        "ok" => "green".to_owned(),
        "custom" => filled(threshold, "fillColor")
            .or_else(|| filled(threshold, "lineColor"))
            .unwrap_or_else(|| "red".to_owned()),
        _ => "red".to_owned(),
    }
}
