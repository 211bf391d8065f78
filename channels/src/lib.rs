//! The outlets: one file (or folder) per integration, and the sending that they share.
//!
//! A new integration is a module with a `Config` that implements [`Integration`], one line in the list below, and its
//! golden files. Deliberately unknown here: actors, configuration files, other channels, where a picture was made.

pub mod alertmanager;
mod builder;
pub mod config;
mod custom;
pub mod email;
pub mod inbox;
pub mod incidentio;
mod key;
pub mod msteams;
pub mod msteamsv2;
pub mod opsgenie;
pub mod pagerduty;
mod payload;
pub mod pushover;
mod registry;
pub mod sending;
pub mod sensugo;
pub mod slack;
pub mod threema;
pub mod victorops;
pub mod webhook;

pub use builder::{BuildContext, BuildError, Builder};
pub use config::Globals;
pub use registry::{Built, Integration};

// The list: the key in the configuration, and the module that it leads to.
registry::integrations! {
    inbox_configs: inbox,
    webhook_configs: webhook,
    email_configs: email,
    slack_configs: slack,
    msteams_configs: msteams,
    msteamsv2_configs: msteamsv2,
    pushover_configs: pushover,
    threema_configs: threema,
    pagerduty_configs: pagerduty,
    opsgenie_configs: opsgenie,
    victorops_configs: victorops,
    incidentio_configs: incidentio,
    alertmanager_configs: alertmanager,
    sensugo_configs: sensugo,
}
