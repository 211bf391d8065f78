use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;
use crate::dashboards::model::{DataSourceRef, Override};

fn classic(dashboard: Value) -> Dashboard {
    let answer = json!({"meta": {"slug": "x"}, "dashboard": dashboard});
    super::dashboard(answer.to_string().as_bytes()).expect("a dashboard")
}

fn only_panel(panel: Value) -> PanelModel {
    classic(json!({"panels": [panel]})).panels.remove(0)
}

/// The field config as Grafana keeps it, so that tests read as its JSON does.
fn overrides(panel: &PanelModel) -> Value {
    let one = |one: &Override| json!([one.matcher, one.options, one.properties]);
    panel.overrides.iter().map(one).collect()
}

#[test]
fn panels_lie_on_the_dashboard_in_its_rows_and_in_old_rows() {
    let found = classic(json!({
        "uid": "abc", "title": "Nodes",
        "panels": [
            {"id": 1, "type": "timeseries", "title": "A"},
            {"id": 2, "type": "row", "collapsed": true, "repeat": "node", "panels": [{"id": 3, "type": "stat"}, 7]},
            {"id": 4, "type": "row", "collapsed": false, "panels": []},
            {"id": "5", "type": "text"},
            "nonsense"
        ],
        "rows": [{"panels": [{"id": 6, "type": "table-old"}]}]
    }));
    let panels: Vec<_> =
        found.panels.iter().map(|panel| (panel.id, panel.kind.as_str(), panel.repeat.as_deref())).collect();
    let expected = [(1, "timeseries", None), (3, "stat", Some("node")), (5, "text", None), (6, "table-old", None)];
    assert_eq!(panels, expected);
    assert_eq!((found.uid.as_str(), found.title.as_str()), ("abc", "Nodes"));
}

#[test]
fn a_panel_has_its_queries_and_options() {
    let panel = only_panel(json!({
        "id": 1, "type": "timeseries", "interval": "1m", "maxDataPoints": "500", "timeFrom": "6h", "timeShift": "1d",
        "datasource": "$ds",
        "targets": [
            {"refId": "A", "expr": "up", "hide": false},
            {"refId": "B", "expr": "down", "hide": true},
            {"expr": "third", "datasource": {"type": "loki", "uid": "lo"}}
        ],
        "transformations": [{"id": "merge", "options": {}}, {"id": "reduce", "disabled": true}],
        "fieldConfig": {
            "defaults": {"unit": "s", "mappings": [{"id": 0, "type": 1, "value": "1", "text": "up"}]},
            "overrides": [{"matcher": {"id": "byName", "options": "a"}, "properties": [{"id": "unit", "value": "ms"}, {}]}]
        },
        "libraryPanel": {"uid": "lib", "name": "x"}
    }));
    let targets: Vec<_> = panel.targets.iter().map(|one| (one.ref_id.as_str(), one.fields["expr"].as_str())).collect();
    assert_eq!(targets, [("A", Some("up")), ("C", Some("third"))]);
    assert_eq!(panel.targets[1].datasource, Some(DataSourceRef { uid: "lo".into(), kind: Some("loki".into()) }));
    assert_eq!(panel.transformations.len(), 1);
    assert_eq!((panel.interval.as_deref(), panel.max_data_points), (Some("1m"), Some(500)));
    assert_eq!((panel.time_from.as_deref(), panel.time_shift.as_deref()), (Some("6h"), Some("1d")));
    assert_eq!(panel.defaults["mappings"], json!([{"type": "value", "options": {"1": {"text": "up"}}}]));
    assert_eq!(overrides(&panel), json!([["byName", "a", [["unit", "ms"]]]]));
    assert_eq!(panel.library.as_deref(), Some("lib"));
}

#[test]
fn a_data_source_has_five_shapes() {
    let check = |json: Value, expected: Option<(&str, Option<&str>)>| {
        let found = only_panel(json!({"datasource": json})).datasource;
        let found = found.as_ref().map(|found| (found.uid.as_str(), found.kind.as_deref()));
        assert_eq!(found, expected, "{json}");
    };
    check(json!(null), None);
    check(json!("Prometheus"), Some(("Prometheus", None)));
    check(json!("$ds"), Some(("$ds", None)));
    check(json!({"type": "prometheus", "uid": "abc"}), Some(("abc", Some("prometheus"))));
    check(json!({"uid": "${ds}"}), Some(("${ds}", None)));
    check(json!({"type": "prometheus"}), Some(("", Some("prometheus"))));
    check(json!({}), None);
    check(json!([1]), None);
}

