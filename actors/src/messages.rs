//! All messages of the machine. Each says who sends it, who handles it, and what is answered.

use std::sync::Arc;

use actix::Message;
use alerts::{
    Alert, Episode, Fingerprint, Time, Transition,
    alert::PictureSlot,
    intake::Normalised,
    message::{Delivery, DeliveryId, IntegrationKey},
    picture::PictureRecord,
    ports::{Change, SilenceRefused, StoreError},
    route::RouteId,
    silence::SilenceId,
};
use tokio::sync::oneshot;

/// Changed alerts of one request, all of one shard. Intake → AlertState; answered when they are durable.
#[derive(Message)]
#[rtype(result = "Result<(), StoreError>")]
pub(crate) struct Ingest {
    pub(crate) alerts: Vec<Normalised>,
    /// Admission; given back when the answer is.
    pub(crate) permit: tokio::sync::OwnedSemaphorePermit,
}

/// Unchanged alerts whose end must be written again. Intake → AlertState; nobody waits.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Extend(pub(crate) Vec<Fingerprint>);

/// A timer of the actor's own went off. Each actor → itself.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Wake;

/// The wall clock stepped: timers must be armed anew. Clock watch → all actors with timers.
#[derive(Message, Clone)]
#[rtype(result = "()")]
pub(crate) struct ClockStepped;

/// Changes to be made durable, in order. All → Recorder; `done` hears of the commit.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Record {
    pub(crate) changes: Vec<Change>,
    pub(crate) done: Option<oneshot::Sender<Result<(), StoreError>>>,
}

/// Try refused changes again. Recorder → itself.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct RetryCommit;

/// Wanted pictures of alerts that changed. AlertState → Screenshots.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct WantPictures(pub(crate) Vec<Want>);

/// One wanted picture.
#[derive(Clone, Debug)]
pub(crate) struct Want {
    pub(crate) alert: Arc<Alert>,
    pub(crate) subject: alerts::picture::Subject,
    pub(crate) transition: Transition,
    /// When the alert fired or resolved.
    pub(crate) at: Time,
}

/// Which alert a picture is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Waiter {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) episode: Episode,
    pub(crate) transition: Transition,
}

/// What became of wanted pictures. Screenshots → AlertState.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct PicturesSettled {
    pub(crate) waiters: Vec<Waiter>,
    pub(crate) slot: PictureSlot,
}

/// A picture that was drawn. A screenshot worker → Uploader; answered with its record once the image store was tried.
#[derive(Message)]
#[rtype(result = "PictureRecord")]
pub(crate) struct Upload {
    pub(crate) capture: alerts::ports::Capture,
    pub(crate) rendered: alerts::ports::Rendered,
}

/// A silence that somebody wants made, changed or ended. Book → SilenceKeeper; answered when it is durable and in force.
#[derive(Message)]
#[rtype(result = "Result<SilenceId, SilenceRefused>")]
pub(crate) struct ChangeSilence {
    pub(crate) wish: crate::silences::Wish,
    /// Admission; given back when the answer is.
    pub(crate) permit: tokio::sync::OwnedSemaphorePermit,
}

/// Alerts of groups that changed, all of one group shard. AlertState → Group.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct AlertsChanged {
    pub(crate) announcements: Vec<Announcement>,
    /// See [`Replayed::generation`].
    pub(crate) generation: u64,
}

/// One changed alert in one group.
#[derive(Clone, Debug)]
pub(crate) struct Announcement {
    pub(crate) group_key: Arc<str>,
    /// A number that stands for the key within this process.
    pub(crate) group_hash: u64,
    pub(crate) route: RouteId,
    pub(crate) fingerprint: Fingerprint,
    /// The sequence of the change: older ones than what was seen are ignored.
    pub(crate) sequence: u64,
    /// The version of the mute index that knows of the change.
    pub(crate) index_version: u64,
    pub(crate) starts_at: Time,
}

/// A group is told again of alerts that go on: their pictures are wanted as of now. Group → AlertState; `done` hears when the
/// table says that they are awaited.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct RefreshPictures {
    pub(crate) alerts: Vec<Fingerprint>,
    pub(crate) done: oneshot::Sender<()>,
}

/// Announce all alerts of the shard again, and want the pictures that are missing again. A rebuilt Group, rebuilt Screenshots
/// → AlertState.
#[derive(Message, Clone)]
#[rtype(result = "()")]
pub(crate) struct Replay;

/// All alerts of one alert-state actor have been announced. AlertState → Group.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Replayed {
    /// Which of the configurations loaded so far routed them: groups of another one do not listen.
    pub(crate) generation: u64,
}

/// A delivery that is in the outbox (or would be, if the database worked). Group → Channel.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Deliver(pub(crate) Box<Delivery>);

/// Put a notification that was given up into the outbox again, unless a newer one of its group is on its way. Machine → Group.
#[derive(Message)]
#[rtype(result = "Result<(), crate::ResendError>")]
pub(crate) struct Resend(pub(crate) Box<Delivery>);

/// Take a delivery back unless an attempt is under way or was made. Group → Channel; [`Settled`] says so if it was.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Withdraw {
    pub(crate) group_key: Arc<str>,
    pub(crate) id: DeliveryId,
    /// Nothing of it is to be told any more: earlier attempts do not matter.
    pub(crate) even_if_tried: bool,
}

/// What happened to a delivery. Channel → Group.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub(crate) struct Settled {
    pub(crate) group_key: Arc<str>,
    pub(crate) integration: IntegrationKey,
    pub(crate) id: DeliveryId,
    pub(crate) what: Settlement,
}

/// See [`Settled`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Settlement {
    /// The vendor took it: what it was told.
    Sent { firing: Vec<Fingerprint>, resolved: Vec<Fingerprint>, at: Time },
    /// An attempt at telling that these fire failed, but the receiver may know of it.
    Attempted { firing: Vec<Fingerprint> },
    /// It left the outbox unsent.
    Dropped,
}

/// A rebuilt or restarted integration lost what was only in memory: groups forget that anything is pending there that the
/// outbox does not hold. Channel → Group.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct OutboxReloaded {
    pub(crate) integration: IntegrationKey,
    pub(crate) ids: Arc<std::collections::HashSet<DeliveryId>>,
}

/// Stop taking up work and finish what is under way; `done` hears when that is so. Machine → all, in pipeline order.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Stop {
    pub(crate) done: oneshot::Sender<()>,
}

impl Stop {
    /// Everything that was under way has ended. Whoever asked may be gone by now.
    pub(crate) fn finish(self) {
        self.done.send(()).unwrap_or_default();
    }
}
