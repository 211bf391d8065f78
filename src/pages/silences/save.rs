//! What changes silences: `POST` alone, from these pages alone, answered by leading to the silence, or with the form, in
//! which everything stands as it was typed.
//!
//! Deliberately unknown here: how the form looks.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use alerts::{
    ports::SilenceRefused,
    silence::{Silence, SilenceError, SilenceId},
};

use super::{
    change_form,
    form::{Problem, Typed},
    new_form, not_found, page, silence,
};
use crate::pages::{Pages, creator, html::Html, layout, links, response, same_site};

/// `POST /silences/new`
pub(in crate::pages) async fn create(
    pages: web::Data<Pages>,
    request: HttpRequest,
    typed: web::Form<Typed>,
) -> HttpResponse {
    if let Err(refused) = same_site::check(&request, &pages) {
        return refused.into();
    }
    save(pages, typed.into_inner(), None).await
}

/// `POST /silences/{id}/edit`
pub(in crate::pages) async fn change(
    pages: web::Data<Pages>,
    request: HttpRequest,
    id: web::Path<String>,
    typed: web::Form<Typed>,
) -> HttpResponse {
    if let Err(refused) = same_site::check(&request, &pages) {
        return refused.into();
    }
    match silence(&pages, &id) {
        Some(silence) => save(pages, typed.into_inner(), Some(silence)).await,
        None => response::blocking(pages, |pages| Ok(not_found(pages))).await,
    }
}

/// `POST /silences/{id}/expire`
pub(in crate::pages) async fn expire(
    pages: web::Data<Pages>,
    request: HttpRequest,
    id: web::Path<String>,
) -> HttpResponse {
    if let Err(refused) = same_site::check(&request, &pages) {
        return refused.into();
    }
    let id = super::form::silence_id(&id);
    match pages.data.silences().expire(&id).await {
        Ok(()) => response::see_other(&done(&pages, &id, "expired")).finish(),
        Err(SilenceRefused::Silence(SilenceError::NotFound)) => {
            response::blocking(pages, |pages| Ok(not_found(pages))).await
        }
        Err(refused) => {
            let status = status(&refused);
            let main = move || layout::note("The silence was not ended", &refused.to_string());
            response::blocking(pages, move |pages| Ok(page(pages, status, "Not ended", main()))).await
        }
    }
}

async fn save(pages: web::Data<Pages>, typed: Typed, previous: Option<Arc<Silence>>) -> HttpResponse {
    let now = pages.clock.now();
    if !typed.is_to_be_saved() {
        return shown(pages, StatusCode::OK, typed.agreed(now), previous, Vec::new(), None).await;
    }
    let draft = match typed.read(previous.as_deref(), now) {
        Ok(draft) => draft,
        Err(problems) => return shown(pages, StatusCode::BAD_REQUEST, typed, previous, problems, None).await,
    };
    let created_by = draft.created_by.clone();
    match pages.data.silences().set(draft).await {
        Ok(id) => {
            let what = match previous {
                None => "created",
                Some(previous) if previous.id == id => "changed",
                Some(_) => "replaced",
            };
            let mut answer = response::see_other(&done(&pages, &id, what));
            answer.insert_header(creator::remember(&pages, &created_by)).finish()
        }
        Err(refused) => {
            let words = Some(refused.to_string());
            shown(pages, status(&refused), typed, previous, Vec::new(), words).await
        }
    }
}

/// The form once more.
async fn shown(
    pages: web::Data<Pages>,
    status: StatusCode,
    typed: Typed,
    previous: Option<Arc<Silence>>,
    problems: Vec<Problem>,
    refused: Option<String>,
) -> HttpResponse {
    response::blocking(pages, move |pages| {
        let (title, main): (_, Html) = match &previous {
            None => ("New silence", new_form(pages, &typed, &problems, refused)),
            Some(silence) => ("Edit silence", change_form(pages, silence, &typed, &problems, refused)),
        };
        Ok(page(pages, status, title, main))
    })
    .await
}

fn done(pages: &Pages, id: &SilenceId, what: &str) -> String {
    format!("{}?done={what}", links::silence(pages, id, ""))
}

fn status(refused: &SilenceRefused) -> StatusCode {
    match refused {
        SilenceRefused::Silence(SilenceError::NotFound) => StatusCode::NOT_FOUND,
        SilenceRefused::Silence(_) => StatusCode::BAD_REQUEST,
        SilenceRefused::NotDurable(_) | SilenceRefused::Busy => StatusCode::SERVICE_UNAVAILABLE,
    }
}