fn graph() -> Value {
    json!({
        "id": 2, "type": "graph", "lines": true, "linewidth": 2, "fill": 3, "points": true, "pointradius": 5,
        "steppedLine": true, "nullPointMode": "connected", "stack": true, "percentage": false,
        "aliasColors": {"idle": "#052B51"},
        "seriesOverrides": [
            {"alias": "/.*Trans.*/", "transform": "negative-Y", "fill": 0, "zindex": 3},
            {"alias": "iops", "yaxis": 2, "color": "red", "lines": true, "stack": false, "legend": false, "dashes": true},
            {"alias": "bars", "bars": true, "linewidth": "4"}
        ],
        "thresholds": [{"value": 90, "op": "gt", "fill": true, "line": true, "colorMode": "critical"},
                       {"value": 10, "op": "lt", "line": true, "colorMode": "custom", "lineColor": "blue"}],
        "legend": {"show": true, "values": true, "avg": true, "current": true, "max": false, "alignAsTable": true,
                   "rightSide": true, "sort": "current", "sortDesc": true, "sideWidth": 300},
        "xaxis": {"mode": "time", "show": true},
        "yaxes": [{"format": "bytes", "min": "0", "max": null, "label": "used", "logBase": 1, "show": true, "decimals": 2},
                  {"format": "iops", "min": null, "logBase": 10, "show": false, "label": "ops"}]
    })
}

#[test]
fn a_graph_becomes_a_time_series() {
    let panel = only_panel(graph());
    assert_eq!((panel.kind.as_str(), panel.degraded.len()), ("timeseries", 0), "{:?}", panel.degraded);
    let expected = json!({
        "unit": "bytes", "decimals": 2.0, "min": 0.0, "nullValueMode": "connected",
        "custom": {
            "axisPlacement": "auto", "axisLabel": "used", "drawStyle": "line", "showPoints": "always", "pointSize": 12.0,
            "lineWidth": 2.0, "fillOpacity": 30.0, "gradientMode": "none", "spanNulls": true,
            "lineInterpolation": "stepAfter", "stacking": {"mode": "normal", "group": "A"},
            "thresholdsStyle": {"mode": "line+area"}
        },
        "thresholds": {"mode": "absolute", "steps": [
            {"value": null, "color": "blue"}, {"value": 10.0, "color": "transparent"}, {"value": 90.0, "color": "red"}
        ]}
    });
    assert_eq!(Value::Object(panel.defaults.clone()), expected);
    let expected = json!([
        ["byName", "idle", [["color", {"mode": "fixed", "fixedColor": "#052B51"}]]],
        ["byRegexp", "/.*Trans.*/", [["custom.transform", "negative-Y"], ["custom.fillOpacity", 0.0]]],
        ["byName", "iops", [
            ["unit", "iops"], ["min", null], ["custom.axisLabel", "ops"],
            ["custom.scaleDistribution", {"type": "log", "log": 10}], ["custom.axisPlacement", "right"],
            ["color", {"mode": "fixed", "fixedColor": "red"}], ["custom.drawStyle", "line"],
            ["custom.stacking", {"mode": "none", "group": "A"}],
            ["custom.hideFrom", {"legend": true, "tooltip": false, "viz": false}],
            ["custom.lineStyle", {"fill": "dash", "dash": [10.0, 10.0]}]
        ]],
        ["byName", "bars", [["custom.drawStyle", "bars"], ["custom.fillOpacity", 100], ["custom.lineWidth", 4.0]]]
    ]);
    assert_eq!(overrides(&panel), expected);
    let expected = json!({
        "showLegend": true, "displayMode": "table", "placement": "right", "calcs": ["mean", "lastNotNull"],
        "sortBy": "Last *", "sortDesc": true, "width": 300.0
    });
    assert_eq!(panel.options["legend"], expected);
}

