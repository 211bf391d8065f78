//! A notification that was given up, sent again because somebody asks for it.
//!
//! Deliberately unknown here: who asks, how the history is kept.

use alerts::{
    message::{Delivery, DeliveryId},
    ports::HistoryEntry,
};

use super::Machine;
use crate::{messages::Resend, tell::AskError};

/// How long somebody is kept waiting for the decision.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

/// Why a notification is not sent again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResendError {
    /// It was told.
    #[error("it was sent: only what was given up can be sent again")]
    WasSent,
    /// Its integration is gone.
    #[error("the integration {0} is not configured any more")]
    Unconfigured(String),
    /// A newer one is on its way.
    #[error("a newer notification of the same group is on its way to the same receiver")]
    NewerPending,
    /// It is not known whether it will be sent.
    #[error("the group did not answer: {0}")]
    NoAnswer(String),
}

impl From<AskError> for ResendError {
    fn from(error: AskError) -> Self {
        Self::NoAnswer(error.to_string())
    }
}

impl Machine {
    /// Sends a dead letter again, as it was; answers the number of the new delivery, which is in the outbox then.
    ///
    /// # Errors
    /// See [`ResendError`].
    pub async fn resend(&self, entry: HistoryEntry) -> Result<DeliveryId, ResendError> {
        use alerts::ports::Outcome;
        let Outcome::Dropped(_) = entry.outcome else { return Err(ResendError::WasSent) };
        let old = entry.delivery;
        if !self.core.actors.channels.load().contains_key(&old.integration) {
            return Err(ResendError::Unconfigured(old.integration.to_string()));
        }
        let now = self.core.ports.clock.now();
        let delivery = Delivery {
            id: self.core.next_delivery(),
            flushed_at: now,
            since: now,
            not_before: now,
            // As long as it had before.
            expires_at: now.plus(old.expires_at.since(old.since)),
            attempts: 0,
            last_error: None,
            receipt: None,
            ..old
        };
        let id = delivery.id;
        let shard = self.core.live.load().router.shard_of(&delivery.group_key);
        self.core.actors.groups[shard].ask(Resend(Box::new(delivery)), TIMEOUT).await??;
        Ok(id)
    }
}
