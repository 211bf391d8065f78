//! What an address asks for: which notifications, from where on; and the addresses that differ in one of that.
//!
//! The names are the same on the page and in the API. Deliberately unknown here: the notifications.

use alerts::{
    Fingerprint, Time, duration,
    matcher::{Matcher, MatcherSet, Syntax},
    message::DeliveryId,
};
use url::form_urlencoded;

use super::MOST;
use crate::{
    database::{AlertChoice, NotificationChoice, NotificationState},
    pages::{Pages, links},
};

/// What an address says, as it is written there; empty where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    /// RFC 3339.
    pub(super) from: String,
    pub(super) to: String,
    /// A duration before now, in place of `from`.
    pub(super) since: String,
    pub(super) receiver: String,
    pub(super) integration: String,
    /// A fingerprint, matchers, or the name of an alert.
    pub(super) alert: String,
    pub(super) group: String,
    pub(super) states: Vec<String>,
    pub(super) cursor: String,
    pub(super) limit: String,
}

impl Query {
    /// Unknown names are ignored.
    pub(super) fn parse(query: &str) -> Self {
        let mut parsed = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim().to_owned();
            match &*name {
                "from" => parsed.from = value,
                "to" => parsed.to = value,
                "since" => parsed.since = value,
                "receiver" => parsed.receiver = value,
                "integration" => parsed.integration = value,
                "alert" => parsed.alert = value,
                "group" => parsed.group = value,
                "cursor" => parsed.cursor = value,
                "limit" => parsed.limit = value,
                "state" => parsed.states.extend(value.split(',').filter(|one| !one.is_empty()).map(str::to_owned)),
                _ => {}
            }
        }
        parsed
    }

    /// What it means; else what is wrong, in words for people.
    pub(super) fn choice(&self, now: Time, limit: usize) -> Result<NotificationChoice, String> {
        let since = given(&self.since).map(|text| {
            let duration = duration::parse(text).map_err(|error| format!("since {text:?}: {error}"))?;
            Ok::<_, String>(now.minus(duration))
        });
        let from = time("from", &self.from)?;
        let number = |name: &str, text: &str| {
            given(text).map(|text| text.parse().map_err(|_| format!("{name} {text:?} is no number"))).transpose()
        };
        let limit = number("limit", &self.limit)?
            .map_or(limit, |limit: u64| usize::try_from(limit).unwrap_or(MOST).clamp(1, MOST));
        Ok(NotificationChoice {
            from: from.max(since.transpose()?),
            to: time("to", &self.to)?,
            receiver: given(&self.receiver).map(str::to_owned),
            integration: given(&self.integration).map(str::to_owned),
            group: given(&self.group).map(str::to_owned),
            alert: given(&self.alert).map(alert).transpose()?,
            states: self.states.iter().map(|state| state.parse()).collect::<Result<Vec<NotificationState>, _>>()?,
            before: number("cursor", &self.cursor)?.map(DeliveryId),
            limit,
        })
    }

    /// Whether it restricts anything but the state.
    pub(super) fn is_filtered(&self) -> bool {
        let Self { from, to, since, receiver, integration, alert, group, .. } = self;
        [from, to, since, receiver, integration, alert, group].iter().any(|text| !text.is_empty())
    }

    /// The same of another state, from the newest on.
    pub(super) fn of_state(&self, state: Option<NotificationState>) -> Self {
        let states = state.map(|state| state.as_str().to_owned()).into_iter().collect();
        Self { states, cursor: String::new(), ..self.clone() }
    }

    /// The same, from there on.
    pub(super) fn after(&self, last: Option<DeliveryId>) -> Self {
        Self { cursor: last.map(|id| id.0.to_string()).unwrap_or_default(), ..self.clone() }
    }

    /// Its address on the pages.
    pub(super) fn href(&self, pages: &Pages) -> String {
        let states = self.states.join(",");
        let pairs = [
            ("state", &states),
            ("alert", &self.alert),
            ("receiver", &self.receiver),
            ("integration", &self.integration),
            ("group", &self.group),
            ("since", &self.since),
            ("from", &self.from),
            ("to", &self.to),
            ("cursor", &self.cursor),
        ];
        links::with_query(pages, "/notifications", pairs.map(|(name, value)| (name, value.as_str())))
    }
}

fn given(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn time(name: &str, text: &str) -> Result<Option<Time>, String> {
    let parse = |text| Time::parse(text).map_err(|why| format!("{name} {text:?} is no time as of RFC 3339: {why}"));
    given(text).map(parse).transpose()
}

fn alert(text: &str) -> Result<AlertChoice, String> {
    let is_fingerprint = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_fingerprint && let Ok(fingerprint) = text.parse::<Fingerprint>() {
        return Ok(AlertChoice::Fingerprint(fingerprint));
    }
    if !text.contains(['=', '~', '{', '!']) {
        return Ok(AlertChoice::Matchers([Matcher::equal("alertname", text)].into_iter().collect()));
    }
    let matchers = MatcherSet::parse(text, Syntax::default());
    matchers.map(AlertChoice::Matchers).map_err(|error| format!("alert: {}", error.message))
}
