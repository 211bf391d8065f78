//! The bodies of Prometheus's answers: a matrix of samples, a list of rules.
//!
//! Deliberately unknown here: how they came.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc, time::Duration};

use alerts::{LabelSet, ports::RenderError};
use serde::Deserialize;

use crate::{
    answers::Limits,
    error::{content, quoted, source},
    rules::Rule,
    source::Samples,
};

/// The most rules of a list that are looked at.
const MAX_RULES: usize = 50_000;

/// The series of a range query.
///
/// # Errors
/// When the body is no such answer, or holds more than it may.
pub(crate) fn matrix(body: &[u8], speaks: &str, limits: Limits) -> Result<Vec<Samples>, RenderError> {
    let matrix: Matrix = data(body, speaks)?;
    if matrix.kind != "matrix" {
        return Err(content(format!("the source answered a {:?} to a range query", quoted(matrix.kind.as_bytes()))));
    }
    if matrix.result.len() > limits.series {
        return Err(content(format!("the query finds more than {} series: see max_series", limits.series)));
    }
    let samples: usize = matrix.result.iter().map(|series| series.values.len()).sum();
    if samples > limits.samples {
        return Err(content(format!(
            "the query finds {samples} samples, more than {}: see max_samples",
            limits.samples
        )));
    }
    let only_histograms = samples == 0 && matrix.result.iter().any(|series| !series.histograms.is_empty());
    if only_histograms {
        return Err(content(
            "the query answers native histograms, which are not drawn: use histogram_quantile or the like",
        ));
    }
    let drawable = matrix.result.into_iter().filter(|series| !series.values.is_empty());
    Ok(drawable.map(Series::samples).collect())
}

/// The alerting rules of a list.
///
/// # Errors
/// When the body is no such list.
pub(crate) fn rules(body: &[u8], speaks: &str) -> Result<Vec<Arc<Rule>>, RenderError> {
    let groups: Groups = data(body, speaks)?;
    let rules = groups.groups.into_iter().flat_map(|group| group.rules);
    let asks_for_series = |rule: &ListedRule| matches!(rule.datasource.as_str(), "" | "prometheus");
    let rules = rules.filter(|rule| rule.kind == "alerting" && asks_for_series(rule));
    Ok(rules.take(MAX_RULES).map(|rule| Arc::new(rule.into())).collect())
}

/// What a successful answer holds; `speaks` says whose answer is expected, for errors.
///
/// # Errors
/// When the body is no such answer, or tells of an error.
pub(crate) fn data<'a, T: Deserialize<'a>>(body: &'a [u8], speaks: &str) -> Result<T, RenderError> {
    let answer: Answer<'a, T> = serde_json::from_slice(body)
        .map_err(|error| content(format!("the source did not answer as {speaks} does: {error}: {:?}", quoted(body))))?;
    match (answer.status.as_ref(), answer.data) {
        ("success", Some(data)) => Ok(data),
        _ => Err(source(quoted(answer.error.as_bytes()))),
    }
}

#[derive(Deserialize)]
struct Answer<'a, T> {
    #[serde(borrow)]
    status: Cow<'a, str>,
    data: Option<T>,
    #[serde(default)]
    error: String,
}

#[derive(Deserialize)]
struct Matrix {
    #[serde(rename = "resultType")]
    kind: String,
    result: Vec<Series>,
}

#[derive(Deserialize)]
struct Series {
    #[serde(default)]
    metric: LabelSet,
    #[serde(default)]
    values: Vec<Point>,
    #[serde(default)]
    histograms: Vec<serde::de::IgnoredAny>,
}

/// Milliseconds since 1970 and a value; in the answer `[1700000000.123, "+Inf"]`.
#[derive(Deserialize)]
#[serde(try_from = "(f64, Cow<'_, str>)")]
struct Point(i64, f64);

impl TryFrom<(f64, Cow<'_, str>)> for Point {
    type Error = String;

    fn try_from((seconds, value): (f64, Cow<'_, str>)) -> Result<Self, String> {
        let value = value.parse().map_err(|_| format!("{:?} is not a number", quoted(value.as_bytes())))?;
        #[expect(clippy::cast_possible_truncation, reason = "saturates, which is right for a time out of range")]
        let millis = (seconds * 1000.0).round() as i64;
        Ok(Self(millis, value))
    }
}

impl Series {
    fn samples(self) -> Samples {
        let mut points: Vec<(i64, f64)> = self.values.into_iter().map(|Point(millis, value)| (millis, value)).collect();
        points.sort_by_key(|(time, _)| *time);
        Samples { labels: self.metric, points }
    }
}

#[derive(Deserialize)]
struct Groups {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    rules: Vec<ListedRule>,
}

#[derive(Deserialize)]
struct ListedRule {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(default)]
    query: String,
    /// Seconds.
    #[serde(default)]
    duration: f64,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
    /// vmalert's, which may ask a Graphite or a VictoriaLogs, too.
    #[serde(rename = "datasourceType", default)]
    datasource: String,
    /// vmalert's number of the group; Grafana's lists have no text there.
    #[serde(default)]
    group_id: serde_json::Value,
    #[serde(default)]
    id: serde_json::Value,
}

