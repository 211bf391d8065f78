//! One alert as everybody but the alert table passes it: labels, annotations, when it began and ends, its pictures.
//!
//! Deliberately unknown here: how alerts are stored in bulk, who is told of them.

use serde::{Deserialize, Serialize};

use crate::{
    labels::{Fingerprint, LabelSet},
    picture::PictureId,
    time::Time,
};

/// One alert. Its identity is its label set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// The hash of `labels`.
    pub fingerprint: Fingerprint,
    /// What identifies the alert; never empty, no empty values.
    pub labels: LabelSet,
    /// What describes it.
    pub annotations: LabelSet,
    /// When it began, as the sender says.
    pub starts_at: Time,
    /// When it ended, or will be taken as ended unless it is repeated.
    pub ends_at: Time,
    /// Whether `ends_at` is our own guess (`resolve_timeout`), because the sender named none.
    pub ends_by_timeout: bool,
    /// When it was last received.
    pub updated_at: Time,
    /// The sender's link to where the alert comes from; may be empty.
    pub generator_url: String,
    /// Which firing period of the alert this is.
    pub episode: Episode,
    /// The pictures of this episode.
    pub pictures: PictureSlots,
}

impl Alert {
    /// Whether the alert has ended as of `now`; an end that is exactly now has passed.
    pub fn is_resolved(&self, now: Time) -> bool {
        self.ends_at <= now
    }

    /// Firing or resolved as of `now`.
    pub fn status(&self, now: Time) -> Status {
        if self.is_resolved(now) { Status::Resolved } else { Status::Firing }
    }

    /// The label `alertname`, or the empty string.
    pub fn name(&self) -> &str {
        self.labels.value("alertname")
    }
}

/// The two states of an alert, and of a message about alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It goes on.
    Firing,
    /// It is over.
    Resolved,
}

impl Status {
    /// `firing` or `resolved`, as templates and payloads print it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Firing => "firing",
            Status::Resolved => "resolved",
        }
    }
}

/// The moment a picture is taken for: when an alert fires, and when it resolves.
pub type Transition = Status;

/// A firing period of an alert, named by the time at which it was first received as firing. Firing again after a
/// resolve is a new episode, with pictures of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Episode(pub Time);

/// The at most two pictures of an episode.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureSlots {
    /// Taken when the alert fired.
    pub firing: PictureSlot,
    /// Taken when it resolved.
    pub resolved: PictureSlot,
}

impl PictureSlots {
    /// The slot of one transition.
    pub fn get(&self, transition: Transition) -> &PictureSlot {
        match transition {
            Status::Firing => &self.firing,
            Status::Resolved => &self.resolved,
        }
    }

    /// Sets the slot of one transition.
    pub fn set(&mut self, transition: Transition, slot: PictureSlot) {
        match transition {
            Status::Firing => self.firing = slot,
            Status::Resolved => self.resolved = slot,
        }
    }
}

/// What became of one wanted picture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PictureSlot {
    /// Nobody asked for one.
    #[default]
    None,
    /// Asked for, not settled yet.
    Wanted,
    /// It is in the image store.
    Taken(PictureId),
    /// There is none, and none will come in this episode.
    Failed,
    /// Another one was asked for, as of now, because the group is told again (`refresh_on_repeat`).
    Refreshing {
        /// The one there was, which stays if no new one comes.
        old: Option<PictureId>,
        /// What "now" was: when the repeat was due.
        since: Time,
    },
}

impl PictureSlot {
    /// The picture there is, if one was taken.
    pub fn taken(&self) -> Option<&PictureId> {
        match self {
            PictureSlot::Taken(id) | PictureSlot::Refreshing { old: Some(id), .. } => Some(id),
            _ => None,
        }
    }

    /// Whether a picture was asked for and is not settled.
    pub fn is_awaited(&self) -> bool {
        matches!(self, PictureSlot::Wanted | PictureSlot::Refreshing { .. })
    }

    /// The slot after another picture is asked for as of `now`; none if one is awaited already, or if there is no panel.
    pub fn refreshed(&self, now: Time) -> Option<Self> {
        let may = matches!(self, PictureSlot::Taken(_) | PictureSlot::Failed);
        may.then(|| PictureSlot::Refreshing { old: self.taken().cloned(), since: now })
    }

    /// The slot after what was asked for has come, or has failed: a picture that could not be taken anew stays as it was.
    pub fn settled(&self, outcome: PictureSlot) -> Self {
        match (self, outcome) {
            (PictureSlot::Refreshing { old: Some(id), .. }, PictureSlot::Failed) => PictureSlot::Taken(id.clone()),
            (_, outcome) => outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(name: &str) -> PictureSlot {
        PictureSlot::Taken(PictureId(name.into()))
    }

    /// A slot when the group is told again, and what the new picture's coming or failing makes of it.
    fn check(before: &PictureSlot, come: &PictureSlot, failed: &PictureSlot) {
        let now = Time::from_secs(7);
        let slot = before.refreshed(now).expect("another one is asked for");
        assert!(slot.is_awaited());
        assert_eq!(slot.taken(), before.taken(), "pages show the old one meanwhile");
        assert_eq!(slot.refreshed(now), None, "once");
        assert_eq!(&slot.settled(taken("new")), come);
        assert_eq!(&slot.settled(PictureSlot::Failed), failed);
    }

    #[test]
    fn a_picture_is_taken_anew_and_stays_if_that_fails() {
        check(&taken("old"), &taken("new"), &taken("old"));
        check(&PictureSlot::Failed, &taken("new"), &PictureSlot::Failed);
        assert_eq!(PictureSlot::Wanted.refreshed(Time::from_secs(7)), None, "the first one is under way");
        assert_eq!(PictureSlot::None.refreshed(Time::from_secs(7)), None, "it has no panel");
    }
}
