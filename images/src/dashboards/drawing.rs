//! The panels of one Grafana's dashboards as figures: prepared, asked for, transformed, composed.
//!
//! Deliberately unknown here: pixels, and where the picture goes.

use std::sync::Arc;

use alerts::ports::{Clock, RenderError, RenderErrorKind};
use charts::Figure;
use tokio::time::Instant;

use super::{
    DashboardClient, Filled, Prepared,
    figures::{self, Composed, Parts},
    frames::{self, Frame},
    query,
    transform::transformed,
};
use crate::{
    answers::Limits,
    error::failed,
    grafana::GrafanaSource,
    http::Reply,
    job::Job,
    renderers::{Breaker, Outcome, Watch},
    settings::Look,
    window::Episode,
};

/// The longest subtitle, in characters.
const LONGEST_SUBTITLE: usize = 200;

/// One Grafana's dashboards. The Grafana is left alone after several failures of its own; what fails behind it is not its failure.
pub(crate) struct Dashboards {
    source: Arc<GrafanaSource>,
    client: DashboardClient,
    breaker: Breaker,
}

/// Which panel, with which values of variables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) uid: &'a str,
    pub(crate) panel: u64,
    pub(crate) variables: &'a [(String, String)],
}

impl Dashboards {
    pub(crate) fn new(source: Arc<GrafanaSource>, clock: Arc<dyn Clock>, watch: Arc<dyn Watch>) -> Self {
        let breaker = Breaker::new(format!("source/{}", source.name), watch);
        Self { client: DashboardClient::new(source.clone(), clock), source, breaker }
    }

    /// The source's name.
    pub(crate) fn name(&self) -> &str {
        &self.source.name
    }

    /// The figure of a panel, with the alert's marks.
    ///
    /// # Errors
    /// `Unsupported` where another renderer can make more of the panel; else what went wrong, with the panel's place.
    pub(crate) async fn figure(
        &self,
        job: &Job<'_>,
        asked: Asked<'_>,
        look: &Look,
        deadline: Instant,
    ) -> Result<Figure, RenderError> {
        let prepared = self.prepared(job, asked, deadline).await?;
        let place = format!("panel {} of dashboard {}", asked.panel, asked.uid);
        let told = |error: RenderError| failed(error.kind, format!("{place}: {}", error.detail));
        figures::check(&prepared.panel).map_err(told)?;
        let body = query::request(&prepared).map_err(told)?;
        let permit = self.breaker.enter()?;
        let reply = query::ask(&self.source, &body, deadline).await;
        permit.leave(reply.as_ref().map_or_else(|error| Outcome::of::<()>(&Err(error.clone())), outcome));
        let reply = reply.map_err(told)?;
        let canvas = Canvas {
            limits: query::limits(&self.source),
            timezone: look.timezone.clone(),
            theme: job.style.theme,
            marks: Episode::new(job.capture, std::time::Duration::ZERO).marks(),
        };
        let composing = tokio::task::spawn_blocking(move || composed(&prepared, &reply, canvas));
        let composed = composing.await.map_err(|error| failed(RenderErrorKind::Drawing, error.to_string()))?;
        let Composed { figure, degraded } = composed.map_err(told)?;
        if !degraded.is_empty() {
            tracing::debug!(panel = place, ?degraded, "drawn without some of its looks");
        }
        Ok(figure)
    }

    /// The numbers of a dashboard's panels that are of a type that is drawn.
    ///
    /// # Errors
    /// Why the dashboard could not be read.
    pub(crate) async fn drawable(&self, uid: &str, deadline: Instant) -> Result<Vec<u64>, RenderError> {
        let dashboard = self.client.dashboard(uid, deadline).await?;
        Ok(dashboard.panels.iter().filter(|panel| figures::check(panel).is_ok()).map(|panel| panel.id).collect())
    }

    async fn prepared(&self, job: &Job<'_>, asked: Asked<'_>, deadline: Instant) -> Result<Prepared, RenderError> {
        let permit = self.breaker.enter()?;
        let Asked { uid, panel, variables } = asked;
        let prepared = self.client.panel(uid, panel, variables, job.window, job.style.width.into(), deadline).await;
        permit.leave(Outcome::of(&prepared));
        prepared
    }
}

/// What an answer says of Grafana: that a query is wrong, or a data source down, is not its own failure.
fn outcome(reply: &Reply) -> Outcome {
    let own = reply.status.is_server_error() || matches!(reply.status.as_u16(), 401 | 403);
    // who says which query failed has worked
    if own && !reply.body.starts_with(b"{\"results\"") { Outcome::Fails } else { Outcome::Works }
}

/// What a figure needs beside the panel and its values.
struct Canvas {
    limits: Limits,
    timezone: jiff::tz::TimeZone,
    theme: charts::Theme,
    marks: Vec<charts::Mark>,
}

fn composed(prepared: &Prepared, reply: &Reply, canvas: Canvas) -> Result<Composed, RenderError> {
    let frames = answered(prepared, reply, canvas.limits)?;
    let frames = frames::one_table_each(frames, &query::tables(prepared));
    let frames = transformed(frames, &prepared.panel.transformations)?;
    let title = match prepared.panel.title.trim() {
        "" => prepared.dashboard.title.clone(),
        title => title.to_owned(),
    };
    figures::compose(Parts {
        panel: &prepared.panel,
        frames,
        title,
        subtitle: Some(subtitle(&prepared.dashboard.title, &prepared.variables)),
        window: prepared.window,
        timezone: canvas.timezone,
        theme: canvas.theme,
        marks: canvas.marks,
    })
}

fn answered(prepared: &Prepared, reply: &Reply, limits: Limits) -> Result<Vec<Frame>, RenderError> {
    let order: Vec<&str> = prepared.panel.targets.iter().map(|target| target.ref_id.as_str()).collect();
    let read = frames::read(&reply.body, &order, limits);
    match read {
        Ok(Err(error)) => Err(query::told(&error)),
        _ if !reply.status.is_success() => Err(query::refused(reply)),
        Ok(Ok(frames)) => Ok(frames),
        Err(error) => Err(error),
    }
}

/// `Node Exporter · instance: db-1, job: node`.
fn subtitle(dashboard: &str, variables: &[Filled]) -> String {
    let words: Vec<String> = variables.iter().map(|one| format!("{}: {}", one.name, one.words())).collect();
    let parts = [dashboard.to_owned(), words.join(", ")];
    let text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    text.chars().take(LONGEST_SUBTITLE).collect()
}
