//! Silences: what nobody wants to hear of for a while (`silence/silence.go`).
//!
//! Deliberately unknown here: where silences are kept, how an id is made, the API's JSON. The set is immutable: every change
//! makes a new one, which shares what has not changed.

mod draft;
mod index;

use std::{fmt, sync::Arc, time::Duration};

use rpds::RedBlackTreeMapSync;
use serde::{Deserialize, Serialize};

use crate::{labelled::Labelled, labels::LabelSet, matcher::MatcherSet, time::Time};
pub use draft::{Draft, SilenceError, SilenceLimits};
use index::Index;

/// The name of a silence: a UUID.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SilenceId(pub Arc<str>);

impl fmt::Display for SilenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One silence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// Its name.
    pub id: SilenceId,
    /// What it silences: alerts that match all of them.
    pub matchers: MatcherSet,
    /// From when.
    pub starts_at: Time,
    /// Until when, inclusively.
    pub ends_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Who made it.
    pub created_by: String,
    /// Why.
    pub comment: String,
    /// What else its maker wants to keep with it.
    #[serde(default)]
    pub annotations: LabelSet,
}

/// What a silence does at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SilenceState {
    /// It silences.
    Active,
    /// It will.
    Pending,
    /// It did.
    Expired,
}

impl SilenceState {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            SilenceState::Active => "active",
            SilenceState::Pending => "pending",
            SilenceState::Expired => "expired",
        }
    }
}

impl Silence {
    /// Its state at `now`; it is active at its very start and its very end.
    pub fn state(&self, now: Time) -> SilenceState {
        match () {
            () if now < self.starts_at => SilenceState::Pending,
            () if now > self.ends_at => SilenceState::Expired,
            () => SilenceState::Active,
        }
    }

    /// Whether it silences an alert at `now`.
    pub fn silences(&self, labels: &impl Labelled, now: Time) -> bool {
        self.state(now) == SilenceState::Active && self.matchers.matches(labels)
    }

    fn expired(&self, now: Time) -> Self {
        let starts_at = if self.state(now) == SilenceState::Pending { now } else { self.starts_at };
        Self { starts_at, ends_at: now, updated_at: now, ..self.clone() }
    }

    /// Whether becoming `draft` would leave what it silenced so far as it was.
    fn can_become(&self, draft: &Draft, starts_at: Time, now: Time) -> bool {
        let same_times = match self.state(now) {
            SilenceState::Active => starts_at.as_secs() == self.starts_at.as_secs() && draft.ends_at >= now,
            SilenceState::Pending => starts_at >= now,
            SilenceState::Expired => false,
        };
        same_times && self.matchers == draft.matchers
    }
}

/// All silences, with an index. Cloning is cheap, and so is a change of a clone.
#[derive(Clone, Debug, Default)]
pub struct Silences {
    all: RedBlackTreeMapSync<SilenceId, Arc<Silence>>,
    index: Index,
}

/// A change that is to be made durable, then swapped in.
#[derive(Clone, Debug)]
pub struct SilenceChange {
    /// The silences as they are now.
    pub silences: Silences,
    /// The silence that was asked for; a changed one may have got a new name.
    pub id: SilenceId,
    /// What is new or different; empty if nothing changed.
    pub changed: Vec<Arc<Silence>>,
}

impl Silences {
    /// These silences; of two with one name the one updated last.
    pub fn new(silences: impl IntoIterator<Item = Silence>) -> Self {
        let mut all = Self::default();
        for silence in silences {
            let is_newer = all.get(&silence.id).is_none_or(|known| known.updated_at < silence.updated_at);
            if is_newer {
                all.put(Arc::new(silence));
            }
        }
        all
    }

    /// Makes a silence, or changes one: in place if that does not change what it silenced so far, else the old one expires
    /// and a new one takes its place. `new_id` is used only where a new one is made.
    ///
    /// # Errors
    /// See [`SilenceError`].
    pub fn set(
        &self,
        draft: Draft,
        new_id: SilenceId,
        limits: SilenceLimits,
        now: Time,
    ) -> Result<SilenceChange, SilenceError> {
        let starts_at = draft.check(now)?;
        let previous = match &draft.id {
            Some(id) => Some(self.all.get(id).ok_or(SilenceError::NotFound)?),
            None => None,
        };
        limits.check_size(draft.size())?;
        if let Some(previous) = previous.filter(|previous| previous.can_become(&draft, starts_at, now)) {
            let id = previous.id.clone();
            return Ok(self.with(id.clone(), vec![draft.into_silence(id, starts_at, now)]));
        }
        limits.check_count(self.len())?;
        let outlived = previous.filter(|previous| previous.state(now) != SilenceState::Expired);
        let mut changed: Vec<_> = outlived.map(|previous| previous.expired(now)).into_iter().collect();
        changed.push(draft.into_silence(new_id.clone(), starts_at.max(now), now));
        Ok(self.with(new_id, changed))
    }

    /// Ends a silence now. Ending one that is over already changes nothing and is no error.
    ///
    /// # Errors
    /// When there is no such silence.
    pub fn expire(&self, id: &SilenceId, now: Time) -> Result<SilenceChange, SilenceError> {
        let silence = self.all.get(id).ok_or(SilenceError::NotFound)?;
        let outlived = (silence.state(now) != SilenceState::Expired).then(|| silence.expired(now));
        Ok(self.with(id.clone(), outlived.into_iter().collect()))
    }

    /// Forgets the silences that ended at least `retention` ago, and answers their names.
    pub fn forget(&self, retention: Duration, now: Time) -> (Self, Vec<SilenceId>) {
        let is_old = |silence: &Silence| silence.ends_at.plus(retention) <= now;
        let old: Vec<_> = self.iter().filter(|silence| is_old(silence)).cloned().collect();
        let mut kept = self.clone();
        for silence in &old {
            kept.all.remove_mut(&silence.id);
            kept.index.remove(silence);
        }
        (kept, old.into_iter().map(|silence| silence.id.clone()).collect())
    }

    /// The active silences that match, by name.
    pub fn silenced_by(&self, labels: &impl Labelled, now: Time) -> Vec<SilenceId> {
        let active = self.index.candidates(labels).filter(|silence| silence.silences(labels, now));
        let mut ids: Vec<_> = active.map(|silence| silence.id.clone()).collect();
        ids.sort_unstable();
        ids
    }

    /// A silence.
    pub fn get(&self, id: &SilenceId) -> Option<&Arc<Silence>> {
        self.all.get(id)
    }

    /// All silences, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Silence>> {
        self.all.values()
    }

    /// How many there are, expired ones included.
    pub fn len(&self) -> usize {
        self.all.size()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn put(&mut self, silence: Arc<Silence>) {
        if let Some(old) = self.all.get(&silence.id) {
            self.index.remove(old);
        }
        self.index.insert(&silence);
        self.all.insert_mut(silence.id.clone(), silence);
    }

    fn with(&self, id: SilenceId, changed: Vec<Silence>) -> SilenceChange {
        let changed: Vec<_> = changed.into_iter().map(Arc::new).collect();
        let mut silences = self.clone();
        changed.iter().for_each(|silence| silences.put(silence.clone()));
        SilenceChange { silences, id, changed }
    }
}

#[cfg(test)]
mod tests;
