//! The crate against a fake Prometheus on loopback, its stores, and its pictures.

#[cfg(feature = "chromium")]
mod chromium;
mod demo;
mod fake;
mod golden;
mod own;
mod prometheus;
mod renderers;
mod stores;
mod storm;
mod world;
