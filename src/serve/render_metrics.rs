//! What renderers, sources and image stores do, as metrics.
//!
//! Deliberately unknown here: what they are.

use std::time::Duration;

use images::Watch;
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry};

/// Upper bounds in seconds: a native picture takes milliseconds, one of a browser seconds.
const BUCKETS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// The metrics of the renderers, of the image stores and of the breakers.
pub(super) struct RenderMetrics {
    attempts: IntCounterVec,
    duration: HistogramVec,
    breakers: IntGaugeVec,
    stored: HistogramVec,
}

impl RenderMetrics {
    /// Registers them.
    ///
    /// # Errors
    /// When one of the names is taken.
    pub(super) fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let attempts = Opts::new(
            "wirephoto_renderer_attempts_total",
            "Pictures that a renderer was asked for, by what came of it.",
        );
        let duration =
            HistogramOpts::new("wirephoto_renderer_duration_seconds", "How long a renderer took, whatever came of it.");
        let breakers = Opts::new(
            "wirephoto_breaker_open",
            "1 while a renderer, a source (source/NAME) or a store (store/PROVIDER/OPERATION) is left alone because it failed again and again.",
        );
        let stored = HistogramOpts::new(
            "wirephoto_image_store_duration_seconds",
            "How long an image store outside took for put, get, delete and link, by what came of it.",
        );
        let made = Self {
            attempts: IntCounterVec::new(attempts, &["renderer", "outcome"])?,
            duration: HistogramVec::new(duration.buckets(BUCKETS.to_vec()), &["renderer"])?,
            breakers: IntGaugeVec::new(breakers, &["name"])?,
            stored: HistogramVec::new(stored.buckets(BUCKETS.to_vec()), &["provider", "operation", "outcome"])?,
        };
        registry.register(Box::new(made.attempts.clone()))?;
        registry.register(Box::new(made.duration.clone()))?;
        registry.register(Box::new(made.breakers.clone()))?;
        registry.register(Box::new(made.stored.clone()))?;
        Ok(made)
    }
}

impl Watch for RenderMetrics {
    fn tried(&self, renderer: &'static str, outcome: &'static str, took: Duration) {
        self.attempts.with_label_values(&[renderer, outcome]).inc();
        self.duration.with_label_values(&[renderer]).observe(took.as_secs_f64());
    }

    fn breaker(&self, name: &str, open: bool) {
        self.breakers.with_label_values(&[name]).set(i64::from(open));
    }

    fn stored(&self, provider: &'static str, operation: &'static str, outcome: &'static str, took: Duration) {
        self.stored.with_label_values(&[provider, operation, outcome]).observe(took.as_secs_f64());
    }
}
