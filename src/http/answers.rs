//! Every answer that is not data, in one place: Alertmanager's shapes and words (those of go-openapi).
//!
//! Deliberately unknown here: what went wrong before.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use alerts::intake::{NotAccepted, NotParsed};
use serde::Serialize;
use serde_json::json;

use super::{Services, parameters::Refused};

/// 200 without a body.
pub fn done() -> HttpResponse {
    HttpResponse::Ok().finish()
}

/// Plain text.
pub fn text(status: StatusCode, text: impl Into<String>) -> HttpResponse {
    HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(text.into())
}

/// Data, with the line's end that Go's encoder writes.
pub fn json(data: &impl Serialize) -> HttpResponse {
    json_line(StatusCode::OK, data)
}

/// A JSON string: how Alertmanager reports what it checks itself.
pub fn message(status: StatusCode, message: &str) -> HttpResponse {
    json_line(status, &message)
}

fn json_line(status: StatusCode, data: &impl Serialize) -> HttpResponse {
    let mut body = serde_json::to_vec(data).expect("strings, numbers and lists into memory");
    body.push(b'\n');
    HttpResponse::build(status).content_type("application/json").body(body)
}

/// `{"code": …, "message": …}`: how go-openapi reports what it checks. Codes from 600 on go with status 422.
pub fn coded(code: u16, message: &str) -> HttpResponse {
    let status =
        if code >= 600 { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::from_u16(code).unwrap_or_default() };
    HttpResponse::build(status).json(json!({ "code": code, "message": message }))
}

/// Parameters that were not understood.
pub(super) fn refused(refused: &Refused) -> HttpResponse {
    match refused {
        Refused::Coded(code, words) => coded(*code, words),
        Refused::Message(words) => message(StatusCode::BAD_REQUEST, words),
    }
}

/// A body that is not what it should be.
pub fn not_parsed(error: &NotParsed) -> HttpResponse {
    coded(error.code(), &error.to_string())
}

/// Alerts that were not taken: 503, and when to try again.
pub fn not_accepted(error: &NotAccepted) -> HttpResponse {
    let seconds = match error {
        NotAccepted::Busy => 1,
        NotAccepted::NotDurable(_) | NotAccepted::Stopping => 5,
    };
    unavailable(&error.to_string(), seconds)
}

/// 503, and when to try again.
pub fn unavailable(reason: &str, retry_after_seconds: u32) -> HttpResponse {
    let mut answer = text(StatusCode::SERVICE_UNAVAILABLE, reason);
    answer.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(retry_after_seconds));
    answer
}

/// 404; the path is told without the prefix that all are served under, as in Alertmanager.
pub fn not_found(request: &HttpRequest) -> HttpResponse {
    let prefix = request.app_data::<web::Data<Services>>().map_or("", |services| &services.settings.route_prefix);
    let path = request.path().strip_prefix(prefix).unwrap_or(request.path());
    coded(404, &format!("path {path} was not found"))
}

/// 406.
pub fn not_acceptable() -> HttpResponse {
    coded(406, "unsupported media type requested, only [application/json] are available")
}

/// 405; `methods` in Alertmanager's order.
pub fn method_not_allowed(request: &HttpRequest, methods: &[&str]) -> HttpResponse {
    let methods = methods.join(",");
    let mut answer = coded(405, &format!("method {} is not allowed, but [{methods}] are", request.method()));
    if let Ok(allow) = header::HeaderValue::from_str(&methods) {
        answer.headers_mut().insert(header::ALLOW, allow);
    }
    answer
}

/// 405 outside of the API, where Alertmanager answers with text.
pub fn method_not_allowed_in_text(methods: &str) -> HttpResponse {
    let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed\n");
    if let Ok(allow) = header::HeaderValue::from_str(methods) {
        answer.headers_mut().insert(header::ALLOW, allow);
    }
    answer
}

/// 415 unless the request says that its body is JSON, or has none. As in go-openapi, nothing said is `application/octet-stream`.
pub fn unless_json(request: &HttpRequest) -> Option<HttpResponse> {
    let header = |name| request.headers().get(name).map_or(b"".as_slice(), header::HeaderValue::as_bytes);
    let length = header(header::CONTENT_LENGTH);
    let has_body = !matches!(length, b"" | b"0") || request.headers().contains_key(header::TRANSFER_ENCODING);
    let stated = String::from_utf8_lossy(header(header::CONTENT_TYPE));
    let kind = stated.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let kind = if kind.is_empty() { "application/octet-stream" } else { &kind };
    let wrong = || coded(415, &format!("unsupported media type {kind:?}, only [application/json] are allowed"));
    (has_body && kind != "application/json").then(wrong)
}

/// 410: Alertmanager's version 1 of the API ended with 0.27.
pub async fn version_1_is_gone() -> HttpResponse {
    let error = "version 1 of the API was removed with Alertmanager 0.27: use the same path below /api/v2";
    HttpResponse::Gone().json(json!({ "status": "deprecated", "error": error }))
}
