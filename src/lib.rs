//! The server: HTTP, pages, command line, configuration, database, wiring. The only place that composes.

pub mod cli;
pub mod config;
pub mod database;
pub mod http;
pub mod listening;
mod multipart;
pub mod pages;
pub mod serve;
pub mod takeover;
pub mod telemetry;
pub mod trial;
pub mod web_config;
