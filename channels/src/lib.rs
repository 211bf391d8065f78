//! The outlets: one file (or folder) per integration, and the sending that they share.
//!
//! A new integration is a module with a `Config` that implements [`Integration`], one line in the list below, and its
//! golden files. Deliberately unknown here: actors, configuration files, other channels, where a picture was made.

pub mod alertmanager;
pub mod attachments;
mod builder;
pub mod config;
pub mod dingding;
pub mod discord;
pub mod email;
pub mod googlechat;
pub mod inbox;
pub mod incidentio;
pub mod jira;
pub mod kafka;
mod key;
pub mod line;
pub mod mattermost;
pub mod msteams;
pub mod msteamsv2;
pub mod opsgenie;
pub mod pagerduty;
mod payload;
pub mod pushover;
mod registry;
pub mod rocketchat;
pub mod sending;
pub mod sensugo;
pub mod slack;
pub mod sns;
pub mod telegram;
pub mod threema;
pub mod victorops;
pub mod webex;
pub mod webhook;
pub mod wechat;

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
    mattermost_configs: mattermost,
    rocketchat_configs: rocketchat,
    webex_configs: webex,
    telegram_configs: telegram,
    line_configs: line,
    kafka_configs: kafka,
    jira_configs: jira,
    sns_configs: sns,
    wechat_configs: wechat,
    dingding_configs: dingding,
    discord_configs: discord,
    googlechat_configs: googlechat,
    pagerduty_configs: pagerduty,
    opsgenie_configs: opsgenie,
    victorops_configs: victorops,
    incidentio_configs: incidentio,
    alertmanager_configs: alertmanager,
    sensugo_configs: sensugo,
}
