//! The server's tests from outside, in one binary: its database, its pages, and the whole program against real peers.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test stops at what it did not expect, waits in real time, and says what it saw"
)]

mod acceptance;
mod alert_pages;
mod amtool;
mod database;
mod documents;
mod errors;
mod inbox;
mod notification_pages;
mod pages;
mod picture_links;
mod scenarios;
mod silence_pages;
mod store_conformance;
mod support;
mod takeover;
mod trial_pages;
