//! The same alert received again: Alertmanager's rule of what becomes of its start and its end
//! (`provider/mem/mem.go` Put, `alert/alert.go` Merge).
//!
//! Deliberately unknown here: labels and annotations. Those of the alert that was received later win, whole.

use crate::{record::AlertRecord, table::Sighting, time::Time};

/// When an alert begins and ends, and when it was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// See [`crate::Alert::starts_at`].
    pub starts_at: Time,
    /// See [`crate::Alert::ends_at`].
    pub ends_at: Time,
    /// See [`crate::Alert::ends_by_timeout`].
    pub ends_by_timeout: bool,
    /// See [`crate::Alert::updated_at`].
    pub updated_at: Time,
}

impl From<&AlertRecord> for Span {
    fn from(stored: &AlertRecord) -> Self {
        let AlertRecord { starts_at, ends_at, ends_by_timeout, updated_at, .. } = *stored;
        Self { starts_at, ends_at, ends_by_timeout, updated_at }
    }
}

impl From<&Sighting> for Span {
    fn from(seen: &Sighting) -> Self {
        let Sighting { starts_at, ends_at, ends_by_timeout, received, .. } = *seen;
        Self { starts_at, ends_at, ends_by_timeout, updated_at: received }
    }
}

impl Span {
    /// What the table holds after `incoming` came for an alert that it held as `stored`: the merge of both if their
    /// intervals overlap strictly, else `incoming` alone.
    pub fn received(stored: Span, incoming: Span, now: Time) -> Span {
        if incoming.overlaps(stored) { stored.merge(incoming, now) } else { incoming }
    }

    /// Whether an end of `self` lies inside of `other`. Not symmetric: an interval that encloses `other` does not overlap it.
    pub fn overlaps(self, other: Span) -> bool {
        let inside = |time: Time| other.starts_at < time && time < other.ends_at;
        inside(self.ends_at) || inside(self.starts_at)
    }

    /// The merge of two spans of one alert, in whatever order.
    pub fn merge(self, other: Span, now: Time) -> Span {
        let (older, newer) = if other.updated_at < self.updated_at { (other, self) } else { (self, other) };
        Span { starts_at: older.starts_at.min(newer.starts_at), ends_at: merged_end(older, newer, now), ..newer }
    }
}

fn merged_end(older: Span, newer: Span, now: Time) -> Time {
    let (older_resolved, newer_resolved) = (older.ends_at <= now, newer.ends_at <= now);
    let older_counts = if newer_resolved { older_resolved } else { !older.ends_by_timeout };
    if older_counts { newer.ends_at.max(older.ends_at) } else { newer.ends_at }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Minutes relative to now, and whether the end is a guess.
    type Row = (i64, i64, bool);

    fn span((start, end, ends_by_timeout): Row, updated: i64) -> Span {
        let at = |minutes: i64| Time::from_secs(1_000_000 + 60 * minutes);
        Span { starts_at: at(start), ends_at: at(end), ends_by_timeout, updated_at: at(updated) }
    }

    fn check(older: Row, newer: Row, expected: Row) {
        let (older, newer, expected) = (span(older, -1), span(newer, 0), span(expected, 0));
        let now = Time::from_secs(1_000_000);
        assert_eq!(older.merge(newer, now), expected);
        assert_eq!(newer.merge(older, now), expected, "symmetric");
    }

    /// The truth table of Alertmanager's `alert/alert_test.go`.
    #[test]
    fn merges_as_alertmanager_does() {
        check((-2, 2, true), (-1, 3, true), (-2, 3, true));
        check((-1, 3, true), (0, 2, false), (-1, 2, false));
        check((-1, 3, false), (0, 2, true), (-1, 3, true));
        check((-1, 3, false), (0, 2, false), (-1, 3, false));
        check((-1, 3, false), (-1, 4, false), (-1, 4, false));
        check((-3, -1, false), (-2, 1, false), (-3, 1, false));
        check((-2, 3, false), (-2, 0, false), (-2, 0, false));
        check((-3, -1, false), (-4, -2, false), (-4, -1, false));
    }

    #[test]
    fn what_does_not_overlap_replaces() {
        let now = Time::from_secs(1_000_000);
        let check = |stored: Row, incoming: Row| {
            let incoming = span(incoming, 0);
            assert_eq!(Span::received(span(stored, -1), incoming, now), incoming);
        };
        check((-3, 2, false), (-3, 4, false)); // same start, later end
        check((-3, 2, false), (-4, 4, false)); // encloses
        check((-3, -1, false), (-1, 4, false)); // starts where the stored one ends: fires again
        check((-3, -2, false), (-1, 4, false)); // apart
    }

    fn any_row() -> impl Strategy<Value = Row> {
        (-4i64..4, 0i64..6, any::<bool>()).prop_map(|(start, length, timeout)| (start, start + length, timeout))
    }

    proptest! {
        #[test]
        fn merging_is_symmetric_and_starts_with_the_first(a in any_row(), b in any_row()) {
            let (older, newer, now) = (span(a, -1), span(b, 0), Time::from_secs(1_000_000));
            let merged = older.merge(newer, now);
            prop_assert_eq!(merged, newer.merge(older, now));
            prop_assert_eq!(merged.starts_at, older.starts_at.min(newer.starts_at));
            prop_assert!(merged.ends_at == older.ends_at || merged.ends_at == newer.ends_at);
            prop_assert_eq!((merged.updated_at, merged.ends_by_timeout), (newer.updated_at, newer.ends_by_timeout));
            // Whether it fires is what the newer one says.
            prop_assert_eq!(merged.ends_at > now, newer.ends_at > now);
        }
    }
}