#[test]
fn graphs_of_other_kinds() {
    let custom = |json: Value| only_panel(json).defaults["custom"].clone();
    let check = |json: Value, key: &str, expected: Value| assert_eq!(custom(json.clone())[key], expected, "{json}");
    check(json!({"type": "graph"}), "drawStyle", json!("line"));
    check(json!({"type": "graph", "bars": true, "lines": false}), "fillOpacity", json!(100.0));
    check(json!({"type": "graph", "lines": false, "points": true}), "drawStyle", json!("points"));
    check(json!({"type": "graph", "fill": 1, "fillGradient": 4}), "gradientMode", json!("opacity"));
    check(
        json!({"type": "graph", "stack": true, "percentage": true}),
        "stacking",
        json!({"mode": "percent", "group": "A"}),
    );
    let zero = only_panel(json!({"type": "graph", "nullPointMode": "null as zero"}));
    assert_eq!(zero.degraded, ["nulls as zero"]);
    let histogram = only_panel(json!({"type": "graph", "xaxis": {"mode": "histogram"}}));
    assert_eq!(histogram.kind, "graph", "whoever draws time series leaves it alone");
}

#[test]
fn a_singlestat_becomes_a_stat() {
    let panel = only_panel(json!({
        "id": 3, "type": "singlestat", "format": "percent", "valueName": "current", "decimals": 1, "nullText": "none",
        "thresholds": "80, 90", "colors": ["green", "orange", "red"], "colorBackground": false, "colorValue": true,
        "mappingType": 1, "valueMaps": [{"op": "=", "text": "N/A", "value": "null"}, {"text": "down", "value": "0"}],
        "rangeMaps": [{"from": "null", "to": "null", "text": "N/A"}],
        "sparkline": {"show": true, "lineColor": "blue"}, "prefix": "~ ", "postfix": "", "gauge": {"show": false}
    }));
    let expected = json!({
        "unit": "percent", "noValue": "none", "decimals": 1.0,
        "thresholds": {"mode": "absolute", "steps": [
            {"value": null, "color": "green"}, {"value": 80.0, "color": "orange"}, {"value": 90.0, "color": "red"}
        ]},
        "mappings": [
            {"type": "special", "options": {"match": "null", "result": {"text": "N/A"}}},
            {"type": "value", "options": {"0": {"text": "down"}}}
        ]
    });
    assert_eq!(Value::Object(panel.defaults), expected);
    let expected = json!({
        "reduceOptions": {"calcs": ["lastNotNull"], "values": false}, "orientation": "horizontal",
        "graphMode": "area", "colorMode": "value", "textMode": "auto"
    });
    assert_eq!(Value::Object(panel.options), expected);
    assert_eq!((panel.kind.as_str(), panel.degraded), ("stat", vec!["prefix \"~ \"".to_owned()]));
}

#[test]
fn the_first_stat_panels_kept_their_options_elsewhere() {
    let panel = only_panel(json!({
        "type": "stat",
        "options": {"graphMode": "area", "fieldOptions": {
            "calcs": ["mean"], "values": false,
            "defaults": {"unit": "s", "title": "T", "mappings": [{"type": 2, "from": "0", "to": "5", "text": "low"}]},
            "thresholds": [{"value": null, "color": "green"}]
        }}
    }));
    assert_eq!(panel.options["reduceOptions"], json!({"values": false, "calcs": ["mean"]}));
    let expected = json!({
        "unit": "s", "displayName": "T",
        "mappings": [{"type": "range", "options": {"from": 0.0, "to": 5.0, "result": {"text": "low"}}}],
        "thresholds": {"mode": "absolute", "steps": [{"value": null, "color": "green"}]}
    });
    assert_eq!(Value::Object(panel.defaults), expected);
}

