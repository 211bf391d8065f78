//! `amtool config`, `amtool cluster` and `amtool check-config`: they read the configuration that the server says it has, strictly.
//!
//! Deliberately unknown here: which program answers.

use super::{Amtool, shown};

/// A bit of everything that an Alertmanager of 2022 knows.
pub const CONFIG: &str = r#"
global:
  resolve_timeout: 7m
  smtp_from: alerts@mail.example
  smtp_smarthost: mail.example:587
  smtp_auth_username: alerts
  smtp_auth_password: very-secret
route:
  receiver: default
  group_by: [alertname]
  group_wait: 1s
  group_interval: 1m
  repeat_interval: 3h
  routes:
  - receiver: databases
    matchers: [team="db", severity=~"warning|critical"]
    continue: true
    mute_time_intervals: [nights]
  - receiver: databases
    match: {team: db}
    group_by: ['...']
  - receiver: web
    match_re: {team: web|shop}
inhibit_rules:
- source_matchers: [severity=critical]
  target_matchers: [severity=warning]
  equal: [alertname]
time_intervals:
- name: nights
  time_intervals:
  - times: [{start_time: '22:00', end_time: '24:00'}]
    weekdays: ['monday:friday']
receivers:
- name: default
  webhook_configs:
  - url: http://127.0.0.1:9/hook
    send_resolved: true
- name: databases
  email_configs:
  - to: db@mail.example
    headers: {Subject: '{{ .CommonLabels.alertname }}'}
- name: web
"#;

pub fn shows(amtool: &Amtool) {
    let shown_config = amtool.works("config show");
    for part in ["resolve_timeout: 7m", "receiver: databases", "nights", "repeat_interval: 3h"] {
        assert!(shown_config.contains(part), "no {part} in\n{shown_config}");
    }
    assert!(!shown_config.contains("very-secret"), "a secret in\n{shown_config}");
    // what is shown is a configuration that Alertmanager takes
    let yaml = shown_config.find("global:").map_or("", |start| &shown_config[start..]);
    let file = amtool.file("shown.yml", yaml);
    let checked = amtool.works(&format!("check-config {}", shown(&file)));
    assert!(checked.contains("SUCCESS") && checked.contains("3 receivers"), "{checked}");
    assert!(checked.contains("1 inhibit rules"), "{checked}");
    assert!(amtool.works(&format!("check-config {}", shown(&amtool.file("own.yml", CONFIG)))).contains("SUCCESS"));
}

pub fn routes(amtool: &Amtool) {
    let tree = amtool.works("config routes show");
    for part in
        ["Routing tree:", "default-route", "receiver: databases", r#"team="db""#, r#"severity=~"warning|critical""#]
    {
        assert!(tree.contains(part), "no {part} in\n{tree}");
    }
    let leads = |labels: &str| amtool.works(&format!("config routes test {labels}")).trim().to_owned();
    for (labels, receivers) in [
        ("team=db severity=warning", "databases,databases"),
        ("team=db severity=info", "databases"),
        ("team=shop", "web"),
        ("team=other", "default"),
    ] {
        assert_eq!(leads(labels), receivers, "{labels}");
    }
    amtool.works("config routes test --tree team=db severity=warning");
    amtool.works("config routes test --verify.receivers=web team=web");
    amtool.fails("config routes test --verify.receivers=web team=db", "did not match");
    let braces = amtool.run("config routes test {foo=bar}");
    assert!(!braces.works, "braces are no labels: {}", braces.output);
}

pub fn cluster(amtool: &Amtool) {
    let shown_cluster = amtool.works("cluster show");
    assert!(shown_cluster.contains("Cluster Status:") && shown_cluster.contains("ready"), "{shown_cluster}");
    assert!(shown_cluster.contains("Node Name:"), "{shown_cluster}");
}
