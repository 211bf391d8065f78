//! Configuration as a whole: bad files and what they say, the example against the code, secrets, hostile input.

mod bad_files;
mod example;
mod golden;
mod hostile;
mod matchers;
mod restart;
mod round_trip;
mod secrets;
mod sections;
mod shown;
mod web_files;
mod webhooks;
mod yaml;

use std::path::Path;

use super::{from_text, problem::Problems, settings::Settings};

/// TLS needs its provider once per process.
pub(super) fn with_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

fn read(text: &str) -> Result<Settings, Problems> {
    read_as("c.toml", text)
}

fn read_as(name: &str, text: &str) -> Result<Settings, Problems> {
    with_tls();
    from_text(name, text, Path::new("/nowhere"), &|name| (name == "SET").then(|| "from-the-environment".to_owned()))
}
