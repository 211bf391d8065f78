//! The shell around [`Queue`]: attempts, records, and what the groups are told.
//!
//! Deliberately unknown here: when an attempt is due, vendors.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, SpawnHandle, WrapFuture};
use alerts::{
    Alert, Time,
    alert::PictureSlots,
    message::{Delivery, DeliveryId, IntegrationKey, LogEntry, Receipt},
    picture::Picture,
    ports::{
        Change, Channel, Clock, DropReason, HistoryEntry, Outcome, OutboxHead, SendError, SendErrorKind, Store,
    },
    table::AlertTable,
};
use tokio::sync::watch;

use super::{
    attempt::{self, Pictures, Sent, attempt, last_chance},
    fallback::Fallback,
    late::Wanted,
    queue::{Dropped, Failed, Next, Queue, hold_for},
    status::{DeliveryState, StatusCell},
};
use crate::{
    group::{Group, Router},
    messages::{ClockStepped, Deliver, OutboxReloaded, Record, Settled, Settlement, Stop, Wake, Withdraw},
    metrics::Metrics,
    recorder::{Recorder, StoreHealth},
    supervise::InHand,
    tell::Handle,
};

/// Messages whose late pictures are awaited at once; more are left without.
const LATE_AT_ONCE: usize = 1_000;
/// After an outbox row could not be read.
const READ_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// What a channel actor works with.
pub(crate) struct ChannelContext {
    pub(crate) key: IntegrationKey,
    pub(crate) channel: Arc<dyn Channel>,
    pub(crate) table: Arc<AlertTable>,
    pub(crate) pictures: Pictures,
    pub(crate) pictures_changed: watch::Receiver<u64>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) store_health: StoreHealth,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) recorder: Handle<Recorder>,
    pub(crate) router: Arc<Router>,
    pub(crate) groups: Vec<Handle<Group>>,
    pub(crate) external_url: Arc<str>,
    pub(crate) image_wait: Duration,
    /// How long after a flush a picture may still come.
    pub(crate) picture_patience: Duration,
    /// What pages show of the integration.
    pub(crate) status: StatusCell,
    /// Empty where none is configured, and for the fallback receiver itself.
    pub(crate) fallback: Fallback,
}

impl ChannelContext {
    /// The pictures of an alert's episode as they stand now, or as they stood when the group was flushed.
    pub(super) fn slots(&self, alert: &Alert) -> PictureSlots {
        match self.table.pictures(alert.fingerprint) {
            Some((episode, slots)) if episode == alert.episode => slots,
            _ => alert.pictures.clone(),
        }
    }

    pub(super) async fn last_receipt(&self, delivery: &Delivery) -> Option<Receipt> {
        let (store, key, group_key) = (self.store.clone(), self.key.clone(), delivery.group_key.clone());
        let read = tokio::task::spawn_blocking(move || store.last_receipt(&group_key, &key)).await;
        read.ok().and_then(Result::ok).flatten()
    }

    fn tell_group(&self, group_key: &Arc<str>, id: DeliveryId, what: Settlement) {
        let settled = Settled { group_key: group_key.clone(), integration: self.key.clone(), id, what };
        if let Some(group) = self.groups.get(self.router.shard_of(group_key)) {
            group.tell(settled);
        }
    }
}

/// The actor of one integration.
pub(crate) struct ChannelActor {
    context: Arc<ChannelContext>,
    in_hand: Arc<InHand>,
    queue: Queue,
    /// Messages whose late pictures are awaited: the newest delivery of each group.
    late: HashMap<Arc<str>, DeliveryId>,
    /// Deliveries that the fallback receiver was told of while this destination rests.
    told_fallback: HashSet<DeliveryId>,
    timer: Option<SpawnHandle>,
    /// What the outbox held at the start; none on a rebuild, when the actor reads it itself.
    restored: Option<Vec<OutboxHead>>,
    /// Takes up no more work.
    stopped: bool,
    /// Whom to tell when what is under way has ended.
    stopping: Option<Stop>,
}

impl ChannelActor {
    pub(crate) fn new(context: Arc<ChannelContext>, in_hand: Arc<InHand>, restored: Option<Vec<OutboxHead>>) -> Self {
        let limits = context.channel.limits();
        let queue = Queue::new(limits.concurrency, limits.pace);
        Self { context, in_hand, queue, late: HashMap::new(), told_fallback: HashSet::new(), timer: None, restored, stopped: false, stopping: None }
    }

