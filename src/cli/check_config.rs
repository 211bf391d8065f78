//! `wirephoto check-config`: everything that is wrong with a configuration, or what is in it.
//!
//! Deliberately unknown here: how it is checked.

use std::fmt::Write as _;

use super::{Console, Exit, Variables, arguments::CheckConfigArguments, objected, probe, told};
use crate::config::{self, Manner, problem::Problems, settings::Settings};

pub(super) fn run(arguments: &CheckConfigArguments, environment: Variables, console: &mut Console<'_>) -> Exit {
    if let Some(exit) = objected(arguments.features.objections(), console) {
        return exit;
    }
    let file = arguments.file.as_deref();
    let settings = match told(load(arguments, environment), console) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    for warning in &settings.warnings {
        console.complain(format!("warning: {warning}"));
    }
    let name = file.map_or_else(|| "the built-in configuration".to_owned(), |file| file.display().to_string());
    console.say(format!("{name} is right"));
    console.say(summary(&settings).trim_end());
    if arguments.probe { probe::run(&settings, console) } else { Exit::Success }
}

fn load(arguments: &CheckConfigArguments, environment: Variables) -> Result<Settings, Problems> {
    let manner = Manner { syntax: arguments.features.syntax(), ..Manner::default() };
    let mut settings = match &arguments.file {
        Some(file) => config::load(file, manner, &environment),
        None => config::load_default(manner, &environment),
    }?;
    if let Some(file) = &arguments.web_config_file {
        settings.warnings.extend(config::load_web_file(file)?.1);
    }
    Ok(settings)
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
