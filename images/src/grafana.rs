//! A source of type `grafana`: where it is, what it is asked with, how much it may answer.
//!
//! Deliberately unknown here: who asks it, and what for.

use std::time::Duration;

use url::Url;

use crate::{
    choose::http_url,
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
    /// The longest that one request for data may take.
    pub(crate) timeout: Duration,
    /// The most series that a query may answer.
    pub(crate) max_series: usize,
    /// The most samples that a query may answer.
    pub(crate) max_samples: usize,
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
        if config.max_series == 0 || config.max_samples == 0 || config.timeout.is_zero() {
            problems.push("timeout, max_series and max_samples must be more than zero".to_owned());
        }
        if config.rules_url.is_some() || config.tenant.is_some() {
            problems.push("rules_url and tenant belong to sources of type \"prometheus\"".to_owned());
        }
        match (url, http) {
            (Some(url), Some(http)) if problems.is_empty() => Ok(Self {
                name: config.name.clone(),
                url,
                http,
                org_id: config.org_id,
                timeout: config.timeout,
                max_series: config.max_series,
                max_samples: config.max_samples,
            }),
            _ => Err(problems),
        }
    }

    /// The address of a part of its API: below its URL, each segment escaped.
    pub(crate) fn api(&self, path: &[&str]) -> Url {
        let mut url = self.url.clone();
        url.path_segments_mut().expect("an http URL has a path").pop_if_empty().extend(path);
        url
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
