//! TOML to the tree of values. The only file that knows TOML.
//!
//! The parser itself bounds how deep tables and lists nest, so the recursion here ends.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    problem::{Problem, Problems},
    tree::{Key, Node, Path, Position, Value},
};

/// The largest file: a configuration that is larger is something else.
const LARGEST_BYTES: usize = 4 * 1024 * 1024;

/// Reads a TOML text. Of a text with syntax errors, everything that could be understood, and all errors in `problems`.
pub fn read(text: &str, problems: &mut Problems) -> Node {
    let lines = Lines::of(text);
    if text.len() > LARGEST_BYTES {
        problems.push(Problem::new(lines.position(0), Path::ROOT, "the file is larger than 4 MiB"));
        return Node::empty();
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let at = lines.position(error.span().map_or(0, |span| span.start));
        problems.push(Problem::new(at, Path::ROOT, error.message()));
    }
    let at = Position { line: 1, column: 1 };
    Node { at, value: table_value(table.get_ref(), &lines) }
}

fn table_value(table: &DeTable<'_>, lines: &Lines<'_>) -> Value {
    let mut entries: Vec<(usize, (Key, Node))> =
        table.iter().map(|(key, value)| (key.span().start, (key_of(key, lines), node(value, lines)))).collect();
    entries.sort_by_key(|(start, _)| *start);
    Value::Table(entries.into_iter().map(|(_, entry)| entry).collect())
}

fn key_of(key: &Spanned<std::borrow::Cow<'_, str>>, lines: &Lines<'_>) -> Key {
    Key { at: lines.position(key.span().start), name: key.get_ref().to_string() }
}

fn node(value: &Spanned<DeValue<'_>>, lines: &Lines<'_>) -> Node {
    let Range { start, .. } = value.span();
    Node { at: lines.position(start), value: value_of(value.get_ref(), lines) }
}

fn value_of(value: &DeValue<'_>, lines: &Lines<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Value::Integer(number),
            Err(_) => Value::String(number.as_str().to_owned()),
        },
        DeValue::Float(number) => number.as_str().parse().map_or(Value::Null, Value::Float),
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Datetime(time) => Value::String(time.to_string()),
        DeValue::Array(items) => Value::List(items.iter().map(|item| node(item, lines)).collect()),
        DeValue::Table(table) => table_value(table, lines),
    }
}

/// Where the lines begin.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    fn position(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let before = self.text.get(self.starts[line - 1]..offset).unwrap_or("");
        Position { line, column: before.chars().count() + 1 }
    }
}
