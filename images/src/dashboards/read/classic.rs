//! Dashboards in the form that they had until Grafana 12: `panels`, in rows that may be collapsed, or the still older `rows`.
//!
//! Deliberately unknown here: what is in a panel.

use super::{
    json::{Object, filled, object, objects, text},
    panel::panel,
    variable::variable,
};
use crate::dashboards::model::{Dashboard, PanelModel};

/// Reads a dashboard.
pub(super) fn dashboard(json: &Object) -> Dashboard {
    let rows = objects(json, "rows");
    Dashboard {
        uid: text(json, "uid").to_owned(),
        title: text(json, "title").to_owned(),
        variables: objects(object(json, "templating"), "list").map(variable).collect(),
        panels: with_nested(json).chain(rows.flat_map(row)).collect(),
    }
}

/// The panels of a dashboard, and those that are folded up in its rows.
fn with_nested(json: &Object) -> impl Iterator<Item = PanelModel> {
    objects(json, "panels").flat_map(|json| if text(json, "type") == "row" { row(json) } else { vec![panel(json)] })
}

/// The panels of a row; where it is repeated, they are.
fn row(json: &Object) -> Vec<PanelModel> {
    let repeat = filled(json, "repeat");
    let mut panels: Vec<PanelModel> = objects(json, "panels").map(panel).collect();
    for panel in &mut panels {
        panel.repeat = panel.repeat.take().or_else(|| repeat.clone());
    }
    panels
}