    fn restore(&mut self, outbox: Vec<OutboxHead>, ctx: &mut Context<Self>) {
        for head in outbox {
            // The real age limit comes with the contents.
            let dropped = self.queue.restore(&head, Time::MAX);
            self.note_dropped(dropped);
        }
        self.pump(ctx);
    }

    fn reload(&mut self, ctx: &mut Context<Self>) {
        let context = self.context.clone();
        let load = async move {
            let store = context.store.clone();
            let loaded = tokio::task::spawn_blocking(move || store.load()).await;
            let outbox = loaded.ok().and_then(Result::ok).map(|snapshot| snapshot.outbox).unwrap_or_default();
            outbox.into_iter().filter(|head| head.integration == context.key).collect::<Vec<_>>()
        };
        ctx.spawn(load.into_actor(self).map(|outbox, this, ctx| {
            this.restore(outbox, ctx);
            let ids: Arc<HashSet<DeliveryId>> = Arc::new(this.queue.ids().collect());
            for group in &this.context.groups {
                group.tell(OutboxReloaded { integration: this.context.key.clone(), ids: ids.clone() });
            }
        }));
    }

    /// Does what is due, and arms the timer for what is due next.
    fn pump(&mut self, ctx: &mut Context<Self>) {
        if self.stopped {
            self.stop_when_idle();
            return;
        }
        if let Some(timer) = self.timer.take() {
            ctx.cancel_future(timer);
        }
        let now = self.context.clock.now();
        loop {
            match self.queue.next(now) {
                Next::Send(delivery) => self.begin(delivery, ctx),
                Next::Load(id) => self.load(id, ctx),
                Next::Expired(id) => {
                    let dropped = self.queue.remove(id, DropReason::Expired);
                    self.note_dropped(dropped);
                }
                Next::Wait(at) => {
                    self.timer = Some(ctx.notify_later(Wake, at.since(now)));
                    break;
                }
                Next::Idle => break,
            }
        }
        self.note_lengths();
    }

    fn begin(&mut self, delivery: Box<Delivery>, ctx: &mut Context<Self>) {
        if !self.in_hand.begin(delivery.id.0) {
            let dropped = self.queue.remove(delivery.id, DropReason::Rejected);
            self.note_dropped(dropped);
            return;
        }
        self.in_hand.done();
        let metrics = &self.context.metrics;
        let now = self.context.clock.now();
        metrics.notifications.with_label_values(&[self.context.channel.limits().kind]).inc();
        if delivery.attempts == 0 {
            metrics.flush_to_wire.observe(now.since(delivery.flushed_at).as_secs_f64());
        }
        let context = self.context.clone();
        let began = self.context.clock.monotonic();
        let send = async move {
            // A task of its own: a channel that panics loses this attempt, not the actor.
            let task = tokio::spawn({
                let (context, delivery) = (context.clone(), delivery.clone());
                async move { attempt(&context, &delivery).await }
            });
            let result = task.await.unwrap_or_else(|_| {
                Err(SendError::new(SendErrorKind::Rejected, "the channel panicked; the delivery is set aside"))
            });
            (delivery, result, context.clock.monotonic().saturating_sub(began))
        };
        ctx.spawn(send.into_actor(self).map(|(delivery, result, took), this, ctx| {
            let kind = this.context.channel.limits().kind;
            this.context.metrics.notification_latency.with_label_values(&[kind]).observe(took.as_secs_f64());
            match result {
                Ok(sent) => this.note_sent(*delivery, sent, ctx),
                Err(error) => this.note_failed(&delivery, &error),
            }
            this.pump(ctx);
        }));
    }

    fn load(&mut self, id: DeliveryId, ctx: &mut Context<Self>) {
        let (store, key) = (self.context.store.clone(), self.context.key.clone());
        let read = tokio::task::spawn_blocking(move || store.deliveries(&key, DeliveryId(id.0.saturating_sub(1)), 1));
        ctx.spawn(read.into_actor(self).map(move |read, this, ctx| {
            match read {
                Ok(Ok(found)) => {
                    let contents = found.into_iter().find(|delivery| delivery.id == id).map(Box::new);
                    let dropped = this.queue.loaded(id, contents);
                    this.note_dropped(dropped);
                }
                _ => this.queue.not_loaded(id, this.context.clock.now().plus(READ_AGAIN_AFTER)),
            }
            this.pump(ctx);
        }));
    }

