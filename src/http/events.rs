//! Taking simple events: `POST /events`, as JSON, or as a form with the events and the files of their pictures.
//!
//! A picture is kept before its event is taken, and what is wrong with it never costs the event. Deliberately unknown here: what a picture
//! is, how it is shown.

use std::collections::HashMap;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{self, Bytes},
};
use alerts::{
    intake::{
        Incoming,
        events::{self, Event},
    },
    own::{OWN_PICTURE, Written},
    ports::NotKept,
};
use tokio::time::Instant;

use super::{Services, answers, body, post};
use crate::multipart;

const EVENTS: &str = "events";
/// The part of a form that has the events.
const EVENTS_PART: &str = "events";
/// The most pictures that one body brings: each is decoded.
const MOST_PICTURES: usize = 100;

/// `POST /events`.
pub(super) async fn take(request: HttpRequest, payload: web::Payload, services: web::Data<Services>) -> HttpResponse {
    let body = match read(&request, payload, &services).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    let (json, files) = match form(&request, &body.bytes) {
        Ok(parts) => parts,
        Err(why) => {
            services.metrics.not_parsed(EVENTS);
            return answers::coded(StatusCode::BAD_REQUEST.as_u16(), &why);
        }
    };
    let received = services.clock.now();
    let text = events::text(&json);
    let mut remarks = Vec::new();
    let alerts = match events::parse(&text, received) {
        Ok(events) => Ok(with_pictures(events, &files, &mut remarks, &services).await),
        Err(error) => Err(error),
    };
    let batch = post::sort_out(alerts, received, &services, EVENTS);
    post::finish(batch, remarks, received, &services).await
}

async fn read(request: &HttpRequest, payload: web::Payload, services: &Services) -> Result<body::Body, HttpResponse> {
    if !is_form(request) {
        return post::read(request, payload, services).await;
    }
    if is_from_elsewhere(request) {
        let why = "a page of another site cannot send events: browsers send forms for anybody";
        return Err(answers::coded(StatusCode::FORBIDDEN.as_u16(), why));
    }
    body::gather(request, payload, services).await.map_err(|error| {
        services.metrics.refused(error.reason());
        error.answer()
    })
}

fn stated<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

fn is_form(request: &HttpRequest) -> bool {
    let kind = stated(request, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("multipart/form-data")
}

/// JSON a browser sends to other sites only after it has asked; forms it sends at once. Scripts say neither of these.
fn is_from_elsewhere(request: &HttpRequest) -> bool {
    match stated(request, "sec-fetch-site") {
        Some(site) => site != "same-origin",
        None => stated(request, header::ORIGIN.as_str()).is_some_and(|origin| {
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            authority.is_none() || authority != stated(request, header::HOST.as_str())
        }),
    }
}

/// The events of a body, and its other parts by their names.
fn form(request: &HttpRequest, body: &Bytes) -> Result<(Bytes, HashMap<String, Bytes>), String> {
    if !is_form(request) {
        return Ok((body.clone(), HashMap::new()));
    }
    let kind = stated(request, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let parts = multipart::parts(kind, body).ok_or("the body is not the form that its Content-Type says")?;
    let named = parts.into_iter().filter_map(|(headers, part)| {
        let name = multipart::name(&headers)?.to_owned();
        Some((name, body.slice_ref(part)))
    });
    let mut parts: HashMap<String, Bytes> = named.collect();
    let events = parts.remove(EVENTS_PART).ok_or_else(|| format!("the form has no part named \"{EVENTS_PART}\""))?;
    Ok((events, parts))
}

/// The alerts of events, those whose picture is kept with its name.
async fn with_pictures<'a>(
    events: Vec<Event<'a>>,
    files: &HashMap<String, Bytes>,
    remarks: &mut Vec<String>,
    services: &Services,
) -> Vec<Incoming<'a>> {
    let deadline = Instant::now() + services.settings.request_timeout / 2;
    let mut left = MOST_PICTURES;
    let mut alerts = Vec::with_capacity(events.len());
    for (at, Event { mut alert, picture }) in events.into_iter().enumerate() {
        alert.annotations.retain(|(name, _)| name != OWN_PICTURE);
        if let Some(picture) = picture {
            let kept = match left.checked_sub(1) {
                Some(fewer) => {
                    left = fewer;
                    keep(picture, files, deadline, services).await
                }
                None => Err(NotKept::Refused(format!("one body brings at most {MOST_PICTURES} pictures"))),
            };
            match kept {
                Ok(Some(name)) => alert.annotations.push((OWN_PICTURE.into(), name.into())),
                Ok(None) => tracing::debug!("a picture that came with an event is not kept: no pictures are taken"),
                Err(NotKept::Refused(why)) => {
                    remarks.push(format!("event {at}: {why} (the event was taken without its picture)"));
                }
                Err(NotKept::Failed(why)) => tracing::error!(error = why, "a picture that came with an event is lost"),
            }
        }
        alerts.push(alert);
    }
    alerts
}

/// The name of a picture that is kept; none where none are.
async fn keep(
    picture: Written,
    files: &HashMap<String, Bytes>,
    deadline: Instant,
    services: &Services,
) -> Result<Option<String>, NotKept> {
    let Some(pictures) = services.own_pictures.read().clone() else { return Ok(None) };
    let is_image = matches!(picture, Written::Image(_));
    let own = picture.own(|name| files.get(name).cloned()).map_err(NotKept::Refused)?;
    let kept = tokio::time::timeout_at(deadline, pictures.keep(own)).await;
    let kept = kept.unwrap_or_else(|_| Err(NotKept::Failed("there was not time enough to keep it".to_owned())));
    kept.map(Some).map_err(|error| match error {
        NotKept::Refused(why) if is_image => NotKept::Refused(format!("image: {why}")),
        error => error,
    })
}
