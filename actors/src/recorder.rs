//! The recorder: takes all changes that are waiting, commits them as one batch, wakes the waiters, repeats. No timer while
//! the database works; while it fails, what it refused is tried again every second, and who waits is told at once: paging
//! never depends on a write.
//!
//! Deliberately unknown here: what the changes mean, SQL.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use alerts::ports::{Change, Clock, Store, StoreError};
use tokio::sync::oneshot;

use crate::{
    messages::{Record, RetryCommit, Stop},
    metrics::Metrics,
};

/// Changes in one commit at the most, so that a commit stays short under a storm.
const BATCH: usize = 20_000;
/// Changes kept for another try while the database fails; beyond, the oldest are given up and counted.
const KEPT: usize = 500_000;
const RETRY_EVERY: Duration = Duration::from_secs(1);

type Waiter = oneshot::Sender<Result<(), StoreError>>;

/// Whether the last commit succeeded: shared with readiness.
#[derive(Clone, Default)]
pub(crate) struct StoreHealth(Arc<AtomicBool>);

impl StoreHealth {
    /// Whether the database took the last commit.
    pub(crate) fn is_failing(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What waits to be committed, in the order in which it came. Pure: the actor runs the commits.
#[derive(Default)]
struct Pending {
    changes: VecDeque<Change>,
    /// Each waiter with the number of changes that must be committed before it is woken.
    waiters: VecDeque<(u64, Waiter)>,
    taken_in: u64,
    settled: u64,
}

impl Pending {
    fn add(&mut self, changes: Vec<Change>, waiter: Option<Waiter>) {
        self.taken_in += changes.len() as u64;
        self.changes.extend(changes);
        if let Some(waiter) = waiter {
            self.waiters.push_back((self.taken_in, waiter));
        }
    }

    fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.waiters.is_empty()
    }

    /// The next batch.
    fn take(&mut self) -> Vec<Change> {
        let batch: Vec<Change> = self.changes.drain(..self.changes.len().min(BATCH)).collect();
        self.settled += batch.len() as u64;
        batch
    }

    /// Those whose changes are all committed.
    fn due_waiters(&mut self) -> Vec<Waiter> {
        let due = self.waiters.iter().take_while(|(number, _)| *number <= self.settled).count();
        self.waiters.drain(..due).map(|(_, waiter)| waiter).collect()
    }

    /// All who wait: the database fails, and nobody is kept waiting for it.
    fn all_waiters(&mut self) -> Vec<Waiter> {
        self.waiters.drain(..).map(|(_, waiter)| waiter).collect()
    }

    /// Puts back what a commit refused, before all that came since: changes are never made in another order than they came.
    fn put_back(&mut self, batch: Vec<Change>) {
        self.settled -= batch.len() as u64;
        for change in batch.into_iter().rev() {
            self.changes.push_front(change);
        }
    }

    /// Gives up the oldest of more changes than are kept; answers how many.
    fn give_up(&mut self) -> u64 {
        let over = self.changes.len().saturating_sub(KEPT);
        self.changes.drain(..over);
        self.settled += over as u64;
        over as u64
    }

    fn len(&self) -> usize {
        self.changes.len()
    }
}

/// The actor around [`Pending`].
pub(crate) struct Recorder {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    health: StoreHealth,
    pending: Pending,
    committing: bool,
    /// The last commit was refused: it is tried again when the timer says so, and who waits is told at once.
    refused: Option<StoreError>,
    stopping: Vec<Stop>,
}

impl Recorder {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, metrics: Arc<Metrics>, health: StoreHealth) -> Self {
        Self {
            store,
            clock,
            metrics,
            health,
            pending: Pending::default(),
            committing: false,
            refused: None,
            stopping: Vec::new(),
        }
    }

    fn commit_next(&mut self, ctx: &mut Context<Self>) {
        if self.committing {
            return;
        }
        if self.pending.is_empty() || self.refused.is_some() {
            self.stop_if_asked();
            return;
        }
        self.committing = true;
        let batch = Arc::new(self.pending.take());
        let (store, clock) = (self.store.clone(), self.clock.clone());
        let commit = async move {
            let began = clock.monotonic();
            let outcome = commit(store, batch.clone()).await;
            (outcome, Arc::unwrap_or_clone(batch), clock.monotonic().saturating_sub(began))
        };
        ctx.spawn(commit.into_actor(self).map(|(outcome, batch, took), this, ctx| {
            this.metrics.commit_duration.observe(took.as_secs_f64());
            this.committed(outcome, batch, ctx);
            this.metrics.changes_waiting.set(i64::try_from(this.pending.len()).unwrap_or(i64::MAX));
            this.commit_next(ctx);
        }));
    }

    fn committed(&mut self, outcome: Result<(), Refusal>, batch: Vec<Change>, ctx: &mut Context<Self>) {
        self.committing = false;
        let error = outcome.as_ref().err().map(|refusal| refusal.error().clone());
        self.note_outcome(error.as_ref(), batch.len());
        match outcome {
            Ok(()) => wake(self.pending.due_waiters(), &Ok(())),
            Err(Refusal::Panicked(error)) => {
                // Whatever made it panic is set aside, not tried again.
                self.metrics.changes_lost.inc_by(batch.len() as u64);
                self.refuse(error, ctx);
            }
            Err(Refusal::Failed(error)) => {
                self.pending.put_back(batch);
                self.refuse(error, ctx);
            }
        }
    }

