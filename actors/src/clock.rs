//! The system's clock: the one file that reads it.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use alerts::{Time, ports::Clock};

/// The system's wall clock and monotonic clock.
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time begins now.
    #[expect(clippy::disallowed_methods, reason = "this is the port's implementation")]
    #[expect(clippy::new_without_default, reason = "it reads the clock: a default that differs each time surprises")]
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port's implementation")]
    fn now(&self) -> Time {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Time::from_nanos(i64::try_from(since_1970.as_nanos()).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}
