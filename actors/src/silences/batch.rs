//! Changes of silences that are made durable together: each is checked against those before it. Pure.
//!
//! Deliberately unknown here: who asked, commits, the mute index.

use std::sync::Arc;

use alerts::{
    Time,
    ports::Change,
    silence::{Draft, Silence, SilenceError, SilenceId, SilenceLimits, Silences},
};

/// What somebody wants.
#[derive(Clone, Debug)]
pub(crate) enum Wish {
    /// A silence made or changed; the name is used where a new one is made.
    Set(Draft, SilenceId),
    /// A silence ended.
    Expire(SilenceId),
}

/// What a batch comes to.
pub(super) struct Outcome {
    /// The silences as they will be.
    pub(super) silences: Silences,
    /// What makes it durable.
    pub(super) changes: Vec<Change>,
    /// What takes it back if the database refuses: it keeps refused changes and would make them later.
    pub(super) undo: Vec<Change>,
    /// One answer per wish, in order.
    pub(super) answers: Vec<Result<SilenceId, SilenceError>>,
    /// What is new or different, for the log.
    pub(super) changed: Vec<Arc<Silence>>,
}

/// Carries out wishes one after the other.
pub(super) fn carry_out(
    before: &Silences,
    wishes: impl IntoIterator<Item = Wish>,
    limits: SilenceLimits,
    now: Time,
) -> Outcome {
    let mut outcome = Outcome {
        silences: before.clone(),
        changes: Vec::new(),
        undo: Vec::new(),
        answers: Vec::new(),
        changed: Vec::new(),
    };
    for wish in wishes {
        let change = match wish {
            Wish::Set(draft, new_id) => outcome.silences.set(draft, new_id, limits, now),
            Wish::Expire(id) => outcome.silences.expire(&id, now),
        };
        outcome.answers.push(change.map(|change| {
            outcome.silences = change.silences;
            outcome.changes.extend(change.changed.iter().cloned().map(Change::Silence));
            outcome.changed.extend(change.changed);
            change.id
        }));
    }
    outcome.undo = outcome.changed.iter().map(|changed| undo(before, changed)).collect();
    outcome
}

fn undo(before: &Silences, changed: &Silence) -> Change {
    match before.get(&changed.id) {
        Some(old) => Change::Silence(old.clone()),
        None => Change::SilenceGone(changed.id.clone()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use alerts::{
        LabelSet,
        matcher::{Matcher, MatcherSet},
        silence::SilenceState,
    };

    use super::*;

    const NOW: Time = Time::from_secs(1_700_000_000);

    fn draft(id: Option<&str>, value: &str) -> Draft {
        Draft {
            id: id.map(|id| SilenceId(id.into())),
            matchers: MatcherSet::new(vec![Matcher::equal("alertname", value)]),
            starts_at: None,
            ends_at: NOW.plus(Duration::from_secs(60)),
            created_by: "me".to_owned(),
            comment: String::new(),
            annotations: LabelSet::new(),
        }
    }

    fn id(name: &str) -> SilenceId {
        SilenceId(name.into())
    }

    #[test]
    fn each_wish_sees_those_before_it_and_all_can_be_taken_back() {
        let limits = SilenceLimits { max_silences: 3, max_size: 0 };
        let first = carry_out(&Silences::default(), [Wish::Set(draft(None, "a"), id("1"))], limits, NOW);
        let later = NOW.plus(Duration::from_secs(1));
        let wishes = [
            Wish::Set(draft(None, "b"), id("2")),
            Wish::Expire(id("2")),
            Wish::Expire(id("unknown")),
            Wish::Set(draft(Some("1"), "other"), id("3")),
            Wish::Set(draft(None, "one too many"), id("4")),
        ];
        let second = carry_out(&first.silences, wishes, limits, later);
        let answers: Vec<_> = second.answers.iter().map(|answer| answer.clone().map(|id| id.to_string())).collect();
        assert_eq!(answers[0], Ok("2".to_owned()));
        assert_eq!(answers[1], Ok("2".to_owned()));
        assert_eq!(answers[2], Err(SilenceError::NotFound));
        assert_eq!(answers[3], Ok("3".to_owned()), "other matchers: the old one ends, a new one begins");
        assert_eq!(answers[4], Err(SilenceError::TooMany { count: 3, limit: 3 }));
        let states: Vec<_> =
            second.silences.iter().map(|silence| (silence.id.to_string(), silence.state(later))).collect();
        assert_eq!(second.silences.len(), 3);
        assert!(states.contains(&("3".to_owned(), SilenceState::Active)), "{states:?}");

        let mut rows = std::collections::BTreeMap::new();
        rows.insert(id("1"), first.silences.get(&id("1")).unwrap().clone());
        let was = rows.clone();
        for change in second.changes.into_iter().chain(second.undo) {
            match change {
                Change::Silence(silence) => drop(rows.insert(silence.id.clone(), silence)),
                Change::SilenceGone(id) => drop(rows.remove(&id)),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(rows, was, "what is taken back leaves nothing behind");
    }
}
