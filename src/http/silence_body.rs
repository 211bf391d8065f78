//! The body of `POST /api/v2/silences`: read as Go's JSON decoder reads it, validated as go-openapi does, with their words. Pure.
//!
//! As there: names of fields may be in any case, unknown ones are ignored, `null` is "not there". What is checked first is reported:
//! JSON and types, then what is required (by name), then times, then matchers. Stricter than there: nothing may follow the object.
//! Deliberately unknown here: the silences that there are, HTTP.

use alerts::{
    LabelSet, Time,
    gotext::Quoted,
    intake::Rules,
    matcher::{MatchOp, Matcher},
    silence::{Draft, SilenceError, SilenceId},
};
use serde_json::Value;

use super::{
    json_fields::{Fields, GivenTime},
    regexp_words,
};

/// Why there is no draft.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotADraft {
    /// It is not JSON, or a value has the wrong type: 400 with code.
    #[error("parsing silence body from \"\" failed, because {0}")]
    Malformed(String),
    /// go-openapi's code 602.
    #[error("{0} in body is required")]
    Required(String),
    /// go-openapi's code 612.
    #[error("matchers in body should have at least 1 items")]
    NoMatchers,
    /// Alertmanager's own words.
    #[error(transparent)]
    Silence(#[from] SilenceError),
}

/// Reads a body that was received at `now`.
pub(super) fn parse(text: &str, rules: &Rules, now: Time) -> Result<Draft, NotADraft> {
    if text.trim().is_empty() {
        return Err(NotADraft::Required("silence".to_owned()));
    }
    let json = serde_json::from_str(text).map_err(|error| NotADraft::Malformed(error.to_string()))?;
    let body = Body::decode(json).map_err(NotADraft::Malformed)?.complete()?;
    let matchers = body.matchers.iter().enumerate().map(|(at, matcher)| matcher.build(at, rules)).collect();
    // What Alertmanager finds before it looks at matchers.
    if body.starts_at.unwrap_or(now) >= body.ends_at {
        return Err(SilenceError::StartNotBeforeEnd.into());
    }
    if body.ends_at < now {
        return Err(SilenceError::EndInPast.into());
    }
    let matchers = Result::<_, String>::map_err(matchers, SilenceError::Invalid)?;
    let (id, starts_at, ends_at) = (body.id.map(|id| SilenceId(id.into())), body.starts_at, body.ends_at);
    let (created_by, comment, annotations) = (body.created_by, body.comment, body.annotations);
    Ok(Draft { id, matchers, starts_at, ends_at, created_by, comment, annotations })
}

/// All types are right; what is missing is not there.
struct Body {
    id: Option<String>,
    annotations: LabelSet,
    comment: Option<String>,
    created_by: Option<String>,
    ends_at: Option<GivenTime>,
    matchers: Option<Vec<MatcherBody>>,
    starts_at: Option<GivenTime>,
}

/// Nothing is missing.
struct Complete {
    id: Option<String>,
    annotations: LabelSet,
    comment: String,
    created_by: String,
    ends_at: Time,
    matchers: Vec<CompleteMatcher>,
    starts_at: Option<Time>,
}

#[derive(Default)]
struct MatcherBody {
    is_equal: Option<bool>,
    is_regex: Option<bool>,
    name: Option<String>,
    value: Option<String>,
}

struct CompleteMatcher {
    op: MatchOp,
    name: String,
    value: String,
}

impl Body {
    fn decode(json: Value) -> Result<Self, String> {
        let mut fields = Fields::of(json, "PostableSilence")?;
        Ok(Self {
            id: fields.string("id")?.filter(|id| !id.is_empty()),
            annotations: fields.texts("annotations", "models.LabelSet")?.into_iter().collect(),
            comment: fields.string("comment")?,
            created_by: fields.string("createdBy")?,
            ends_at: fields.time("endsAt")?,
            matchers: fields.list("matchers", "models.Matchers", MatcherBody::decode)?,
            starts_at: fields.time("startsAt")?,
        })
    }

