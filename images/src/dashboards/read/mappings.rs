//! Value mappings in the form that they had until Grafana 8, `{type: 1, value, text}` and `{type: 2, from, to, text}`, to the current one
//! (`upgradeValueMappings` of public/app/features/dashboard/state/DashboardMigrator.ts).
//!
//! Deliberately unknown here: what a mapping is used for.

use serde_json::{Value, json};

use super::json::{Object, number, shown, text};

/// Replaces old mappings of a list; what is already in the current form stays.
pub(super) fn renew(list: &mut Value) {
    for mapping in list.as_array_mut().into_iter().flatten() {
        let old = mapping.as_object().filter(|mapping| mapping.get("type").is_none_or(|kind| !kind.is_string()));
        if let Some(new) =
            old.and_then(|old| if old.contains_key("from") && !is_value(old) { range(old) } else { value(old) })
        {
            *mapping = new;
        }
    }
}

fn is_value(mapping: &Object) -> bool {
    number(mapping, "type") == Some(1.0)
}

/// `{value, text}`; "null" is a special value.
pub(super) fn value(mapping: &Object) -> Option<Value> {
    let value = mapping.get("value").and_then(shown)?;
    let result = json!({"text": text(mapping, "text")});
    if value == "null" {
        return Some(json!({"type": "special", "options": {"match": "null", "result": result}}));
    }
    Some(json!({"type": "value", "options": {value: result}}))
}

/// `{from, to, text}`; from "null" to "null" is a special value.
pub(super) fn range(mapping: &Object) -> Option<Value> {
    let result = json!({"text": text(mapping, "text")});
    let ends = ["from", "to"].map(|key| mapping.get(key).and_then(shown));
    if ends.iter().all(|end| end.as_deref() == Some("null")) {
        return Some(json!({"type": "special", "options": {"match": "null", "result": result}}));
    }
    let [from, to] = ["from", "to"].map(|key| number(mapping, key));
    (from.is_some() || to.is_some())
        .then(|| json!({"type": "range", "options": {"from": from, "to": to, "result": result}}))
}
