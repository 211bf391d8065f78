//! The channel actors: one per configured integration.

mod actor;
mod afterwards;
mod attempt;
mod backoff;
mod context;
mod fallback;
mod late;
mod pace;
mod queue;
mod report;
mod status;

pub(crate) use actor::{Begin, ChannelActor};
pub(crate) use context::ChannelContext;
pub(crate) use fallback::Fallback;
pub(crate) use pace::Paces;
pub(crate) use status::StatusCell;
pub use status::{DeliveryState, IntegrationStatus};
