//! How an integration is doing, for pages: written by its actor, read by anybody.

use std::sync::Arc;

use alerts::{Time, message::IntegrationKey};
use parking_lot::Mutex;

/// How an integration is doing.
#[derive(Clone, Debug)]
pub struct IntegrationStatus {
    /// Its key.
    pub key: IntegrationKey,
    /// The receiver's name.
    pub receiver: String,
    /// Its type.
    pub kind: &'static str,
    /// Deliveries that wait.
    pub pending: usize,
    /// Whether it takes deliveries.
    pub state: DeliveryState,
}

/// Whether an integration takes deliveries.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum DeliveryState {
    /// It does, as far as is known.
    #[default]
    Working,
    /// The last attempt failed; there will be more.
    Failing {
        /// The vendor's words.
        error: String,
    },
    /// The destination is wrong or closed; it rests.
    Paused {
        /// When it is tried again.
        until: Time,
        /// The vendor's words.
        error: String,
    },
}

/// The shared place of one status.
pub(crate) type StatusCell = Arc<Mutex<IntegrationStatus>>;
