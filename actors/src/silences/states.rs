//! `alertmanager_silences{state}`: counted when it is looked at, because silences begin and end by themselves.

use std::{collections::HashMap, sync::Arc};

use alerts::{ports::Clock, silence::SilenceState};
use prometheus::{
    IntGaugeVec, Opts,
    core::{Collector, Desc},
    proto::MetricFamily,
};

use crate::index::Index;

/// The collector.
pub(crate) struct SilenceStates {
    index: Arc<Index>,
    clock: Arc<dyn Clock>,
    gauge: IntGaugeVec,
}

impl SilenceStates {
    /// A collector over the silences of `index`.
    ///
    /// # Errors
    /// None in practice: the name is a valid one.
    pub(crate) fn new(index: Arc<Index>, clock: Arc<dyn Clock>) -> Result<Self, prometheus::Error> {
        let gauge = IntGaugeVec::new(Opts::new("alertmanager_silences", "How many silences by state."), &["state"])?;
        Ok(Self { index, clock, gauge })
    }
}

impl Collector for SilenceStates {
    fn desc(&self) -> Vec<&Desc> {
        self.gauge.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let now = self.clock.now();
        let mut counts: HashMap<SilenceState, i64> = HashMap::new();
        for silence in self.index.silences().iter() {
            *counts.entry(silence.state(now)).or_default() += 1;
        }
        for state in [SilenceState::Active, SilenceState::Pending, SilenceState::Expired] {
            let count = counts.get(&state).copied().unwrap_or_default();
            self.gauge.with_label_values(&[state.as_str()]).set(count);
        }
        self.gauge.collect()
    }
}
