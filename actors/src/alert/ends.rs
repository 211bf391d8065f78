//! When alerts end: many ends, of which few are near.
//!
//! Ends that lie further ahead are thrown together by the second and put in order only when that second comes: a tree of all of
//! them would be the costliest thing that is done for a new alert. Deliberately unknown here: whether an end still holds.

use std::collections::{BTreeMap, BTreeSet};

use alerts::{Fingerprint, Time};

/// Ends of alerts. An end that was put in twice comes out once.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// The seconds that have come, in order.
    near: BTreeSet<(Time, Fingerprint)>,
    /// The others, by their second.
    far: BTreeMap<i64, Vec<(Time, Fingerprint)>>,
    /// The first second that may be far.
    horizon: Option<i64>,
}

impl Ends {
    /// An alert will end.
    pub(super) fn insert(&mut self, end: Time, fingerprint: Fingerprint) {
        let second = end.as_secs();
        if self.horizon.is_some_and(|horizon| second < horizon) {
            self.near.insert((end, fingerprint));
        } else {
            self.far.entry(second).or_default().push((end, fingerprint));
        }
    }

    /// Takes out the earliest end that has come by `now`.
    pub(super) fn pop_due(&mut self, now: Time) -> Option<Fingerprint> {
        while let Some(second) = self.far.first_entry().filter(|second| *second.key() <= now.as_secs()) {
            self.horizon = Some(second.key() + 1);
            self.near.extend(second.remove());
        }
        self.near.first().filter(|(end, _)| *end <= now)?;
        self.near.pop_first().map(|(_, fingerprint)| fingerprint)
    }

    /// When to look again: at an end, or at the beginning of a second with ends.
    pub(super) fn next_look(&self) -> Option<Time> {
        let near = self.near.first().map(|(end, _)| *end);
        let far = self.far.first_key_value().map(|(second, _)| Time::from_secs(*second));
        near.into_iter().chain(far).min()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn drain(ends: &mut Ends, now: Time) -> Vec<u64> {
        std::iter::from_fn(|| ends.pop_due(now)).map(|fingerprint| fingerprint.0).collect()
    }

    #[test]
    fn they_come_in_order_and_not_before_their_time() {
        let mut ends = Ends::default();
        for (millis, fingerprint) in [(2_700, 1), (2_100, 2), (900, 3), (9_000, 4), (2_100, 2)] {
            ends.insert(Time::from_millis(millis), Fingerprint(fingerprint));
        }
        assert_eq!(ends.next_look(), Some(Time::from_millis(0)));
        assert_eq!(drain(&mut ends, Time::from_millis(899)), [0; 0]);
        assert_eq!(ends.next_look(), Some(Time::from_millis(900)));
        assert_eq!(drain(&mut ends, Time::from_millis(2_100)), [3, 2]);
        assert_eq!(ends.next_look(), Some(Time::from_millis(2_700)));
        // into a second that has come
        ends.insert(Time::from_millis(2_500), Fingerprint(5));
        assert_eq!(drain(&mut ends, Time::from_millis(8_999)), [5, 1]);
        assert_eq!(ends.next_look(), Some(Time::from_secs(9)));
        assert_eq!(drain(&mut ends, Time::MAX), [4]);
        assert_eq!(ends.next_look(), None);
    }

    proptest! {
        /// As a plain ordered set has them, whatever comes in between.
        #[test]
        fn as_an_ordered_set(steps in prop::collection::vec((0i64..10_000, 0u64..20, any::<bool>()), 0..200)) {
            let (mut ends, mut plain) = (Ends::default(), BTreeSet::new());
            for (millis, fingerprint, look) in steps {
                let at = Time::from_millis(millis);
                if look {
                    let due: Vec<u64> = plain.iter().filter(|(end, _)| *end <= at).map(|(_, of)| *of).collect();
                    plain.retain(|(end, _)| *end > at);
                    prop_assert_eq!(drain(&mut ends, at), due);
                    let earliest = plain.first().map(|(end, _): &(Time, u64)| *end);
                    prop_assert!(ends.next_look() <= earliest, "it is looked again in time");
                    prop_assert_eq!(ends.next_look().is_none(), earliest.is_none());
                } else {
                    ends.insert(at, Fingerprint(fingerprint));
                    plain.insert((at, fingerprint));
                }
            }
        }
    }
}
