//! How many alerts are active and how many suppressed: for `alertmanager_alerts`, without a scrape costing what a list costs.
//!
//! Where nothing mutes anything, the table's own counting does. Else every alert is asked about, but only so often that
//! counting takes at most a tenth of the time; in between the last counts are told again.
//! Deliberately unknown here: metrics.

use std::time::Duration;

use alerts::{Status, Time, ports::Clock, table::AlertTable};
use parking_lot::Mutex;

use super::ports::Standings;

/// Counting rests so many times as long as it took.
const REST: u32 = 9;

/// Alerts that have not ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) active: usize,
    pub(super) suppressed: usize,
}

/// The last counts. The lock is held while counting: of several scrapes at once one counts.
#[derive(Debug, Default)]
pub(super) struct AlertCounts(Mutex<Option<Counted>>);

#[derive(Clone, Copy, Debug)]
struct Counted {
    counts: Counts,
    /// By the monotonic clock.
    good_until: Duration,
}

impl AlertCounts {
    pub(super) fn get(&self, table: &AlertTable, standings: &dyn Standings, clock: &dyn Clock) -> Counts {
        let now = clock.now();
        if !standings.mute_anything(now) {
            return Counts { active: table.counts(now).firing, suppressed: 0 };
        }
        let mut last = self.0.lock();
        let began = clock.monotonic();
        if let Some(counted) = last.filter(|counted| began < counted.good_until) {
            return counted.counts;
        }
        let counts = count(table, standings, now);
        let ended = clock.monotonic();
        *last = Some(Counted { counts, good_until: ended + ended.saturating_sub(began) * REST });
        counts
    }
}

/// Shard by shard and outside of the table's locks, since [`Standings`] may read it.
fn count(table: &AlertTable, standings: &dyn Standings, now: Time) -> Counts {
    let mut counts = Counts::default();
    for shard in 0..AlertTable::SHARDS {
        for alert in table.records(shard).iter().filter(|alert| alert.status(now) == Status::Firing) {
            let suppressed = standings.of(alert, now).is_suppressed();
            *(if suppressed { &mut counts.suppressed } else { &mut counts.active }) += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use alerts::{intake, record::AlertRecord};

    use super::{super::ports::Standing, *};

    /// Every look at the monotonic clock takes a second.
    #[derive(Default)]
    struct Ticking(AtomicU64);

    impl Clock for Ticking {
        fn now(&self) -> Time {
            Time::from_secs(1_000)
        }

        fn monotonic(&self) -> Duration {
            Duration::from_secs(self.0.fetch_add(1, Ordering::Relaxed))
        }
    }

    /// Mutes alerts named `muted`, and counts how often it is asked.
    struct ByName {
        anything: bool,
        asked: AtomicU64,
    }

    impl Standings for ByName {
        fn of(&self, alert: &AlertRecord, _: Time) -> Standing {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let muted = alert.blob.label("alertname") == Some("muted");
            Standing { silenced_by: muted.then(|| "s1".to_owned()).into_iter().collect(), ..Standing::default() }
        }

        fn mute_anything(&self, _: Time) -> bool {
            self.anything
        }
    }

    fn table() -> AlertTable {
        let table = AlertTable::new();
        for (name, ends) in [("a", 2_000), ("muted", 2_000), ("over", 500)] {
            let incoming = intake::Incoming {
                labels: vec![("alertname".into(), name.into())],
                starts_at: Some(Time::from_secs(0)),
                ends_at: Some(Time::from_secs(ends)),
                ..intake::Incoming::default()
            };
            let received = intake::normalise(incoming, Time::from_secs(1), &intake::Rules::default()).expect("valid");
            table.load(received.into_owned().record());
        }
        table
    }

    #[test]
    fn where_nothing_mutes_nobody_is_asked() {
        let standings = ByName { anything: false, asked: AtomicU64::new(0) };
        let counts = AlertCounts::default().get(&table(), &standings, &Ticking::default());
        assert_eq!(counts, Counts { active: 2, suppressed: 0 });
        assert_eq!(standings.asked.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn counting_takes_at_most_a_tenth_of_the_time() {
        let (table, clock) = (table(), Ticking::default());
        let standings = ByName { anything: true, asked: AtomicU64::new(0) };
        let counts = AlertCounts::default();
        // Counting takes one second, so it rests nine; asking takes one.
        for _ in 0..18 {
            assert_eq!(counts.get(&table, &standings, &clock), Counts { active: 1, suppressed: 1 });
        }
        assert_eq!(standings.asked.load(Ordering::Relaxed), 2 * 2, "two alerts, counted twice");
    }
}
