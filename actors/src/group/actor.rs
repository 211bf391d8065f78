//! The shell around [`Groups`] and [`flush`]: timers, snapshots, records, and who is told.
//!
//! Deliberately unknown here: what a flush decides.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, SpawnHandle, WrapFuture};
use alerts::{
    Alert, Fingerprint, Time,
    message::{DeliveryId, IntegrationKey},
    order,
    ports::{Change, Clock, GroupRecord, Store, StoreError},
    route::RouteId,
    table::AlertTable,
};
use tokio::sync::oneshot;

use super::{
    flush::{FlushEffect, FlushInput, FlushTarget, finished, flush},
    hold::Hold,
    router::{Router, group_hash},
    state::{Groups, Restored, Timing},
};
use crate::{
    alert::AlertState,
    channel::ChannelActor,
    index::Index,
    messages::{
        AlertsChanged, ClockStepped, Deliver, OutboxReloaded, Record, Replay, Replayed, Settled, Stop, Wake, Withdraw,
    },
    metrics::Metrics,
    recorder::Recorder,
    supervise::InHand,
    tell::Handle,
};

/// Groups flushed in one go, before other messages get their turn.
const FLUSHES_AT_ONCE: usize = 256;
/// How long a flush waits for the mute index to know of its newest alert before it looks again.
const INDEX_WAIT: Duration = Duration::from_millis(5);

/// What all group actors share.
pub(crate) struct GroupContext {
    pub(crate) table: Arc<AlertTable>,
    pub(crate) index: Arc<Index>,
    pub(crate) router: Arc<Router>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) recorder: Handle<Recorder>,
    pub(crate) channels: HashMap<IntegrationKey, Handle<ChannelActor>>,
    /// The integrations of each receiver, in its order, and whether they are told of resolved alerts.
    pub(crate) receivers: HashMap<String, Vec<(IntegrationKey, bool)>>,
    pub(crate) alert_states: Vec<Handle<AlertState>>,
    pub(crate) last_delivery: Arc<AtomicU64>,
    /// None: the larger of one hour and the repeat interval.
    pub(crate) delivery_max_age: Option<Duration>,
}

impl GroupContext {
    fn timing(&self, route: RouteId) -> Timing {
        let route = self.router.tree().route(route);
        Timing { group_wait: route.group_wait, group_interval: route.group_interval }
    }

    fn max_age(&self, repeat_interval: Duration) -> Duration {
        self.delivery_max_age.unwrap_or(repeat_interval.max(Duration::from_secs(3600)))
    }
}

/// One group actor.
pub(crate) struct Group {
    context: Arc<GroupContext>,
    in_hand: Arc<InHand>,
    number: usize,
    groups: Groups,
    /// What came while the database was read.
    early: Vec<AlertsChanged>,
    loading: bool,
    /// Alert-state actors that have not announced everything since this actor began: no flush before they have.
    replays_missing: usize,
    timer: Option<SpawnHandle>,
    stopping: bool,
}

