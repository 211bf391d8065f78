//! What is scraped: the names that dashboards and alert rules of Alertmanager and Grafana ask for.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    alerts::{QUICK, alert, config, with_rule},
    pause,
    server::Server,
    source::{Mood, Source},
    webhook::Webhook,
};

/// The seven of Grafana's documentation, and the two names that its code really has for the uploads.
const GRAFANA: [&str; 9] = [
    "grafana_alerting_image_cache_hits_total",
    "grafana_alerting_image_cache_misses_total",
    "grafana_screenshot_duration_seconds_count",
    "grafana_screenshot_failures_total",
    "grafana_screenshot_successes_total",
    "grafana_screenshot_upload_failures_total",
    "grafana_screenshot_upload_successes_total",
    "grafana_alerting_image_upload_failures_total",
    "grafana_alerting_image_upload_successes_total",
];

/// The seven under this program's own name.
const OURS: [&str; 7] = [
    "wirephoto_alerting_image_cache_hits_total",
    "wirephoto_alerting_image_cache_misses_total",
    "wirephoto_screenshot_duration_seconds_count",
    "wirephoto_screenshot_failures_total",
    "wirephoto_screenshot_successes_total",
    "wirephoto_screenshot_upload_failures_total",
    "wirephoto_screenshot_upload_successes_total",
];

const ALERTMANAGER: [&str; 8] = [
    "alertmanager_alerts",
    "alertmanager_alerts_received_total",
    "alertmanager_alerts_invalid_total",
    "alertmanager_notifications_total",
    "alertmanager_notifications_failed_total",
    "alertmanager_notification_latency_seconds_count",
    "alertmanager_dispatcher_aggregation_groups",
    "alertmanager_http_request_duration_seconds_count",
];

#[test]
fn the_names_of_grafana_and_alertmanager_are_there_before_anything_happens() {
    let server = Server::start("");
    server.get("/-/healthy");
    let text = server.get("/metrics").text();
    let has = |name: &&str| {
        text.lines().any(|line| line.strip_prefix(*name).is_some_and(|rest| rest.starts_with([' ', '{'])))
    };
    let missing: Vec<_> = GRAFANA.iter().chain(&OURS).chain(&ALERTMANAGER).filter(|name| !has(name)).collect();
    assert!(missing.is_empty(), "{missing:?} are missing in:\n{text}");
}

/// A server whose sources do well and badly, and a worker that is easily kept busy.
struct Outcomes {
    server: Server,
    well: Source,
    broken: Source,
    rubbish: Source,
    slow: Source,
    _webhook: Webhook,
}

impl Outcomes {
    fn start() -> Self {
        let webhook = Webhook::start();
        let well = Source::start(Mood::Well { series: 2, after: Duration::ZERO });
        let (broken, rubbish, slow) =
            (Source::start(Mood::Broken), Source::start(Mood::Rubbish), Source::start(Mood::Slow));
        let sources = [("well", &well), ("broken", &broken), ("rubbish", &rubbish), ("slow", &slow)];
        let mut sections: String = sources.iter().map(|(name, source)| source.config(name)).collect();
        sections
            .push_str("[screenshots]\ncapture_timeout = \"6s\"\nimage_wait = \"1s\"\nmax_concurrent_screenshots = 1\n");
        let server = Server::start(&config(&sections, QUICK, &[webhook.config()]));
        Self { server, well, broken, rubbish, slow, _webhook: webhook }
    }

    /// Fires an alert of a rule at a source.
    fn fire(&self, source: &Source, name: &str, severity: &str) {
        let mut one: Value = with_rule(alert(name, "db-1"), &source.generator_url(&format!("{name} > 80")));
        one["labels"]["severity"] = severity.into();
        self.server.alerts(&json!([one]));
    }

    fn wait_for(&self, name: &str, words: &[&str], least: f64) {
        self.server.wait_for_metric(name, words, least);
    }

    fn check(&self, name: &str, words: &[&str], expected: f64) {
        let found = self.server.metric(name, words);
        assert!((found - expected).abs() < f64::EPSILON, "{name} {words:?} is {found}, not {expected}");
    }

    /// Under both spellings.
    fn check_both(&self, rest: &str, words: &[&str], expected: f64) {
        self.check(&format!("grafana_{rest}"), words, expected);
        self.check(&format!("wirephoto_{rest}"), words, expected);
    }
}

