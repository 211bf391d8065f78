//! Sources that fail: the text goes out in time without a picture, and log and metrics say why.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{
    alerts::{QUICK, alert, config, with_rule},
    server::Server,
    source::{Mood, Source},
    wait_for,
    webhook::Webhook,
};

const PICTURES: &str = "[screenshots]\ncapture_timeout = \"4s\"\nimage_wait = \"1s\"\n";

/// One server with a source that fails in one way: the message, the reason in the log and in the metric.
fn check(source: &Source, name: &str, reason: &str, words: &str) {
    let webhook = Webhook::start();
    let sections = format!("{}{PICTURES}", source.config(name));
    let server = Server::start(&config(&sections, QUICK, &[webhook.config()]));
    let sent = Instant::now();
    server.alerts(&json!([with_rule(alert("DiskFull", "db-1"), &source.generator_url("disk_used_percent > 90"))]));
    let told = webhook.wait_for(1);
    // group_wait and image_wait are two seconds in all; a slow source would take a minute
    assert!(sent.elapsed() < Duration::from_secs(30), "{name}: the text waited {:?}", sent.elapsed());
    assert_eq!((told[0].status(), told[0].images().len()), ("firing", 0), "{name}");
    server.wait_for_metric("grafana_screenshot_failures_total", &[reason], 1.0);
    let line = wait_for(&format!("a line about {name} with {words:?}"), || {
        let log = server.log();
        log.lines()
            .find(|line| line.contains("WARN") && line.contains("Failed to take an image") && line.contains(words))
            .map(str::to_owned)
    });
    assert!(line.contains("DiskFull"), "{name}: the log does not say which alert: {line}");
}

#[test]
fn a_source_that_is_down() {
    check(&Source::down(Mood::Slow), "down", "source", "onnect");
}

#[test]
fn a_source_that_is_slow() {
    check(&Source::start(Mood::Slow), "slow", "timeout", "timeout");
}

#[test]
fn a_source_that_answers_rubbish() {
    check(&Source::start(Mood::Rubbish), "rubbish", "content", "login page");
}

#[test]
fn a_source_that_answers_500() {
    check(&Source::start(Mood::Broken), "broken", "source", "the disk is on fire");
}

/// The alert with annotations that name a dashboard or a panel.
fn naming(name: &str, annotations: &[(&str, &str)]) -> serde_json::Value {
    let mut one = alert(name, "db-1");
    for (key, value) in annotations {
        one["annotations"][*key] = (*value).into();
    }
    one
}

/// The troubleshooting section of Grafana's documentation, word for word: one line per episode.
#[test]
fn what_is_missing_is_logged_in_the_words_of_grafanas_guide() {
    const UID: (&str, &str) = ("__dashboardUid__", "abc");
    const PANEL: (&str, &str) = ("__panelId__", "7");
    let webhook = Webhook::start();
    let down = Source::down(Mood::Slow);
    let sections = format!(
        "[log]\nlevel = \"debug\"\n[[sources]]\nname = \"graf\"\ntype = \"grafana\"\nurl = \"{}\"\n{PICTURES}",
        down.base()
    );
    let server = Server::start(&config(&sections, QUICK, &[webhook.config()]));
    let mut alerts = vec![naming("NoPanel", &[UID]), naming("NoDashboard", &[PANEL]), naming("Dead", &[UID, PANEL])];
    server.alerts(&json!(alerts));
    webhook.wait_for(3);
    for one in &mut alerts {
        one["endsAt"] = crate::support::alerts::in_seconds(-1).into();
        one["startsAt"] = crate::support::alerts::in_seconds(-10).into();
    }
    server.alerts(&json!(alerts));
    webhook.wait_for(6);

    let check = |words: &str, level: &str, fields: &[&str], count: usize| {
        let lines = wait_for(&format!("{count} lines with {words:?}"), || {
            let log = server.log();
            let lines: Vec<String> = log.lines().filter(|line| line.contains(words)).map(str::to_owned).collect();
            (lines.len() >= count).then_some(lines)
        });
        assert_eq!(lines.len(), count, "{lines:#?}");
        for line in lines {
            assert!(line.contains(level) && fields.iter().all(|field| line.contains(field)), "{fields:?}: {line}");
        }
    };
    let cannot = "Cannot take screenshot for alert rule as it is not associated with a";
    check(&format!("{cannot} panel"), "DEBUG", &["dashboard=\"abc\"", "alertname=\"NoPanel\""], 1);
    check(&format!("{cannot} dashboard"), "DEBUG", &["panel=\"7\"", "alertname=\"NoDashboard\""], 1);
    let fields = ["dashboard=\"abc\"", "panel=\"7\"", "error=", "reason=\"source\"", "source=\"graf\""];
    check("Failed to take an image", "WARN", &fields, 2);
}
