//! The shell around [`Groups`]: what is announced, what came of deliveries, timers, the rebuild after a panic.
//!
//! Deliberately unknown here: what a flush does (see `flushing`) and decides (see `flush`).

use std::sync::Arc;

use actix::{Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, SpawnHandle, WrapFuture};
use tokio::sync::oneshot;

use super::{context::GroupContext, hold::Hold, restored::Restored, state::Groups};
use crate::{
    ResendError,
    messages::{AlertsChanged, ClockStepped, OutboxReloaded, Record, Replay, Replayed, Resend, Settled, Stop, Wake},
    supervise::InHand,
};

/// How a group actor begins.
pub(crate) enum Begin {
    /// With the server: this is what the database knows.
    Restored(Restored),
    /// After a panic: it reads the database itself, and asks for everything to be announced again.
    Rebuilt,
    /// With a new configuration: it reads the database itself; its timers begin anew, as Alertmanager's do. The actor that it
    /// takes the place of keeps its holds on alerts until all of them are announced here.
    Reloaded(Option<Addr<Group>>),
}

/// What comes while a rebuilt actor reads the database: it is handled afterwards, in order.
enum Early {
    Changed(AlertsChanged),
    Settled(Settled),
    Reloaded(OutboxReloaded),
}

/// One group actor.
pub(crate) struct Group {
    pub(super) context: Arc<GroupContext>,
    pub(super) in_hand: Arc<InHand>,
    number: usize,
    pub(super) groups: Groups,
    /// How many of them the gauge has.
    counted: i64,
    /// What came while the database was read.
    early: Vec<Early>,
    pub(super) loading: bool,
    /// Alert-state actors that have not announced everything since this actor began: no flush before they have.
    pub(super) replays_missing: usize,
    /// Only read at the start.
    reloaded: bool,
    /// Whose place this one took.
    predecessor: Option<Addr<Group>>,
    timer: Option<SpawnHandle>,
    pub(super) stopping: bool,
}

impl Group {
    /// The actor number `number`.
    pub(crate) fn new(context: Arc<GroupContext>, in_hand: Arc<InHand>, number: usize, begin: Begin) -> Self {
        let (restored, reloaded, predecessor) = match begin {
            Begin::Restored(restored) => (Some(restored), false, None),
            Begin::Rebuilt => (None, false, None),
            Begin::Reloaded(predecessor) => (None, true, predecessor),
        };
        let loading = restored.is_none();
        Self {
            replays_missing: context.alert_states.len(),
            groups: Groups::new(restored.unwrap_or_default(), context.not_before),
            counted: 0,
            early: Vec::new(),
            context,
            in_hand,
            number,
            loading,
            reloaded,
            predecessor,
            timer: None,
            stopping: false,
        }
    }

    fn reload(&mut self, ctx: &mut Context<Self>) {
        let (context, number) = (self.context.clone(), self.number);
        ctx.spawn(load(context, number).into_actor(self).map(|mut restored, this, ctx| {
            if this.reloaded {
                restored.flushed_at.clear();
            }
            this.groups = Groups::new(restored, this.context.not_before);
            this.loading = false;
            for early in std::mem::take(&mut this.early) {
                match early {
                    Early::Changed(changed) => this.announce(changed),
                    Early::Settled(settled) => this.settle(settled),
                    Early::Reloaded(reloaded) => this.groups.reconcile(&reloaded.integration, &reloaded.ids),
                }
            }
            if !this.reloaded {
                this.context.alert_states.iter().for_each(|alert_state| alert_state.tell(Replay));
            }
            this.arm(ctx);
        }));
    }

    fn announce(&mut self, changed: AlertsChanged) {
        if changed.generation != self.context.router.generation() {
            return; // routed by another configuration: everything is announced again by this one's routes
        }
        let now = self.context.clock.now();
        let began = self.context.clock.monotonic();
        for announcement in changed.announcements {
            if !self.in_hand.begin(announcement.group_hash) {
                continue;
            }
            let timing = self.context.timing(announcement.route);
            let hold = || Hold::on(&self.context.table, announcement.fingerprint);
            self.groups.announce(&announcement, timing, now, hold);
        }
        self.in_hand.done();
        let took = self.context.clock.monotonic().saturating_sub(began);
        self.context.metrics.alert_processing.observe(took.as_secs_f64());
        self.count_groups();
    }

