//! The server as pages show it: how it is, what it runs on.

use alerts::Time;

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

/// What the server is and runs on, beyond [`StatusView`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerView {
    /// The name of this server in the cluster that consists of it alone.
    pub peer: String,
    /// Where it listens.
    pub address: String,
    /// The configuration in force.
    pub config: ConfigView,
}

/// The configuration in force, and what became of the last attempt to load another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigView {
    /// As Alertmanager's YAML, secrets masked.
    pub original: String,
    /// Since when it has been in force.
    pub loaded_at: Time,
    /// The attempt to load another that failed since.
    pub failure: Option<ConfigFailure>,
}

/// A configuration that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFailure {
    /// When it was read.
    pub at: Time,
    /// Everything that is wrong with it.
    pub error: String,
}
