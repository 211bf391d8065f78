//! The shell around [`Shard`]: turns messages into events and effects into messages.
//!
//! Deliberately unknown here: what an event means for an alert.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actix::{Actor, AsyncContext, Context, Handler, ResponseFuture, SpawnHandle};
use alerts::{
    ports::{Change, Clock, StoreError},
    record::AlertRecord,
    table::AlertTable,
};
use tokio::sync::{oneshot, watch};

use super::{
    outgoing::{Outgoing, Panels, Recorded},
    state::{Effect, Shard},
};
use crate::{
    group::{Group, Router, Targets},
    index::Index,
    live::LiveCell,
    messages::{
        AlertsChanged, Announcement, ClockStepped, Extend, Ingest, PicturesSettled, Record, RefreshPictures, Replay,
        Replayed, Stop, Wake, Want, WantPictures,
    },
    metrics::Metrics,
    recorder::Recorder,
    screenshots::Screenshots,
    supervise::InHand,
    tell::Handle,
};

const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// What all alert-state actors share.
pub(crate) struct Shared {
    pub(crate) table: Arc<AlertTable>,
    pub(crate) index: Arc<Index>,
    pub(crate) live: LiveCell,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) sequence: AtomicU64,
    /// Raised after pictures were put into the table: channel actors that hold a delivery look again.
    pub(crate) pictures_changed: watch::Sender<u64>,
}

impl Shared {
    fn next_sequence(&self) -> u64 {
        self.sequence.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// Whom alert-state actors tell.
#[derive(Clone)]
pub(crate) struct Downstream {
    pub(crate) recorder: Handle<Recorder>,
    pub(crate) screenshots: Handle<Screenshots>,
    pub(crate) groups: Vec<Handle<Group>>,
}

/// One alert-state actor: some of the table's shards.
pub(crate) struct AlertState {
    shared: Arc<Shared>,
    downstream: Downstream,
    in_hand: Arc<InHand>,
    shard: Shard<Panels>,
    targets: Targets,
    /// The table's shards that are this actor's.
    table_shards: Vec<usize>,
    timer: Option<SpawnHandle>,
    stopping: bool,
}

impl AlertState {
    /// The actor number `number` of `of`; on a rebuild the table is still there and is taken up as it stands.
    pub(crate) fn new(
        shared: Arc<Shared>,
        downstream: Downstream,
        in_hand: Arc<InHand>,
        number: usize,
        of: usize,
    ) -> Self {
        let panels = Panels { live: shared.live.clone(), metrics: shared.metrics.clone(), in_hand: in_hand.clone() };
        let shard = Shard::new(shared.table.clone(), panels);
        let table_shards = (0..AlertTable::SHARDS).filter(|shard| shard % of == number).collect();
        Self {
            shared,
            downstream,
            in_hand,
            shard,
            targets: Targets::default(),
            table_shards,
            timer: None,
            stopping: false,
        }
    }

    /// Carries out the effects of one or many events; answers when what had to be recorded was.
    fn carry_out(&mut self, effects: Vec<Effect>) -> Recorded {
        let mut out = Outgoing::new(self.downstream.groups.len());
        let router = self.shared.live.load().router.clone();
        for effect in effects {
            self.collect(effect, &router, &mut out);
        }
        let (done, committed) = oneshot::channel();
        self.downstream.recorder.tell(Record { changes: out.changes, done: Some(done) });
        if !out.wants.is_empty() {
            self.downstream.screenshots.tell(WantPictures(out.wants));
        }
        for (group, announcements) in self.downstream.groups.iter().zip(out.announcements) {
            if !announcements.is_empty() {
                group.tell(AlertsChanged { announcements, generation: router.generation() });
            }
        }
        Recorded { table: self.shared.table.clone(), entries: out.persisted, committed }
    }

    fn collect(&mut self, effect: Effect, router: &Router, out: &mut Outgoing) {
        match effect {
            Effect::Persist { record, sequence } => {
                out.persisted.push((record.fingerprint, sequence));
                out.changes.push(Change::Alert(record));
            }
            Effect::Forget(fingerprint) => out.changes.push(Change::AlertGone(fingerprint)),
            Effect::Want { alert, subject, transition, at } => out.wants.push(Want { alert, subject, transition, at }),
            Effect::Announce { record, sequence, firing } => {
                self.announce(&record, sequence, firing, router, out);
            }
        }
    }

    fn announce(&mut self, record: &AlertRecord, sequence: u64, firing: bool, router: &Router, out: &mut Outgoing) {
        let index_version = self.shared.index.observe(record.fingerprint, record, firing);
        self.targets.of(router, record, |target| {
            out.announcements[target.shard].push(Announcement {
                group_key: target.group_key.clone(),
                group_hash: target.group_hash,
                route: target.route,
                fingerprint: record.fingerprint,
                sequence,
                index_version,
                starts_at: record.starts_at,
            });
        });
    }

    fn replay(&mut self) {
        let (table, now) = (self.shared.table.clone(), self.shared.clock.now());
        let all: Vec<_> = self.table_shards.iter().flat_map(|shard| table.records(*shard)).collect();
        let effects = self.shard.replay(all.into_iter().map(|record| record.fingerprint), now);
        self.in_hand.done();
        let generation = self.shared.live.load().router.generation();
        self.settle_in_background(effects);
        for group in &self.downstream.groups {
            group.tell(Replayed { generation });
        }
    }

    fn settle_in_background(&mut self, effects: Vec<Effect>) {
        if !effects.is_empty() {
            let recorded = self.carry_out(effects);
            actix::spawn(async move { drop(recorded.wait().await) });
        }
    }

    fn arm(&mut self, ctx: &mut Context<Self>) {
        if let Some(timer) = self.timer.take() {
            ctx.cancel_future(timer);
        }
        if let Some(at) = self.shard.next_wake() {
            self.timer = Some(ctx.notify_later(Wake, at.since(self.shared.clock.now())));
        }
    }

    fn tick(&mut self, ctx: &mut Context<Self>) {
        if self.stopping {
            return;
        }
        let shared = self.shared.clone();
        let effects = self.shard.tick(shared.clock.now(), || shared.next_sequence());
        self.in_hand.done();
        self.settle_in_background(effects);
        self.arm(ctx);
    }

    fn sweep(&mut self, ctx: &mut Context<Self>) {
        let effects = self.shard.sweep(self.table_shards.clone().into_iter(), self.shared.clock.now());
        self.settle_in_background(effects);
        ctx.run_later(SWEEP_EVERY, |this, ctx| this.sweep(ctx));
    }
}

impl Actor for AlertState {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let table = self.shared.table.clone();
        let records = self.table_shards.iter().flat_map(|shard| table.records(*shard));
        self.shard.watch_ends(records.map(|record| (record.ends_at, record.fingerprint)));
        self.replay();
        self.arm(ctx);
        ctx.run_later(SWEEP_EVERY, |this, ctx| this.sweep(ctx));
    }
}

impl Handler<Ingest> for AlertState {
    type Result = ResponseFuture<Result<(), StoreError>>;

