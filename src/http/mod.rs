//! The HTTP server: taking alerts, listing them, probes, metrics.
//!
//! Handlers are short: they read the request, call what decides, and answer through [`answers`]. Deliberately unknown here: what
//! becomes of an alert (that is behind [`Accept`]), routes, silences and inhibition (behind [`Standings`]), where settings come from.

mod alert_json;
pub mod answers;
mod body;
mod list;
pub mod metrics;
mod post;
mod probes;
mod query;
#[cfg(test)]
mod tests;

use std::{io, net::TcpListener, sync::Arc, time::Duration};

use actix_web::{
    App, HttpRequest, HttpServer,
    dev::Server,
    middleware::{DefaultHeaders, from_fn},
    web::{self, ServiceConfig},
};
use alerts::{
    Fingerprint, Time,
    intake::{Accept, Rules},
    ports::Clock,
    record::AlertRecord,
    table::AlertTable,
};
use parking_lot::RwLock;
use prometheus::Registry;
use tokio::sync::Semaphore;

pub use self::{alert_json::AlertJson, metrics::HttpMetrics};
use crate::web_config::Guard;

/// How long requests under way may take after the server was told to stop: the machine's own stop comes after it.
const SHUTDOWN_SECS: u64 = 5;

/// Everything that the handlers use. One for all workers.
pub struct Services {
    /// The alerts.
    pub table: Arc<AlertTable>,
    /// Who takes what changed.
    pub accept: Arc<dyn Accept>,
    /// What routes, silences and inhibition say about an alert.
    pub standings: Arc<dyn Standings>,
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
    /// What requests may cost.
    pub settings: HttpSettings,
    reading: Arc<Semaphore>,
    bodies: Arc<Semaphore>,
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
            get_concurrency: 64,
            workers: std::thread::available_parallelism().map_or(1, Into::into),
            serve_metrics: true,
        }
    }
}

/// What routes, silences and inhibition say about alerts.
pub trait Standings: Send + Sync {
    /// Whom an alert concerns and what mutes it as of `now`. Called once or twice per listed alert: cheap, please.
    fn of(&self, alert: &AlertRecord, now: Time) -> Standing;
}

/// What [`Standings`] say about one alert. Nothing in the two lists of muters: it is active.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The receivers of the routes that it matches.
    pub receivers: Vec<Arc<str>>,
    /// The ids of active silences.
    pub silenced_by: Vec<String>,
    /// The alerts that inhibit it.
    pub inhibited_by: Vec<Fingerprint>,
}

impl Standing {
    /// Whether anything mutes it.
    pub fn is_suppressed(&self) -> bool {
        !self.silenced_by.is_empty() || !self.inhibited_by.is_empty()
    }
}

/// Whether the server is ready to be sent alerts.
pub trait Readiness: Send + Sync {
    /// Why not, one line each; nothing if it is ready.
    fn not_ready(&self) -> Vec<String>;
}

/// The parts that [`Services::new`] is made of.
pub struct Parts {
    /// See [`Services::table`].
    pub table: Arc<AlertTable>,
    /// See [`Services::accept`].
    pub accept: Arc<dyn Accept>,
    /// See [`Services::standings`].
    pub standings: Arc<dyn Standings>,
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
        settings: HttpSettings,
    ) -> Result<Self, prometheus::Error> {
        let Parts { table, accept, standings, readiness, clock } = parts;
        let metrics = HttpMetrics::register(&registry)?;
        let reading = Arc::new(Semaphore::new(settings.get_concurrency.clamp(1, Semaphore::MAX_PERMITS)));
        let bodies = Arc::new(Semaphore::new(body::budget(settings.bodies_bytes.max(settings.body_bytes))));
        let rules = RwLock::new(rules);
        Ok(Self { table, accept, standings, readiness, clock, registry, metrics, rules, settings, reading, bodies })
    }
}

/// How one gets in.
#[derive(Clone, Default)]
pub struct Entrance {
    /// How the listeners speak TLS; without it they do not.
    pub tls: Option<rustls::ServerConfig>,
    /// Who stands before all requests.
    pub guard: Option<Arc<Guard>>,
}

/// Serves on bound listeners until the answered server is stopped. `more` adds the routes of other parts of the server,
/// below the same prefix.
///
/// # Errors
/// When a listener cannot be used.
pub fn serve(
    listeners: Vec<TcpListener>,
    entrance: Entrance,
    services: Arc<Services>,
    more: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> io::Result<Server> {
    let (workers, timeout) = (services.settings.workers.max(1), services.settings.request_timeout);
    let Entrance { tls, guard } = entrance;
    let guard = guard.unwrap_or_else(|| Arc::new(Guard::new(&Default::default(), &Default::default())));
    let server = HttpServer::new(move || {
        let services = web::Data::from(services.clone());
        let guard = guard.clone();
        App::new()
            .app_data(services.clone())
            .wrap(from_fn(move |request, next| guard.clone().pass(request, next)))
            .wrap(from_fn(metrics::measure))
            .configure(|app| routes(app, &services, more.clone()))
            .default_service(web::to(not_found))
    });
    let server = server.workers(workers).client_request_timeout(timeout).shutdown_timeout(SHUTDOWN_SECS);
    let server = listeners.into_iter().try_fold(server.disable_signals(), |server, listener| match &tls {
        Some(tls) => server.listen_rustls_0_23(listener, tls.clone()),
        None => server.listen(listener),
    })?;
    Ok(server.run())
}

/// The routes of this layer, and `more`, below the configured prefix.
pub fn routes(app: &mut ServiceConfig, services: &Services, more: impl FnOnce(&mut ServiceConfig)) {
    let prefix = services.settings.route_prefix.as_str();
    let api = web::scope("/api/v2").wrap(DefaultHeaders::new().add(("Cache-Control", "no-store"))).configure(api_v2);
    app.service(
        web::scope(prefix)
            .service(api)
            .service(web::resource("/api/v1/{path:.*}").to(answers::version_1_is_gone))
            .service(
                web::resource("/events").post(post::events).default_service(web::to(|r| not_allowed(r, &["POST"]))),
            )
            .configure(|app| probes::routes(app, services.settings.serve_metrics))
            .configure(more),
    );
}

fn api_v2(api: &mut ServiceConfig) {
    let not_allowed = |request| not_allowed(request, &["POST", "GET"]);
    api.service(web::resource("/alerts").get(list::alerts).post(post::alerts).default_service(web::to(not_allowed)));
}

async fn not_found(request: HttpRequest) -> actix_web::HttpResponse {
    answers::not_found(&request)
}

async fn not_allowed(request: HttpRequest, methods: &'static [&'static str]) -> actix_web::HttpResponse {
    answers::method_not_allowed(&request, methods)
}
