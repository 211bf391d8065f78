//! The shell around [`Gate`]: its workers, and who is told of the results.
//!
//! Deliberately unknown here: which captures are made and when.

use std::{sync::Arc, time::Duration};

use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, SpawnHandle, WrapFuture};
use alerts::{
    alert::PictureSlot,
    picture::{self, Subject},
    ports::{Capture, Clock, RenderError, RenderErrorKind, Renderer},
    table::AlertTable,
};

use super::{
    LOG,
    gate::{Effect, Gate, Key, Settled},
    uploader::Uploader,
};
use crate::{
    alert::AlertState,
    messages::{ClockStepped, PicturesSettled, Replay, Stop, Upload, Waiter, Wake, WantPictures},
    metrics::{Metrics, QUEUE_FULL, QUEUE_TIMEOUT},
    tell::Handle,
};

/// How long a worker waits for the uploader, which waits for the image store a little less long.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(35);
/// What a renderer is granted beyond its budget, which it keeps itself: it says why it was late, and its breaker learns of it.
const GRACE: Duration = Duration::from_millis(100);

/// The gate's actor.
pub(crate) struct Screenshots {
    gate: Gate,
    renderer: Arc<dyn Renderer>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    uploader: Handle<Uploader>,
    alert_states: Vec<Handle<AlertState>>,
    timer: Option<SpawnHandle>,
    /// Another one panicked: what it was asked for is to be asked for again.
    is_rebuilt: bool,
    /// Takes up no more work.
    stopped: bool,
    /// Whom to tell when what is under way has ended.
    stopping: Option<Stop>,
}

impl Screenshots {
    pub(crate) fn new(
        settings: &crate::Screenshots,
        renderer: Arc<dyn Renderer>,
        clock: Arc<dyn Clock>,
        metrics: Arc<Metrics>,
        uploader: Handle<Uploader>,
        alert_states: Vec<Handle<AlertState>>,
        is_rebuilt: bool,
    ) -> Self {
        let gate = Gate::new(settings.max_concurrent_screenshots, settings.capture_timeout);
        Self {
            gate,
            renderer,
            clock,
            metrics,
            uploader,
            alert_states,
            timer: None,
            is_rebuilt,
            stopped: false,
            stopping: None,
        }
    }

    fn pump(&mut self, mut effects: Vec<Effect>, ctx: &mut Context<Self>) {
        let now = self.clock.now();
        if !self.stopped {
            effects.extend(self.gate.tick(now));
        }
        let mut turned_away = 0;
        for effect in effects {
            match effect {
                Effect::Start { key, capture, budget, waited } => self.start(key, *capture, budget, waited, ctx),
                Effect::Settle { waiters, slot, why, given_up } => {
                    if let Some(capture) = given_up {
                        turned_away += self.note_given_up(&capture, why);
                    }
                    self.settle(&waiters, &slot, why);
                }
            }
        }
        if turned_away > 0 {
            tracing::warn!(target: LOG, captures = turned_away, "pictures are not taken: the queue of captures is full");
        }
        self.note_lengths();
        if let Some(timer) = self.timer.take() {
            ctx.cancel_future(timer);
        }
        if let Some(at) = self.gate.next_wake().filter(|_| !self.stopped) {
            self.timer = Some(ctx.notify_later(Wake, at.since(now)));
        }
        self.stop_when_idle();
    }

    fn start(&mut self, key: Key, capture: Capture, budget: Duration, waited: Duration, ctx: &mut Context<Self>) {
        self.metrics.capture_wait.observe(waited.as_secs_f64());
        let work = work(
            self.renderer.clone(),
            self.uploader.clone(),
            self.clock.clone(),
            self.metrics.clone(),
            capture,
            budget,
        );
        ctx.spawn(work.into_actor(self).map(move |slot, this, ctx| {
            let effects = this.gate.finished(&key, slot, this.clock.now()).into_iter().collect();
            this.pump(effects, ctx);
        }));
    }

    /// Tells each waiter's alert-state actor.
    fn settle(&self, waiters: &[Waiter], slot: &PictureSlot, why: Settled) {
        let missing = match why {
            Settled::Busy | Settled::Displaced => Some("busy"),
            Settled::OutOfTime => Some("out_of_time"),
            _ if *slot == PictureSlot::Failed => Some("capture_failed"),
            _ => None,
        };
        if let Some(reason) = missing {
            self.metrics.pictures_missing.with_label_values(&[reason]).inc_by(waiters.len() as u64);
        }
        let of = self.alert_states.len();
        for (number, alert_state) in self.alert_states.iter().enumerate() {
            let mine: Vec<Waiter> = waiters
                .iter()
                .filter(|waiter| AlertTable::shard_of(waiter.fingerprint) % of == number)
                .copied()
                .collect();
            if !mine.is_empty() {
                alert_state.tell(PicturesSettled { waiters: mine, slot: slot.clone() });
            }
        }
    }

