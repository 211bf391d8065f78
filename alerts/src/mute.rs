//! Inhibition and silences in one immutable index with a version: swapped whole, so that a flush sees both as of one moment,
//! and can wait for the version of the newest alert that it holds.
//!
//! Deliberately unknown here: who swaps it, time intervals (those belong to routes).

use crate::{
    inhibit::InhibitIndex,
    labelled::Labelled,
    labels::Fingerprint,
    silence::{SilenceId, Silences},
    time::Time,
};

/// What keeps alerts from being told, as of one moment.
#[derive(Clone, Debug, Default)]
pub struct MuteIndex {
    /// Ascending with every change.
    pub version: u64,
    /// The firing sources of all inhibition rules.
    pub inhibit: InhibitIndex,
    /// All silences.
    pub silences: Silences,
}

/// What keeps one alert from being told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Muted {
    /// Active silences that match it.
    pub silenced_by: Vec<SilenceId>,
    /// A firing alert that inhibits it.
    pub inhibited_by: Option<Fingerprint>,
}

impl Muted {
    /// Whether anything does.
    pub fn is_muted(&self) -> bool {
        self.inhibited_by.is_some() || !self.silenced_by.is_empty()
    }
}

impl MuteIndex {
    /// What keeps an alert with these labels from being told at `now`.
    pub fn muted(&self, labels: &impl Labelled, now: Time) -> Muted {
        Muted { silenced_by: self.silences.silenced_by(labels, now), inhibited_by: self.inhibit.inhibited_by(labels) }
    }

    /// The next version, with other silences.
    #[must_use]
    pub fn with_silences(&self, silences: Silences) -> Self {
        Self { version: self.version + 1, inhibit: self.inhibit.clone(), silences }
    }

    /// The next version, with other sources.
    #[must_use]
    pub fn with_inhibit(&self, inhibit: InhibitIndex) -> Self {
        Self { version: self.version + 1, inhibit, silences: self.silences.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        inhibit::InhibitRule,
        labels::LabelSet,
        matcher::{Matcher, MatcherSet},
        silence::{Draft, SilenceLimits},
    };

    fn one(name: &str, value: &str) -> MatcherSet {
        MatcherSet::new(vec![Matcher::equal(name, value)])
    }

    fn labels(pairs: &[(&str, &str)]) -> LabelSet {
        pairs.iter().copied().collect()
    }

    #[test]
    fn both_mute_and_a_snapshot_stays_as_it_was() {
        let now = Time::from_secs(1_000_000);
        let rule = InhibitRule {
            source: one("severity", "critical"),
            target: one("severity", "warning"),
            ..InhibitRule::default()
        };
        let first = MuteIndex { inhibit: InhibitIndex::new(vec![rule]), ..MuteIndex::default() };
        let (critical, warning) = (labels(&[("severity", "critical")]), labels(&[("severity", "warning")]));

        let mut inhibit = first.inhibit.clone();
        assert!(inhibit.observe(critical.fingerprint(), &critical, true));
        let second = first.with_inhibit(inhibit);
        let draft = Draft {
            id: None,
            matchers: one("severity", "warning"),
            starts_at: None,
            ends_at: now.plus(std::time::Duration::from_secs(60)),
            created_by: String::new(),
            comment: String::new(),
            annotations: LabelSet::new(),
        };
        let id = SilenceId("1".into());
        let change = second.silences.set(draft, id.clone(), SilenceLimits::default(), now).unwrap();
        let third = second.with_silences(change.silences);

        assert_eq!([first.version, second.version, third.version], [0, 1, 2]);
        assert_eq!(first.muted(&warning, now), Muted::default());
        let inhibited_by = Some(critical.fingerprint());
        assert_eq!(second.muted(&warning, now), Muted { silenced_by: vec![], inhibited_by });
        assert_eq!(third.muted(&warning, now), Muted { silenced_by: vec![id], inhibited_by });
        assert!(third.muted(&warning, now).is_muted() && !third.muted(&critical, now).is_muted());
    }
}
