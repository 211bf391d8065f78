//! The alert-state actors: shards of alerts by fingerprint.

mod actor;
mod ends;
mod outgoing;
mod state;

pub(crate) use actor::{AlertState, Downstream, Shared};
pub(crate) use state::load;
