//! The port of the database: few methods, changes in batches, everything else is loaded at the start.
//!
//! All methods block; callers run them where blocking is allowed.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{
    alert::Status,
    labels::{Fingerprint, LabelSet},
    message::{Delivery, DeliveryId, IntegrationKey, LogEntry, Receipt},
    picture::{PictureId, PictureRecord},
    record::AlertRecord,
    silence::{Silence, SilenceId},
    time::Time,
};

/// The database.
pub trait Store: Send + Sync {
    /// Everything but alerts and picture records, as of the last commit.
    fn load(&self) -> Result<Snapshot, StoreError>;

    /// Every stored alert once, in its latest state, in no particular order.
    fn load_alerts(&self, each: &mut dyn FnMut(AlertRecord)) -> Result<(), StoreError>;

    /// Makes a batch of changes durable, all or none, applied in the order given.
    fn commit(&self, changes: &[Change]) -> Result<(), StoreError>;

    /// Undelivered deliveries of an integration with ids greater than `after`, ascending, at most `limit`.
    fn deliveries(
        &self,
        integration: &IntegrationKey,
        after: DeliveryId,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError>;

    /// The receipt of the last message about a group that an integration took, for edits and threads; none once that message told
    /// that nothing fires any more: what comes then is a conversation of its own.
    fn last_receipt(&self, group_key: &str, integration: &IntegrationKey) -> Result<Option<Receipt>, StoreError>;

    /// What is known of a picture.
    fn picture(&self, id: &PictureId) -> Result<Option<PictureRecord>, StoreError>;

    /// Pictures last used before `before`, the longest unused first, at most `limit`: what retention deletes.
    fn pictures_unused_since(&self, before: Time, limit: usize) -> Result<Vec<PictureRecord>, StoreError>;
}

/// What the machine needs in memory at the start.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The groups and when they were last flushed.
    pub groups: Vec<GroupRecord>,
    /// The notification log.
    pub log: Vec<LogEntry>,
    /// The undelivered deliveries, without their contents: integration, group key, id, firing, resolved, whether attempted.
    pub outbox: Vec<OutboxHead>,
    /// The highest delivery number ever used.
    pub last_delivery: u64,
    /// All silences.
    pub silences: Vec<Silence>,
    /// What Alertmanager's notification log said when its data was taken over.
    pub foreign_log: Vec<ForeignLogEntry>,
}

/// An entry of Alertmanager's own notification log, taken over with its data. Its alerts are known by another hash than ours
/// (64-bit xxHash over the labels, [`LabelSet::notification_hash`]): they get their fingerprints when they come in again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignLogEntry {
    /// Alertmanager's group key.
    pub group_key: String,
    /// The receiver's name.
    pub receiver: String,
    /// The integration's type: `slack`.
    pub kind: String,
    /// Its position among the receiver's integrations of the same type, from 0.
    pub index: u32,
    /// The hashes of the alerts that it was told fire, ascending.
    pub firing: Vec<u64>,
    /// The hashes of the alerts that it was told are resolved, ascending.
    pub resolved: Vec<u64>,
    /// When.
    pub at: Time,
    /// When the entry ends.
    pub expires_at: Time,
}

/// An undelivered delivery as a group remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxHead {
    /// Its number.
    pub id: DeliveryId,
    /// Where to.
    pub integration: IntegrationKey,
    /// The group.
    pub group_key: String,
    /// The firing alerts, ascending.
    pub firing: Vec<Fingerprint>,
    /// The resolved alerts, ascending.
    pub resolved: Vec<Fingerprint>,
    /// Whether any attempt was made: if so the receiver may know of it.
    pub attempted: bool,
    /// See [`Delivery::since`].
    pub since: Time,
    /// See [`Delivery::not_before`].
    pub not_before: Time,
}

