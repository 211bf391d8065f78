//! How metrics are made and registered.
//!
//! Deliberately unknown here: which there are.

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    core::Collector,
};

use super::{Uploads, also::Also};

/// Makes metrics and registers them.
pub(super) struct Register<'a>(pub(super) &'a Registry);

impl Register<'_> {
    pub(super) fn counter(&self, name: &str, help: &str) -> Result<IntCounter, prometheus::Error> {
        let metric = IntCounter::new(name, help)?;
        self.0.register(Box::new(metric.clone()))?;
        Ok(metric)
    }

    pub(super) fn counters(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec, prometheus::Error> {
        let metric = IntCounterVec::new(Opts::new(name, help), labels)?;
        self.0.register(Box::new(metric.clone()))?;
        Ok(metric)
    }

    pub(super) fn gauge(&self, name: &str, help: &str) -> Result<IntGauge, prometheus::Error> {
        let metric = IntGauge::new(name, help)?;
        self.0.register(Box::new(metric.clone()))?;
        Ok(metric)
    }

    pub(super) fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntGaugeVec, prometheus::Error> {
        let metric = IntGaugeVec::new(Opts::new(name, help), labels)?;
        self.0.register(Box::new(metric.clone()))?;
        Ok(metric)
    }

    pub(super) fn histogram(&self, name: &str, help: &str, buckets: &[f64]) -> Result<Histogram, prometheus::Error> {
        let metric = Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec()))?;
        self.0.register(Box::new(metric.clone()))?;
        Ok(metric)
    }

    pub(super) fn histograms(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
        buckets: &[f64],
    ) -> Result<HistogramVec, prometheus::Error> {
        let metric = HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets.to_vec()), labels)?;
        self.0.register(Box::new(metric.clone()))?;
        Ok(metric)
    }

    pub(super) fn uploads(&self) -> Result<Uploads, prometheus::Error> {
        let counter = |outcome: &str, help: &str| {
            let counter = self.counter(&format!("grafana_screenshot_upload_{outcome}_total"), help)?;
            self.also(&counter, &format!("grafana_alerting_image_upload_{outcome}_total"))?;
            Ok::<_, prometheus::Error>(counter)
        };
        Ok(Uploads {
            successes: counter("successes", "Pictures kept in the image store.")?,
            failures: counter("failures", "Pictures that the image store did not take.")?,
        })
    }

    pub(super) fn also(
        &self,
        metric: &(impl Collector + Clone + 'static),
        name: &str,
    ) -> Result<(), prometheus::Error> {
        self.0.register(Box::new(Also::new(metric.clone(), name)?))
    }
}
