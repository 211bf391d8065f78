//! Prepares panels of one Grafana's dashboards: fetches what they need, keeps it for a minute, asks data sources what a variable may be.
//!
//! Deliberately unknown here: how JSON is read, how values are chosen and written, what panels are drawn from.

use std::sync::Arc;

use alerts::ports::{Clock, RenderError, RenderErrorKind};
use tokio::time::Instant;

use super::{
    Filled, Prepared,
    datasources::DataSources,
    fetch::Fetch,
    interpolate::{Language, Scope},
    model::{Dashboard, DataSourceRef, PanelModel, Variable},
    prepare::Preparing,
    usage::used,
    variables::{self, Choice, Given, choose, depends_on, kind_of, label_values},
};
use crate::{
    cached::{Cached, Shelf},
    error::{failed, quoted, timeout},
    grafana::GrafanaSource,
    window::Window,
};

/// Reads panels of one Grafana's dashboards.
pub(crate) struct DashboardClient {
    fetch: Fetch,
    clock: Arc<dyn Clock>,
    dashboards: Shelf<Dashboard>,
    library: Shelf<PanelModel>,
    sources: Cached<DataSources>,
}

/// What is asked for.
struct Wanted<'a> {
    given: &'a [(String, String)],
    window: Window,
    deadline: Instant,
}

impl DashboardClient {
    /// A client for this Grafana.
    pub(crate) fn new(source: Arc<GrafanaSource>, clock: Arc<dyn Clock>) -> Self {
        let (dashboards, library, sources) = Default::default();
        Self { fetch: Fetch { source }, clock, dashboards, library, sources }
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
        let wanted = Wanted { given, window, deadline };
        let preparing = self.prepared(uid, panel, &wanted, max_points);
        let late = || timeout(format!("dashboard {uid} did not come in time"));
        tokio::time::timeout_at(deadline, preparing).await.unwrap_or_else(|_| Err(late()))
    }

    /// A whole dashboard, as it was read.
    ///
    /// # Errors
    /// As [`DashboardClient::panel`].
    pub(crate) async fn dashboard(&self, uid: &str, deadline: Instant) -> Result<Arc<Dashboard>, RenderError> {
        let clock = self.clock.as_ref();
        self.dashboards.at(uid, clock).get(clock, || self.fetch.dashboard(uid, deadline)).await
    }

    async fn prepared(
        &self,
        uid: &str,
        id: u64,
        wanted: &Wanted<'_>,
        max_points: u64,
    ) -> Result<Prepared, RenderError> {
        let (clock, deadline) = (self.clock.as_ref(), wanted.deadline);
        let place = self.dashboards.at(uid, clock);
        let (dashboard, sources) =
            tokio::join!(place.get(clock, || self.fetch.dashboard(uid, deadline)), self.known_sources(deadline));
        let dashboard = dashboard?;
        let title = quoted(dashboard.title.as_bytes());
        let missing = || not_found(format!("dashboard {uid} ({title}) has no panel {id}"));
        let panel = self.inlined(dashboard.panel(id).ok_or_else(missing)?, deadline).await?;
        let variables = self.variables(&dashboard, &panel, &sources, wanted).await?;
        let (window, org_id) = (wanted.window, self.fetch.source.org_id);
        Preparing { dashboard, variables, sources: &sources, window, max_points, org_id }.panel(panel)
    }

    /// The data sources. What the token may not list, or what does not come soon, is made up for by what the dashboard says.
    async fn known_sources(&self, deadline: Instant) -> Arc<DataSources> {
        let soon = Instant::now() + deadline.saturating_duration_since(Instant::now()) / 2;
        let listed = self.sources.get(self.clock.as_ref(), || self.fetch.sources(soon)).await;
        let listed = listed.inspect_err(|error| tracing::debug!(%error, "the data sources of a Grafana are not known"));
        listed.unwrap_or_default()
    }

    /// A panel as it is, or the library panel that it shows.
    async fn inlined(&self, panel: &PanelModel, deadline: Instant) -> Result<PanelModel, RenderError> {
        let Some(library) = panel.library.as_deref().filter(|_| panel.targets.is_empty()) else {
            return Ok(panel.clone());
        };
        let place = self.library.at(library, self.clock.as_ref());
        let model = place.get(self.clock.as_ref(), || self.fetch.library_panel(library, deadline)).await?;
        let title = if panel.title.is_empty() { model.title.clone() } else { panel.title.clone() };
        Ok(PanelModel { id: panel.id, title, repeat: panel.repeat.clone(), ..PanelModel::clone(&model) })
    }

    /// The values of the variables that a panel needs, in the dashboard's order.
    async fn variables(
        &self,
        dashboard: &Dashboard,
        panel: &PanelModel,
        sources: &DataSources,
        wanted: &Wanted<'_>,
    ) -> Result<Vec<Filled>, RenderError> {
        let length = wanted.window.to.since(wanted.window.from);
        let given = Given { values: wanted.given, sources, length };
        let (mut filled, mut moved): (Vec<Filled>, Vec<String>) = (Vec::new(), Vec::new());
        for (variable, needed) in used(dashboard, panel) {
            let of_moved = depends_on(variable).iter().any(|name| moved.contains(name));
            let values = match choose(variable, kind_of(variable.datasource.as_ref()), of_moved, &given) {
                Choice::Known(values) => values,
                Choice::Without => continue,
                Choice::Ask(fallback) => match self.answered(variable, &filled, sources, wanted).await.or(fallback) {
                    Some(values) => values,
                    None if needed => {
                        return Err(not_found(format!("nothing is known of the variable {}", variable.name)));
                    }
                    None => continue,
                },
            };
            if (values.given || of_moved) && values.values != variable.current {
                moved.push(variable.name.clone());
            }
            filled.push(values);
        }
        let place = |name: &str| dashboard.variables.iter().position(|variable| variable.name == name);
        filled.sort_by_key(|one| place(&one.name));
        Ok(filled)
    }

    /// What a Prometheus says of a variable `label_values(...)`; none where it does not, or the variable asks something else.
    async fn answered(
        &self,
        variable: &Variable,
        known: &[Filled],
        sources: &DataSources,
        wanted: &Wanted<'_>,
    ) -> Option<Filled> {
        let (selector, label) = label_values(&variable.query)?;
        let window = (wanted.window.from.as_millis(), wanted.window.to.as_millis());
        let scope = Scope { variables: known, own: Vec::new(), window };
        let label = scope.fill(&label, Language::Promql).ok()?;
        let selector = selector.map(|selector| scope.fill(&selector, Language::Promql)).transpose().ok()?;
        let meant = variable.datasource.as_ref();
        let uid = meant.map(|meant| scope.fill(&meant.uid, Language::Words)).transpose().ok()?;
        let meant = meant.map(|meant| DataSourceRef { uid: uid.unwrap_or_default(), ..meant.clone() });
        let source = sources.resolve(meant.as_ref()).ok()?;
        if kind_of(Some(&source)) != Some("prometheus") {
            return None;
        }
        let values = self.fetch.label_values(&source.uid, &label, selector.as_deref(), window, wanted.deadline).await;
        let values = values.inspect_err(|error| tracing::debug!(%error, variable = %variable.name, "no values"));
        variables::among(variable, &values.ok()?)
    }
}

pub(super) fn not_found(detail: impl Into<String>) -> RenderError {
    failed(RenderErrorKind::NotFound, detail)
}

#[cfg(test)]
mod tests;
