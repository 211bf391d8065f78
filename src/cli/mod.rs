//! The command line: reads the arguments, does what they say, tells how it went by an exit code.
//!
//! Deliberately unknown here: how the server runs; `main` hands that in.

mod alertmanager;
mod arguments;
mod check_config;
mod demo;
mod render;
mod values;

use std::{ffi::OsString, io::Write, path::Path};

use clap::Parser;

use crate::{
    config::{self, problem::Problems, settings::Settings},
    listening::Listening,
};
use arguments::{Arguments, Command, ServeArguments};

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
    /// Runs the server; calls `ready` once it can be reached. The error is for people: what failed and what to do.
    ///
    /// # Errors
    /// When it cannot start, or ends for another reason than being told to.
    fn serve(&self, settings: Settings, ready: &mut dyn FnMut(&Listening)) -> Result<(), String>;
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
    environment: config::Environment<'_>,
    serve: &dyn Serve,
    console: &mut Console<'_>,
) -> Exit {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error, console),
    };
    match arguments.command.unwrap_or_else(|| Command::Serve(Box::new(arguments.serve))) {
        Command::Serve(arguments) => run_server(&arguments, environment, serve, console),
        Command::CheckConfig(arguments) => check_config::run(arguments.file.as_deref(), environment, console),
        Command::Render(arguments) => render::run(&arguments, console),
        Command::Demo(arguments) => demo::run(arguments, serve, console),
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

fn run_server(
    arguments: &ServeArguments,
    environment: config::Environment<'_>,
    serve: &dyn Serve,
    console: &mut Console<'_>,
) -> Exit {
    let flags = &arguments.alertmanager;
    let objections = flags.objections();
    if !objections.is_empty() {
        objections.iter().for_each(|objection| console.complain(format!("wirephoto: {objection}")));
        return Exit::Usage;
    }
    let loaded = match &flags.config_file {
        Some(file) => told(config::load_as_alertmanager(file, environment), console),
        None => load(arguments.config.as_deref(), environment, console),
    };
    let mut settings = match loaded {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    flags.apply(&mut settings);
    if let Some(listen) = &arguments.listen {
        settings.server.listen = listen.clone();
    }
    if let Some(folder) = &arguments.data_dir {
        settings.server.data_dir.clone_from(folder);
    }
    crate::telemetry::init(&settings.log, environment("RUST_LOG").as_deref());
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    ended(serve.serve(settings, &mut |_| {}), console)
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

/// The settings of a file, or of the compiled-in default.
fn load(
    file: Option<&Path>,
    environment: config::Environment<'_>,
    console: &mut Console<'_>,
) -> Result<Settings, Exit> {
    let loaded = match file {
        Some(file) => config::load(file, environment),
        None => config::load_default(environment),
    };
    told(loaded, console)
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
