//! A source of type `demo`: built-in rules, series and alerts that need no network, for `wirephoto demo`.
//!
//! Everything is a pure function of time, so that pictures and alerts agree: a series crosses its rule's threshold
//! exactly when the schedule says that the alert began. Deliberately unknown here: how alerts get into the server.

mod script;
mod shape;

use std::{sync::Arc, time::Duration};

use alerts::{Time, ports::RenderError};
use async_trait::async_trait;

pub use self::script::{DemoAlert, schedule};
use crate::{
    error::failed,
    expression::Expression,
    rules::{self, Rule, Wanted},
    source::{Samples, Source},
    window::Window,
};

/// The built-in rules as (name, expression): what `wirephoto render` can draw without any source.
pub fn rules() -> Vec<(&'static str, &'static str)> {
    script::RULES.iter().map(|rule| (rule.name, rule.expression)).collect()
}

/// The source of the built-in series.
pub(crate) struct Demo {
    started: Time,
    rules: Vec<Arc<Rule>>,
    /// The query that each rule draws.
    queries: Vec<String>,
}

impl Demo {
    /// A source whose incidents follow [`schedule`] from `started` on.
    pub fn new(started: Time) -> Self {
        let rules = script::RULES.iter().map(|rule| Arc::new(rule.rule())).collect();
        let query = |rule: &script::DemoRule| Expression::new(rule.expression).drawn().curves.remove(0).query;
        Self { started, rules, queries: script::RULES.iter().map(query).collect() }
    }
}

#[async_trait]
impl Source for Demo {
    fn narrows(&self) -> bool {
        false
    }

    async fn rule(&self, wanted: &Wanted<'_>, _budget: Duration) -> Result<Option<Arc<Rule>>, RenderError> {
        Ok(rules::find(&self.rules, wanted))
    }

    async fn series(&self, query: &str, window: &Window, _budget: Duration) -> Result<Vec<Samples>, RenderError> {
        let at = self.queries.iter().position(|known| known == query);
        let at = at.ok_or_else(|| {
            failed(alerts::ports::RenderErrorKind::NotFound, "the demo source knows only its own rules")
        })?;
        Ok(script::RULES[at].samples(self.started, window))
    }
}

#[cfg(test)]
mod tests;
