//! What starts, stops and mutes: the start delay, reloads, silences, routes with names in any script.
//!
//! Deliberately unknown here: how they are run.

use super::{
    super::scenario::{Scenario, Spec, Step, alert},
    timing,
};

pub fn all() -> Vec<Scenario> {
    vec![cold_start(), reload(), silencing(), silence_delete(), utf8_route()]
}

/// Nothing is told before the start delay is over; then groups begin at once, also across a reload.
fn cold_start() -> Scenario {
    Scenario::new("ColdStart", &timing("[]", "1s", "6s", "10m"))
        .flag("--dispatch.start-delay=5s")
        .push(1.0, [alert("test1").starts(-100.0)])
        .push(2.0, [alert("test2")])
        .step(5.0, Step::Reload)
        .push(6.0, [alert("test3")])
        .push(7.0, [alert("test4")])
        // the server started before second 0
        .want(4.0, 5.0, [alert("test1").starts(-100.0), alert("test2").starts(2.0)])
        .want(
            11.0,
            11.5,
            [
                alert("test1").starts(-100.0),
                alert("test2").starts(2.0),
                alert("test3").starts(6.0),
                alert("test4").starts(7.0),
            ],
        )
}

/// A reload starts the group's timer anew, and what was told is not told again.
fn reload() -> Scenario {
    Scenario::new("Reload", &timing("[]", "1s", "6s", "10m"))
        .push(1.0, [alert("test1")])
        .step(3.0, Step::Hangup)
        .push(4.0, [alert("test2")])
        .want(2.0, 2.5, [alert("test1").starts(1.0)])
        .want(9.0, 9.5, [alert("test1").starts(1.0), alert("test2").starts(4.0)])
}

fn both() -> [Spec; 2] {
    ["test1", "test2"].map(|name| alert(name).starts(1.0))
}

/// A silenced alert is left out of the message, and is in it again afterwards.
fn silencing() -> Scenario {
    let test2 = || [alert("test2").starts(1.0)];
    Scenario::new("Silencing", &timing("[]", "1s", "1s", "1ms"))
        .push(1.0, ["test1", "test2"].map(alert))
        .step(2.3, Step::Silence("alertname", "test1", false, 2.5, 4.5))
        .want(2.0, 2.5, both())
        .want(3.0, 3.5, test2())
        .want(4.0, 4.5, test2())
        .want(5.0, 5.5, both())
}

/// A silence that is expired no longer mutes.
fn silence_delete() -> Scenario {
    Scenario::new("SilenceDelete", &timing("[]", "1s", "1s", "1ms"))
        .push(1.0, ["test1", "test2"].map(alert))
        .step(1.3, Step::Silence("alertname", ".+", true, 1.5, 100.0))
        .step(3.5, Step::Expire)
        .want(3.5, 4.5, both())
}

/// Names of labels in any script route and group.
fn utf8_route() -> Scenario {
    let fires = || Spec::default().label("foo🙂", "bar").starts(1.0);
    let route = "routes:\n- receiver: default\n  matchers: ['foo🙂=bar']\n  group_by: ['foo🙂']\n  group_wait: 1s";
    let mut scenario = Scenario::new("SendAlertsToUTF8Route", "group_wait: 1m");
    let indented = route.lines().map(|line| format!("  {line}\n")).collect::<String>();
    scenario.config = scenario.config.replace("  group_wait: 1m\n", &indented);
    scenario.push(1.0, [fires()]).want(2.0, 2.5, [fires()])
}
