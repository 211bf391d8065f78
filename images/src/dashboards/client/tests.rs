use std::time::Duration;

use alerts::Time;
use serde_json::{Value, json};

use self::fake::{Fake, Reply, Request};
use super::*;
use crate::{
    dashboards::datasources::tests::SETTINGS,
    settings::{SourceConfig, SourceKind},
};

#[allow(dead_code, reason = "shared with tests that need more of it")]
#[path = "../../../tests/it/fake.rs"]
mod fake;

const NOW: i64 = 1_795_185_600;

struct TestClock(Instant);

impl Clock for TestClock {
    fn now(&self) -> Time {
        Time::from_secs(NOW)
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

fn client(url: &str) -> DashboardClient {
    // an error only means that another test was first
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = SourceConfig { org_id: Some(2), ..SourceConfig::new("grafana", SourceKind::Grafana, url) };
    let source = GrafanaSource::build(&config).expect("a source");
    DashboardClient::new(Arc::new(source), Arc::new(TestClock(Instant::now())))
}

fn dashboard() -> Value {
    json!({
        "uid": "abc", "title": "Nodes",
        "templating": {"list": [
            {"name": "ds", "type": "datasource", "query": "prometheus", "current": {"text": "default", "value": "default"}},
            {"name": "job", "type": "query", "query": "label_values(up, job)", "datasource": "$ds", "includeAll": true,
             "multi": true, "current": {"text": "node", "value": ["node"]}},
            {"name": "node", "type": "query", "query": "label_values(up{job=~\"$job\"}, instance)", "datasource": "$ds",
             "current": {"text": "a:1", "value": "a:1"}},
            {"name": "unused", "type": "query", "query": "query_result(x)", "current": {}},
            {"name": "unknown", "type": "query", "query": "query_result(x)", "current": {}}
        ]},
        "panels": [
            {"id": 1, "type": "graph", "title": "CPU of $node", "datasource": "$ds", "timeShift": "1h", "timeFrom": "2h",
             "targets": [{"refId": "A", "expr": "rate(cpu{job=~\"$job\",instance=\"$node\"}[$__rate_interval])",
                          "legendFormat": "$node {{cpu}}", "intervalFactor": 2}]},
            {"id": 2, "type": "stat", "datasource": "Gone", "targets": [{"expr": "up"}]},
            {"id": 3, "type": "stat", "datasource": "$ds", "targets": [{"expr": "up{x=\"$unknown\"}"}]},
            {"id": 4, "title": "Mine", "libraryPanel": {"uid": "lib", "name": "l"}},
            {"id": 5, "type": "timeseries", "datasource": {"type": "mysql", "uid": "my"},
             "targets": [{"rawSql": "SELECT * FROM t WHERE host = '$node'"}]}
        ]
    })
}

fn answer(request: &Request) -> Reply {
    assert_eq!(request.headers.get("x-grafana-org-id").map(String::as_str), Some("2"));
    match request.path.as_str() {
        "/api/frontend/settings" => Reply::json(SETTINGS),
        "/api/dashboards/uid/abc" => Reply::json(json!({"meta": {}, "dashboard": dashboard()}).to_string()),
        "/api/dashboards/uid/new" => {
            Reply::status(406, "application/json", r#"{"message":"dashboard api version not supported"}"#)
        }
        "/apis/dashboard.grafana.app/v2beta1/namespaces/org-2/dashboards/new" => {
            let panel =
                json!({"kind": "Panel", "spec": {"id": 1, "title": "New", "vizConfig": {"group": "stat", "spec": {}}}});
            Reply::json(json!({"metadata": {"name": "new"}, "spec": {"elements": {"p": panel}}}).to_string())
        }
        "/api/dashboards/uid/secret" => Reply::status(403, "application/json", r#"{"message":"Access denied"}"#),
        "/api/dashboards/uid/expired" => Reply::status(401, "application/json", r#"{"message":"Invalid API key"}"#),
        "/api/dashboards/uid/login" => Reply::status(200, "text/html", "<html>"),
        "/api/dashboards/uid/broken" => Reply::json("{\"dashboard\": 7}"),
        "/api/dashboards/uid/huge" => Reply::Endless,
        "/api/dashboards/uid/slow" => Reply::Silence,
        "/api/library-elements/lib" => Reply::json(
            json!({"result": {"model": {"type": "stat", "title": "L", "targets": [{"expr": "x"}]}}}).to_string(),
        ),
        "/api/datasources/uid/pr/resources/api/v1/label/instance/values" => {
            assert_eq!(request.parameter("match[]"), r#"up{job=~"db"}"#);
            Reply::json(r#"{"status":"success","data":["c:1","b:1"]}"#)
        }
        _ => Reply::status(404, "application/json", r#"{"message":"not found"}"#),
    }
}

async fn ask(client: &DashboardClient, uid: &str, panel: u64, given: &[(&str, &str)]) -> Result<Prepared, RenderError> {
    let given: Vec<_> = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let window = Window::ending(Time::from_secs(NOW), Duration::from_secs(3_600));
    let budget = if uid == "slow" { Duration::from_millis(50) } else { Duration::from_secs(60) };
    client.panel(uid, panel, &given, window, 1_000, Instant::now() + budget).await
}

fn expression(prepared: &Prepared) -> &str {
    prepared.panel.targets[0].fields["expr"].as_str().expect("a query")
}

#[tokio::test]
async fn a_panel_comes_with_everything_filled_in() {
    let fake = Fake::start(answer).await;
    let client = client(&fake.url);
    let prepared = ask(&client, "abc", 1, &[]).await.expect("a panel");
    assert_eq!(prepared.panel.title, "CPU of a:1");
    assert_eq!(prepared.dashboard.title, "Nodes");
    // the data source scrapes each 30 s, the factor doubles that, and four scrapes are the least
    assert_eq!(expression(&prepared), r#"rate(cpu{job=~"node",instance="a:1"}[120s])"#);
    assert_eq!(prepared.panel.targets[0].fields["legendFormat"], "a:1 {{cpu}}");
    let source = prepared.panel.targets[0].datasource.as_ref().expect("a data source");
    assert_eq!((source.uid.as_str(), source.kind.as_deref()), ("pr", Some("prometheus")));
    let names: Vec<_> = prepared.variables.iter().map(|one| format!("{}={}", one.name, one.words())).collect();
    assert_eq!(names, ["ds=Prometheus", "job=node", "node=a:1"]);
    let (from, to) = (prepared.window.from.as_secs() - NOW, prepared.window.to.as_secs() - NOW);
    assert_eq!((from, to), (-3 * 3_600, -3_600));
    assert_eq!((prepared.interval.as_secs(), prepared.max_data_points), (30, 1_000));
    // the next picture of the same minute asks nothing
    let asked = fake.requests().len();
    ask(&client, "abc", 1, &[("node", "b:1")]).await.expect("a panel");
    assert_eq!(fake.requests().len(), asked);
}

#[tokio::test]
async fn the_alert_moves_what_depends_on_its_values() {
    let fake = Fake::start(answer).await;
    let client = client(&fake.url);
    // the saved node is not one of the other job: the first is taken that the data source names
    let prepared = ask(&client, "abc", 1, &[("job", "db")]).await.expect("a panel");
    assert!(expression(&prepared).contains(r#"job=~"db",instance="b:1""#), "{}", expression(&prepared));
    let hostile = ask(&client, "abc", 1, &[("node", "x\"} or vector(1) #")]).await.expect("a panel");
    assert!(expression(&hostile).contains(r#"instance="x\"} or vector(1) #"}["#), "{}", expression(&hostile));
    let several = ask(&client, "abc", 1, &[("job", "a.b"), ("job", "c"), ("node", "n")]).await.expect("a panel");
    assert!(expression(&several).contains(r#"job=~"(a\\.b|c)""#), "{}", expression(&several));
    let library = ask(&client, "abc", 4, &[]).await.expect("a panel");
    assert_eq!((library.panel.id, library.panel.title.as_str(), expression(&library)), (4, "Mine", "x"));
    let newer = ask(&client, "new", 1, &[]).await.expect("a panel");
    assert_eq!((newer.panel.kind.as_str(), newer.dashboard.uid.as_str()), ("stat", "new"));
}

/// A dashboard and its panel, what the alert gives; the error and a part of its words.
type Case<'a> = (&'a str, u64, &'a [(&'a str, &'a str)], RenderErrorKind, &'a str);

#[tokio::test]
async fn what_is_wrong_is_told() {
    use RenderErrorKind::{Content, NotFound, Source, Timeout, Unsupported};
    let fake = Fake::start(answer).await;
    let client = client(&fake.url);
    let cases: [Case<'_>; 11] = [
        ("abc", 77, &[], NotFound, "dashboard abc (Nodes) has no panel 77"),
        ("abc", 2, &[], NotFound, "\"Gone\""),
        ("abc", 3, &[], NotFound, "the variable unknown"),
        ("abc", 5, &[("node", "x' OR ''='")], Unsupported, "the variable node"),
        ("none", 1, &[], NotFound, "there is no dashboard none"),
        ("secret", 1, &[], Source, "may not read dashboard secret"),
        ("expired", 1, &[], Source, "token is not valid"),
        ("login", 1, &[], Content, "login page"),
        ("broken", 1, &[], Content, "holds no dashboard"),
        ("huge", 1, &[], Content, "more than 16777216 bytes"),
        ("slow", 1, &[], Timeout, "in"),
    ];
    for (uid, panel, given, kind, part) in cases {
        let error = ask(&client, uid, panel, given).await.expect_err(uid);
        assert!(error.kind == kind && error.detail.contains(part), "{uid} {panel}: {error:?}");
    }
}
