//! The scenarios. What each shows stands at its top; times and alerts are those of Alertmanager's `test/with_api_v2/acceptance`.
//!
//! Deliberately unknown here: how they are run.

mod inhibition;
mod order;
mod sending;

use super::scenario::Scenario;

/// All of them.
pub fn all() -> Vec<Scenario> {
    [sending::all(), order::all(), inhibition::all()].into_iter().flatten().collect()
}

/// What routes say, shortest first.
fn timing(group_by: &str, wait: &str, interval: &str, repeat: &str) -> String {
    format!("group_by: {group_by}\ngroup_wait: {wait}\ngroup_interval: {interval}\nrepeat_interval: {repeat}")
}
