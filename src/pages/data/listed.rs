//! Alerts as pages list them: which are wanted, and what is said of each.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    str::FromStr,
    sync::Arc,
};

use alerts::{
    Fingerprint, LabelSet, Status, Time,
    matcher::{MatchOp, Matcher, MatcherSet},
    ports::InboxPicture,
    silence::SilenceId,
};

/// Which alerts are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// All must match.
    pub filter: MatcherSet,
    /// Only groups of this receiver: see [`chosen_receivers`].
    pub receiver: Option<String>,
    /// In which states.
    pub shown: Shown,
}

/// Which states are shown. As with Alertmanager, who is silenced and inhibited is shown only if both are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Those that fire and nothing mutes.
    pub active: bool,
    /// Silenced ones.
    pub silenced: bool,
    /// Inhibited ones.
    pub inhibited: bool,
    /// Those whose group is muted by a time interval.
    pub muted: bool,
    /// Those that ended and are still known.
    pub resolved: bool,
}

/// What calls for attention: as on Alertmanager's page.
impl Default for Shown {
    fn default() -> Self {
        Self { active: true, silenced: false, inhibited: false, muted: false, resolved: false }
    }
}

/// The part of the groups that is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `groups` groups after the first `skip`, and of each the first `alerts` alerts.
    Groups {
        /// Groups before them.
        skip: usize,
        /// How many groups.
        groups: usize,
        /// How many alerts of each.
        alerts: usize,
    },
    /// `alerts` alerts of one group after the first `skip`.
    Group {
        /// Which group.
        id: GroupId,
        /// Alerts before them.
        skip: usize,
        /// How many alerts.
        alerts: usize,
    },
}

/// What a group is known by in links: a hash of its route, receiver and labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u64);

impl GroupId {
    /// The name of a group, within one version of the program.
    pub fn of(route: u32, receiver: &str, labels: &LabelSet) -> Self {
        let mut hasher = DefaultHasher::new();
        (route, receiver, labels).hash(&mut hasher);
        Self(hasher.finish())
    }
}

impl std::fmt::Display for GroupId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for GroupId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

/// A part of the groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupsView {
    /// The part.
    pub groups: Vec<GroupView>,
    /// How many groups there are in all.
    pub total_groups: usize,
    /// How many different alerts are in them.
    pub total_alerts: usize,
    /// How many alerts of each state the filter and the receiver let through, shown or not.
    pub states: StateCounts,
    /// All receivers that routes lead to.
    pub receivers: Vec<Arc<str>>,
}

/// Alerts by state; one that is silenced and inhibited counts as both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateCounts {
    /// They fire and nothing mutes them.
    pub active: usize,
    /// Silenced.
    pub silenced: usize,
    /// Inhibited.
    pub inhibited: usize,
    /// In a group that a time interval mutes.
    pub muted: usize,
    /// Ended.
    pub resolved: usize,
}

/// A group of alerts that are told together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupView {
    /// Its name in links.
    pub id: GroupId,
    /// Who is told.
    pub receiver: Arc<str>,
    /// What its alerts have in common.
    pub labels: LabelSet,
    /// The time intervals that mute it now.
    pub muted_by: Vec<String>,
    /// Some of its alerts.
    pub alerts: Vec<AlertView>,
    /// How many wanted alerts it has.
    pub total: usize,
}

/// One alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertView {
    /// Its name in links.
    pub fingerprint: Fingerprint,
    /// Firing or resolved.
    pub status: Status,
    /// Active silences that match it.
    pub silenced_by: Vec<SilencedBy>,
    /// The alerts that inhibit it, with their names.
    pub inhibited_by: Vec<(Fingerprint, String)>,
    /// All labels.
    pub labels: LabelSet,
    /// All annotations.
    pub annotations: LabelSet,
    /// When it began.
    pub starts_at: Time,
    /// When it ended; none while it fires.
    pub ended_at: Option<Time>,
    /// When it was last received.
    pub updated_at: Time,
    /// The sender's link to where it comes from; may be empty.
    pub generator_url: String,
    /// The receivers of its routes.
    pub receivers: Vec<Arc<str>>,
    /// Its pictures.
    pub pictures: Vec<InboxPicture>,
}

impl AlertView {
    /// The label `alertname`, or the empty string.
    pub fn name(&self) -> &str {
        self.labels.value("alertname")
    }
}

/// A silence that silences an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SilencedBy {
    /// Its name.
    pub id: SilenceId,
    /// Why it was made.
    pub comment: String,
    /// Until when.
    pub ends_at: Time,
}

/// What matchers match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MatchedView {
    /// Some of the alerts.
    pub alerts: Vec<AlertView>,
    /// How many fire and are matched.
    pub total: usize,
    /// How many fire at all.
    pub of: usize,
}

/// The receivers that are meant: the one of that name, else those that it matches as a regular expression, which is
/// how Alertmanager's links name them.
pub fn chosen_receivers(text: &str, all: &[Arc<str>]) -> Vec<Arc<str>> {
    if let Some(exact) = all.iter().find(|name| &***name == text) {
        return vec![exact.clone()];
    }
    let Ok(pattern) = Matcher::new("receiver", MatchOp::Regex, text) else { return Vec::new() };
    all.iter().filter(|name| pattern.matches_value(name)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receivers_are_chosen_by_name_before_pattern() {
        let all: Vec<Arc<str>> = ["a.b", "axb", "team+x", "("].map(Arc::from).into();
        let check = |text: &str, expected: &[&str]| {
            let found = chosen_receivers(text, &all);
            assert_eq!(found.iter().map(|name| &**name).collect::<Vec<_>>(), expected, "{text}");
        };
        check("a.b", &["a.b"]);
        check("a.", &[]);
        check("a.+", &["a.b", "axb"]);
        check("team+x", &["team+x"]);
        check(r"team\+x", &["team+x"]);
        check("(", &["("]);
        check("[", &[]);
        check("nobody", &[]);
    }

    #[test]
    fn group_names_survive_a_link() {
        let labels: LabelSet = [("alertname", "x")].into_iter().collect();
        let id = GroupId::of(1, "team", &labels);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_ne!(id, GroupId::of(1, "other", &labels));
        assert_ne!(id, GroupId::of(2, "team", &labels), "two routes may lead to one receiver");
    }
}
