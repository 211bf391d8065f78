//! What the HTTP layer and the pages are given to work with.
//!
//! Deliberately unknown here: HTTP, HTML, what the parts do.

use std::sync::Arc;

use super::{
    compose::Composed,
    config_view,
    page_data::{self, ServerCell},
    reload::Asks,
    standings::MachineStandings,
};
use crate::{
    config::settings::Settings,
    http::{self, Readiness, Services},
    listening::Listening,
    pages::{ConfigView, Pages, ServerView},
};

/// The services of the API.
pub(super) fn services(
    settings: &Settings,
    composed: &Composed,
    listening: &Listening,
    reload: Asks,
) -> Result<Services, String> {
    let standings = Arc::new(MachineStandings {
        standings: composed.machine.standings(),
        table: composed.machine.table(),
        external_url: listening.external_url.clone(),
    });
    let parts = http::Parts {
        table: composed.machine.table(),
        accept: composed.machine.intake(),
        standings: standings.clone(),
        grouping: standings,
        silences: composed.machine.silences(),
        reload: Arc::new(reload),
        readiness: Arc::new(MachineReadiness(Box::new(composed.machine.unready()))),
        clock: composed.clock.clone(),
    };
    let peer = config_view::peer(composed.started_at, listening);
    let config = config_view::config_view(settings, composed.started_at, peer);
    let rules = settings.intake_rules();
    let services = Services::new(parts, composed.registry.clone(), rules, config, http_settings(settings))
        .map_err(|error| error.to_string())?;
    configure(&services, settings, composed, listening);
    Ok(services)
}

/// What of the services the configuration says, at the start and when it is loaded again.
pub(super) fn configure(services: &Services, settings: &Settings, composed: &Composed, listening: &Listening) {
    *services.rules.write() = settings.intake_rules();
    let timeout = settings.server.webhook_resolve_timeout;
    let webhooks = http::Webhooks::new(&settings.webhooks, timeout, &listening.external_url);
    *services.webhooks.write() = Arc::new(webhooks);
    if let Some(own) = &composed.own {
        own.configure(settings);
    }
    let own = composed.own.clone().filter(|_| settings.screenshots.capture);
    *services.own_pictures.write() = own.map(|own| own as Arc<dyn alerts::ports::OwnPictures>);
}

fn http_settings(settings: &Settings) -> http::HttpSettings {
    let limits = &settings.server.limits;
    http::HttpSettings {
        route_prefix: settings.server.route_prefix().to_owned(),
        body_bytes: limits.body_bytes,
        bodies_bytes: limits.bodies_bytes,
        request_timeout: limits.request_timeout,
        answer_timeout: limits.answer_timeout,
        get_concurrency: limits.get_concurrency,
        workers: limits.workers.map_or_else(|| http::HttpSettings::default().workers, Into::into),
        serve_metrics: settings.metrics.enabled,
    }
}

/// The pages; `server` is what they say of the server and its configuration.
pub(super) fn pages(listening: &Listening, composed: &Composed, server: &ServerCell) -> Pages {
    let data = page_data::MachineData::new(composed, server.clone());
    let url = url::Url::parse(&listening.external_url).ok();
    let path = url.as_ref().map(url::Url::path).unwrap_or_default();
    let pages =
        Pages::new(composed.database.clone(), Arc::new(data), composed.images.clone(), composed.clock.clone(), path);
    match &url {
        Some(url) => pages.reached_at(url),
        None => pages,
    }
}

/// What pages say of the server at its start.
pub(super) fn server_view(settings: &Settings, composed: &Composed, services: &Services) -> ServerCell {
    let peer = services.config.read().peer.clone();
    let config =
        ConfigView { original: settings.alertmanager_yaml().to_owned(), loaded_at: composed.started_at, failure: None };
    Arc::new(parking_lot::RwLock::new(ServerView { peer: peer.name, address: peer.address, config }))
}

/// Ready when the database takes changes: the listener is only bound to the machine once that has loaded.
struct MachineReadiness(Box<dyn Fn() -> Option<String> + Send + Sync>);

impl Readiness for MachineReadiness {
    fn not_ready(&self) -> Vec<String> {
        (self.0)().into_iter().collect()
    }
}
