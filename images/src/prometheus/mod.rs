//! A source of type `prometheus`: anything that speaks Prometheus's query API.
//!
//! Asks the configured address only, follows no redirect, reads no more than it was allowed. Deliberately unknown here: expressions
//! (it passes them on), and what is drawn.

mod answer;

use std::{sync::Arc, time::Duration};

use alerts::ports::{Clock, RenderError};
use async_trait::async_trait;
use tokio::sync::Mutex;
use url::Url;

use crate::{
    choose::http_url,
    http::{Credentials, Http},
    rules::{self, Rule, Wanted},
    settings::SourceConfig,
    source::{Samples, Source},
    window::Window,
};

/// How long a list of rules is good for: a rule that changed is seen half a minute later.
const RULES_FRESH: Duration = Duration::from_secs(30);
/// How long a failure to list them is remembered, so that a storm does not wait for it again and again.
const RULES_FAILED: Duration = Duration::from_secs(10);
/// The most bytes of a list of rules: 20,000 rules of the size that mixins have.
const MAX_RULES_BYTES: usize = 16 << 20;
/// Bytes of an answer per sample (`[1700000000.123,"0.12345678901234567"],`) and per series (its labels).
const BYTES_PER_SAMPLE: usize = 48;
const BYTES_PER_SERIES: usize = 4_096;
/// The most bytes of any answer, whatever the configured counts allow.
const MAX_ANSWER_BYTES: usize = 64 << 20;

/// A server that speaks Prometheus's query API.
pub(crate) struct Prometheus {
    http: Http,
    query_url: Url,
    rules_url: Url,
    timeout: Duration,
    max_series: usize,
    max_samples: usize,
    clock: Arc<dyn Clock>,
    /// The lock is held while the list is fetched: many captures at once wait for one request.
    rules: Mutex<Option<Listed>>,
}

/// The rules as they were last listed, or why they were not.
struct Listed {
    at: Duration,
    rules: Result<Vec<Arc<Rule>>, RenderError>,
}

impl Listed {
    fn fresh(&self, now: Duration) -> bool {
        let good_for = if self.rules.is_ok() { RULES_FRESH } else { RULES_FAILED };
        now.saturating_sub(self.at) < good_for
    }
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
        let rules_url = keep(http_url(rules_base)).map(|base| below(&base, "api/v1/rules"));
        let http = Credentials::build(config).and_then(Http::new).map_err(|problem| problems.push(problem)).ok();
        if config.max_series == 0 || config.max_samples == 0 || config.timeout.is_zero() {
            problems.push("timeout, max_series and max_samples must be more than zero".to_owned());
        }
        match (query_url, rules_url, http) {
            (Some(query_url), Some(rules_url), Some(http)) if problems.is_empty() => Ok(Self {
                http,
                query_url,
                rules_url,
                timeout: config.timeout,
                max_series: config.max_series,
                max_samples: config.max_samples,
                clock: Arc::clone(clock),
                rules: Mutex::new(None),
            }),
            _ => Err(problems),
        }
    }

    async fn list_rules(&self, budget: Duration) -> Result<Vec<Arc<Rule>>, RenderError> {
        let mut url = self.rules_url.clone();
        // a server that does not know the second parameter lists the active alerts too, which are skipped
        url.query_pairs_mut().append_pair("type", "alert").append_pair("exclude_alerts", "true");
        let answer = self.http.get(url, budget, MAX_RULES_BYTES).await?;
        parsed(move || answer::rules(&answer)).await
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
        ]
    }

    fn max_bytes(&self) -> usize {
        let samples = self.max_samples.saturating_mul(BYTES_PER_SAMPLE);
        samples.saturating_add(self.max_series.saturating_mul(BYTES_PER_SERIES)).min(MAX_ANSWER_BYTES)
    }
}

#[async_trait]
impl Source for Prometheus {
    async fn rule(&self, wanted: &Wanted<'_>, budget: Duration) -> Result<Option<Arc<Rule>>, RenderError> {
        let mut listed = self.rules.lock().await;
        let now = self.clock.monotonic();
        if !listed.as_ref().is_some_and(|listed| listed.fresh(now)) {
            let rules = self.list_rules(budget.min(self.timeout)).await;
            *listed = Some(Listed { at: self.clock.monotonic(), rules });
        }
        let listed = listed.as_ref().expect("was just set");
        listed.rules.as_ref().map(|rules| rules::find(rules, wanted)).map_err(Clone::clone)
    }

    async fn series(&self, query: &str, window: &Window, budget: Duration) -> Result<Vec<Samples>, RenderError> {
        let budget = budget.min(self.timeout);
        let form = self.form(query, window, budget);
        let answer = self.http.post(self.query_url.clone(), &form, budget, self.max_bytes()).await?;
        let limits = answer::Limits { series: self.max_series, samples: self.max_samples };
        parsed(move || answer::matrix(&answer, limits)).await
    }
}

/// A path below a base URL that may have a path of its own.
fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}

/// Parses off the asynchronous threads: answers may have many megabytes.
async fn parsed<T: Send + 'static>(
    parse: impl FnOnce() -> Result<T, RenderError> + Send + 'static,
) -> Result<T, RenderError> {
    let answer = tokio::task::spawn_blocking(parse).await;
    answer.unwrap_or_else(|error| Err(crate::error::content(format!("parsing the answer failed: {error}"))))
}
