//! Mattermost: an incoming webhook, as Alertmanager has it, or a bot of ours, which uploads pictures and follows up.
//!
//! Deliberately unknown here: Slack, of which Mattermost took over the attachments (`crate::attachments`).

mod answers;
mod bot;
mod build;
mod config;
mod hook;
mod post;
mod texts;

pub use config::{AttachmentConfig, Config, Priority, Props};
