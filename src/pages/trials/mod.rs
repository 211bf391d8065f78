//! Previews and tests of receivers: as pages, and for scripts as JSON under `/api/v1`.
//!
//! Deliberately unknown here: how they are made ([`Desk`] says what came of them).

mod preview;
mod scripts;
mod test;

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{self, ServiceConfig},
};
use url::form_urlencoded;

pub(super) use self::{preview::button as preview_button, test::button as test_button};
use super::{
    Pages,
    html::Html,
    layout,
    response::{self, Answer},
};
use crate::trial::{Desk, NoTrial, Refused};

/// The largest form or body, in bytes.
const MOST_BYTES: usize = 1 << 20;

/// The routes.
pub(super) fn routes(service: &mut ServiceConfig) {
    let forms = || web::FormConfig::default().limit(MOST_BYTES);
    let bodies = || web::PayloadConfig::new(MOST_BYTES);
    service
        .service(
            web::resource("/receivers/{name}/preview")
                .app_data(forms())
                .route(web::get().to(preview::show))
                .route(web::post().to(preview::submit)),
        )
        .service(
            web::resource("/receivers/{name}/test")
                .app_data(forms())
                .route(web::get().to(test::show))
                .route(web::post().to(test::submit)),
        )
        .service(web::resource("/api/v1/preview").app_data(bodies()).route(web::post().to(scripts::preview)))
        .service(
            web::resource("/api/v1/receivers/{name}/test").app_data(bodies()).route(web::post().to(scripts::test)),
        );
}

/// The address of a receiver's page.
pub(super) fn link(pages: &Pages, receiver: &str, what: &str) -> String {
    let name: String = form_urlencoded::byte_serialize(receiver.as_bytes()).collect();
    layout::link(pages, &format!("/receivers/{}/{what}", name.replace('+', "%20")))
}

/// Who asks, in words for the log and the message.
fn asker(request: &HttpRequest) -> String {
    request.peer_addr().map_or_else(|| "somebody".to_owned(), |address| address.ip().to_string())
}

fn status(refused: &Refused) -> StatusCode {
    match refused {
        Refused::NoTrial(NoTrial::UnknownReceiver { .. } | NoTrial::UnknownIntegration { .. }) => StatusCode::NOT_FOUND,
        Refused::NoTrial(NoTrial::Event(_) | NoTrial::TooMuch(_)) => StatusCode::BAD_REQUEST,
        Refused::NoTrial(NoTrial::Failed(_)) => StatusCode::INTERNAL_SERVER_ERROR,
        Refused::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
    }
}

/// Says when to try again.
fn with_retry_after(mut response: HttpResponse, refused: Option<&Refused>) -> HttpResponse {
    if let Some(Refused::TooMany { wait, .. }) = refused {
        let seconds = header::HeaderValue::from(wait.as_secs().max(1));
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

fn desk(pages: &web::Data<Pages>) -> Arc<Desk> {
    pages.data.trials()
}

fn page(pages: &Pages, status: StatusCode, title: &str, main: Html) -> HttpResponse {
    let head = layout::Head { title, section: "/status" };
    Answer::Page(status, layout::page(pages, &head, main)).into()
}

fn back(pages: &Pages) -> Html {
    super::html::html!(r#"<p class="back"><a href="{to}">← Status</a></p>"#, to = layout::link(pages, "/status"))
}

fn unknown(pages: &Pages, name: &str, desk: &Desk) -> HttpResponse {
    let known = desk.receivers();
    let error = NoTrial::UnknownReceiver { name: name.to_owned(), known };
    page(pages, StatusCode::NOT_FOUND, "No such receiver", layout::note("No such receiver", &error.to_string()))
}

/// A request of another site through a browser of ours.
fn foreign(request: &HttpRequest, pages: &Pages) -> Option<HttpResponse> {
    super::same_site::check(request, pages).err().map(Into::into)
}

/// The same for what scripts ask: who says nothing of a site is no browser.
fn foreign_browser(request: &HttpRequest, pages: &Pages) -> Option<HttpResponse> {
    let is_browser = request.headers().contains_key("sec-fetch-site") || request.headers().contains_key(header::ORIGIN);
    if is_browser { foreign(request, pages) } else { None }
}

fn coded(status: StatusCode, error: &str) -> HttpResponse {
    response::json(status, &serde_json::json!({ "error": error }))
}
