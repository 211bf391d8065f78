//! The crate against a fake Prometheus on loopback, its stores, and its pictures.

#[cfg(feature = "chromium")]
mod chromium;
mod dashboards;
mod demo;
mod fake;
mod golden;
mod kin;
#[cfg(feature = "chromium")]
mod leaks;
mod loki;
mod own;
mod prometheus;
mod renderers;
mod stores;
mod storm;
mod tls;
mod victoria;
mod world;
