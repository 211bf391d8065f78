//! The shell around [`Groups`]: what is announced, what came of deliveries, timers, the rebuild after a panic.
//!
//! Deliberately unknown here: what a flush does (see `flushing`) and decides (see `flush`).

use std::sync::Arc;

use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, SpawnHandle, WrapFuture};
use tokio::sync::oneshot;

use super::{context::GroupContext, hold::Hold, restored::Restored, router::group_hash, state::Groups};
use crate::{
    messages::{AlertsChanged, ClockStepped, OutboxReloaded, Record, Replay, Replayed, Settled, Stop, Wake},
    supervise::InHand,
};

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
    /// What came while the database was read.
    early: Vec<Early>,
    pub(super) loading: bool,
    /// Alert-state actors that have not announced everything since this actor began: no flush before they have.
    pub(super) replays_missing: usize,
    timer: Option<SpawnHandle>,
    pub(super) stopping: bool,
}

impl Group {
    /// The actor number `number`. `restored` is what the database knows; without it (on a rebuild) the actor reads it itself.
    pub(crate) fn new(
        context: Arc<GroupContext>,
        in_hand: Arc<InHand>,
        number: usize,
        restored: Option<Restored>,
    ) -> Self {
        let loading = restored.is_none();
        Self {
            replays_missing: context.alert_states.len(),
            groups: Groups::new(restored.unwrap_or_default()),
            early: Vec::new(),
            context,
            in_hand,
            number,
            loading,
            timer: None,
            stopping: false,
        }
    }

    fn reload(&mut self, ctx: &mut Context<Self>) {
        let (context, number) = (self.context.clone(), self.number);
        ctx.spawn(load(context, number).into_actor(self).map(|restored, this, ctx| {
            this.groups = Groups::new(restored);
            this.loading = false;
            for early in std::mem::take(&mut this.early) {
                match early {
                    Early::Changed(changed) => this.announce(changed),
                    Early::Settled(settled) => this.settle(settled),
                    Early::Reloaded(reloaded) => this.groups.reconcile(&reloaded.integration, &reloaded.ids),
                }
            }
            for alert_state in &this.context.alert_states {
                alert_state.tell(Replay);
            }
            this.arm(ctx);
        }));
    }

    fn announce(&mut self, changed: AlertsChanged) {
        let now = self.context.clock.now();
        for announcement in changed.0 {
            if !self.in_hand.begin(group_hash(&announcement.group_key)) {
                continue;
            }
            let timing = self.context.timing(announcement.route);
            let hold = || Hold::on(&self.context.table, announcement.fingerprint);
            self.groups.announce(&announcement, timing, now, hold);
        }
        self.in_hand.done();
    }

    fn settle(&mut self, settled: Settled) {
        let (table, now) = (self.context.table.clone(), self.context.clock.now());
        let is_over = |fingerprint| table.with(fingerprint, |alert| alert.ends_at() <= now).unwrap_or(true);
        self.groups.settle(settled, is_over);
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

/// What the database knows of the groups of actor number `number`.
async fn load(context: Arc<GroupContext>, number: usize) -> Restored {
    // What channels said of deliveries while there was no actor is lost, but they told the recorder first.
    let (done, committed) = oneshot::channel();
    context.recorder.tell(Record { changes: Vec::new(), done: Some(done) });
    drop(committed.await);
    let store = context.store.clone();
    match tokio::task::spawn_blocking(move || store.load()).await {
        Ok(Ok(snapshot)) => Restored::of(snapshot, |key| context.router.shard_of(key) == number),
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

    fn handle(&mut self, _: Replayed, ctx: &mut Self::Context) {
        self.replays_missing = self.replays_missing.saturating_sub(1);
        if self.replays_missing == 0 {
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
