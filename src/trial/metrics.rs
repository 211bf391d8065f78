//! What is counted of trials: they are not in the metrics of notifications, which are about alerts.

use prometheus::{IntCounterVec, Opts, Registry};

use super::report::TestReport;

/// The metrics of trials.
#[derive(Clone)]
pub struct TrialMetrics {
    trials: IntCounterVec,
    messages: IntCounterVec,
}

impl TrialMetrics {
    /// Registers them.
    ///
    /// # Errors
    /// When `registry` has metrics of these names already.
    pub fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let counter = |name: &str, help: &str, labels: &[&str]| {
            let counter = IntCounterVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(counter.clone()))?;
            Ok::<_, prometheus::Error>(counter)
        };
        let metrics = Self {
            trials: counter(
                "wirephoto_trials_total",
                "Previews and tests of receivers that were asked for.",
                &["what", "outcome"],
            )?,
            messages: counter(
                "wirephoto_test_messages_total",
                "Test messages to receivers; they are in no other metric.",
                &["integration", "outcome"],
            )?,
        };
        for what in ["preview", "test"] {
            for outcome in ["ok", "failed", "refused"] {
                metrics.trials.with_label_values(&[what, outcome]);
            }
        }
        Ok(metrics)
    }

    pub(super) fn trial(&self, what: &str, outcome: &str) {
        self.trials.with_label_values(&[what, outcome]).inc();
    }

    pub(super) fn messages(&self, report: &TestReport) {
        for one in &report.integrations {
            let kind = one.integration.split('/').next().unwrap_or_default();
            for told in one.messages.iter().filter(|told| told.skipped.is_none()) {
                let outcome = match (told.ok, &told.degraded) {
                    (false, _) => "failed",
                    (true, Some(_)) => "degraded",
                    (true, None) => "sent",
                };
                self.messages.with_label_values(&[kind, outcome]).inc();
            }
        }
    }
}
