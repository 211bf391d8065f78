//! Receivers that fail: refused, slow, overloaded, down for long; then back.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    alerts::{QUICK, alert, config},
    http_server::Reply,
    pause,
    server::Server,
    webhook::Webhook,
};

#[test]
fn a_receiver_that_fails_in_every_way_is_told_once_it_works() {
    let slow = Reply::text(503, "").after(Duration::from_secs(7));
    let busy = Reply::text(429, "slow down").with("retry-after", "1");
    let mut webhook = Webhook::scripted([Reply::text(500, "oops"), busy, slow]);
    let server = Server::start(&config("", QUICK, &[webhook.config()]));
    server.alerts(&json!([alert("DiskFull", "db-1")]));
    server.wait_for_metric("alertmanager_notifications_failed_total", &["webhook"], 1.0);
    webhook.up();
    let told = webhook.wait_for(1);
    let attempts = webhook.attempts();
    assert_eq!(attempts.len(), 4, "500, 429, no answer, 200");
    let keys: Vec<_> =
        attempts.iter().map(|attempt| attempt.header("idempotency-key").expect("a key").to_owned()).collect();
    assert!(keys.iter().all(|key| *key == told[0].idempotency_key), "one delivery has one key: {keys:?}");
    pause(Duration::from_secs(3));
    assert_eq!(webhook.taken().len(), 1);
    server.wait_for_metric("alertmanager_notifications_failed_total", &["webhook"], 4.0);
    for words in ["500", "429"] {
        assert!(server.log().contains(words), "the log does not say {words}");
    }
}

#[test]
fn a_receiver_that_was_down_for_many_group_intervals_gets_the_last_state_once() {
    let mut webhook = Webhook::down();
    let server = Server::start(&config("", QUICK, &[webhook.config()]));
    let mut alerts: Vec<Value> = Vec::new();
    for step in 1..=10 {
        alerts.push(alert("DiskFull", &format!("db-{step:02}")));
        alerts[0]["annotations"]["summary"] = format!("step {step}").into();
        server.alerts(&json!(alerts));
        pause(Duration::from_millis(1_100));
    }
    webhook.up();
    let told = webhook.wait_for(1);
    let all: Vec<String> = (1..=10).map(|step| format!("db-{step:02}")).collect();
    assert_eq!(told[0].values("instance"), all, "not the last state");
    assert_eq!(told[0].alerts()[0]["annotations"]["summary"], "step 10");
    pause(Duration::from_secs(4));
    assert_eq!(webhook.taken().len(), 1, "the backlog came too");
    assert!(server.metric("wirephoto_deliveries_total", &["superseded"]) >= 1.0, "what was superseded is counted");
}
