//! The classic grammar: Prometheus label names, values bare or in double quotes with three escapes, tolerant of blanks
//! and braces (`pkg/labels/parse.go`).
//!
//! Deliberately unknown here: the UTF-8 grammar.

use super::{
    super::{MatchOp, Matcher},
    MatcherError,
};

/// Reads any number of matchers. One brace at either end is dropped, whether or not there is one at the other.
pub(super) fn matchers(text: &str) -> Result<Vec<Matcher>, MatcherError> {
    let text = text.strip_prefix('{').unwrap_or(text);
    let text = text.strip_suffix('}').unwrap_or(text);
    items(text).into_iter().map(matcher).collect()
}

/// Reads one matcher.
pub(super) fn matcher(text: &str) -> Result<Matcher, MatcherError> {
    let bad = || MatcherError::new(format!("bad matcher format: {text}"));
    let (name, rest) = name(text.trim_start_matches(is_blank)).ok_or_else(bad)?;
    let (op, rest) = operator(rest.trim_start_matches(is_blank)).ok_or_else(bad)?;
    let value = value(rest.trim_matches(is_blank))?;
    Matcher::new(name, op, &value).map_err(MatcherError::new)
}

/// The parts between commas that stand outside of double quotes; a last part of blanks only does not count.
fn items(text: &str) -> Vec<&str> {
    let (mut items, mut start) = (Vec::new(), 0);
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            ',' if !quoted => {
                items.push(&text[start..at]);
                start = at + 1;
            }
            ',' => {}
            '"' if escaped => escaped = false,
            '"' => quoted = !quoted,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    let last = text[start..].trim();
    if !last.is_empty() {
        items.push(last);
    }
    items
}

fn name(text: &str) -> Option<(&str, &str)> {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let end = text.find(|c| !is_inner(c)).unwrap_or(text.len());
    let begins_well = !text.starts_with(|c: char| c.is_ascii_digit());
    (end > 0 && begins_well).then(|| text.split_at(end))
}

fn operator(text: &str) -> Option<(MatchOp, &str)> {
    [MatchOp::Regex, MatchOp::Equal, MatchOp::NotEqual, MatchOp::NotRegex]
        .into_iter()
        .find_map(|op| Some((op, text.strip_prefix(op.as_str())?)))
}

/// Takes the quotes off and the escapes out. A backslash before anything else than `n`, `"` and `\` is itself.
fn value(raw: &str) -> Result<String, MatcherError> {
    let stray = || MatcherError::new(format!("matcher value contains unescaped double quote: {raw}"));
    let mut opened = raw.starts_with('"');
    let mut rest = raw[usize::from(opened)..].chars().peekable();
    let mut value = String::new();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some('n') => value.push('\n'),
                Some(c @ ('"' | '\\')) => value.push(c),
                Some(c) => value.extend(['\\', c]),
                None => value.push('\\'),
            },
            '"' if opened && rest.peek().is_none() => opened = false,
            '"' => return Err(stray()),
            _ => value.push(c),
        }
    }
    if opened { Err(stray()) } else { Ok(value) }
}

/// What `\s` is to Go's regular expressions.
fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\x0c' | '\r' | ' ')
}
