//! Regular expressions: Go's syntax brought to the crate `regex`, compiled once.
//!
//! Deliberately unknown here: matchers of routes and silences, which are anchored.

use std::{collections::HashMap, sync::LazyLock};

use gotmpl::Value;
use parking_lot::Mutex;
use regex::Regex;

use super::{Outcome, limited, string};

/// Patterns are constants in practice; a template that makes them up does not fill the memory.
const MOST_KEPT: usize = 500;

static COMPILED: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);

pub(super) fn is_match(arguments: &[Value]) -> Outcome {
    let pattern = compiled(string("match", &arguments[0])?)?;
    Ok(Value::Bool(pattern.is_match(string("match", &arguments[1])?)))
}

pub(super) fn replace_all(arguments: &[Value]) -> Outcome {
    let pattern = compiled(string("reReplaceAll", &arguments[0])?)?;
    let (replacement, text) = (string("reReplaceAll", &arguments[1])?, string("reReplaceAll", &arguments[2])?);
    limited(pattern.replace_all(text, replacement).into_owned())
}

fn compiled(pattern: &str) -> Result<Regex, String> {
    if let Some(regex) = COMPILED.lock().get(pattern) {
        return Ok(regex.clone());
    }
    let regex = Regex::new(&from_go(pattern)).map_err(|error| {
        let reason = error.to_string();
        format!("bad regular expression {pattern:?}: {}", reason.lines().last().unwrap_or_default().trim())
    })?;
    let mut compiled = COMPILED.lock();
    if compiled.len() >= MOST_KEPT {
        compiled.clear();
    }
    compiled.insert(pattern.to_owned(), regex.clone());
    Ok(regex)
}

/// Go's classes know ASCII only, and its brackets do not nest.
fn from_go(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut in_class = false;
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, in_class) {
            ('\\', _) => escape(&mut out, chars.next(), in_class),
            ('[', true) if chars.peek() != Some(&':') => out.push_str("\\["),
            ('&' | '~', true) => out.extend(['\\', c]),
            ('[', false) => {
                in_class = true;
                out.push('[');
                if let Some(caret) = chars.next_if_eq(&'^') {
                    out.push(caret);
                }
                if chars.next_if_eq(&']').is_some() {
                    out.push_str("\\]");
                }
            }
            ('[', true) => named_class(&mut out, &mut chars),
            (']', true) => {
                in_class = false;
                out.push(']');
            }
            (c, _) => out.push(c),
        }
    }
    out
}

fn escape(out: &mut String, escaped: Option<char>, in_class: bool) {
    let Some(escaped) = escaped else { return out.push('\\') };
    let class = match escaped {
        'd' | 'D' => "0-9",
        'w' | 'W' => "0-9A-Za-z_",
        's' | 'S' => "\\t\\n\\f\\r ",
        'b' | 'B' if !in_class => {
            out.push_str(if escaped == 'b' { "(?-u:\\b)" } else { "(?-u:\\B)" });
            return;
        }
        other => return out.extend(['\\', other]),
    };
    match (escaped.is_ascii_uppercase(), in_class) {
        (false, true) => out.push_str(class),
        (negated, _) => out.extend([if negated { "[^" } else { "[" }, class, "]"]),
    }
}

/// `[:alpha:]` within a class is copied whole.
fn named_class(out: &mut String, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    out.push('[');
    for c in chars.by_ref() {
        out.push(c);
        if c == ']' {
            break;
        }
    }
}
