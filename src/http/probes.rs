//! `/-/healthy`, `/-/ready` and `/metrics`.
//!
//! Deliberately unknown here: what makes the server ready; it is asked through [`super::Readiness`].

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{self, ServiceConfig},
};
use alerts::{Status, table::AlertTable};
use prometheus::{Encoder, TextEncoder};

use super::{Services, answers, not_allowed};

pub(super) fn routes(app: &mut ServiceConfig, with_metrics: bool) {
    let resource =
        |path| web::resource(path).default_service(web::to(|request| not_allowed(request, &["GET", "HEAD"])));
    app.service(resource("/-/healthy").get(healthy).head(healthy));
    app.service(resource("/-/ready").get(ready).head(ready));
    if with_metrics {
        app.service(resource("/metrics").get(metrics));
    }
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

/// Counts alerts that have not ended; shard by shard and outside of the table's locks, since [`super::Standings`] may read it.
fn count_alerts(services: &Services) {
    let now = services.clock.now();
    let (mut active, mut suppressed) = (0, 0);
    for shard in 0..AlertTable::SHARDS {
        for alert in services.table.records(shard) {
            if alert.status(now) != Status::Firing {
                continue;
            }
            let counted =
                if services.standings.of(&alert, now).is_suppressed() { &mut suppressed } else { &mut active };
            *counted += 1;
        }
    }
    services.metrics.set_alerts(active, suppressed);
}
