//! The machine's metrics, under Alertmanager's and Grafana's names where they have one for the thing.

mod also;
mod register;

use std::sync::Arc;

use alerts::{
    message::IntegrationKey,
    ports::{Clock, RenderErrorKind},
};
use prometheus::{Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Registry};

use self::register::Register;
use crate::{index::Index, silences::SilenceStates};

/// All metrics of the machine.
pub struct Metrics {
    registry: Registry,
    /// Whether what counts notifications says the receiver's name too (`receiver-name-in-metrics`).
    receiver_names: bool,
    /// `alertmanager_notifications_total{integration}`: attempts to send, as Alertmanager counts them.
    pub notifications: IntCounterVec,
    /// `alertmanager_notifications_failed_total{integration,reason}`.
    pub notifications_failed: IntCounterVec,
    /// `alertmanager_notification_latency_seconds{integration}`: one attempt.
    pub notification_latency: HistogramVec,
    /// `alertmanager_notifications_suppressed_total{reason}`.
    pub notifications_suppressed: IntCounterVec,
    /// `alertmanager_notification_requests_total{integration}`: attempts too; here each attempt is counted as one request.
    pub notification_requests: IntCounterVec,
    /// `alertmanager_notification_requests_failed_total{integration}`.
    pub notification_requests_failed: IntCounterVec,
    /// `alertmanager_silences_queries_total`: groups whose alerts were held against the silences.
    pub silence_queries: IntCounter,
    /// `alertmanager_silences_query_duration_seconds`.
    pub silence_query_duration: Histogram,
    /// `alertmanager_dispatcher_aggregation_groups`.
    pub groups: IntGauge,
    /// `alertmanager_dispatcher_alert_processing_duration_seconds`: changed alerts of one message put into their groups.
    pub alert_processing: Histogram,
    /// `grafana_alerting_image_cache_hits_total`.
    pub image_cache_hits: IntCounter,
    /// `grafana_alerting_image_cache_misses_total`.
    pub image_cache_misses: IntCounter,
    /// `grafana_screenshot_duration_seconds`: rendering alone.
    pub screenshot_duration: Histogram,
    /// `grafana_screenshot_successes_total`.
    pub screenshot_successes: IntCounter,
    /// `grafana_screenshot_failures_total{reason}`.
    pub screenshot_failures: IntCounterVec,
    /// The upload counters, each under the name in Grafana's documentation and the name in its code.
    pub uploads: Uploads,
    /// `wirephoto_capture_wait_seconds`: from the wish to the beginning of the rendering.
    pub capture_wait: Histogram,
    /// `wirephoto_captures_queued`: wished for, not begun.
    pub captures_queued: IntGauge,
    /// `wirephoto_captures_running`.
    pub captures_running: IntGauge,
    /// `wirephoto_captures_busy_total`: turned away because the queue was full.
    pub captures_busy: IntCounter,
    /// `wirephoto_pictures_missing_total{reason}`: alerts without a picture, by why.
    pub pictures_missing: IntCounterVec,
    /// `wirephoto_late_pictures_total{outcome}`.
    pub late_pictures: IntCounterVec,
    /// `wirephoto_deliveries_pending{integration}`: in the outbox, not sent.
    pub deliveries_pending: IntGaugeVec,
    /// `wirephoto_deliveries_in_memory{integration}`.
    pub deliveries_in_memory: IntGaugeVec,
    /// `wirephoto_deliveries_total{integration,outcome}`.
    pub deliveries: IntCounterVec,
    /// `wirephoto_delivery_degraded_total{integration}`: text sent, a picture not.
    pub deliveries_degraded: IntCounterVec,
    /// `wirephoto_integration_paused{integration}`: 1 while a destination that answers 401, 403 or 404 rests.
    pub paused: IntGaugeVec,
    /// `wirephoto_flush_to_wire_seconds`: from the flush to the beginning of the first attempt.
    pub flush_to_wire: Histogram,
    /// `wirephoto_store_commits_total{outcome}`.
    pub commits: IntCounterVec,
    /// `wirephoto_store_commit_seconds`.
    pub commit_duration: Histogram,
    /// `wirephoto_store_changes_waiting`: changes that are not durable yet.
    pub changes_waiting: IntGauge,
    /// `wirephoto_store_changes_lost_total`: changes given up because the database failed for too long.
    pub changes_lost: IntCounter,
    /// `wirephoto_intake_in_flight`: alerts admitted and not answered.
    pub intake_in_flight: IntGauge,
    /// `wirephoto_intake_busy_total`: requests turned away because too many alerts were in flight.
    pub intake_busy: IntCounter,
    /// `wirephoto_actor_restarts_total{actor}`: rebuilt after a panic.
    pub actor_restarts: IntCounterVec,
    /// `wirephoto_actor_lost_messages_total{actor}`.
    pub lost_messages: IntCounterVec,
}

