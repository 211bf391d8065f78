//! What the black-box tests are made of: the server as a process, its peers, and patience.
//!
//! Everything binds to loopback on a free port and ends with the value that stands for it, also when a test fails.
//! Deliberately unknown here: the server's insides; it is met through its command line, its ports and its files.

pub mod alerts;
pub mod book;
pub mod browser;
pub mod client;
pub mod http_server;
pub mod mail;
pub mod moto;
pub mod peers;
pub mod picture;
pub mod process;
pub mod prometheus;
pub mod server;
pub mod slack;
pub mod source;
pub mod telegram;
pub mod webhook;

use std::time::{Duration, Instant};

/// How long anything may take that must happen. Far more than it takes: a busy machine is no failure.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `look` finds something; `what` is said when it never does.
pub fn wait_for<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    wait_within(PATIENCE, what, look)
}

/// Waits until `look` finds something, for a test that needs more patience than others.
pub fn wait_within<T>(patience: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < patience, "waited {patience:?} in vain for {what}");
        pause(Duration::from_millis(50));
    }
}

/// Sleeps. Only for time that must pass; for what must happen there is [`wait_for`].
pub fn pause(time: Duration) {
    std::thread::sleep(time);
}