    fn refuse(&mut self, error: StoreError, ctx: &mut Context<Self>) {
        wake(self.pending.all_waiters(), &Err(error.clone()));
        self.metrics.changes_lost.inc_by(self.pending.give_up());
        self.refused = Some(error);
        ctx.notify_later(RetryCommit, RETRY_EVERY);
    }

    fn note_outcome(&self, error: Option<&StoreError>, changes: usize) {
        let failing = error.is_some();
        let was_failing = self.health.0.swap(failing, Ordering::Relaxed);
        self.metrics.commits.with_label_values(&[if failing { "failed" } else { "committed" }]).inc();
        match error {
            Some(error) => tracing::error!(%error, changes, "the database does not take changes; alerts are still processed and sent from memory"),
            None if was_failing => tracing::info!("the database takes changes again"),
            None => {}
        }
    }

    fn stop_if_asked(&mut self) {
        for stopping in self.stopping.drain(..) {
            stopping.finish();
        }
    }
}

/// Why a commit failed.
enum Refusal {
    /// The database said no: the batch is kept.
    Failed(StoreError),
    /// The database's code panicked over it.
    Panicked(StoreError),
}

impl Refusal {
    fn error(&self) -> &StoreError {
        match self {
            Refusal::Failed(error) | Refusal::Panicked(error) => error,
        }
    }
}

async fn commit(store: Arc<dyn Store>, batch: Arc<Vec<Change>>) -> Result<(), Refusal> {
    if batch.is_empty() {
        return Ok(());
    }
    match tokio::task::spawn_blocking(move || store.commit(&batch)).await {
        Ok(outcome) => outcome.map_err(Refusal::Failed),
        Err(_) => Err(Refusal::Panicked(StoreError::Failed("the commit panicked".into()))),
    }
}

fn wake(waiters: Vec<Waiter>, outcome: &Result<(), StoreError>) {
    for waiter in waiters {
        // A waiter that is gone has nobody left to tell.
        drop(waiter.send(outcome.clone()));
    }
}

impl Actor for Recorder {
    type Context = Context<Self>;
}

impl Handler<Record> for Recorder {
    type Result = ();

    fn handle(&mut self, message: Record, ctx: &mut Self::Context) {
        self.pending.add(message.changes, message.done);
        if let Some(error) = self.refused.clone() {
            wake(self.pending.all_waiters(), &Err(error));
            self.metrics.changes_lost.inc_by(self.pending.give_up());
        }
        self.commit_next(ctx);
    }
}

impl Handler<RetryCommit> for Recorder {
    type Result = ();

    fn handle(&mut self, _: RetryCommit, ctx: &mut Self::Context) {
        self.refused = None;
        self.commit_next(ctx);
    }
}

impl Handler<Stop> for Recorder {
    type Result = ();

    fn handle(&mut self, message: Stop, ctx: &mut Self::Context) {
        self.stopping.push(message);
        self.commit_next(ctx);
    }
}

#[cfg(test)]
mod tests {
    use alerts::Fingerprint;

    use super::*;

    fn gone(number: u64) -> Change {
        Change::AlertGone(Fingerprint(number))
    }

    #[test]
    fn waiters_wake_when_their_changes_are_committed() {
        let mut pending = Pending::default();
        let (early, _early) = oneshot::channel();
        let (late, _late) = oneshot::channel();
        pending.add((0..BATCH as u64).map(gone).collect(), Some(early));
        pending.add(vec![gone(1)], Some(late));
        assert_eq!(pending.take().len(), BATCH);
        assert_eq!(pending.due_waiters().len(), 1);
        assert_eq!(pending.take(), [gone(1)]);
        assert_eq!(pending.due_waiters().len(), 1);
        assert!(pending.is_empty());
    }

    /// More than a batch was refused, and one fresh change used to be committed before the rest of them.
    #[test]
    fn refused_changes_come_first_and_in_order_however_many_they_are() {
        let all: Vec<Change> = (0..2 * BATCH as u64 + 7).map(gone).collect();
        let mut pending = Pending::default();
        pending.add(all[..2 * BATCH].to_vec(), None);
        let refused = pending.take();
        pending.put_back(refused);
        pending.add(all[2 * BATCH..].to_vec(), None);
        let mut taken = Vec::new();
        while !pending.is_empty() {
            taken.extend(pending.take());
        }
        assert!(taken == all, "the order is kept");
    }

    #[test]
    fn what_is_kept_while_the_database_fails_is_bounded() {
        let mut pending = Pending::default();
        pending.add((0..KEPT as u64 + 5).map(gone).collect(), None);
        assert_eq!((pending.give_up(), pending.len()), (5, KEPT));
        assert_eq!(pending.changes.front(), Some(&gone(5)));
        let (waiter, _waiter) = oneshot::channel();
        pending.add(vec![gone(1)], Some(waiter));
        while pending.len() > 0 {
            assert!(pending.due_waiters().is_empty());
            pending.take();
        }
        assert_eq!(pending.due_waiters().len(), 1, "the count goes on after some were given up");
    }

    #[test]
    fn a_waiter_without_changes_is_a_barrier() {
        let mut pending = Pending::default();
        let (barrier, _barrier) = oneshot::channel();
        pending.add(Vec::new(), Some(barrier));
        assert!(!pending.is_empty());
        assert_eq!(pending.take(), []);
        assert_eq!(pending.due_waiters().len(), 1);
    }
}
