//! Panels of a Grafana's dashboards, drawn natively: against a Grafana of the tests' own that answers healthy, wrong, slow and hostile.

use std::{sync::Arc, time::Duration};

use alerts::{
    LabelSet,
    picture::Subject,
    ports::{Capture, RenderError, RenderErrorKind, Rendered, Renderer},
};
use images::{
    Renderers, RenderingConfig, ScreenshotsConfig, Sections, SourceConfig, SourceKind, Unwatched,
    settings::{RendererKind, ThemeName},
};
use serde_json::{Value, json};

use crate::{
    fake::{Fake, Reply, Request},
    renderers::picture,
    world::{AMPLE, NOW, capture, clock, golden},
};

const DARK_AND_LIGHT: [(&str, ThemeName); 2] = [("dark", ThemeName::Dark), ("light", ThemeName::Light)];

/// A dashboard with this panel.
fn board(panel: &Value) -> Value {
    json!({"meta": {"slug": "node"}, "dashboard": {"uid": "b", "title": "Node Exporter", "schemaVersion": 39, "panels": [panel],
        "templating": {"list": [{"name": "instance", "type": "query", "query": "label_values(up, instance)",
            "datasource": {"type": "prometheus", "uid": "prom"}, "current": {"text": "db-1", "value": "db-1"}}]}}})
}

fn panel(kind: &str, more: Value) -> Value {
    let mut panel = json!({"id": 4, "type": kind, "title": "CPU of $instance", "datasource": {"type": "prometheus", "uid": "prom"},
        "targets": [{"refId": "A", "expr": "cpu{instance=\"$instance\"}", "legendFormat": "{{mode}}"}],
        "fieldConfig": {"defaults": {}, "overrides": []}, "options": {}});
    let (Value::Object(all), Value::Object(more)) = (&mut panel, more) else { panic!("objects") };
    all.extend(more);
    panel
}

/// A series: its name, and its value at each step.
type Named<'a> = (&'a str, &'a dyn Fn(i64) -> Option<f64>);

/// Series as the Prometheus plugin answers them: a frame each.
fn series(named: &[Named<'_>]) -> Value {
    let frame = |(name, value): &Named<'_>| {
        let rows = 0..=240;
        let times: Vec<i64> = rows.clone().map(|n| (NOW - 3_600 + n * 15) * 1_000).collect();
        let values: Vec<Option<f64>> = rows.map(value).collect();
        json!({"schema": {"refId": "A", "meta": {"type": "timeseries-multi"}, "fields": [
                {"name": "Time", "type": "time", "typeInfo": {"frame": "time.Time"}, "config": {"interval": 15_000}},
                {"name": "Value", "type": "number", "labels": {"mode": name}, "config": {"displayNameFromDS": name}}]},
            "data": {"values": [times, values]}})
    };
    json!(named.iter().map(frame).collect::<Vec<_>>())
}

fn frames(frames: Value) -> Value {
    json!({"results": {"A": {"status": 200, "frames": frames}}})
}

fn wave(n: i64, seed: i64, middle: f64, height: f64) -> Option<f64> {
    let chance = ((n * 7_919 + seed * 104_729) % 97) as f64 / 97.0 - 0.5;
    Some(middle + height * ((n as f64 / 23.0 + seed as f64).sin() + 0.4 * chance))
}