/// Whether pictures were kept.
pub struct Uploads {
    successes: IntCounter,
    failures: IntCounter,
}

impl Uploads {
    /// Counts an upload.
    pub fn count(&self, succeeded: bool) {
        let counter = if succeeded { &self.successes } else { &self.failures };
        counter.inc();
    }
}

/// The `reason` of a capture for which no worker was free in time. In Grafana such a one is in no counter.
pub(crate) const QUEUE_TIMEOUT: &str = "queue_timeout";
/// The `reason` of a capture that found the queue full, or was displaced by a more severe one.
pub(crate) const QUEUE_FULL: &str = "queue_full";

/// Upper bounds in seconds of Grafana's `grafana_screenshot_duration_seconds`.
const SCREENSHOT_BUCKETS: [f64; 8] = [0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0];
/// Native pictures take milliseconds, so the waits and commits get finer bounds.
const FINE_BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// Upper bounds in seconds of Alertmanager's `alertmanager_notification_latency_seconds`.
const LATENCY_BUCKETS: [f64; 5] = [1.0, 5.0, 10.0, 15.0, 20.0];

/// Work in memory takes microseconds.
const QUERY_BUCKETS: [f64; 8] = [0.000_01, 0.000_1, 0.001, 0.01, 0.05, 0.1, 0.5, 1.0];

