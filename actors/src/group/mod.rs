//! The group actors: shards of groups by group key.

mod actor;
mod context;
mod flush;
mod flushing;
mod foreign;
mod hold;
mod restored;
mod router;
mod state;

pub(crate) use actor::{Begin, Group};
pub(crate) use context::GroupContext;
pub(crate) use flush::FlushTarget;
pub(crate) use foreign::names as foreign_names;
pub(crate) use restored::Restored;
pub(crate) use router::{Router, Targets};
