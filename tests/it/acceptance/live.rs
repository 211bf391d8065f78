//! Scenarios of the API: what is asked is answered as it is now, whatever the flushes do.
//!
//! Deliberately unknown here: notifications.

use std::process::Command;

use serde_json::{Value, json};

use super::program::{self, Kind, Program};
use crate::support::{alerts::in_seconds, client, pause, process::Process, server::listening, wait_for};

/// A scenario's name and itself.
pub type Live = (&'static str, fn(Kind));

pub const ALL: [Live; 6] = [
    ("HarnessFindsItsWay", harness_finds_its_way),
    ("EmptyInhibitionRule", empty_inhibition_rule),
    ("AddSilence", add_silence),
    ("AlertGetReturnsCurrentStatus", current_status),
    ("FilterAlertRequest", filter_alert_request),
    ("WebPrefix", web_prefix),
];

/// One receiver that is nowhere.
pub const NOWHERE: &str = "route:\n  receiver: default\n  group_by: []\n  group_wait: 1s\n  group_interval: 10m\n  \
                           repeat_interval: 1h\nreceivers:\n- name: default\n";

/// An alert with these labels.
pub fn labelled(labels: &Value) -> Value {
    json!({"labels": labels, "startsAt": in_seconds(-1), "endsAt": in_seconds(600)})
}

/// A silence for a day with one matcher.
pub fn silence(name: &str, value: &str) -> Value {
    json!({
        "matchers": [{"name": name, "value": value, "isRegex": false, "isEqual": true}],
        "startsAt": in_seconds(0),
        "endsAt": in_seconds(24 * 3600),
        "createdBy": "scenario",
        "comment": "a test",
    })
}

/// Alertmanager's own harness learns from standard error where the server listens, and from the status where its one peer is; the
/// configuration lies in the folder of the data.
fn harness_finds_its_way(kind: Kind) {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("config.yml");
    std::fs::write(&config, NOWHERE).expect("a configuration");
    let mut command = Command::new("sh");
    command.args(["-c", "exec \"$0\" \"$@\" 2>&1 > /dev/null"]).arg(program::path(kind));
    command.arg("--config.file").arg(config).arg("--storage.path").arg(folder.path());
    for (flag, value) in [
        ("--log.level", "debug"),
        ("--web.listen-address", "127.0.0.1:0"),
        ("--cluster.listen-address", "127.0.0.1:0"),
        ("--cluster.settle-timeout", "0s"),
    ] {
        command.args([flag, value]);
    }
    let mut process = Process::start(&mut command);
    let address = process.wait_for_output("the address on standard error", |output| listening(output, "address"));
    let status = wait_for("the status", || {
        let answer = client::try_get(&format!("http://{address}/api/v2/status")).ok()?;
        (answer.status == 200).then(|| answer.json())
    });
    let peers = status["cluster"]["peers"].as_array().expect("peers");
    assert_eq!(peers.len(), 1, "{status}");
    assert!(peers[0]["address"].as_str().is_some_and(|address| address.contains(':')), "{status}");
    assert_eq!(status["cluster"]["status"], "ready");
}

fn empty_inhibition_rule(kind: Kind) {
    let program = Program::start(kind, &format!("inhibit_rules: [null]\n{NOWHERE}"), &[]);
    program.alerts(&json!([labelled(&json!({"alertname": "a"}))]));
    wait_for("the alert", || (program.listed("").len() == 1).then_some(()));
}

fn add_silence(kind: Kind) {
    let program = Program::start(kind, NOWHERE, &[]);
    let id = program.silence(&silence("foo", "bar"));
    let read = program.json(&format!("/api/v2/silence/{id}"));
    assert_eq!(read["status"]["state"], "active");
    assert_eq!(read["matchers"], json!([{"name": "foo", "value": "bar", "isRegex": false, "isEqual": true}]));
}

const CRITICAL_MUTES_WARNING: &str = "inhibit_rules:\n- source_matchers: [severity=critical]\n  target_matchers: [severity=warning]\n  equal: [alertname]\n";

fn current_status(kind: Kind) {
    let program = Program::start(kind, &format!("{CRITICAL_MUTES_WARNING}{NOWHERE}"), &[]);
    let alert = |severity: &str| labelled(&json!({"alertname": "test1", "severity": severity}));
    let read = |severity: &str| {
        let found = wait_for(severity, || program.listed(&format!("?filter=severity%3D{severity}")).pop());
        (found["status"].clone(), found["fingerprint"].as_str().expect("a fingerprint").to_owned())
    };
    // an alert that was just posted may not have been looked at
    let state = |severity: &str, state: &str| {
        wait_for(&format!("{severity} to be {state}"), || {
            Some(read(severity).0).filter(|status| status["state"] == state)
        })
    };

    program.alerts(&json!([alert("warning")]));
    let status = state("warning", "active");
    assert_eq!((&status["silencedBy"], &status["inhibitedBy"]), (&json!([]), &json!([])));

    pause(std::time::Duration::from_secs(2));
    let id = program.silence(&silence("alertname", "test1"));
    let (status, _) = read("warning");
    assert_eq!((&status["state"], &status["silencedBy"]), (&json!("suppressed"), &json!([id])), "not at once");

    program.alerts(&json!([alert("critical")]));
    let status = state("critical", "suppressed");
    assert_eq!((&status["silencedBy"], &status["inhibitedBy"]), (&json!([id]), &json!([])));
    let critical = read("critical").1;
    let (status, _) = read("warning");
    assert_eq!((&status["silencedBy"], &status["inhibitedBy"]), (&json!([id]), &json!([critical])));

    program.expire(&id);
    let (status, _) = read("critical");
    assert_eq!((&status["state"], &status["silencedBy"]), (&json!("active"), &json!([])));
    let (status, _) = read("warning");
    assert_eq!((&status["state"], &status["silencedBy"]), (&json!("suppressed"), &json!([])));
    assert_eq!(status["inhibitedBy"], json!([critical]));
}

fn filter_alert_request(kind: Kind) {
    let program = Program::start(kind, NOWHERE, &[]);
    let alert = |name: &str, severity: &str| labelled(&json!({"alertname": name, "severity": severity}));
    program.alerts(&json!([alert("test1", "warning"), alert("test2", "info")]));
    let found = wait_for("both alerts to be active", || {
        let active = program.listed("").iter().filter(|one| one["status"]["state"] == "active").count();
        (active == 2).then(|| program.listed("?filter=alertname%3Dtest1&filter=severity%3Dwarning&silenced=false"))
    });
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["labels"], json!({"alertname": "test1", "severity": "warning"}));
    assert_eq!(found[0]["status"]["state"], "active");
}

fn web_prefix(kind: Kind) {
    let program = Program::start(kind, NOWHERE, &["--web.route-prefix=/foo"]);
    let answer = program.post("/foo/api/v2/alerts", json!([labelled(&json!({"alertname": "a"}))]).to_string());
    assert_eq!(answer.status, 200, "{}", answer.text());
    wait_for("the alert", || (program.json("/foo/api/v2/alerts").as_array()?.len() == 1).then_some(()));
    assert_eq!(program.get("/foo/-/healthy").status, 200);
    assert_eq!(program.get("/api/v2/alerts").status, 404, "also without the prefix");
}
