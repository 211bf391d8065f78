//! The test of a receiver on a page: the form that asks for it, and what came of the last one.
//!
//! Sending the form leads back here, so that loading the page again tests nothing again. Deliberately unknown here: how it is sent.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use serde::Deserialize;

use super::{asker, back, desk, foreign, link, page, status, unknown, with_retry_after};
use crate::{
    pages::{
        Pages,
        html::{Href, Html, When, html},
        message, response,
    },
    trial::{Failure, IntegrationReport, TestAsked, TestReport, Told, Which},
};

/// What a form says.
#[derive(Debug, Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    integration: String,
    #[serde(default)]
    resolve: String,
}

/// `GET /receivers/{name}/test`
pub(super) async fn show(pages: web::Data<Pages>, name: web::Path<String>) -> HttpResponse {
    let desk = desk(&pages);
    if !desk.knows(&name) {
        return unknown(&pages, &name, &desk);
    }
    let (last, running) = desk.last_test(&name);
    page(&pages, StatusCode::OK, "Test of a receiver", whole(&pages, &name, last.as_deref(), running, None))
}

/// `POST /receivers/{name}/test`
pub(super) async fn submit(
    pages: web::Data<Pages>,
    request: HttpRequest,
    name: web::Path<String>,
    form: web::Form<Form>,
) -> HttpResponse {
    if let Some(refusal) = foreign(&request, &pages) {
        return refusal;
    }
    let desk = desk(&pages);
    // what is no integration is none of the receiver's
    let integration = (!form.integration.is_empty())
        .then(|| form.integration.parse().unwrap_or_else(|_| Which::one(&form.integration, 0)));
    let by = format!("{} on the status page", asker(&request));
    let asked = TestAsked { receiver: name.clone(), integration, resolve: !form.resolve.is_empty(), by };
    match desk.test(asked).await {
        Ok(_) => response::see_other(&link(&pages, &name, "test")).finish(),
        Err(_) if !desk.knows(&name) => unknown(&pages, &name, &desk),
        Err(refused) => {
            let (last, running) = desk.last_test(&name);
            let why = refused.to_string();
            let main = whole(&pages, &name, last.as_deref(), running, Some(&why));
            with_retry_after(page(&pages, status(&refused), "Not tested", main), Some(&refused))
        }
    }
}

fn whole(pages: &Pages, name: &str, last: Option<&TestReport>, running: bool, refused: Option<&str>) -> Html {
    html!(
        r#"{back}<div class="title"><h1>Test of <bdi>{name}</bdi></h1></div>
{refused}{running}{report}{form}"#,
        back = back(pages),
        name = name,
        refused = refused.map(|why| html!(r#"<p class="refused" role="alert">Not tested: {why}</p>"#, why = why)),
        running = running.then(|| html!(r#"<p class="readiness" role="status">A test is under way. Load this page again to see what comes of it.</p>"#)),
        report = last.map(|report| show_report(pages, report)),
        form = form(pages, name),
    )
}

fn form(pages: &Pages, name: &str) -> Html {
    html!(
        r#"<section class="card"><h2>Send a test message</h2>
<p class="quiet">A real message to every integration of this receiver. It says that it is a test, and who asked for it.</p>
<form class="trial" action="{to}" method="post"><label class="check"><input type="checkbox" name="resolve" value="1"> then tell them that it is over</label>
<p class="buttons"><button class="main">Send test message</button> <a class="button" href="{preview}">Preview</a></p></form></section>"#,
        to = link(pages, name, "test"),
        preview = link(pages, name, "preview"),
    )
}

fn show_report(pages: &Pages, report: &TestReport) -> Html {
    let now = pages.clock.now();
    let (class, words) = match report.ok {
        true => ("good", "Every integration took the message"),
        false => ("bad", "Not every integration took the message"),
    };
    html!(
        r#"<p class="readiness {class}" role="status"><strong>{words}</strong> asked for by {by}, {at}</p>
{picture}{nothing}<div class="feed">{integrations}</div>"#,
        class = class,
        words = words,
        by = report.by,
        at = When(report.at, now),
        picture = picture(report),
        nothing = report.integrations.is_empty().then(|| {
            html!(r#"<section class="note"><p>The receiver has no integration: nobody is told anything.</p></section>"#)
        }),
        integrations = report
            .integrations
            .iter()
            .flat_map(|one| one.messages.iter().map(move |told| outcome(one, told)))
            .collect::<Html>(),
    )
}

fn picture(report: &TestReport) -> Html {
    match (&report.picture.link, &report.picture.problem) {
        (Some(link), _) => html!(
            r#"<p class="quiet picture-link">With <a href="{to}">this picture</a>, which vendors are given as a file or by this link.</p>"#,
            to = Href(link),
        ),
        (None, problem) => html!(
            r#"<p class="warning">The picture has no link. {problem}</p>"#,
            problem = problem.as_deref().unwrap_or_default(),
        ),
    }
}

fn outcome(one: &IntegrationReport, told: &Told) -> Html {
    let (class, word) = match (&told.error, &told.degraded, told.skipped) {
        (Some(_), ..) => ("dead", "Failed"),
        (_, _, Some(_)) => ("expired", "Not told"),
        (_, Some(_), _) => ("degraded", "Sent, but"),
        _ => ("sent", "Sent"),
    };
    let facts = [
        ("Answer", told.receipt.as_ref().filter(|receipt| !receipt.is_null()).map(ToString::to_string), true),
        ("Note", told.degraded.clone(), false),
        ("Why", told.skipped.map(str::to_owned), false),
        ("Error", told.error.as_ref().map(|error| error.detail.clone()), false),
        ("Class", told.error.as_ref().map(class_of), false),
        ("What to do", told.error.as_ref().map(|error| error.advice.clone()), false),
    ];
    let fact = |(name, value, code): (&'static str, Option<String>, bool)| {
        let value = value?;
        let value = if code { html!("<code>{value}</code>", value = value) } else { html!("{value}", value = value) };
        Some(html!("<dt>{name}</dt><dd><bdi>{value}</bdi></dd>", name = name, value = value))
    };
    html!(
        r#"<article class="message notification {class}"><header><span class="badge {class}">{word}</span><h2>{integration}</h2></header>
<dl class="facts"><dt>Message</dt><dd>{status}</dd>{facts}</dl></article>"#,
        class = class,
        word = word,
        integration = one.integration,
        status = message::badge(told.status),
        facts = facts.into_iter().filter_map(fact).collect::<Html>(),
    )
}

fn class_of(error: &Failure) -> String {
    let class = match error.class {
        "authError" => "not allowed, or not there",
        "rateLimited" => "asks to wait",
        "serverError" => "temporary",
        _ => "refused",
    };
    format!("{class} ({})", error.class)
}

/// A button that tests one integration.
pub(in crate::pages) fn button(pages: &Pages, receiver: &str, integration: &str) -> Html {
    html!(
        r#"<form action="{to}" method="post"><input type="hidden" name="integration" value="{integration}"><button>Send test message</button></form>"#,
        to = link(pages, receiver, "test"),
        integration = integration,
    )
}
