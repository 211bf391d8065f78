//! Answers with the headers that every page has, and the permit that bounds how many are made at once.
//!
//! Deliberately unknown here: what is on the pages.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header},
    web,
};
use alerts::ports::StoreError;

use super::{Pages, html::Html, layout};

/// Nothing from elsewhere, no inline script or style, no frame around it, forms only to here.
const PAGE_POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A builder with the headers that hold browsers back.
pub(super) fn guarded(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::CONTENT_SECURITY_POLICY, PAGE_POLICY))
        .insert_header((header::X_FRAME_OPTIONS, "DENY"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // not `no-referrer`: with that, browsers hide the origin of our own forms too (`same_site.rs`)
        .insert_header((header::REFERRER_POLICY, "same-origin"));
    response
}

/// A page, or a piece of one, which is different the next time.
fn page(status: StatusCode, html: Html) -> HttpResponse {
    guarded(status)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("text/html; charset=utf-8")
        .body(html.into_string())
}

/// One plain sentence.
pub(super) fn sentence(status: StatusCode, text: &'static str) -> HttpResponse {
    guarded(status)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("text/plain; charset=utf-8")
        .body(text)
}

/// Leads elsewhere on this server after a form was sent, so that reloading does not send it again.
pub(super) fn see_other(path: &str) -> HttpResponseBuilder {
    let mut response = guarded(StatusCode::SEE_OTHER);
    response.insert_header((header::CACHE_CONTROL, "no-store")).insert_header((header::LOCATION, path));
    response
}

/// Data, or what is wrong.
pub(super) fn json(status: StatusCode, value: &serde_json::Value) -> HttpResponse {
    guarded(status).insert_header((header::CACHE_CONTROL, "no-store")).json(value)
}

/// What is made where blocking is allowed. Responses themselves cannot leave their thread.
pub(super) enum Answer {
    Page(StatusCode, Html),
    Json(serde_json::Value),
    /// JSON that says what is wrong.
    Coded(StatusCode, serde_json::Value),
}

impl From<Answer> for HttpResponse {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Page(status, html) => page(status, html),
            Answer::Json(value) => json(StatusCode::OK, &value),
            Answer::Coded(status, value) => json(status, &value),
        }
    }
}

/// Runs `work` where blocking is allowed; answers with what it made, or with what was in the way.
pub(super) async fn blocking(
    pages: web::Data<Pages>,
    work: impl FnOnce(&Pages) -> Result<Answer, StoreError> + Send + 'static,
) -> HttpResponse {
    let Ok(_permit) = pages.permits.try_acquire() else {
        return sentence(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many pages are being made at once. Try again in a moment.",
        );
    };
    let here = pages.clone();
    match web::block(move || work(&here)).await {
        Ok(Ok(answer)) => answer.into(),
        Ok(Err(error)) => failure(&pages, &error.to_string()),
        Err(_) => failure(&pages, "the page could not be made"),
    }
}

fn failure(pages: &Pages, why: &str) -> HttpResponse {
    tracing::warn!(why, "a page could not be made");
    let main = layout::note("This page cannot be shown now", why);
    page(StatusCode::SERVICE_UNAVAILABLE, layout::page(pages, &layout::Head::plain("Not now"), main))
}
