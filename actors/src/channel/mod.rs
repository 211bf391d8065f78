//! The channel actors: one per configured integration.

mod actor;
mod attempt;
mod backoff;
mod late;
mod queue;

pub(crate) use actor::{ChannelActor, ChannelContext};
