//! The channels against servers of the tests' own on loopback: exact requests, failures, limits, secrets.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops at what it did not expect")]

mod configuration;
mod conformance;
mod email;
mod golden;
mod http_server;
mod inbox;
mod messages;
mod setup;
mod slack;
mod smtp_server;
mod webhook;
