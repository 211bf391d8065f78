//! Cross-origin requests: allowed to all, as `rs/cors` does by default, which is what Alertmanager's API does.
//!
//! Deliberately unknown here: what is asked for.

use actix_web::{
    Error, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderMap, HeaderValue},
    },
    middleware::Next,
};

/// What a browser may send besides what it always may.
const METHODS: [&str; 3] = ["GET", "POST", "HEAD"];
const HEADERS: [&str; 3] = ["accept", "content-type", "x-requested-with"];

/// Around the whole API: answers preflights, and marks all other answers.
pub(super) async fn allow_all<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let asks = |name| request.headers().contains_key(name);
    let from_elsewhere = asks(header::ORIGIN);
    if request.method() == Method::OPTIONS && asks(header::ACCESS_CONTROL_REQUEST_METHOD) {
        let answer = preflight(request.headers(), from_elsewhere);
        return Ok(request.into_response(answer).map_into_right_body());
    }
    let mut answer = next.call(request).await?.map_into_left_body();
    answer.headers_mut().append(header::VARY, HeaderValue::from_static("Origin"));
    if from_elsewhere {
        answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    Ok(answer)
}

/// What is not allowed is not said to be: the browser draws the conclusion.
fn preflight(asked: &HeaderMap, from_elsewhere: bool) -> HttpResponse {
    let mut answer = HttpResponse::NoContent();
    answer.insert_header((header::VARY, "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"));
    let text = |name| asked.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (method, headers) = (text(header::ACCESS_CONTROL_REQUEST_METHOD), text(header::ACCESS_CONTROL_REQUEST_HEADERS));
    let known = |name: &str| HEADERS.contains(&name.trim().to_ascii_lowercase().as_str());
    if !from_elsewhere || !METHODS.contains(&method) || !(headers.is_empty() || headers.split(',').all(known)) {
        return answer.finish();
    }
    answer.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    answer.insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, method));
    if !headers.is_empty() {
        answer.insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, headers));
    }
    answer.finish()
}
