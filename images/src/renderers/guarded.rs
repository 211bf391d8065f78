//! A source behind a breaker.
//!
//! Deliberately unknown here: what kind of source it is.

use std::{sync::Arc, time::Duration};

use alerts::ports::RenderError;
use async_trait::async_trait;
use charts::LogLine;

use super::{
    Watch,
    breaker::{Breaker, Outcome},
};
use crate::{
    expression::Language,
    rules::{Rule, Wanted},
    source::{Samples, Source},
    window::Window,
};

/// The source `S`, left alone after several failures.
pub(crate) struct Guarded<S> {
    source: S,
    breaker: Breaker,
}

impl<S: Source> Guarded<S> {
    pub(crate) fn new(name: &str, source: S, watch: Arc<dyn Watch>) -> Self {
        Self { source, breaker: Breaker::new(format!("source/{name}"), watch) }
    }
}

#[async_trait]
impl<S: Source> Source for Guarded<S> {
    fn narrows(&self) -> bool {
        self.source.narrows()
    }

    fn language(&self) -> Language {
        self.source.language()
    }

    async fn lines(&self, query: &str, window: &Window, budget: Duration) -> Result<Vec<LogLine>, RenderError> {
        let permit = self.breaker.enter()?;
        let found = self.source.lines(query, window, budget).await;
        permit.leave(Outcome::of(&found));
        found
    }

    async fn rule(&self, wanted: &Wanted<'_>, budget: Duration) -> Result<Option<Arc<Rule>>, RenderError> {
        let permit = self.breaker.enter()?;
        let found = self.source.rule(wanted, budget).await;
        // Rules may be remembered, or come from elsewhere: that they are there does not say that queries are answered.
        permit.leave(match Outcome::of(&found) {
            Outcome::Works => Outcome::Unknown,
            other => other,
        });
        found
    }

    async fn series(&self, query: &str, window: &Window, budget: Duration) -> Result<Vec<Samples>, RenderError> {
        let permit = self.breaker.enter()?;
        let found = self.source.series(query, window, budget).await;
        permit.leave(Outcome::of(&found));
        found
    }
}
