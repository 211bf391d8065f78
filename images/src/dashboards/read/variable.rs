//! A variable in the classic schema; the newer one differs in names only, and [`common`] reads both.
//!
//! Deliberately unknown here: which value is taken.

use serde_json::Value;

use super::{
    json::{Object, count, filled, list, object, shown, text, truthy},
    panel::reference,
};
use crate::dashboards::model::Variable;

/// Into how many steps an interval's "auto" cuts the stretch of time, and the shortest, where the variable does not say it.
const AUTO: (u64, &str) = (30, "10s");

/// Reads a variable.
pub(super) fn variable(json: &Object) -> Variable {
    Variable {
        kind: text(json, "type").to_owned(),
        query: json.get("query").cloned().unwrap_or(Value::Null),
        datasource: json.get("datasource").and_then(reference),
        ..common(json)
    }
}

/// What both schemas have under the same names.
pub(super) fn common(json: &Object) -> Variable {
    let auto = (count(json, "auto_count").filter(|count| *count > 0), filled(json, "auto_min"));
    Variable {
        name: text(json, "name").to_owned(),
        regex: text(json, "regex").to_owned(),
        current: pairs(object(json, "current")),
        options: list(json, "options").iter().filter_map(Value::as_object).flat_map(pairs).collect(),
        multi: truthy(json, "multi"),
        include_all: truthy(json, "includeAll"),
        all_value: filled(json, "allValue"),
        auto: truthy(json, "auto").then(|| (auto.0.unwrap_or(AUTO.0), auto.1.unwrap_or_else(|| AUTO.1.to_owned()))),
        ..Variable::default()
    }
}

/// Values and how they are shown, from `{value, text}`, each of which may be one or a list.
fn pairs(json: &Object) -> Vec<(String, String)> {
    let all = |key: &str| match json.get(key) {
        Some(Value::Array(all)) => all.iter().filter_map(shown).collect(),
        Some(one) => shown(one).into_iter().collect(),
        None => Vec::new(),
    };
    let (values, texts): (Vec<String>, Vec<String>) = (all("value"), all("text"));
    // of several values, old versions kept one text: "a + b"
    let texts = if texts.len() == values.len() { texts } else { values.clone() };
    values.into_iter().zip(texts).collect()
}
