//! What was fetched, for a while: one request for all who wait, and failures are remembered too.
//!
//! Deliberately unknown here: what is fetched.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex as ShortMutex, PoisonError},
    time::Duration,
};

use alerts::ports::{Clock, RenderError};
use tokio::sync::Mutex;

/// How long an answer is good for unless it is said: a dashboard that was changed is seen a minute later.
const FRESH: Duration = Duration::from_secs(60);
/// How long a failure is remembered, so that a storm does not wait for it again and again.
const FAILED: Duration = Duration::from_secs(10);
/// The most answers that are kept: a storm of alerts is about fewer dashboards than that.
const MOST: usize = 64;

/// One answer.
pub(crate) struct Cached<T> {
    good_for: Duration,
    /// The lock is held while the answer is fetched.
    last: Mutex<Option<Answer<T>>>,
}

struct Answer<T> {
    at: Duration,
    result: Result<Arc<T>, RenderError>,
}

impl<T> Answer<T> {
    fn is_fresh(&self, good_for: Duration, now: Duration) -> bool {
        now.saturating_sub(self.at) < if self.result.is_ok() { good_for } else { FAILED }
    }
}

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self::lasting(FRESH)
    }
}

impl<T> Cached<T> {
    /// Answers are good for so long.
    pub(crate) fn lasting(good_for: Duration) -> Self {
        Self { good_for, last: Mutex::new(None) }
    }

    /// The answer as it was last fetched, or as it is fetched now.
    pub(crate) async fn get<F>(&self, clock: &dyn Clock, fetch: impl FnOnce() -> F) -> Result<Arc<T>, RenderError>
    where
        F: Future<Output = Result<T, RenderError>>,
    {
        let mut last = self.last.lock().await;
        if let Some(answer) = last.as_ref().filter(|answer| answer.is_fresh(self.good_for, clock.monotonic())) {
            return answer.result.clone();
        }
        let result = fetch().await.map(Arc::new);
        *last = Some(Answer { at: clock.monotonic(), result: result.clone() });
        result
    }

    fn stale(&self, now: Duration) -> bool {
        self.last.try_lock().is_ok_and(|last| !last.as_ref().is_some_and(|answer| answer.is_fresh(self.good_for, now)))
    }
}

/// Answers by their names.
pub(crate) struct Shelf<T> {
    answers: ShortMutex<HashMap<String, Arc<Cached<T>>>>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { answers: ShortMutex::new(HashMap::new()) }
    }
}

impl<T> Shelf<T> {
    /// The place of one answer.
    pub(crate) fn at(&self, name: &str, clock: &dyn Clock) -> Arc<Cached<T>> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = answers.get(name) {
            return Arc::clone(found);
        }
        if answers.len() >= MOST {
            let now = clock.monotonic();
            answers.retain(|_, answer| Arc::strong_count(answer) > 1 || !answer.stale(now));
        }
        if answers.len() >= MOST {
            answers.clear();
        }
        Arc::clone(answers.entry(name.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use alerts::Time;

    use super::*;
    use crate::error::source;

    struct TestClock(tokio::time::Instant);

    impl Clock for TestClock {
        fn now(&self) -> Time {
            Time::from_secs(0)
        }

        fn monotonic(&self) -> Duration {
            self.0.elapsed()
        }
    }

    async fn check(good: bool, after: Duration, requests: u32) {
        let clock = TestClock(tokio::time::Instant::now());
        let (cached, count) = (Cached::default(), AtomicU32::new(0));
        let fetch = || async {
            let number = count.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(100)).await;
            if good { Ok(number) } else { Err(source("down")) }
        };
        let many = async { tokio::join!(cached.get(&clock, fetch), cached.get(&clock, fetch)) };
        let (one, other) = many.await;
        assert_eq!((one.is_ok(), other.is_ok()), (good, good));
        tokio::time::sleep(after).await;
        let _ = cached.get(&clock, fetch).await;
        assert_eq!(count.load(Ordering::SeqCst), requests);
    }

    #[tokio::test(start_paused = true)]
    async fn many_wait_for_one_request_and_failures_are_forgotten_sooner() {
        check(true, Duration::from_secs(59), 1).await;
        check(true, Duration::from_secs(60), 2).await;
        check(false, Duration::from_secs(9), 1).await;
        check(false, Duration::from_secs(10), 2).await;
    }

    #[test]
    fn the_shelf_does_not_grow_without_end() {
        let clock = TestClock(tokio::time::Instant::now());
        let shelf = Shelf::<u32>::default();
        for number in 0..1_000 {
            shelf.at(&number.to_string(), &clock);
        }
        let kept = shelf.answers.lock().expect("no test panics with it").len();
        assert!((1..=MOST).contains(&kept), "{kept}");
    }
}
