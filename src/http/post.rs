//! Taking alerts: `POST /api/v2/alerts`, and what all bodies with alerts go through.
//!
//! What changes nothing is settled here, in the table; only the rest goes further, and 200 is answered when that is durable.
//! Deliberately unknown here: what a change means.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use alerts::{
    Time,
    intake::{Batch, Incoming, NotAccepted, NotParsed},
};

use super::{Services, answers, body};

/// The label `version` of the metrics of receipt.
const V2: &str = "v2";

/// `POST /api/v2/alerts`.
pub(super) async fn alerts(request: HttpRequest, payload: web::Payload, services: web::Data<Services>) -> HttpResponse {
    let body = match read(&request, payload, &services).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    let received = services.clock.now();
    let rules = *services.rules.read();
    let batch = Batch::of_v2(&body.bytes, &services.table, received, &rules);
    finish(counted(batch, &services, V2), Vec::new(), received, &services).await
}

/// The body of a request that says it is JSON.
pub(super) async fn read(
    request: &HttpRequest,
    payload: web::Payload,
    services: &Services,
) -> Result<body::Body, HttpResponse> {
    if let Some(answer) = answers::unless_json(request) {
        return Err(answer);
    }
    body::gather(request, payload, services).await.map_err(|error| {
        services.metrics.refused(error.reason());
        error.answer()
    })
}

/// Everything that borrows from the body ends here.
pub(super) fn sort_out(
    parsed: Result<Vec<Incoming<'_>>, NotParsed>,
    received: Time,
    services: &Services,
    version: &str,
) -> Result<Batch, NotParsed> {
    let rules = *services.rules.read();
    let batch = parsed.map(|alerts| Batch::sort_out(alerts, &services.table, received, &rules));
    counted(batch, services, version)
}

fn counted(batch: Result<Batch, NotParsed>, services: &Services, version: &str) -> Result<Batch, NotParsed> {
    match &batch {
        Ok(batch) => services.metrics.received(batch, version),
        Err(_) => services.metrics.not_parsed(version),
    }
    batch
}

/// Hands on what changed, and answers when it is durable; `remarks` are what else the sender should know.
pub(super) async fn finish(
    batch: Result<Batch, NotParsed>,
    remarks: Vec<String>,
    received: Time,
    services: &Services,
) -> HttpResponse {
    let mut batch = match batch {
        Ok(batch) => batch,
        Err(error) => return answers::not_parsed(&error),
    };
    if !batch.extend.is_empty() {
        services.accept.extend(std::mem::take(&mut batch.extend));
    }
    if let Err(error) = accept(&mut batch, received, services).await {
        services.metrics.refused(error_reason(&error));
        tracing::warn!(%error, "alerts were not taken");
        return answers::not_accepted(&error);
    }
    batch.invalid.extend(remarks);
    if batch.invalid.is_empty() {
        return answers::done();
    }
    answers::message(StatusCode::BAD_REQUEST, &batch.invalid.join("\n"))
}

async fn accept(batch: &mut Batch, received: Time, services: &Services) -> Result<(), NotAccepted> {
    let changed = std::mem::take(&mut batch.changed);
    if changed.is_empty() {
        return Ok(());
    }
    let timeout = services.settings.request_timeout;
    let late = |_| NotAccepted::NotDurable(format!("the commit took longer than {timeout:?}"));
    tokio::time::timeout(timeout, services.accept.accept(changed, received)).await.unwrap_or_else(|e| Err(late(e)))
}

const fn error_reason(error: &NotAccepted) -> &'static str {
    match error {
        NotAccepted::Busy => "intake_busy",
        NotAccepted::NotDurable(_) => "not_durable",
        NotAccepted::Stopping => "stopping",
    }
}
