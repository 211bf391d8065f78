//! Alertmanager's flags without a value. As with its parser, `--no-` before the name switches off, and the last one counts.
//!
//! Deliberately unknown here: what the switches do.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

const LOG_SILENCES: &str = "log.silences";
const STANDALONE: &str = "cluster.standalone";
const SYSTEMD_SOCKET: &str = "web.systemd-socket";
const ADVERTISE: &str = "cluster.allow-insecure-public-advertise-address-discovery";

/// The names, each with its opposite and a line of help; those without one are not in the help.
const SWITCHES: [(&str, &str, &str); 4] = [
    (LOG_SILENCES, "no-log.silences", "Logs which alerts silences keep from being told"),
    (STANDALONE, "no-cluster.standalone", "Runs alone, whatever --cluster.peer says"),
    (SYSTEMD_SOCKET, "no-web.systemd-socket", ""),
    (ADVERTISE, "no-cluster.allow-insecure-public-advertise-address-discovery", ""),
];

/// Which are given, and whether they are on.
#[derive(Clone, Debug, Default)]
pub(super) struct Switches(Vec<(&'static str, bool)>);

impl Switches {
    pub(super) fn any(&self) -> bool {
        !self.0.is_empty()
    }

    pub(super) fn log_silences(&self) -> bool {
        self.is_on(LOG_SILENCES)
    }

    pub(super) fn standalone(&self) -> bool {
        self.is_on(STANDALONE)
    }

    pub(super) fn objections(&self) -> Vec<String> {
        let why = "sockets are not taken from systemd in this version: let the unit give --web.listen-address";
        self.is_on(SYSTEMD_SOCKET).then(|| format!("--{SYSTEMD_SOCKET}: {why}")).into_iter().collect()
    }

    /// Those that are on and set nothing.
    pub(super) fn idle(&self) -> impl Iterator<Item = &'static str> {
        self.is_on(ADVERTISE).then_some(ADVERTISE).into_iter()
    }

    fn is_on(&self, name: &str) -> bool {
        self.0.contains(&(name, true))
    }
}

impl FromArgMatches for Switches {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |name: &str| matches.value_source(name) == Some(clap::parser::ValueSource::CommandLine);
        let state = |&(name, opposite, _): &(&'static str, &str, &str)| match (given(name), given(opposite)) {
            (true, _) => Some((name, true)),
            (_, true) => Some((name, false)),
            _ => None,
        };
        Ok(Self(SWITCHES.iter().filter_map(state).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Switches {
    fn augment_args(command: Command) -> Command {
        command.args(SWITCHES.iter().flat_map(|(name, opposite, help)| {
            let switch = |name: &'static str, other: &'static str| {
                Arg::new(name).long(name).action(ArgAction::SetTrue).overrides_with_all([name, other])
            };
            [switch(name, opposite).help(*help).hide(help.is_empty()), switch(opposite, name).hide(true)]
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}
