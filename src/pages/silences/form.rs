//! What is typed into the form of a silence: where it comes from, and what silence it asks for.
//!
//! Start, duration and end depend on each other. Whoever has no script changes one of them and expects that it counts: so the form also
//! carries what they were ([`Typed::was_ends_at`] and the like). Deliberately unknown here: HTML, who keeps silences.

use std::time::Duration;

use alerts::{
    LabelSet, Time, duration,
    matcher::MatcherSet,
    silence::{Draft, Silence, SilenceId, SilenceState},
};
use jiff::{civil::DateTime, tz::TimeZone};
use serde::Deserialize;

use crate::pages::alerts_page::filter;

/// How long a silence is unless one says otherwise: as on Alertmanager's page.
const USUAL: Duration = Duration::from_secs(2 * 60 * 60);

/// The fields as they are typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Typed {
    pub(super) matchers: String,
    /// Empty: when it is saved.
    pub(super) starts_at: String,
    pub(super) duration: String,
    pub(super) ends_at: String,
    pub(super) created_by: String,
    pub(super) comment: String,
    pub(super) was_starts_at: String,
    pub(super) was_duration: String,
    pub(super) was_ends_at: String,
    /// A duration that was chosen by its button.
    pub(super) preset: String,
    /// `save`; anything else is a preview.
    pub(super) action: String,
}

/// Where something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Matchers,
    StartsAt,
    Duration,
    EndsAt,
    CreatedBy,
    Comment,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) field: Field,
    pub(super) words: String,
}

impl Typed {
    /// For a new silence.
    pub(super) fn new(matchers: String, created_by: String, comment: String, now: Time) -> Self {
        Self { matchers, created_by, comment, ..Self::lasting(None, now.plus(USUAL), now) }
    }

    /// For changing a silence.
    pub(super) fn change(silence: &Silence, now: Time) -> Self {
        let times = Self::lasting(Some(silence.starts_at), silence.ends_at, silence.starts_at);
        times.like(silence, silence.created_by.clone(), now)
    }

    /// For making a silence once more, as long as it was, from now.
    pub(super) fn again(silence: &Silence, created_by: String, now: Time) -> Self {
        let length = silence.ends_at.since(silence.starts_at).max(Duration::from_secs(60));
        Self::lasting(None, now.plus(length), now).like(silence, created_by, now)
    }

    fn like(self, silence: &Silence, created_by: String, _now: Time) -> Self {
        let created_by = if created_by.is_empty() { silence.created_by.clone() } else { created_by };
        Self { matchers: lines(&silence.matchers), created_by, comment: silence.comment.clone(), ..self }
    }

    fn lasting(starts_at: Option<Time>, ends_at: Time, from: Time) -> Self {
        let whole = Duration::from_secs(ends_at.since(from).as_secs());
        Self {
            starts_at: starts_at.map(seconds).unwrap_or_default(),
            duration: duration::print(whole),
            ends_at: seconds(ends_at),
            ..Self::default()
        }
        .settled()
    }

    /// What was typed is from now on what it was.
    fn settled(self) -> Self {
        Self {
            was_starts_at: self.starts_at.clone(),
            was_duration: self.duration.clone(),
            was_ends_at: self.ends_at.clone(),
            preset: String::new(),
            ..self
        }
    }

    pub(super) fn is_to_be_saved(&self) -> bool {
        self.action == "save" && self.preset.is_empty()
    }

    /// With the times that agree with each other, as far as they are understood.
    pub(super) fn agreed(mut self, now: Time) -> Self {
        if !self.preset.is_empty() {
            self.duration = std::mem::take(&mut self.preset);
            self.was_ends_at.clone_from(&self.ends_at);
        }
        let Ok((starts_at, ends_at)) = self.times(now) else { return self };
        let from = starts_at.unwrap_or(now);
        let times = Self::lasting(starts_at, ends_at, from);
        // an end before the start has no duration, and is shown as it is
        let duration = if ends_at > from { times.duration } else { String::new() };
        Self { starts_at: times.starts_at, duration, ends_at: times.ends_at, ..self }.settled()
    }

    /// The matchers alone: for the preview.
    pub(super) fn matchers(&self) -> Result<MatcherSet, String> {
        filter::matchers(std::slice::from_ref(&self.matchers))
    }

