//! Whatever a Grafana answers and whatever a panel says: a figure or an error, never a panic.

use std::time::Duration;

use alerts::Time;
use charts::Theme;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{
    figures::{Parts, compose},
    frames::{Frame, read, widened},
    model::{Override, PanelModel, Transformation},
    transform::transformed,
};
use crate::{answers::Limits, window::Window};

/// Words that mean something somewhere, so that chance finds the ways.
const WORDS: [&str; 64] = [
    "A",
    "",
    "Time",
    "Value",
    "time",
    "number",
    "string",
    "boolean",
    "enum",
    "NaN",
    "Inf",
    "NegInf",
    "null",
    "thresholds",
    "percentage",
    "absolute",
    "fixed",
    "shades",
    "continuous-GrYlRd",
    "palette-classic-by-name",
    "red",
    "#fff",
    "rgba(1,2,3,0.5)",
    "lastNotNull",
    "max",
    "last",
    "count",
    "diffperc",
    "byName",
    "byRegexp",
    "byValue",
    "byNames",
    "/.*/",
    "/(/",
    "é\u{202e}",
    "value",
    "range",
    "regex",
    "special",
    "null+nan",
    "normal",
    "percent",
    "bars",
    "smooth",
    "log",
    "symlog",
    "right",
    "table",
    "negative-Y",
    "constant",
    "line+area",
    "bytes",
    "s",
    "dateTimeAsIso",
    "bool",
    "seriesToRows",
    "reduceFields",
    "binary",
    "reduceRow",
    "/",
    "groupby",
    "aggregate",
    "sum",
    "inner",
];
/// Keys of everything that is read.
const KEYS: [&str; 56] = [
    "name",
    "type",
    "labels",
    "config",
    "unit",
    "decimals",
    "min",
    "max",
    "displayName",
    "displayNameFromDS",
    "color",
    "mode",
    "fixedColor",
    "seriesBy",
    "thresholds",
    "steps",
    "value",
    "mappings",
    "options",
    "result",
    "text",
    "match",
    "pattern",
    "noValue",
    "custom",
    "lineWidth",
    "fillOpacity",
    "lineStyle",
    "dash",
    "fill",
    "stacking",
    "group",
    "spanNulls",
    "insertNulls",
    "interval",
    "axisPlacement",
    "scaleDistribution",
    "linearThreshold",
    "thresholdsStyle",
    "hideFrom",
    "transform",
    "legend",
    "calcs",
    "reduceOptions",
    "values",
    "limit",
    "fields",
    "reducers",
    "byField",
    "sort",
    "field",
    "desc",
    "binary",
    "left",
    "right",
    "operator",
];
const TRANSFORMATIONS: [&str; 12] = [
    "organize",
    "filterFieldsByName",
    "renameByRegex",
    "filterByRefId",
    "sortBy",
    "limit",
    "reduce",
    "groupBy",
    "merge",
    "joinByField",
    "calculateField",
    "prepareTimeSeries",
];

fn any_json() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(WORDS.to_vec());
    let key = prop::sample::select(KEYS.to_vec());
    let number = prop_oneof![
        Just(0.0),
        Just(1.0),
        Just(-1.0),
        Just(1e300),
        Just(-1e300),
        Just(1e-300),
        Just(1_795_185_600_000.0),
        any::<f64>().prop_filter("JSON has no others", |number| number.is_finite()),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number.prop_map(Value::from),
        (-5_i64..5).prop_map(Value::from),
        word.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6).prop_map(|pairs| {
                Value::Object(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    })
}

fn object() -> impl Strategy<Value = Map<String, Value>> {
    let key = prop::sample::select(KEYS.to_vec());
    prop::collection::vec((key, any_json()), 0..8)
        .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// Frames that are well enough formed to be read, with columns of all kinds.
fn answer() -> impl Strategy<Value = Value> {
    let cell = prop_oneof![
        Just(Value::Null),
        any::<f64>().prop_filter("JSON has no others", |number| number.is_finite()).prop_map(Value::from),
        (0_i64..4).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        prop::sample::select(WORDS.to_vec()).prop_map(Value::from),
        Just(json!([1, {}])),
    ];
    let kind = prop::sample::select(vec!["time", "number", "string", "boolean", "enum", "other"]);
    let name = prop::sample::select(vec!["Time", "Value", "a", ""]);
    let column = (kind, name, object(), prop::collection::vec(cell, 4..5));
    let frame = prop::collection::vec(column, 0..5).prop_map(|columns| {
        let field = |(kind, name, config, _): &(&str, &str, Map<String, Value>, Vec<Value>)| {
            json!({"name": name, "type": kind, "config": config, "labels": {"l": name}})
        };
        let fields: Vec<Value> = columns.iter().map(field).collect();
        let values: Vec<&Vec<Value>> = columns.iter().map(|(.., values)| values).collect();
        json!({"schema": {"name": "f", "fields": fields}, "data": {"values": values, "entities": [{"NaN": [0, 9]}, null]}})
    });
    prop::collection::vec(frame, 0..4).prop_map(|frames| json!({"results": {"A": {"frames": frames}}}))
}

const LIMITS: Limits = Limits { series: 100, samples: 1_000 };

fn frames_of(answer: &Value) -> Vec<Frame> {
    let read = read(answer.to_string().as_bytes(), &["A"], LIMITS);
    read.ok().and_then(Result::ok).unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn any_answer_is_read_or_refused(body in any_json(), text in ".{0,60}") {
        let _ = read(body.to_string().as_bytes(), &["A"], LIMITS);
        let _ = read(json!({"results": {"A": {"frames": body}}}).to_string().as_bytes(), &["A"], LIMITS);
        let _ = read(text.as_bytes(), &["A"], LIMITS);
    }

    #[test]
    fn any_panel_of_any_frames_is_a_figure_or_an_error(
        answer in answer(),
        (defaults, options) in (object(), object()),
        matcher in prop::sample::select(WORDS.to_vec()),
        matched in any_json(),
        properties in prop::collection::vec((prop::sample::select(KEYS.to_vec()), any::<bool>(), any_json()), 0..6),
        transformations in prop::collection::vec((prop::sample::select(TRANSFORMATIONS.to_vec()), any_json()), 0..3),
        kind in prop::sample::select(vec!["timeseries", "stat", "table"]),
        theme in prop::sample::select(vec![Theme::Dark, Theme::Light]),
    ) {
        let property = |(key, custom, value): (&str, bool, Value)| (format!("{}{key}", if custom { "custom." } else { "" }), value);
        let panel = PanelModel {
            kind: kind.to_owned(),
            defaults,
            options,
            overrides: vec![Override {
                matcher: matcher.to_owned(),
                options: matched,
                properties: properties.into_iter().map(property).collect(),
            }],
            ..PanelModel::default()
        };
        let list: Vec<Transformation> =
            transformations.into_iter().map(|(id, options)| Transformation { id: id.to_owned(), options }).collect();
        let frames = frames_of(&answer);
        let frames = transformed(frames.clone(), &list).unwrap_or(frames);
        let rows: usize = widened(frames.clone()).iter().map(Frame::rows).sum();
        prop_assert!(rows <= 10_000);
        let _ = compose(Parts {
            panel: &panel,
            frames,
            title: "t".to_owned(),
            subtitle: None,
            window: Window::ending(Time::from_secs(1_795_185_600), Duration::from_secs(3_600)),
            timezone: jiff::tz::TimeZone::UTC,
            theme,
            marks: Vec::new(),
        });
    }
}
