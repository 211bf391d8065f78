//! The preview of a receiver on a page: every request that would be sent about an event, and the form for another event.
//!
//! Deliberately unknown here: how it is made.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use serde::Deserialize;

use super::{back, desk, foreign, link, page, status, unknown, with_retry_after};
use crate::{
    pages::{
        Pages,
        html::{Count, Href, Html, html},
        message,
    },
    trial::{
        Body, Field, GroupPreview, IntegrationPreview, MessagePreview, Part, Preview, PreviewAsked, Refused, Step,
        Told, Which,
    },
};

/// What the form or the address says.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    integration: String,
    #[serde(default)]
    event: String,
    #[serde(default)]
    pictures: String,
    #[serde(default)]
    resolved: String,
}

/// `GET /receivers/{name}/preview?integration=slack/0`
pub(super) async fn show(pages: web::Data<Pages>, name: web::Path<String>, form: web::Query<Form>) -> HttpResponse {
    answer(pages, name.into_inner(), form.into_inner()).await
}

/// `POST /receivers/{name}/preview`: the same, for long events.
pub(super) async fn submit(
    pages: web::Data<Pages>,
    request: HttpRequest,
    name: web::Path<String>,
    form: web::Form<Form>,
) -> HttpResponse {
    if let Some(refusal) = foreign(&request, &pages) {
        return refusal;
    }
    answer(pages, name.into_inner(), form.into_inner()).await
}

async fn answer(pages: web::Data<Pages>, name: String, form: Form) -> HttpResponse {
    let desk = desk(&pages);
    if !desk.knows(&name) {
        return unknown(&pages, &name, &desk);
    }
    let made = match form.asked(&name) {
        Ok(asked) => desk.preview(asked).await.map_err(Some),
        Err(()) => Err(None),
    };
    let (status, why) = match &made {
        Ok(_) => (StatusCode::OK, None),
        Err(Some(refused)) => (status(refused), Some(refused.to_string())),
        Err(None) => (StatusCode::BAD_REQUEST, Some("the number of pictures is no number".to_owned())),
    };
    let main = whole(&pages, &name, &form, why.as_deref(), made.as_ref().ok());
    let refused: Option<&Refused> = made.as_ref().err().and_then(Option::as_ref);
    with_retry_after(page(&pages, status, "Preview", main), refused)
}

impl Form {
    /// None of the numbers may be wrong.
    fn asked(&self, receiver: &str) -> Result<PreviewAsked, ()> {
        let event = Some(self.event.trim()).filter(|event| !event.is_empty()).map(str::to_owned);
        let pictures = if self.pictures.is_empty() { 1 } else { self.pictures.parse().map_err(drop)? };
        let integration = (!self.integration.is_empty())
            .then(|| self.integration.parse().unwrap_or_else(|_| Which::one(&self.integration, 0)));
        let resolved = !self.resolved.is_empty();
        Ok(PreviewAsked { event, receiver: Some(receiver.to_owned()), integration, pictures, resolved })
    }
}