/// vmalert's number of the rule that an alert is of.
///
/// # Errors
/// When the body is no such alert.
pub(crate) fn rule_id(body: &[u8]) -> Result<String, RenderError> {
    #[derive(Deserialize)]
    struct Alert {
        #[serde(default)]
        rule_id: String,
    }
    let alert: Alert = serde_json::from_slice(body)
        .map_err(|error| content(format!("the source did not answer as vmalert does: {error}: {:?}", quoted(body))))?;
    Ok(alert.rule_id)
}

impl From<ListedRule> for Rule {
    fn from(rule: ListedRule) -> Self {
        Self {
            name: rule.name,
            query: rule.query,
            hold: Duration::try_from_secs_f64(rule.duration).unwrap_or_default(),
            labels: rule.labels.unwrap_or_default().into(),
            annotations: rule.annotations.unwrap_or_default().into(),
            group: text(&rule.group_id),
            id: text(&rule.id),
        }
    }
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use alerts::ports::RenderErrorKind;

    use super::*;

    const LIMITS: Limits = Limits { series: 2, samples: 4 };

    fn wrapped(result: &str) -> String {
        format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{result}]}},"warnings":["w"]}}"#)
    }

    #[test]
    fn reads_a_matrix() {
        let body = wrapped(
            r#"{"metric":{"__name__":"up","a":"b\"c"},"values":[[1700000000.5,"1"],[1700000001,"NaN"],[1700000002,"+Inf"],[1700000003,"-Inf"]]}"#,
        );
        let series = matrix(body.as_bytes(), "Prometheus", LIMITS).expect("a matrix");
        assert_eq!(series[0].labels.to_string(), r#"{__name__="up", a="b\"c"}"#);
        let points = &series[0].points;
        assert_eq!(points[0], (1_700_000_000_500, 1.0));
        assert!(points[1].1.is_nan());
        assert_eq!((points[2].1, points[3].1), (f64::INFINITY, f64::NEG_INFINITY));
        assert_eq!(matrix(wrapped("").as_bytes(), "Prometheus", LIMITS).expect("empty"), []);
    }

    fn check(body: &str, kind: RenderErrorKind, words: &str) {
        let error = matrix(body.as_bytes(), "Prometheus", LIMITS).expect_err(body);
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.detail.contains(words), "{error}");
    }

    #[test]
    fn refuses_the_rest() {
        use RenderErrorKind::{Content, Source};
        let series = r#"{"metric":{},"values":[[1,"1"]]}"#;
        check(&wrapped(&[series; 3].join(",")), Content, "more than 2 series: see max_series");
        let long = r#"{"metric":{},"values":[[1,"1"],[2,"1"],[3,"1"],[4,"1"],[5,"1"]]}"#;
        check(&wrapped(long), Content, "5 samples, more than 4: see max_samples");
        check(&wrapped(r#"{"metric":{},"values":[[1,"one"]]}"#), Content, "is not a number");
        check(&wrapped(r#"{"metric":{},"histograms":[[1,{}]]}"#), Content, "native histograms");
        check(
            r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#,
            Content,
            "\"vector\" to a range query",
        );
        check(r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#, Source, "parse error");
        check("<html>\n hello", Content, "<html> hello");
        check("", Content, "did not answer as Prometheus does");
        check("[[[[", Content, "did not answer as Prometheus does");
    }

    #[test]
    fn reads_alerting_rules() {
        let body = r#"{"status":"success","data":{"groups":[{"name":"g","rules":[
            {"type":"recording","name":"r","query":"a"},
            {"type":"alerting","name":"Logs","query":"_time:5m error","datasourceType":"vlogs"},
            {"type":"alerting","name":"Down","datasourceType":"prometheus","id":"12","group_id":"5","query":"up == 0","duration":300,"labels":{"severity":"page"},
             "annotations":{"summary":"{{ $labels.instance }} is down"},"alerts":[{"labels":{}}],"state":"firing"},
            {"type":"alerting","name":"Bare","query":"b","id":7,"duration":-1,"labels":null}]}]}}"#;
        let rules = rules(body.as_bytes(), "Prometheus").expect("rules");
        assert_eq!(rules.len(), 2);
        assert_eq!((rules[0].name.as_str(), rules[0].query.as_str()), ("Down", "up == 0"));
        assert_eq!(rules[0].hold, Duration::from_secs(300));
        assert_eq!(rules[0].labels.value("severity"), "page");
        assert_eq!((rules[0].group.as_str(), rules[0].id.as_str()), ("5", "12"));
        assert_eq!((rules[1].hold, rules[1].id.as_str()), (Duration::ZERO, ""));
    }
}
