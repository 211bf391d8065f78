//! A source of type `loki`: series of metric queries, lines of log queries, the ruler's rules.
//!
//! Asks the configured address only, follows no redirect, reads no more than it was allowed. Deliberately unknown here: expressions
//! (it passes them on), and what is drawn.

mod answer;
mod line;

use std::{sync::Arc, time::Duration};

use alerts::{
    Time,
    ports::{Clock, RenderError},
};
use async_trait::async_trait;
use charts::LogLine;
use url::Url;

use crate::{
    answers::{Limits, parsed},
    choose::http_url,
    expression::Language,
    http::Http,
    prometheus::{answer::matrix, below},
    rule_list::RuleList,
    rules::{Rule, Wanted},
    settings::SourceConfig,
    source::{MOST_LINES, Samples, Source},
    window::Window,
};

/// Whose answers are expected, for errors.
const SPEAKS: &str = "Loki";
/// The most bytes of an answer with lines: Loki's own default lets a line have 256 KiB.
const MAX_LINES_BYTES: usize = 32 << 20;

/// A Loki.
pub(crate) struct Loki {
    http: Arc<Http>,
    query_url: Url,
    timeout: Duration,
    limits: Limits,
    rules: RuleList,
}

impl Loki {
    /// A client for a configured source.
    ///
    /// # Errors
    /// Everything that is wrong in the section, one line each.
    pub(crate) fn build(config: &SourceConfig, clock: &Arc<dyn Clock>) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let mut keep = |result: Result<Url, String>| result.map_err(|problem| problems.push(problem)).ok();
        let base = keep(http_url(&config.url));
        // https://grafana.com/docs/loki/latest/reference/loki-http-api/#list-rules
        let rules_base = keep(http_url(config.rules_url.as_deref().unwrap_or(&config.url)));
        let http = Http::of(config).map_err(|wrong| problems.extend(wrong)).ok();
        if config.max_series == 0 || config.max_samples == 0 || config.timeout.is_zero() {
            problems.push("timeout, max_series and max_samples must be more than zero".to_owned());
        }
        problems.dedup();
        let (Some(base), Some(rules_base), Some(http)) = (base, rules_base, http) else { return Err(problems) };
        if !problems.is_empty() {
            return Err(problems);
        }
        let http = Arc::new(http);
        let rules_base = below(&rules_base, "prometheus");
        Ok(Self {
            rules: RuleList::new(http.clone(), rules_base, SPEAKS, config.timeout, Arc::clone(clock)),
            http,
            query_url: below(&base, "loki/api/v1/query_range"),
            timeout: config.timeout,
            limits: Limits { series: config.max_series, samples: config.max_samples },
        })
    }

    async fn ask(
        &self,
        query: &str,
        window: &Window,
        more: Vec<(&'static str, String)>,
        budget: Duration,
        max_bytes: usize,
    ) -> Result<Vec<u8>, RenderError> {
        let mut form =
            vec![("query", query.to_owned()), ("start", nanoseconds(window.from)), ("end", nanoseconds(window.to))];
        form.extend(more);
        self.http.post(self.query_url.clone(), &form, budget.min(self.timeout), max_bytes).await
    }
}

/// Loki takes times in nanoseconds: seconds are told apart by their number of digits only.
fn nanoseconds(time: Time) -> String {
    format!("{}000000", time.as_millis())
}

#[async_trait]
impl Source for Loki {
    fn language(&self) -> Language {
        Language::LogQl
    }

    async fn rule(&self, wanted: &Wanted<'_>, budget: Duration) -> Result<Option<Arc<Rule>>, RenderError> {
        self.rules.find(wanted, budget).await
    }

    async fn series(&self, query: &str, window: &Window, budget: Duration) -> Result<Vec<Samples>, RenderError> {
        let step = vec![("step", format!("{}s", window.step.as_secs()))];
        let answer = self.ask(query, window, step, budget, self.limits.max_bytes()).await?;
        let limits = self.limits;
        parsed(move || matrix(&answer, SPEAKS, limits)).await
    }

    async fn lines(&self, query: &str, window: &Window, budget: Duration) -> Result<Vec<LogLine>, RenderError> {
        let newest = vec![("limit", MOST_LINES.to_string()), ("direction", "backward".to_owned())];
        let answer = self.ask(query, window, newest, budget, MAX_LINES_BYTES).await?;
        parsed(move || answer::lines(&answer, MOST_LINES)).await
    }
}
