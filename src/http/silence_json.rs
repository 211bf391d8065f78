//! Silences as the API shows them, which of them a request wants, and in which order. Pure.
//!
//! Deliberately unknown here: where they are kept.

use std::cmp::Reverse;

use alerts::{
    LabelSet, Time,
    matcher::{Matcher, MatcherSet},
    silence::{Silence, SilenceState},
};
use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::{alert_json::Millis, parameters::Given};

/// A silence as of a time; serialises as `GettableSilence`.
#[derive(Clone, Copy, Debug)]
pub(super) struct SilenceJson<'a> {
    pub(super) silence: &'a Silence,
    pub(super) now: Time,
}

impl Serialize for SilenceJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Status {
            state: &'static str,
        }
        let SilenceJson { silence, now } = self;
        let mut json = serializer.serialize_struct("GettableSilence", 9)?;
        json.serialize_field("id", &*silence.id.0)?;
        json.serialize_field("status", &Status { state: silence.state(*now).as_str() })?;
        json.serialize_field("updatedAt", &Millis(silence.updated_at))?;
        if silence.annotations != LabelSet::new() {
            json.serialize_field("annotations", &silence.annotations)?;
        }
        json.serialize_field("comment", &silence.comment)?;
        json.serialize_field("createdBy", &silence.created_by)?;
        json.serialize_field("endsAt", &Millis(silence.ends_at))?;
        json.serialize_field("matchers", &silence.matchers.iter().map(MatcherJson::from).collect::<Vec<_>>())?;
        json.serialize_field("startsAt", &Millis(silence.starts_at))?;
        json.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MatcherJson<'a> {
    is_equal: bool,
    is_regex: bool,
    name: &'a str,
    value: &'a str,
}

impl<'a> From<&'a Matcher> for MatcherJson<'a> {
    fn from(matcher: &'a Matcher) -> Self {
        let (name, value, op) = (matcher.name(), matcher.value(), matcher.op());
        Self { is_equal: op.is_equal(), is_regex: op.is_regex(), name, value }
    }
}

/// Which silences are wanted.
pub(super) fn is_wanted(silence: &Silence, given: &Given, now: Time) -> bool {
    given.is(silence.state(now).as_str()) && has_all(&silence.matchers, &given.filter)
}

/// Whether each matcher of the filter is one of the silence's, equal in name, operator and value.
fn has_all(matchers: &MatcherSet, filter: &MatcherSet) -> bool {
    filter.iter().all(|wanted| matchers.iter().any(|matcher| matcher == wanted))
}

/// Alertmanager's order: active ones by their end, pending ones by their start, expired ones from the last to the first.
pub(super) fn order_key(silence: &Silence, now: Time) -> impl Ord + use<> {
    let by = match silence.state(now) {
        SilenceState::Active => (silence.ends_at, Reverse(Time::MIN)),
        SilenceState::Pending => (silence.starts_at, Reverse(Time::MIN)),
        SilenceState::Expired => (Time::MIN, Reverse(silence.ends_at)),
    };
    (silence.state(now), by, silence.id.clone())
}
