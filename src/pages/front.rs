//! The overview: is it well, how much is there, does every integration take its messages.
//!
//! Deliberately unknown here: where the numbers come from.

use actix_web::{HttpResponse, http::StatusCode, web};
use alerts::silence::SilenceState;

use super::{
    Pages,
    data::StatusView,
    html::{Count, Href, Html, html},
    integrations, layout, links,
    response::{self, Answer},
};

/// `GET /`
pub(super) async fn show(pages: web::Data<Pages>) -> HttpResponse {
    response::blocking(pages, |pages| {
        let main = overview(pages, &pages.data.status());
        Ok(Answer::Page(StatusCode::OK, layout::page(pages, &layout::Head { title: "Overview", section: "/" }, main)))
    })
    .await
}

fn overview(pages: &Pages, status: &StatusView) -> Html {
    let pending = status.integrations.iter().map(|integration| integration.pending).sum();
    html!(
        r#"<div class="title"><h1>Overview</h1><span class="live" role="status" hidden></span></div>
<div id="overview" data-live data-hash-links>{readiness}
<div class="tiles">{firing}{resolved}{silences}{pending}</div>
{integrations}
<p class="footnote">wirephoto {version}, running since {since}</p></div>
<noscript><p class="footnote">Links to <code>/#/…</code>, as Alertmanager has them, need a script. Without one their pages are <a href="{alerts}">the alerts</a>, <a href="{to_silences}">the silences</a> and <a href="{status}">the status</a>.</p></noscript>"#,
        readiness = readiness(status),
        firing = tile(Some(layout::link(pages, "/alerts")), "alarm", status.alerts_firing, "alerts firing"),
        resolved = tile(
            Some(links::with_query(pages, "/alerts", [("resolved", "true")])),
            "calm",
            status.alerts_resolved,
            "recently resolved"
        ),
        silences = tile(Some(layout::link(pages, "/silences")), "plain", active_silences(pages), "active silences"),
        pending = tile(None, "busy", pending, "deliveries waiting"),
        integrations = integrations::table(pages, &status.integrations, false),
        version = status.version,
        since = status.started_at,
        alerts = layout::link(pages, "/alerts"),
        to_silences = layout::link(pages, "/silences"),
        status = layout::link(pages, "/status"),
    )
}

fn active_silences(pages: &Pages) -> usize {
    let now = pages.clock.now();
    let silences = pages.data.silences().silences();
    silences.iter().filter(|silence| silence.state(now) == SilenceState::Active).count()
}

pub(super) fn readiness(status: &StatusView) -> Html {
    match &status.not_ready {
        None => html!(r#"<p class="readiness good"><strong>Ready</strong></p>"#),
        Some(why) => html!(r#"<p class="readiness bad"><strong>Not ready</strong> {why}</p>"#, why = why),
    }
}

/// Zero is never coloured: nothing is to be done about it.
fn tile(link: Option<String>, colour: &'static str, count: usize, words: &'static str) -> Html {
    let colour = if count == 0 { "plain" } else { colour };
    let inner = html!(r#"<b>{count}</b><span>{words}</span>"#, count = Count(count), words = words);
    match link {
        Some(to) => {
            html!(r#"<a class="tile {colour}" href="{to}">{inner}</a>"#, colour = colour, to = Href(&to), inner = inner)
        }
        None => html!(r#"<div class="tile {colour}">{inner}</div>"#, colour = colour, inner = inner),
    }
}
