//! The overview: is it well, how much is there, does every integration take its messages.
//!
//! Deliberately unknown here: where the numbers come from.

use actix_web::{HttpResponse, http::StatusCode, web};
use alerts::Time;

use super::{
    Pages,
    data::{IntegrationState, IntegrationView, StatusView},
    html::{Count, Href, Html, html},
    layout,
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
        r#"<div class="title"><h1>Overview</h1></div>
{readiness}
<div class="tiles">{firing}{resolved}{groups}{pending}</div>
{integrations}
<p class="footnote">wirephoto {version}, running since {since}</p>"#,
        readiness = readiness(status),
        firing = tile(Some(layout::link(pages, "/alerts")), "alarm", status.alerts_firing, "alerts firing"),
        resolved = tile(None, "calm", status.alerts_resolved, "recently resolved"),
        groups = tile(None, "plain", status.groups, "groups"),
        pending = tile(None, "busy", pending, "deliveries waiting"),
        integrations = integrations(pages, &status.integrations),
        version = status.version,
        since = status.started_at,
    )
}

fn readiness(status: &StatusView) -> Html {
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

fn integrations(pages: &Pages, all: &[IntegrationView]) -> Html {
    if all.is_empty() {
        return html!(
            r#"<section class="note"><p>No receiver has an integration: nobody is told anything.</p></section>"#
        );
    }
    html!(
        r#"<section class="card"><h2>Integrations</h2>
<table><thead><tr><th>Receiver</th><th>Type</th><th class="number">Waiting</th><th>State</th></tr></thead>
<tbody>{rows}</tbody></table></section>"#,
        rows = all.iter().map(|integration| row(pages, integration)).collect::<Html>(),
    )
}

fn row(pages: &Pages, integration: &IntegrationView) -> Html {
    let inbox = layout::link(pages, "/inbox");
    let kind = match integration.kind.as_str() {
        "inbox" => html!(r#"<a href="{to}">inbox</a>"#, to = Href(&inbox)),
        other => html!("{kind}", kind = other),
    };
    html!(
        r#"<tr><td>{receiver}</td><td>{kind}</td><td class="number">{pending}</td><td>{state}</td></tr>"#,
        receiver = integration.receiver,
        kind = kind,
        pending = Count(integration.pending),
        state = state(&integration.state),
    )
}

fn state(state: &IntegrationState) -> Html {
    let with = |colour: &'static str, word: &'static str, until: Option<Time>, error: &str| {
        let until = until.map(|until| html!("until {until}", until = until));
        html!(
            r#"<span class="state {colour}">{word}</span> {until}<span class="error">{error}</span>"#,
            colour = colour,
            word = word,
            until = until,
            error = error,
        )
    };
    match state {
        IntegrationState::Working => html!(r#"<span class="state good">Working</span>"#),
        IntegrationState::Failing { error } => with("busy", "Failing", None, error),
        IntegrationState::Paused { until, error } => with("bad", "Paused", Some(*until), error),
    }
}