const FAILURES: &str = "grafana_screenshot_failures_total";

/// Captures of each outcome, one after the other: what is counted, what is timed, and under which names.
#[test]
fn every_outcome_of_a_capture_is_counted() {
    let all = Outcomes::start();
    let rule = all.well.generator_url("disk > 80");
    all.server.alerts(&json!([with_rule(alert("Disk", "db-1"), &rule), with_rule(alert("Disk", "db-2"), &rule)]));
    all.wait_for("grafana_screenshot_upload_successes_total", &[], 1.0);
    all.fire(&all.broken, "Broken", "warning");
    all.wait_for(FAILURES, &["\"source\""], 1.0);
    all.fire(&all.rubbish, "Rubbish", "warning");
    all.wait_for(FAILURES, &["\"content\""], 1.0);

    // The only worker is kept busy; a mild wish waits behind it and behind a severe one that comes later, until its time is over.
    all.fire(&all.slow, "First", "warning");
    all.wait_for("wirephoto_captures_running", &[], 1.0);
    all.fire(&all.slow, "Mild", "info");
    pause(Duration::from_secs(2));
    all.fire(&all.slow, "Severe", "critical");
    all.wait_for("wirephoto_captures_queued", &[], 2.0);
    all.wait_for(FAILURES, &["\"queue_timeout\""], 1.0);
    all.wait_for(FAILURES, &["\"timeout\""], 2.0);

    let images = all.server.folder().join("data/images");
    std::fs::remove_dir_all(&images).expect("it is there");
    std::fs::write(&images, "no folder").expect("written");
    all.fire(&all.well, "Unkept", "warning");
    all.wait_for("grafana_screenshot_upload_failures_total", &[], 1.0);
    check_outcomes(&all);
}

fn check_outcomes(all: &Outcomes) {
    all.check_both("alerting_image_cache_misses_total", &[], 7.0);
    all.check_both("alerting_image_cache_hits_total", &[], 1.0);
    all.check_both("screenshot_successes_total", &[], 2.0);
    for (reason, count) in
        [("source", 1.0), ("content", 1.0), ("timeout", 2.0), ("queue_timeout", 1.0), ("queue_full", 0.0)]
    {
        all.check_both("screenshot_failures_total", &[&format!("reason=\"{reason}\"")], count);
    }
    for outcome in ["successes", "failures"] {
        all.check_both(&format!("screenshot_upload_{outcome}_total"), &[], 1.0);
        all.check(&format!("grafana_alerting_image_upload_{outcome}_total"), &[], 1.0);
    }
    // what was never begun took no time to draw, and waited as long as it might
    all.check_both("screenshot_duration_seconds_count", &[], 6.0);
    all.check("wirephoto_capture_wait_seconds_count", &[], 7.0);
    let waited = all.server.metric("wirephoto_capture_wait_seconds_sum", &[]);
    assert!((8.0..14.0).contains(&waited), "6 s of the mild one, some 4 s of the severe one: {waited}");
    for (outcome, count) in [("drawn", 2.0), ("source", 1.0), ("content", 1.0), ("timeout", 2.0)] {
        let words = ["renderer=\"native\"", &format!("outcome=\"{outcome}\"")];
        all.check("wirephoto_renderer_attempts_total", &words, count);
    }
    all.check("wirephoto_renderer_duration_seconds_count", &["renderer=\"native\""], 6.0);
    for source in ["well", "broken", "rubbish", "slow"] {
        all.check("wirephoto_breaker_open", &[&format!("name=\"source/{source}\"")], 0.0);
    }
    all.check("wirephoto_captures_queued", &[], 0.0);
    all.check("wirephoto_captures_running", &[], 0.0);
    all.check("wirephoto_captures_busy_total", &[], 0.0);
    all.check("wirephoto_pictures_missing_total", &["\"capture_failed\""], 4.0);
    all.check("wirephoto_pictures_missing_total", &["\"out_of_time\""], 1.0);
    all.fire(&all.broken, "Again1", "warning");
    let more = ["Again2", "Again3", "Again4", "Again5"];
    for (number, name) in (2..).zip(more) {
        all.wait_for(FAILURES, &["\"source\""], f64::from(number));
        all.fire(&all.broken, name, "warning");
    }
    all.wait_for("wirephoto_breaker_open", &["name=\"source/broken\""], 1.0);
}