async fn grafana(board: Value, answer: Reply) -> Fake {
    let board = board.to_string();
    Fake::start(move |request: &Request| match request.path.as_str() {
        "/graf/api/ds/query" => answer.clone(),
        path if path.starts_with("/graf/api/dashboards/uid/b") => Reply::json(board.as_str()),
        _ => Reply::status(404, "application/json", r#"{"message":"Not found"}"#),
    })
    .await
}

fn renderers(fake: &Fake, theme: ThemeName) -> Renderers {
    renderers_in_order(fake, theme, vec![RendererKind::Native])
}

fn renderers_in_order(fake: &Fake, theme: ThemeName, order: Vec<RendererKind>) -> Renderers {
    // an error only means that another test was first
    let _ = rustls::crypto::ring::default_provider().install_default();
    let source = SourceConfig {
        bearer_token: Some("glsa-secret".into()),
        max_series: 30,
        max_samples: 20_000,
        ..SourceConfig::new("main", SourceKind::Grafana, format!("{}/graf", fake.url))
    };
    let screenshots = ScreenshotsConfig { renderers: order, theme, ..ScreenshotsConfig::default() };
    let sections = Sections {
        sources: &[source],
        panels: &[],
        screenshots: &screenshots,
        rendering: &RenderingConfig::default(),
        chromium: &images::ChromiumConfig::default(),
    };
    images::build(&sections, &clock(), Arc::new(Unwatched)).expect("a valid configuration")
}

fn wanted() -> Capture {
    let subject = Subject { source: "main".into(), panel: "dashboard/b/4".into(), variables: String::new() };
    Capture { subject, starts_at: alerts::Time::from_secs(NOW - 700), annotations: LabelSet::new(), ..capture("") }
}

async fn drawn(board: Value, answer: Reply) -> Result<Rendered, RenderError> {
    let fake = grafana(board, answer).await;
    renderers(&fake, ThemeName::Dark).render(&wanted(), AMPLE).await
}

/// The golden pictures of a panel, in both themes.
async fn pictures(name: &str, panel: &Value, answer: &Value) {
    let fake = grafana(board(panel), Reply::json(answer.to_string())).await;
    for (suffix, theme) in DARK_AND_LIGHT {
        let rendered = renderers(&fake, theme).render(&wanted(), AMPLE).await.expect("a picture");
        golden(&format!("dashboard-{name}-{suffix}"), &rendered.png);
    }
}

#[tokio::test]
async fn queries_are_asked_through_grafana() {
    let answer = frames(series(&[("user", &|n| wave(n, 1, 30.0, 8.0))]));
    let fake = grafana(board(&panel("timeseries", json!({}))), Reply::json(answer.to_string())).await;
    let rendered = renderers(&fake, ThemeName::Dark).render(&wanted(), AMPLE).await.expect("a picture");
    assert_eq!((rendered.width, rendered.height), (1_000, 500));
    assert!(rendered.alt.contains("user is at"), "{}", rendered.alt);
    let requests = fake.requests();
    let query = requests.iter().find(|request| request.path == "/graf/api/ds/query").expect("it asks");
    assert_eq!((query.method.as_str(), query.headers["authorization"].as_str()), ("POST", "Bearer glsa-secret"));
    let body: Value = serde_json::from_str(&query.body).expect("JSON");
    let number = |key: &str| body[key].as_str().and_then(|text| text.parse::<i64>().ok()).expect("milliseconds");
    assert_eq!((number("to"), number("to") - number("from")), (NOW * 1_000, 3_600_000));
    let query = &body["queries"][0];
    assert_eq!(query["datasource"], json!({"uid": "prom", "type": "prometheus"}));
    assert_eq!((&query["refId"], &query["legendFormat"]), (&json!("A"), &json!("{{mode}}")));
    assert!(
        query["maxDataPoints"].as_u64().is_some_and(|points| points > 0) && query["intervalMs"].is_u64(),
        "{query}"
    );
}

#[tokio::test]
async fn time_series() {
    let modes = frames(series(&[
        ("user", &|n| wave(n, 1, 34.0, 6.0).map(|value| value + if n > 180 { 30.0 } else { 0.0 })),
        ("system", &|n| wave(n, 2, 12.0, 3.0)),
        ("iowait", &|n| if (100..120).contains(&n) { None } else { wave(n, 3, 5.0, 2.0) }),
    ]));
    let stacked = json!({"fieldConfig": {
            "defaults": {"unit": "percent", "min": 0, "custom": {"fillOpacity": 30, "lineWidth": 1, "showPoints": "never",
                "stacking": {"mode": "normal", "group": "A"}}},
            "overrides": [{"matcher": {"id": "byName", "options": "iowait"}, "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": "dark-red"}}]}]},
        "options": {"legend": {"displayMode": "table", "placement": "bottom", "showLegend": true, "calcs": ["mean", "max", "lastNotNull"]}}});
    pictures("stacked", &panel("timeseries", stacked), &modes).await;

    let traffic = frames(series(&[
        ("in", &|n| wave(n, 4, 4e6, 1.5e6)),
        ("out", &|n| wave(n, 5, 2e6, 6e5)),
        ("errors", &|n| wave(n, 6, 3.0, 2.0)),
    ]));
    let two_axes = json!({"fieldConfig": {
            "defaults": {"unit": "Bps", "custom": {"lineInterpolation": "smooth", "gradientMode": "opacity", "fillOpacity": 25, "lineWidth": 2, "showPoints": "never",
                "thresholdsStyle": {"mode": "dashed"}}, "thresholds": {"mode": "absolute", "steps": [{"value": null, "color": "green"}, {"value": 5_000_000, "color": "red"}]}},
            "overrides": [
                {"matcher": {"id": "byName", "options": "out"}, "properties": [{"id": "custom.transform", "value": "negative-Y"}]},
                {"matcher": {"id": "byRegexp", "options": "/err/"}, "properties": [{"id": "unit", "value": "ops"}, {"id": "custom.axisPlacement", "value": "right"},
                    {"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [10, 10]}}, {"id": "custom.fillOpacity", "value": 0}]}]},
        "options": {"legend": {"displayMode": "list", "placement": "right", "showLegend": true, "calcs": ["lastNotNull"]}}});
    pictures("two-axes", &panel("timeseries", two_axes), &traffic).await;
}

#[tokio::test]
async fn stats() {
    let load = frames(series(&[
        ("db-1", &|n| wave(n, 1, 42.0, 8.0)),
        ("db-2", &|n| wave(n, 2, 71.0, 6.0)),
        ("db-3", &|n| wave(n, 3, 91.0, 4.0)),
    ]));
    let steps = json!({"mode": "absolute", "steps": [{"value": null, "color": "green"}, {"value": 60, "color": "#EAB839"}, {"value": 80, "color": "red"}]});
    let colored = json!({"fieldConfig": {"defaults": {"unit": "percent", "decimals": 1, "thresholds": steps}, "overrides": []},
        "options": {"graphMode": "area", "colorMode": "background", "reduceOptions": {"calcs": ["lastNotNull"]}}});
    pictures("stat", &panel("stat", colored), &load).await;

    let up = frames(series(&[("up", &|n| Some(if n > 200 { 0.0 } else { 1.0 }))]));
    let mapped = json!({"fieldConfig": {"defaults": {"thresholds": {"mode": "absolute", "steps": [{"value": null, "color": "red"}, {"value": 1, "color": "green"}]},
            "mappings": [{"type": "value", "options": {"0": {"text": "DOWN"}, "1": {"text": "UP"}}}]}, "overrides": []},
        "options": {"graphMode": "none", "textMode": "value"}});
    pictures("stat-mapped", &panel("stat", mapped), &up).await;
}

/// Frames of every shape, with whatever stands in them.
#[tokio::test]
async fn shapes_of_frames() {
    let time = |times: Value| (json!({"name": "time", "type": "time"}), times);
    let frame = |columns: Vec<(Value, Value)>, more: Value| {
        let (fields, values): (Vec<Value>, Vec<Value>) = columns.into_iter().unzip();
        let mut data = json!({"values": values});
        data.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        frames(json!([{"schema": {"refId": "A", "fields": fields}, "data": data}]))
    };
    let at = |n: i64| (NOW - 600 + n * 60) * 1_000;
    let times = json!([at(0), at(1), at(2)]);
    let number =
        |name: &str| json!({"name": name, "type": "number", "typeInfo": {"frame": "float64", "nullable": true}});
    let shapes = [
        (
            "wide",
            frame(
                vec![time(times.clone()), (number("a"), json!([1, 2, 3])), (number("b"), json!([4, 5, 6]))],
                json!({}),
            ),
            "other series",
        ),
        (
            "entities",
            frame(
                vec![time(times.clone()), (number("a"), json!([null, null, 7]))],
                json!({"entities": [null, {"NaN": [0], "Inf": [1, 99]}]}),
            ),
            "a is at 7",
        ),
        (
            "long",
            frame(
                vec![
                    time(json!([at(0), at(0), at(1), at(1)])),
                    (json!({"name": "host", "type": "string"}), json!(["x", "y", "x", "y"])),
                    (number("load"), json!([1, 2, 3, 9])),
                ],
                json!({"nanos": [[1, 2, 3, 4], null, null]}),
            ),
            "load y is at 9",
        ),
        (
            "boolean",
            frame(
                vec![time(times.clone()), (json!({"name": "ok", "type": "boolean"}), json!([true, null, true]))],
                json!({}),
            ),
            "ok is at 1",
        ),
        ("no rows", frame(vec![time(json!([])), (number("a"), json!([]))], json!({})), "No data"),
        ("no frames", frames(json!([])), "No data"),
        (
            "a frame of annotations",
            frames(
                json!([{"schema": {"meta": {"dataTopic": "annotations"}, "fields": [number("a")]}, "data": {"values": [[1]]}}]),
            ),
            "No data",
        ),
    ];
    for (name, answer, words) in shapes {
        let rendered = drawn(board(&panel("timeseries", json!({}))), Reply::json(answer.to_string())).await;
        let alt = rendered.unwrap_or_else(|error| panic!("{name}: {error}")).alt;
        assert!(alt.contains(words), "{name}: {alt}");
    }
}

#[tokio::test]
async fn hostile_words_are_drawn_as_words() {
    let evil = "\u{202e}<script>\"\n{{.}}${__field.name}\u{0}\u{7}é";
    let answer = frames(series(&[(evil, &|n| wave(n, 1, 1.0, 1.0))]));
    for kind in ["timeseries", "stat"] {
        let panel = panel(
            kind,
            json!({"title": evil, "fieldConfig": {"defaults": {"unit": evil, "displayName": evil}, "overrides": []}}),
        );
        let rendered = drawn(board(&panel), Reply::json(answer.to_string())).await.expect("a picture");
        assert!(!rendered.alt.contains(['\u{202e}', '\u{7}', '\n']), "{:?}", rendered.alt);
    }
}

async fn fails(panel: Value, answer: Reply, kind: RenderErrorKind, words: &str) {
    let fake = grafana(board(&panel), answer).await;
    let budget = Duration::from_millis(1_500);
    let error = renderers(&fake, ThemeName::Dark).render(&wanted(), budget).await.expect_err("no picture");
    assert_eq!(error.kind, kind, "{error}");
    assert!(error.detail.contains(words) && !error.detail.contains("secret"), "{error}");
}

#[tokio::test]
async fn failures_are_told_in_grafanas_words() {
    use RenderErrorKind::{Content, Source, Timeout, Unsupported};
    let plain = || panel("timeseries", json!({}));
    let refused = |status, body: &str| Reply::status(status, "application/json", body);
    let query = |status: u16, words: &str| {
        json!({"results": {"A": {"status": status, "error": words, "frames": []}}}).to_string()
    };
    fails(
        plain(),
        refused(400, &query(400, "bad_data: parse error")),
        Content,
        "panel 4 of dashboard b: query \"A\": bad_data: parse error",
    )
    .await;
    fails(plain(), refused(207, &query(502, "connection refused")), Source, "query \"A\": connection refused").await;
    fails(plain(), refused(500, &query(500, "context deadline exceeded")), Timeout, "deadline").await;
    fails(plain(), refused(403, r#"{"message":"no access"}"#), Source, "may not query the data source: no access")
        .await;
    fails(plain(), refused(401, r#"{"message":"Invalid API key"}"#), Source, "token of the source is not valid").await;
    fails(
        plain(),
        refused(404, r#"{"message":"not implemented","messageId":"plugin.notImplemented"}"#),
        Unsupported,
        "not implemented",
    )
    .await;
    fails(plain(), Reply::status(200, "text/html", "<title>Grafana</title>"), Content, "is this a login page").await;
    fails(plain(), Reply::json("{\"results\":"), Content, "did not answer with frames").await;
    fails(plain(), Reply::Endless, Content, "bytes").await;
    fails(plain(), Reply::Silence, Timeout, "within").await;
    fails(panel("table", json!({})), Reply::json("{}"), Unsupported, "panels of type \"table\" are not drawn natively")
        .await;
    let transformed = panel("timeseries", json!({"transformations": [{"id": "configFromData", "options": {}}]}));
    fails(transformed, Reply::json(frames(json!([])).to_string()), Unsupported, "\"configFromData\"").await;
    let own = panel("timeseries", json!({"datasource": {"type": "datasource", "uid": "grafana"}}));
    fails(own, Reply::json("{}"), Unsupported, "").await;
}

#[tokio::test]
async fn what_is_too_much_is_refused() {
    use RenderErrorKind::Content;
    let column = json!({"name": "v", "type": "number"});
    let frame = |columns: usize, rows: usize| json!([{"schema": {"fields": vec![&column; columns]}, "data": {"values": vec![vec![1; rows]; columns]}}]);
    let plain = || panel("timeseries", json!({}));
    fails(plain(), Reply::json(frames(frame(31, 1)).to_string()), Content, "more than 30 series: see max_series").await;
    fails(
        plain(),
        Reply::json(frames(frame(2, 10_001)).to_string()),
        Content,
        "more than 20000 samples: see max_samples",
    )
    .await;
    let ragged = json!([{"schema": {"fields": [column, column]}, "data": {"values": [[1, 2], [1]]}}]);
    fails(plain(), Reply::json(frames(ragged).to_string()), Content, "different lengths").await;
}

/// Grafana works where a data source behind it does not: panels of other data sources are still asked for.
#[tokio::test]
async fn a_dead_data_source_does_not_close_grafana() {
    let down = json!({"results": {"A": {"status": 502, "error": "connection refused", "frames": []}}});
    let fake =
        grafana(board(&panel("timeseries", json!({}))), Reply::status(502, "application/json", down.to_string())).await;
    let renderers = renderers(&fake, ThemeName::Dark);
    for _ in 0..8 {
        let error = renderers.render(&wanted(), AMPLE).await.expect_err("no picture");
        assert!(error.detail.contains("connection refused"), "{error}");
    }
    let asked = fake.requests().iter().filter(|request| request.path.ends_with("/ds/query")).count();
    assert_eq!(asked, 8);
}

/// What `check-config --probe` says of a Grafana that answers these two paths so.
async fn probed(health: Reply, search: Reply) -> Result<String, String> {
    // an error only means that another test was first
    let _ = rustls::crypto::ring::default_provider().install_default();
    let fake = Fake::start(move |request: &Request| match request.path.as_str() {
        "/api/health" => health.clone(),
        "/api/search" => search.clone(),
        _ => Reply::status(404, "text/plain", "no"),
    })
    .await;
    let mut source = SourceConfig::new("main", SourceKind::Grafana, &fake.url);
    source.bearer_token = Some("glsa-secret".into());
    images::probe_grafana(&source, Duration::from_secs(10)).await
}

#[tokio::test]
async fn a_grafana_is_probed() {
    let healthy = || Reply::json(r#"{"database":"ok","version":"12.1.0"}"#);
    let listed = || Reply::json(r#"[{"uid":"b"}]"#);
    assert_eq!(probed(healthy(), listed()).await.as_deref(), Ok("12.1.0"));
    let refused =
        |status, words: &str| Reply::status(status, "application/json", format!(r#"{{"message":"{words}"}}"#));
    let wrong = [
        (Reply::status(200, "text/html", "<html>"), listed(), "login page"),
        (Reply::status(404, "text/plain", "nothing"), listed(), "is this the url of a Grafana?"),
        (Reply::json("{}"), listed(), "not that of a Grafana"),
        (healthy(), refused(401, "Invalid API key"), "the token is not valid"),
        (healthy(), refused(403, "no"), "may not read dashboards"),
        (healthy(), Reply::json("[]"), "sees no dashboard"),
        (healthy(), Reply::json("{}"), "answered no list"),
    ];
    for (health, search, words) in wrong {
        let error = probed(health, search).await.expect_err(words);
        assert!(error.contains(words) && !error.contains("secret"), "{error}");
    }
}

/// What `check-config --probe` says of a panel of a Grafana with these dashboards, of which the first has this panel.
async fn panel_probed(panel: Value, answer: Reply) -> Result<Option<String>, String> {
    // an error only means that another test was first
    let _ = rustls::crypto::ring::default_provider().install_default();
    let board = board(&panel).to_string();
    let fake = Fake::start(move |request: &Request| match request.path.as_str() {
        "/api/search" => Reply::json(r#"[{"uid":"gone"},{"uid":"b"}]"#),
        "/api/dashboards/uid/b" => Reply::json(board.as_str()),
        "/api/ds/query" => answer.clone(),
        _ => Reply::status(404, "application/json", r#"{"message":"Not found"}"#),
    })
    .await;
    let source = SourceConfig::new("main", SourceKind::Grafana, &fake.url);
    images::probe_panel(&source, &ScreenshotsConfig::default(), &clock(), Duration::from_secs(10)).await
}

#[tokio::test]
async fn a_panel_is_drawn_for_the_probe() {
    let answer = || Reply::json(frames(series(&[("user", &|n| wave(n, 1, 40.0, 10.0))])).to_string());
    let timeseries = || panel("timeseries", json!({}));
    let drawn = panel_probed(timeseries(), answer()).await;
    assert_eq!(drawn, Ok(Some("panel 4 of dashboard b".to_owned())), "the dashboard that is gone is passed over");
    let other = panel_probed(panel("table", json!({})), answer()).await;
    assert_eq!(other, Ok(None), "another renderer may draw it");
    let refused = Reply::status(403, "application/json", r#"{"message":"no permission to query"}"#);
    let error = panel_probed(timeseries(), refused).await.expect_err("nothing can be drawn");
    assert!(error.contains("no permission to query") && error.contains("panel 4"), "{error}");
}

/// A Grafana 12 that keeps the dashboard in the newer schema, and answers the classic API with 406.
#[tokio::test]
async fn dashboards_of_the_newer_schema() {
    let query = json!({"kind": "PanelQuery", "spec": {"refId": "A", "hidden": false, "query": {"kind": "DataQuery", "group": "prometheus",
        "datasource": {"name": "prom"}, "spec": {"expr": "up", "legendFormat": "{{mode}}"}}}});
    let element = json!({"kind": "Panel", "spec": {"id": 4, "title": "New", "data": {"kind": "QueryGroup", "spec": {"queries": [query],
            "transformations": [], "queryOptions": {}}},
        "vizConfig": {"kind": "VizConfig", "group": "stat", "spec": {"options": {}, "fieldConfig": {"defaults": {"unit": "s"}, "overrides": []}}}}});
    let resource = json!({"metadata": {"name": "b"}, "spec": {"title": "Newer", "elements": {"panel-4": element}, "variables": [],
        "layout": {"kind": "GridLayout", "spec": {"items": []}}}});
    let answer = frames(series(&[("a", &|n| Some(n as f64))])).to_string();
    let fake = Fake::start(move |request: &Request| match request.path.as_str() {
        "/graf/apis/dashboard.grafana.app/v2beta1/namespaces/default/dashboards/b" => Reply::json(resource.to_string()),
        "/graf/api/ds/query" => Reply::json(answer.as_str()),
        path if path.starts_with("/graf/api/dashboards") => Reply::status(406, "application/json", "{}"),
        _ => Reply::status(404, "application/json", "{}"),
    })
    .await;
    let rendered = renderers(&fake, ThemeName::Dark).render(&wanted(), AMPLE).await.expect("a picture");
    assert_eq!(rendered.title, "New");
    assert!(rendered.alt.contains('4'), "{}", rendered.alt);
}

/// A panel of Grafana's first years.
#[tokio::test]
async fn old_graphs_are_time_series() {
    let old = panel(
        "graph",
        json!({"lines": true, "linewidth": 2, "fill": 3, "stack": true, "nullPointMode": "connected",
        "yaxes": [{"format": "bytes", "min": 0}, {"format": "short"}], "aliasColors": {"user": "#890f02"},
        "legend": {"show": true, "values": true, "max": true, "alignAsTable": true}}),
    );
    let answer = frames(series(&[("user", &|n| wave(n, 1, 3e9, 1e9)), ("system", &|n| wave(n, 2, 1e9, 2e8))]));
    pictures("graph", &old, &answer).await;
}

/// What this renderer does not draw, Grafana's own does.
#[tokio::test]
async fn other_panels_are_left_to_the_next_renderer() {
    let board = board(&panel("table", json!({}))).to_string();
    let fake = Fake::start(move |request: &Request| match request.path.as_str() {
        "/graf/render/d-solo/b/_" => Reply::png(picture(1_000, 500, false)),
        _ => Reply::json(board.as_str()),
    })
    .await;
    let both = renderers_in_order(&fake, ThemeName::Dark, vec![RendererKind::Native, RendererKind::Grafana]);
    both.render(&wanted(), AMPLE).await.expect("a picture");
    let queries = fake.requests().iter().filter(|request| request.path.ends_with("/ds/query")).count();
    assert_eq!(queries, 0, "no query is asked in vain");
}

#[tokio::test]
async fn settings_are_limited() {
    let long: Vec<Value> =
        (0..3_000).map(|n| json!({"type": "value", "options": {(n.to_string()): {"text": "x"}}})).collect();
    let heavy = panel("stat", json!({"fieldConfig": {"defaults": {"mappings": long}, "overrides": []}}));
    fails(heavy, Reply::json("{}"), RenderErrorKind::Unsupported, "its settings have more than").await;
}
