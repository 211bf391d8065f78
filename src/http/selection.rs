//! Which alerts a request wants, by what mutes them and whom they concern. Pure.
//!
//! Deliberately unknown here: how the request was written, where alerts lie.

use std::{collections::HashSet, sync::Arc};

use alerts::matcher::{Matcher, MatcherSet};

use super::{
    parameters::Given,
    ports::{ConfigView, Standing},
};

/// What is wanted.
#[derive(Clone, Debug)]
pub(super) struct Selection {
    active: bool,
    silenced: bool,
    inhibited: bool,
    /// All must match.
    pub(super) filter: MatcherSet,
    pub(super) receivers: ReceiverChoice,
}

/// Which receivers are wanted.
#[derive(Clone, Debug, Default)]
pub(super) struct ReceiverChoice {
    pattern: Option<Matcher>,
    /// Those whose labels are asked for; none: nobody asked for labels.
    labelled: Option<HashSet<Arc<str>>>,
}

impl Selection {
    /// `unprocessed` has no part in it: here every alert is processed before its sender gets 200.
    pub(super) fn new(given: &mut Given, config: &ConfigView) -> Self {
        Self {
            active: given.is("active"),
            silenced: given.is("silenced"),
            inhibited: given.is("inhibited"),
            filter: std::mem::take(&mut given.filter),
            receivers: ReceiverChoice::new(given.receiver.take(), &given.receiver_matchers, config),
        }
    }

    /// Whether silences and inhibition decide on what is listed.
    pub(super) fn asks_for_muters(&self) -> bool {
        !(self.active && self.silenced && self.inhibited)
    }

    /// Whether an alert is wanted by what mutes it.
    pub(super) fn wants_muted_so(&self, standing: &Standing) -> bool {
        (self.active || standing.is_suppressed())
            && (self.silenced || standing.silenced_by.is_empty())
            && (self.inhibited || standing.inhibited_by.is_empty())
    }

    /// Whether an alert is wanted by what mutes it and by whom it concerns.
    pub(super) fn wants(&self, standing: &Standing) -> bool {
        self.wants_muted_so(standing) && standing.receivers.iter().any(|receiver| self.receivers.has(receiver))
    }
}

impl ReceiverChoice {
    fn new(pattern: Option<Matcher>, matchers: &MatcherSet, config: &ConfigView) -> Self {
        let matching = || config.receivers.iter().filter(|receiver| matchers.matches(&receiver.labels));
        let labelled =
            (!matchers.is_empty()).then(|| matching().map(|receiver| receiver.name.clone()).collect::<HashSet<_>>());
        Self { pattern, labelled }
    }

    /// Whether all are wanted.
    pub(super) fn is_open(&self) -> bool {
        self.pattern.is_none() && self.labelled.is_none()
    }

    pub(super) fn has(&self, receiver: &str) -> bool {
        self.pattern.as_ref().is_none_or(|pattern| pattern.matches_value(receiver))
            && self.labelled.as_ref().is_none_or(|labelled| labelled.contains(receiver))
    }
}
