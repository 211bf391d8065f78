//! The validated settings: all that the rest of the program sees of its configuration.
//!
//! Deliberately unknown here: files and formats.

mod features;
mod operation;
mod restart;
mod server;
pub mod webhooks;

use std::{path::PathBuf, sync::Arc, time::Duration};

use alerts::{
    inhibit::InhibitRule,
    intake::{NameScheme, Rules},
    interval::TimeIntervals,
    matcher::Syntax,
    route::RouteTree,
    silence::SilenceLimits,
    templates::Templates,
};
use channels::{Globals, Receiver};
use images::{
    ChromiumConfig, PanelConfig, RenderingConfig, ScreenshotsConfig, SourceConfig,
    store::{ExternalImageStorage, settings::Provider},
};

pub use features::Features;
pub use operation::{Level, Log, LogFormat, Metrics};
pub use server::{ExternalUrl, Limits, ListenAddress, RoutePrefix, Server, Synchronous};
pub use webhooks::Webhook;

/// Everything that is configured. Secrets are of a type that does not print, so neither does this print them.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where wirephoto listens and keeps its data.
    pub server: Server,
    /// Where series come from; [`images::build()`] was tried and accepts them.
    pub sources: Vec<SourceConfig>,
    /// Which panels belong to which alerts.
    pub panels: Vec<PanelConfig>,
    /// How pictures are taken.
    pub screenshots: ScreenshotsConfig,
    /// Where they are uploaded.
    pub external_image_storage: ExternalImageStorage,
    /// The keys for Grafana's image renderer.
    pub rendering: RenderingConfig,
    /// The browser of the renderer `chromium`.
    pub chromium: ChromiumConfig,
    /// Where alerts come from beside the API.
    pub webhooks: Vec<Webhook>,
    /// How long an alert without an end is believed.
    pub resolve_timeout: Duration,
    /// The defaults of all integrations.
    pub globals: Globals,
    /// The default templates and the configured ones.
    pub templates: Templates,
    /// The files that the configured ones came from.
    pub template_files: Vec<PathBuf>,
    /// Which alerts go to which receivers.
    pub route: RouteTree,
    /// The receivers; [`Receiver::build`] was tried and succeeds.
    pub receivers: Vec<Receiver>,
    /// Which alerts silence which others.
    pub inhibit_rules: Vec<InhibitRule>,
    /// The time intervals by their names.
    pub time_intervals: TimeIntervals,
    /// Who is told what another receiver could not be told.
    pub fallback_receiver: Option<String>,
    /// When a delivery is given up; without it, the larger of one hour and the repeat interval.
    pub delivery_max_age: Option<Duration>,
    /// How long the history of deliveries is kept, if not as long as by default: Alertmanager's `--data.retention`.
    pub history_retention: Option<Duration>,
    /// How long after the start no group is told about: `--dispatch.start-delay`.
    pub dispatch_start_delay: Duration,
    /// How many silences there may be, and how large.
    pub silence_limits: SilenceLimits,
    /// The section `metrics`.
    pub metrics: Metrics,
    /// The section `log`.
    pub log: Log,
    /// How matchers are read, here and by the API.
    pub matcher_syntax: Syntax,
    /// Whether it is logged which alerts a silence keeps from being told.
    pub log_silences: bool,
    /// What is switched on by `--enable-feature`.
    pub features: Features,
    /// See [`Settings::alertmanager_yaml`].
    pub original: Arc<str>,
    /// 48 bits of a hash of the file's text: `alertmanager_config_hash`, which a float holds exactly.
    pub config_hash: u64,
    /// What works but is probably not meant.
    pub warnings: Vec<String>,
}

impl Settings {
    /// Whether pictures are uploaded to a provider outside.
    pub fn uploads_pictures(&self) -> bool {
        self.screenshots.upload_external_image_storage && self.external_image_storage.provider != Provider::Local
    }

    /// The configuration as Alertmanager's YAML, with its defaults, without secrets and without what only wirephoto has:
    /// `config.original` of the status, which `amtool` reads strictly.
    pub fn alertmanager_yaml(&self) -> &str {
        &self.original
    }

    /// What counts for alerts that are received.
    pub fn intake_rules(&self) -> Rules {
        let names = if self.matcher_syntax == Syntax::Classic { NameScheme::Classic } else { NameScheme::Utf8 };
        Rules { resolve_timeout: self.resolve_timeout, names, matchers: self.matcher_syntax }
    }

    /// When a delivery of a route with this repeat interval is given up.
    pub fn delivery_max_age(&self, repeat_interval: Duration) -> Duration {
        self.delivery_max_age.unwrap_or_else(|| repeat_interval.max(Duration::from_secs(3600)))
    }
}
