//! The recorder: takes all changes that are waiting, commits them as one batch, wakes the waiters, repeats. No timer while
//! the database works; while it fails, what it refused is tried again every second, and who waits is told at once: paging
//! never depends on a write.
//!
//! Deliberately unknown here: what the changes mean, SQL.

mod pending;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use alerts::ports::{Change, Clock, Store, StoreError};

use self::pending::{Pending, Waiter};
use crate::{
    messages::{Record, RetryCommit, Stop},
    metrics::Metrics,
};

const RETRY_EVERY: Duration = Duration::from_secs(1);

/// Whether the last commit succeeded: shared with readiness.
#[derive(Clone, Default)]
pub(crate) struct StoreHealth(Arc<AtomicBool>);

impl StoreHealth {
    /// Whether the database took the last commit.
    pub(crate) fn is_failing(&self) -> bool {
        self.0.load(Ordering::Relaxed)
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
    pub(crate) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        metrics: Arc<Metrics>,
        health: StoreHealth,
    ) -> Self {
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
            Some(error) => {
                tracing::error!(%error, changes, "the database does not take changes; alerts are still processed and sent from memory")
            }
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
