//! A metric under one more name, for those who look for it there.
//!
//! Deliberately unknown here: what is measured.

use std::collections::HashMap;

use prometheus::{
    core::{Collector, Desc},
    proto::MetricFamily,
};

/// The metric `C` under another name.
pub(super) struct Also<C> {
    metric: C,
    name: String,
    descriptions: Vec<Desc>,
}

impl<C: Collector> Also<C> {
    /// # Errors
    /// When it is no name for a metric.
    pub(super) fn new(metric: C, name: &str) -> Result<Self, prometheus::Error> {
        let renamed =
            |of: &&Desc| Desc::new(name.to_owned(), of.help.clone(), of.variable_labels.clone(), HashMap::new());
        let descriptions = metric.desc().iter().map(renamed).collect::<Result<_, _>>()?;
        Ok(Self { metric, name: name.to_owned(), descriptions })
    }
}

impl<C: Collector> Collector for Also<C> {
    fn desc(&self) -> Vec<&Desc> {
        self.descriptions.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let mut families = self.metric.collect();
        families.iter_mut().for_each(|family| family.set_name(self.name.clone()));
        families
    }
}
