//! Notices that the wall clock stepped (NTP, a suspended machine), so that timers are armed anew.

use std::{sync::Arc, time::Duration};

use alerts::ports::Clock;

const EVERY: Duration = Duration::from_secs(1);
/// A step of more than this counts.
const STEP: i64 = 1_000_000_000;

/// Watches for as long as the system runs.
pub(crate) fn watch_clock(clock: Arc<dyn Clock>, stepped: impl Fn() + 'static) {
    actix::spawn(async move {
        let mut offset = offset_of(&*clock);
        loop {
            tokio::time::sleep(EVERY).await;
            let now = offset_of(&*clock);
            if (now - offset).abs() > STEP {
                tracing::warn!(seconds = (now - offset) as f64 / 1e9, "the clock stepped; timers are armed anew");
                stepped();
            }
            offset = now;
        }
    });
}

/// Nanoseconds between the wall clock and the monotonic one.
fn offset_of(clock: &dyn Clock) -> i64 {
    let monotonic = i64::try_from(clock.monotonic().as_nanos()).unwrap_or(i64::MAX);
    clock.now().as_nanos().saturating_sub(monotonic)
}
