//! What mutes alerts: one immutable index, swapped whole, with a version.
//!
//! What a request changes enters the index before any group hears of it.

use alerts::{Alert, Fingerprint, LabelSet, Time, route::Route};

/// The index and its version.
pub(crate) struct Index {}

impl Index {
    pub(crate) fn new() -> Self {
        Self {}
    }

    /// An alert fires or is over. Answers the version of the index that knows of it.
    pub(crate) fn observe(&self, _fingerprint: Fingerprint, _labels: &LabelSet, _firing: bool) -> u64 {
        0
    }

    /// The version in force.
    pub(crate) fn version(&self) -> u64 {
        0
    }

    /// Why an alert is muted now, as a metric label; none if it is not.
    pub(crate) fn muted(&self, _alert: &Alert, _now: Time) -> Option<&'static str> {
        None
    }

    /// Why a whole route is muted now.
    pub(crate) fn route_muted(&self, _route: &Route, _now: Time) -> Option<&'static str> {
        None
    }
}