    fn note_sent(&mut self, delivery: Delivery, sent: Sent, ctx: &mut Context<Self>) {
        self.queue.sent(delivery.id);
        self.told_fallback.remove(&delivery.id);
        self.context.status.lock().state = DeliveryState::Working;
        let now = self.context.clock.now();
        let group_key: Arc<str> = delivery.group_key.as_str().into();
        let entry = log_entry(&delivery, &sent, now);
        let settlement =
            Settlement::Sent { firing: entry.firing.clone(), resolved: entry.resolved.clone(), at: now };
        self.log_sent(&delivery, &sent);
        let id = delivery.id;
        self.late.remove(&group_key);
        if let Some(wanted) = sent.late {
            self.await_late(wanted, group_key.clone(), delivery.clone(), sent.receipt.clone(), ctx);
        }
        let outcome = Outcome::Sent { degraded: sent.degraded };
        let history = HistoryEntry { delivery, outcome, at: now, pictures: sent.pictures.clone() };
        let mut changes = vec![Change::DeliveryDone { id, log: Some(entry), history: Some(Box::new(history)) }];
        if !sent.pictures.is_empty() {
            changes.push(Change::PicturesUsed { ids: sent.pictures, at: now });
        }
        self.context.recorder.tell(Record { changes, done: None });
        self.context.tell_group(&group_key, id, settlement);
    }

    fn log_sent(&self, delivery: &Delivery, sent: &Sent) {
        let metrics = &self.context.metrics;
        metrics.deliveries.with_label_values(&[&*self.context.key.0, "sent"]).inc();
        let fields = (delivery.id.0, delivery.group_key.as_str(), delivery.alerts.len(), sent.pictures.len());
        match &sent.degraded {
            None => tracing::info!(
                integration = %self.context.key, delivery = fields.0, group_key = fields.1, status = delivery.status().as_str(),
                reason = delivery.reason.as_str(), alerts = fields.2, pictures = fields.3, "notified"
            ),
            Some(why) => {
                metrics.deliveries_degraded.with_label_values(&[&*self.context.key.0]).inc();
                tracing::warn!(
                    integration = %self.context.key, delivery = fields.0, group_key = fields.1, alerts = fields.2, why,
                    "notified, but without all of its pictures"
                );
            }
        }
    }

    fn note_failed(&mut self, delivery: &Delivery, error: &SendError) {
        let now = self.context.clock.now();
        let kind = self.context.channel.limits().kind;
        self.context.metrics.notifications_failed.with_label_values(&[kind, error.kind.reason()]).inc();
        match self.queue.failed(delivery.id, error, now) {
            Some(Failed::Again { not_before, attempts, rests }) => {
                tracing::warn!(
                    integration = %self.context.key, delivery = delivery.id.0, group_key = delivery.group_key, attempts, %error,
                    ambiguous = error.ambiguous, again_at = %not_before,
                    "notification failed{}", if rests { "; the destination rests" } else { "" }
                );
                let progress = Change::DeliveryProgress {
                    id: delivery.id,
                    attempts,
                    not_before,
                    error: Some(error.to_string()),
                    receipt: error.receipt.clone(),
                };
                self.context.recorder.tell(Record { changes: vec![progress], done: None });
                self.context.tell_group(&delivery.group_key.as_str().into(), delivery.id, Settlement::Attempted);
                self.note_rest();
                let error = error.to_string();
                if rests {
                    self.tell_fallback(delivery, &error);
                }
                self.context.status.lock().state = match rests {
                    true => DeliveryState::Paused { until: not_before, error },
                    false => DeliveryState::Failing { error },
                };
            }
            Some(Failed::Dropped(mut dropped)) => {
                dropped.delivery.get_or_insert_with(|| {
                    Box::new(Delivery { last_error: Some(error.to_string()), ..delivery.clone() })
                });
                self.note_dropped(Some(dropped));
            }
            None => {}
        }
    }

