//! A panel's queries to Grafana, `POST /api/ds/query`: Grafana asks the data sources.
//!
//! Deliberately unknown here: variables (filled in already), what becomes of the frames.

use std::collections::BTreeSet;

use alerts::ports::{RenderError, RenderErrorKind};
use http::StatusCode;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::{Prepared, frames::QueryError, model::Target};
use crate::{
    answers::Limits,
    error::{failed, quoted, source},
    grafana::GrafanaSource,
    http::Reply,
};

/// The most queries of a panel; Grafana's letters end much earlier.
const MOST_QUERIES: usize = 100;

/// Types of data sources that only a browser can ask.
const BROWSER_ONLY: [&str; 6] = [
    "dashboard",
    "datasource",
    "grafana",
    "marcusolsson-json-datasource",
    "simpod-json-datasource",
    "grafana-simple-json-datasource",
];

/// The body of the request for a panel.
///
/// # Errors
/// `Unsupported` where Grafana's server cannot ask the data source.
pub(crate) fn request(prepared: &Prepared) -> Result<Value, RenderError> {
    let targets = &prepared.panel.targets;
    if targets.is_empty() {
        return Err(unsupported("the panel has no queries"));
    }
    if targets.len() > MOST_QUERIES {
        return Err(unsupported(format!("the panel has more than {MOST_QUERIES} queries")));
    }
    let queries = targets.iter().map(|target| query(target, prepared)).collect::<Result<Vec<_>, _>>()?;
    let window = prepared.window;
    Ok(json!({
        "from": window.from.as_millis().to_string(),
        "to": window.to.as_millis().to_string(),
        "queries": queries,
    }))
}

fn query(target: &Target, prepared: &Prepared) -> Result<Value, RenderError> {
    let asked = target.datasource.as_ref().or(prepared.panel.datasource.as_ref());
    let Some(asked) = asked.filter(|asked| !asked.uid.is_empty()) else {
        return Err(unsupported(format!("the data source of query {:?} is not known", target.ref_id)));
    };
    let kind = asked.kind.as_deref();
    let expression = asked.is_expression();
    if !expression && (asked.is_grafanas_own() || kind.is_some_and(|kind| BROWSER_ONLY.contains(&kind))) {
        let name = kind.unwrap_or(asked.uid.as_str());
        return Err(unsupported(format!("the data source {name:?} can only be asked by a browser")));
    }
    let mut query = target.fields.clone();
    query.retain(|key, _| key != "hide");
    if is_prometheus(target, kind) {
        prometheus(&mut query);
    }
    query.insert("refId".to_owned(), target.ref_id.clone().into());
    let uid = if expression { "__expr__" } else { asked.uid.as_str() };
    let mut datasource = Map::from_iter([("uid".to_owned(), uid.into())]);
    datasource.extend(kind.map(|kind| ("type".to_owned(), kind.into())));
    query.insert("datasource".to_owned(), datasource.into());
    let interval = u64::try_from(prepared.interval.as_millis()).unwrap_or(u64::MAX);
    query.insert("intervalMs".to_owned(), interval.into());
    query.insert("maxDataPoints".to_owned(), prepared.max_data_points.into());
    Ok(query.into())
}

/// What Grafana's browser side adds: a query that is not said to be of an instant is one of the whole stretch.
fn prometheus(query: &mut Map<String, Value>) {
    let yes = |query: &Map<String, Value>, key: &str| query.get(key).and_then(Value::as_bool) == Some(true);
    if !yes(query, "instant") {
        query.insert("range".to_owned(), true.into());
    }
    query.insert("exemplar".to_owned(), false.into());
    query.entry("utcOffsetSec").or_insert_with(|| 0.into());
}

fn is_prometheus(target: &Target, kind: Option<&str>) -> bool {
    match kind {
        Some(kind) => kind == "prometheus" || kind.ends_with("-prometheus-datasource"),
        None => target.fields.contains_key("expr"),
    }
}

/// The queries whose series are to become tables.
pub(crate) fn tables(prepared: &Prepared) -> BTreeSet<&str> {
    let panel = &prepared.panel;
    let kind = |target: &Target| {
        let asked = target.datasource.as_ref().or(panel.datasource.as_ref());
        asked.and_then(|asked| asked.kind.clone())
    };
    let table = |target: &&Target| target.fields.get("format").and_then(Value::as_str) == Some("table");
    let own = panel.targets.iter().filter(table).filter(|target| is_prometheus(target, kind(target).as_deref()));
    own.map(|target| target.ref_id.as_str()).collect()
}

/// Asks; the answer is read by [`answered`].
///
/// # Errors
/// Where Grafana does not answer.
pub(crate) async fn ask(source: &GrafanaSource, body: &Value, deadline: Instant) -> Result<Reply, RenderError> {
    let budget = deadline.saturating_duration_since(Instant::now()).min(source.timeout);
    source.http.post_json(source.api(&["api", "ds", "query"]), body, budget, limits(source).max_bytes()).await
}

/// How much an answer of this source may hold.
pub(crate) fn limits(source: &GrafanaSource) -> Limits {
    Limits { series: source.max_series, samples: source.max_samples }
}

