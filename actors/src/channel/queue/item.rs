//! One delivery in the queue, and what the queue answers. Pure.
//!
//! Deliberately unknown here: other deliveries, the order in which they go.

use std::sync::Arc;

use alerts::{
    Time,
    message::{Delivery, DeliveryId, Receipt},
    ports::DropReason,
};

/// What is to be done next.
#[derive(Debug, PartialEq)]
pub(in crate::channel) enum Next {
    /// Make an attempt.
    Send(Box<Delivery>),
    /// Read the contents from the outbox and give them to [`super::Queue::loaded`].
    Load(DeliveryId),
    /// Too old: it becomes a dead letter.
    Expired(DeliveryId),
    /// Nothing before then.
    Wait(Time),
    /// Nothing until something happens.
    Idle,
}

/// A delivery that left the queue unsent.
#[derive(Debug, PartialEq)]
pub(in crate::channel) struct Dropped {
    pub(in crate::channel) id: DeliveryId,
    pub(in crate::channel) group_key: Arc<str>,
    pub(in crate::channel) reason: DropReason,
    /// Its contents, where they were in memory.
    pub(in crate::channel) delivery: Option<Box<Delivery>>,
}

/// What a failed attempt leads to.
#[derive(Debug, PartialEq)]
pub(in crate::channel) enum Failed {
    /// There will be another attempt at that time; `rests` if the whole destination rests.
    Again { not_before: Time, attempts: u32, rests: bool },
    /// There will be none.
    Dropped(Dropped),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    /// Waits for its pictures, or for the attempt at an older delivery of its group to end.
    Waiting,
    /// In `ready` under this time.
    Ready(Time),
    /// Its contents are being read.
    Loading,
    /// An attempt is under way.
    UnderWay,
}

#[derive(Debug)]
pub(super) struct Item {
    pub(super) group_key: Arc<str>,
    pub(super) state: State,
    /// Its pictures are not settled.
    pub(super) held: bool,
    pub(super) not_before: Time,
    pub(super) expires_at: Time,
    pub(super) attempts: u32,
    pub(super) contents: Option<Box<Delivery>>,
}

impl Item {
    /// Whether it takes one of the places that `concurrency` counts.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self.state, State::UnderWay | State::Loading)
    }

    /// Notes in the contents what a failed attempt came to. `receipt` is what it achieved all the same.
    pub(super) fn keep_progress(&mut self, receipt: Option<Receipt>, error: &str) {
        if let Some(contents) = &mut self.contents {
            contents.receipt = receipt.or(contents.receipt.take());
            contents.attempts = self.attempts;
            contents.not_before = self.not_before;
            contents.last_error = Some(error.to_owned());
        }
    }
}
