//! Alertmanager's flags that have nothing to set here: nobody's service must fail to start because of them.
//!
//! Deliberately unknown here: what they set there, except that a value follows each.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

/// They tune the cluster, which there is not, Go's memory, and work that is done here at its own pace; the last is Debian's.
const IDLE: [&str; 19] = [
    "cluster.advertise-address",
    "cluster.peer-timeout",
    "cluster.peers-resolve-timeout",
    "cluster.gossip-interval",
    "cluster.pushpull-interval",
    "cluster.tcp-timeout",
    "cluster.probe-timeout",
    "cluster.probe-interval",
    "cluster.settle-timeout",
    "cluster.reconnect-interval",
    "cluster.reconnect-timeout",
    "cluster.peer-name",
    "cluster.label",
    "cluster.tls-config",
    "auto-gomemlimit.ratio",
    "data.maintenance-interval",
    "alerts.gc-interval",
    "dispatch.maintenance-interval",
    "web.ui-path",
];

/// Which were given.
#[derive(Clone, Debug, Default)]
pub(super) struct IdleFlags(Vec<&'static str>);

impl IdleFlags {
    pub(super) fn any(&self) -> bool {
        !self.0.is_empty()
    }

    pub(super) fn given(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }
}

impl FromArgMatches for IdleFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |name: &&str| matches.value_source(name) == Some(clap::parser::ValueSource::CommandLine);
        Ok(Self(IDLE.iter().copied().filter(given).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for IdleFlags {
    fn augment_args(command: Command) -> Command {
        command.args(IDLE.map(|name| Arg::new(name).long(name).hide(true).action(ArgAction::Append)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}
