//! What the HTTP layer counts, under Alertmanager's names where it has one.
//!
//! Deliberately unknown here: what others count in the same registry.

use actix_web::{
    Error,
    body::{BodySize, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};
use alerts::intake::Batch;
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry, exponential_buckets,
};

use super::{Services, version};

/// Alertmanager's buckets, which dashboards know.
const SECONDS: [f64; 10] = [0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 2.0, 5.0, 20.0, 60.0];

/// The metrics of the HTTP layer.
#[derive(Clone, Debug)]
pub struct HttpMetrics {
    received: IntCounterVec,
    invalid: IntCounterVec,
    intake: IntCounterVec,
    refused: IntCounterVec,
    truncated: IntCounterVec,
    alerts: IntGaugeVec,
    duration: HistogramVec,
    size: HistogramVec,
    in_flight: IntGaugeVec,
    too_many: IntCounterVec,
    build_info: IntGaugeVec,
}

impl HttpMetrics {
    /// Registers all of them.
    ///
    /// # Errors
    /// When `registry` has metrics of these names already.
    pub fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let request = ["handler", "method", "code"];
        let metrics = Self {
            received: counter(
                "alertmanager_alerts_received_total",
                "The total number of received alerts.",
                &["status", "version"],
            )?,
            invalid: counter(
                "alertmanager_alerts_invalid_total",
                "The total number of received alerts that were invalid.",
                &["version"],
            )?,
            intake: counter(
                "wirephoto_alerts_intake_total",
                "Received valid alerts by what they meant.",
                &["outcome"],
            )?,
            refused: counter("wirephoto_http_refused_total", "Requests with alerts that were not taken.", &["reason"])?,
            truncated: counter(
                "wirephoto_webhook_truncated_alerts_total",
                "Alerts that senders of webhooks say they left out.",
                &["version"],
            )?,
            alerts: gauge("alertmanager_alerts", "How many alerts by state.", &["state"])?,
            duration: histogram(
                HistogramOpts::new(
                    "alertmanager_http_request_duration_seconds",
                    "Histogram of latencies for HTTP requests.",
                )
                .buckets(SECONDS.to_vec()),
                &request,
            )?,
            size: histogram(
                HistogramOpts::new(
                    "alertmanager_http_response_size_bytes",
                    "Histogram of response size for HTTP requests.",
                )
                .buckets(exponential_buckets(100.0, 10.0, 7)?),
                &["handler", "method"],
            )?,
            in_flight: gauge(
                "alertmanager_http_requests_in_flight",
                "Current number of HTTP requests being processed.",
                &["method"],
            )?,
            too_many: counter(
                "alertmanager_http_concurrency_limit_exceeded_total",
                "Total number of times an HTTP request failed because the concurrency limit was reached.",
                &["method"],
            )?,
            build_info: gauge(
                "alertmanager_build_info",
                "The version of Alertmanager whose API is spoken; branch and revision say who speaks it.",
                &["branch", "goarch", "goos", "goversion", "revision", "version"],
            )?,
        };
        metrics.register_all(registry)?;
        metrics.begin_at_zero();
        Ok(metrics)
    }

    fn register_all(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        for counter in [&self.received, &self.invalid, &self.intake, &self.refused, &self.truncated, &self.too_many] {
            registry.register(Box::new(counter.clone()))?;
        }
        for gauge in [&self.alerts, &self.in_flight, &self.build_info] {
            registry.register(Box::new(gauge.clone()))?;
        }
        for histogram in [&self.duration, &self.size] {
            registry.register(Box::new(histogram.clone()))?;
        }
        Ok(())
    }

    /// Series that alert rules look at are there before the first event.
    fn begin_at_zero(&self) {
        for version in ["v2", "events", "alertmanager", "grafana"] {
            self.invalid.with_label_values(&[version]);
            for status in ["firing", "resolved"] {
                self.received.with_label_values(&[status, version]);
            }
        }
        let reasons = ["too_large", "too_slow", "busy", "broken_off", "intake_busy", "not_durable", "stopping"];
        for reason in reasons.into_iter().chain(["webhook_login", "loop"]) {
            self.refused.with_label_values(&[reason]);
        }
        self.too_many.with_label_values(&["get"]);
        self.set_alerts(0, 0);
        let (arch, os) = (std::env::consts::ARCH, std::env::consts::OS);
        let build = [version::BRANCH, arch, os, "", version::REVISION, version::ALERTMANAGER];
        self.build_info.with_label_values(&build).set(1);
    }

    /// A request's alerts.
    pub(super) fn received(&self, batch: &Batch, version: &str) {
        let add = |counter: &IntCounterVec, labels: &[&str], count: usize| {
            if count > 0 {
                counter.with_label_values(labels).inc_by(count as u64);
            }
        };
        add(&self.received, &["firing", version], batch.firing);
        add(&self.received, &["resolved", version], batch.resolved);
        add(&self.invalid, &[version], batch.invalid.len());
        add(&self.intake, &["changed"], batch.changed.len());
        add(&self.intake, &["extended"], batch.extend.len());
        let sorted = batch.invalid.len() + batch.changed.len() + batch.extend.len();
        add(&self.intake, &["unchanged"], (batch.firing + batch.resolved).saturating_sub(sorted));
    }

    /// A body that was not understood: Alertmanager counts it as one invalid alert.
    pub(super) fn not_parsed(&self, version: &str) {
        self.invalid.with_label_values(&[version]).inc();
    }

    /// Alerts that a webhook's sender left out.
    pub(super) fn truncated(&self, count: u64, version: &str) {
        self.truncated.with_label_values(&[version]).inc_by(count);
    }

    /// A request with alerts that was not taken.
    pub(super) fn refused(&self, reason: &str) {
        self.refused.with_label_values(&[reason]).inc();
    }

    /// A request that would have been one too many.
    pub(super) fn too_many_reads(&self) {
        self.too_many.with_label_values(&["get"]).inc();
    }

    /// Where the size of an answer is told whose size is not known before its end.
    pub(super) fn sizes(&self, handler: &str, method: &str) -> Histogram {
        self.size.with_label_values(&[handler, method])
    }

    /// Alerts that have not ended.
    pub(super) fn set_alerts(&self, active: usize, suppressed: usize) {
        let set = |state, count| self.alerts.with_label_values(&[state]).set(i64::try_from(count).unwrap_or(i64::MAX));
        set("active", active);
        set("suppressed", suppressed);
        self.alerts.with_label_values(&["unprocessed"]).set(0);
    }
}

