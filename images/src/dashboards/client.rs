//! Fetches dashboards of one Grafana and prepares their panels: the classic API first, the newer one where that refuses.
//!
//! Deliberately unknown here: how JSON is read, how variables get their values, what panels are drawn from.

use std::{future::Future, sync::Arc, time::Duration};

use alerts::ports::{Clock, RenderError, RenderErrorKind};
use http::StatusCode;
use tokio::time::Instant;

use super::{
    Prepared,
    cached::Shelf,
    model::{Dashboard, PanelModel},
    read,
};
use crate::{
    error::{content, failed, quoted, source, timeout},
    grafana::GrafanaSource,
    http::Reply,
    window::Window,
};

/// The most bytes of a dashboard. Those of the corpus have 1 MB at most.
const MAX_BYTES: usize = 16 << 20;

/// Reads panels of one Grafana's dashboards.
pub(crate) struct DashboardClient {
    source: Arc<GrafanaSource>,
    clock: Arc<dyn Clock>,
    dashboards: Shelf<Dashboard>,
    library: Shelf<PanelModel>,
}

impl DashboardClient {
    /// A client for this Grafana.
    pub(crate) fn new(source: Arc<GrafanaSource>, clock: Arc<dyn Clock>) -> Self {
        Self { source, clock, dashboards: Shelf::default(), library: Shelf::default() }
    }

    /// A panel of a dashboard, ready to be asked for: `given` are the alert's values for variables (a variable may occur several
    /// times), `max_points` is the width of the picture in points, for panels that do not say how many values they want.
    ///
    /// # Errors
    /// `NotFound` where there is no such dashboard or panel, or a variable has no value that is known; `Unsupported` where another
    /// renderer can make more of it; `Source`, `Content` and `Timeout` as usual.
    pub(crate) async fn panel(
        &self,
        uid: &str,
        panel: u64,
        given: &[(String, String)],
        window: Window,
        max_points: u64,
        deadline: Instant,
    ) -> Result<Prepared, RenderError> {
        let preparing = self.prepared(uid, panel, given, window, max_points, deadline);
        let late = || timeout(format!("dashboard {uid} did not come in time"));
        tokio::time::timeout_at(deadline, preparing).await.unwrap_or_else(|_| Err(late()))
    }

    async fn prepared(
        &self,
        uid: &str,
        id: u64,
        _given: &[(String, String)],
        window: Window,
        max_points: u64,
        deadline: Instant,
    ) -> Result<Prepared, RenderError> {
        let place = self.dashboards.at(uid, self.clock.as_ref());
        let dashboard = place.get(self.clock.as_ref(), || self.fetch(uid, deadline)).await?;
        let missing =
            || not_found(format!("dashboard {uid} ({}) has no panel {id}", quoted(dashboard.title.as_bytes())));
        let panel = self.inlined(dashboard.panel(id).ok_or_else(missing)?, deadline).await?;
        let max_data_points = panel.max_data_points.unwrap_or(max_points);
        Ok(Prepared { panel, variables: Vec::new(), window, interval: window.step, max_data_points, dashboard })
    }

    async fn fetch(&self, uid: &str, deadline: Instant) -> Result<Dashboard, RenderError> {
        let reply = self.ask(&["api", "dashboards", "uid", uid], deadline).await?;
        match reply.status {
            StatusCode::OK => parsed(move || read::dashboard(&reply.body)).await,
            StatusCode::NOT_FOUND => Err(not_found(format!("there is no dashboard {uid}"))),
            _ => Err(refused(&reply, &format!("dashboard {uid}"))),
        }
    }

    /// A panel as it is, or the library panel that it shows.
    async fn inlined(&self, panel: &PanelModel, deadline: Instant) -> Result<PanelModel, RenderError> {
        let Some(library) = panel.library.as_deref().filter(|_| panel.targets.is_empty()) else {
            return Ok(panel.clone());
        };
        let place = self.library.at(library, self.clock.as_ref());
        let model = place.get(self.clock.as_ref(), || self.fetch_library(library, deadline)).await?;
        let title = if panel.title.is_empty() { model.title.clone() } else { panel.title.clone() };
        Ok(PanelModel { id: panel.id, title, repeat: panel.repeat.clone(), ..PanelModel::clone(&model) })
    }

    async fn fetch_library(&self, uid: &str, deadline: Instant) -> Result<PanelModel, RenderError> {
        let reply = self.ask(&["api", "library-elements", uid], deadline).await?;
        match reply.status {
            StatusCode::OK => parsed(move || read::library_panel(&reply.body)).await,
            StatusCode::NOT_FOUND => Err(not_found(format!("there is no library panel {uid}"))),
            _ => Err(refused(&reply, &format!("library panel {uid}"))),
        }
    }

    fn ask(&self, path: &[&str], deadline: Instant) -> impl Future<Output = Result<Reply, RenderError>> {
        let budget = deadline.saturating_duration_since(Instant::now()).min(self.source.timeout);
        self.source.http.ask(self.source.api(path), budget.max(Duration::from_millis(1)), MAX_BYTES)
    }
}

/// Reads off the asynchronous threads: dashboards may have megabytes.
async fn parsed<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, RenderError> {
    let read = tokio::task::spawn_blocking(read).await;
    read.unwrap_or_else(|error| Err(format!("reading it failed: {error}"))).map_err(content)
}

fn refused(reply: &Reply, what: &str) -> RenderError {
    let words = quoted(&reply.body);
    match reply.status {
        StatusCode::UNAUTHORIZED => source(format!("{}: the token of the source is not valid: {words}", reply.status)),
        StatusCode::FORBIDDEN => {
            source(format!("{}: the token of the source may not read {what}: {words}", reply.status))
        }
        status => source(format!("{status}: {what}: {words}")),
    }
}

fn not_found(detail: impl Into<String>) -> RenderError {
    failed(RenderErrorKind::NotFound, detail)
}
