//! Everything that the handlers use, and what requests may cost.
//!
//! Deliberately unknown here: routes, handlers, where settings come from.

use std::{sync::Arc, time::Duration};

use alerts::{
    intake::{Accept, Rules},
    ports::{Clock, OwnPictures, SilenceBook},
    table::AlertTable,
};
use parking_lot::RwLock;
use prometheus::Registry;
use tokio::sync::Semaphore;

use super::{
    body,
    counting::AlertCounts,
    metrics::HttpMetrics,
    ports::{ConfigView, Grouping, Readiness, Reload, Standings},
    webhooks::Webhooks,
};

/// Everything that the handlers use. One for all workers.
pub struct Services {
    /// The alerts.
    pub table: Arc<AlertTable>,
    /// Who takes what changed.
    pub accept: Arc<dyn Accept>,
    /// What routes, silences and inhibition say about an alert.
    pub standings: Arc<dyn Standings>,
    /// What the routes say about groups.
    pub grouping: Arc<dyn Grouping>,
    /// The silences.
    pub silences: Arc<dyn SilenceBook>,
    /// Who loads the configuration again.
    pub reload: Arc<dyn Reload>,
    /// Whether the server is ready.
    pub readiness: Arc<dyn Readiness>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What `/metrics` shows.
    pub registry: Registry,
    /// What this layer counts.
    pub metrics: HttpMetrics,
    /// What the configuration says about receiving; replaced when it is loaded again.
    pub rules: RwLock<Rules>,
    /// The webhooks that alerts come by; replaced when the configuration is loaded again.
    pub webhooks: RwLock<Arc<Webhooks>>,
    /// Who keeps the pictures that come with events; none: nobody. Replaced when the configuration is loaded again.
    pub own_pictures: RwLock<Option<Arc<dyn OwnPictures>>>,
    /// The configuration as it is shown; replaced when it is loaded again.
    pub config: RwLock<Arc<ConfigView>>,
    /// What requests may cost.
    pub settings: HttpSettings,
    pub(super) alert_counts: AlertCounts,
    pub(super) reading: Arc<Semaphore>,
    pub(super) bodies: Arc<Semaphore>,
}

/// What requests may cost, and where everything is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpSettings {
    /// The path that everything is served under: `/alerts`, or nothing.
    pub route_prefix: String,
    /// The largest body of a request in bytes.
    pub body_bytes: usize,
    /// What the bodies of all requests that are being read or processed may take together, in bytes.
    pub bodies_bytes: usize,
    /// How long a sender may take for one body, and how long one waits for its commit.
    pub request_timeout: Duration,
    /// How long an answer of the API may take to begin (`--web.timeout`); none: as long as it takes.
    pub answer_timeout: Option<Duration>,
    /// Requests that read at the same time; more are answered with 503.
    pub get_concurrency: usize,
    /// Threads.
    pub workers: usize,
    /// Whether `/metrics` is served.
    pub serve_metrics: bool,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            route_prefix: String::new(),
            body_bytes: 8 << 20,
            bodies_bytes: 64 << 20,
            request_timeout: Duration::from_secs(30),
            answer_timeout: None,
            get_concurrency: 64,
            workers: std::thread::available_parallelism().map_or(1, Into::into),
            serve_metrics: true,
        }
    }
}

/// The parts that [`Services::new`] is made of.
pub struct Parts {
    /// See [`Services::table`].
    pub table: Arc<AlertTable>,
    /// See [`Services::accept`].
    pub accept: Arc<dyn Accept>,
    /// See [`Services::standings`].
    pub standings: Arc<dyn Standings>,
    /// See [`Services::grouping`].
    pub grouping: Arc<dyn Grouping>,
    /// See [`Services::silences`].
    pub silences: Arc<dyn SilenceBook>,
    /// See [`Services::reload`].
    pub reload: Arc<dyn Reload>,
    /// See [`Services::readiness`].
    pub readiness: Arc<dyn Readiness>,
    /// See [`Services::clock`].
    pub clock: Arc<dyn Clock>,
}

impl Services {
    /// Puts the parts together and registers the metrics of this layer.
    ///
    /// # Errors
    /// When `registry` has metrics of these names already.
    pub fn new(
        parts: Parts,
        registry: Registry,
        rules: Rules,
        config: ConfigView,
        settings: HttpSettings,
    ) -> Result<Self, prometheus::Error> {
        let Parts { table, accept, standings, grouping, silences, reload, readiness, clock } = parts;
        Ok(Self {
            metrics: HttpMetrics::register(&registry)?,
            reading: Arc::new(Semaphore::new(settings.get_concurrency.clamp(1, Semaphore::MAX_PERMITS))),
            bodies: Arc::new(Semaphore::new(body::budget(settings.bodies_bytes.max(settings.body_bytes)))),
            rules: RwLock::new(rules),
            webhooks: RwLock::default(),
            own_pictures: RwLock::default(),
            config: RwLock::new(Arc::new(config)),
            alert_counts: AlertCounts::default(),
            table,
            accept,
            standings,
            grouping,
            silences,
            reload,
            readiness,
            clock,
            registry,
            settings,
        })
    }
}
