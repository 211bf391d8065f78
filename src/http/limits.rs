//! What every path of the API is held to: so many readings at a time, so long for an answer, and an answer that the client
//! takes.
//!
//! Deliberately unknown here: what is asked for.

use std::time::Duration;

use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::Next,
    web,
};
use alerts::duration;
use tokio::sync::OwnedSemaphorePermit;

use super::{Services, answers};

/// The right to read, left with the request by [`bound`]. A handler whose answer outlives its request takes it along.
struct Reading(OwnedSemaphorePermit);

/// Takes the right to read out of a request.
pub(super) fn reading(request: &HttpRequest) -> Option<OwnedSemaphorePermit> {
    request.extensions_mut().remove::<Reading>().map(|Reading(permit)| permit)
}

/// Around every path of the API. After routing, where requests may be shared.
pub(super) async fn bound<B: MessageBody + 'static>(
    services: web::Data<Services>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let refuse = |request: ServiceRequest, answer| Ok(request.into_response(answer).map_into_right_body());
    if request.method() == Method::GET {
        match services.reading.clone().try_acquire_owned() {
            Ok(permit) => drop(request.extensions_mut().insert(Reading(permit))),
            Err(_) => return refuse(request, too_many(&services)),
        }
    }
    if !accepts_json(request.request()) {
        return refuse(request, answers::not_acceptable());
    }
    let Some(timeout) = services.settings.answer_timeout else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let asked = request.request().clone();
    match tokio::time::timeout(timeout, next.call(request)).await {
        Ok(answer) => Ok(answer?.map_into_left_body()),
        Err(_) => Ok(ServiceResponse::new(asked, too_late(timeout)).map_into_right_body()),
    }
}

fn too_many(services: &Services) -> actix_web::HttpResponse {
    services.metrics.too_many_reads();
    let limit = services.settings.get_concurrency;
    answers::unavailable(&format!("Limit of concurrent GET requests reached ({limit}), try again later.\n"), 1)
}

fn too_late(timeout: Duration) -> actix_web::HttpResponse {
    answers::unavailable(&format!("Exceeded configured timeout of {}.\n", duration::print(timeout)), 1)
}

/// As go-openapi: only requests without a body are held to their `Accept`; none accepts everything.
fn accepts_json(request: &HttpRequest) -> bool {
    if !matches!(*request.method(), Method::GET | Method::DELETE) {
        return true;
    }
    let mut stated = request.headers().get_all(header::ACCEPT).filter_map(|value| value.to_str().ok()).peekable();
    stated.peek().is_none() || stated.any(|list| list.split(',').any(range_has_json))
}

fn range_has_json(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    let refused = parts.any(|part| part.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0));
    !refused && ["*/*", "application/*", "application/json"].contains(&kind.as_str())
}
