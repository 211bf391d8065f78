//! From a dashboard's JSON, in any of its schemas, to the model. What looks wrong is left out and noted; only what is no dashboard at
//! all is an error.
//!
//! Deliberately unknown here: where the JSON comes from, which values variables have.

mod classic;
mod graph;
mod graph_overrides;
mod json;
mod mappings;
mod panel;
mod singlestat;
mod v2;
mod variable;

use serde_json::Value;

use super::model::{Dashboard, PanelModel};

/// Reads the answer of `/api/dashboards/uid/<uid>`: `{meta, dashboard}`.
///
/// # Errors
/// When it is no dashboard.
pub(super) fn dashboard(answer: &[u8]) -> Result<Dashboard, String> {
    let answer = parsed(answer)?;
    let dashboard = json::object(&answer, "dashboard");
    if dashboard.is_empty() {
        return Err("the answer holds no dashboard".to_owned());
    }
    // some versions answer the newer schema at the classic address
    if dashboard.contains_key("elements") {
        let uid = json::text(dashboard, "uid").to_owned();
        return Ok(Dashboard { uid, ..v2::dashboard(dashboard) });
    }
    Ok(classic::dashboard(dashboard))
}

/// Reads the answer of `/apis/dashboard.grafana.app/<version>/namespaces/<namespace>/dashboards/<uid>`: `{metadata, spec}`, whose `spec`
/// has either schema.
///
/// # Errors
/// When it is no dashboard.
pub(super) fn resource(answer: &[u8]) -> Result<Dashboard, String> {
    let answer = parsed(answer)?;
    let spec = json::object(&answer, "spec");
    if spec.is_empty() {
        return Err("the answer holds no dashboard".to_owned());
    }
    let dashboard = if spec.contains_key("elements") { v2::dashboard(spec) } else { classic::dashboard(spec) };
    Ok(Dashboard { uid: json::text(json::object(&answer, "metadata"), "name").to_owned(), ..dashboard })
}

/// Reads the answer of `/api/library-elements/<uid>`: `{result: {model}}`.
///
/// # Errors
/// When it is no panel.
pub(super) fn library_panel(answer: &[u8]) -> Result<PanelModel, String> {
    let answer = parsed(answer)?;
    let element = json::object(&answer, "result");
    let model = json::object(element, "model");
    if model.is_empty() {
        return Err("the answer holds no panel".to_owned());
    }
    Ok(panel::panel(model))
}

fn parsed(answer: &[u8]) -> Result<json::Object, String> {
    match serde_json::from_slice(answer) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("the answer is no object".to_owned()),
        Err(error) => Err(format!("the answer is no JSON: {error}")),
    }
}

#[cfg(test)]
mod tests;
