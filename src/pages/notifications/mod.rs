//! The notifications, pending and done: as a list with filters, one by one, for scripts as JSON, and sent again.
//!
//! Deliberately unknown here: how they are kept and searched, how one is sent.

mod json;
mod list;
mod one;
mod query;
mod resend;
#[cfg(test)]
mod tests;
mod words;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use alerts::{
    message::DeliveryId,
    picture::{PictureId, PictureRecord},
    ports::{InboxPicture, Store, StoreError},
    shown,
};
use serde::Deserialize;
use serde_json::json;

use self::query::Query;
use super::{
    Pages,
    html::Html,
    layout,
    response::{self, Answer},
};
use crate::database::{Notification, NotificationState};

pub use resend::{Resend, ResendRefused};
pub(super) use resend::{resend, resend_for_script};

/// Notifications on a page.
const PAGE: usize = 30;
/// Notifications in one answer of the API, if nothing is said, and at most.
const ANSWER: usize = 50;
const MOST: usize = 200;

#[derive(Deserialize)]
pub(super) struct OneQuery {
    #[serde(default)]
    done: String,
}

/// `GET /notifications?state=..&receiver=..&alert=..`
pub(super) async fn show(pages: web::Data<Pages>, request: HttpRequest) -> HttpResponse {
    let query = Query::parse(request.query_string());
    response::blocking(pages, move |pages| {
        let page = match query.choice(pages.clock.now(), PAGE) {
            Ok(choice) => pages.database.notifications(&choice)?,
            Err(_) => Default::default(),
        };
        let count = |state| pages.database.count_notifications(state);
        let counts = list::Counts {
            pending: count(NotificationState::Pending)?,
            dead_letters: count(NotificationState::DeadLetter)?,
        };
        Ok(whole(pages, StatusCode::OK, "Notifications", list::list(pages, &query, &page, counts)))
    })
    .await
}

/// `GET /notifications/{id}?done=..`
pub(super) async fn show_one(
    pages: web::Data<Pages>,
    id: web::Path<String>,
    query: web::Query<OneQuery>,
) -> HttpResponse {
    response::blocking(pages, move |pages| {
        let Some(notification) = find(pages, &id)? else {
            let main = layout::note("No such notification", "It never was, or it is older than the history.");
            return Ok(whole(pages, StatusCode::NOT_FOUND, "No such notification", main));
        };
        let newer = pages.database.newer_notification(&notification.delivery)?;
        let shown =
            one::One { pictures: pictures(pages, &notification)?, notification, newer, done: query.done.clone() };
        Ok(whole(pages, StatusCode::OK, &words::title(&shown.notification.delivery), one::whole(pages, &shown)))
    })
    .await
}

/// `GET /wirephoto/v1/notifications`
pub(super) async fn json(pages: web::Data<Pages>, request: HttpRequest) -> HttpResponse {
    let query = Query::parse(request.query_string());
    response::blocking(pages, move |pages| {
        let now = pages.clock.now();
        let choice = match query.choice(now, ANSWER) {
            Ok(choice) => choice,
            Err(problem) => return Ok(Answer::Coded(StatusCode::BAD_REQUEST, json!({ "error": problem }))),
        };
        let page = pages.database.notifications(&choice)?;
        let all = page
            .notifications
            .iter()
            .map(|one| Ok(json::notification(pages, one, &pictures(pages, one)?, json::ALERTS_IN_LIST, now)));
        Ok(Answer::Json(json!({
            "notifications": all.collect::<Result<Vec<_>, StoreError>>()?,
            "nextCursor": page.next.map(|id| id.0.to_string()),
        })))
    })
    .await
}

/// `GET /wirephoto/v1/notifications/{id}`
pub(super) async fn json_one(pages: web::Data<Pages>, id: web::Path<String>) -> HttpResponse {
    response::blocking(pages, move |pages| {
        let Some(notification) = find(pages, &id)? else {
            return Ok(Answer::Coded(StatusCode::NOT_FOUND, json!({ "error": "there is no such notification" })));
        };
        let pictures = pictures(pages, &notification)?;
        Ok(Answer::Json(json::notification(pages, &notification, &pictures, usize::MAX, pages.clock.now())))
    })
    .await
}

fn find(pages: &Pages, id: &str) -> Result<Option<Notification>, StoreError> {
    id.parse().map_or(Ok(None), |id| pages.database.notification(DeliveryId(id)))
}

/// The pictures that were sent; of what was not sent those of its alerts. Those that retention deleted are left out.
fn pictures(pages: &Pages, notification: &Notification) -> Result<Vec<InboxPicture>, StoreError> {
    let ids = match &notification.done {
        Some(done) if NotificationState::of(&done.outcome).is_sent() => done.pictures.clone(),
        _ => pictures_of_alerts(notification),
    };
    let known = ids.iter().map(|id| Ok(pages.database.picture(id)?.map(as_shown)));
    known.filter_map(Result::transpose).collect()
}

fn as_shown(record: PictureRecord) -> InboxPicture {
    let PictureRecord { id, title, alt, transition, width, height, .. } = record;
    InboxPicture { id, title, alt, transition, width, height }
}

fn pictures_of_alerts(notification: &Notification) -> Vec<PictureId> {
    let mut ids: Vec<PictureId> = Vec::new();
    for id in notification.delivery.alerts.iter().filter_map(|told| shown::slot(told).taken()) {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    ids
}

fn whole(pages: &Pages, status: StatusCode, title: &str, main: Html) -> Answer {
    Answer::Page(status, layout::page(pages, &layout::Head { title, section: "/notifications" }, main))
}
