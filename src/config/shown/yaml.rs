//! A tree as YAML in block style, as Go writes it: so that Go reads it, and people do.
//!
//! Deliberately unknown here: what it says. It is never deep: what is printed was read, and that is bounded.

use std::fmt::Write as _;

use super::super::{
    scalar,
    tree::{Key, Node, Value},
};

/// The text of a table.
pub(super) fn print(node: &Node) -> String {
    let mut printer = Printer { out: String::new() };
    match node.entries() {
        Some([]) | None => printer.out.push_str("{}\n"),
        Some(entries) => printer.table(entries, 0, false),
    }
    printer.out
}

struct Printer {
    out: String,
}

impl Printer {
    /// With `begun`, the first line has its indentation already.
    fn table(&mut self, entries: &[(Key, Node)], indent: usize, begun: bool) {
        for (at, (key, node)) in entries.iter().enumerate() {
            self.pad(if begun && at == 0 { 0 } else { indent });
            self.out.push_str(&quoted(&key.name));
            self.out.push(':');
            match &node.value {
                Value::List(items) if !items.is_empty() => {
                    self.out.push('\n');
                    self.list(items, indent, false);
                }
                Value::Table(entries) if !entries.is_empty() => {
                    self.out.push('\n');
                    self.table(entries, indent + 2, false);
                }
                value => {
                    let _ = writeln!(self.out, " {}", scalar(value));
                }
            }
        }
    }

    fn list(&mut self, items: &[Node], indent: usize, begun: bool) {
        for (at, item) in items.iter().enumerate() {
            self.pad(if begun && at == 0 { 0 } else { indent });
            self.out.push_str("- ");
            match &item.value {
                Value::List(items) if !items.is_empty() => self.list(items, indent + 2, true),
                Value::Table(entries) if !entries.is_empty() => self.table(entries, indent + 2, true),
                value => {
                    let _ = writeln!(self.out, "{}", scalar(value));
                }
            }
        }
    }

    fn pad(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        // it was without quotes, so that its reader says what it is
        Value::Plain(text) => text.clone(),
        Value::String(text) => quoted(text),
        Value::List(_) => "[]".to_owned(),
        Value::Table(_) => "{}".to_owned(),
    }
}

/// A text that is read back as this text: without quotes where nothing can be misread, otherwise in the quotes that need the fewest
/// escapes.
fn quoted(text: &str) -> String {
    let breaks =
        |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    if text.contains(breaks) {
        return escaped(text, breaks);
    }
    if is_plain(text) { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) }
}

fn is_plain(text: &str) -> bool {
    // durations: `5m`; anything with a sign in it could be a time, a date or a number to somebody
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return text.bytes().all(|byte| byte.is_ascii_alphanumeric()) && matches!(scalar::of(text), Value::String(_));
    }
    let begins_well =
        text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '/')) || text == "<secret>";
    let ends_well = !text.ends_with([':', ' ']);
    let reads_well = !text.contains(": ") && !text.contains(" #");
    begins_well && ends_well && reads_well && matches!(scalar::of(text), Value::String(_))
}

fn escaped(text: &str, breaks: impl Fn(char) -> bool) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            _ if breaks(c) => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}
