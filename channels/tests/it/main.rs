//! The channels against servers of the tests' own on loopback: exact requests, failures, limits, secrets.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops at what it did not expect")]

mod alertmanager;
mod configuration;
mod conformance;
mod email;
mod golden;
mod http_options;
mod http_server;
mod inbox;
mod incidentio;
mod messages;
mod msteams;
mod msteamsv2;
mod opsgenie;
mod pagerduty;
mod proxy_server;
mod pushover;
mod sensugo;
mod setup;
mod slack;
mod slack_hook;
mod smtp_server;
mod table;
mod threema;
mod victorops;
mod webhook;
