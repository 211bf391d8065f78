//! Compares the batches that came with those that were wanted, as Alertmanager's acceptance suite does.
//!
//! Deliberately unknown here: who sent them.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::scenario::{Spec, Wanted, at, object};

/// How far starts and ends may be off.
const TOLERANCE: SignedDuration = SignedDuration::from_millis(150);

/// Go's zero time: the end of an alert that fires.
const NO_END: &str = "0001-01-01T00:00:00Z";

/// A notification that came.
#[derive(Clone, Debug)]
pub struct Batch {
    pub second: f64,
    pub alerts: Vec<Value>,
}

/// What is not as it should be: a wanted batch that did not come within its window, another number of alerts in all than was
/// wanted, an empty batch.
pub fn differences(wanted: &[Wanted], came: &[Vec<Batch>], zero: Timestamp) -> Vec<String> {
    let mut differences = Vec::new();
    for one in wanted.iter().filter(|one| !one.alerts.is_empty()) {
        let within = came[one.hook].iter().filter(|batch| (one.from..=one.to).contains(&batch.second));
        if !within.into_iter().any(|batch| is_wanted(batch, &one.alerts, zero)) {
            differences.push(format!("did not come: {one:?}"));
        }
    }
    for (hook, batches) in came.iter().enumerate() {
        let all: usize = batches.iter().map(|batch| batch.alerts.len()).sum();
        let expected: usize = wanted.iter().filter(|one| one.hook == hook).map(|one| one.alerts.len()).sum();
        if all != expected {
            differences.push(format!("webhook {hook} got {all} alerts in all, {expected} were wanted"));
        }
        if batches.iter().any(|batch| batch.alerts.is_empty()) {
            differences.push(format!("webhook {hook} got an empty batch"));
        }
    }
    differences
}

fn is_wanted(batch: &Batch, wanted: &[Spec], zero: Timestamp) -> bool {
    let mut left: Vec<&Value> = batch.alerts.iter().collect();
    for spec in wanted {
        let Some(found) = left.iter().position(|alert| is(alert, spec, zero)) else { return false };
        left.remove(found);
    }
    left.is_empty()
}

fn is(alert: &Value, spec: &Spec, zero: Timestamp) -> bool {
    let same = |field: &str, pairs: &[(&str, &str)]| alert[field] == object(pairs);
    let close = |field: &str, second: f64| {
        let time: Timestamp = alert[field].as_str().and_then(|text| text.parse().ok()).expect("a time");
        time.duration_since(at(zero, second)).abs() <= TOLERANCE
    };
    let ends = match spec.ends {
        None => alert["endsAt"] == NO_END && alert["status"] == "firing",
        Some(second) => alert["status"] == "resolved" && close("endsAt", second),
    };
    same("labels", &spec.labels)
        && same("annotations", &spec.annotations)
        && spec.starts.is_none_or(|second| close("startsAt", second))
        && ends
}
