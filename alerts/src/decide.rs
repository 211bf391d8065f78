//! Whether an integration is to be told about its group, and why: Alertmanager's rule (`notify/dedup_stage.go`).
//!
//! Deliberately unknown here: which alerts are muted (they are not in the lists), how the message is sent.

use std::time::Duration;

use crate::{
    labels::Fingerprint,
    message::{LogEntry, Reason},
    time::Time,
};

/// What an integration was last told about a group.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The alerts that it was told fire, ascending.
    pub firing: &'a [Fingerprint],
    /// The alerts that it was told are resolved, ascending.
    pub resolved: &'a [Fingerprint],
    /// When.
    pub at: Time,
}

impl<'a> From<&'a LogEntry> for Told<'a> {
    fn from(entry: &'a LogEntry) -> Self {
        Self { firing: &entry.firing, resolved: &entry.resolved, at: entry.at }
    }
}

/// What to do at a flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Tell it; without `send_resolved` the resolved alerts are left out of the message.
    Send(Reason),
    /// Send nothing, but write the notification log as if it had been sent.
    LogOnly(Reason),
    /// Nothing.
    Nothing,
}

/// Decides. `firing` and `resolved` are the alerts of the group that are not muted, ascending; `repeat_interval` and
/// `send_resolved` are the route's and the integration's.
pub fn decide(
    told: Option<Told<'_>>,
    firing: &[Fingerprint],
    resolved: &[Fingerprint],
    repeat_interval: Duration,
    send_resolved: bool,
    now: Time,
) -> Decision {
    let reason = match told {
        None => (!firing.is_empty()).then_some(Reason::FirstNotification),
        Some(told) => news(told, firing, resolved, repeat_interval, send_resolved, now),
    };
    match reason {
        Some(reason) if firing.is_empty() && !send_resolved => Decision::LogOnly(reason),
        Some(reason) => Decision::Send(reason),
        None => Decision::Nothing,
    }
}

/// Whether all of `part` is in `whole`; both ascending.
pub fn is_subset(part: &[Fingerprint], whole: &[Fingerprint]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|wanted| rest.find(|found| *found >= wanted) == Some(wanted))
}

