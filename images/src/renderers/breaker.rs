//! Leaves alone what failed several times in a row: the storm behind a dead source or renderer costs nothing.
//!
//! Deliberately unknown here: what is behind it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use alerts::ports::{RenderError, RenderErrorKind};
use tokio::time::Instant;

use super::Watch;
use crate::error::source;

/// Failures in a row that open it.
const FAILURES: u32 = 5;
/// How long it stays open at first; doubling each time its probe fails.
const FIRST: Duration = Duration::from_secs(15);
const LONGEST: Duration = Duration::from_secs(300);

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It works.
    Works,
    /// It is down, slow, or answers rubbish.
    Fails,
    /// Nothing was learnt: the panel is not for it, or nobody waited.
    Unknown,
}

impl Outcome {
    pub(crate) fn of<T>(result: &Result<T, RenderError>) -> Self {
        match result.as_ref().map_err(|error| error.kind) {
            Ok(_) | Err(RenderErrorKind::NotFound | RenderErrorKind::Content) => Outcome::Works,
            Err(RenderErrorKind::Source | RenderErrorKind::Timeout) => Outcome::Fails,
            Err(RenderErrorKind::Unsupported | RenderErrorKind::Drawing) => Outcome::Unknown,
        }
    }
}

/// The breaker of one source or renderer.
pub(crate) struct Breaker {
    name: String,
    state: Mutex<State>,
    watch: Arc<dyn Watch>,
}

#[derive(Default)]
struct State {
    failures: u32,
    open: Option<Open>,
}

struct Open {
    until: Instant,
    pause: Duration,
    /// One attempt is under way that says whether it works again.
    probing: bool,
}

/// An attempt that was let through. Dropped without a word, nothing was learnt.
pub(crate) struct Permit<'a> {
    breaker: &'a Breaker,
    left: bool,
}

impl Breaker {
    pub(crate) fn new(name: impl Into<String>, watch: Arc<dyn Watch>) -> Self {
        let name = name.into();
        watch.breaker(&name, false);
        Self { name, state: Mutex::default(), watch }
    }

    /// Lets an attempt through, unless it is open.
    ///
    /// # Errors
    /// At once, when it is open: until when.
    pub(crate) fn enter(&self) -> Result<Permit<'_>, RenderError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = state.failures;
        if let Some(open) = &mut state.open {
            let left = open.until.saturating_duration_since(Instant::now());
            if open.probing || !left.is_zero() {
                let when = if open.probing {
                    "it is being tried again".to_owned()
                } else {
                    format!("it is tried again in {} s", left.as_secs() + 1)
                };
                return Err(source(format!("{} failed {failures} times in a row; {when}", self.name)));
            }
            open.probing = true;
        }
        Ok(Permit { breaker: self, left: false })
    }

    fn note(&self, outcome: Outcome) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Outcome::Works => {
                if state.open.is_some() {
                    tracing::info!(name = self.name, "works again");
                    self.watch.breaker(&self.name, false);
                }
                *state = State::default();
            }
            Outcome::Fails => {
                state.failures = state.failures.saturating_add(1);
                let before = state.open.as_ref().map(|open| open.pause);
                if state.failures >= FAILURES {
                    let pause = before.map_or(FIRST, |pause| (pause * 2).min(LONGEST));
                    state.open = Some(Open { until: Instant::now() + pause, pause, probing: false });
                }
                if before.is_none() && state.open.is_some() {
                    tracing::warn!(
                        name = self.name,
                        failures = state.failures,
                        "failed again and again: it is left alone for a while"
                    );
                    self.watch.breaker(&self.name, true);
                }
            }
            Outcome::Unknown => {
                if let Some(open) = &mut state.open {
                    open.probing = false;
                }
            }
        }
    }
}

impl Permit<'_> {
    /// The attempt ended so.
    pub(crate) fn leave(mut self, outcome: Outcome) {
        self.left = true;
        self.breaker.note(outcome);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.left {
            self.breaker.note(Outcome::Unknown);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::renderers::Unwatched;

    fn fail(breaker: &Breaker) {
        breaker.enter().expect("it is closed").leave(Outcome::Fails);
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_after_failures_in_a_row_and_is_probed_by_one() {
        let breaker = Breaker::new("prom", Arc::new(Unwatched));
        for _ in 0..FAILURES - 1 {
            fail(&breaker);
        }
        breaker.enter().expect("closed").leave(Outcome::Works);
        for _ in 0..FAILURES {
            fail(&breaker);
        }
        let words = breaker.enter().err().expect("open").detail;
        assert!(words.contains("prom failed 5 times in a row; it is tried again in 1"), "{words}");
        tokio::time::advance(FIRST).await;
        let probe = breaker.enter().expect("a probe");
        assert!(breaker.enter().is_err(), "one probe at a time");
        probe.leave(Outcome::Fails);
        tokio::time::advance(FIRST).await;
        assert!(breaker.enter().is_err(), "twice as long now");
        tokio::time::advance(FIRST).await;
        breaker.enter().expect("another probe").leave(Outcome::Works);
        fail(&breaker);
        breaker.enter().expect("it counts anew").leave(Outcome::Works);
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_nobody_waits_for_makes_way_for_the_next() {
        let breaker = Breaker::new("prom", Arc::new(Unwatched));
        (0..FAILURES).for_each(|_| fail(&breaker));
        tokio::time::advance(FIRST).await;
        drop(breaker.enter().expect("a probe"));
        breaker.enter().expect("another probe").leave(Outcome::Works);
    }
}
