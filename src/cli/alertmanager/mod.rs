//! Alertmanager's command line flags: what they set here, and what is said to those that set nothing.
//!
//! Deliberately unknown here: the configuration file.

mod features;
mod idle;
mod switches;

use std::{path::PathBuf, time::Duration};

use alerts::matcher::Syntax;
use clap::{
    Args, ValueEnum,
    builder::{OsStringValueParser, TypedValueParser},
};

pub(super) use self::features::FeatureFlags;
use self::{idle::IdleFlags, switches::Switches};
use super::values::go_duration;
use crate::{
    config::{
        self,
        problem::Problems,
        settings::{ExternalUrl, Level, ListenAddress, LogFormat, RoutePrefix, Settings},
    },
    web_config::{Auth, TlsServer},
};

/// Where Alertmanager listens, unless it is told otherwise.
pub(super) const DEFAULT_LISTEN: &str = ":9093";
/// Alertmanager's default for `--config.file`.
pub(super) const DEFAULT_FILE: &str = "alertmanager.yml";

/// Alertmanager's flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Alertmanager's flags (with any of them, the default is to listen on :9093)")]
pub(super) struct AlertmanagerFlags {
    /// The configuration as Alertmanager's: YAML unless it ends in .toml. Without it and --config: alertmanager.yml
    #[arg(long = "config.file", value_name = "FILE", conflicts_with = "config")]
    pub(super) config_file: Option<PathBuf>,
    /// Where the data lies
    #[arg(long = "storage.path", value_name = "DIR", conflicts_with = "data_dir")]
    storage_path: Option<PathBuf>,
    /// Where to listen; may be repeated
    #[arg(long = "web.listen-address", value_name = "HOST:PORT", conflicts_with = "listen")]
    listen_addresses: Vec<ListenAddress>,
    /// Where people and vendors reach this server: links begin with it
    #[arg(long = "web.external-url", value_name = "URL")]
    external_url: Option<ExternalUrl>,
    /// The path that everything is served under; without it, the path of --web.external-url
    #[arg(long = "web.route-prefix", value_name = "PATH")]
    route_prefix: Option<RoutePrefix>,
    /// TLS, users and headers: the file that all Prometheus's servers have
    #[arg(long = "web.config.file", value_name = "FILE", value_parser = OsStringValueParser::new().map(PathBuf::from))]
    web_config_file: Option<PathBuf>,
    /// Requests that read at the same time; 0: what the configuration says
    #[arg(long = "web.get-concurrency", value_name = "COUNT", allow_hyphen_values = true)]
    get_concurrency: Option<i64>,
    /// How long an answer may take to begin; 0: as long as it takes
    #[arg(long = "web.timeout", value_name = "DURATION", value_parser = go_duration)]
    timeout: Option<Duration>,
    /// How long the history of deliveries is kept
    #[arg(long = "data.retention", value_name = "DURATION", value_parser = go_duration)]
    data_retention: Option<Duration>,
    /// How long groups wait after a start before they tell anything
    #[arg(long = "dispatch.start-delay", value_name = "DURATION", value_parser = go_duration)]
    start_delay: Option<Duration>,
    /// The most silences, expired ones included; 0: no limit
    #[arg(long = "silences.max-silences", value_name = "COUNT", allow_hyphen_values = true)]
    max_silences: Option<i64>,
    /// The largest silence; 0: no limit
    #[arg(
        long = "silences.max-silence-size-bytes",
        alias = "silences.max-per-silence-bytes",
        value_name = "BYTES",
        allow_hyphen_values = true
    )]
    max_silence_size: Option<i64>,
    /// Refused unless it is 0: there is no such limit
    #[arg(long = "alerts.per-alertname-limit", value_name = "COUNT", allow_hyphen_values = true)]
    per_alertname_limit: Option<i64>,
    /// What is logged
    #[arg(long = "log.level", value_enum, ignore_case = true)]
    log_level: Option<LogLevel>,
    /// How a line of the log looks
    #[arg(long = "log.format", value_enum)]
    log_format: Option<LogLines>,
    #[command(flatten)]
    features: FeatureFlags,
    /// Refused without --cluster.standalone: there is no cluster, replicas will share a database
    #[arg(long = "cluster.peer", value_name = "HOST:PORT")]
    cluster_peers: Vec<String>,
    /// Where a cluster would be: a peer of this address is this server itself
    #[arg(long = "cluster.listen-address", value_name = "HOST:PORT", hide = true)]
    cluster_listen_address: Vec<String>,
    #[command(flatten)]
    switches: Switches,
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
    /// Whether any was given: then this server stands in Alertmanager's place.
    pub(super) fn any(&self) -> bool {
        let paths = [&self.config_file, &self.storage_path, &self.web_config_file];
        let lists = !self.listen_addresses.is_empty()
            || !self.cluster_peers.is_empty()
            || !self.cluster_listen_address.is_empty();
        let durations = [self.timeout, self.data_retention, self.start_delay];
        let counts = [self.get_concurrency, self.max_silences, self.max_silence_size, self.per_alertname_limit];
        paths.iter().any(|path| path.is_some())
            || lists
            || durations.iter().any(Option::is_some)
            || counts.iter().any(Option::is_some)
            || self.external_url.is_some()
            || self.route_prefix.is_some()
            || self.log_level.is_some()
            || self.log_format.is_some()
            || self.features.any()
            || self.switches.any()
            || self.idle.any()
    }

    /// What stands in the way of a start, all of it.
    pub(super) fn objections(&self) -> Vec<String> {
        let mut objections = self.switches.objections();
        objections.extend(self.features.objections());
        if self.per_alertname_limit.is_some_and(|limit| limit > 0) {
            objections.push(
                "--alerts.per-alertname-limit: there is no such limit: no alert is dropped here, the bodies of requests are bounded \
                 by server.limits instead; leave it out"
                    .to_owned(),
            );
        }
        if self.others().next().is_some() && !self.switches.standalone() {
            objections.push(
                "--cluster.peer: there is no cluster of wirephotos: in a later version replicas will share a database; with \
                 --cluster.standalone this one runs alone, and tells everything that its peers tell too"
                    .to_owned(),
            );
        }
        objections
    }

    /// Peers that are not this server: some start scripts name it among them.
    fn others(&self) -> impl Iterator<Item = &String> {
        self.cluster_peers.iter().filter(|peer| !self.cluster_listen_address.contains(peer))
    }

    /// How matchers are read.
    pub(super) fn syntax(&self) -> Syntax {
        self.features.syntax()
    }

    /// Flags that were given and set nothing, each with what becomes of it.
    pub(super) fn idle(&self) -> impl Iterator<Item = String> {
        self.idle.given().chain(self.switches.idle()).map(|name| format!("--{name}: has nothing to set here"))
    }

    /// Sets what the flags say.
    ///
    /// # Errors
    /// Everything that is wrong with the file of `--web.config.file`.
    pub(super) fn apply(&self, settings: &mut Settings) -> Result<(), Problems> {
        fn set<T: Clone>(target: &mut T, given: Option<&T>) {
            if let Some(value) = given {
                target.clone_from(value);
            }
        }
        let server = &mut settings.server;
        set(&mut server.listens, Some(&self.listen_addresses).filter(|addresses| !addresses.is_empty()));
        set(&mut server.data_dir, self.storage_path.as_ref());
        set(&mut server.external_url, self.external_url.clone().map(Some).as_ref());
        set(&mut server.route_prefix, self.route_prefix.clone().map(Some).as_ref());
        set(&mut server.limits.get_concurrency, self.get_concurrency.and_then(positive).as_ref());
        set(
            &mut server.limits.answer_timeout,
            self.timeout.map(|timeout| Some(timeout).filter(|timeout| !timeout.is_zero())).as_ref(),
        );
        set(&mut settings.history_retention, self.data_retention.map(Some).as_ref());
        set(&mut settings.dispatch_start_delay, self.start_delay.as_ref());
        set(
            &mut settings.silence_limits.max_silences,
            self.max_silences.map(|limit| positive(limit).unwrap_or(0)).as_ref(),
        );
        set(
            &mut settings.silence_limits.max_size,
            self.max_silence_size.map(|limit| positive(limit).unwrap_or(0)).as_ref(),
        );
        set(&mut settings.log.level, self.log_level.map(Level::from).as_ref());
        set(&mut settings.log.format, self.log_format.map(LogFormat::from).as_ref());
        settings.features = self.features.features();
        settings.log_silences = self.switches.log_silences();
        settings.warnings.extend(self.features.warnings());
        if self.others().next().is_some() {
            settings.warnings.push("--cluster.peer: is ignored, this server runs alone".to_owned());
        }
        self.apply_web_file(settings)
    }

    /// The file counts as a whole: what it does not say is not taken from the configuration.
    fn apply_web_file(&self, settings: &mut Settings) -> Result<(), Problems> {
        let Some(file) = self.web_config_file.as_deref().filter(|file| !file.as_os_str().is_empty()) else {
            return Ok(());
        };
        let (web, warnings) = config::load_web_file(file)?;
        let server = &mut settings.server;
        server.auth = Auth { basic_auth_users: web.basic_auth_users };
        server.tls = web.tls_server_config.filter(TlsServer::is_enabled);
        server.headers = web.http_server_config.headers;
        settings.warnings.extend(warnings);
        Ok(())
    }
}

/// In Alertmanager, zero and what is below stand for "not limited", or for the default.
fn positive(count: i64) -> Option<usize> {
    usize::try_from(count).ok().filter(|count| *count > 0)
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