/// Measures every request. The handler is the route's pattern, so that no sender makes series.
pub(super) async fn measure(
    services: web::Data<Services>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let method = method_label(request.method());
    let in_flight = InFlight::new(services.metrics.in_flight.with_label_values(&[method]));
    let began = services.clock.monotonic();
    let response = next.call(request).await?;
    drop(in_flight);
    let pattern = response.request().match_pattern();
    let handler =
        pattern.as_deref().map_or("unknown", |path| path.strip_prefix(&services.settings.route_prefix).unwrap_or(path));
    let took = services.clock.monotonic().saturating_sub(began).as_secs_f64();
    services.metrics.duration.with_label_values(&[handler, method, response.status().as_str()]).observe(took);
    if let BodySize::Sized(bytes) = response.response().body().size() {
        services.metrics.size.with_label_values(&[handler, method]).observe(bytes as f64);
    }
    Ok(response)
}

/// Counted until it is dropped, whatever becomes of the request.
struct InFlight(prometheus::IntGauge);

impl InFlight {
    fn new(gauge: prometheus::IntGauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn method_label(method: &actix_web::http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "get",
        "HEAD" => "head",
        "POST" => "post",
        "PUT" => "put",
        "PATCH" => "patch",
        "DELETE" => "delete",
        "OPTIONS" => "options",
        _ => "unknown",
    }
}

fn counter(name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec, prometheus::Error> {
    IntCounterVec::new(Opts::new(name, help), labels)
}

fn gauge(name: &str, help: &str, labels: &[&str]) -> Result<IntGaugeVec, prometheus::Error> {
    IntGaugeVec::new(Opts::new(name, help), labels)
}

fn histogram(options: HistogramOpts, labels: &[&str]) -> Result<HistogramVec, prometheus::Error> {
    HistogramVec::new(options, labels)
}
