//! Whether a Grafana is there, whether its token may read dashboards, and whether a panel can be drawn: for `check-config --probe`.
//!
//! Deliberately unknown here: which dashboards are meant.

use std::{sync::Arc, time::Duration};

use alerts::{
    LabelSet, Status, Time,
    picture::Subject,
    ports::{Capture, Clock, RenderError, RenderErrorKind},
};
use http::StatusCode;
use serde_json::Value;
use tokio::time::Instant;

use super::{Asked, Dashboards};
use crate::{
    error::quoted,
    grafana::GrafanaSource,
    http::Reply,
    job::{Job, Target},
    panels::PanelRef,
    renderers::Unwatched,
    settings::{Look, ScreenshotsConfig, SourceConfig},
    window::Window,
};

/// The most bytes of an answer.
const MAX_BYTES: usize = 1 << 20;
/// Dashboards that are looked at for a panel to draw, and panels that are tried of each.
const DASHBOARDS: usize = 5;
const PANELS: usize = 3;

/// Draws one panel of one of the Grafana's first dashboards, with the saved values of its variables; says which. None: the first
/// dashboards have no panel of a type that is drawn natively.
///
/// # Errors
/// Why none of the panels that were tried could be drawn: what became of the first.
pub async fn probe_panel(
    config: &SourceConfig,
    screenshots: &ScreenshotsConfig,
    clock: &Arc<dyn Clock>,
    budget: Duration,
) -> Result<Option<String>, String> {
    let source = Arc::new(GrafanaSource::build(config).map_err(|problems| problems.join("; "))?);
    let look = screenshots.look().map_err(|problems| problems.join("; "))?;
    let deadline = Instant::now() + budget;
    let limit = DASHBOARDS.to_string();
    let found = ask(&source, &["api", "search"], &[("type", "dash-db"), ("limit", &limit)], budget).await?;
    let listed: Value = serde_json::from_slice(&found.body).unwrap_or_default();
    let uids = listed.as_array().into_iter().flatten().filter_map(|one| one.get("uid")?.as_str());
    let dashboards = Dashboards::new(source, clock.clone(), Arc::new(Unwatched));
    let mut failed: Option<RenderError> = None;
    for uid in uids.take(DASHBOARDS) {
        match drawn(&dashboards, uid, (&look, clock.now()), deadline).await {
            Ok(Some(panel)) => return Ok(Some(format!("panel {panel} of dashboard {uid}"))),
            Ok(None) => {}
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    failed.map_or(Ok(None), |error| Err(error.to_string()))
}

/// The first panel of a dashboard that can be drawn.
async fn drawn(
    dashboards: &Dashboards,
    uid: &str,
    (look, now): (&Look, Time),
    deadline: Instant,
) -> Result<Option<u64>, RenderError> {
    let mut failed = None;
    let drawable = match dashboards.drawable(uid, deadline).await {
        // deleted a moment ago
        Err(error) if error.kind == RenderErrorKind::NotFound => return Ok(None),
        drawable => drawable?,
    };
    for panel in drawable.into_iter().take(PANELS) {
        let capture = capture(dashboards.name(), uid, panel, now);
        let job = Job {
            capture: &capture,
            target: Target::Dashboard { uid: uid.to_owned(), panel, variables: Vec::new() },
            title: None,
            window: Window::ending(now, look.range),
            style: look.style,
        };
        let figure = dashboards.figure(&job, Asked { uid, panel, variables: &[] }, look, deadline).await;
        let undrawable = |error: charts::Error| crate::error::failed(RenderErrorKind::Drawing, error.to_string());
        match figure.and_then(|figure| charts::render(&figure, &look.style).map_err(undrawable)) {
            Ok(_) => return Ok(Some(panel)),
            Err(error) if error.kind == RenderErrorKind::Unsupported => {}
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    failed.map_or(Ok(None), Err)
}

/// A capture for an alert that there is not.
fn capture(source: &str, uid: &str, panel: u64, now: Time) -> Capture {
    let panel = PanelRef::Dashboard { uid: uid.to_owned(), panel }.print();
    Capture {
        subject: Subject { source: source.to_owned(), panel, variables: String::new() },
        transition: Status::Firing,
        at: now,
        starts_at: now,
        fired_at: now,
        resolved_at: None,
        labels: LabelSet::new(),
        annotations: LabelSet::new(),
        generator_url: String::new(),
        alerts: 1,
    }
}

/// Asks the Grafana of a section; its version.
///
/// # Errors
/// What is wrong, in words for the one who configures it.
pub async fn probe_grafana(config: &SourceConfig, budget: Duration) -> Result<String, String> {
    let source = GrafanaSource::build(config).map_err(|problems| problems.join("; "))?;
    let health = ask(&source, &["api", "health"], &[], budget).await?;
    let version = match health.status {
        StatusCode::OK => version(&health)?,
        status => return Err(format!("/api/health: {status}: is this the url of a Grafana?")),
    };
    let found = ask(&source, &["api", "search"], &[("type", "dash-db"), ("limit", "1")], budget).await?;
    match found.status {
        StatusCode::OK => {}
        StatusCode::UNAUTHORIZED => return Err(refusal(&found, "the token is not valid")),
        StatusCode::FORBIDDEN => return Err(refusal(&found, "the token may not read dashboards")),
        _ => return Err(refusal(&found, "/api/search")),
    }
    match serde_json::from_slice::<Value>(&found.body) {
        Ok(Value::Array(list)) if list.is_empty() => {
            Err("the token sees no dashboard: give its service account the role Viewer, or look at org_id".to_owned())
        }
        Ok(Value::Array(_)) => Ok(version),
        _ => Err(format!("/api/search answered no list: {:?}", quoted(&found.body))),
    }
}

async fn ask(source: &GrafanaSource, path: &[&str], query: &[(&str, &str)], budget: Duration) -> Result<Reply, String> {
    let mut url = source.api(path);
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    source.http.ask(url, budget.min(source.timeout), MAX_BYTES).await.map_err(|error| error.to_string())
}

fn version(health: &Reply) -> Result<String, String> {
    let answer: Value = serde_json::from_slice(&health.body).unwrap_or_default();
    // some operators hide the version
    match answer.get("version").and_then(Value::as_str) {
        Some(version) => Ok(quoted(version.as_bytes())),
        None if answer.get("database").is_some() => Ok("of an unknown version".to_owned()),
        None => Err(format!("/api/health is not that of a Grafana: {:?}", quoted(&health.body))),
    }
}

fn refusal(reply: &Reply, what: &str) -> String {
    format!("{}: {what}: {}", reply.status, quoted(&reply.body))
}
