use serde_json::json;

use super::*;
use crate::dashboards::frames::{Cell, Values};

/// Two series of two points, as Prometheus's plugin answers them.
fn series() -> Vec<Frame> {
    let one = |name: &str, values: [(i64, f64); 2]| {
        let times = Values::Times(values.iter().map(|(time, _)| Some(*time)).collect());
        let mut field = Field::numbers("Value", values.iter().map(|(_, value)| Some(*value)).collect());
        field.labels.insert("host".into(), name.into());
        field.config.insert("displayNameFromDS".into(), name.into());
        let time = Field { name: "Time".into(), values: times, ..Field::default() };
        Frame { name: name.into(), ref_id: "A".into(), fields: vec![time, field], ..Frame::default() }
    };
    vec![one("a", [(1, 10.0), (2, 20.0)]), one("b", [(2, 1.0), (3, 2.0)])]
}

fn table() -> Vec<Frame> {
    let texts = |name: &str, all: [&str; 3]| Field::texts(name, all.map(|text| Some(text.to_owned())).to_vec());
    let fields = vec![
        texts("host", ["x", "y", "x"]),
        texts("zone", ["eu", "eu", "us"]),
        Field::numbers("Value", vec![Some(3.0), None, Some(1.0)]),
    ];
    vec![Frame { ref_id: "A".into(), fields, ..Frame::default() }]
}

/// Frames as text: columns by name, cells by row.
fn told(frames: &[Frame]) -> Vec<String> {
    let cell = |cell: Cell<'_>| match cell {
        Cell::Null => "-".to_owned(),
        Cell::Text(text) => text.to_owned(),
        Cell::Boolean(yes) => yes.to_string(),
        cell => cell.number().unwrap_or(f64::NAN).to_string(),
    };
    let column = |(field, name): (&Field, String)| {
        let cells: Vec<String> = (0..field.values.len()).map(|row| cell(field.values.get(row))).collect();
        format!("{name}: {}", cells.join(" "))
    };
    let frame = |(frame, names): (&Frame, Vec<String>)| {
        frame.fields.iter().zip(names).map(column).collect::<Vec<_>>().join("; ")
    };
    frames.iter().zip(names(frames)).map(frame).collect()
}

fn check(frames: Vec<Frame>, id: &str, options: Value, expected: &[&str]) {
    let one = Transformation { id: id.into(), options };
    let frames = transformed(frames, &[one]).unwrap_or_else(|error| panic!("{id}: {error}"));
    assert_eq!(told(&frames), expected, "{id}");
}

#[test]
fn columns() {
    let options = json!({"excludeByName": {"zone": true}, "indexByName": {"Value": 0, "host": 1}, "renameByName": {"host": "Host"}});
    check(table(), "organize", options, &["Value: 3 - 1; Host: x y x"]);
    check(table(), "organize", json!({"renameByName": 7}), &["host: x y x; zone: eu eu us; Value: 3 - 1"]);
    let only = json!({"include": {"names": ["host"], "pattern": "/^V/"}});
    check(table(), "filterFieldsByName", only, &["host: x y x; Value: 3 - 1"]);
    check(table(), "filterFieldsByName", json!({"exclude": {"names": ["host", "zone"]}}), &["Value: 3 - 1"]);
    check(
        table(),
        "renameByRegex",
        json!({"regex": "/^(.)o/", "renamePattern": "$1-"}),
        &["h-st: x y x; z-ne: eu eu us; Value: 3 - 1"],
    );
    check(table(), "filterByRefId", json!({"include": "B"}), &[]);
}

#[test]
fn rows() {
    let sort = json!({"sort": [{"field": "Value", "desc": true}]});
    check(table(), "sortBy", sort, &["host: x x y; zone: eu us eu; Value: 3 1 -"]);
    check(table(), "limit", json!({"limitField": "1"}), &["host: x; zone: eu; Value: 3"]);
    check(series(), "reduce", json!({"reducers": ["max", "lastNotNull"]}), &["Field: a b; Max: 20 2; Last *: 20 2"]);
    check(series(), "reduce", json!({"mode": "reduceFields", "reducers": ["sum"]}), &["a: 30", "b: 3"]);
    let group = json!({"fields": {"host": {"operation": "groupby"}, "Value": {"operation": "aggregate", "aggregations": ["sum", "count"]}}});
    check(table(), "groupBy", group, &["host: x y; Value (sum): 4 -; Value (count): 2 1"]);
}

#[test]
fn frames_become_one() {
    check(series(), "joinByField", json!({"byField": "Time"}), &["Time: 1 2 3; a: 10 20 -; b: - 1 2"]);
    check(series(), "joinByField", json!({"byField": "Time", "mode": "inner"}), &["Time: 2; a: 20; b: 1"]);
    let second = {
        let mut second = table().remove(0);
        second.fields.truncate(2);
        second.fields.push(Field::numbers("Other", vec![Some(7.0), Some(8.0), Some(9.0)]));
        second
    };
    let both = vec![table().remove(0), second];
    check(both, "merge", Value::Null, &["host: x y x; zone: eu eu us; Value: 3 - 1; Other: 7 8 9"]);
}

#[test]
fn calculations_over_columns() {
    check(series(), "calculateField", json!({}), &["Time: 1 2 3; a: 10 20 -; b: - 1 2; Total: 10 21 2"]);
    let binary = json!({"mode": "binary", "alias": "share", "replaceFields": true,
        "binary": {"left": "b", "operator": "/", "right": {"matcher": {"id": "byName", "options": "a"}}}});
    check(series(), "calculateField", binary, &["Time: 1 2 3; share: - 0.05 -"]);
    let fixed = json!({"mode": "binary", "binary": {"left": {"matcher": {"id": "byName", "options": "a"}}, "operator": "*", "right": {"fixed": "2"}}});
    check(series(), "calculateField", fixed, &["Time: 1 2; a: 10 20; a a * 2: 20 40", "Time: 2 3; b: 1 2"]);
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    for (id, options) in [
        ("configFromData", json!({})),
        ("calculateField", json!({"mode": "windowFunctions"})),
        ("calculateField", json!({"mode": "binary", "binary": {"left": "a", "operator": "%", "right": "b"}})),
        ("reduce", json!({"reducers": ["p99"]})),
        ("renameByRegex", json!({"regex": "/(?=x)/"})),
        ("joinByField", json!({"mode": "sideways"})),
    ] {
        let error = transformed(series(), &[Transformation { id: id.into(), options }]).expect_err(id);
        assert_eq!(error.kind, RenderErrorKind::Unsupported);
        assert!(error.detail.contains(id), "{error}");
    }
}
