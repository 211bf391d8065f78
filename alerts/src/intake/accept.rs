//! The port between the HTTP workers and the actors: what changed is handed over here.
//!
//! Deliberately unknown here: actors, HTTP status codes.

use async_trait::async_trait;

use super::Normalised;
use crate::{labels::Fingerprint, time::Time};

/// Who takes the alerts that the table's fast path could not settle.
#[async_trait]
pub trait Accept: Send + Sync {
    /// Takes alerts that change something, all of one request; `Ok` when everything that they change is durable.
    async fn accept(&self, alerts: Vec<Normalised>, received: Time) -> Result<(), NotAccepted>;

    /// Alerts that changed nothing but whose moved end is to be written ([`crate::table::Refresh::Extend`]). Does not wait
    /// and may do nothing: the next repetition asks again.
    fn extend(&self, alerts: Vec<Fingerprint>);
}

/// Why alerts were not taken. The sender is to repeat them in every case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAccepted {
    /// Too many alerts wait to be taken: nothing was done.
    #[error("too many alerts are waiting to be taken: send them again later")]
    Busy,
    /// They are processed, but not written down: the database's words.
    #[error("the alerts are processed, but could not be made durable: {0}")]
    NotDurable(String),
    /// The server is about to end: nothing was done.
    #[error("the server is stopping: send the alerts again, or to another one")]
    Stopping,
}