/// The error of a query. Grafana itself works: it is the query, or the data source behind it.
pub(crate) fn told(error: &QueryError) -> RenderError {
    let kind = match error.status {
        Some(408 | 504) => RenderErrorKind::Timeout,
        Some(status) if (400..500).contains(&status) => RenderErrorKind::Content,
        _ if error.words.contains("context deadline exceeded") => RenderErrorKind::Timeout,
        _ => RenderErrorKind::Source,
    };
    failed(kind, format!("query {:?}: {}", error.ref_id, error.words))
}

/// The error of a request that Grafana refused without saying which query is at fault.
pub(crate) fn refused(reply: &Reply) -> RenderError {
    let answer: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let text = |key: &str| answer.get(key).and_then(Value::as_str).unwrap_or_default();
    let words = match text("message") {
        "" => quoted(&reply.body),
        message => quoted(message.as_bytes()),
    };
    let status = reply.status;
    match (status, text("messageId")) {
        (_, "plugin.notImplemented" | "plugin.notRegistered" | "plugin.unavailable") => {
            unsupported(format!("Grafana's server cannot ask the data source: {words}"))
        }
        (StatusCode::UNAUTHORIZED, _) => source(format!("{status}: the token of the source is not valid: {words}")),
        (StatusCode::FORBIDDEN, _) => {
            source(format!("{status}: the token of the source may not query the data source: {words}"))
        }
        (StatusCode::NOT_FOUND, _) => failed(RenderErrorKind::Content, format!("{status}: the data source: {words}")),
        (StatusCode::BAD_REQUEST, _) => failed(RenderErrorKind::Content, format!("{status}: {words}")),
        _ => source(format!("{status}: {words}")),
    }
}

fn unsupported(detail: impl Into<String>) -> RenderError {
    failed(RenderErrorKind::Unsupported, detail)
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use alerts::Time;

    use super::*;
    use crate::{
        dashboards::model::{Dashboard, DataSourceRef, PanelModel},
        window::Window,
    };

    fn prepared(targets: Vec<Target>) -> Prepared {
        Prepared {
            dashboard: Arc::new(Dashboard::default()),
            panel: PanelModel { targets, ..PanelModel::default() },
            variables: Vec::new(),
            window: Window::ending(Time::from_secs(1_700_000_000), Duration::from_secs(3_600)),
            interval: Duration::from_secs(5),
            max_data_points: 1_000,
        }
    }

    fn target(uid: &str, kind: &str, fields: Value) -> Target {
        let Value::Object(fields) = fields else { panic!("an object") };
        let datasource = Some(DataSourceRef { uid: uid.into(), kind: Some(kind.into()) });
        Target { ref_id: "A".into(), datasource, fields }
    }

    #[test]
    fn a_request_has_what_the_plugins_want() {
        let fields = json!({"expr": "up", "legendFormat": "{{job}}", "refId": "Z", "hide": false, "datasource": "x", "exemplar": true});
        let body = request(&prepared(vec![target("u1", "prometheus", fields)])).expect("a request");
        let expected = json!({
            "from": "1699996400000", "to": "1700000000000",
            "queries": [{"expr": "up", "legendFormat": "{{job}}", "refId": "A", "datasource": {"uid": "u1", "type": "prometheus"},
                "exemplar": false, "range": true, "utcOffsetSec": 0, "intervalMs": 5_000, "maxDataPoints": 1_000}],
        });
        assert_eq!(body, expected);
        let instant =
            request(&prepared(vec![target("u1", "prometheus", json!({"instant": true}))])).expect("a request");
        assert_eq!(instant["queries"][0].get("range"), None);
        let sql = request(&prepared(vec![target("u1", "postgres", json!({"rawSql": "select 1"}))])).expect("a request");
        assert_eq!(sql["queries"][0].get("exemplar"), None);
    }

    fn check(targets: Vec<Target>, words: &str) {
        let error = request(&prepared(targets)).expect_err(words);
        assert_eq!(error.kind, RenderErrorKind::Unsupported);
        assert!(error.detail.contains(words), "{error}");
    }

    #[test]
    fn what_only_a_browser_can_ask_is_refused() {
        check(vec![], "has no queries");
        check(vec![target("-- Grafana --", "datasource", json!({}))], "\"datasource\" can only be asked by a browser");
        check(vec![target("-- Dashboard --", "datasource", json!({}))], "can only be asked by a browser");
        check(vec![target("x", "marcusolsson-json-datasource", json!({}))], "marcusolsson-json-datasource");
        check(vec![target("", "prometheus", json!({}))], "query \"A\" is not known");
        check(vec![target("x", "prometheus", json!({})); 101], "more than 100");
    }

    #[test]
    fn tables_are_told_apart() {
        let table = target("x", "prometheus", json!({"format": "table"}));
        assert_eq!(tables(&prepared(vec![table])), BTreeSet::from(["A"]));
        let sql = target("x", "mysql", json!({"format": "table"}));
        assert_eq!(tables(&prepared(vec![sql])), BTreeSet::new());
    }
}
