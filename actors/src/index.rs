//! What mutes alerts: one immutable index of inhibition and silences, swapped whole, with a version; and the time intervals.
//!
//! What a request changes enters the index before any group hears of it. Deliberately unknown here: who asks.

use std::sync::Arc;

use alerts::{
    Alert, Fingerprint, LabelSet, Time,
    inhibit::{InhibitIndex, InhibitRule},
    interval::{Silent, TimeIntervals},
    labelled::Labelled,
    mute::{MuteIndex, Muted},
    route::Route,
    silence::{Silence, SilenceState, Silences},
};
use arc_swap::ArcSwap;
use parking_lot::Mutex;

/// The index in force.
pub(crate) struct Index {
    current: ArcSwap<MuteIndex>,
    /// Taken by whoever makes the next version.
    writing: Mutex<()>,
    intervals: ArcSwap<TimeIntervals>,
}

impl Index {
    pub(crate) fn new(rules: Vec<InhibitRule>, intervals: TimeIntervals, silences: Silences) -> Self {
        let index = MuteIndex { version: 0, inhibit: InhibitIndex::new(rules), silences };
        Self {
            current: ArcSwap::from_pointee(index),
            writing: Mutex::new(()),
            intervals: ArcSwap::from_pointee(intervals),
        }
    }

    /// Other rules and intervals, from now on. `firing` calls back with every alert that fires, so that no target of a rule is
    /// told before its source is seen again.
    pub(crate) fn configure(
        &self,
        rules: Vec<InhibitRule>,
        intervals: TimeIntervals,
        firing: impl FnOnce(&mut dyn FnMut(Fingerprint, &LabelSet)),
    ) {
        let _writing = self.writing.lock();
        let mut inhibit = InhibitIndex::new(rules);
        if inhibit.rules().len() > 0 {
            firing(&mut |fingerprint, labels| {
                inhibit.observe(fingerprint, labels, true);
            });
        }
        self.intervals.store(Arc::new(intervals));
        self.current.store(Arc::new(self.current.load().with_inhibit(inhibit)));
    }

    /// All silences.
    pub(crate) fn silences(&self) -> Silences {
        self.current.load().silences.clone()
    }

    /// These silences, from now on.
    pub(crate) fn set_silences(&self, silences: Silences) {
        let _writing = self.writing.lock();
        self.current.store(Arc::new(self.current.load().with_silences(silences)));
    }

    /// An alert fires or is over. Answers the version of the index that knows of it.
    pub(crate) fn observe(&self, fingerprint: Fingerprint, labels: &impl Labelled, firing: bool) -> u64 {
        let seen = self.current.load();
        if !seen.inhibit.is_source(labels) {
            return seen.version;
        }
        let _writing = self.writing.lock();
        let seen = self.current.load();
        let mut inhibit = seen.inhibit.clone();
        if !inhibit.observe(fingerprint, labels, firing) {
            return seen.version;
        }
        let next = seen.with_inhibit(inhibit);
        let version = next.version;
        self.current.store(Arc::new(next));
        version
    }

    /// The version in force.
    pub(crate) fn version(&self) -> u64 {
        self.current.load().version
    }

    /// What keeps an alert from being told now.
    pub(crate) fn muted_by(&self, labels: &impl Labelled, now: Time) -> Muted {
        self.current.load().muted(labels, now)
    }

    /// Why an alert is muted now, as the label of `alertmanager_notifications_suppressed_total`; none if it is not.
    pub(crate) fn muted(&self, alert: &Alert, now: Time) -> Option<&'static str> {
        let muted = self.muted_by(&alert.labels, now);
        match (muted.inhibited_by, muted.silenced_by.is_empty()) {
            (Some(_), _) => Some("inhibition"),
            (None, false) => Some("silence"),
            (None, true) => None,
        }
    }

    /// Which time interval keeps a whole route silent now.
    pub(crate) fn route_silent(&self, route: &Route, now: Time) -> Option<Silent> {
        self.intervals.load().silent(&route.mute_time_intervals, &route.active_time_intervals, now)
    }

    /// Why a whole route is silent now, as the same label.
    pub(crate) fn route_muted(&self, route: &Route, now: Time) -> Option<&'static str> {
        let silent = self.route_silent(route, now)?;
        Some(match silent {
            Silent::Muted(_) => "mute_time_interval",
            Silent::Inactive(_) => "active_time_interval",
        })
    }

    /// Whether any alert could be muted now.
    pub(crate) fn mutes_anything(&self, now: Time) -> bool {
        let current = self.current.load();
        let is_active = |silence: &Silence| silence.state(now) == SilenceState::Active;
        !current.inhibit.is_idle() || current.silences.iter().any(|silence| is_active(silence))
    }
}
