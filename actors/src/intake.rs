//! The door to the machine: HTTP workers hand over what changed, bounded by permits.
//!
//! Deliberately unknown here: HTTP, parsing, what a change means.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use alerts::{
    Fingerprint, Time,
    intake::{Accept, Normalised, NotAccepted},
    table::AlertTable,
};
use async_trait::async_trait;
use futures_util::future::join_all;
use tokio::sync::Semaphore;

use crate::{
    alert::AlertState,
    messages::{Extend, Ingest},
    metrics::Metrics,
    tell::Handle,
};

/// How long a sender is kept waiting for a commit.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The door.
pub struct Intake {
    shards: Vec<Handle<AlertState>>,
    permits: Arc<Semaphore>,
    capacity: u32,
    closed: AtomicBool,
    metrics: Arc<Metrics>,
}

impl Intake {
    pub(crate) fn new(shards: Vec<Handle<AlertState>>, capacity: usize, metrics: Arc<Metrics>) -> Self {
        let capacity = u32::try_from(capacity.clamp(1, Semaphore::MAX_PERMITS)).unwrap_or(u32::MAX);
        let permits = Arc::new(Semaphore::new(capacity as usize));
        Self { shards, permits, capacity, closed: AtomicBool::new(false), metrics }
    }

    /// Lets nobody in any more.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    fn split(&self, alerts: Vec<Normalised>) -> Vec<Vec<Normalised>> {
        let mut parts: Vec<Vec<Normalised>> = self.shards.iter().map(|_| Vec::new()).collect();
        for alert in alerts {
            parts[self.shard_of(alert.sighting.fingerprint)].push(alert);
        }
        parts
    }

    fn shard_of(&self, fingerprint: Fingerprint) -> usize {
        AlertTable::shard_of(fingerprint) % self.shards.len()
    }

    fn note_in_flight(&self) {
        let in_flight = (self.capacity as usize).saturating_sub(self.permits.available_permits());
        self.metrics.intake_in_flight.set(i64::try_from(in_flight).unwrap_or(i64::MAX));
    }

    async fn ask(&self, shard: &Handle<AlertState>, alerts: Vec<Normalised>) -> Result<(), NotAccepted> {
        // A request that is larger than all that may be in flight is let in alone.
        let wanted = u32::try_from(alerts.len()).unwrap_or(u32::MAX).min(self.capacity);
        let Ok(permit) = self.permits.clone().try_acquire_many_owned(wanted) else {
            self.metrics.intake_busy.inc();
            return Err(NotAccepted::Busy);
        };
        self.note_in_flight();
        let answer = shard.ask(Ingest { alerts, permit }, TIMEOUT).await;
        self.note_in_flight();
        match answer {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(NotAccepted::NotDurable(error.to_string())),
            Err(error) => Err(NotAccepted::NotDurable(error.to_string())),
        }
    }
}

#[async_trait]
impl Accept for Intake {
    async fn accept(&self, alerts: Vec<Normalised>, _received: Time) -> Result<(), NotAccepted> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(NotAccepted::Stopping);
        }
        let parts = self.split(alerts).into_iter().zip(&self.shards).filter(|(part, _)| !part.is_empty());
        let asks = parts.map(|(part, shard)| self.ask(shard, part));
        join_all(asks).await.into_iter().collect()
    }

    fn extend(&self, alerts: Vec<Fingerprint>) {
        for (number, shard) in self.shards.iter().enumerate() {
            let mine: Vec<Fingerprint> = alerts.iter().copied().filter(|fp| self.shard_of(*fp) == number).collect();
            if !mine.is_empty() {
                shard.tell(Extend(mine));
            }
        }
    }
}