    /// In go-openapi's order: by name.
    fn complete(self) -> Result<Complete, NotADraft> {
        let comment = required(self.comment, "comment")?;
        let created_by = required(self.created_by, "createdBy")?;
        let ends_at = required(self.ends_at, "endsAt")?;
        let matchers = required(self.matchers, "matchers")?;
        if matchers.is_empty() {
            return Err(NotADraft::NoMatchers);
        }
        let complete = |(at, matcher): (usize, MatcherBody)| matcher.complete(at);
        let matchers = matchers.into_iter().enumerate().map(complete).collect::<Result<_, _>>()?;
        let starts_at = required(self.starts_at, "startsAt")?;
        let ends_at = ends_at.unwrap_or(Time::MIN);
        Ok(Complete { id: self.id, annotations: self.annotations, comment, created_by, ends_at, matchers, starts_at })
    }
}

impl MatcherBody {
    fn decode(json: Value) -> Result<Self, String> {
        if json.is_null() {
            return Ok(Self::default());
        }
        let mut fields = Fields::of(json, "Matcher.matchers")?;
        let (is_equal, is_regex) = (fields.truth("isEqual")?, fields.truth("isRegex")?);
        Ok(Self { is_equal, is_regex, name: fields.string("name")?, value: fields.string("value")? })
    }

    fn complete(self, at: usize) -> Result<CompleteMatcher, NotADraft> {
        let is_regex = required(self.is_regex, &format!("matchers.{at}.isRegex"))?;
        let name = required(self.name, &format!("matchers.{at}.name"))?;
        let value = required(self.value, &format!("matchers.{at}.value"))?;
        Ok(CompleteMatcher { op: MatchOp::of(self.is_equal.unwrap_or(true), is_regex), name, value })
    }
}

impl CompleteMatcher {
    fn build(&self, at: usize, rules: &Rules) -> Result<Matcher, String> {
        let wrong = |problem: String| format!("invalid label matcher {at} in set 0: {problem}");
        if !rules.names.allows(&self.name) {
            return Err(wrong(format!("invalid label name {}", Quoted(&self.name))));
        }
        let words = |error: String| regexp_words::of(&error, &self.value);
        let no_regex = |error| wrong(format!("invalid regular expression {}: {}", Quoted(&self.value), words(error)));
        Matcher::new(&self.name, self.op, &self.value).map_err(no_regex)
    }
}

fn required<T>(value: Option<T>, name: &str) -> Result<T, NotADraft> {
    value.ok_or_else(|| NotADraft::Required(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Time = Time::from_secs(1_700_000_000);

    proptest! {
        #[test]
        fn hostile_bodies_never_panic(
            text: String,
            field in prop::sample::select(vec![
                "id", "annotations", "comment", "createdBy", "endsAt", "matchers", "startsAt", "MATCHERS",
            ]),
            value in prop::sample::select(vec![
                "null", "5", "[]", "{}", "[null]", "[[]]", "[{}]", "true", "\"\"", "\"0001-01-01T00:00:00Z\"", "1e999",
                "[{\"isRegex\":true,\"name\":\"\",\"value\":\"(\"}]", "\"9999-99-99\"", "{\"a\":[]}",
            ]),
            word: String,
        ) {
            let check = |text: &str| drop(parse(text, &Rules::default(), NOW));
            check(&text);
            check(&format!(r#"{{"{field}":{value}}}"#));
            let matcher = serde_json::json!({ "isRegex": true, "name": word, "value": word });
            let mut body = serde_json::json!({
                "comment": word, "createdBy": word, "startsAt": word, "matchers": [matcher],
                "endsAt": "2030-01-01T00:00:00Z",
            });
            check(&body.to_string());
            if let Ok(value) = serde_json::from_str(value) {
                body[field] = value;
            }
            check(&body.to_string());
        }
    }

    #[test]
    fn a_field_counts_in_any_case_and_the_exact_one_first() {
        let body = r#"{"COMMENT":"x","comment":"c","CREATEDBY":"me","startsAt":"2029-01-01T00:00:00Z","annotations":{"a":"b"},
            "endsAt":"2030-01-01T00:00:00Z","matchers":[{"name":"a","value":"b","isRegex":false,"isEqual":false}],"x":[]}"#;
        let draft = parse(body, &Rules::default(), NOW).expect("it is complete");
        assert_eq!((draft.comment.as_str(), draft.created_by.as_str()), ("c", "me"));
        assert_eq!(draft.matchers.to_string(), r#"{a!="b"}"#);
        assert_eq!(draft.annotations.to_string(), r#"{a="b"}"#);
    }
}
