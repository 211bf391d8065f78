//! The shell around [`Queue`]: takes deliveries up, makes attempts when they are due, reads what is not in memory.
//!
//! Deliberately unknown here: when an attempt is due, what is done about its outcome (see `report`), vendors.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, SpawnHandle, WrapFuture};
use alerts::{
    Time,
    message::{Delivery, DeliveryId},
    ports::{DropReason, OutboxHead, SendError, SendErrorKind},
};
use tokio::sync::oneshot;

use super::{
    attempt::attempt,
    context::ChannelContext,
    late::Wanted,
    queue::{Dropped, Next, Queue},
};
use crate::{
    messages::{ClockStepped, Deliver, OutboxReloaded, Record, Stop, Wake, Withdraw},
    supervise::InHand,
};

/// After the outbox, or a row of it, could not be read.
const READ_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// How a channel actor begins.
pub(crate) enum Begin {
    /// With the server: this is what the outbox holds for it.
    Restored(Vec<OutboxHead>),
    /// After a panic: it reads the outbox itself.
    Rebuilt,
    /// With a new configuration: it waits until the actor that it takes the place of has ended its sends, then reads the outbox.
    Reloaded(Option<oneshot::Receiver<()>>),
}

/// The actor of one integration.
pub(crate) struct ChannelActor {
    pub(super) context: Arc<ChannelContext>,
    in_hand: Arc<InHand>,
    pub(super) queue: Queue,
    /// Messages whose late pictures are awaited: the newest delivery of each group.
    pub(super) late: HashMap<Arc<str>, DeliveryId>,
    /// Deliveries that the fallback receiver was told of while this destination rests.
    pub(super) told_fallback: HashSet<DeliveryId>,
    timer: Option<SpawnHandle>,
    /// Only read at the start.
    begin: Begin,
    /// What the destination said under the former configuration does not count: whoever corrected a token wants to see it work.
    tries_at_once: bool,
    /// The actor before it still sends: nothing is begun, so that no group is told out of order.
    succeeds: bool,
    /// Takes up no more work.
    stopped: bool,
    /// Whom to tell when what is under way has ended.
    stopping: Option<Stop>,
}

impl ChannelActor {
    pub(crate) fn new(context: Arc<ChannelContext>, in_hand: Arc<InHand>, begin: Begin) -> Self {
        let limits = context.channel.limits();
        let queue = Queue::new(limits.concurrency, context.pace.clone());
        Self {
            context,
            in_hand,
            queue,
            late: HashMap::new(),
            told_fallback: HashSet::new(),
            timer: None,
            begin,
            tries_at_once: false,
            succeeds: false,
            stopped: false,
            stopping: None,
        }
    }

    fn restore(&mut self, outbox: Vec<OutboxHead>, ctx: &mut Context<Self>) {
        for head in outbox {
            // The real age limit comes with the contents.
            let dropped = self.queue.restore(&head, Time::MAX);
            self.note_dropped(dropped);
        }
        self.pump(ctx);
    }

    /// Begins once the actor before has ended its sends and what became of them is in the database.
    fn succeed(&mut self, predecessor: Option<oneshot::Receiver<()>>, ctx: &mut Context<Self>) {
        self.succeeds = true;
        let recorder = self.context.recorder.clone();
        let ended = async move {
            if let Some(predecessor) = predecessor {
                // An actor that is gone sends nothing.
                drop(predecessor.await);
            }
            let (done, committed) = oneshot::channel();
            recorder.tell(Record { changes: Vec::new(), done: Some(done) });
            drop(committed.await);
        };
        ctx.spawn(ended.into_actor(self).map(|(), this, ctx| {
            this.succeeds = false;
            this.tries_at_once = true;
            this.reload(ctx);
        }));
    }

