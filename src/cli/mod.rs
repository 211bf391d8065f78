//! The command line: reads the arguments, does what they say, tells how it went by an exit code.
//!
//! Deliberately unknown here: how the server runs; `main` hands that in.

mod alertmanager;
mod arguments;
mod check_config;
mod demo;
mod loader;
mod probe;
mod prune;
mod render;
mod trial;
mod values;
mod webhook;

use std::{ffi::OsString, io::Write};

use clap::Parser;

use crate::{
    config::{problem::Problems, settings::Settings},
    listening::Listening,
};
use arguments::{Arguments, Command, ServeArguments};
pub use loader::{Loader, Variables};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It did what it was to do.
    Success = 0,
    /// It could not.
    Failure = 1,
    /// The arguments or the configuration are wrong: nothing was begun.
    Usage = 2,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Runs the server until it is told to stop. `main` implements it; tests have one of their own.
pub trait Serve {
    /// Runs the server; calls `ready` once it can be reached. `loader` loads the settings again, if they came from a command
    /// line. The error is for people: what failed and what to do.
    ///
    /// # Errors
    /// When it cannot start, or ends for another reason than being told to.
    fn serve(
        &self,
        settings: Settings,
        loader: Option<Loader>,
        ready: &mut dyn FnMut(&Listening),
    ) -> Result<(), String>;
}

/// Where a command writes: results to `out`, everything else to `err`.
pub struct Console<'a> {
    /// Standard output.
    pub out: &'a mut dyn Write,
    /// Standard error.
    pub err: &'a mut dyn Write,
}

impl Console<'_> {
    /// A line of the result. That nobody reads it any more (a closed pipe) is no failure.
    fn say(&mut self, line: impl AsRef<str>) {
        let _ = writeln!(self.out, "{}", line.as_ref());
        let _ = self.out.flush();
    }

    /// A line about what went wrong.
    fn complain(&mut self, line: impl AsRef<str>) {
        let _ = writeln!(self.err, "{}", line.as_ref());
    }
}

/// Does what the arguments say (the first is the program's name).
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    environment: Variables,
    serve: &dyn Serve,
    console: &mut Console<'_>,
) -> Exit {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error, console),
    };
    match arguments.command.unwrap_or_else(|| Command::Serve(Box::new(arguments.serve))) {
        Command::Serve(arguments) => run_server(*arguments, environment, serve, console),
        Command::CheckConfig(arguments) => check_config::run(&arguments, environment, console),
        Command::Prune(arguments) => prune::run(&arguments, environment, console),
        Command::Render(arguments) => render::run(&arguments, console),
        Command::Demo(arguments) => demo::run(arguments, serve, console),
        Command::Preview(arguments) => trial::preview(&arguments, environment, console),
        Command::TestReceiver(arguments) => trial::test(&arguments, environment, console),
        Command::WebhookTest(arguments) => webhook::run(&arguments, environment, console),
    }
}

/// `--help` and `--version` come as errors too; they are for standard output and end well.
fn usage(error: &clap::Error, console: &mut Console<'_>) -> Exit {
    let text = error.render();
    if error.use_stderr() {
        let _ = write!(console.err, "{text}");
        return Exit::Usage;
    }
    let _ = write!(console.out, "{text}");
    Exit::Success
}

fn run_server(arguments: ServeArguments, environment: Variables, serve: &dyn Serve, console: &mut Console<'_>) -> Exit {
    if let Some(exit) = objected(arguments.alertmanager.objections(), console) {
        return exit;
    }
    let idle: Vec<String> = arguments.alertmanager.idle().collect();
    let loader = Loader::new(arguments, environment);
    let settings = match told(loader.load(), console) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    crate::telemetry::init(&settings.log, environment("RUST_LOG").as_deref());
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    for flag in idle {
        tracing::debug!("{flag}");
    }
    ended(serve.serve(settings, Some(loader), &mut |_| {}), console)
}

/// What stands in the way of a start goes to standard error.
fn objected(objections: Vec<String>, console: &mut Console<'_>) -> Option<Exit> {
    objections.iter().for_each(|objection| console.complain(format!("wirephoto: {objection}")));
    (!objections.is_empty()).then_some(Exit::Usage)
}

fn ended(outcome: Result<(), String>, console: &mut Console<'_>) -> Exit {
    match outcome {
        Ok(()) => Exit::Success,
        Err(why) => {
            console.complain(format!("wirephoto: {why}"));
            Exit::Failure
        }
    }
}

/// Everything that is wrong goes to standard error.
fn told(loaded: Result<Settings, Problems>, console: &mut Console<'_>) -> Result<Settings, Exit> {
    loaded.map_err(|problems| {
        console.complain(problems.to_string());
        let count = problems.len();
        console
            .complain(format!("wirephoto: {count} problem{} in the configuration", if count == 1 { "" } else { "s" }));
        Exit::Usage
    })
}

#[cfg(test)]
mod tests;
