//! Merging, repeating, batching, resolving.
//!
//! Deliberately unknown here: how they are run.

use super::{
    super::scenario::{Hook, Scenario, Spec, alert},
    timing,
};

pub fn all() -> Vec<Scenario> {
    vec![
        merge("MergeAlerts", |spec, _| spec),
        merge("MergeAlertsWithEndsAt", |spec, start| spec.ends(start + 3.0)),
        repeat(),
        retry(),
        batching(),
        resolved("Resolved"),
        resolved("ResolvedAgain"),
        resolved_filter(),
        webhook_timeout(),
    ]
}

/// What came before is replaced or merged, by overlap. Firing pushes have no end, or one that lies three seconds after their start.
fn merge(name: &'static str, firing: fn(Spec, f64) -> Spec) -> Scenario {
    let test = || alert("test");
    let fires = |spec: Spec, start: f64| firing(spec.starts(start), start);
    let ann = |value: &'static str| test().annotation("ann", value);
    Scenario::new(name, &timing("[alertname]", "1s", "1s", "1ms"))
        .push(1.0, [fires(test(), 1.1)])
        .push(1.2, [fires(test(), 1.0)])
        .push(2.1, [fires(ann("v1"), 2.0)])
        .push(3.6, [fires(ann("v2"), 1.5)])
        .push(4.6, [ann("v2").starts(3.0).ends(4.5)])
        .push(4.8, [ann("v3").starts(2.9).ends(4.8)])
        .push(4.8, [ann("v3").starts(2.9).ends(4.1)])
        .push(5.3, [fires(test(), 5.0)])
        .want(2.0, 2.5, [test().starts(1.0)])
        .want(3.0, 3.5, [ann("v1").starts(1.0)])
        .want(4.0, 4.5, [ann("v2").starts(1.0)])
        .want(5.0, 5.5, [ann("v3").starts(1.0).ends(4.8)])
        .want(6.0, 6.5, [test().starts(5.0)])
}

/// Told again at every interval while the repeat interval is shorter; the end once.
fn repeat() -> Scenario {
    let test = || alert("test").starts(1.0);
    Scenario::new("Repeat", &timing("[alertname]", "1s", "1s", "1ms"))
        .push(1.0, [test()])
        .push(3.5, [test().ends(3.0)])
        .want(2.0, 2.5, [test()])
        .want(3.0, 3.5, [test()])
        .want(4.0, 4.5, [test().ends(3.0)])
}

/// Two webhooks of one receiver do not depend on each other.
fn retry() -> Scenario {
    let test = || alert("test1").starts(1.0);
    Scenario::new("Retry", &timing("[alertname]", "1s", "2s", "3s"))
        .second_hook(true, Hook::DropsUntil(4.5))
        .push(1.0, [alert("test1")])
        .want(2.0, 2.5, [test()])
        .want(6.0, 6.5, [test()])
        .want_at(1, 6.0, 6.5, [test()])
}

/// What comes later joins the group at its next interval, and all of it is repeated together.
fn batching() -> Scenario {
    let all = || {
        let early = ["test1", "test5"].map(|name| alert(name).starts(1.0));
        let late = [alert("test2").starts(1.5), alert("test3").starts(1.5), alert("test4").starts(1.6)];
        early.into_iter().chain(late)
    };
    Scenario::new("Batching", &timing("[]", "1s", "1s", "4900ms"))
        .push(1.1, [alert("test1").starts(1.0)])
        .push(1.7, [alert("test5").starts(1.0)])
        .push(3.3, all().skip(2))
        .want(2.0, 2.5, all().take(2))
        .want(4.1, 4.5, all())
        .want(9.1, 9.5, all())
}

fn lbl(value: &'static str) -> Spec {
    alert("test").label("lbl", value)
}

/// Alerts that are not repeated end after `resolve_timeout`.
fn resolved(name: &'static str) -> Scenario {
    let all = || ["v1", "v2", "v3"].map(lbl);
    Scenario::new(name, "group_by: [alertname]\ngroup_wait: 1s\ngroup_interval: 5s")
        .section("global:\n  resolve_timeout: 10s")
        .push(1.0, all())
        .want(2.0, 2.5, all().map(|one| one.starts(1.0)))
        .want(12.0, 13.0, all().map(|one| one.starts(1.0).ends(11.0)))
}

/// A webhook that is not told of ends never gets one, and no message that has nothing else.
fn resolved_filter() -> Scenario {
    let (v1, v2, v3) = (|| lbl("v1").starts(1.0), || lbl("v2").starts(1.0), || lbl("v3").starts(3.0));
    Scenario::new("ResolvedFilter", "group_by: [alertname]\ngroup_wait: 1s\ngroup_interval: 5s")
        .section("global:\n  resolve_timeout: 10s")
        .second_hook(false, Hook::Works)
        .push(1.0, [lbl("v1"), lbl("v2")])
        .push(3.0, [v1().ends(4.0), lbl("v3")])
        .push(8.0, [v3()])
        .want(2.0, 2.5, [v1(), v2()])
        .want(7.0, 7.5, [v1().ends(4.0), v2(), v3()])
        .want(12.0, 12.5, [v2().ends(11.0), v3()])
        .want_at(1, 2.0, 2.5, [v1(), v2()])
        .want_at(1, 7.0, 7.5, [v2(), v3()])
}

/// A request that takes too long is given up and tried again.
fn webhook_timeout() -> Scenario {
    Scenario::new("WebhookTimeout", &timing("[alertname]", "1s", "1m", "1m"))
        .hook_line("timeout: 500ms")
        .first_hook(Hook::SleepsUntil(3.0))
        .push(1.0, [alert("test1")])
        .want(3.0, 4.0, [alert("test1").starts(1.0)])
}
