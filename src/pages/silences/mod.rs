//! The silences: list, one, making, changing, ending; each with what it silences.
//!
//! Deliberately unknown here: how silences are kept (that is behind `SilenceBook`).

mod form;
mod form_view;
mod list;
mod one;
mod preview;
mod save;

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use alerts::{matcher::MatcherSet, silence::Silence};
use serde::Deserialize;

use self::{form::Typed, form_view::Form};
use super::{
    Pages,
    alerts_page::filter,
    creator,
    html::{Html, html},
    layout,
    response::{self, Answer},
};

pub(super) use save::{change, create, expire};

/// Bytes of a form: matchers of some thousand values.
pub(super) const FORM_BYTES: usize = 256 * 1024;

#[derive(Deserialize)]
pub(super) struct OneQuery {
    #[serde(default)]
    done: String,
}

#[derive(Deserialize)]
pub(super) struct PreviewQuery {
    #[serde(default)]
    matchers: String,
}

/// `GET /silences`
pub(super) async fn show(pages: web::Data<Pages>, request: HttpRequest) -> HttpResponse {
    let query = list::Query::parse(request.query_string());
    response::blocking(pages, move |pages| {
        let silences = pages.data.silences().silences();
        Ok(page(pages, StatusCode::OK, "Silences", list::list(pages, &query, &silences)))
    })
    .await
}

/// `GET /silences/{id}?done=..`
pub(super) async fn show_one(
    pages: web::Data<Pages>,
    id: web::Path<String>,
    query: web::Query<OneQuery>,
) -> HttpResponse {
    response::blocking(pages, move |pages| {
        Ok(match silence(pages, &id) {
            Some(silence) => {
                page(pages, StatusCode::OK, list::comment(&silence), one::whole(pages, &silence, &query.done))
            }
            None => not_found(pages),
        })
    })
    .await
}

/// `GET /silences/new?filter=..&comment=..`, or `?from=..` an expired one.
pub(super) async fn new(pages: web::Data<Pages>, request: HttpRequest) -> HttpResponse {
    let created_by = creator::of(&request);
    let query = request.query_string().to_owned();
    response::blocking(pages, move |pages| {
        let typed = wished(pages, &query, created_by);
        Ok(page(pages, StatusCode::OK, "New silence", new_form(pages, &typed, &[], None)))
    })
    .await
}

/// `GET /silences/{id}/edit`
pub(super) async fn edit(pages: web::Data<Pages>, id: web::Path<String>) -> HttpResponse {
    response::blocking(pages, move |pages| {
        let now = pages.clock.now();
        Ok(match silence(pages, &id) {
            Some(silence) if form::can_be_changed(&silence, now) => {
                let typed = Typed::change(&silence, now);
                page(pages, StatusCode::OK, "Edit silence", change_form(pages, &silence, &typed, &[], None))
            }
            Some(_) => {
                let main = layout::note("This silence has ended", "It cannot be changed any more, but be recreated.");
                page(pages, StatusCode::CONFLICT, "This silence has ended", main)
            }
            None => not_found(pages),
        })
    })
    .await
}

/// `GET /silences/preview?matchers=..`: what they match, as a piece of a page for the script.
pub(super) async fn show_preview(pages: web::Data<Pages>, query: web::Query<PreviewQuery>) -> HttpResponse {
    response::blocking(pages, move |pages| {
        let matchers = filter::matchers(std::slice::from_ref(&query.matchers));
        Ok(Answer::Page(StatusCode::OK, preview::planned(pages, &matchers)))
    })
    .await
}

/// What the address of the form wants in it.
fn wished(pages: &Pages, query: &str, created_by: String) -> Typed {
    let (mut texts, mut comment, mut from) = (Vec::new(), String::new(), None);
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "filter" => texts.push(value.into_owned()),
            "comment" => comment = value.into_owned(),
            "from" => from = silence(pages, &value),
            _ => {}
        }
    }
    let now = pages.clock.now();
    match from {
        Some(silence) => Typed::again(&silence, created_by, now),
        // what is not understood is shown as it is, with what is wrong in the preview
        None => {
            let matchers = filter::matchers(&texts).as_ref().map(form::lines).unwrap_or_else(|_| texts.join("\n"));
            Typed::new(matchers, created_by, comment, now)
        }
    }
}

fn new_form(pages: &Pages, typed: &Typed, problems: &[form::Problem], refused: Option<String>) -> Html {
    let shown = Form { action: "/silences/new", save: "Create silence", hint: None, typed, problems, refused };
    titled("New silence", form_view::form(pages, &shown, planned(pages, typed)))
}

fn change_form(
    pages: &Pages,
    silence: &Silence,
    typed: &Typed,
    problems: &[form::Problem],
    refused: Option<String>,
) -> Html {
    let hint = html!(
        r#"<p class="help">With other matchers, or another start once it is active, this silence ends and a new one takes its place.</p>"#
    );
    let action = format!("/silences/{}/edit", silence.id);
    let shown = Form { action: &action, save: "Save changes", hint: Some(hint), typed, problems, refused };
    titled("Edit silence", form_view::form(pages, &shown, planned(pages, typed)))
}

fn planned(pages: &Pages, typed: &Typed) -> Html {
    let matchers: Result<MatcherSet, String> = typed.matchers();
    preview::planned(pages, &matchers)
}

fn titled(title: &'static str, main: Html) -> Html {
    html!(r#"<div class="title"><h1>{title}</h1></div>{main}"#, title = title, main = main)
}

fn silence(pages: &Pages, id: &str) -> Option<Arc<Silence>> {
    pages.data.silences().silences().get(&form::silence_id(id)).cloned()
}

fn not_found(pages: &Pages) -> Answer {
    let main = layout::note("No such silence", "It never was, or it ended long ago and was forgotten.");
    page(pages, StatusCode::NOT_FOUND, "No such silence", main)
}

fn page(pages: &Pages, status: StatusCode, title: &str, main: Html) -> Answer {
    Answer::Page(status, layout::page(pages, &layout::Head { title, section: "/silences" }, main))
}
