//! Dashboards in the schema of Grafana 12 and later: `elements` in place of panels. Both its first form (v2alpha1), in which a `kind` names
//! the plugin, and the later one (v2beta1, v2), in which `group` does.
//!
//! Deliberately unknown here: where on the page a panel is.

use serde_json::Value;

use super::{
    json::{Object, count, filled, list, object, objects, text, truthy},
    panel::{fields, letter, reference, transformation, visible},
    variable::common,
};
use crate::dashboards::model::{Dashboard, DataSourceRef, PanelModel, Target, Variable};

/// How deep layouts may lie in each other.
const DEEPEST: u8 = 8;

/// Reads a dashboard's `spec`; its uid is not in it.
pub(super) fn dashboard(spec: &Object) -> Dashboard {
    let mut repeats = Vec::new();
    repeated(object(spec, "layout"), None, 0, &mut repeats);
    let panels = object(spec, "elements").iter().filter_map(|(name, json)| {
        let repeat = repeats.iter().find(|(element, _)| element == name).map(|(_, variable)| variable.clone());
        Some(PanelModel { repeat, ..element(json.as_object()?)? })
    });
    Dashboard {
        uid: String::new(),
        title: text(spec, "title").to_owned(),
        variables: objects(spec, "variables").map(variable).collect(),
        panels: panels.collect(),
    }
}

fn element(json: &Object) -> Option<PanelModel> {
    let spec = object(json, "spec");
    match text(json, "kind") {
        "Panel" => Some(panel(spec)),
        "LibraryPanel" => Some(PanelModel {
            id: count(spec, "id")?,
            title: text(spec, "title").to_owned(),
            library: filled(object(spec, "libraryPanel"), "uid"),
            ..PanelModel::default()
        }),
        _ => None,
    }
}

fn panel(spec: &Object) -> PanelModel {
    let viz = object(spec, "vizConfig");
    let data = object(object(spec, "data"), "spec");
    let asked = object(data, "queryOptions");
    let mut panel = PanelModel {
        id: count(spec, "id").unwrap_or(0),
        kind: plugin(viz).to_owned(),
        title: text(spec, "title").to_owned(),
        targets: visible(
            objects(data, "queries").enumerate().map(|(at, json)| target(at, object(json, "spec"))).collect(),
        ),
        transformations: objects(data, "transformations").filter_map(of_kind).collect(),
        options: object(object(viz, "spec"), "options").clone(),
        interval: filled(asked, "interval"),
        max_data_points: count(asked, "maxDataPoints").filter(|points| *points > 0),
        time_from: filled(asked, "timeFrom"),
        time_shift: filled(asked, "timeShift"),
        ..PanelModel::default()
    };
    fields(object(object(viz, "spec"), "fieldConfig"), &mut panel);
    panel
}

/// The plugin that something is of.
fn plugin(json: &Object) -> &str {
    let group = text(json, "group");
    if group.is_empty() { text(json, "kind") } else { group }
}

fn of_kind(json: &Object) -> Option<crate::dashboards::model::Transformation> {
    let mut spec = object(json, "spec").clone();
    let id = plugin(json);
    spec.entry("id").or_insert_with(|| Value::from(id));
    transformation(&spec)
}

fn target(at: usize, spec: &Object) -> Target {
    let query = object(spec, "query");
    let mut fields = object(query, "spec").clone();
    if truthy(spec, "hidden") {
        fields.insert("hide".to_owned(), Value::Bool(true));
    }
    Target { ref_id: filled(spec, "refId").unwrap_or_else(|| letter(at)), datasource: datasource(spec, query), fields }
}

/// The data source of a query: in the first form beside it, later in it, by the name that the uid has there.
fn datasource(spec: &Object, query: &Object) -> Option<DataSourceRef> {
    let beside = spec.get("datasource").and_then(reference);
    let named = text(object(query, "datasource"), "name").to_owned();
    let kind = Some(plugin(query)).filter(|kind| !matches!(*kind, "" | "DataQuery")).map(str::to_owned);
    beside.or_else(|| (!named.is_empty() || kind.is_some()).then_some(DataSourceRef { uid: named, kind }))
}

fn variable(json: &Object) -> Variable {
    let spec = object(json, "spec");
    let kind = match text(json, "kind").trim_end_matches("Variable") {
        "Text" => "textbox".to_owned(),
        kind => kind.to_lowercase(),
    };
    let query = object(spec, "query");
    let (query, datasource) = match kind.as_str() {
        "query" => (asked(query), datasource(spec, query)),
        "datasource" => (Value::from(text(spec, "pluginId")), None),
        _ => (spec.get("query").cloned().unwrap_or(Value::Null), None),
    };
    Variable { kind, query, datasource, ..common(spec) }
}

/// What a query variable asks: of queries that were texts once, the text.
fn asked(query: &Object) -> Value {
    let spec = object(query, "spec");
    spec.get("__legacyStringValue").cloned().unwrap_or_else(|| Value::Object(spec.clone()))
}

/// Which elements are repeated, for which variables.
fn repeated(json: &Object, around: Option<&str>, depth: u8, found: &mut Vec<(String, String)>) {
    if depth > DEEPEST {
        return;
    }
    let spec = object(json, "spec");
    let own = filled(object(spec, "repeat"), "value");
    let variable = own.as_deref().or(around);
    let element = text(object(spec, "element"), "name");
    if let (false, Some(variable)) = (element.is_empty(), variable) {
        found.push((element.to_owned(), variable.to_owned()));
    }
    for inner in ["items", "rows", "tabs"].into_iter().flat_map(|key| list(spec, key)) {
        inner.as_object().into_iter().for_each(|inner| repeated(inner, variable, depth + 1, found));
    }
    repeated_below(spec, variable, depth, found);
}

fn repeated_below(spec: &Object, around: Option<&str>, depth: u8, found: &mut Vec<(String, String)>) {
    let layout = object(spec, "layout");
    if !layout.is_empty() {
        repeated(layout, around, depth + 1, found);
    }
}
