//! The port of time.

use std::time::Duration;

use crate::time::Time;

/// Wall clock and monotonic clock. In production the system's; in tests both derive from tokio's paused instant.
pub trait Clock: Send + Sync {
    /// The wall clock.
    fn now(&self) -> Time;

    /// Time since some fixed moment, which never steps: for measuring and for noticing that the wall clock stepped.
    fn monotonic(&self) -> Duration;
}
