//! Silences in the machine: an actor that makes changes durable one batch at a time and then swaps them into the mute index,
//! and the port through which people ask for them.

mod actor;
mod batch;
mod book;
mod states;

pub(crate) use actor::SilenceKeeper;
pub(crate) use batch::Wish;
pub(crate) use book::Book;
pub(crate) use states::SilenceStates;
