//! A summary without quantiles, as Alertmanager has them: how often and how long in all. The metrics library has none.
//!
//! Deliberately unknown here: what is measured.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use prometheus::{
    Opts,
    core::{Collector, Desc, Describer},
    proto::{self, MetricFamily, MetricType},
};

#[derive(Clone)]
pub(super) struct Summary {
    desc: Desc,
    observed: Arc<Mutex<Observed>>,
}

#[derive(Clone, Copy, Default)]
struct Observed {
    count: u64,
    seconds: f64,
}

impl Summary {
    pub(super) fn new(name: String, help: &str) -> Result<Self, prometheus::Error> {
        let desc = Opts::new(name, help).describe()?;
        Ok(Self { desc, observed: Arc::default() })
    }

    pub(super) fn observe(&self, took: Duration) {
        let mut observed = self.observed.lock();
        observed.count += 1;
        observed.seconds += took.as_secs_f64();
    }
}

impl Collector for Summary {
    fn desc(&self) -> Vec<&Desc> {
        vec![&self.desc]
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let Observed { count, seconds } = *self.observed.lock();
        let mut summary = proto::Summary::default();
        summary.set_sample_count(count);
        summary.set_sample_sum(seconds);
        let mut metric = proto::Metric::default();
        metric.set_summary(summary);
        let mut family = MetricFamily::default();
        family.set_name(self.desc.fq_name.clone());
        family.set_help(self.desc.help.clone());
        family.set_field_type(MetricType::SUMMARY);
        family.set_metric(vec![metric]);
        vec![family]
    }
}
