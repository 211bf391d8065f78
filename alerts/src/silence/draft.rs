//! A silence that somebody wants, what it must be like, and why it may be refused.
//!
//! Deliberately unknown here: the silences that there are.

use super::{Silence, SilenceId};
use crate::{labels::LabelSet, matcher::MatcherSet, time::Time};

/// A silence that somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The silence to change; none: a new one.
    pub id: Option<SilenceId>,
    /// See [`Silence::matchers`].
    pub matchers: MatcherSet,
    /// See [`Silence::starts_at`]; none: now.
    pub starts_at: Option<Time>,
    /// See [`Silence::ends_at`].
    pub ends_at: Time,
    /// See [`Silence::created_by`].
    pub created_by: String,
    /// See [`Silence::comment`].
    pub comment: String,
    /// See [`Silence::annotations`].
    pub annotations: LabelSet,
}

impl Draft {
    /// When it starts, if it is acceptable at all.
    pub(super) fn check(&self, now: Time) -> Result<Time, SilenceError> {
        let starts_at = self.starts_at.unwrap_or(now);
        if starts_at >= self.ends_at {
            return Err(SilenceError::StartNotBeforeEnd);
        }
        if self.ends_at < now {
            return Err(SilenceError::EndInPast);
        }
        if self.matchers.is_empty() {
            return Err(SilenceError::Invalid("at least one matcher required".to_owned()));
        }
        if let Some(at) = self.matchers.iter().position(|matcher| matcher.name().is_empty()) {
            return Err(SilenceError::Invalid(format!("invalid label matcher {at} in set 0: invalid label name \"\"")));
        }
        if self.matchers.matches_empty() {
            let problem = "matcher set 0: at least one matcher must not match the empty string";
            return Err(SilenceError::Invalid(problem.to_owned()));
        }
        Ok(starts_at)
    }

    /// The bytes of its texts.
    pub(super) fn size(&self) -> usize {
        let matchers: usize = self.matchers.iter().map(|matcher| matcher.name().len() + matcher.value().len()).sum();
        let annotations: usize = self.annotations.iter().map(|(name, value)| name.len() + value.len()).sum();
        matchers + annotations + self.created_by.len() + self.comment.len()
    }

    pub(super) fn into_silence(self, id: SilenceId, starts_at: Time, now: Time) -> Silence {
        Silence {
            id,
            matchers: self.matchers,
            starts_at,
            ends_at: self.ends_at,
            updated_at: now,
            created_by: self.created_by,
            comment: self.comment,
            annotations: self.annotations,
        }
    }
}

/// How many silences there may be (expired ones count until they are forgotten), and how large; 0: no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SilenceLimits {
    /// `--silences.max-silences`
    pub max_silences: usize,
    /// `--silences.max-silence-size-bytes`, counted over a silence's texts.
    pub max_size: usize,
}

impl SilenceLimits {
    pub(super) fn check_size(self, size: usize) -> Result<(), SilenceError> {
        let limit = self.max_size;
        if limit > 0 && size > limit { Err(SilenceError::TooLarge { size, limit }) } else { Ok(()) }
    }

    pub(super) fn check_count(self, count: usize) -> Result<(), SilenceError> {
        let limit = self.max_silences;
        if limit > 0 && count >= limit { Err(SilenceError::TooMany { count, limit }) } else { Ok(()) }
    }
}

/// Why a silence is not made or changed, in Alertmanager's words. All but [`SilenceError::NotFound`] are the client's 400.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SilenceError {
    /// There is none of that name: 404.
    #[error("silence not found")]
    NotFound,
    /// It would never be active.
    #[error("Failed to create silence: start time must be before end time")]
    StartNotBeforeEnd,
    /// It would be over.
    #[error("Failed to create silence: end time can't be in the past")]
    EndInPast,
    /// Its matchers are not acceptable.
    #[error("invalid silence: {0}")]
    Invalid(String),
    /// See [`SilenceLimits::max_silences`].
    #[error("exceeded maximum number of silences: {count} (limit: {limit})")]
    TooMany {
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// See [`SilenceLimits::max_size`].
    #[error("silence exceeded maximum size: {size} bytes (limit: {limit} bytes)")]
    TooLarge {
        /// How large it is.
        size: usize,
        /// How large it may be.
        limit: usize,
    },
}
