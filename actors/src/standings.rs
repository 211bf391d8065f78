//! What the routes and the mute index say of an alert as of now: for those who list alerts.

use std::sync::Arc;

use alerts::{Time, labelled::Labelled, mute::Muted};

use crate::{index::Index, live::LiveCell};

/// The routes and the mute index, for reading.
pub struct Standings {
    live: LiveCell,
    index: Arc<Index>,
}

impl Standings {
    pub(crate) fn new(live: LiveCell, index: Arc<Index>) -> Self {
        Self { live, index }
    }

    /// The receivers of the routes that an alert with these labels takes, each once.
    pub fn receivers(&self, labels: &impl Labelled) -> Vec<Arc<str>> {
        let live = self.live.load();
        let tree = live.router.tree();
        let mut receivers: Vec<Arc<str>> = Vec::with_capacity(1);
        for route in tree.matching(labels) {
            let receiver = &tree.route(route).receiver;
            if !receivers.contains(receiver) {
                receivers.push(receiver.clone());
            }
        }
        receivers
    }

    /// What keeps an alert with these labels from being told at `now`.
    pub fn muted(&self, labels: &impl Labelled, now: Time) -> Muted {
        self.index.muted_by(labels, now)
    }
}