fn news(
    told: Told<'_>,
    firing: &[Fingerprint],
    resolved: &[Fingerprint],
    repeat_interval: Duration,
    send_resolved: bool,
    now: Time,
) -> Option<Reason> {
    if !is_subset(firing, told.firing) {
        return Some(if told.firing.is_empty() { Reason::FirstNotification } else { Reason::NewAlerts });
    }
    if firing.is_empty() {
        // Told even to those who want no resolved alerts: the log must know that nothing fires any more.
        return (!told.firing.is_empty()).then_some(Reason::AllResolved);
    }
    if send_resolved && !is_subset(resolved, told.resolved) {
        return Some(Reason::SomeResolved);
    }
    (told.at < now.minus(repeat_interval)).then_some(Reason::Repeat)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const NOW: Time = Time::from_secs(1_700_000_000);

    fn alerts(numbers: &[u64]) -> Vec<Fingerprint> {
        numbers.iter().copied().map(Fingerprint).collect()
    }

    /// What was told: firing, resolved, minutes ago.
    type Entry<'a> = Option<(&'a [u64], &'a [u64], u32)>;

    fn check(entry: Entry<'_>, firing: &[u64], resolved: &[u64], repeat: u32, send_resolved: bool, expected: Decision) {
        let entry = entry.map(|(firing, resolved, age)| (alerts(firing), alerts(resolved), NOW.minus(MINUTE * age)));
        let told = entry.as_ref().map(|(firing, resolved, at)| Told { firing, resolved, at: *at });
        let found = decide(told, &alerts(firing), &alerts(resolved), MINUTE * repeat, send_resolved, NOW);
        assert_eq!(found, expected, "{entry:?} {firing:?} {resolved:?}");
    }

    /// The unit cases of `notify/dedup_stage_test.go`.
    #[test]
    fn decides_as_alertmanager_does() {
        use Decision::{LogOnly, Nothing, Send};
        const EPOCH: u32 = 28_000_000;
        check(None, &[2, 3, 4], &[], 0, false, Send(Reason::FirstNotification));
        check(None, &[], &[2, 3, 4], 0, false, Nothing);
        check(Some((&[1, 2, 3], &[], 0)), &[2, 3, 4], &[], 0, false, Send(Reason::NewAlerts));
        check(Some((&[1, 2, 3], &[], EPOCH)), &[1, 2, 3], &[], 0, false, Send(Reason::Repeat));
        check(Some((&[1, 2, 3], &[], 9)), &[1, 2, 3], &[], 10, false, Nothing);
        check(Some((&[1, 2, 3], &[], 11)), &[1, 2, 3], &[], 10, false, Send(Reason::Repeat));
        check(Some((&[], &[1, 2, 3], 11)), &[], &[3, 4, 5], 10, true, Nothing);
        check(Some((&[1, 2], &[3], 9)), &[1], &[2, 3], 10, false, Nothing);
        check(Some((&[1, 2], &[3], 9)), &[1], &[2, 3], 10, true, Send(Reason::SomeResolved));
        check(Some((&[1, 2], &[3], 9)), &[], &[1, 2, 3], 10, false, LogOnly(Reason::AllResolved));
        check(Some((&[1, 2], &[3], 9)), &[], &[1, 2, 3], 10, true, Send(Reason::AllResolved));
    }

    #[test]
    fn decides_what_the_unit_cases_leave_open() {
        use Decision::{Nothing, Send};
        // Nothing was firing at the last message: the next fire is a first one.
        check(Some((&[], &[1], 1)), &[1], &[], 10, true, Send(Reason::FirstNotification));
        // Silenced since: the firing set shrinks, nobody is told.
        check(Some((&[1, 2], &[], 1)), &[1], &[], 10, true, Nothing);
        // Exactly the interval has not elapsed yet.
        check(Some((&[1], &[], 10)), &[1], &[], 10, true, Nothing);
        check(None, &[1], &[2], 10, false, Send(Reason::FirstNotification));
    }

    fn some_alerts() -> impl Strategy<Value = Vec<Fingerprint>> {
        prop::collection::btree_set(0u64..8, 0..6).prop_map(|set| set.into_iter().map(Fingerprint).collect())
    }

    proptest! {
        #[test]
        fn subsets_are_subsets(part in some_alerts(), whole in some_alerts()) {
            let (a, b): (BTreeSet<_>, BTreeSet<_>) = (part.iter().collect(), whole.iter().collect());
            prop_assert_eq!(is_subset(&part, &whole), a.is_subset(&b));
        }

        #[test]
        fn telling_twice_at_once_tells_once(
            told_firing in some_alerts(), told_resolved in some_alerts(), age in 0u32..100,
            firing in some_alerts(), resolved in some_alerts(), send_resolved: bool,
        ) {
            let repeat = MINUTE * 10;
            let told = Told { firing: &told_firing, resolved: &told_resolved, at: NOW.minus(MINUTE * age) };
            let first = decide(Some(told), &firing, &resolved, repeat, send_resolved, NOW);
            if first != Decision::Nothing {
                let told = Told { firing: &firing, resolved: &resolved, at: NOW };
                prop_assert_eq!(decide(Some(told), &firing, &resolved, repeat, send_resolved, NOW), Decision::Nothing);
            }
        }

        #[test]
        fn a_new_firing_alert_is_always_told(
            told_firing in some_alerts(), firing in some_alerts(), resolved in some_alerts(), send_resolved: bool,
        ) {
            let told = Told { firing: &told_firing, resolved: &[], at: NOW };
            let decision = decide(Some(told), &firing, &resolved, MINUTE, send_resolved, NOW);
            if !is_subset(&firing, &told_firing) {
                prop_assert!(matches!(decision, Decision::Send(Reason::NewAlerts | Reason::FirstNotification)));
            }
        }

        #[test]
        fn nothing_without_firing_alerts_is_sent_to_those_who_want_no_resolved_ones(
            told_firing in some_alerts(), resolved in some_alerts(),
        ) {
            let told = Told { firing: &told_firing, resolved: &[], at: NOW };
            let decision = decide(Some(told), &[], &resolved, MINUTE, false, NOW);
            prop_assert!(!matches!(decision, Decision::Send(_)));
        }
    }
}
