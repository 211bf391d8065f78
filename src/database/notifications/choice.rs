//! Which notifications somebody wants to see.
//!
//! Deliberately unknown here: where they lie.

use alerts::{
    Fingerprint, Time,
    matcher::MatcherSet,
    message::{Delivery, DeliveryId},
    ports::{DropReason, Outcome},
};

/// Which notifications somebody wants to see; what is empty restricts nothing.
#[derive(Clone, Debug, Default)]
pub struct NotificationChoice {
    /// Whose group was flushed at that time or later.
    pub from: Option<Time>,
    /// Whose group was flushed at that time or earlier.
    pub to: Option<Time>,
    /// The receiver's name.
    pub receiver: Option<String>,
    /// The integration: `receiver/slack/1f00a5`, or its type alone.
    pub integration: Option<String>,
    /// The group's key.
    pub group: Option<String>,
    /// An alert that it tells of.
    pub alert: Option<AlertChoice>,
    /// Any of these.
    pub states: Vec<NotificationState>,
    /// Only older ones than this.
    pub before: Option<DeliveryId>,
    /// At most that many.
    pub limit: usize,
}

/// An alert that a notification tells of.
#[derive(Clone, Debug)]
pub enum AlertChoice {
    /// This one.
    Fingerprint(Fingerprint),
    /// One that all of these match.
    Matchers(MatcherSet),
}

impl AlertChoice {
    /// Whether a notification tells of such an alert.
    pub(super) fn is_told_by(&self, delivery: &Delivery) -> bool {
        delivery.alerts.iter().any(|told| match self {
            AlertChoice::Fingerprint(fingerprint) => told.alert.fingerprint == *fingerprint,
            AlertChoice::Matchers(matchers) => matchers.matches(&told.alert.labels),
        })
    }
}

/// What became of a notification, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotificationState {
    /// It is in the outbox.
    Pending,
    /// It was sent whole.
    Sent,
    /// It was sent, but not all of its pictures.
    Degraded,
    /// Somebody should have been told and was not.
    DeadLetter,
    /// It was not to be sent any more.
    Dropped,
}

impl NotificationState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Sent, Self::Degraded, Self::DeadLetter, Self::Dropped];

    /// As the API and the pages' links write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Degraded => "degraded",
            Self::DeadLetter => "dead_letter",
            Self::Dropped => "dropped",
        }
    }

    /// Whether the receiver was told.
    pub const fn is_sent(self) -> bool {
        matches!(self, Self::Sent | Self::Degraded)
    }

    /// What an outcome is.
    pub const fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Sent { degraded: None } => Self::Sent,
            Outcome::Sent { degraded: Some(_) } => Self::Degraded,
            Outcome::Dropped(reason) if reason.is_dead_letter() => Self::DeadLetter,
            Outcome::Dropped(_) => Self::Dropped,
        }
    }

    /// The words in the history's column for it.
    pub(super) fn words(self) -> Vec<&'static str> {
        use DropReason::{Expired, NeverTold, Rejected, Superseded, Unconfigured};
        let dropped = |reasons: &[DropReason]| reasons.iter().map(|reason| reason.as_str()).collect();
        match self {
            Self::Pending => Vec::new(),
            Self::Sent => vec!["sent"],
            Self::Degraded => vec!["degraded"],
            Self::DeadLetter => dropped(&[Rejected, Expired]),
            Self::Dropped => dropped(&[Superseded, NeverTold, Unconfigured]),
        }
    }

    /// The reverse of [`NotificationState::words`].
    pub(super) fn of_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.words().contains(&word)).unwrap_or(Self::Dropped)
    }
}

impl std::str::FromStr for NotificationState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = || Self::ALL.map(Self::as_str).join(", ");
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("there is no state {text:?}: there are {}", known()))
    }
}
