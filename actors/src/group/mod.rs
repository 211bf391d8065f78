//! The group actors: shards of groups by group key.

mod actor;
mod context;
mod flush;
mod flushing;
mod hold;
mod restored;
mod router;
mod state;

pub(crate) use actor::Group;
pub(crate) use context::GroupContext;
pub(crate) use flush::FlushTarget;
pub(crate) use restored::Restored;
pub(crate) use router::Router;
