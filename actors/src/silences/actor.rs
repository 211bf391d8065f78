//! The shell around [`carry_out`]: one batch of changes at a time is made durable, then it is in force, then who asked hears of
//! it. What is asked meanwhile is the next batch.
//!
//! Deliberately unknown here: what a change of a silence means.

use std::{sync::Arc, time::Duration};

use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, ResponseFuture, WrapFuture};
use alerts::{
    ports::{Change, Clock, SilenceRefused, StoreError},
    silence::{SilenceError, SilenceId, Silences},
};
use tokio::sync::oneshot;

use super::batch::{Outcome, Wish, carry_out};
use crate::{
    index::Index,
    live::LiveCell,
    messages::{ChangeSilence, Record, Stop},
    recorder::Recorder,
    tell::Handle,
};

/// How often silences that ended long ago are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(15 * 60);

type Answer = Result<SilenceId, SilenceRefused>;

/// The actor.
pub(crate) struct SilenceKeeper {
    index: Arc<Index>,
    live: LiveCell,
    clock: Arc<dyn Clock>,
    recorder: Handle<Recorder>,
    waiting: Vec<(Wish, oneshot::Sender<Answer>)>,
    committing: bool,
}

impl SilenceKeeper {
    pub(crate) fn new(index: Arc<Index>, live: LiveCell, clock: Arc<dyn Clock>, recorder: Handle<Recorder>) -> Self {
        Self { index, live, clock, recorder, waiting: Vec::new(), committing: false }
    }

    fn begin(&mut self, ctx: &mut Context<Self>) {
        if self.committing || self.waiting.is_empty() {
            return;
        }
        let (wishes, askers): (Vec<_>, Vec<_>) = self.waiting.drain(..).unzip();
        let now = self.clock.now();
        let outcome = carry_out(&self.index.silences(), wishes, self.live.load().silence_limits, now);
        let Outcome { silences, changes, undo, answers, changed } = outcome;
        for silence in &changed {
            tracing::info!(
                silence = %silence.id, matchers = %silence.matchers, state = silence.state(now).as_str(),
                starts_at = %silence.starts_at, ends_at = %silence.ends_at, created_by = silence.created_by,
                "silence changed"
            );
        }
        let answers = answers.into_iter().zip(askers).collect();
        self.commit(changes, silences, ctx, move |this, committed| this.answer(answers, committed, undo));
    }

    /// Makes changes durable and swaps the silences in; `then` hears what came of it.
    fn commit(
        &mut self,
        changes: Vec<Change>,
        silences: Silences,
        ctx: &mut Context<Self>,
        then: impl FnOnce(&mut Self, Result<(), StoreError>) + 'static,
    ) {
        self.committing = true;
        let (done, committed) = oneshot::channel();
        self.recorder.tell(Record { changes, done: Some(done) });
        ctx.spawn(committed.into_actor(self).map(move |committed, this, ctx| {
            this.committing = false;
            let gone = || Err(StoreError::Failed("the recorder is being rebuilt".into()));
            let committed = committed.unwrap_or_else(|_| gone());
            if committed.is_ok() {
                this.index.set_silences(silences);
            }
            then(this, committed);
            this.begin(ctx);
        }));
    }

    fn answer(
        &self,
        answers: Vec<(Result<SilenceId, SilenceError>, oneshot::Sender<Answer>)>,
        committed: Result<(), StoreError>,
        undo: Vec<Change>,
    ) {
        let refused = committed.err().map(|error| SilenceRefused::NotDurable(error.to_string()));
        if refused.is_some() && !undo.is_empty() {
            // The recorder tries refused changes again; nobody was told that these are made.
            self.recorder.tell(Record { changes: undo, done: None });
        }
        for (answer, asker) in answers {
            let answer = match (&refused, answer) {
                (Some(refused), Ok(_)) => Err(refused.clone()),
                (_, answer) => answer.map_err(SilenceRefused::Silence),
            };
            // Whoever asked may be gone by now; the change stands all the same.
            drop(asker.send(answer));
        }
    }

    /// Forgets what ended long ago.
    fn forget(&mut self, ctx: &mut Context<Self>) {
        ctx.run_later(FORGET_EVERY, Self::forget);
        if self.committing {
            return;
        }
        let (kept, forgotten) = self.index.silences().forget(self.live.load().silence_retention, self.clock.now());
        if !forgotten.is_empty() {
            let changes = forgotten.into_iter().map(Change::SilenceGone).collect();
            self.commit(changes, kept, ctx, |_, _| ());
        }
    }
}

impl Actor for SilenceKeeper {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.forget(ctx);
    }
}

impl Handler<ChangeSilence> for SilenceKeeper {
    type Result = ResponseFuture<Answer>;

    fn handle(&mut self, message: ChangeSilence, ctx: &mut Self::Context) -> Self::Result {
        let (asker, answer) = oneshot::channel();
        self.waiting.push((message.wish, asker));
        self.begin(ctx);
        let permit = message.permit;
        Box::pin(async move {
            let gone = || Err(SilenceRefused::NotDurable("the keeper of silences is being rebuilt".to_owned()));
            let answer = answer.await.unwrap_or_else(|_| gone());
            drop(permit);
            answer
        })
    }
}

impl Handler<Stop> for SilenceKeeper {
    type Result = ();

    fn handle(&mut self, message: Stop, _: &mut Self::Context) {
        // What was asked for is with the recorder already, which stops last.
        message.finish();
    }
}