    /// A delivery leaves the outbox unsent.
    fn note_dropped(&mut self, dropped: Option<Dropped>) {
        let Some(dropped) = dropped else { return };
        let now = self.context.clock.now();
        self.context.metrics.deliveries.with_label_values(&[&*self.context.key.0, dropped.reason.as_str()]).inc();
        let history = match dropped.delivery {
            Some(delivery) if dropped.reason.is_dead_letter() => {
                let why = delivery.last_error.clone().unwrap_or_else(|| dropped.reason.as_str().to_owned());
                self.tell_fallback(&delivery, &why);
                tracing::error!(
                    integration = %self.context.key, delivery = dropped.id.0, group_key = &*dropped.group_key,
                    reason = dropped.reason.as_str(), last_error = delivery.last_error, "dead letter: this notification is given up"
                );
                let outcome = Outcome::Dropped(dropped.reason);
                Some(Box::new(HistoryEntry { delivery: *delivery, outcome, at: now, pictures: Vec::new() }))
            }
            _ => None,
        };
        self.told_fallback.remove(&dropped.id);
        let done = Change::DeliveryDone { id: dropped.id, log: None, history };
        self.context.recorder.tell(Record { changes: vec![done], done: None });
        self.context.tell_group(&dropped.group_key, dropped.id, Settlement::Dropped);
    }

    /// Sends a delivery once its pictures are settled, or after `image_wait`.
    fn hold(&mut self, wanted: Wanted, delivery: &Delivery, ctx: &mut Context<Self>) {
        let patience = hold_for(delivery, self.context.image_wait, self.context.clock.now());
        let settled = wanted.settled(self.context.table.clone(), self.context.pictures_changed.clone(), patience);
        let id = delivery.id;
        ctx.spawn(settled.into_actor(self).map(move |_, this, ctx| {
            this.queue.release(id);
            this.pump(ctx);
        }));
    }

    fn await_late(
        &mut self,
        wanted: Wanted,
        group_key: Arc<str>,
        delivery: Delivery,
        receipt: Receipt,
        ctx: &mut Context<Self>,
    ) {
        if self.late.len() >= LATE_AT_ONCE {
            self.context.metrics.late_pictures.with_label_values(&["busy"]).inc();
            return;
        }
        self.late.insert(group_key.clone(), delivery.id);
        let context = self.context.clone();
        let patience = last_chance(&context, &delivery).since(context.clock.now());
        let settled = wanted.settled(context.table.clone(), context.pictures_changed.clone(), patience);
        ctx.spawn(settled.into_actor(self).map(move |settled, this, ctx| {
            let is_newest = this.late.get(&group_key) == Some(&delivery.id);
            if is_newest {
                this.late.remove(&group_key);
            }
            match (settled, is_newest) {
                (true, true) => this.add_late(group_key, delivery, receipt, ctx),
                (false, _) => this.context.metrics.late_pictures.with_label_values(&["never_came"]).inc(),
                (true, false) => this.context.metrics.late_pictures.with_label_values(&["outdated"]).inc(),
            }
        }));
    }

    fn add_late(&mut self, group_key: Arc<str>, delivery: Delivery, receipt: Receipt, ctx: &mut Context<Self>) {
        let context = self.context.clone();
        let add = async move {
            let pictures = attempt::pictures_of(&context, &delivery).await;
            if pictures.is_empty() {
                return None;
            }
            let timeout = context.channel.limits().timeout;
            let added = attempt::add_pictures(&*context.channel, &receipt, &pictures, timeout).await;
            Some((delivery, pictures, added))
        };
        ctx.spawn(add.into_actor(self).map(move |done, this, _| {
            if let Some((delivery, pictures, added)) = done {
                this.note_late(&group_key, &delivery, &pictures, added);
            }
        }));
    }

    fn note_late(
        &self,
        group_key: &Arc<str>,
        delivery: &Delivery,
        pictures: &[Picture],
        added: Result<Receipt, SendError>,
    ) {
        let outcome = if added.is_ok() { "added" } else { "failed" };
        self.context.metrics.late_pictures.with_label_values(&[outcome]).inc();
        match added {
            Ok(receipt) => {
                tracing::info!(integration = %self.context.key, delivery = delivery.id.0, group_key = &**group_key, pictures = pictures.len(), "late pictures added");
                let ids = pictures.iter().map(|picture| picture.record.id.clone()).collect();
                let changes = vec![
                    Change::ReceiptUpdated {
                        group_key: group_key.to_string(),
                        integration: self.context.key.clone(),
                        receipt,
                    },
                    Change::PicturesUsed { ids, at: self.context.clock.now() },
                ];
                self.context.recorder.tell(Record { changes, done: None });
            }
            Err(error) => {
                tracing::warn!(integration = %self.context.key, delivery = delivery.id.0, group_key = &**group_key, %error, "late pictures could not be added");
            }
        }
    }

