//! `/api/v2/silences` and `/api/v2/silence/{silenceID}`.
//!
//! Deliberately unknown here: how silences are kept and made durable; that is behind the port `SilenceBook`.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use alerts::{
    ports::SilenceRefused,
    silence::{Draft, SilenceError, SilenceId},
};
use serde_json::json;

use super::{
    Services, answers,
    parameters::Given,
    post,
    silence_body::{self, NotADraft},
    silence_json::{self, SilenceJson},
};

/// `GET /api/v2/silences`.
pub(super) async fn list(request: HttpRequest, services: web::Data<Services>) -> HttpResponse {
    let given = match Given::of(&request, "/silences", &services) {
        Ok(given) => given,
        Err(answer) => return answer,
    };
    let (now, all) = (services.clock.now(), services.silences.silences());
    let mut wanted: Vec<_> = all.iter().filter(|silence| silence_json::is_wanted(silence, &given, now)).collect();
    wanted.sort_by_cached_key(|silence| silence_json::order_key(silence, now));
    answers::json(&wanted.into_iter().map(|silence| SilenceJson { silence, now }).collect::<Vec<_>>())
}

/// `POST /api/v2/silences`.
pub(super) async fn set(request: HttpRequest, payload: web::Payload, services: web::Data<Services>) -> HttpResponse {
    let body = match post::read(&request, payload, &services).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    let rules = *services.rules.read();
    let draft = silence_body::parse(&alerts::intake::v2::text(&body.bytes), &rules, services.clock.now());
    match draft {
        Ok(draft) => set_draft(draft, &services).await,
        Err(error) => not_a_draft(&error),
    }
}

async fn set_draft(draft: Draft, services: &Services) -> HttpResponse {
    match in_time(services.silences.set(draft), services).await {
        Ok(id) => answers::json(&json!({ "silenceID": &*id.0 })),
        Err(refused) => not_set(&refused, || answers::message(StatusCode::NOT_FOUND, &refused.to_string())),
    }
}

/// `GET /api/v2/silence/{silenceID}`.
pub(super) async fn get(id: web::Path<String>, services: web::Data<Services>) -> HttpResponse {
    let id = match silence_id(&id) {
        Ok(id) => id,
        Err(answer) => return answer,
    };
    let (now, silences) = (services.clock.now(), services.silences.silences());
    match silences.get(&id) {
        Some(silence) => answers::json(&SilenceJson { silence, now }),
        None => HttpResponse::NotFound().finish(),
    }
}

/// `DELETE /api/v2/silence/{silenceID}`.
pub(super) async fn expire(id: web::Path<String>, services: web::Data<Services>) -> HttpResponse {
    let id = match silence_id(&id) {
        Ok(id) => id,
        Err(answer) => return answer,
    };
    match in_time(services.silences.expire(&id), &services).await {
        Ok(()) => answers::done(),
        Err(refused) => not_set(&refused, || HttpResponse::NotFound().finish()),
    }
}

async fn in_time<T>(
    change: impl Future<Output = Result<T, SilenceRefused>>,
    services: &Services,
) -> Result<T, SilenceRefused> {
    let timeout = services.settings.request_timeout;
    let late = |_| SilenceRefused::NotDurable(format!("the commit took longer than {timeout:?}"));
    tokio::time::timeout(timeout, change).await.unwrap_or_else(|elapsed| Err(late(elapsed)))
}

/// A UUID as go-openapi knows it: with its dashes or without, in any case.
fn silence_id(text: &str) -> Result<SilenceId, HttpResponse> {
    let digits = text.bytes().filter(|byte| *byte != b'-').count() == 32;
    let dash_or_digit = |(at, byte): (usize, u8)| match byte {
        b'-' => text.len() == 36 && [8, 13, 18, 23].contains(&at),
        _ => byte.is_ascii_hexdigit(),
    };
    let whole = [32, 36].contains(&text.len());
    if digits && whole && text.bytes().enumerate().all(dash_or_digit) {
        return Ok(SilenceId(text.into()));
    }
    Err(answers::coded(601, &format!("silenceID in path must be of type uuid: {}", alerts::gotext::Quoted(text))))
}

fn not_a_draft(error: &NotADraft) -> HttpResponse {
    let words = error.to_string();
    match error {
        NotADraft::Malformed(_) => answers::coded(400, &words),
        NotADraft::Required(_) => answers::coded(602, &words),
        NotADraft::NoMatchers => answers::coded(612, &words),
        NotADraft::Silence(_) => answers::message(StatusCode::BAD_REQUEST, &words),
    }
}

fn not_set(refused: &SilenceRefused, not_found: impl FnOnce() -> HttpResponse) -> HttpResponse {
    match refused {
        SilenceRefused::Silence(SilenceError::NotFound) => not_found(),
        SilenceRefused::Silence(error) => answers::message(StatusCode::BAD_REQUEST, &error.to_string()),
        SilenceRefused::NotDurable(_) => answers::unavailable(&refused.to_string(), 5),
        SilenceRefused::Busy => answers::unavailable(&refused.to_string(), 1),
    }
}