    /// Counts and logs a capture that was never begun. Answers how many were turned away, which may be too many for a line each.
    fn note_given_up(&self, capture: &Capture, why: Settled) -> usize {
        let is_late = why == Settled::OutOfTime;
        let reason = if is_late { QUEUE_TIMEOUT } else { QUEUE_FULL };
        self.metrics.screenshot_failures.with_label_values(&[reason]).inc();
        if is_late {
            self.metrics.capture_wait.observe(self.gate.timeout().as_secs_f64());
            log_failure(capture, reason, "no worker was free within capture_timeout");
        } else {
            self.metrics.captures_busy.inc();
        }
        usize::from(!is_late)
    }

    fn note_lengths(&self) {
        self.metrics.captures_queued.set(i64::try_from(self.gate.queued()).unwrap_or(i64::MAX));
        self.metrics.captures_running.set(i64::try_from(self.gate.running()).unwrap_or(i64::MAX));
    }

    fn stop_when_idle(&mut self) {
        if self.gate.running() == 0
            && let Some(stopping) = self.stopping.take()
        {
            stopping.finish();
        }
    }
}

/// One worker's job: draw, then upload. A renderer that panics loses this picture and nothing else.
async fn work(
    renderer: Arc<dyn Renderer>,
    uploader: Handle<Uploader>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    capture: Capture,
    budget: Duration,
) -> PictureSlot {
    let began = clock.monotonic();
    let task = tokio::spawn({
        let capture = capture.clone();
        async move { tokio::time::timeout(budget + GRACE, renderer.render(&capture, budget)).await }
    });
    let rendered = match task.await {
        Ok(Ok(rendered)) => rendered,
        Ok(Err(_)) => Err(failure(RenderErrorKind::Timeout, format!("more than {} s", budget.as_secs_f64()))),
        Err(_) => Err(failure(RenderErrorKind::Drawing, "the renderer panicked".to_owned())),
    };
    metrics.screenshot_duration.observe(clock.monotonic().saturating_sub(began).as_secs_f64());
    let rendered = match rendered {
        Ok(rendered) => rendered,
        Err(error) => {
            metrics.screenshot_failures.with_label_values(&[error.kind.as_str()]).inc();
            log_failure(&capture, error.kind.as_str(), &error.to_string());
            return PictureSlot::Failed;
        }
    };
    metrics.screenshot_successes.inc();
    match uploader.ask(Upload { capture, rendered }, UPLOAD_TIMEOUT).await {
        Ok(record) => PictureSlot::Taken(record.id),
        Err(error) => {
            metrics.uploads.count(false);
            tracing::error!(%error, "a picture could not be stored");
            PictureSlot::Failed
        }
    }
}

/// In the words of Grafana's troubleshooting guide.
fn log_failure(capture: &Capture, reason: &str, error: &str) {
    let (dashboard, panel) = picture::named(&capture.annotations);
    let Subject { source, panel: subject, .. } = &capture.subject;
    let alerts = capture.alerts;
    tracing::warn!(target: LOG, dashboard, panel, error, reason, source, subject, alerts, "Failed to take an image");
}

fn failure(kind: RenderErrorKind, detail: String) -> RenderError {
    RenderError { kind, detail }
}

impl Actor for Screenshots {
    type Context = Context<Self>;

    fn started(&mut self, _: &mut Self::Context) {
        if self.is_rebuilt {
            self.alert_states.iter().for_each(|alert_state| alert_state.tell(Replay));
        }
    }
}

impl Handler<WantPictures> for Screenshots {
    type Result = ();

    fn handle(&mut self, message: WantPictures, ctx: &mut Self::Context) {
        let mut effects = Vec::new();
        let (misses, hits) = self.gate.want(message.0, self.clock.now(), &mut effects);
        self.metrics.image_cache_misses.inc_by(misses);
        self.metrics.image_cache_hits.inc_by(hits);
        self.pump(effects, ctx);
    }
}

impl Handler<Wake> for Screenshots {
    type Result = ();

    fn handle(&mut self, _: Wake, ctx: &mut Self::Context) {
        self.timer = None;
        self.pump(Vec::new(), ctx);
    }
}

impl Handler<ClockStepped> for Screenshots {
    type Result = ();

    fn handle(&mut self, _: ClockStepped, ctx: &mut Self::Context) {
        self.pump(Vec::new(), ctx);
    }
}

impl Handler<Stop> for Screenshots {
    type Result = ();

    fn handle(&mut self, message: Stop, ctx: &mut Self::Context) {
        self.stopped = true;
        self.stopping = Some(message);
        self.pump(Vec::new(), ctx);
    }
}
