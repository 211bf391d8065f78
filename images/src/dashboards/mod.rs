//! A Grafana source's dashboards, drawn here: read, their variables filled in, their queries asked, the answers composed to panels.
//!
//! Deliberately unknown here: which panel belongs to an alert, and how a figure is drawn.

pub(crate) mod model;
mod fields;
mod frames;
