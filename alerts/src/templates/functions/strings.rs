//! Functions on strings.
//!
//! Deliberately unknown here: regular expressions, times.

use base64::{Engine as _, engine::general_purpose::URL_SAFE};
use gotmpl::{SafeKind, Value};

use super::{Outcome, limited, string};
use crate::templates::{text::text, value::describe};

/// Letter by letter, as Go does: `ß` stays.
pub(super) fn upper(text: &str) -> String {
    text.chars().map(|c| single(c.to_uppercase()).unwrap_or(c)).collect()
}

pub(super) fn lower(text: &str) -> String {
    text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect()
}

fn single(mut mapped: impl Iterator<Item = char>) -> Option<char> {
    mapped.next().filter(|_| mapped.next().is_none())
}

/// The first letter of each word in upper case, the others in lower case; an apostrophe or a dot between letters does
/// not end a word.
pub(super) fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut in_word, mut after_middle) = (false, false);
    for c in text.chars() {
        let middle = matches!(c, '\'' | '.' | ':' | '’' | '·');
        let part_of_word = middle || c.is_alphanumeric() || c == '_';
        if after_middle && !part_of_word {
            in_word = false;
        }
        if c.is_lowercase() || c.is_uppercase() {
            match in_word {
                true => out.extend(c.to_lowercase()),
                false => push_title_case(&mut out, c),
            }
            in_word = true;
        } else {
            out.push(c);
            in_word &= part_of_word;
        }
        after_middle = middle;
    }
    out
}

fn push_title_case(out: &mut String, c: char) {
    let mut upper = c.to_uppercase();
    out.extend(upper.next());
    out.extend(upper.flat_map(char::to_lowercase));
}

pub(super) fn join(arguments: &[Value]) -> Outcome {
    let separator = string("join", &arguments[0])?;
    match &arguments[1] {
        Value::List(items) => limited(items.iter().map(text).collect::<Vec<_>>().join(separator)),
        Value::Nil => Ok("".into()),
        other => Err(format!("join takes a separator and a list, not {}", describe(other))),
    }
}

pub(super) fn safe(function: &str, kind: SafeKind, argument: &Value) -> Outcome {
    Ok(Value::Safe { kind, s: string(function, argument)?.into() })
}

/// A query's encoding: `+` is a space.
pub(super) fn url_unescape(text: &str) -> Outcome {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => match (rest.next().and_then(hex), rest.next().and_then(hex)) {
                (Some(high), Some(low)) => high << 4 | low,
                _ => {
                    return Err(format!(
                        "urlUnescape: {text:?} has a % that is not followed by two hexadecimal digits"
                    ));
                }
            },
            other => other,
        });
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned().into())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

pub(super) fn base64_encode(text: &str) -> String {
    URL_SAFE.encode(text)
}

pub(super) fn base64_decode(text: &str) -> Outcome {
    let bytes = URL_SAFE.decode(text).map_err(|error| format!("base64decode: {error}"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned().into())
}