impl Metrics {
    /// Registers all metrics.
    ///
    /// # Errors
    /// When a name is registered already.
    pub fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        Self::register(registry, false)
    }

    /// The same, with the receiver's name in what counts notifications: Alertmanager's feature `receiver-name-in-metrics`.
    ///
    /// # Errors
    /// When a name is registered already.
    pub fn with_receiver_names(registry: &Registry) -> Result<Self, prometheus::Error> {
        Self::register(registry, true)
    }

    /// The label values of what counts notifications of an integration.
    pub(crate) fn integration<'a>(&self, kind: &'a str, receiver: &'a str) -> Vec<&'a str> {
        if self.receiver_names { vec![kind, receiver] } else { vec![kind] }
    }

    fn register(registry: &Registry, receiver_names: bool) -> Result<Self, prometheus::Error> {
        let r = Register(registry);
        let integration: &[&str] = if receiver_names { &["integration", "receiver_name"] } else { &["integration"] };
        let with_reason = [integration, &["reason"]].concat();
        let metrics = Self {
            registry: registry.clone(),
            receiver_names,
            notifications: r.counters("alertmanager_notifications_total", "The total number of attempted notifications.", integration)?,
            notifications_failed: r.counters("alertmanager_notifications_failed_total", "The total number of failed notifications.", &with_reason)?,
            notification_latency: r.histograms("alertmanager_notification_latency_seconds", "The latency of notifications in seconds.", integration, &LATENCY_BUCKETS)?,
            notifications_suppressed: r.counters("alertmanager_notifications_suppressed_total", "The total number of notifications suppressed for being silenced, inhibited, outside of active time intervals or within muted time intervals.", &["reason"])?,
            notification_requests: r.counters("alertmanager_notification_requests_total", "The total number of attempted notification requests.", integration)?,
            notification_requests_failed: r.counters("alertmanager_notification_requests_failed_total", "The total number of failed notification requests.", integration)?,
            silence_queries: r.counter("alertmanager_silences_queries_total", "How many times silences were asked about the alerts of a group.")?,
            silence_query_duration: r.histogram("alertmanager_silences_query_duration_seconds", "How long inhibition and silences took to say what mutes the alerts of a group.", &QUERY_BUCKETS)?,
            alert_processing: r.histogram("alertmanager_dispatcher_alert_processing_duration_seconds", "How long putting changed alerts into their groups took.", &QUERY_BUCKETS)?,
            groups: r.gauge("alertmanager_dispatcher_aggregation_groups", "Number of active aggregation groups.")?,
            image_cache_hits: r.counter("grafana_alerting_image_cache_hits_total", "Alerts that shared a picture which was taken or asked for already.")?,
            image_cache_misses: r.counter("grafana_alerting_image_cache_misses_total", "Pictures that had to be taken.")?,
            screenshot_duration: r.histogram("grafana_screenshot_duration_seconds", "How long taking a picture took, without waiting.", &SCREENSHOT_BUCKETS)?,
            screenshot_successes: r.counter("grafana_screenshot_successes_total", "Pictures taken.")?,
            screenshot_failures: r.counters("grafana_screenshot_failures_total", "Pictures that could not be taken.", &["reason"])?,
            uploads: r.uploads()?,
            capture_wait: r.histogram("wirephoto_capture_wait_seconds", "How long a capture waited for a worker.", &FINE_BUCKETS)?,
            captures_queued: r.gauge("wirephoto_captures_queued", "Captures that wait for a worker.")?,
            captures_running: r.gauge("wirephoto_captures_running", "Captures under way.")?,
            captures_busy: r.counter("wirephoto_captures_busy_total", "Captures turned away because the queue was full.")?,
            pictures_missing: r.counters("wirephoto_pictures_missing_total", "Alerts that have no picture, by why.", &["reason"])?,
            late_pictures: r.counters("wirephoto_late_pictures_total", "Pictures that were ready only after their message was out.", &["outcome"])?,
            deliveries_pending: r.gauges("wirephoto_deliveries_pending", "Deliveries in the outbox.", &["integration"])?,
            deliveries_in_memory: r.gauges("wirephoto_deliveries_in_memory", "Deliveries of the outbox that are held in memory.", &["integration"])?,
            deliveries: r.counters("wirephoto_deliveries_total", "Deliveries that left the outbox, by what became of them.", &["integration", "outcome"])?,
            deliveries_degraded: r.counters("wirephoto_delivery_degraded_total", "Messages whose text was sent and whose pictures were not all.", &["integration"])?,
            paused: r.gauges("wirephoto_integration_paused", "1 while a destination that answers 401, 403 or 404 rests.", &["integration"])?,
            flush_to_wire: r.histogram("wirephoto_flush_to_wire_seconds", "From the flush of a group to the first attempt to send.", &FINE_BUCKETS)?,
            commits: r.counters("wirephoto_store_commits_total", "Commits to the database.", &["outcome"])?,
            commit_duration: r.histogram("wirephoto_store_commit_seconds", "How long a commit took.", &FINE_BUCKETS)?,
            changes_waiting: r.gauge("wirephoto_store_changes_waiting", "Changes that are not durable yet.")?,
            changes_lost: r.counter("wirephoto_store_changes_lost_total", "Changes given up because the database failed for too long.")?,
            intake_in_flight: r.gauge("wirephoto_intake_in_flight", "Alerts admitted and not answered yet.")?,
            intake_busy: r.counter("wirephoto_intake_busy_total", "Requests turned away because too many alerts were in flight.")?,
            actor_restarts: r.counters("wirephoto_actor_restarts_total", "Actors rebuilt after a panic.", &["actor"])?,
            lost_messages: r.counters("wirephoto_actor_lost_messages_total", "Messages to an actor that was just being rebuilt.", &["actor"])?,
        };
        // There are no such limits and no such races here: what dashboards look for is there and stays zero.
        r.counter(
            "alertmanager_dispatcher_aggregation_group_limit_reached_total",
            "Groups refused for a limit; there is none.",
        )?;
        r.counter(
            "alertmanager_dispatcher_aggregation_group_creation_retries_total",
            "Groups made twice at once; there are none.",
        )?;
        r.counter(
            "alertmanager_dispatcher_aggregation_group_creation_given_up_total",
            "Alerts dropped for it; there are none.",
        )?;
        metrics.spell_as_our_own(&r)?;
        metrics.begin_at_zero();
        Ok(metrics)
    }

    /// The seven of Grafana's documentation under this program's name too.
    fn spell_as_our_own(&self, r: &Register<'_>) -> Result<(), prometheus::Error> {
        r.also(&self.image_cache_hits, "wirephoto_alerting_image_cache_hits_total")?;
        r.also(&self.image_cache_misses, "wirephoto_alerting_image_cache_misses_total")?;
        r.also(&self.screenshot_duration, "wirephoto_screenshot_duration_seconds")?;
        r.also(&self.screenshot_failures, "wirephoto_screenshot_failures_total")?;
        r.also(&self.screenshot_successes, "wirephoto_screenshot_successes_total")?;
        r.also(&self.uploads.failures, "wirephoto_screenshot_upload_failures_total")?;
        r.also(&self.uploads.successes, "wirephoto_screenshot_upload_successes_total")
    }

    /// Series that alert rules look at are there before the first event: a rate over what appears with a 1 is none.
    fn begin_at_zero(&self) {
        use RenderErrorKind::{Content, Drawing, NotFound, Source, Timeout, Unsupported};
        for kind in [Source, Timeout, Content, NotFound, Drawing, Unsupported] {
            self.screenshot_failures.with_label_values(&[kind.as_str()]);
        }
        for reason in [QUEUE_TIMEOUT, QUEUE_FULL] {
            self.screenshot_failures.with_label_values(&[reason]);
        }
        for outcome in ["committed", "failed"] {
            self.commits.with_label_values(&[outcome]);
        }
        for reason in ["inhibition", "silence", "mute_time_interval", "active_time_interval"] {
            self.notifications_suppressed.with_label_values(&[reason]);
        }
    }

    /// An integration of this kind is configured: its series begin at zero, as Alertmanager's do.
    pub fn expect_integration(&self, kind: &str, receiver: &str) {
        let labels = self.integration(kind, receiver);
        self.notifications.with_label_values(&labels);
        self.notification_requests.with_label_values(&labels);
        self.notification_requests_failed.with_label_values(&labels);
        self.notification_latency.with_label_values(&labels);
        for reason in ["serverError", "rateLimited", "clientError", "authError"] {
            self.notifications_failed.with_label_values(&[&labels[..], &[reason]].concat());
        }
    }
}

impl Metrics {
    /// Counts silences by state whenever the metrics are looked at.
    pub(crate) fn watch_silences(&self, index: &Arc<Index>, clock: &Arc<dyn Clock>) {
        let states = SilenceStates::new(index.clone(), clock.clone());
        if let Err(error) = states.and_then(|states| self.registry.register(Box::new(states))) {
            tracing::error!(%error, "silences are not counted");
        }
    }

    /// An integration is not configured any more: what was its state is nobody's.
    pub(crate) fn forget_integration(&self, key: &IntegrationKey) {
        for gauges in [&self.deliveries_pending, &self.deliveries_in_memory, &self.paused] {
            // One that never was there need not go.
            drop(gauges.remove_label_values(&[&*key.0]));
        }
    }
}
