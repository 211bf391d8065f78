//! Alertmanager's command line flags: what they set here, and what is said to those that set nothing.
//!
//! Deliberately unknown here: the configuration file.

use std::{path::PathBuf, time::Duration};

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, ValueEnum};

use crate::config::settings::{ExternalUrl, Level, ListenAddress, LogFormat, RoutePrefix, Settings};

/// Alertmanager's flags.
#[derive(Debug, Args)]
#[command(next_help_heading = "Alertmanager's flags")]
pub(super) struct AlertmanagerFlags {
    /// The configuration as Alertmanager's: YAML unless it ends in .toml; then the default is to listen on :9093
    #[arg(long = "config.file", value_name = "FILE", conflicts_with = "config")]
    pub(super) config_file: Option<PathBuf>,
    /// Where the data lies
    #[arg(long = "storage.path", value_name = "DIR", conflicts_with = "data_dir")]
    storage_path: Option<PathBuf>,
    /// Where to listen; once
    #[arg(long = "web.listen-address", value_name = "HOST:PORT", conflicts_with = "listen")]
    listen_addresses: Vec<ListenAddress>,
    /// Where people and vendors reach this server: links begin with it
    #[arg(long = "web.external-url", value_name = "URL")]
    external_url: Option<ExternalUrl>,
    /// The path that everything is served under; without it, the path of --web.external-url
    #[arg(long = "web.route-prefix", value_name = "PATH")]
    route_prefix: Option<RoutePrefix>,
    /// How long the history of deliveries is kept
    #[arg(long = "data.retention", value_name = "DURATION", value_parser = alerts::duration::parse)]
    data_retention: Option<Duration>,
    /// What is logged
    #[arg(long = "log.level", value_enum)]
    log_level: Option<LogLevel>,
    /// How a line of the log looks
    #[arg(long = "log.format", value_enum)]
    log_format: Option<LogLines>,
    /// Refused without --cluster.standalone: there is no cluster, replicas will share a database
    #[arg(long = "cluster.peer", value_name = "HOST:PORT")]
    cluster_peers: Vec<String>,
    /// Runs alone, whatever --cluster.peer says
    #[arg(long = "cluster.standalone")]
    cluster_standalone: bool,
    #[command(flatten)]
    idle: IdleFlags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogLevel {
    Debug,
    Info,
    Warn,
    Error,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogLines {
    Logfmt,
    Json,
}

impl AlertmanagerFlags {
    /// What stands in the way of a start, all of it.
    pub(super) fn objections(&self) -> Vec<String> {
        let mut objections: Vec<String> = self.idle.refused().map(|(name, why)| format!("--{name}: {why}")).collect();
        if self.listen_addresses.len() > 1 {
            objections.push(
                "--web.listen-address: is there more than once, but this version listens on one address: for all of the \
                 machine write \":9093\""
                    .to_owned(),
            );
        }
        if !self.cluster_peers.is_empty() && !self.cluster_standalone {
            objections.push(
                "--cluster.peer: there is no cluster of wirephotos: in a later version replicas will share a database; with \
                 --cluster.standalone this one runs alone, and tells everything that its peers tell too"
                    .to_owned(),
            );
        }
        objections
    }

    /// Sets what the flags say, and warns of those that have no effect.
    pub(super) fn apply(&self, settings: &mut Settings) {
        fn set<T: Clone>(target: &mut T, given: Option<&T>) {
            if let Some(value) = given {
                target.clone_from(value);
            }
        }
        let server = &mut settings.server;
        set(&mut server.listen, self.listen_addresses.first());
        set(&mut server.data_dir, self.storage_path.as_ref());
        set(&mut server.external_url, self.external_url.clone().map(Some).as_ref());
        set(&mut server.route_prefix, self.route_prefix.clone().map(Some).as_ref());
        set(&mut settings.history_retention, self.data_retention.map(Some).as_ref());
        set(&mut settings.log.level, self.log_level.map(Level::from).as_ref());
        set(&mut settings.log.format, self.log_format.map(LogFormat::from).as_ref());
        let idle = self.idle.ignored().map(|name| format!("--{name}: is ignored, it has nothing to set here"));
        settings.warnings.extend(idle);
        if !self.cluster_peers.is_empty() {
            settings.warnings.push("--cluster.peer: is ignored, this server runs alone".to_owned());
        }
    }
}

impl From<LogLevel> for Level {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Debug => Level::Debug,
            LogLevel::Info => Level::Info,
            LogLevel::Warn => Level::Warn,
            LogLevel::Error => Level::Error,
        }
    }
}

