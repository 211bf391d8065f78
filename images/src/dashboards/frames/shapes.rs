//! Frames of one shape to another: series out of rows, a table out of series.
//!
//! Deliberately unknown here: panels.

use std::collections::{BTreeMap, BTreeSet};

use super::{Cell, Field, Frame, Values};

/// The most series that rows are taken apart into: more are not drawn anyway.
const MOST_SERIES: usize = 2_000;
/// The most rows of a table made of series: each row has a cell for every label.
const MOST_ROWS: usize = 10_000;

/// Frames in which columns of text tell series apart, taken apart: one frame for each combination of texts. Others are left as
/// they are.
pub(crate) fn widened(frames: Vec<Frame>) -> Vec<Frame> {
    frames.into_iter().flat_map(|frame| if is_long(&frame) { apart(&frame) } else { vec![frame] }).collect()
}

/// What says so of itself, or has a time twice.
fn is_long(frame: &Frame) -> bool {
    let Some(times) = frame.time() else { return false };
    let texts = frame.fields.iter().any(|field| matches!(field.values, Values::Texts(_)));
    let twice = || times.iter().collect::<BTreeSet<_>>().len() < times.len();
    texts && (frame.long || twice())
}

fn apart(frame: &Frame) -> Vec<Frame> {
    let mut series: BTreeMap<BTreeMap<String, String>, Vec<Option<usize>>> = BTreeMap::new();
    for row in 0..frame.rows() {
        let labels = frame.fields.iter().filter_map(|field| match field.values.get(row) {
            Cell::Text(text) => Some((field.name.clone(), text.to_owned())),
            _ => None,
        });
        let labels: BTreeMap<String, String> = labels.collect();
        if series.len() < MOST_SERIES || series.contains_key(&labels) {
            series.entry(labels).or_default().push(Some(row));
        }
    }
    let values = Frame {
        fields: frame.fields.iter().filter(|field| !matches!(field.values, Values::Texts(_))).cloned().collect(),
        ..frame.clone()
    };
    let labelled = |(labels, rows): (BTreeMap<String, String>, Vec<Option<usize>>)| {
        let mut part = values.picked(&rows);
        for field in part.fields.iter_mut().filter(|field| !field.is_time()) {
            field.labels.extend(labels.clone());
        }
        part
    };
    series.into_iter().map(labelled).collect()
}

/// The series of each of these queries as one table: time, the labels, the value. Grafana's Prometheus data source does that in the
/// browser for queries whose format is a table.
pub(crate) fn one_table_each(frames: Vec<Frame>, queries: &BTreeSet<&str>) -> Vec<Frame> {
    let (series, mut rest): (Vec<Frame>, Vec<Frame>) =
        frames.into_iter().partition(|frame| queries.contains(frame.ref_id.as_str()));
    for ref_id in queries {
        let own: Vec<&Frame> = series.iter().filter(|frame| frame.ref_id == **ref_id).collect();
        let value = if queries.len() > 1 { format!("Value #{ref_id}") } else { "Value".to_owned() };
        rest.extend((!own.is_empty()).then(|| table(&own, ref_id, value)));
    }
    rest
}

fn table(series: &[&Frame], ref_id: &str, value: String) -> Frame {
    let labels: BTreeSet<&String> =
        series.iter().flat_map(|frame| &frame.fields).flat_map(|field| field.labels.keys()).collect();
    let (mut times, mut numbers) = (Vec::new(), Vec::new());
    let mut texts: Vec<Vec<Option<String>>> = vec![Vec::new(); labels.len()];
    for frame in series {
        let Some(field) = frame.fields.iter().find(|field| field.is_drawable()) else { continue };
        for row in 0..frame.rows().min(MOST_ROWS.saturating_sub(times.len())) {
            times.push(frame.time().and_then(|times| times.get(row).copied().flatten()));
            numbers.push(field.values.get(row).number());
            for (column, label) in texts.iter_mut().zip(&labels) {
                column.push(field.labels.get(*label).cloned());
            }
        }
    }
    let time = Field { name: "Time".to_owned(), values: Values::Times(times), ..Field::default() };
    let columns = labels.iter().zip(texts).map(|(label, texts)| Field::texts((*label).clone(), texts));
    let fields = std::iter::once(time).chain(columns).chain([Field::numbers(value, numbers)]).collect();
    Frame { ref_id: ref_id.to_owned(), fields, ..Frame::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(name: &str, values: &[&str]) -> Field {
        Field::texts(name, values.iter().map(|text| Some((*text).to_owned())).collect())
    }

    fn times(values: &[i64]) -> Field {
        let values = Values::Times(values.iter().copied().map(Some).collect());
        Field { name: "Time".into(), values, ..Field::default() }
    }

    fn numbers(values: &[f64]) -> Field {
        Field::numbers("Value", values.iter().copied().map(Some).collect())
    }

    #[test]
    fn rows_are_taken_apart_by_their_texts() {
        let fields = vec![times(&[1, 1, 2]), texts("host", &["a", "b", "a"]), numbers(&[1.0, 2.0, 3.0])];
        let parts = widened(vec![Frame { fields, ..Frame::default() }]);
        let told: Vec<(String, Vec<f64>)> = parts
            .iter()
            .map(|frame| {
                (super::super::names::label_list(&frame.fields[1].labels), frame.fields[1].values.to_numbers())
            })
            .collect();
        assert_eq!(told, [("{host=\"a\"}".into(), vec![1.0, 3.0]), ("{host=\"b\"}".into(), vec![2.0])]);
        let once = vec![times(&[1, 2]), texts("note", &["x", "y"]), numbers(&[1.0, 2.0])];
        let left = widened(vec![Frame { fields: once, ..Frame::default() }]);
        assert_eq!((left.len(), left[0].fields.len()), (1, 3));
    }

    #[test]
    fn series_become_a_table() {
        let series = |host: &str, value: f64| {
            let mut field = numbers(&[value]);
            field.labels.insert("host".into(), host.into());
            Frame { ref_id: "A".into(), fields: vec![times(&[7]), field], ..Frame::default() }
        };
        let other = Frame { ref_id: "B".into(), ..Frame::default() };
        let frames = one_table_each(vec![series("a", 1.0), other, series("b", 2.0)], &BTreeSet::from(["A"]));
        assert_eq!(frames[0].ref_id, "B");
        let names: Vec<&str> = frames[1].fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["Time", "host", "Value"]);
        assert_eq!(frames[1].fields[2].values.to_numbers(), [1.0, 2.0]);
    }
}