#[test]
fn variables_keep_their_values() {
    let found = classic(json!({"templating": {"list": [
        {"name": "a", "type": "query", "query": {"query": "q"}, "current": {"text": ["x", "y"], "value": ["1", "2"]}, "multi": true,
         "includeAll": true, "allValue": ".+", "regex": "/x/", "datasource": "$ds"},
        {"name": "b", "type": "custom", "current": {"text": "x + y", "value": ["1", "2"]},
         "options": [{"text": "All", "value": "$__all"}, {"text": "x", "value": 1}]},
        {"name": "c", "type": "interval", "auto": true, "auto_count": 10, "auto_min": "1m", "current": {}},
        17
    ]}}));
    let pair = |value: &str, text: &str| (value.to_owned(), text.to_owned());
    let [a, b, c] = found.variables.as_slice() else { panic!("{:?}", found.variables) };
    assert_eq!(a.current, [pair("1", "x"), pair("2", "y")]);
    assert_eq!((a.all_value.as_deref(), a.multi, a.include_all), (Some(".+"), true, true));
    assert_eq!(b.current, [pair("1", "1"), pair("2", "2")]);
    assert_eq!(b.options, [pair("$__all", "All"), pair("1", "x")]);
    assert_eq!((c.auto.clone(), c.current.len()), (Some((10, "1m".to_owned())), 0));
}

fn newer(query: Value, viz: Value, beside: Value) -> Value {
    json!({
        "title": "New",
        "elements": {
            "panel-1": {"kind": "Panel", "spec": {
                "id": 1, "title": "CPU",
                "data": {"kind": "QueryGroup", "spec": {
                    "queries": [{"kind": "PanelQuery", "spec": {"refId": "A", "hidden": false, "query": query, "datasource": beside}},
                                {"kind": "PanelQuery", "spec": {"refId": "B", "hidden": true, "query": query}}],
                    "transformations": [{"kind": "merge", "spec": {"id": "merge", "options": {}}},
                                        {"kind": "Transformation", "group": "reduce", "spec": {"options": {}}}],
                    "queryOptions": {"interval": "30s", "timeFrom": "2h"}
                }},
                "vizConfig": viz
            }},
            "panel-2": {"kind": "LibraryPanel", "spec": {"id": 2, "title": "L", "libraryPanel": {"uid": "lib", "name": "l"}}}
        },
        "layout": {"kind": "RowsLayout", "spec": {"rows": [{"kind": "RowsLayoutRow", "spec": {
            "repeat": {"mode": "variable", "value": "node"},
            "layout": {"kind": "GridLayout", "spec": {"items": [
                {"kind": "GridLayoutItem", "spec": {"element": {"kind": "ElementReference", "name": "panel-1"}}}
            ]}}
        }}]}},
        "variables": [
            {"kind": "QueryVariable", "spec": {"name": "node", "current": {"text": "a", "value": "a"}, "multi": false,
             "query": {"kind": "DataQuery", "group": "prometheus", "datasource": {"name": "pr"},
                       "spec": {"query": "label_values(up, node)"}}}},
            {"kind": "DatasourceVariable", "spec": {"name": "ds", "pluginId": "prometheus", "current": {"text": "", "value": ""}}},
            {"kind": "TextVariable", "spec": {"name": "t", "query": "x", "current": {"text": "y", "value": "y"}}}
        ]
    })
}

#[test]
fn the_newer_schema_in_both_its_forms() {
    let look = json!({"options": {"legend": {}}, "fieldConfig": {"defaults": {"unit": "s"}, "overrides": []}});
    let first = newer(
        json!({"kind": "prometheus", "spec": {"expr": "up"}}),
        json!({"kind": "timeseries", "spec": look}),
        json!({"type": "prometheus", "uid": "pr"}),
    );
    let later = newer(
        json!({"kind": "DataQuery", "group": "prometheus", "datasource": {"name": "pr"}, "spec": {"expr": "up"}}),
        json!({"kind": "VizConfig", "group": "timeseries", "spec": look}),
        json!(null),
    );
    for spec in [first, later] {
        let answer = json!({"metadata": {"name": "abc"}, "spec": spec});
        let found = resource(answer.to_string().as_bytes()).expect("a dashboard");
        assert_eq!((found.uid.as_str(), found.title.as_str()), ("abc", "New"));
        let [panel, library] = found.panels.as_slice() else { panic!("{:?}", found.panels) };
        assert_eq!((panel.id, panel.kind.as_str(), panel.title.as_str()), (1, "timeseries", "CPU"));
        assert_eq!((panel.interval.as_deref(), panel.repeat.as_deref()), (Some("30s"), Some("node")));
        assert_eq!(panel.defaults["unit"], "s");
        let transformations: Vec<_> = panel.transformations.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(transformations, ["merge", "reduce"]);
        let [target] = panel.targets.as_slice() else { panic!("{:?}", panel.targets) };
        assert_eq!(target.datasource, Some(DataSourceRef { uid: "pr".into(), kind: Some("prometheus".into()) }));
        assert_eq!(target.fields["expr"], "up");
        assert_eq!(library.library.as_deref(), Some("lib"));
        let kinds: Vec<_> = found.variables.iter().map(|one| one.kind.as_str()).collect();
        assert_eq!(kinds, ["query", "datasource", "textbox"]);
        assert_eq!(found.variables[0].datasource.as_ref().map(|one| one.uid.as_str()), Some("pr"));
        assert_eq!(found.variables[1].query, "prometheus");
    }
}