impl From<LogLines> for LogFormat {
    fn from(lines: LogLines) -> Self {
        match lines {
            LogLines::Logfmt => LogFormat::Text,
            LogLines::Json => LogFormat::Json,
        }
    }
}

/// What becomes of a flag that sets nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Everybody has it in their unit file, and it says nothing: accepted silently.
    Accepted,
    /// Accepted with a warning.
    Ignored,
    /// Whoever gives it relies on it: the start is refused, for this reason.
    Refused(&'static str),
}

const YET: &str = "not available in this version: leave it out";
const UNBOUNDED: &str = "there is no such limit in this version: leave it out";
const OWN_PACE: &str = "is not configurable here, the server does this at its own pace: leave it out";

/// Alertmanager's flags that set nothing here: the name, whether a value follows, what becomes of it.
const IDLE: [(&str, bool, Fate); 31] = [
    ("cluster.listen-address", true, Fate::Accepted),
    ("cluster.advertise-address", true, Fate::Ignored),
    ("cluster.peer-timeout", true, Fate::Ignored),
    ("cluster.peers-resolve-timeout", true, Fate::Ignored),
    ("cluster.gossip-interval", true, Fate::Ignored),
    ("cluster.pushpull-interval", true, Fate::Ignored),
    ("cluster.tcp-timeout", true, Fate::Ignored),
    ("cluster.probe-timeout", true, Fate::Ignored),
    ("cluster.probe-interval", true, Fate::Ignored),
    ("cluster.settle-timeout", true, Fate::Ignored),
    ("cluster.reconnect-interval", true, Fate::Ignored),
    ("cluster.reconnect-timeout", true, Fate::Ignored),
    ("cluster.peer-name", true, Fate::Ignored),
    ("cluster.label", true, Fate::Ignored),
    ("cluster.tls-config", true, Fate::Ignored),
    ("cluster.allow-insecure-public-advertise-address-discovery", false, Fate::Ignored),
    ("auto-gomemlimit.ratio", true, Fate::Ignored),
    ("log.silences", false, Fate::Refused(YET)),
    ("web.config.file", true, Fate::Refused(YET)),
    ("web.get-concurrency", true, Fate::Refused("write server.limits.get_concurrency into the configuration")),
    ("web.timeout", true, Fate::Refused("write server.limits.request_timeout into the configuration")),
    ("web.systemd-socket", false, Fate::Refused(YET)),
    ("enable-feature", true, Fate::Refused(YET)),
    ("dispatch.start-delay", true, Fate::Refused(YET)),
    ("dispatch.maintenance-interval", true, Fate::Refused(OWN_PACE)),
    ("data.maintenance-interval", true, Fate::Refused(OWN_PACE)),
    ("alerts.gc-interval", true, Fate::Refused(OWN_PACE)),
    ("alerts.per-alertname-limit", true, Fate::Refused(UNBOUNDED)),
    ("silences.max-silences", true, Fate::Refused(UNBOUNDED)),
    ("silences.max-silence-size-bytes", true, Fate::Refused(UNBOUNDED)),
    ("silences.max-per-silence-bytes", true, Fate::Refused(UNBOUNDED)),
];

/// Which of [`IDLE`] were given.
#[derive(Debug, Default)]
struct IdleFlags(Vec<(&'static str, Fate)>);

impl IdleFlags {
    fn ignored(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().filter(|(_, fate)| *fate == Fate::Ignored).map(|(name, _)| *name)
    }

    fn refused(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.0.iter().filter_map(|(name, fate)| match fate {
            Fate::Refused(why) => Some((*name, *why)),
            _ => None,
        })
    }
}

impl FromArgMatches for IdleFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |name| matches.value_source(name) == Some(clap::parser::ValueSource::CommandLine);
        Ok(Self(IDLE.iter().filter(|(name, ..)| given(name)).map(|(name, _, fate)| (*name, *fate)).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for IdleFlags {
    fn augment_args(command: Command) -> Command {
        command.args(IDLE.map(|(name, valued, _)| {
            let action = if valued { ArgAction::Append } else { ArgAction::SetTrue };
            Arg::new(name).long(name).hide(true).action(action)
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}
