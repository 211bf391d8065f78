//! A source of type `prometheus`: anything that speaks Prometheus's query API.
//!
//! Asks the configured address only, follows no redirect, reads no more than it was allowed. Deliberately unknown here: expressions
//! (it passes them on), and what is drawn.

pub(crate) mod answer;

use std::{sync::Arc, time::Duration};

use alerts::ports::{Clock, RenderError};
use async_trait::async_trait;
use url::Url;

use crate::{
    answers::{Limits, parsed},
    choose::http_url,
    http::Http,
    rule_list::RuleList,
    rules::{Rule, Wanted},
    settings::SourceConfig,
    source::{Samples, Source},
    window::Window,
};

/// Whose answers are expected, for errors.
const SPEAKS: &str = "Prometheus";

/// A server that speaks Prometheus's query API.
pub(crate) struct Prometheus {
    http: Arc<Http>,
    query_url: Url,
    timeout: Duration,
    max_series: usize,
    max_samples: usize,
    rules: RuleList,
}

impl Prometheus {
    /// A client for a configured source.
    ///
    /// # Errors
    /// Everything that is wrong in the section, one line each.
    pub fn build(config: &SourceConfig, clock: &Arc<dyn Clock>) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let mut keep = |result: Result<Url, String>| result.map_err(|problem| problems.push(problem)).ok();
        let query_url = keep(http_url(&config.url)).map(|base| below(&base, "api/v1/query_range"));
        let rules_base = config.rules_url.as_deref().unwrap_or(&config.url);
        let rules_base = keep(http_url(rules_base));
        let http = Http::of(config).map_err(|wrong| problems.extend(wrong)).ok();
        if config.max_series == 0 || config.max_samples == 0 || config.timeout.is_zero() {
            problems.push("timeout, max_series and max_samples must be more than zero".to_owned());
        }
        let (Some(query_url), Some(rules_base), Some(http)) = (query_url, rules_base, http) else {
            return Err(problems);
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        let http = Arc::new(http);
        Ok(Self {
            rules: RuleList::new(http.clone(), rules_base, SPEAKS, config.timeout, Arc::clone(clock)),
            http,
            query_url,
            timeout: config.timeout,
            max_series: config.max_series,
            max_samples: config.max_samples,
        })
    }

    fn form(&self, query: &str, window: &Window, budget: Duration) -> Vec<(&'static str, String)> {
        vec![
            ("query", query.to_owned()),
            ("start", window.from.as_secs().to_string()),
            ("end", window.to.as_secs().to_string()),
            ("step", window.step.as_secs().to_string()),
            // the server should give up when nobody waits any more
            ("timeout", format!("{}ms", budget.as_millis().max(1))),
            ("limit", self.max_series.saturating_add(1).to_string()),
            // VictoriaMetrics moves the window to round times otherwise: the last point is what the picture is about
            ("nocache", "1".to_owned()),
        ]
    }
}

#[async_trait]
impl Source for Prometheus {
    async fn rule(&self, wanted: &Wanted<'_>, budget: Duration) -> Result<Option<Arc<Rule>>, RenderError> {
        self.rules.find(wanted, budget).await
    }

    async fn series(&self, query: &str, window: &Window, budget: Duration) -> Result<Vec<Samples>, RenderError> {
        let budget = budget.min(self.timeout);
        let form = self.form(query, window, budget);
        let limits = Limits { series: self.max_series, samples: self.max_samples };
        let answer = self.http.post(self.query_url.clone(), &form, budget, limits.max_bytes()).await?;
        parsed(move || answer::matrix(&answer, SPEAKS, limits)).await
    }
}

/// A path below a base URL that may have a path of its own.
pub(crate) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}