    /// Reads the outbox, until it can be read: what is in it would be neither sent nor superseded otherwise.
    fn reload(&mut self, ctx: &mut Context<Self>) {
        let (store, key) = (self.context.store.clone(), self.context.key.clone());
        let load = tokio::task::spawn_blocking(move || {
            let snapshot = store.load()?;
            Ok::<_, alerts::ports::StoreError>(
                snapshot.outbox.into_iter().filter(|head| head.integration == key).collect(),
            )
        });
        ctx.spawn(load.into_actor(self).map(|loaded, this, ctx| match loaded {
            Ok(Ok(outbox)) => this.reloaded(outbox, ctx),
            _ => {
                tracing::error!(integration = %this.context.key, "a rebuilt integration could not read the outbox; it tries again");
                ctx.run_later(READ_AGAIN_AFTER, Self::reload);
            }
        }));
    }

    fn reloaded(&mut self, mut outbox: Vec<OutboxHead>, ctx: &mut Context<Self>) {
        if std::mem::take(&mut self.tries_at_once) {
            let now = self.context.clock.now();
            outbox.iter_mut().for_each(|head| head.not_before = head.not_before.min(now));
        }
        self.restore(outbox, ctx);
        let ids: Arc<HashSet<DeliveryId>> = Arc::new(self.queue.ids().collect());
        for group in &self.context.groups {
            group.tell(OutboxReloaded { integration: self.context.key.clone(), ids: ids.clone() });
        }
    }

    /// Does what is due, and arms the timer for what is due next.
    pub(super) fn pump(&mut self, ctx: &mut Context<Self>) {
        if self.stopped {
            self.stop_when_idle();
            return;
        }
        if self.succeeds {
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
            self.give_up_set_aside(delivery);
            return;
        }
        self.in_hand.done();
        self.count_attempt(&delivery);
        let context = self.context.clone();
        let began = context.clock.monotonic();
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
            this.in_hand.begin(delivery.id.0);
            this.attempted(*delivery, result, took, ctx);
            this.in_hand.done();
            this.pump(ctx);
        }));
    }

    /// The actor panicked when it had this delivery in hand: it does not touch it again.
    fn give_up_set_aside(&mut self, mut delivery: Box<Delivery>) {
        let dropped = self.queue.remove(delivery.id, DropReason::Rejected);
        delivery.last_error = Some("set aside, because the integration's actor panicked over it".to_owned());
        self.note_dropped(dropped.map(|dropped| Dropped { delivery: Some(delivery), ..dropped }));
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

    fn stop_when_idle(&mut self) {
        if self.queue.busy() == 0
            && let Some(stopping) = self.stopping.take()
        {
            stopping.finish();
        }
    }
}

impl Actor for ChannelActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        match std::mem::replace(&mut self.begin, Begin::Rebuilt) {
            Begin::Restored(outbox) => self.restore(outbox, ctx),
            Begin::Rebuilt => self.reload(ctx),
            Begin::Reloaded(predecessor) => self.succeed(predecessor, ctx),
        }
    }
}

impl Handler<Deliver> for ChannelActor {
    type Result = ();

    fn handle(&mut self, message: Deliver, ctx: &mut Self::Context) {
        let delivery = message.0;
        if !self.in_hand.begin(delivery.id.0) {
            return; // it is in the outbox, and is given up when its turn comes
        }
        let wants = self.context.channel.limits().pictures.wants_pictures();
        let wanted = wants.then(|| Wanted::unsettled(&self.context, &delivery)).flatten();
        let may_forget = !self.context.store_health.is_failing();
        let dropped = self.queue.deliver(delivery.clone(), wanted.is_some(), may_forget);
        self.note_dropped(dropped);
        self.tell_fallback_while_resting(&delivery);
        if let Some(wanted) = wanted {
            self.hold(wanted, &delivery, ctx);
        }
        self.in_hand.done();
        self.pump(ctx);
    }
}

impl Handler<Withdraw> for ChannelActor {
    type Result = ();

    fn handle(&mut self, message: Withdraw, ctx: &mut Self::Context) {
        let dropped = self.queue.withdraw(message.id, message.even_if_tried);
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
        self.queue.clock_stepped(self.context.clock.now());
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
