//! The recorder: takes all changes that are waiting, commits them as one batch, wakes the waiters, repeats. No timer while
//! the database works; while it fails, what it refused is tried again every second.
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

/// What waits to be committed. Pure: the actor runs the commits.
#[derive(Default)]
struct Pending {
    changes: VecDeque<Change>,
    /// Each waiter with the number of changes that must be committed before it is woken.
    waiters: VecDeque<(u64, Waiter)>,
    taken_in: u64,
    settled: u64,
    /// Refused by a failed commit, to be tried again; nobody waits for them any more.
    refused: VecDeque<Change>,
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

    /// The next batch, and how many of its first changes are second tries.
    fn take(&mut self) -> (Vec<Change>, usize) {
        let second_tries = self.refused.len().min(BATCH);
        let mut batch: Vec<Change> = self.refused.drain(..second_tries).collect();
        let fresh = self.changes.len().min(BATCH.saturating_sub(second_tries).max(1));
        batch.extend(self.changes.drain(..fresh));
        self.settled += fresh as u64;
        (batch, second_tries)
    }

    fn due_waiters(&mut self) -> Vec<Waiter> {
        let mut due = Vec::new();
        while self.waiters.front().is_some_and(|(number, _)| *number <= self.settled) {
            due.extend(self.waiters.pop_front().map(|(_, waiter)| waiter));
        }
        due
    }

    /// Puts back what a commit refused; answers how many changes had to be given up.
    fn put_back(&mut self, batch: Vec<Change>) -> u64 {
        for change in batch.into_iter().rev() {
            self.refused.push_front(change);
        }
        let over = self.refused.len().saturating_sub(KEPT);
        self.refused.drain(..over);
        over as u64
    }

    fn len(&self) -> usize {
        self.changes.len() + self.refused.len()
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
    retry_armed: bool,
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
            retry_armed: false,
            stopping: Vec::new(),
        }
    }

    fn commit_next(&mut self, ctx: &mut Context<Self>) {
        if self.committing {
            return;
        }
        if self.pending.is_empty() && (self.pending.refused.is_empty() || self.retry_armed) {
            self.stop_if_asked();
            return;
        }
        self.committing = true;
        let (batch, _) = self.pending.take();
        let waiters = self.pending.due_waiters();
        let (store, clock) = (self.store.clone(), self.clock.clone());
        let commit = async move {
            let began = clock.monotonic();
            let joined = tokio::task::spawn_blocking(move || {
                let outcome = if batch.is_empty() { Ok(()) } else { store.commit(&batch) };
                (outcome, batch)
            });
            let (outcome, batch) =
                joined.await.unwrap_or_else(|_| (Err(StoreError::Failed("the commit panicked".into())), Vec::new()));
            (outcome, batch, waiters, clock.monotonic().saturating_sub(began))
        };
        ctx.spawn(commit.into_actor(self).map(|(outcome, batch, waiters, took), this, ctx| {
            this.committed(outcome, batch, waiters, took, ctx);
        }));
    }

    fn committed(
        &mut self,
        outcome: Result<(), StoreError>,
        batch: Vec<Change>,
        waiters: Vec<Waiter>,
        took: Duration,
        ctx: &mut Context<Self>,
    ) {
        self.committing = false;
        self.metrics.commit_duration.observe(took.as_secs_f64());
        self.note_outcome(outcome.as_ref().err(), batch.len());
        if outcome.is_err() {
            let given_up = self.pending.put_back(batch);
            self.metrics.changes_lost.inc_by(given_up);
            self.arm_retry(ctx);
        }
        self.metrics.changes_waiting.set(i64::try_from(self.pending.len()).unwrap_or(i64::MAX));
        for waiter in waiters {
            // A waiter that is gone has nobody left to tell.
            drop(waiter.send(outcome.clone()));
        }
        self.commit_next(ctx);
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

    fn arm_retry(&mut self, ctx: &mut Context<Self>) {
        if !self.retry_armed {
            self.retry_armed = true;
            ctx.notify_later(RetryCommit, RETRY_EVERY);
        }
    }

    fn stop_if_asked(&mut self) {
        for stopping in self.stopping.drain(..) {
            stopping.finish();
        }
    }
}

impl Actor for Recorder {
    type Context = Context<Self>;
}

impl Handler<Record> for Recorder {
    type Result = ();

    fn handle(&mut self, message: Record, ctx: &mut Self::Context) {
        self.pending.add(message.changes, message.done);
        self.commit_next(ctx);
    }
}

impl Handler<RetryCommit> for Recorder {
    type Result = ();

    fn handle(&mut self, _: RetryCommit, ctx: &mut Self::Context) {
        self.retry_armed = false;
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
        assert_eq!(pending.take().0.len(), BATCH);
        assert_eq!(pending.due_waiters().len(), 1);
        assert_eq!(pending.take().0, [gone(1)]);
        assert_eq!(pending.due_waiters().len(), 1);
        assert!(pending.is_empty());
    }

    #[test]
    fn refused_changes_come_first_and_in_order() {
        let mut pending = Pending::default();
        pending.add(vec![gone(1), gone(2)], None);
        let (batch, _) = pending.take();
        assert_eq!(pending.put_back(batch), 0);
        pending.add(vec![gone(3)], None);
        assert_eq!(pending.take(), (vec![gone(1), gone(2), gone(3)], 2));
    }

    #[test]
    fn what_is_kept_while_the_database_fails_is_bounded() {
        let mut pending = Pending::default();
        let given_up = pending.put_back((0..KEPT as u64 + 5).map(gone).collect());
        assert_eq!((given_up, pending.len()), (5, KEPT));
        assert_eq!(pending.refused.front(), Some(&gone(5)));
    }

    #[test]
    fn a_waiter_without_changes_is_a_barrier() {
        let mut pending = Pending::default();
        let (barrier, _barrier) = oneshot::channel();
        pending.add(Vec::new(), Some(barrier));
        assert!(!pending.is_empty());
        assert_eq!(pending.take().0, []);
        assert_eq!(pending.due_waiters().len(), 1);
    }
}
