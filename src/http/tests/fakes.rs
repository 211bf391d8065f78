//! What lies behind the layer in its tests.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

use alerts::{
    Fingerprint, LabelSet, Time,
    intake::{Accept, Normalised, NotAccepted},
    ports::{Clock, SilenceBook, SilenceRefused},
    record::AlertRecord,
    silence::{Draft, SilenceChange, SilenceId, SilenceLimits, Silences},
};
use parking_lot::Mutex;

use super::super::*;

pub(super) struct FixedClock(pub(super) AtomicI64);

impl Clock for FixedClock {
    fn now(&self) -> Time {
        Time::from_secs(self.0.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> std::time::Duration {
        std::time::Duration::ZERO
    }
}

/// Puts what it is given into the table, or refuses it.
pub(super) struct Keeper {
    pub(super) table: Arc<alerts::table::AlertTable>,
    pub(super) refusal: Mutex<Option<NotAccepted>>,
    pub(super) accepted: AtomicUsize,
    pub(super) extended: AtomicUsize,
}

#[async_trait::async_trait]
impl Accept for Keeper {
    async fn accept(&self, alerts: Vec<Normalised>, _: Time) -> Result<(), NotAccepted> {
        if let Some(refusal) = self.refusal.lock().clone() {
            return Err(refusal);
        }
        for alert in alerts {
            self.accepted.fetch_add(1, Ordering::Relaxed);
            self.table.load(AlertRecord::from(&alert.alert()));
        }
        Ok(())
    }

    fn extend(&self, alerts: Vec<Fingerprint>) {
        self.extended.fetch_add(alerts.len(), Ordering::Relaxed);
    }
}

/// Mutes by the alert's own labels `silenced` and `inhibited`. One route per `team`, which is the receiver's name and the
/// group's label; one more, which goes to `all` and is silent while `quiet` says so, for alerts with a label `copy`.
#[derive(Default)]
pub(super) struct ByLabel {
    pub(super) quiet: Mutex<Vec<String>>,
}

impl ByLabel {
    fn place(route: u32, receiver: &str, labels: &[(&str, &str)]) -> GroupPlace {
        GroupPlace { route, receiver: receiver.into(), labels: labels.iter().copied().collect() }
    }
}

impl Standings for ByLabel {
    fn of(&self, alert: &AlertRecord, _: Time) -> Standing {
        let labels = alert.blob.labels();
        let listed = |name: &str| labels.get(name).map(str::to_owned).into_iter().collect::<Vec<_>>();
        Standing {
            receivers: self.groups(alert).into_iter().map(|place| place.receiver).collect(),
            silenced_by: listed("silenced"),
            inhibited_by: listed("inhibited").iter().filter_map(|fingerprint| fingerprint.parse().ok()).collect(),
        }
    }

    fn mute_anything(&self, _: Time) -> bool {
        true
    }
}

impl Grouping for ByLabel {
    fn groups(&self, alert: &AlertRecord) -> Vec<GroupPlace> {
        let labels = alert.blob.labels();
        let own = match labels.get("team") {
            Some(team) => Self::place(1, team, &[("team", team)]),
            None => Self::place(0, "default", &[]),
        };
        let copy = labels.get("copy").map(|copy| Self::place(2, "all", &[("copy", copy)]));
        [own].into_iter().chain(copy).collect()
    }

    fn muted_by(&self, group: &GroupPlace, _: Time) -> Vec<String> {
        if group.route == 2 { self.quiet.lock().clone() } else { Vec::new() }
    }

    fn route_labels(&self, group: &GroupPlace, alerts: &[Fingerprint], _: Time) -> LabelSet {
        let shown = alerts.len().to_string();
        if group.route == 2 { [("shown", shown)].into_iter().collect() } else { LabelSet::new() }
    }
}

/// Keeps silences as the machine does, but in memory; their ids count up.
pub(super) struct Book {
    pub(super) clock: Arc<FixedClock>,
    pub(super) silences: Mutex<Silences>,
    pub(super) refusal: Mutex<Option<SilenceRefused>>,
    /// Whether changes never end.
    pub(super) hangs: AtomicBool,
    made: AtomicUsize,
}

impl Book {
    pub(super) fn new(clock: Arc<FixedClock>) -> Self {
        Self {
            clock,
            silences: Mutex::default(),
            refusal: Mutex::default(),
            hangs: AtomicBool::new(false),
            made: AtomicUsize::new(0),
        }
    }

    fn change(
        &self,
        change: impl FnOnce(&Silences, Time) -> Result<SilenceChange, alerts::silence::SilenceError>,
    ) -> Result<SilenceId, SilenceRefused> {
        if let Some(refusal) = self.refusal.lock().clone() {
            return Err(refusal);
        }
        let mut silences = self.silences.lock();
        let changed = change(&silences, self.clock.now())?;
        *silences = changed.silences;
        Ok(changed.id)
    }
}

/// The id of the silence that was made as the so-maniest.
pub(super) fn silence_id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

#[async_trait::async_trait]
impl SilenceBook for Book {
    fn silences(&self) -> Silences {
        self.silences.lock().clone()
    }

    async fn set(&self, draft: Draft) -> Result<SilenceId, SilenceRefused> {
        let id = SilenceId(silence_id(self.made.fetch_add(1, Ordering::Relaxed) + 1).into());
        self.change(|silences, now| silences.set(draft, id, SilenceLimits::default(), now))
    }

    async fn expire(&self, id: &SilenceId) -> Result<(), SilenceRefused> {
        if self.hangs.load(Ordering::Relaxed) {
            return std::future::pending().await;
        }
        self.change(|silences, now| silences.expire(id, now)).map(drop)
    }
}

pub(super) struct Reasons(pub(super) Mutex<Vec<String>>);

impl Readiness for Reasons {
    fn not_ready(&self) -> Vec<String> {
        self.0.lock().clone()
    }
}

/// Answers as told.
pub(super) struct Reloader(pub(super) Mutex<Result<(), String>>);

#[async_trait::async_trait]
impl Reload for Reloader {
    async fn reload(&self) -> Result<(), String> {
        self.0.lock().clone()
    }
}
