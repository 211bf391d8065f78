//! A Grafana source's dashboards, drawn here: read, their variables filled in, their queries asked, the answers composed to panels.
//!
//! Deliberately unknown here: which panel belongs to an alert, and how a figure is drawn.

mod client;
mod datasources;
mod drawing;
mod fetch;
mod fields;
mod figures;
mod formats;
mod frames;
#[cfg(test)]
mod hostile;
mod interpolate;
mod interval;
pub(crate) mod model;
mod prepare;
mod probe;
mod query;
mod quotes;
mod read;
mod reference;
mod transform;
mod usage;
mod variables;

use std::{sync::Arc, time::Duration};

use self::model::{Dashboard, PanelModel};
pub use self::probe::{probe_grafana, probe_panel};
pub(crate) use self::{
    client::DashboardClient,
    drawing::{Asked, Dashboards},
};
use crate::window::Window;

/// A panel that is ready to be asked for and drawn.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    /// Its dashboard, as it was read.
    pub(crate) dashboard: Arc<Dashboard>,
    /// The panel: variables filled in everywhere, the uid and the type of the data source at every target.
    pub(crate) panel: PanelModel,
    /// The variables that the panel uses, in the dashboard's order.
    pub(crate) variables: Vec<Filled>,
    /// Its stretch of time: the asked one, or the panel's own.
    pub(crate) window: Window,
    /// The distance between two values that its queries ask for: Grafana's `intervalMs`.
    pub(crate) interval: Duration,
    /// The most values of a series that they ask for: Grafana's `maxDataPoints`.
    pub(crate) max_data_points: u64,
}

/// A variable with its values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filled {
    /// Its name.
    pub(crate) name: String,
    /// The values and how they are shown.
    pub(crate) values: Vec<(String, String)>,
    /// Whether it may have several, so that queries are written for alternatives.
    pub(crate) several: bool,
    /// What stands in queries as it is, in place of the values: the dashboard's own word for "All".
    pub(crate) all: Option<String>,
    /// Whether the alert gives the values: then they are a stranger's words.
    pub(crate) given: bool,
}

impl Filled {
    /// The values as people read them.
    pub(crate) fn words(&self) -> String {
        let texts: Vec<&str> = self.values.iter().map(|(_, text)| text.as_str()).collect();
        if texts.is_empty() { "All".to_owned() } else { texts.join(" + ") }
    }
}
