//! Grafana's own pictures: `/render/d-solo` of the source, with its service account's token. Grafana asks its image renderer.
//!
//! Deliberately unknown here: how Grafana draws.

use std::sync::Arc;

use alerts::ports::{RenderError, Rendered};
use async_trait::async_trait;
use tokio::time::Instant;

use super::{Draw, drawn, left, pixels, unsupported};
use crate::{
    content::Expected,
    error::failed,
    grafana::GrafanaSource,
    job::{Job, Target},
    settings::Look,
};

/// The renderer.
pub(crate) struct Grafana {
    pub(crate) sources: Arc<[Arc<GrafanaSource>]>,
    pub(crate) look: Look,
}

#[async_trait]
impl Draw for Grafana {
    fn name(&self) -> &'static str {
        "grafana"
    }

    async fn draw(&self, job: &Job<'_>, deadline: Instant) -> Result<Rendered, RenderError> {
        let name = &job.capture.subject.source;
        let Some(source) = self.sources.iter().find(|source| source.name == *name) else {
            return Err(unsupported("it draws panels of dashboards of sources of type \"grafana\""));
        };
        let Some(mut url) = source.panel_url("render/d-solo", job, &self.look) else {
            return Err(unsupported("it draws panels of dashboards"));
        };
        let budget = left(deadline);
        let style = job.style;
        url.query_pairs_mut()
            .append_pair("width", &style.width.to_string())
            .append_pair("height", &style.height.to_string())
            .append_pair("scale", &style.scale.to_string())
            .append_pair("timeout", &budget.as_secs().max(1).to_string());
        let file = source.http.picture(url, Default::default(), budget).await.map_err(|error| told(error, job))?;
        drawn(job, file, Expected { size: Some(pixels(&style)), not_blank: true }).await
    }
}

/// Grafana's guide asks for the dashboard and the panel in such words.
fn told(error: RenderError, job: &Job<'_>) -> RenderError {
    let Target::Dashboard { uid, panel, .. } = &job.target else { return error };
    failed(error.kind, format!("failed to take an image of panel {panel} of dashboard {uid}: {}", error.detail))
}
