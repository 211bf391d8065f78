//! `--enable-feature`: a list with commas, and the flag may be repeated.
//!
//! Deliberately unknown here: what the features do.

use alerts::matcher::Syntax;
use clap::Args;

use crate::config::settings::Features;

/// What is switched on, as it was written.
#[derive(Clone, Debug, Default, Args)]
pub(in crate::cli) struct FeatureFlags {
    /// classic-mode, utf8-strict-mode, receiver-name-in-metrics, group-key-in-metrics, alert-names-in-metrics; with commas
    #[arg(long = "enable-feature", value_name = "FEATURE", value_delimiter = ',')]
    names: Vec<String>,
}

const CLASSIC: &str = "classic-mode";
const UTF8: &str = "utf8-strict-mode";
const RECEIVER_NAME: &str = "receiver-name-in-metrics";
const GROUP_KEY: &str = "group-key-in-metrics";
const ALERT_NAMES: &str = "alert-names-in-metrics";

/// Features of Alertmanager that there is nothing to do for: Go's memory and threads.
const WITHOUT_EFFECT: [&str; 2] = ["auto-gomemlimit", "auto-gomaxprocs"];
/// The section of the configuration is accepted with a warning too.
const EVENT_RECORDER: &str = "event-recorder";

impl FeatureFlags {
    pub(in crate::cli) fn any(&self) -> bool {
        !self.names.is_empty()
    }

    /// What stands in the way of a start, in Alertmanager's words.
    pub(in crate::cli) fn objections(&self) -> Vec<String> {
        let known = [CLASSIC, UTF8, RECEIVER_NAME, GROUP_KEY, ALERT_NAMES, EVENT_RECORDER, ""];
        let is_known = |name: &str| known.contains(&name) || WITHOUT_EFFECT.contains(&name);
        let unknown = self.names.iter().filter(|name| !is_known(name));
        let mut objections: Vec<String> =
            unknown.map(|name| format!("unknown option '{name}' for --enable-feature")).collect();
        if self.has(CLASSIC) && self.has(UTF8) {
            objections.push("--enable-feature: cannot have both classic and UTF-8 modes enabled".to_owned());
        }
        objections
    }

    pub(in crate::cli) fn warnings(&self) -> Vec<String> {
        const OF_ALERTS: &str = "no label of a metric comes from an alert here";
        let idle =
            [(EVENT_RECORDER, "this version records no events"), (GROUP_KEY, OF_ALERTS), (ALERT_NAMES, OF_ALERTS)];
        let given = idle.into_iter().filter(|(name, _)| self.has(name));
        given.map(|(name, why)| format!("--enable-feature={name}: is ignored: {why}")).collect()
    }

    pub(in crate::cli) fn syntax(&self) -> Syntax {
        match (self.has(CLASSIC), self.has(UTF8)) {
            (true, _) => Syntax::Classic,
            (_, true) => Syntax::Utf8,
            _ => Syntax::Fallback,
        }
    }

    pub(in crate::cli) fn features(&self) -> Features {
        Features { receiver_name_in_metrics: self.has(RECEIVER_NAME) }
    }

    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|given| given == name)
    }
}
