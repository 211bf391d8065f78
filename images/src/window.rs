//! Which stretch of time a picture shows, in which steps, and what is marked in it.
//!
//! Deliberately unknown here: series, pixels, what time it is.

use std::time::Duration;

use alerts::{Time, ports::Capture};
use charts::{Mark, MarkKind};

/// The longest window. Longer episodes show their latest part: sources rarely keep more, and ranges are charged by length.
pub const LONGEST: Duration = Duration::from_secs(31 * 86_400);
/// The most steps of a window; with the steps below there are at least 200.
const MAX_POINTS: u64 = 500;
/// The steps to choose from, in seconds: those that people read off an axis.
const STEPS: [u64; 17] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200];

/// A stretch of time and its steps: points lie at `to`, `to - step`, and so on back to `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first point.
    pub from: Time,
    /// The last point.
    pub to: Time,
    /// The distance between points, in whole seconds.
    pub step: Duration,
}

/// What happened to the alerts, as far as the picture tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Episode {
    /// When the condition became true.
    pub began: Time,
    /// When the alert fired.
    pub fired: Time,
    /// When it was over.
    pub resolved: Option<Time>,
}

impl Episode {
    /// The episode of a capture whose rule waits for `hold` (its `for`). Senders of Prometheus's kind set `startsAt` to the
    /// time at which the wait was over.
    pub fn new(capture: &Capture, hold: Duration) -> Self {
        let fired = capture.starts_at.min(capture.at);
        let resolved = capture.resolved_at.map(|resolved| resolved.clamp(fired, capture.at.max(fired)));
        Self { began: fired.minus(hold), fired, resolved }
    }

    /// Began, firing and resolved as marks. An alert that fires at once has only the last two.
    pub fn marks(&self) -> Vec<Mark> {
        let mark = |at: Time, kind| Mark { at_ms: at.as_millis(), kind, label: String::new() };
        let began = (self.began < self.fired).then(|| mark(self.began, MarkKind::Began));
        let resolved = self.resolved.map(|at| mark(at, MarkKind::Resolved));
        began.into_iter().chain([mark(self.fired, MarkKind::Firing)]).chain(resolved).collect()
    }
}

impl Window {
    /// The window that ends at the transition: the longer of `shortest` and twice the time since the alert began, at
    /// most [`LONGEST`].
    pub fn of(at: Time, began: Time, shortest: Duration) -> Self {
        Self::ending(at, at.since(began).saturating_mul(2).max(shortest))
    }

    /// A window of at least this length. Its grid hangs on its end, so that the very last point is the moment that
    /// the picture is about; it ends on the next whole second.
    pub fn ending(at: Time, length: Duration) -> Self {
        let length = length.clamp(Duration::from_secs(60), LONGEST).as_secs();
        let fitting = STEPS.into_iter().find(|step| length.div_ceil(*step) <= MAX_POINTS);
        let step = fitting.unwrap_or_else(|| length.div_ceil(MAX_POINTS));
        let to = at.round_up(Duration::from_secs(1));
        Self { from: to.minus(Duration::from_secs(length.div_ceil(step) * step)), to, step: Duration::from_secs(step) }
    }

    /// How many points a series without gaps has.
    pub fn points(&self) -> u64 {
        self.to.since(self.from).as_secs() / self.step.as_secs().max(1) + 1
    }

    /// The distance between points in milliseconds.
    pub fn step_millis(&self) -> i64 {
        i64::try_from(self.step.as_millis()).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use alerts::{LabelSet, Status, picture::Subject};
    use proptest::prelude::*;

    use super::*;

    const AT: i64 = 1_700_000_000;

    fn check(since_began: u64, shortest: u64, length: u64, step: u64) {
        let at = Time::from_secs(AT);
        let window = Window::of(at, at.minus(Duration::from_secs(since_began)), Duration::from_secs(shortest));
        assert_eq!((window.to, window.to.since(window.from).as_secs(), window.step.as_secs()), (at, length, step));
    }

    #[test]
    fn the_longer_of_an_hour_and_twice_the_time_since_it_began() {
        check(0, 3_600, 3_600, 10);
        check(1_800, 3_600, 3_600, 10);
        check(3_600, 3_600, 7_200, 15);
        check(12 * 3_600, 3_600, 86_400, 300);
        check(3 * 86_400, 3_600, 6 * 86_400, 1_800);
        check(400 * 86_400, 3_600, 31 * 86_400, 7_200);
        check(0, 300, 300, 1);
        check(0, 0, 60, 1);
    }

    #[test]
    fn a_window_ends_on_a_whole_second() {
        let window = Window::ending(Time::from_millis(AT * 1000 + 1), Duration::from_secs(3_600));
        assert_eq!(window.to, Time::from_secs(AT + 1));
    }

    fn episode(starts_at: i64, resolved_at: Option<i64>, hold: u64) -> Vec<(i64, MarkKind)> {
        let capture = Capture {
            subject: Subject { source: String::new(), panel: String::new(), variables: String::new() },
            transition: Status::Firing,
            at: Time::from_secs(AT),
            starts_at: Time::from_secs(starts_at),
            fired_at: Time::from_secs(starts_at + 3),
            resolved_at: resolved_at.map(Time::from_secs),
            labels: LabelSet::new(),
            annotations: LabelSet::new(),
            generator_url: String::new(),
            alerts: 1,
        };
        let marks = Episode::new(&capture, Duration::from_secs(hold)).marks();
        marks.iter().map(|mark| (mark.at_ms / 1000 - AT, mark.kind)).collect()
    }

    #[test]
    fn began_firing_and_resolved_are_marked() {
        use MarkKind::{Began, Firing, Resolved};
        assert_eq!(episode(AT - 60, None, 300), [(-360, Began), (-60, Firing)]);
        assert_eq!(episode(AT - 60, None, 0), [(-60, Firing)]);
        assert_eq!(episode(AT - 600, Some(AT - 5), 0), [(-600, Firing), (-5, Resolved)]);
        // clocks that disagree: nothing is marked later than the end
        assert_eq!(episode(AT + 60, Some(AT + 70), 60), [(-60, Began), (0, Firing), (0, Resolved)]);
    }

    proptest! {
        #[test]
        fn every_window_has_a_drawable_number_of_points(since in 0_u64..u64::MAX / 4, shortest in 0_u64..10_000_000) {
            let at = Time::from_secs(AT);
            let window = Window::of(at, at.minus(Duration::from_secs(since)), Duration::from_secs(shortest));
            prop_assert!((60..=MAX_POINTS + 1).contains(&window.points()), "{:?}", window);
            prop_assert!(window.to == at && window.from < at);
        }
    }
}
