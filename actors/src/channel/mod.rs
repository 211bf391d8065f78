//! The channel actors: one per configured integration.

mod actor;
mod attempt;
mod backoff;
mod fallback;
mod late;
mod queue;
mod status;

pub(crate) use actor::{ChannelActor, ChannelContext};
pub(crate) use fallback::Fallback;
pub(crate) use status::StatusCell;
pub use status::{DeliveryState, IntegrationStatus};
