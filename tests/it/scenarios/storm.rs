//! Many at once: equal pictures are drawn once, different ones a few at a time, and every notification goes out.

use std::{collections::HashSet, time::Duration};

use serde_json::{Value, json};

use crate::support::{
    PATIENCE,
    alerts::{QUICK, alert, config, with_rule},
    client,
    picture::Picture,
    server::Server,
    source::{Mood, Source},
    wait_within,
    webhook::Webhook,
};

const WORKERS: usize = 5;

/// The most memory that the server may ever have had. Five hundred pictures at 1000x500 would be a gigabyte unpacked.
const MOST_MEMORY: u64 = 512 << 20;

fn pictures() -> String {
    format!("[screenshots]\ncapture_timeout = \"30s\"\nimage_wait = \"30s\"\nmax_concurrent_screenshots = {WORKERS}\n")
}

#[test]
fn a_thousand_alerts_of_one_rule_are_one_query_and_one_picture() {
    let (webhook, source) = (Webhook::start(), Source::start(Mood::Well { series: 3, after: Duration::ZERO }));
    let sections = format!("{}{}", source.config("prometheus"), pictures());
    let server = Server::start(&config(&sections, QUICK, &[webhook.config()]));
    let rule = source.generator_url("disk_used_percent > 90");
    let alerts: Vec<Value> =
        (0..1_000).map(|number| with_rule(alert("DiskFull", &format!("db-{number}")), &rule)).collect();
    server.alerts(&json!(alerts));

    let told = webhook.wait_for(1);
    assert_eq!(told[0].alerts().len(), 1_000);
    let [image] = &told[0].images()[..] else { panic!("one picture, not {}", told[0].images().len()) };
    assert_eq!(image["alerts"].as_array().map(Vec::len), Some(1_000), "the picture is of all of them");
    let answer = client::get(image["url"].as_str().expect("a link"));
    assert_eq!(Picture::decode(&answer.body).width, 1000);
    assert_eq!(source.queries().len(), 1, "one query");
    assert_eq!(server.metric("grafana_screenshot_successes_total", &[]), 1.0, "one drawing");
    assert_eq!(server.metric("grafana_alerting_image_cache_misses_total", &[]), 1.0);
    assert_eq!(server.metric("grafana_alerting_image_cache_hits_total", &[]), 999.0);
}

#[test]
fn five_hundred_panels_are_drawn_five_at_a_time_and_every_notification_is_sent() {
    let (webhook, source) =
        (Webhook::start(), Source::start(Mood::Well { series: 10, after: Duration::from_millis(20) }));
    let sections = format!("{}{}", source.config("prometheus"), pictures());
    let server = Server::start(&config(&sections, QUICK, &[webhook.config()]));
    let panel = |number: usize| {
        let rule = source.generator_url(&format!("metric_{number} > 50"));
        with_rule(alert(&format!("Panel{number}"), "db-1"), &rule)
    };
    server.alerts(&json!((0..500).map(panel).collect::<Vec<_>>()));

    let told = wait_within(3 * PATIENCE, "500 notifications", || {
        let taken = webhook.taken();
        (taken.len() >= 500).then_some(taken)
    });
    let names: HashSet<&str> = told.iter().flat_map(|one| one.values("alertname")).collect();
    assert_eq!((told.len(), names.len()), (500, 500), "each is told once");
    assert!(told.iter().any(|one| one.images().len() == 1), "no picture at all");
    assert!((2..=WORKERS).contains(&source.most_at_once()), "{} queries at once", source.most_at_once());
    let most = server.process().memory("VmHWM");
    assert!(most < MOST_MEMORY, "{} MiB", most >> 20);
}

/// As Prometheus sends them: 64 at a time, of all rules mixed.
#[test]
fn ten_thousand_alerts_over_two_hundred_panels_are_two_hundred_pictures() {
    let (webhook, source) = (Webhook::start(), Source::start(Mood::Well { series: 3, after: Duration::ZERO }));
    let sections = format!("{}{}", source.config("prometheus"), pictures());
    let timing =
        "group_by = [\"alertname\"]\ngroup_wait = \"10s\"\ngroup_interval = \"10s\"\nrepeat_interval = \"1h\"\n";
    let server = Server::start(&config(&sections, timing, &[webhook.config()]));
    let one = |number: usize| {
        let (panel, instance) = (number % 200, number / 200);
        let rule = source.generator_url(&format!("metric_{panel} > 50"));
        with_rule(alert(&format!("Panel{panel}"), &format!("db-{instance}")), &rule)
    };
    let alerts: Vec<Value> = (0..10_000).map(one).collect();
    // what fires in one minute is one picture, what fires in the next is another
    let second = || jiff::Timestamp::now().as_second() % 60;
    wait_within(2 * PATIENCE, "the first half of a minute", || (second() < 30).then_some(()));
    for batch in alerts.chunks(64) {
        server.alerts(&json!(batch));
    }
    let told = wait_within(3 * PATIENCE, "10,000 alerts", || {
        let taken = webhook.taken();
        (taken.iter().map(|one| one.alerts().len()).sum::<usize>() >= 10_000).then_some(taken)
    });
    assert!(told.iter().all(|one| one.images().len() == 1), "a message without its picture, or with several");
    assert_eq!(source.queries().len(), 200, "one query for each panel");
    assert_eq!(server.metric("grafana_screenshot_successes_total", &[]), 200.0);
    assert_eq!(server.metric("grafana_alerting_image_cache_hits_total", &[]), 9_800.0);
    let most = server.process().memory("VmHWM");
    assert!(most < MOST_MEMORY, "{} MiB", most >> 20);
}

/// Behind a source that is dead the storm costs a few connections, and every notification goes out.
#[test]
fn a_storm_behind_a_dead_source_costs_nothing() {
    let (webhook, source) = (Webhook::start(), Source::start(Mood::Broken));
    let sections = format!("{}{}", source.config("prometheus"), pictures());
    let server = Server::start(&config(&sections, QUICK, &[webhook.config()]));
    let panel = |number: usize| {
        let rule = source.generator_url(&format!("metric_{number} > 50"));
        with_rule(alert(&format!("Panel{number}"), "db-1"), &rule)
    };
    server.alerts(&json!((0..300).map(panel).collect::<Vec<_>>()));
    let told = wait_within(3 * PATIENCE, "300 notifications", || {
        let taken = webhook.taken();
        (taken.len() >= 300).then_some(taken)
    });
    assert!(told.iter().all(|one| one.images().is_empty()));
    // five failures open the breaker, with as many under way at once
    assert!(source.queries().len() <= 5 + WORKERS, "{} queries", source.queries().len());
    assert_eq!(server.metric("wirephoto_breaker_open", &["source/prometheus"]), 1.0);
    assert_eq!(server.metric("grafana_screenshot_failures_total", &["\"source\""]), 300.0);
}
