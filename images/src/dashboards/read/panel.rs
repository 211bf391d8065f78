//! A panel in the classic schema. Old types are converted to those that took their place.
//!
//! Deliberately unknown here: what the type makes of its options.

use serde_json::Value;

use super::{
    graph,
    json::{Object, count, filled, object, objects, shown, text, truthy},
    mappings, singlestat,
};
use crate::dashboards::model::{DataSourceRef, Override, PanelModel, Target, Transformation};

/// Reads a panel.
pub(super) fn panel(json: &Object) -> PanelModel {
    let mut panel = PanelModel {
        id: count(json, "id").unwrap_or(0),
        kind: text(json, "type").to_owned(),
        title: text(json, "title").to_owned(),
        datasource: json.get("datasource").and_then(reference),
        targets: targets(objects(json, "targets")),
        transformations: objects(json, "transformations").filter_map(transformation).collect(),
        options: object(json, "options").clone(),
        interval: filled(json, "interval"),
        max_data_points: count(json, "maxDataPoints").filter(|points| *points > 0),
        time_from: filled(json, "timeFrom"),
        time_shift: filled(json, "timeShift"),
        library: filled(object(json, "libraryPanel"), "uid"),
        repeat: filled(json, "repeat"),
        ..PanelModel::default()
    };
    fields(object(json, "fieldConfig"), &mut panel);
    match panel.kind.as_str() {
        "graph" => graph::convert(json, &mut panel),
        "singlestat" | "grafana-singlestat-panel" => singlestat::convert(json, &mut panel),
        "stat" | "gauge" | "bargauge" => singlestat::renew(&mut panel),
        _ => {}
    }
    panel
}

/// Reads `fieldConfig`.
pub(super) fn fields(json: &Object, panel: &mut PanelModel) {
    panel.defaults = object(json, "defaults").clone();
    panel.overrides = objects(json, "overrides").map(r#override).collect();
    if let Some(list) = panel.defaults.get_mut("mappings") {
        mappings::renew(list);
    }
    let properties = panel.overrides.iter_mut().flat_map(|one| &mut one.properties);
    properties.filter(|(id, _)| id == "mappings").for_each(|(_, list)| mappings::renew(list));
}

fn r#override(json: &Object) -> Override {
    let matcher = object(json, "matcher");
    let property = |json: &Object| Some((filled(json, "id")?, json.get("value").cloned().unwrap_or(Value::Null)));
    Override {
        matcher: text(matcher, "id").to_owned(),
        options: matcher.get("options").cloned().unwrap_or(Value::Null),
        properties: objects(json, "properties").filter_map(property).collect(),
    }
}

/// Reads a transformation; none where it is switched off.
pub(super) fn transformation(json: &Object) -> Option<Transformation> {
    let id = filled(json, "id").filter(|_| !truthy(json, "disabled"))?;
    Some(Transformation { id, options: json.get("options").cloned().unwrap_or(Value::Null) })
}

/// A data source in one of its five shapes: nothing, a name, `$variable`, `{type, uid}`, `{uid: "${variable}"}`.
pub(super) fn reference(json: &Value) -> Option<DataSourceRef> {
    match json {
        Value::String(name) if !name.is_empty() => Some(DataSourceRef { uid: name.clone(), kind: None }),
        Value::Object(json) => {
            let reference =
                DataSourceRef { uid: json.get("uid").and_then(shown).unwrap_or_default(), kind: filled(json, "type") };
            Some(reference).filter(|reference| *reference != DataSourceRef::default())
        }
        _ => None,
    }
}

/// Reads queries. Hidden ones are left out, unless an expression of the server may be made of them.
fn targets<'a>(json: impl Iterator<Item = &'a Object>) -> Vec<Target> {
    let all: Vec<Target> = json.enumerate().map(|(at, json)| target(at, json)).collect();
    visible(all)
}

/// The queries that are asked.
pub(super) fn visible(targets: Vec<Target>) -> Vec<Target> {
    let of_server = |target: &Target| target.datasource.as_ref().is_some_and(DataSourceRef::is_expression);
    let expressions = targets.iter().any(of_server);
    targets.into_iter().filter(|target| expressions || !truthy(&target.fields, "hide")).collect()
}

fn target(at: usize, json: &Object) -> Target {
    let mut fields = json.clone();
    let datasource = fields.shift_remove("datasource").as_ref().and_then(reference);
    let ref_id = fields.shift_remove("refId").as_ref().and_then(shown).filter(|id| !id.is_empty());
    Target { ref_id: ref_id.unwrap_or_else(|| letter(at)), datasource, fields }
}

/// What Grafana calls the query of a place that has no name.
pub(super) fn letter(at: usize) -> String {
    let letter = u8::try_from(at).ok().filter(|at| *at < 26).map(|at| char::from(b'A' + at));
    letter.map_or_else(|| format!("Q{at}"), String::from)
}
