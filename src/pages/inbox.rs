//! The inbox: every message that an `inbox` integration was given, the newest first, live while one watches.
//!
//! Deliberately unknown here: who writes messages.

use actix_web::{HttpResponse, http::StatusCode, web};
use alerts::{Time, ports::StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Pages,
    html::{Href, Html, html},
    images, layout, message,
    response::{self, Answer},
};
use crate::database::InboxRow;

/// Messages on a page, and changes in one answer to the script.
const PAGE: usize = 30;
/// Messages in one answer of the API.
const MOST: usize = 500;

#[derive(Deserialize)]
pub(super) struct PageQuery {
    /// Older than this message.
    before: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct ChangesQuery {
    /// Changed after this revision.
    after: Option<i64>,
    limit: Option<usize>,
}

/// `GET /inbox`
pub(super) async fn show(pages: web::Data<Pages>, query: web::Query<PageQuery>) -> HttpResponse {
    response::blocking(pages, move |pages| {
        // read before the page is: a change in between is then told again, not missed
        let revision = pages.database.inbox_revision();
        let mut rows = pages.database.inbox_page(query.before, PAGE + 1)?;
        let older = (rows.len() > PAGE).then(|| rows[PAGE - 1].id);
        rows.truncate(PAGE);
        let live = query.before.is_none().then_some(revision);
        Ok(whole(pages, &rows, live, older))
    })
    .await
}

/// `GET /inbox/updates?after=..`: what changed since, as articles for the script; 204 if nothing did.
pub(super) async fn updates(pages: web::Data<Pages>, query: web::Query<ChangesQuery>) -> HttpResponse {
    let after = query.after.unwrap_or_default();
    if pages.database.inbox_revision() == after {
        return response::guarded(StatusCode::NO_CONTENT).insert_header(("Cache-Control", "no-store")).finish();
    }
    response::blocking(pages, move |pages| {
        let (rows, revision) = changes(pages, after, PAGE)?;
        let fragment = html!(
            r#"<div id="updates" data-revision="{revision}">{articles}</div>"#,
            revision = revision,
            articles = articles(pages, &rows),
        );
        Ok(Answer::Page(StatusCode::OK, fragment))
    })
    .await
}

/// `GET /inbox/{id}`
pub(super) async fn show_message(pages: web::Data<Pages>, id: web::Path<String>) -> HttpResponse {
    response::blocking(pages, move |pages| {
        let row = id.parse().map_or(Ok(None), |id| pages.database.inbox_message(id))?;
        Ok(match row {
            Some(row) => {
                let back = html!(
                    r#"<p class="back"><a href="{to}">← Inbox</a></p>"#,
                    to = Href(&layout::link(pages, "/inbox"))
                );
                let article = message::article(pages, &row, pages.clock.now());
                let main = html!(r#"{back}<div class="feed">{article}</div>"#, back = back, article = article);
                let head = layout::Head { title: &row.entry.title, section: "/inbox" };
                Answer::Page(StatusCode::OK, layout::page(pages, &head, main))
            }
            None => {
                let main =
                    layout::note("No such message", "It never was, or it is older than the inbox keeps messages.");
                let head = layout::Head { title: "No such message", section: "/inbox" };
                Answer::Page(StatusCode::NOT_FOUND, layout::page(pages, &head, main))
            }
        })
    })
    .await
}

/// `GET /wirephoto/v1/inbox?after=..&limit=..`: messages in the order of their last change, and the revision to go on from.
pub(super) async fn json(pages: web::Data<Pages>, query: web::Query<ChangesQuery>) -> HttpResponse {
    response::blocking(pages, move |pages| {
        let limit = query.limit.unwrap_or(100).clamp(1, MOST);
        let (rows, revision) = changes(pages, query.after.unwrap_or_default(), limit)?;
        let now = pages.clock.now();
        let messages: Vec<_> = rows.iter().map(|row| as_json(pages, row, now)).collect();
        Ok(Answer::Json(json!({ "revision": revision, "messages": messages })))
    })
    .await
}

/// Rows after a revision, and the revision that is then known.
fn changes(pages: &Pages, after: i64, limit: usize) -> Result<(Vec<InboxRow>, i64), StoreError> {
    let newest = pages.database.inbox_revision();
    let rows = pages.database.inbox_changes(after, limit)?;
    let last = rows.last().map_or(newest, |row| row.revision);
    // less than a full answer means that everything up to the newest is known
    let known = if rows.len() < limit { last.max(newest) } else { last };
    Ok((rows, known))
}

fn whole(pages: &Pages, rows: &[InboxRow], live: Option<i64>, older: Option<i64>) -> Answer {
    let state = live.map(|_| html!(r#"<span class="live" role="status" hidden></span>"#));
    let empty = rows.is_empty().then(|| {
        html!(r#"<section class="note" id="empty"><h2>Nothing here yet</h2><p>Messages to receivers with an <code>inbox</code> integration appear here.</p></section>"#)
    });
    let watched = live.map(|revision| {
        let to = layout::link(pages, "/inbox/updates");
        html!(r#" data-updates="{to}" data-revision="{revision}""#, to = to, revision = revision)
    });
    let newest = live.is_none().then(|| html!(r#"<a href="{to}">← Newest</a>"#, to = layout::link(pages, "/inbox")));
    let older = older.map(|id| {
        let to = layout::link(pages, &format!("/inbox?before={id}"));
        html!(r#"<a class="next" href="{to}">Older →</a>"#, to = Href(&to))
    });
    let main = html!(
        r#"<div class="title"><h1>Inbox</h1>{state}</div>{empty}<div class="feed"{watched}>{articles}</div><p class="pager">{newest}{older}</p>"#,
        state = state,
        empty = empty,
        watched = watched,
        articles = articles(pages, rows),
        newest = newest,
        older = older,
    );
    Answer::Page(StatusCode::OK, layout::page(pages, &layout::Head { title: "Inbox", section: "/inbox" }, main))
}

fn articles(pages: &Pages, rows: &[InboxRow]) -> Html {
    let now = pages.clock.now();
    rows.iter().map(|row| message::article(pages, row, now)).collect()
}

fn as_json(pages: &Pages, row: &InboxRow, now: Time) -> Value {
    let entry = &row.entry;
    let picture = |picture: &alerts::ports::InboxPicture| {
        json!({
            "id": picture.id, "title": picture.title, "alt": picture.alt, "transition": picture.transition,
            "width": picture.width, "height": picture.height, "path": images::link(pages, &picture.id, now),
        })
    };
    json!({
        "id": row.id,
        "revision": row.revision,
        "status": entry.status,
        "receiver": entry.receiver,
        "groupKey": entry.group_key,
        "groupLabels": entry.group_labels,
        "title": entry.title,
        "text": entry.text,
        "at": entry.at.rfc3339(),
        "pictures": entry.pictures.iter().map(picture).collect::<Vec<_>>(),
        "picturesLeftOut": entry.pictures_left_out,
    })
}