/// One change of what is kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// An alert as it stands now.
    Alert(AlertRecord),
    /// An alert that is forgotten.
    AlertGone(Fingerprint),
    /// A group as it stands now.
    Group(GroupRecord),
    /// A group that is forgotten, with its notification log.
    GroupGone {
        /// Alertmanager's group key.
        group_key: String,
    },
    /// An entry of the notification log without a delivery: resolved, and this integration is not told of that.
    Log(Box<LogEntry>),
    /// A delivery into the outbox.
    Delivery(Box<Delivery>),
    /// A delivery that was attempted in vain, or got further.
    DeliveryProgress {
        /// Which.
        id: DeliveryId,
        /// Attempts so far.
        attempts: u32,
        /// No attempt before this time.
        not_before: Time,
        /// What the last attempt came to.
        error: Option<String>,
        /// What it achieved.
        receipt: Option<Receipt>,
    },
    /// A delivery that leaves the outbox, for whatever reason; it enters the history, and, if it was sent, the notification log.
    DeliveryDone {
        /// Which.
        id: DeliveryId,
        /// The new entry of the notification log; none if it was not sent.
        log: Option<LogEntry>,
        /// What the history keeps; none where nothing is worth keeping (superseded before any attempt).
        history: Option<Box<HistoryEntry>>,
    },
    /// A later receipt of a message that was sent: pictures were added.
    ReceiptUpdated {
        /// The delivery that it was sent with.
        delivery: DeliveryId,
        /// The group.
        group_key: String,
        /// The integration.
        integration: IntegrationKey,
        /// The receipt.
        receipt: Receipt,
        /// The pictures that were added.
        pictures: Vec<PictureId>,
    },
    /// A picture that was taken, or its record changed.
    Picture(PictureRecord),
    /// Pictures that were sent: retention counts from here.
    PicturesUsed {
        /// Which.
        ids: Vec<PictureId>,
        /// When.
        at: Time,
    },
    /// A picture that retention deleted.
    PictureGone(PictureId),
    /// A silence as it stands now.
    Silence(std::sync::Arc<Silence>),
    /// A silence that is forgotten.
    SilenceGone(SilenceId),
    /// An entry of the notification log of an Alertmanager whose data is taken over. Once our own log has an entry of the same
    /// group and integration, that one counts.
    ForeignLog(Box<ForeignLogEntry>),
}

/// What is kept of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRecord {
    /// Alertmanager's group key.
    pub group_key: String,
    /// When it was last flushed.
    pub flushed_at: Time,
}

/// What the history keeps of a delivery.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryEntry {
    /// The delivery as it was last attempted: its attempts include the last one, its receipt is that of the sent message.
    pub delivery: Delivery,
    /// What became of it.
    pub outcome: Outcome,
    /// When.
    pub at: Time,
    /// The pictures that were sent.
    pub pictures: Vec<PictureId>,
}

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The vendor took it.
    Sent {
        /// The text went out, a picture did not: why.
        degraded: Option<String>,
    },
    /// It will not be sent.
    Dropped(DropReason),
}

/// Why a delivery was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DropReason {
    /// A newer flush of the group took its place.
    Superseded,
    /// The alerts fired and resolved without any attempt in between.
    NeverTold,
    /// The vendor will never take it.
    Rejected,
    /// `delivery_max_age` passed.
    Expired,
    /// Its integration is no longer configured.
    Unconfigured,
}

impl DropReason {
    /// As a metric label.
    pub const fn as_str(self) -> &'static str {
        match self {
            DropReason::Superseded => "superseded",
            DropReason::NeverTold => "never_told",
            DropReason::Rejected => "rejected",
            DropReason::Expired => "expired",
            DropReason::Unconfigured => "unconfigured",
        }
    }

    /// Whether this is a dead letter: somebody should have been told and was not.
    pub const fn is_dead_letter(self) -> bool {
        matches!(self, DropReason::Rejected | DropReason::Expired)
    }
}

/// Why the database failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// Disk full, locked, damaged: the words are the database's.
    #[error("the database failed: {0}")]
    Failed(String),
    /// The file was written by a newer version.
    #[error("the database has schema version {found}, this program knows up to {known}: start a newer version")]
    Newer {
        /// In the file.
        found: i64,
        /// In the program.
        known: i64,
    },
}

/// The port of the inbox channel: messages kept in the database and shown on a page.
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Keeps a new message, or replaces the one with `entry.id` if that is given; answers its number.
    async fn keep(&self, entry: InboxEntry) -> Result<i64, StoreError>;

    /// Adds pictures to a message.
    async fn add_pictures(&self, id: i64, pictures: Vec<InboxPicture>) -> Result<(), StoreError>;
}

/// A message in the inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxEntry {
    /// Its number, once it is kept.
    pub id: Option<i64>,
    /// The key that makes a repeated keep of the same delivery one message.
    pub idempotency_key: String,
    /// The receiver's name.
    pub receiver: String,
    /// The group.
    pub group_key: String,
    /// Firing or resolved.
    pub status: Status,
    /// The title.
    pub title: String,
    /// The text.
    pub text: String,
    /// The labels of the group.
    pub group_labels: LabelSet,
    /// When the group was flushed.
    pub at: Time,
    /// The pictures.
    pub pictures: Vec<InboxPicture>,
    /// How many more pictures there are than are shown.
    pub pictures_left_out: usize,
}

/// A picture of a message in the inbox; its link is signed anew for each view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxPicture {
    /// Its name.
    pub id: PictureId,
    /// The panel's title.
    pub title: String,
    /// What is to be seen.
    pub alt: String,
    /// Firing or resolved.
    pub transition: Status,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}
