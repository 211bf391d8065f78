//! `/-/healthy`, `/-/ready`, `/-/reload` and `/metrics`.
//!
//! Deliberately unknown here: what makes the server ready, and how it loads its configuration again; both are asked through
//! [`super::Readiness`] and [`super::Reload`].

use actix_web::{
    HttpResponse, Resource,
    http::StatusCode,
    web::{self, ServiceConfig},
};
use prometheus::{Encoder, TextEncoder};

use super::{Services, answers};

pub(super) fn routes(app: &mut ServiceConfig, with_metrics: bool) {
    app.service(resource("/-/healthy", "GET, HEAD").get(healthy).head(healthy));
    app.service(resource("/-/ready", "GET, HEAD").get(ready).head(ready));
    app.service(resource("/-/reload", "POST").post(reload));
    if with_metrics {
        app.service(resource("/metrics", "GET").get(metrics));
    }
}

fn resource(path: &str, methods: &'static str) -> Resource {
    web::resource(path)
        .default_service(web::to(move || std::future::ready(answers::method_not_allowed_in_text(methods))))
}

async fn healthy() -> HttpResponse {
    answers::text(StatusCode::OK, "OK")
}

/// Unlike Alertmanager's, which is ready at once, this one says when it is not, and why.
async fn ready(services: web::Data<Services>) -> HttpResponse {
    let reasons = services.readiness.not_ready();
    if reasons.is_empty() {
        return answers::text(StatusCode::OK, "OK");
    }
    answers::text(StatusCode::SERVICE_UNAVAILABLE, reasons.join("\n"))
}

async fn metrics(services: web::Data<Services>) -> HttpResponse {
    let written = web::block(move || {
        count_alerts(&services);
        let mut text = Vec::new();
        TextEncoder::new()
            .encode(&services.registry.gather(), &mut text)
            .map(|()| text)
            .map_err(|error| error.to_string())
    });
    match written.await {
        Ok(Ok(text)) => HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text),
        Ok(Err(error)) => answers::text(StatusCode::INTERNAL_SERVER_ERROR, error),
        Err(error) => answers::unavailable(&error.to_string(), 1),
    }
}

/// `POST /-/reload`.
async fn reload(services: web::Data<Services>) -> HttpResponse {
    match services.reload.reload().await {
        Ok(()) => answers::done(),
        Err(reason) => answers::text(StatusCode::INTERNAL_SERVER_ERROR, format!("failed to reload config: {reason}\n")),
    }
}

fn count_alerts(services: &Services) {
    let counts = services.alert_counts.get(&services.table, &*services.standings, &*services.clock);
    services.metrics.set_alerts(counts.active, counts.suppressed);
}
