//! The group actors: shards of groups by group key.

mod actor;
mod flush;
mod hold;
mod router;
mod state;

pub(crate) use actor::{Group, GroupContext};
pub(crate) use router::Router;
pub(crate) use state::Restored;
