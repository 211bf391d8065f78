//! A clock that moves with tokio's, paused or not.

use std::time::Duration;

use alerts::{Time, ports::Clock};
use parking_lot::Mutex;
use tokio::time::Instant;

/// Begins at a fixed time and follows tokio's instant; can be stepped.
pub struct VirtualClock {
    start: Mutex<Time>,
    began: Instant,
}

impl VirtualClock {
    /// The time at which timelines begin: T = 0.
    pub const ZERO: Time = Time::from_secs(1_700_000_000);

    /// A clock that shows [`Self::ZERO`] now.
    pub fn new() -> Self {
        Self { start: Mutex::new(Self::ZERO), began: Instant::now() }
    }

    /// Moves the wall clock, but not the monotonic one.
    pub fn step(&self, forward: Duration) {
        let mut start = self.start.lock();
        *start = start.plus(forward);
    }
}

impl Default for VirtualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Time {
        self.start.lock().plus(self.began.elapsed())
    }

    fn monotonic(&self) -> Duration {
        self.began.elapsed()
    }
}
