//! What is to be told to one integration about one group: the message, its delivery in the outbox, its receipt.
//!
//! Deliberately unknown here: how a vendor wants it, when it is sent.

use serde::{Deserialize, Serialize};

use crate::{
    alert::{Alert, Status},
    labels::{Fingerprint, LabelSet},
    order::Severity,
    picture::Picture,
    time::Time,
};

/// One integration of one receiver: the receiver's name, the integration's type and a hash of its destination, so that
/// the notification log survives a reordering of the configuration. Printed as `receiver/slack/1f00a5`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IntegrationKey(pub std::sync::Arc<str>);

impl std::fmt::Display for IntegrationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The number of a delivery; ascending, never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeliveryId(pub u64);

/// Why a group is told about, in Alertmanager's words (`notification_reason`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// Nothing was told before.
    FirstNotification,
    /// More alerts fire.
    NewAlerts,
    /// Nothing fires any more.
    AllResolved,
    /// Some no longer fire.
    SomeResolved,
    /// Still the same, long enough.
    Repeat,
    /// Another receiver could not be told of it: this is the fallback receiver.
    Undelivered,
}

impl Reason {
    /// Alertmanager's wording.
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::FirstNotification => "first notification",
            Reason::NewAlerts => "new alerts added",
            Reason::AllResolved => "all alerts resolved",
            Reason::SomeResolved => "some alerts resolved",
            Reason::Repeat => "repeat interval elapsed",
            Reason::Undelivered => "another receiver could not be told",
        }
    }
}

/// An alert as it stood when its group was flushed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageAlert {
    /// Firing alerts have no end in messages, whatever `alert.ends_at` says.
    pub status: Status,
    /// The alert.
    pub alert: Alert,
}

/// A message that has been decided on and written to the outbox: everything needed to send it after a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its number; retries keep it, so that it serves as idempotency key.
    pub id: DeliveryId,
    /// Where to.
    pub integration: IntegrationKey,
    /// The receiver's name.
    pub receiver: String,
    /// Alertmanager's group key: `{}/{team="b"}:{alertname="x"}`.
    pub group_key: String,
    /// The labels that the group was made by.
    pub group_labels: LabelSet,
    /// The labels of the route, with the group's data filled in.
    #[serde(default)]
    pub route_labels: LabelSet,
    /// Why now.
    pub reason: Reason,
    /// The alerts to tell of, in Alertmanager's order.
    pub alerts: Vec<MessageAlert>,
    /// Alerts that the receiver knows to fire, that still do, and that are muted now: they are not told again, but stay in
    /// the notification log, so that their end is told. Ascending.
    #[serde(default)]
    pub muted_firing: Vec<Fingerprint>,
    /// When the group was flushed.
    pub flushed_at: Time,
    /// When the unsent chain of deliveries that this one supersedes began: `delivery_max_age` counts from here.
    pub since: Time,
    /// No attempt before this time.
    pub not_before: Time,
    /// When it becomes a dead letter.
    pub expires_at: Time,
    /// The interval after which an unchanged group is told again, in seconds; how long the notification log must last.
    pub repeat_interval_secs: u64,
    /// Attempts so far.
    pub attempts: u32,
    /// What the last attempt came to.
    pub last_error: Option<String>,
    /// What an interrupted attempt already achieved: the text of this delivery is out, only the rest is to be done.
    pub receipt: Option<Receipt>,
}

impl Delivery {
    /// Firing if any alert fires.
    pub fn status(&self) -> Status {
        if self.alerts.iter().any(|a| a.status == Status::Firing) { Status::Firing } else { Status::Resolved }
    }

    /// The message that tells it, with pictures that have their bytes and links.
    pub fn message(&self, external_url: &str, pictures: Vec<Picture>) -> Message {
        let sets = |of: fn(&Alert) -> &LabelSet| Message::common(self.alerts.iter().map(move |one| of(&one.alert)));
        Message {
            idempotency_key: self.idempotency_key(),
            receiver: self.receiver.clone(),
            group_key: self.group_key.clone(),
            status: self.status(),
            reason: self.reason,
            alerts: self.alerts.clone(),
            group_labels: self.group_labels.clone(),
            route_labels: self.route_labels.clone(),
            common_labels: sets(|alert| &alert.labels),
            common_annotations: sets(|alert| &alert.annotations),
            external_url: external_url.to_owned(),
            now: self.flushed_at,
            pictures,
            pictures_left_out: 0,
        }
    }