    /// The silence that is asked for; `previous` is the one that is changed.
    pub(super) fn read(&self, previous: Option<&Silence>, now: Time) -> Result<Draft, Vec<Problem>> {
        let mut problems = Vec::new();
        let matchers = self.matchers().unwrap_or_else(|words| {
            problems.push(Problem { field: Field::Matchers, words });
            MatcherSet::default()
        });
        if problems.is_empty() && matchers.is_empty() {
            problems.push(problem(Field::Matchers, "at least one matcher is needed"));
        }
        let (starts_at, ends_at) = self.times(now).unwrap_or_else(|problem| {
            problems.push(problem);
            (None, now)
        });
        for (field, text, words) in [
            (Field::CreatedBy, &self.created_by, "say who you are"),
            (Field::Comment, &self.comment, "say why, for those who wonder later"),
        ] {
            if text.trim().is_empty() {
                problems.push(problem(field, words));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Draft {
            id: previous.map(|silence| silence.id.clone()),
            matchers,
            starts_at: previous.map_or(starts_at, |silence| unchanged_start(silence, starts_at)),
            ends_at: previous
                .filter(|silence| seconds(silence.ends_at) == seconds(ends_at))
                .map_or(ends_at, |s| s.ends_at),
            created_by: self.created_by.trim().to_owned(),
            comment: self.comment.trim().to_owned(),
            annotations: previous.map_or_else(LabelSet::new, |silence| silence.annotations.clone()),
        })
    }

    /// Start (none: now) and end. The end counts if it was changed; else the duration if it, or the start, was changed, or if the
    /// start is yet to come.
    fn times(&self, now: Time) -> Result<(Option<Time>, Time), Problem> {
        let starts_at = match self.starts_at.trim() {
            "" | "now" => None,
            text => Some(time(text).ok_or_else(|| not_a_time(Field::StartsAt))?),
        };
        let (duration, ends_at) = (self.duration.trim(), self.ends_at.trim());
        let by_end = !ends_at.is_empty() && ends_at != self.was_ends_at;
        let by_duration = starts_at.is_none()
            || duration != self.was_duration
            || self.starts_at != self.was_starts_at
            || ends_at.is_empty();
        if !by_end && by_duration && !duration.is_empty() {
            let length = duration::parse(&duration.replace(' ', ""))
                .map_err(|error| Problem { field: Field::Duration, words: error.to_string() })?;
            return Ok((starts_at, starts_at.unwrap_or(now).plus(length)));
        }
        Ok((starts_at, time(ends_at).ok_or_else(|| not_a_time(Field::EndsAt))?))
    }
}

/// A start that only lost its fraction of a second on its way through the form is the old one; and a silence that has begun
/// keeps the beginning that it had, where none is named.
fn unchanged_start(silence: &Silence, typed: Option<Time>) -> Option<Time> {
    match typed {
        Some(typed) if seconds(typed) == seconds(silence.starts_at) => Some(silence.starts_at),
        other => other,
    }
}

/// Whether saving will change the silence itself, as long as matchers and start stay as they are.
pub(super) fn can_be_changed(silence: &Silence, now: Time) -> bool {
    silence.state(now) != SilenceState::Expired
}

/// Matchers, one on each line.
pub(super) fn lines(matchers: &MatcherSet) -> String {
    matchers.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The silence of that name, if there is one.
pub(super) fn silence_id(text: &str) -> SilenceId {
    SilenceId(text.into())
}

fn problem(field: Field, words: &str) -> Problem {
    Problem { field, words: words.to_owned() }
}

fn not_a_time(field: Field) -> Problem {
    problem(field, "this is not a time: write it like 2026-01-31T23:59:00Z or 2026-01-31 23:59 (UTC)")
}

/// To the second, in UTC: `2023-11-14T22:13:20Z`.
fn seconds(time: Time) -> String {
    Time::from_secs(time.as_secs()).rfc3339()
}

/// RFC 3339, or a date and a time of day in UTC.
fn time(text: &str) -> Option<Time> {
    let text = text.trim().trim_end_matches("UTC").trim_end();
    if let Ok(time) = Time::parse(text) {
        return Some(time);
    }
    let civil: DateTime = text.parse().ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp().into())
}

#[cfg(test)]
mod tests;
