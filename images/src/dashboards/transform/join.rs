//! Several frames to one: joined by a column, or merged to a table.
//!
//! Deliberately unknown here: what is calculated with the result.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::{columns::rename, names, rows::compared, text};
use crate::dashboards::frames::{Cell, Field, Frame};

/// `joinByField`: the rows of all frames that have the same value in a column; without a name, in the first column of times.
pub(super) fn joined(frames: Vec<Frame>, options: &Value) -> Option<Vec<Frame>> {
    let inner = match text(options, "mode") {
        None | Some("outer" | "outerTabular") => false,
        Some("inner") => true,
        Some(_) => return None,
    };
    Some(join(frames, text(options, "byField"), inner))
}

/// All frames as columns of one, by time: what calculations over several series need.
pub(super) fn one_frame(frames: Vec<Frame>) -> Vec<Frame> {
    join(frames, None, false)
}

fn join(frames: Vec<Frame>, by: Option<&str>, inner: bool) -> Vec<Frame> {
    if frames.len() < 2 {
        return frames;
    }
    let names = names(&frames);
    let key = |frame: &Frame, names: &[String]| match by {
        Some(by) => names.iter().zip(&frame.fields).position(|(name, field)| name == by || field.name == by),
        None => frame.fields.iter().position(Field::is_time),
    };
    let parts: Vec<(Frame, Vec<String>, usize)> = frames
        .into_iter()
        .zip(names)
        .filter_map(|(frame, names)| key(&frame, &names).map(|key| (frame, names, key)))
        .collect();
    let Some((first, _, first_key)) = parts.first() else { return Vec::new() };
    let places: Vec<HashMap<Key, usize>> = parts.iter().map(|(frame, _, key)| first_rows(frame, *key)).collect();
    let mut wanted: Vec<(Key, usize, usize)> = Vec::new();
    let mut seen = BTreeSet::new();
    for (part, (frame, _, key)) in parts.iter().enumerate() {
        for row in 0..frame.rows() {
            let value = Key::of(frame.fields[*key].values.get(row));
            if (!inner || places.iter().all(|rows| rows.contains_key(&value))) && seen.insert(value.clone()) {
                wanted.push((value, part, row));
            }
        }
    }
    let cell = |(_, part, row): &(Key, usize, usize)| {
        let (frame, _, key) = &parts[*part];
        frame.fields[*key].values.get(*row)
    };
    wanted.sort_by(|a, b| compared(cell(a), cell(b)));
    let mut fields = vec![key_column(&first.fields[*first_key], &parts, &wanted)];
    for ((frame, names, key), rows) in parts.iter().zip(&places) {
        let rows: Vec<Option<usize>> = wanted.iter().map(|(value, ..)| rows.get(value).copied()).collect();
        for (_, (field, name)) in frame.fields.iter().zip(names).enumerate().filter(|(at, _)| at != key) {
            let mut field = Field { values: field.values.picked(&rows), ..field.clone() };
            // names must not change because the other frames are gone
            field.config.entry("displayNameFromDS").or_insert_with(|| name.clone().into());
            fields.push(field);
        }
    }
    vec![Frame { fields, name: String::new(), long: false, ref_id: first.ref_id.clone() }]
}

/// The values of the column by which frames are joined, whichever frame they are from.
fn key_column(first: &Field, parts: &[(Frame, Vec<String>, usize)], wanted: &[(Key, usize, usize)]) -> Field {
    let cells = wanted.iter().map(|(_, part, row)| parts[*part].0.fields[parts[*part].2].values.get(*row));
    Field { values: first.values.like(cells), ..first.clone() }
}

fn first_rows(frame: &Frame, key: usize) -> HashMap<Key, usize> {
    let mut rows = HashMap::new();
    for row in 0..frame.rows() {
        rows.entry(Key::of(frame.fields[key].values.get(row))).or_insert(row);
    }
    rows
}

/// A value by which rows are found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key {
    Null,
    Number(u64),
    Text(String),
}

impl Key {
    fn of(cell: Cell<'_>) -> Key {
        match cell {
            Cell::Text(text) => Key::Text(text.to_owned()),
            cell => cell.number().map_or(Key::Null, |number| Key::Number(number.to_bits())),
        }
    }
}

/// `merge`: one table with all columns; rows that agree in the columns that all frames have become one, where they do not contradict
/// each other elsewhere.
pub(super) fn merged(frames: Vec<Frame>) -> Vec<Frame> {
    if frames.len() < 2 {
        return frames;
    }
    let names = names(&frames);
    let mut columns: Vec<(String, Field)> = Vec::new();
    for (frame, names) in frames.iter().zip(&names) {
        for (field, name) in frame.fields.iter().zip(names) {
            if !columns.iter().any(|(other, _)| other == name) {
                columns.push((name.clone(), field.clone()));
            }
        }
    }
    let shared: Vec<&String> = names[0].iter().filter(|name| names.iter().all(|all| all.contains(name))).collect();
    // each row of the result: which row of which frame each column is from
    let mut rows: Vec<BTreeMap<&str, (usize, usize)>> = Vec::new();
    let mut places: HashMap<Vec<Key>, Vec<usize>> = HashMap::new();
    for (at, (frame, names)) in frames.iter().zip(&names).enumerate() {
        let column: HashMap<&str, usize> = names.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
        for row in 0..frame.rows() {
            let key: Vec<Key> =
                shared.iter().map(|name| Key::of(frame.fields[column[name.as_str()]].values.get(row))).collect();
            let candidates = places.entry(key).or_default();
            let own = names.iter().filter(|name| !shared.contains(name));
            let free = candidates
                .iter()
                .copied()
                .find(|place| own.clone().all(|name| !rows[*place].contains_key(name.as_str())));
            let place = free.unwrap_or_else(|| {
                rows.push(BTreeMap::new());
                candidates.push(rows.len() - 1);
                rows.len() - 1
            });
            for name in names {
                rows[place].entry(name).or_insert((at, row));
            }
        }
    }
    let fields = columns.into_iter().map(|(name, field)| {
        let mut merged = collected(&frames, &names, &name, &rows, &field);
        rename(&mut merged, name);
        merged
    });
    let fields = fields.collect();
    vec![Frame { fields, ref_id: frames[0].ref_id.clone(), ..Frame::default() }]
}

/// One column of the merged table.
fn collected(
    frames: &[Frame],
    names: &[Vec<String>],
    name: &str,
    rows: &[BTreeMap<&str, (usize, usize)>],
    like: &Field,
) -> Field {
    let at: Vec<Option<usize>> = names.iter().map(|names| names.iter().position(|other| other == name)).collect();
    let cells = rows.iter().map(|row| match row.get(name) {
        Some((frame, row)) => at[*frame].map_or(Cell::Null, |at| frames[*frame].fields[at].values.get(*row)),
        None => Cell::Null,
    });
    Field { values: like.values.like(cells), ..like.clone() }
}
