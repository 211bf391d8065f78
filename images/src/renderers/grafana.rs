//! Grafana's own pictures: `/render/d-solo` of the source, with its service account's token. Grafana asks its image renderer.
//!
//! Deliberately unknown here: how Grafana draws.

use std::sync::Arc;

use alerts::ports::{RenderError, Rendered};
use async_trait::async_trait;
use tokio::time::Instant;
use url::Url;

use super::{Draw, drawn, left, pixels, unsupported};
use crate::{
    choose::http_url,
    content::Expected,
    error::failed,
    http::Http,
    job::{Job, Target},
    settings::{Look, SourceConfig},
};

/// A Grafana to ask.
pub(crate) struct GrafanaSource {
    pub(crate) name: String,
    pub(crate) url: Url,
    pub(crate) http: Http,
    pub(crate) org_id: Option<u64>,
}

impl GrafanaSource {
    /// Reads a source's section.
    ///
    /// # Errors
    /// Everything that is wrong in it, one line each.
    pub(crate) fn build(config: &SourceConfig) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let url = http_url(&config.url).map_err(|problem| problems.push(problem)).ok();
        let http = Http::of(config).map_err(|wrong| problems.extend(wrong)).ok();
        if config.rules_url.is_some() || config.tenant.is_some() {
            problems.push("rules_url and tenant belong to sources of type \"prometheus\"".to_owned());
        }
        match (url, http) {
            (Some(url), Some(http)) if problems.is_empty() => {
                Ok(Self { name: config.name.clone(), url, http, org_id: config.org_id })
            }
            _ => Err(problems),
        }
    }

    /// The address of one panel alone, below `prefix`: `d-solo`, or `render/d-solo` for its picture.
    pub(crate) fn panel_url(&self, prefix: &str, job: &Job<'_>, look: &Look) -> Option<Url> {
        let Target::Dashboard { uid, panel, variables } = &job.target else { return None };
        let mut url = self.url.clone();
        url.path_segments_mut().ok()?.pop_if_empty().extend(prefix.split('/')).push(uid).push("_");
        let mut query = url.query_pairs_mut();
        if let Some(org) = self.org_id {
            query.append_pair("orgId", &org.to_string());
        }
        query
            .append_pair("panelId", &panel.to_string())
            .append_pair("from", &job.window.from.as_millis().to_string())
            .append_pair("to", &job.window.to.as_millis().to_string())
            .append_pair("theme", look.theme_name())
            .append_pair("tz", look.timezone.iana_name().unwrap_or("UTC"));
        for (name, value) in variables {
            query.append_pair(&format!("var-{name}"), value);
        }
        drop(query);
        Some(url)
    }
}

/// The renderer.
pub(crate) struct Grafana {
    pub(crate) sources: Arc<[GrafanaSource]>,
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
