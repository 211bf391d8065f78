//! The old type `singlestat` to `stat`, and the first forms of `stat`, `gauge` and `bargauge` to the current one, as Grafana does it
//! (packages/grafana-ui/src/components/SingleStatShared/SingleStatBaseOptions.ts, public/app/plugins/panel/stat/StatMigrations.ts).
//!
//! Deliberately unknown here: how a stat panel is drawn.

use serde_json::{Value, json};

use super::{
    json::{Object, number, object, objects, shown, text, truthy},
    mappings,
};
use crate::dashboards::model::PanelModel;

/// Converts a `singlestat`.
pub(super) fn convert(json: &Object, panel: &mut PanelModel) {
    "stat".clone_into(&mut panel.kind);
    options(json, panel);
    field(json, panel);
    for part in ["prefix", "postfix"] {
        let words = text(json, part);
        if !words.trim().is_empty() {
            panel.degraded.push(format!("{part} {words:?}"));
        }
    }
    if truthy(object(json, "gauge"), "show") {
        panel.degraded.push("the gauge of a singlestat".to_owned());
    }
}

fn options(json: &Object, panel: &mut PanelModel) {
    let (calculation, text_mode) = calculation(text(json, "valueName"));
    let sparkline = object(json, "sparkline");
    let area = truthy(sparkline, "show");
    let color = match (truthy(json, "colorBackground"), truthy(json, "colorValue")) {
        (true, _) => "background",
        (false, true) => "value",
        (false, false) => "none",
    };
    let mut reduce = json!({"calcs": [calculation], "values": false});
    if !text(json, "tableColumn").is_empty() {
        reduce["fields"] = json!(format!("/^{}$/", text(json, "tableColumn")));
    }
    panel.options = Object::new();
    for (key, value) in [
        ("reduceOptions", reduce),
        ("orientation", json!("horizontal")),
        ("graphMode", json!(if area { "area" } else { "none" })),
        ("colorMode", json!(color)),
        ("textMode", json!(text_mode)),
    ] {
        panel.options.insert(key.to_owned(), value);
    }
    let line = text(sparkline, "lineColor");
    if color == "none" && area && !line.is_empty() {
        panel.defaults.insert("color".to_owned(), json!({"mode": "fixed", "fixedColor": line}));
    }
}

/// The calculation of a `valueName` and what is shown beside it.
fn calculation(name: &str) -> (&str, &str) {
    match name {
        "current" => ("lastNotNull", "auto"),
        "total" => ("sum", "auto"),
        "avg" | "" => ("mean", "auto"),
        "name" => ("mean", "name"),
        "last_time" => ("lastNotNull", "auto"),
        other => (other, "auto"),
    }
}

fn field(json: &Object, panel: &mut PanelModel) {
    let mut set = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            panel.defaults.insert(key.to_owned(), value);
        }
    };
    let words = |key: &str| Some(text(json, key)).filter(|text| !text.is_empty()).map(Value::from);
    set("unit", words("format"));
    set("noValue", words("nullText"));
    set("decimals", number(json, "decimals").map(Value::from));
    set("thresholds", thresholds(json));
    set("mappings", old_mappings(json));
    let gauge = object(json, "gauge");
    if truthy(gauge, "show") {
        set("min", number(gauge, "minValue").map(Value::from));
        set("max", number(gauge, "maxValue").map(Value::from));
    }
}

/// `"80,90"` and three colours. The first colour has no threshold.
fn thresholds(json: &Object) -> Option<Value> {
    let colors: Vec<String> = super::json::list(json, "colors").iter().filter_map(shown).collect();
    let levels = text(json, "thresholds");
    if colors.is_empty() || levels.is_empty() {
        return None;
    }
    let levels = levels.split(',').map(|level| level.trim().parse::<f64>().ok().filter(|level| level.is_finite()));
    let steps = std::iter::once(None).chain(levels.take_while(Option::is_some)).zip(colors);
    let steps: Vec<Value> = steps.map(|(value, color)| json!({"value": value, "color": color})).collect();
    Some(json!({"mode": "absolute", "steps": steps}))
}

fn old_mappings(json: &Object) -> Option<Value> {
    let of_values = || objects(json, "valueMaps").filter_map(mappings::value).collect::<Vec<_>>();
    let of_ranges = || objects(json, "rangeMaps").filter_map(mappings::range).collect::<Vec<_>>();
    let kind =
        number(json, "mappingType").unwrap_or(if objects(json, "valueMaps").next().is_some() { 1.0 } else { 2.0 });
    let found = if kind == 1.0 { of_values() } else { of_ranges() };
    (!found.is_empty()).then(|| Value::from(found))
}

/// Moves `options.fieldOptions` of Grafana 6 to where they are now.
pub(super) fn renew(panel: &mut PanelModel) {
    let Some(Value::Object(old)) = panel.options.shift_remove("fieldOptions") else { return };
    let mut reduce = Object::new();
    for key in ["values", "limit", "calcs"] {
        reduce.extend(old.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    panel.options.entry("reduceOptions").or_insert(Value::Object(reduce));
    let mut defaults = object(&old, "defaults").clone();
    for key in ["mappings", "thresholds"] {
        if let (false, Some(value)) = (defaults.contains_key(key), old.get(key)) {
            defaults.insert(key.to_owned(), value.clone());
        }
    }
    if let Some(title) = defaults.shift_remove("title") {
        defaults.insert("displayName".to_owned(), title);
    }
    if let Some(Value::Array(steps)) = defaults.get("thresholds") {
        let thresholds = json!({"mode": "absolute", "steps": steps});
        defaults.insert("thresholds".to_owned(), thresholds);
    }
    defaults.get_mut("mappings").into_iter().for_each(mappings::renew);
    for (key, value) in defaults {
        panel.defaults.entry(key).or_insert(value);
    }
}
