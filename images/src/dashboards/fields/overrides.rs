//! Overrides: which fields they match.
//!
//! The matchers are those of grafana-data's `matchers`. An override whose matcher is unknown matches nothing, and is told. Deliberately
//! unknown here: what the properties mean.

use std::collections::BTreeSet;

use charts::Calculation;
use regex::Regex;
use serde_json::Value;

use super::{config, pattern};
use crate::dashboards::{frames::Field, model::Override};

/// What a matcher looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate<'a> {
    /// The field.
    pub(crate) field: &'a Field,
    /// The name by which people know it.
    pub(crate) name: &'a str,
    /// The query that it answers.
    pub(crate) ref_id: &'a str,
}

/// Finds fields.
#[derive(Clone, Debug)]
pub(crate) enum Matcher {
    Name(String),
    Names { names: BTreeSet<String>, but: bool },
    Pattern(Regex),
    Kind(String),
    Query(String),
    Value(Reduced, Comparison, f64),
    All,
    Numeric,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Reduced {
    Calculation(Calculation),
    AllZero,
    AllNull,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Matcher {
    /// The matcher of an override; none: it is unknown or cannot be read.
    pub(crate) fn new(id: &str, options: &Value) -> Option<Matcher> {
        let text = || options.as_str();
        Some(match id {
            "byName" => Matcher::Name(text()?.to_owned()),
            "byRegexp" => Matcher::Pattern(text().and_then(pattern)?),
            "byType" => Matcher::Kind(text()?.to_owned()),
            "byFrameRefID" => Matcher::Query(text()?.to_owned()),
            "byNames" => {
                let list = options.get("names").and_then(Value::as_array)?;
                let names = list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
                Matcher::Names { names, but: options.get("mode").and_then(Value::as_str) == Some("exclude") }
            }
            "byValue" => {
                let word = |key: &str| options.get(key).and_then(Value::as_str);
                let value = options.get("value").and_then(config::number).unwrap_or(0.0);
                Matcher::Value(reduced(word("reducer")?)?, comparison(word("op").unwrap_or("eq"))?, value)
            }
            "anyMatch" | "allMatch" | "byTypes" => return None,
            "numeric" => Matcher::Numeric,
            "all" => Matcher::All,
            _ => return None,
        })
    }

    /// Whether it matches.
    pub(crate) fn matches(&self, candidate: Candidate<'_>) -> bool {
        let Candidate { field, name, ref_id } = candidate;
        match self {
            Matcher::Name(wanted) => wanted == name || *wanted == field.name,
            Matcher::Names { names, but } => (names.contains(name) || names.contains(&field.name)) != *but,
            Matcher::Pattern(pattern) => pattern.is_match(name),
            Matcher::Kind(kind) => kind == field.values.kind(),
            Matcher::Query(wanted) => wanted == ref_id,
            Matcher::Value(reduced, comparison, value) => {
                reduced.of(&field.values.to_numbers()).is_some_and(|left| comparison.holds(left, *value, *reduced))
            }
            Matcher::All => true,
            Matcher::Numeric => field.values.kind() == "number",
        }
    }
}

/// The overrides with their matchers; those that match nothing because they cannot be read go into `degraded`.
pub(crate) fn matchers<'a>(overrides: &'a [Override], degraded: &mut Vec<String>) -> Vec<(Matcher, &'a Override)> {
    let mut all = Vec::new();
    for one in overrides {
        match Matcher::new(&one.matcher, &one.options) {
            Some(matcher) => all.push((matcher, one)),
            None => degraded.push(format!("an override of fields {:?}", one.matcher)),
        }
    }
    all
}

fn reduced(id: &str) -> Option<Reduced> {
    match id {
        "allIsZero" => Some(Reduced::AllZero),
        "allIsNull" => Some(Reduced::AllNull),
        id => Calculation::parse(id).map(Reduced::Calculation),
    }
}

fn comparison(op: &str) -> Option<Comparison> {
    Some(match op {
        "eq" => Comparison::Equal,
        "neq" => Comparison::NotEqual,
        "lt" => Comparison::Less,
        "lte" => Comparison::LessOrEqual,
        "gt" => Comparison::Greater,
        "gte" => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

impl Reduced {
    /// One for yes, none for no, of those that ask.
    fn of(self, values: &[f64]) -> Option<f64> {
        match self {
            Reduced::Calculation(calculation) => calculation.of(values),
            Reduced::AllZero => values.iter().all(|value| value.is_nan() || *value == 0.0).then_some(1.0),
            Reduced::AllNull => values.iter().all(|value| value.is_nan()).then_some(1.0),
        }
    }
}

impl Comparison {
    fn holds(self, left: f64, right: f64, reduced: Reduced) -> bool {
        if !matches!(reduced, Reduced::Calculation(_)) {
            return true;
        }
        match self {
            Comparison::Equal => left == right,
            Comparison::NotEqual => left != right,
            Comparison::Less => left < right,
            Comparison::LessOrEqual => left <= right,
            Comparison::Greater => left > right,
            Comparison::GreaterOrEqual => left >= right,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(id: &str, options: Value, expected: bool) {
        let field = Field::numbers("Value", vec![Some(1.0), None, Some(3.0)]);
        let matcher = Matcher::new(id, &options).unwrap_or_else(|| panic!("{id} {options}"));
        let matched = matcher.matches(Candidate { field: &field, name: "cpu-1", ref_id: "B" });
        assert_eq!(matched, expected, "{id} {options}");
    }

    #[test]
    fn matchers_are_grafanas() {
        check("byName", json!("cpu-1"), true);
        check("byName", json!("Value"), true);
        check("byName", json!("cpu"), false);
        check("byRegexp", json!("/cpu/"), true);
        check("byRegexp", json!("/CPU/i"), true);
        check("byRegexp", json!("cpu"), false);
        check("byRegexp", json!("cpu.*"), true);
        check("byType", json!("number"), true);
        check("byType", json!("time"), false);
        check("byFrameRefID", json!("B"), true);
        check("byNames", json!({"names": ["cpu-1"], "prefix": "All except:", "readOnly": true}), true);
        check("byNames", json!({"mode": "exclude", "names": ["cpu-1"]}), false);
        check("byValue", json!({"reducer": "max", "op": "gte", "value": 3}), true);
        check("byValue", json!({"reducer": "max", "op": "lt", "value": 3}), false);
        check("byValue", json!({"reducer": "allIsZero", "op": "gte", "value": 0}), false);
        check("byValue", json!({"reducer": "count", "value": 3}), true);
    }

    #[test]
    fn what_cannot_be_read_matches_nothing() {
        let wrong = |matcher: &str, options: Value| Override { matcher: matcher.into(), options, properties: vec![] };
        let all = [
            wrong("byName", json!(7)),
            wrong("byRegexp", json!("/(?<!x)y/")),
            wrong("byNames", json!("x")),
            wrong("byMoon", json!({})),
        ];
        let mut degraded = Vec::new();
        assert!(matchers(&all, &mut degraded).is_empty());
        assert_eq!(degraded.len(), 4);
    }
}
