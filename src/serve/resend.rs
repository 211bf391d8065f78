//! The machine as the pages see it when somebody wants a dead letter sent again.
//!
//! Deliberately unknown here: which notifications may be.

use std::sync::Arc;

use actors::{Machine, ResendError};
use alerts::{message::DeliveryId, ports::HistoryEntry};
use async_trait::async_trait;

use crate::pages::{Resend, ResendRefused};

pub(super) struct MachineResend(pub(super) Arc<Machine>);

#[async_trait]
impl Resend for MachineResend {
    async fn resend(&self, entry: HistoryEntry) -> Result<DeliveryId, ResendRefused> {
        self.0.resend(entry).await.map_err(|error| match error {
            ResendError::WasSent | ResendError::Unconfigured(_) | ResendError::NewerPending => {
                ResendRefused::Conflict(error.to_string())
            }
            ResendError::NoAnswer(_) => ResendRefused::NotNow(error.to_string()),
        })
    }
}
