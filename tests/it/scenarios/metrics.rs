//! What is scraped: the names that dashboards and alert rules of Alertmanager and Grafana ask for.

use crate::support::server::Server;

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
    let missing: Vec<_> = GRAFANA.iter().chain(&ALERTMANAGER).filter(|name| !has(name)).collect();
    assert!(missing.is_empty(), "{missing:?} are missing in:\n{text}");
}