    /// 32 hexadecimal digits that are the same for every attempt at it and differ from those of any other, also of another
    /// server's.
    fn idempotency_key(&self) -> String {
        use sha2::{Digest, Sha256};
        let mut hash = Sha256::new();
        hash.update(self.integration.0.as_bytes());
        hash.update([0]);
        hash.update(self.group_key.as_bytes());
        hash.update(self.id.0.to_le_bytes());
        hash.update(self.flushed_at.as_nanos().to_le_bytes());
        hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The alerts of this status that the notification log is to name once this is sent, ascending.
    pub fn fingerprints(&self, status: Status) -> Vec<Fingerprint> {
        let mut all: Vec<_> = self.alerts.iter().filter(|a| a.status == status).map(|a| a.alert.fingerprint).collect();
        if status == Status::Firing {
            all.extend(&self.muted_firing);
        }
        all.sort_unstable();
        all
    }
}

/// What a channel remembers of a message that it sent: enough to edit it, to answer in its thread, to add pictures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The channel's own words: message ids and the like. Never a secret.
    pub message: serde_json::Value,
    /// The text is out, but the pictures are still to be added with [`crate::ports::Channel::add_pictures`].
    pub pictures_due: bool,
    /// Pictures that could not be sent although the text was: a degraded success, for the log and the history.
    pub degraded: Option<String>,
}

/// One entry of the notification log: what an integration has last been told about a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Alertmanager's group key.
    pub group_key: String,
    /// Who was told.
    pub integration: IntegrationKey,
    /// The alerts that it was told fire, ascending.
    pub firing: Vec<Fingerprint>,
    /// The alerts that it was told are resolved, ascending.
    pub resolved: Vec<Fingerprint>,
    /// When.
    pub at: Time,
    /// When the entry may be forgotten.
    pub expires_at: Time,
    /// The channel's receipt of that message.
    pub receipt: Receipt,
}

/// A message as a channel gets it: the delivery, with what the configuration adds and the pictures that fit.
#[derive(Clone, Debug)]
pub struct Message {
    /// The same for every attempt at the same delivery: 32 hexadecimal digits.
    pub idempotency_key: String,
    /// The receiver's name.
    pub receiver: String,
    /// Alertmanager's group key.
    pub group_key: String,
    /// Firing if any alert fires.
    pub status: Status,
    /// Why now.
    pub reason: Reason,
    /// In Alertmanager's order.
    pub alerts: Vec<MessageAlert>,
    /// The labels that the group was made by.
    pub group_labels: LabelSet,
    /// The labels of the route, with the group's data filled in.
    pub route_labels: LabelSet,
    /// The labels that all alerts share.
    pub common_labels: LabelSet,
    /// The annotations that all alerts share.
    pub common_annotations: LabelSet,
    /// Where wirephoto's pages are, without a slash at the end.
    pub external_url: String,
    /// When the group was flushed: what `now` is to templates.
    pub now: Time,
    /// The distinct pictures of the alerts; the shared fitting orders, counts and shrinks them before the channel sees them.
    pub pictures: Vec<Picture>,
    /// Pictures that the fitting left out: the channel says "and N more pictures" with a link.
    pub pictures_left_out: usize,
}

impl Message {
    /// The labels, or annotations, that all of `sets` share.
    pub fn common<'a>(mut sets: impl Iterator<Item = &'a LabelSet>) -> LabelSet {
        let first = sets.next().cloned().unwrap_or_default();
        sets.fold(first, |common, set| common.intersection(set))
    }

    /// That of its most severe alert: of those that fire, or, if none does, of all.
    pub fn severity(&self) -> Severity {
        let counts = |one: &&MessageAlert| one.status == self.status;
        let severities = self.alerts.iter().filter(counts).map(|one| Severity::of(&one.alert));
        severities.min().unwrap_or(Severity::Unknown)
    }

    /// SHA-256 of the group key in hexadecimal digits: what vendors get as deduplication key.
    pub fn group_hash(&self) -> String {
        use sha2::{Digest, Sha256};
        Sha256::digest(self.group_key.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
