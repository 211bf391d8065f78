//! The pace of each destination: shared by all integrations that lead to it, and kept when the configuration is loaded anew.
//!
//! A vendor counts what arrives at a channel or token, not which of our receivers sent it; and what it asked for (429) holds for
//! all that goes there, the pictures that are added later among it. Deliberately unknown here: deliveries.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
};

use alerts::{
    Time,
    ports::{Clock, Limits, Pace},
};
use parking_lot::Mutex;

use super::backoff::Bucket;

/// A type of integration, and the hash of its destination.
type Place = (&'static str, String);

/// The paces of all destinations that an integration leads to.
#[derive(Default)]
pub(crate) struct Paces(Mutex<HashMap<Place, Weak<Mutex<Bucket>>>>);

impl Paces {
    /// The pace of the destination with these limits. Other limits than before begin a pace of their own.
    pub(crate) fn of(&self, limits: &Limits) -> SharedPace {
        let mut all = self.0.lock();
        all.retain(|_, bucket| bucket.strong_count() > 0);
        let place = all.entry((limits.kind, limits.destination.clone())).or_default();
        let known = place.upgrade().filter(|bucket| bucket.lock().pace() == limits.pace);
        let shared = known.map_or_else(|| SharedPace::new(limits.pace), SharedPace);
        *place = Arc::downgrade(&shared.0);
        shared
    }
}

/// The pace of one destination.
#[derive(Clone)]
pub(crate) struct SharedPace(Arc<Mutex<Bucket>>);

impl SharedPace {
    pub(super) fn new(pace: Pace) -> Self {
        Self(Arc::new(Mutex::new(Bucket::new(pace))))
    }

    /// When the next message may go.
    pub(super) fn next_at(&self) -> Time {
        self.0.lock().next_at()
    }

    /// A message goes.
    pub(super) fn take(&self, now: Time) {
        self.0.lock().take(now);
    }

    /// The vendor asked to wait.
    pub(super) fn block(&self, until: Time) {
        self.0.lock().block(until);
    }

    /// The wall clock stepped.
    pub(super) fn clock_stepped(&self, now: Time, latest: Time) {
        self.0.lock().clock_stepped(now, latest);
    }

    /// Waits until something may go, and takes the turn: for what goes out beside the queue.
    pub(super) async fn turn(&self, clock: &dyn Clock) {
        loop {
            let now = clock.now();
            let at = {
                let mut bucket = self.0.lock();
                let at = bucket.next_at();
                if at <= now {
                    return bucket.take(now);
                }
                at
            };
            tokio::time::sleep(at.since(now)).await;
        }
    }
}
