//! What every source of series answers, whatever it asks behind the scenes.
//!
//! Deliberately unknown here: HTTP, which series are drawn, how.

use std::{sync::Arc, time::Duration};

use alerts::{
    LabelSet,
    ports::{RenderError, RenderErrorKind},
};
use async_trait::async_trait;
use charts::LogLine;

use crate::{
    error::failed,
    expression::Language,
    rules::{Rule, Wanted},
    window::Window,
};

/// The most lines of a query for log lines: more than the tallest picture has room for.
pub(crate) const MOST_LINES: usize = 250;

/// A source of rules and of series. Both answers come within `budget` or are an error of kind `Timeout`.
#[async_trait]
pub(crate) trait Source: Send + Sync {
    /// Whether its queries may be narrowed to the alerts' own series.
    fn narrows(&self) -> bool {
        true
    }

    /// What its queries are written in.
    fn language(&self) -> Language {
        Language::PromQl
    }

    /// The newest lines of a query for log lines, the newest first, at most [`MOST_LINES`]. Only a source whose language has such queries is asked.
    async fn lines(&self, _query: &str, _window: &Window, _budget: Duration) -> Result<Vec<LogLine>, RenderError> {
        Err(failed(RenderErrorKind::Unsupported, "the source has series, not log lines"))
    }

    /// The rule that an alert came from, if the source knows it.
    async fn rule(&self, wanted: &Wanted<'_>, budget: Duration) -> Result<Option<Arc<Rule>>, RenderError>;

    /// The series of a query over a window.
    async fn series(&self, query: &str, window: &Window, budget: Duration) -> Result<Vec<Samples>, RenderError>;
}

/// One series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    /// Its labels, with the metric's name as `__name__` where the query kept it.
    pub labels: LabelSet,
    /// (milliseconds since 1970, value), ascending, one per step at most.
    pub points: Vec<(i64, f64)>,
}

impl Samples {
    /// The value at this very time.
    pub fn at(&self, millis: i64) -> Option<f64> {
        let at = self.points.binary_search_by_key(&millis, |(time, _)| *time).ok()?;
        Some(self.points[at].1)
    }

    /// The last value that is a number, unless it is older than `oldest_millis`.
    pub fn last_since(&self, oldest_millis: i64) -> Option<(i64, f64)> {
        self.points.iter().rev().copied().take_while(|(time, _)| *time >= oldest_millis).find(|(_, v)| !v.is_nan())
    }
}
