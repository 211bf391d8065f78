//! The HTTP server: Alertmanager's API, events, webhooks, probes, metrics.
//!
//! Handlers are short: they read the request, call what decides, and answer through [`answers`]. Deliberately unknown here: what
//! becomes of an alert (that is behind [`Accept`](alerts::intake::Accept)), routes, silences and inhibition (behind the traits of
//! [`ports`]), where settings come from.

mod alert_json;
pub mod answers;
mod body;
mod cors;
mod counting;
mod endpoints;
mod events;
mod groups;
mod json_fields;
mod json_text;
mod limits;
mod list;
pub mod metrics;
mod openapi;
mod page;
mod parameters;
mod pieces;
pub mod ports;
mod post;
mod probes;
mod regexp_words;
mod selection;
mod services;
mod silence_body;
mod silence_json;
mod silences;
mod status;
#[cfg(test)]
mod tests;
pub mod version;
mod webhooks;

use std::{io, net::TcpListener, sync::Arc};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer, Resource,
    dev::{HttpServiceFactory, Server},
    middleware::{DefaultHeaders, from_fn},
    web::{self, ServiceConfig},
};

pub use self::{
    alert_json::AlertJson,
    metrics::HttpMetrics,
    ports::{ConfigView, GroupPlace, Grouping, Peer, Readiness, ReceiverView, Reload, Standing, Standings},
    services::{HttpSettings, Parts, Services},
    webhooks::Webhooks,
};

use crate::web_config::Guard;

/// How long requests under way may take after the server was told to stop: the machine's own stop comes after it.
const SHUTDOWN_SECS: u64 = 5;

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
    let api = web::scope("/api/v2")
        .wrap(DefaultHeaders::new().add(("Cache-Control", "no-store")))
        .wrap(from_fn(cors::allow_all))
        .configure(api_v2)
        .default_service(web::to(not_found));
    app.service(
        web::scope(prefix)
            .service(api)
            .service(
                web::resource("/events").post(events::take).default_service(web::to(|r| not_allowed(r, vec!["POST"]))),
            )
            .service(
                web::resource("/webhook/{name}")
                    .post(webhooks::take)
                    .default_service(web::to(|r| not_allowed(r, vec!["POST"]))),
            )
            .configure(|app| probes::routes(app, services.settings.serve_metrics))
            .configure(more)
            // what is ours of version 1 comes before
            .service(web::resource("/api/v1/{path:.*}").to(answers::version_1_is_gone)),
    );
}

fn api_v2(api: &mut ServiceConfig) {
    api.service(at("/status", |path| path.get(status::status)))
        .service(at("/receivers", |path| path.get(status::receivers)))
        .service(at("/alerts", |path| path.get(list::alerts).post(post::alerts)))
        .service(at("/alerts/groups", |path| path.get(groups::groups)))
        .service(at("/silences", |path| path.get(silences::list).post(silences::set)))
        .service(at("/silence/{silenceID}", |path| path.get(silences::get).delete(silences::expire)))
        .service(at("/openapi.json", |path| path.get(openapi::openapi)));
}

/// A path of the API, also with a slash at its end, as Alertmanager has it.
fn at(path: &'static str, routes: impl FnOnce(Resource) -> Resource) -> impl HttpServiceFactory {
    let resource = routes(web::resource(vec![path.to_owned(), format!("{path}/")]));
    resource
        .default_service(web::to(move |request| not_allowed(request, endpoints::methods(path))))
        .wrap(from_fn(limits::bound))
}

async fn not_found(request: HttpRequest) -> HttpResponse {
    answers::not_found(&request)
}

async fn not_allowed(request: HttpRequest, methods: Vec<&'static str>) -> HttpResponse {
    answers::method_not_allowed(&request, &methods)
}
