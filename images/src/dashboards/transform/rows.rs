//! Transformations of rows: sorted, cut off, reduced to one, grouped.
//!
//! Deliberately unknown here: series.

use std::cmp::Ordering;

use charts::Calculation;
use serde_json::Value;

use super::{calculations, names, text, yes};
use crate::dashboards::frames::{Cell, Field, Frame, Values};

/// `sortBy`: every frame that has the column.
pub(super) fn sorted(frames: Vec<Frame>, options: &Value) -> Vec<Frame> {
    let Some(sort) = options.get("sort").and_then(|list| list.get(0)) else { return frames };
    let (wanted, descending) = (text(sort, "field").unwrap_or_default(), yes(sort, "desc"));
    let names = names(&frames);
    let sorted = frames.into_iter().zip(names).map(|(frame, names)| {
        let Some(at) = names.iter().position(|name| name == wanted) else { return frame };
        let by = &frame.fields[at].values;
        let mut rows: Vec<Option<usize>> = (0..frame.rows()).map(Some).collect();
        let cell = |row: &Option<usize>| row.map_or(Cell::Null, |row| by.get(row));
        rows.sort_by(|a, b| {
            let order = compared(cell(a), cell(b));
            if descending { order.reverse() } else { order }
        });
        frame.picked(&rows)
    });
    sorted.collect()
}

/// Nothing before numbers before words.
pub(super) fn compared(a: Cell<'_>, b: Cell<'_>) -> Ordering {
    match (a, b) {
        (Cell::Text(a), Cell::Text(b)) => a.cmp(b),
        (Cell::Text(_), _) => Ordering::Greater,
        (_, Cell::Text(_)) => Ordering::Less,
        (a, b) => match (a.number(), b.number()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        },
    }
}

/// `limit`: the first rows of each frame.
pub(super) fn limited(frames: Vec<Frame>, options: &Value) -> Vec<Frame> {
    let limit = options.get("limitField").and_then(crate::dashboards::fields::config::number).unwrap_or(10.0);
    let limit = limit.max(0.0) as usize;
    let cut = |frame: Frame| frame.picked(&(0..frame.rows().min(limit)).map(Some).collect::<Vec<_>>());
    frames.into_iter().map(cut).collect()
}

/// `reduce`: each column to one value, as a table with a row for each column, or in its place.
pub(super) fn reduced(frames: Vec<Frame>, options: &Value) -> Option<Vec<Frame>> {
    let reducers = calculations(options.get("reducers")).filter(|list| !list.is_empty())?;
    if yes(options, "labelsToFields") {
        return None;
    }
    match text(options, "mode") {
        None | Some("seriesToRows") => Some(vec![as_rows(&frames, &reducers)]),
        Some("reduceFields") => in_place(frames, &reducers),
        Some(_) => None,
    }
}

fn as_rows(frames: &[Frame], reducers: &[Calculation]) -> Frame {
    let names = names(frames);
    let fields = frames.iter().zip(&names).flat_map(|(frame, names)| frame.fields.iter().zip(names));
    let drawable: Vec<(&Field, &String)> = fields.filter(|(field, _)| field.is_drawable()).collect();
    let head = Field::texts("Field", drawable.iter().map(|(_, name)| Some((*name).clone())).collect());
    let column = |reducer: &Calculation| {
        let values = drawable.iter().map(|(field, _)| reducer.of(&field.values.to_numbers()));
        Field::numbers(reducer.title(), values.collect())
    };
    let fields = std::iter::once(head).chain(reducers.iter().map(column)).collect();
    Frame { ref_id: frames.first().map(|frame| frame.ref_id.clone()).unwrap_or_default(), fields, ..Frame::default() }
}

fn in_place(frames: Vec<Frame>, reducers: &[Calculation]) -> Option<Vec<Frame>> {
    let [reducer] = reducers else { return None };
    let reduce = |frame: Frame| {
        let drawable = frame.fields.into_iter().filter(Field::is_drawable);
        let one = |field: Field| {
            let value = reducer.of(&field.values.to_numbers());
            Field { values: Values::Numbers(vec![value]), ..field }
        };
        Frame { fields: drawable.map(one).collect(), ..frame }
    };
    Some(frames.into_iter().map(reduce).collect())
}

/// `groupBy`: rows with the same values in some columns become one, other columns are calculated over them.
pub(super) fn grouped(frames: Vec<Frame>, options: &Value) -> Option<Vec<Frame>> {
    let settings = options.get("fields")?.as_object()?;
    let operation = |name: &String| settings.get(name).and_then(|field| text(field, "operation"));
    let names = names(&frames);
    frames.into_iter().zip(names).map(|(frame, names)| group(&frame, &names, operation, settings)).collect()
}

fn group<'a>(
    frame: &Frame,
    names: &[String],
    operation: impl Fn(&String) -> Option<&'a str>,
    settings: &serde_json::Map<String, Value>,
) -> Option<Frame> {
    let columns =
        |wanted: &str| -> Vec<usize> { (0..names.len()).filter(|at| operation(&names[*at]) == Some(wanted)).collect() };
    let keys = columns("groupby");
    if keys.is_empty() {
        return Some(frame.clone());
    }
    let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for row in 0..frame.rows() {
        let key: Vec<String> = keys.iter().map(|at| format!("{:?}", frame.fields[*at].values.get(row))).collect();
        let key = key.join("\n");
        let place = *places.entry(key.clone()).or_insert_with(|| {
            groups.push((key, Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(row);
    }
    let firsts: Vec<Option<usize>> = groups.iter().map(|(_, rows)| rows.first().copied()).collect();
    let mut fields: Vec<Field> = keys
        .iter()
        .map(|at| Field { values: frame.fields[*at].values.picked(&firsts), ..frame.fields[*at].clone() })
        .collect();
    for at in columns("aggregate") {
        let numbers = frame.fields[at].values.to_numbers();
        for calculation in calculations(settings.get(&names[at]).and_then(|field| field.get("aggregations")))? {
            let of = |(_, rows): &(String, Vec<usize>)| {
                calculation.of(&rows.iter().map(|row| numbers[*row]).collect::<Vec<_>>())
            };
            let id = calculation_id(calculation);
            let config = frame.fields[at].config.clone();
            let values = groups.iter().map(of).collect();
            fields.push(Field { config, ..Field::numbers(format!("{} ({id})", names[at]), values) });
        }
    }
    Some(Frame { fields, ..frame.clone() })
}

/// Grafana's id of a calculation, which stands in the names of columns.
fn calculation_id(calculation: Calculation) -> &'static str {
    const IDS: [&str; 19] = [
        "last",
        "lastNotNull",
        "first",
        "firstNotNull",
        "min",
        "max",
        "mean",
        "median",
        "sum",
        "count",
        "range",
        "delta",
        "diff",
        "diffperc",
        "variance",
        "stdDev",
        "logmin",
        "changeCount",
        "distinctCount",
    ];
    IDS.into_iter().find(|id| Calculation::parse(id) == Some(calculation)).unwrap_or("calculated")
}