#[test]
fn what_is_no_dashboard_is_said_so() {
    let check = |text: &str, part: &str| {
        for found in [super::dashboard(text.as_bytes()), resource(text.as_bytes())] {
            assert!(found.as_ref().is_err_and(|error| error.contains(part)), "{text}: {found:?}");
        }
    };
    check("<html>", "no JSON");
    check("[]", "no object");
    check("{}", "holds no dashboard");
    check(&"[".repeat(10_000), "no JSON");
    assert!(library_panel(b"{\"result\": {}}").is_err());
}

/// JSON of all shapes, with the keys that the readers look for.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z$/{}:,0-9]{0,8}".prop_map(Value::from),
        prop::sample::select(vec!["graph", "singlestat", "stat", "row", "Panel", "lt", "/a/", "null", "1e400", "9e99"])
            .prop_map(Value::from),
    ];
    let keys = prop::sample::select(vec![
        "panels",
        "rows",
        "type",
        "id",
        "targets",
        "fieldConfig",
        "defaults",
        "overrides",
        "mappings",
        "options",
        "fieldOptions",
        "thresholds",
        "seriesOverrides",
        "aliasColors",
        "alias",
        "yaxes",
        "legend",
        "sparkline",
        "colors",
        "valueMaps",
        "rangeMaps",
        "templating",
        "list",
        "current",
        "value",
        "text",
        "elements",
        "spec",
        "kind",
        "layout",
        "variables",
        "vizConfig",
        "data",
        "queries",
        "query",
        "datasource",
        "uid",
        "matcher",
        "properties",
        "op",
        "custom",
    ]);
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((keys.clone(), inner), 0..8).prop_map(|all| Value::Object(
                all.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>()
            )),
        ]
    })
}

/// A JSON with one of its parts replaced by something else.
fn spoilt(json: &mut Value, at: usize, with: Value) {
    let mut left = at;
    fn visit(json: &mut Value, left: &mut usize, with: &Value) -> bool {
        if *left == 0 {
            *json = with.clone();
            return true;
        }
        *left -= 1;
        match json {
            Value::Array(all) => all.iter_mut().any(|one| visit(one, left, with)),
            Value::Object(all) => all.values_mut().any(|one| visit(one, left, with)),
            _ => false,
        }
    }
    visit(json, &mut left, &with);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_json_panics(json in anything()) {
        for answer in [json!({"dashboard": json}), json!({"spec": json}), json!({"result": {"model": json}})] {
            let text = answer.to_string();
            let _ = (super::dashboard(text.as_bytes()), resource(text.as_bytes()), library_panel(text.as_bytes()));
        }
    }

    #[test]
    fn a_spoilt_part_does_not_spoil_the_dashboard(at in 4_usize..120, with in anything()) {
        let mut panel = graph();
        spoilt(&mut panel, at, with);
        let found = classic(json!({"uid": "u", "panels": [panel, {"id": 9, "type": "stat"}]}));
        prop_assert!(found.panel(9).is_some_and(|panel| panel.kind == "stat"));
        prop_assert_eq!(found.panels.len(), 2);
    }
}
