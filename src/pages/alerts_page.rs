//! The alerts as a plain list with their pictures.
//!
//! Deliberately unknown here: the alert table, filters (the API has them).

use actix_web::{HttpResponse, http::StatusCode, web};
use alerts::Time;
use serde::Deserialize;

use super::{
    Pages,
    data::{AlertView, AlertsView},
    html::{Count, Href, Html, html},
    layout, message,
    response::{self, Answer},
};

const PAGE: usize = 50;

#[derive(Deserialize)]
pub(super) struct PageQuery {
    cursor: Option<String>,
}

/// `GET /alerts`
pub(super) async fn show(pages: web::Data<Pages>, query: web::Query<PageQuery>) -> HttpResponse {
    response::blocking(pages, move |pages| {
        let main = list(pages, &pages.data.alerts(PAGE, query.cursor.as_deref()), query.cursor.is_some());
        Ok(Answer::Page(
            StatusCode::OK,
            layout::page(pages, &layout::Head { title: "Alerts", section: "/alerts" }, main),
        ))
    })
    .await
}

fn list(pages: &Pages, view: &AlertsView, further: bool) -> Html {
    if view.alerts.is_empty() && !further {
        return layout::note("No alerts", "Nothing fires, and nothing resolved lately.");
    }
    let now = pages.clock.now();
    let first = further.then(|| html!(r#"<a href="{to}">← First</a>"#, to = layout::link(pages, "/alerts")));
    let next = view.next.as_ref().map(|cursor| {
        let to = format!("{}?cursor={}", layout::link(pages, "/alerts"), percent_encoded(cursor));
        html!(r#"<a class="next" href="{to}">More →</a>"#, to = Href(&to))
    });
    html!(
        r#"<div class="title"><h1>Alerts</h1><span class="count">{total}</span></div>
<div class="feed">{alerts}</div><p class="pager">{first}{next}</p>"#,
        total = Count(view.total),
        alerts = view.alerts.iter().map(|alert| article(pages, alert, now)).collect::<Html>(),
        first = first,
        next = next,
    )
}

fn article(pages: &Pages, alert: &AlertView, now: Time) -> Html {
    let source = Href(&alert.generator_url);
    let source = source.leads_somewhere().then(|| html!(r#"<a href="{to}" rel="noreferrer">Source</a>"#, to = source));
    let ended = alert.ended_at.map(|at| html!("<span>ended {at}</span>", at = at));
    let summary = (!alert.summary.is_empty()).then(|| html!(r#"<div class="text">{text}</div>"#, text = alert.summary));
    html!(
        r#"<article class="alert {status}"><div class="words">
<header>{badge}<h2>{name}</h2>
<p class="meta"><span>began {began}</span>{ended}{source}</p></header>
{summary}{labels}</div>{pictures}</article>
"#,
        status = alert.status.as_str(),
        badge = message::badge(alert.status),
        name = alert.name,
        began = alert.starts_at,
        ended = ended,
        source = source,
        summary = summary,
        labels = message::labels(&alert.labels.filtered(|name, _| name != "alertname")),
        pictures = message::pictures(pages, &alert.pictures, now),
    )
}

fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