    fn handle(&mut self, message: Ingest, ctx: &mut Self::Context) -> Self::Result {
        let now = self.shared.clock.now();
        let mut effects = Vec::with_capacity(message.alerts.len() * 3);
        for alert in message.alerts {
            if self.in_hand.begin(alert.sighting.fingerprint.0) {
                self.shard.receive(alert, now, self.shared.next_sequence(), &mut effects);
            }
        }
        self.in_hand.done();
        let recorded = self.carry_out(effects);
        self.arm(ctx);
        let permit = message.permit;
        Box::pin(async move {
            let outcome = recorded.wait().await;
            drop(permit);
            outcome
        })
    }
}

impl Handler<Extend> for AlertState {
    type Result = ();

    fn handle(&mut self, message: Extend, _: &mut Self::Context) {
        let effects: Vec<_> = message.0.into_iter().filter_map(|fingerprint| self.shard.extend(fingerprint)).collect();
        self.settle_in_background(effects);
    }
}

impl Handler<PicturesSettled> for AlertState {
    type Result = ();

    fn handle(&mut self, message: PicturesSettled, _: &mut Self::Context) {
        let mut effects = Vec::with_capacity(message.waiters.len());
        for waiter in message.waiters {
            let slot = message.slot.clone();
            effects.extend(self.shard.picture(waiter.fingerprint, waiter.episode, waiter.transition, slot));
        }
        self.settle_in_background(effects);
        self.shared.pictures_changed.send_modify(|generation| *generation += 1);
    }
}

impl Handler<RefreshPictures> for AlertState {
    type Result = ();

    fn handle(&mut self, message: RefreshPictures, _: &mut Self::Context) {
        let now = self.shared.clock.now();
        let mut effects = Vec::new();
        for fingerprint in message.alerts {
            self.shard.refresh(fingerprint, now, &mut effects);
        }
        self.in_hand.done();
        self.settle_in_background(effects);
        // Whoever asked may be gone by now.
        message.done.send(()).unwrap_or_default();
    }
}

impl Handler<Replay> for AlertState {
    type Result = ();

    fn handle(&mut self, _: Replay, _: &mut Self::Context) {
        self.replay();
    }
}

impl Handler<Wake> for AlertState {
    type Result = ();

    fn handle(&mut self, _: Wake, ctx: &mut Self::Context) {
        self.timer = None;
        self.tick(ctx);
    }
}

impl Handler<ClockStepped> for AlertState {
    type Result = ();

    fn handle(&mut self, _: ClockStepped, ctx: &mut Self::Context) {
        self.arm(ctx);
    }
}

impl Handler<Stop> for AlertState {
    type Result = ();

    fn handle(&mut self, message: Stop, _: &mut Self::Context) {
        self.stopping = true;
        // What was received is with the recorder already, which stops last.
        message.finish();
    }
}