fn whole(pages: &Pages, name: &str, form: &Form, refused: Option<&str>, preview: Option<&Preview>) -> Html {
    html!(
        r#"{back}<div class="title"><h1>Preview of <bdi>{name}</bdi></h1><span class="count">{integration}</span></div>
{refused}{summary}{groups}{form}"#,
        back = back(pages),
        name = name,
        integration = form.integration,
        refused = refused.map(|why| html!(r#"<p class="refused" role="alert">No preview: {why}</p>"#, why = why)),
        summary = preview.map(summary),
        groups = preview.map(|preview| preview.groups.iter().map(group).collect::<Html>()),
        form = form_for(pages, name, form),
    )
}

fn summary(preview: &Preview) -> Html {
    match preview.ok {
        true => html!(
            r#"<p class="readiness good" role="status"><strong>Nothing was sent</strong> this is what would be; secrets are shown as <code>[redacted]</code></p>"#
        ),
        false => html!(
            r#"<p class="readiness bad" role="status"><strong>Not every integration made its requests</strong> nothing was sent</p>"#
        ),
    }
}

fn form_for(pages: &Pages, name: &str, form: &Form) -> Html {
    let checked = (!form.resolved.is_empty()).then(|| html!(" checked"));
    html!(
        r#"<section class="card"><h2>Another event</h2><form class="trial" action="{to}" method="post">
<input type="hidden" name="integration" value="{integration}">
<div class="field"><label for="event">Alerts, as JSON for <code>POST /api/v2/alerts</code>; empty: a sample</label><textarea id="event" name="event" rows="8" spellcheck="false" placeholder="{example}">{event}</textarea></div>
<div class="field narrow"><label for="pictures">Test pictures</label><input id="pictures" name="pictures" inputmode="numeric" value="{pictures}"></div>
<label class="check"><input type="checkbox" name="resolved" value="1"{checked}> also what follows when all is over</label>
<p class="buttons"><button class="main">Preview</button> <a class="button" href="{test}">Test</a></p></form></section>"#,
        to = link(pages, name, "preview"),
        integration = form.integration,
        example = r#"[{"labels": {"alertname": "DiskFull", "instance": "db-1"}, "annotations": {"summary": "…"}}]"#,
        event = form.event,
        pictures = if form.pictures.is_empty() { "1" } else { form.pictures.as_str() },
        checked = checked,
        test = link(pages, name, "test"),
    )
}

fn group(group: &GroupPreview) -> Html {
    let nothing = group.integrations.is_empty().then(|| {
        html!(r#"<section class="note"><p>The receiver has no integration: nobody is told anything.</p></section>"#)
    });
    html!(
        r#"<section class="group"><header><h2>Group</h2>{labels}<span class="count">{alerts} {word}</span></header>
{nothing}<div class="feed">{integrations}</div></section>"#,
        labels = message::labels(&group.labels),
        alerts = Count(group.alerts),
        word = if group.alerts == 1 { "alert" } else { "alerts" },
        nothing = nothing,
        integrations = group
            .integrations
            .iter()
            .flat_map(|one| one.messages.iter().map(move |it| article(one, it)))
            .collect::<Html>(),
    )
}

fn article(one: &IntegrationPreview, message: &MessagePreview) -> Html {
    let steps = message.steps.iter().enumerate().map(|(at, step)| show_step(at + 1, step)).collect::<Html>();
    html!(
        r#"<article class="message {status} preview"><header>{badge}<h2>{integration}</h2></header>
{steps}{notes}</article>"#,
        status = message.told.status.as_str(),
        badge = message::badge(message.told.status),
        integration = one.integration,
        steps = steps,
        notes = notes(&message.told),
    )
}

fn notes(told: &Told) -> Html {
    html!(
        "{degraded}{skipped}{error}",
        degraded = told.degraded.as_ref().map(|why| html!(r#"<p class="warning"><bdi>{why}</bdi></p>"#, why = why)),
        skipped = told.skipped.map(|why| html!(r#"<p class="quiet">{why}</p>"#, why = why)),
        error = told.error.as_ref().map(|error| {
            html!(
                r#"<p class="problem"><bdi>{detail}</bdi></p><p class="quiet">{advice}</p>"#,
                detail = error.detail,
                advice = error.advice
            )
        }),
    )
}

fn show_step(number: usize, step: &Step) -> Html {
    match step {
        Step::Request { method, url, headers, body } => html!(
            r#"<section class="step"><h3><span class="count">{number}</span> <b>{method}</b> <bdi>{url}</bdi></h3>
<details><summary>{count} headers</summary>{headers}</details>{body}</section>"#,
            number = number,
            method = method,
            url = url,
            count = headers.len(),
            headers = fields(headers),
            body = show_body(body),
        ),
        Step::Mail { server, from, to, size, headers, parts } => html!(
            r#"<section class="step"><h3><span class="count">{number}</span> <b>Mail</b> to {server}</h3>
<p class="quiet">from {from} to {to}, {size} bytes</p>{headers}{parts}</section>"#,
            number = number,
            server = server,
            from = from,
            to = to.join(", "),
            size = Count(*size),
            headers = fields(headers),
            parts = show_parts(parts),
        ),
        Step::Inbox { title, text, pictures, left_out } => html!(
            r#"<section class="step"><h3><span class="count">{number}</span> <b>Inbox page</b> <bdi>{title}</bdi></h3>
<pre>{text}</pre>{pictures}{left_out}</section>"#,
            number = number,
            title = title,
            text = text.trim_end(),
            pictures = pictures
                .iter()
                .map(|picture| html!(
                    r#"<p class="quiet">[picture: {title}] {alt}</p>"#,
                    title = picture.title,
                    alt = picture.alt
                ))
                .collect::<Html>(),
            left_out = (*left_out > 0)
                .then(|| html!(r#"<p class="quiet">and {count} more pictures</p>"#, count = Count(*left_out))),
        ),
    }
}

fn show_body(body: &Body) -> Html {
    match body {
        Body::Empty => html!(r#"<p class="quiet">without a body</p>"#),
        Body::Json { value } => {
            html!("<pre>{json}</pre>", json = serde_json::to_string_pretty(value).unwrap_or_default())
        }
        Body::Form { text, fields: all } => html!(
            r#"{fields}<details><summary>as it goes over the wire</summary><pre>{text}</pre></details>"#,
            fields = fields(all),
            text = text
        ),
        Body::Multipart { parts } => show_parts(parts),
        Body::Text { text } => html!("<pre>{text}</pre>", text = text),
        Body::File { description } => html!("<pre>{description}</pre>", description = description),
    }
}

fn show_parts(parts: &[Part]) -> Html {
    let part = |(at, part): (usize, &Part)| {
        html!(
            r#"<section class="part"><h4>Part {number}</h4>{headers}{body}</section>"#,
            number = at + 1,
            headers = fields(&part.headers),
            body = show_body(&part.body),
        )
    };
    parts.iter().enumerate().map(part).collect()
}

fn fields(fields: &[Field]) -> Html {
    let field = |field: &Field| {
        html!("<dt><bdi>{name}</bdi></dt><dd><bdi>{value}</bdi></dd>", name = field.name, value = field.value)
    };
    html!(r#"<dl class="facts">{fields}</dl>"#, fields = fields.iter().map(field).collect::<Html>())
}

/// A link to the preview of one integration.
pub(in crate::pages) fn button(pages: &Pages, receiver: &str, integration: &str) -> Html {
    let to = format!("{}?integration={integration}", link(pages, receiver, "preview"));
    html!(r#"<a class="button" href="{to}">Preview</a>"#, to = Href(&to))
}
