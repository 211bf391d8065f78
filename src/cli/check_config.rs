//! `wirephoto check-config`: everything that is wrong with a configuration, or what is in it.
//!
//! Deliberately unknown here: how it is checked.

use std::{fmt::Write as _, path::Path};

use super::{Console, Exit, load};
use crate::config::{self, settings::Settings};

pub(super) fn run(file: Option<&Path>, environment: config::Environment<'_>, console: &mut Console<'_>) -> Exit {
    let settings = match load(file, environment, console) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    for warning in &settings.warnings {
        console.complain(format!("warning: {warning}"));
    }
    let name = file.map_or_else(|| "the built-in configuration".to_owned(), |file| file.display().to_string());
    console.say(format!("{name} is right"));
    console.say(summary(&settings).trim_end());
    Exit::Success
}

/// One line per section.
fn summary(settings: &Settings) -> String {
    let mut lines = String::new();
    let mut line = |what: &str, items: Vec<String>| {
        let _ = match items.as_slice() {
            [] => writeln!(lines, "  {what:<15} none"),
            items => writeln!(lines, "  {what:<15} {}: {}", items.len(), items.join(", ")),
        };
    };
    line("receivers", settings.receivers.iter().map(receiver).collect());
    line("routes", settings.route.iter().map(|route| format!("{} to {}", route.key, route.receiver)).collect());
    line("sources", settings.sources.iter().map(|source| source.name.clone()).collect());
    line("template files", settings.template_files.iter().map(|file| file.display().to_string()).collect());
    line("inhibit rules", settings.inhibit_rules.iter().enumerate().map(|(at, _)| format!("#{}", at + 1)).collect());
    line("time intervals", settings.time_intervals.names().map(str::to_owned).collect());
    lines.push_str("  every template was tried on a sample message\n");
    lines
}

fn receiver(receiver: &channels::Receiver) -> String {
    let kinds: Vec<&str> = receiver.integrations().into_iter().map(|(_, kind, _, _)| kind).collect();
    format!("{} ({})", receiver.name, if kinds.is_empty() { "nothing".to_owned() } else { kinds.join(", ") })
}
