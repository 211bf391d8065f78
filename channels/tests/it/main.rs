//! The channels against servers of the tests' own on loopback: exact requests, failures, limits, secrets.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops at what it did not expect")]

mod configuration;
mod conformance;
mod dingding;
mod discord;
mod email;
mod golden;
mod googlechat;
mod http_options;
mod http_server;
mod inbox;
mod jira;
mod kafka;
mod kafka_broker;
mod line;
mod mattermost;
mod messages;
mod msteams;
mod msteamsv2;
mod multipart;
mod proxy_server;
mod pushover;
mod rocketchat;
mod setup;
mod slack;
mod slack_follow;
mod slack_hook;
mod smtp_server;
mod sns;
mod table;
mod telegram;
mod telegram_follow_ups;
mod threema;
mod webex;
mod webhook;
mod wechat;