impl Group {
    /// The actor number `number`. `restored` is what the database knows; without it (on a rebuild) the actor reads it itself.
    pub(crate) fn new(context: Arc<GroupContext>, in_hand: Arc<InHand>, number: usize, restored: Option<Restored>) -> Self {
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
        let load = async move {
            let store = context.store.clone();
            let loaded = tokio::task::spawn_blocking(move || store.load()).await;
            match loaded {
                Ok(Ok(snapshot)) => Restored::of(snapshot, |key| context.router.shard_of(key) == number),
                _ => {
                    tracing::error!("a rebuilt group actor could not read the notification log: groups may be told again");
                    Restored::default()
                }
            }
        };
        ctx.spawn(load.into_actor(self).map(|restored, this, ctx| {
            this.groups = Groups::new(restored);
            this.loading = false;
            for early in std::mem::take(&mut this.early) {
                this.announce(early);
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

    fn flush_due(&mut self, ctx: &mut Context<Self>) {
        if self.replays_missing > 0 || self.loading || self.stopping {
            return;
        }
        let now = self.context.clock.now();
        let context = self.context.clone();
        let due = self.groups.due(now, FLUSHES_AT_ONCE, |route| context.timing(route).group_interval);
        let mut out = FlushOut::default();
        for key in due {
            if self.in_hand.begin(group_hash(&key)) {
                self.flush_group(&key, now, &mut out);
            }
        }
        self.in_hand.done();
        self.send_out(out, ctx);
        self.context.metrics.groups.set(i64::try_from(self.groups.len()).unwrap_or(i64::MAX));
    }

    fn flush_group(&mut self, key: &Arc<str>, now: Time, out: &mut FlushOut) {
        let context = self.context.clone();
        let Some(group) = self.groups.by_key.get_mut(key) else { return };
        if context.index.version() < group.index_version {
            self.groups.postpone(key, now.plus(INDEX_WAIT));
            return;
        }
        let route = context.router.tree().route(group.route);
        let Some(integrations) = context.receivers.get(&*route.receiver) else { return };
        let fingerprints: Vec<Fingerprint> = group.alerts.keys().copied().collect();
        let mut alerts = context.table.snapshot(&fingerprints);
        alerts.sort_by(|a, b| order::alerts(&a.labels, &b.labels));
        let group_labels = alerts.first().map(|alert| route.group_labels(&alert.labels));
        let targets: Vec<FlushTarget> = integrations
            .iter()
            .map(|(key, send_resolved)| FlushTarget { key: key.clone(), send_resolved: *send_resolved })
            .collect();
        let input = FlushInput {
            now,
            group_key: key,
            group_labels: group_labels.unwrap_or_default(),
            muted: muted(&context, group.route, &alerts, now),
            alerts,
            receiver: &route.receiver,
            integrations: &targets,
            repeat_interval: route.repeat_interval,
            max_age: context.max_age(route.repeat_interval),
        };
        let next_id = || DeliveryId(context.last_delivery.fetch_add(1, Ordering::Relaxed) + 1);
        out.effects.extend(flush(group, &input, next_id).into_iter().map(|effect| (key.clone(), effect)));
        for fingerprint in finished(group, &input) {
            group.alerts.remove(&fingerprint);
        }
        let record = GroupRecord { group_key: key.to_string(), flushed_at: now };
        out.changes.push(match self.groups.end_if_idle(key) {
            true => Change::GroupGone { group_key: key.to_string() },
            false => Change::Group(record),
        });
    }

    /// Makes it durable, then tells the channels; if the database fails they are told from memory.
    fn send_out(&self, out: FlushOut, ctx: &mut Context<Self>) {
        if out.changes.is_empty() && out.effects.is_empty() {
            return;
        }
        let mut changes = out.changes;
        let mut deliveries = Vec::new();
        for (group_key, effect) in out.effects {
            match effect {
                FlushEffect::Deliver(delivery) => {
                    changes.push(Change::Delivery(delivery.clone()));
                    deliveries.push(delivery);
                }
                FlushEffect::Log(entry) => changes.push(Change::Log(entry)),
                FlushEffect::Withdraw(integration, id) => {
                    if let Some(channel) = self.context.channels.get(&integration) {
                        channel.tell(Withdraw { group_key, id });
                    }
                }
            }
        }
        let (done, committed) = oneshot::channel::<Result<(), StoreError>>();
        self.context.recorder.tell(Record { changes, done: Some(done) });
        let context = self.context.clone();
        let then_tell = async move {
            // Paging never depends on a write: the outcome is the recorder's to log.
            drop(committed.await);
            for delivery in deliveries {
                if let Some(channel) = context.channels.get(&delivery.integration) {
                    channel.tell(Deliver(delivery));
                }
            }
        };
        ctx.spawn(then_tell.into_actor(self));
    }

    fn arm(&mut self, ctx: &mut Context<Self>) {
        if let Some(timer) = self.timer.take() {
            ctx.cancel_future(timer);
        }
        if let Some(at) = self.groups.next_wake().filter(|_| self.replays_missing == 0 && !self.loading) {
            self.timer = Some(ctx.notify_later(Wake, at.since(self.context.clock.now())));
        }
    }
}

/// What mutes alerts of a route now.
fn muted(context: &GroupContext, route: RouteId, alerts: &[Alert], now: Time) -> HashSet<Fingerprint> {
    if let Some(reason) = context.index.route_muted(context.router.tree().route(route), now) {
        context.metrics.notifications_suppressed.with_label_values(&[reason]).inc_by(alerts.len() as u64);
        return alerts.iter().map(|alert| alert.fingerprint).collect();
    }
    let muted = alerts.iter().filter(|alert| match context.index.muted(alert, now) {
        Some(reason) => {
            context.metrics.notifications_suppressed.with_label_values(&[reason]).inc();
            true
        }
        None => false,
    });
    muted.map(|alert| alert.fingerprint).collect()
}

#[derive(Default)]
struct FlushOut {
    changes: Vec<Change>,
    effects: Vec<(Arc<str>, FlushEffect)>,
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
            self.early.push(message);
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
        let (table, now) = (self.context.table.clone(), self.context.clock.now());
        let is_over = |fingerprint| table.with(fingerprint, |alert| alert.ends_at() <= now).unwrap_or(true);
        self.groups.settle(message, is_over);
    }
}

impl Handler<OutboxReloaded> for Group {
    type Result = ();

    fn handle(&mut self, message: OutboxReloaded, _: &mut Self::Context) {
        self.groups.reconcile(&message.integration, &message.ids);
    }
}

impl Handler<Wake> for Group {
    type Result = ();

    fn handle(&mut self, _: Wake, ctx: &mut Self::Context) {
        self.timer = None;
        self.flush_due(ctx);
        self.arm(ctx);
    }
}

impl Handler<ClockStepped> for Group {
    type Result = ();

    fn handle(&mut self, _: ClockStepped, ctx: &mut Self::Context) {
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
