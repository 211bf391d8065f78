//! Alerts and configurations as the scenarios need them.
//!
//! Deliberately unknown here: who sends them.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Groups that are told about within a second and again after a second, and never reminded of.
pub const QUICK: &str =
    "group_by = [\"alertname\"]\ngroup_wait = \"1s\"\ngroup_interval = \"1s\"\nrepeat_interval = \"1h\"\n";

/// A configuration: `sections` (whole tables), then one route with `timing` to one receiver of these integrations.
pub fn config(sections: &str, timing: &str, integrations: &[String]) -> String {
    let integrations = integrations.join("");
    format!("{sections}\n[route]\nreceiver = \"team\"\n{timing}\n[[receivers]]\nname = \"team\"\n{integrations}")
}

/// A time so many seconds from now, as JSON has it.
pub fn in_seconds(seconds: i64) -> String {
    (Timestamp::now() + SignedDuration::from_secs(seconds)).to_string()
}

/// An alert that fires since now, and for five minutes unless repeated.
pub fn alert(name: &str, instance: &str) -> Value {
    json!({
        "labels": {"alertname": name, "instance": instance, "severity": "warning"},
        "annotations": {"summary": format!("{name} on {instance}")},
        "startsAt": in_seconds(0),
        "endsAt": in_seconds(300),
    })
}

/// The alert with another link to its rule.
pub fn with_rule(mut alert: Value, generator_url: &str) -> Value {
    alert["generatorURL"] = generator_url.into();
    alert
}
