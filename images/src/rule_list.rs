//! The rules of a source: asked for at `/api/v1/rules`, kept for a while, looked through.
//!
//! Asks the configured address only. Deliberately unknown here: series, and which language expressions are in.

use std::{sync::Arc, time::Duration};

use alerts::ports::{Clock, RenderError};
use url::Url;

use crate::{
    answers::parsed,
    cached::Cached,
    http::Http,
    links::Numbered,
    prometheus::{answer, below},
    rules::{self, Rule, Wanted},
};

/// How long a list of rules is good for: a rule that changed is seen half a minute later.
const RULES_FRESH: Duration = Duration::from_secs(30);
/// The most bytes of a list of rules: 20,000 rules of the size that mixins have.
const MAX_RULES_BYTES: usize = 16 << 20;
/// The most bytes of one alert of vmalert's.
const MAX_ALERT_BYTES: usize = 1 << 20;

/// The rules of a source.
pub(crate) struct RuleList {
    http: Arc<Http>,
    /// The path before `/api/v1/rules` and vmalert's `/api/v1/alert`.
    base: Url,
    /// Whose answers are expected, for errors.
    speaks: &'static str,
    timeout: Duration,
    clock: Arc<dyn Clock>,
    listed: Cached<Vec<Arc<Rule>>>,
}

/// What the list alone tells of a rule that is looked for.
enum Found {
    Rule(Option<Arc<Rule>>),
    /// One of these of vmalert: the alert itself knows which.
    OneOf(Vec<Arc<Rule>>),
}

impl RuleList {
    /// The rules below this address.
    pub(crate) fn new(
        http: Arc<Http>,
        base: Url,
        speaks: &'static str,
        timeout: Duration,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { http, base, speaks, timeout, clock, listed: Cached::lasting(RULES_FRESH) }
    }

    /// The rule that an alert came from, if it is listed.
    ///
    /// # Errors
    /// When the rules cannot be listed, now or a moment ago.
    pub(crate) async fn find(&self, wanted: &Wanted<'_>, budget: Duration) -> Result<Option<Arc<Rule>>, RenderError> {
        match (self.look_up(wanted, budget).await?, wanted.numbered) {
            (Found::Rule(rule), _) => Ok(rule),
            (Found::OneOf(candidates), Some(numbered)) => match self.rule_of(numbered, budget).await {
                Ok(id) => {
                    let told = candidates.iter().find(|rule| rule.id == id).cloned();
                    Ok(told.or_else(|| rules::find(&candidates, wanted)))
                }
                // the alert may be over: any of its group is nearer than none
                Err(error) => {
                    tracing::debug!(%error, "vmalert does not know the alert any more");
                    Ok(rules::find(&candidates, wanted))
                }
            },
            (Found::OneOf(candidates), None) => Ok(rules::find(&candidates, wanted)),
        }
    }

    async fn look_up(&self, wanted: &Wanted<'_>, budget: Duration) -> Result<Found, RenderError> {
        let rules = self.listed.get(self.clock.as_ref(), || self.list(budget.min(self.timeout))).await?;
        let mut numbered = rules::numbered(&rules, wanted);
        Ok(match numbered.len() {
            0 => Found::Rule(rules::find(&rules, wanted)),
            1 => Found::Rule(numbered.pop()),
            _ => Found::OneOf(numbered),
        })
    }

    async fn list(&self, budget: Duration) -> Result<Vec<Arc<Rule>>, RenderError> {
        let mut url = below(&self.base, "api/v1/rules");
        // a server that does not know the second parameter lists the active alerts too, which are skipped
        url.query_pairs_mut().append_pair("type", "alert").append_pair("exclude_alerts", "true");
        let body = self.http.get(url, budget, MAX_RULES_BYTES).await?;
        let speaks = self.speaks;
        parsed(move || answer::rules(&body, speaks)).await
    }

    /// The number of the rule of an alert, as vmalert tells it.
    async fn rule_of(&self, numbered: &Numbered, budget: Duration) -> Result<String, RenderError> {
        let mut url = below(&self.base, "api/v1/alert");
        url.query_pairs_mut().append_pair("group_id", &numbered.group).append_pair("alert_id", &numbered.alert);
        answer::rule_id(&self.http.get(url, budget.min(self.timeout), MAX_ALERT_BYTES).await?)
    }
}