    fn settle(&mut self, settled: Settled) {
        let (table, now) = (self.context.table.clone(), self.context.clock.now());
        let is_over = |fingerprint| table.with(fingerprint, |alert| alert.ends_at() <= now).unwrap_or(true);
        self.groups.settle(settled, is_over);
    }

    /// All group actors count into one gauge.
    pub(super) fn count_groups(&mut self) {
        let count = i64::try_from(self.groups.len()).unwrap_or(i64::MAX);
        self.context.metrics.groups.add(count - std::mem::replace(&mut self.counted, count));
    }

    /// Whether it knows too little to flush, or may not any more.
    pub(super) fn is_waiting(&self) -> bool {
        self.replays_missing > 0 || self.loading || self.stopping
    }

    fn arm(&mut self, ctx: &mut Context<Self>) {
        if let Some(timer) = self.timer.take() {
            ctx.cancel_future(timer);
        }
        if let Some(at) = self.groups.next_wake().filter(|_| !self.is_waiting()) {
            self.timer = Some(ctx.notify_later(Wake, at.since(self.context.clock.now())));
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.context.metrics.groups.sub(self.counted);
    }
}

/// What the database knows of the groups of actor number `number`.
async fn load(context: Arc<GroupContext>, number: usize) -> Restored {
    // What channels said of deliveries while there was no actor is lost, but they told the recorder first.
    let (done, committed) = oneshot::channel();
    context.recorder.tell(Record { changes: Vec::new(), done: Some(done) });
    drop(committed.await);
    let store = context.store.clone();
    match tokio::task::spawn_blocking(move || store.load()).await {
        Ok(Ok(snapshot)) => {
            Restored::of(snapshot, |key| context.router.shard_of(key) == number, &context.foreign_names)
        }
        _ => {
            tracing::error!("a rebuilt group actor could not read the notification log: groups may be told again");
            Restored::default()
        }
    }
}

impl Actor for Group {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        if self.loading {
            self.reload(ctx);
        }
    }
}

impl Handler<AlertsChanged> for Group {
    type Result = ();

    fn handle(&mut self, message: AlertsChanged, ctx: &mut Self::Context) {
        if self.loading {
            self.early.push(Early::Changed(message));
            return;
        }
        self.announce(message);
        self.arm(ctx);
    }
}

impl Handler<Replayed> for Group {
    type Result = ();

    fn handle(&mut self, message: Replayed, ctx: &mut Self::Context) {
        if message.generation != self.context.router.generation() {
            return;
        }
        self.replays_missing = self.replays_missing.saturating_sub(1);
        if self.replays_missing == 0 {
            self.predecessor = None;
            self.arm(ctx);
        }
    }
}

impl Handler<Settled> for Group {
    type Result = ();

    fn handle(&mut self, message: Settled, _: &mut Self::Context) {
        if self.loading {
            self.early.push(Early::Settled(message));
            return;
        }
        self.settle(message);
    }
}

impl Handler<Resend> for Group {
    type Result = Result<(), ResendError>;

    fn handle(&mut self, message: Resend, _: &mut Self::Context) -> Self::Result {
        if self.loading || self.stopping {
            return Err(ResendError::NoAnswer("the group is being rebuilt".to_owned()));
        }
        if !self.groups.resend(&message.0) {
            return Err(ResendError::NewerPending);
        }
        self.deliver(vec![message.0]);
        Ok(())
    }
}

impl Handler<OutboxReloaded> for Group {
    type Result = ();

    fn handle(&mut self, message: OutboxReloaded, _: &mut Self::Context) {
        if self.loading {
            self.early.push(Early::Reloaded(message));
            return;
        }
        self.groups.reconcile(&message.integration, &message.ids);
    }
}

impl Handler<Wake> for Group {
    type Result = ();

    fn handle(&mut self, _: Wake, ctx: &mut Self::Context) {
        self.timer = None;
        self.flush_due();
        self.arm(ctx);
    }
}

impl Handler<ClockStepped> for Group {
    type Result = ();

    fn handle(&mut self, _: ClockStepped, ctx: &mut Self::Context) {
        let context = self.context.clone();
        self.groups.clock_stepped(context.clock.now(), |route| context.timing(route));
        self.arm(ctx);
    }
}

impl Handler<Stop> for Group {
    type Result = ();

    fn handle(&mut self, message: Stop, _: &mut Self::Context) {
        // No early flush: what is due later is due at the next start.
        self.stopping = true;
        message.finish();
    }
}
