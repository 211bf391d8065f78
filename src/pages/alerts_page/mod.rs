//! The alerts in their groups, as the groups API has them, with a filter; and one alert alone.
//!
//! Deliberately unknown here: how alerts are found and grouped, how an article looks.

mod article;
pub(super) mod filter;
mod groups;
mod toolbar;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use alerts::Fingerprint;

use super::{
    Pages,
    data::Part,
    html::html,
    layout,
    response::{self, Answer},
};
use filter::Filter;

pub(super) use article::brief;

/// Groups on a page, alerts of each, and alerts on the page of one group.
const GROUPS: usize = 20;
const ALERTS: usize = 10;
const ALERTS_OF_ONE: usize = 50;

/// `GET /alerts`
pub(super) async fn show(pages: web::Data<Pages>, request: HttpRequest) -> HttpResponse {
    let filter = Filter::parse(request.query_string());
    response::blocking(pages, move |pages| {
        let part = match filter.group {
            Some(id) => Part::Group { id, skip: filter.page * ALERTS_OF_ONE, alerts: ALERTS_OF_ONE },
            None => Part::Groups { skip: filter.page * GROUPS, groups: GROUPS, alerts: ALERTS },
        };
        let view = pages.data.groups(&filter.wanted, part);
        let main = html!(
            "{toolbar}{groups}",
            toolbar = toolbar::toolbar(pages, &filter, &view),
            groups = groups::groups(pages, &filter, &view),
        );
        let head = layout::Head { title: "Alerts", section: "/alerts" };
        Ok(Answer::Page(StatusCode::OK, layout::page(pages, &head, main)))
    })
    .await
}

/// `GET /alerts/{fingerprint}`
pub(super) async fn show_one(pages: web::Data<Pages>, fingerprint: web::Path<String>) -> HttpResponse {
    response::blocking(pages, move |pages| {
        let alert = fingerprint.parse::<Fingerprint>().ok().and_then(|fingerprint| pages.data.alert(fingerprint));
        Ok(match alert {
            Some(alert) => {
                let head = layout::Head { title: alert.name(), section: "/alerts" };
                Answer::Page(StatusCode::OK, layout::page(pages, &head, article::whole(pages, &alert)))
            }
            None => {
                let main = layout::note("No such alert", "It never was, or it resolved and was forgotten.");
                let head = layout::Head { title: "No such alert", section: "/alerts" };
                Answer::Page(StatusCode::NOT_FOUND, layout::page(pages, &head, main))
            }
        })
    })
    .await
}
