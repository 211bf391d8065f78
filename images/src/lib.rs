//! Pictures: where series come from, which panel belongs to an alert, how it is drawn and where the file is kept.
//!
//! Implements the ports [`alerts::ports::Renderer`] ([`Renderers`]) and [`alerts::ports::ImageStore`] ([`store::Stores`]).
//! It deliberately does not know what a notification is: it gets a capture and a time budget, and answers with bytes or
//! a reason.

mod answers;
mod build;
mod cached;
pub mod choose;
mod connection;
pub mod content;
mod dashboards;
pub mod demo;
mod error;
pub mod expression;
mod grafana;
mod http;
mod job;
pub mod label_text;
mod links;
mod loki;
mod native;
pub mod own;
mod panel;
mod panels;
mod prometheus;
mod renderers;
mod rule_list;
pub mod rules;
pub mod series;
pub mod settings;
mod source;
pub mod store;
pub mod unit;
pub mod window;

pub use build::{build, native};
pub use dashboards::{probe_grafana, probe_panel};
pub use native::Native;
pub use panels::PanelConfig;
pub use renderers::{Renderers, Unwatched, Watch};
pub use settings::{ChromiumConfig, RenderingConfig, ScreenshotsConfig, Sections, SourceConfig, SourceKind};
pub use source::Samples;
