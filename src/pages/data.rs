//! What pages need to know of the machine, as narrow views.
//!
//! Deliberately unknown here: where it comes from.

use alerts::{LabelSet, Status, Time, ports::InboxPicture};

/// The machine as pages see it. Methods may take some milliseconds; pages call them where blocking is allowed.
pub trait PageData: Send + Sync {
    /// The whole at a glance.
    fn status(&self) -> StatusView;

    /// At most `limit` alerts behind the one that `cursor` names (the first, if none), in a stable order.
    fn alerts(&self, limit: usize, cursor: Option<&str>) -> AlertsView;
}

/// The whole at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusView {
    /// Why the server is not ready; none if it is.
    pub not_ready: Option<String>,
    /// The program's version.
    pub version: String,
    /// Since when it has been running.
    pub started_at: Time,
    /// Alerts that fire.
    pub alerts_firing: usize,
    /// Alerts that are resolved and not yet forgotten.
    pub alerts_resolved: usize,
    /// Groups of alerts.
    pub groups: usize,
    /// The configured integrations, in the order of the configuration.
    pub integrations: Vec<IntegrationView>,
}

/// One integration of a receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntegrationView {
    /// The receiver's name.
    pub receiver: String,
    /// `slack`, `email` and so on.
    pub kind: String,
    /// Deliveries that wait.
    pub pending: usize,
    /// Whether it takes deliveries.
    pub state: IntegrationState,
}

/// Whether an integration takes deliveries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntegrationState {
    /// It does.
    Working,
    /// The last attempt failed, more follow.
    Failing {
        /// The vendor's words.
        error: String,
    },
    /// The destination is wrong or closed; deliveries wait.
    Paused {
        /// When it is tried again.
        until: Time,
        /// The vendor's words.
        error: String,
    },
}

/// A page of alerts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertsView {
    /// The alerts.
    pub alerts: Vec<AlertView>,
    /// How many there are in all.
    pub total: usize,
    /// What to ask for the next page with; none on the last.
    pub next: Option<String>,
}

/// One alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertView {
    /// Firing or resolved.
    pub status: Status,
    /// The label `alertname`.
    pub name: String,
    /// All labels.
    pub labels: LabelSet,
    /// What describes it: the annotation `summary`, else `description`, else empty.
    pub summary: String,
    /// When it began.
    pub starts_at: Time,
    /// When it ended; none while it fires.
    pub ended_at: Option<Time>,
    /// The sender's link to where it comes from; may be empty.
    pub generator_url: String,
    /// Its pictures.
    pub pictures: Vec<InboxPicture>,
}
