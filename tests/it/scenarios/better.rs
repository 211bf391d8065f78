//! Where the server does better than Alertmanager without being asked: ends of muted alerts, inhibition across a kill and a reload,
//! `Retry-After`, and deliveries that cannot be made.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    alerts::{QUICK, alert, config, in_seconds},
    client,
    http_server::Reply,
    pause,
    server::Server,
    webhook::Webhook,
};

fn ended(name: &str, starts_at: &str) -> Value {
    let mut ended = alert(name, "db-1");
    (ended["startsAt"], ended["endsAt"]) = (starts_at.into(), in_seconds(0).into());
    ended
}

/// Whoever was told that it fires is told that it is over (Alertmanager's #226, open since 2016).
#[test]
fn the_end_of_an_alert_that_was_silenced_meanwhile_is_told() {
    let webhook = Webhook::start();
    let server = Server::start(&config("", QUICK, &[webhook.config()]));
    let fires = alert("DiskFull", "db-1");
    let starts_at = fires["startsAt"].as_str().expect("a time").to_owned();
    server.alerts(&json!([fires]));
    assert_eq!(webhook.wait_for(1)[0].status(), "firing");

    let silence = json!({
        "matchers": [{"name": "alertname", "value": "DiskFull", "isRegex": false}],
        "startsAt": in_seconds(0), "endsAt": in_seconds(3600), "createdBy": "ops", "comment": "we know",
    });
    let answer = client::post(&server.url("/api/v2/silences"), silence.to_string());
    assert_eq!(answer.status, 200, "{}", answer.text());
    // a new alert that the silence mutes is not told
    server.alerts(&json!([alert("DiskFull", "db-2")]));
    pause(Duration::from_millis(2_500));
    assert_eq!(webhook.taken().len(), 1, "told in spite of the silence");

    server.alerts(&json!([ended("DiskFull", &starts_at)]));
    let told = webhook.wait_for(2);
    assert_eq!((told[1].status(), told[1].values("instance")), ("resolved", vec!["db-1"]));
    pause(Duration::from_millis(2_500));
    assert_eq!(webhook.taken().len(), 2);
}

const INHIBITING: &str = "[[inhibit_rules]]\nsource_matchers = ['alertname = \"ClusterDown\"']\n\
                          target_matchers = ['alertname = \"NodeDown\"']\nequal = [\"instance\"]\n";

/// How often senders repeat their alerts here.
const RESEND: Duration = Duration::from_secs(2);

/// Both fire, the process is killed: Alertmanager tells of the target when it comes in before the source (#4064). The target is old,
/// so its group is due at once; it comes in first, and the source only one resend delay later.
#[test]
fn an_inhibited_alert_stays_muted_across_a_kill_and_a_reload() {
    let webhook = Webhook::start();
    let mut server = Server::start(&config(INHIBITING, QUICK, &[webhook.config()]));
    let (source, mut target) = (alert("ClusterDown", "a"), alert("NodeDown", "a"));
    target["startsAt"] = in_seconds(-600).into();
    server.alerts(&json!([source]));
    server.alerts(&json!([source, target]));
    let told = webhook.wait_for(1);
    assert_eq!(told[0].payload["groupLabels"]["alertname"], "ClusterDown");
    pause(RESEND);
    only_the_source_was_told(&webhook, "before the kill");

    server.kill();
    server.restart();
    for _ in 0..2 {
        server.alerts(&json!([target]));
        pause(RESEND);
        server.alerts(&json!([source]));
    }
    only_the_source_was_told(&webhook, "after the kill");

    for _ in 0..2 {
        let answer = client::post(&server.url("/-/reload"), "");
        assert_eq!(answer.status, 200, "{}", answer.text());
        server.alerts(&json!([target]));
        pause(RESEND);
    }
    only_the_source_was_told(&webhook, "after the reload");
}

fn only_the_source_was_told(webhook: &Webhook, when: &str) {
    let told: Vec<_> =
        webhook.taken().iter().map(|one| one.payload["groupLabels"]["alertname"].as_str().map(str::to_owned)).collect();
    assert_eq!(told, [Some("ClusterDown".to_owned())], "{when}");
}

#[test]
fn a_receiver_that_says_when_to_come_back_is_asked_no_earlier() {
    let seconds = Duration::from_secs(4);
    let busy = || Reply::text(429, "slow down").with("retry-after", "4");
    let mut webhook = Webhook::scripted([busy(), busy()]);
    webhook.up();
    let server = Server::start(&config("", QUICK, &[webhook.config()]));
    server.alerts(&json!([alert("DiskFull", "db-1")]));
    webhook.wait_for(1);
    let came: Vec<_> = webhook.attempts().iter().map(|attempt| attempt.at.expect("it came")).collect();
    assert_eq!(came.len(), 3, "429, 429, 200");
    for (number, pair) in came.windows(2).enumerate() {
        let waited = pair[1] - pair[0];
        assert!(waited >= seconds, "attempt {} came after {waited:?}", number + 2);
    }
}

/// Nothing that cannot be delivered vanishes without a word.
#[test]
fn a_delivery_that_is_given_up_is_told_to_the_fallback_receiver() {
    let (down, backup) = (Webhook::down(), Webhook::start());
    let receivers = config("", QUICK, &[down.config()]);
    let receivers = format!("{receivers}\n[[receivers]]\nname = \"backup\"\n{}", backup.config());
    let server = Server::start(&format!("fallback_receiver = \"backup\"\ndelivery_max_age = \"3s\"\n{receivers}"));
    server.alerts(&json!([alert("DiskFull", "db-1")]));
    let told = backup.wait_for(1);
    assert_eq!((told[0].status(), told[0].values("instance")), ("firing", vec!["db-1"]));
    server.wait_for_metric("wirephoto_deliveries_total", &["outcome=\"expired\""], 1.0);
    assert!(down.taken().is_empty());
}