    /// Each delivery once, however often it is tried.
    fn tell_fallback(&mut self, delivery: &Delivery, why: &str) {
        if self.told_fallback.insert(delivery.id) {
            self.context.fallback.tell(delivery, why, &self.context.recorder, self.context.clock.now());
        }
    }

    /// A delivery comes while the destination rests: it would wait without anybody knowing.
    fn tell_fallback_while_resting(&mut self, delivery: &Delivery) {
        let why = match &self.context.status.lock().state {
            DeliveryState::Paused { error, .. } => error.clone(),
            _ => return,
        };
        self.tell_fallback(delivery, &why);
    }

    fn note_rest(&self) {
        let rests = i64::from(self.queue.rests());
        self.context.metrics.paused.with_label_values(&[&*self.context.key.0]).set(rests);
    }

    fn note_lengths(&self) {
        let key = &*self.context.key.0;
        let metrics = &self.context.metrics;
        self.context.status.lock().pending = self.queue.len();
        metrics.deliveries_pending.with_label_values(&[key]).set(i64::try_from(self.queue.len()).unwrap_or(i64::MAX));
        metrics
            .deliveries_in_memory
            .with_label_values(&[key])
            .set(i64::try_from(self.queue.in_memory()).unwrap_or(i64::MAX));
        self.note_rest();
    }

    fn stop_when_idle(&mut self) {
        if self.queue.under_way() == 0
            && let Some(stopping) = self.stopping.take()
        {
            stopping.finish();
        }
    }
}

fn log_entry(delivery: &Delivery, sent: &Sent, now: Time) -> LogEntry {
    LogEntry {
        group_key: delivery.group_key.clone(),
        integration: delivery.integration.clone(),
        firing: delivery.fingerprints(alerts::Status::Firing),
        resolved: delivery.fingerprints(alerts::Status::Resolved),
        at: now,
        expires_at: now.plus(Duration::from_secs(delivery.repeat_interval_secs.saturating_mul(2))),
        receipt: sent.receipt.clone(),
    }
}

impl Actor for ChannelActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        match self.restored.take() {
            Some(outbox) => self.restore(outbox, ctx),
            None => self.reload(ctx),
        }
    }
}

impl Handler<Deliver> for ChannelActor {
    type Result = ();

    fn handle(&mut self, message: Deliver, ctx: &mut Self::Context) {
        let delivery = message.0;
        let wants = self.context.channel.limits().pictures.wants_pictures();
        let wanted = wants.then(|| Wanted::unsettled(&self.context, &delivery)).flatten();
        let may_forget = !self.context.store_health.is_failing();
        let dropped = self.queue.deliver(delivery.clone(), wanted.is_some(), may_forget);
        self.note_dropped(dropped);
        self.tell_fallback_while_resting(&delivery);
        if let Some(wanted) = wanted {
            self.hold(wanted, &delivery, ctx);
        }
        self.pump(ctx);
    }
}

impl Handler<Withdraw> for ChannelActor {
    type Result = ();

    fn handle(&mut self, message: Withdraw, ctx: &mut Self::Context) {
        let dropped = self.queue.withdraw(message.id);
        if let Some(dropped) = &dropped {
            debug_assert_eq!(dropped.group_key, message.group_key);
        }
        self.note_dropped(dropped);
        self.pump(ctx);
    }
}

impl Handler<Wake> for ChannelActor {
    type Result = ();

    fn handle(&mut self, _: Wake, ctx: &mut Self::Context) {
        self.timer = None;
        self.pump(ctx);
    }
}

impl Handler<ClockStepped> for ChannelActor {
    type Result = ();

    fn handle(&mut self, _: ClockStepped, ctx: &mut Self::Context) {
        self.pump(ctx);
    }
}

impl Handler<Stop> for ChannelActor {
    type Result = ();

    fn handle(&mut self, message: Stop, ctx: &mut Self::Context) {
        self.stopped = true;
        self.stopping = Some(message);
        self.pump(ctx);
    }
}
