//! YAML texts without quotes that could be more than a text: `5`, `yes`, `1e3`, `~`.
//!
//! The rules are those of Go's yaml.v2, which Alertmanager reads its file with (`resolve.go`): YAML 1.1 without numbers to
//! base 60. Deliberately unknown here: what type the reader of a value asks for.

use super::tree::Value;

/// What stands for nothing.
pub fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// True or false, if the text is a word for one of them.
pub fn as_bool(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// The whole number, if the text is one: decimal, `0x1f`, `0b11`, or octal with a leading zero; `_` may stand between digits.
pub fn as_integer(text: &str) -> Option<i64> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-')) {
        return None;
    }
    let bare = text.replace('_', "");
    let (sign, digits) = match bare.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", bare.strip_prefix('+').unwrap_or(&bare)),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if !digits.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    i64::from_str_radix(&format!("{sign}{digits}"), radix).ok()
}

/// The number, if the text is one, whole or not.
pub fn as_float(text: &str) -> Option<f64> {
    match text {
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Some(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Some(f64::NAN),
        _ => {}
    }
    // Rust's parser knows words too, "inf" and "nan": in YAML those are texts
    let number = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    let begins = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
    (begins && text.chars().all(number)).then(|| text.parse().ok()).flatten()
}

/// What an unquoted text is: nothing, a text, or one whose type is the one that is asked for.
pub fn of(text: &str) -> Value {
    if is_null(text) {
        Value::Null
    } else if matches!(resolved(text), Value::String(_)) {
        Value::String(text.to_owned())
    } else {
        Value::Plain(text.to_owned())
    }
}

/// What an unquoted text is to somebody who does not ask for a type.
pub fn resolved(text: &str) -> Value {
    let flag = as_bool(text).map(Value::Bool);
    let number = || as_integer(text).map(Value::Integer).or_else(|| as_float(text).map(Value::Float));
    flag.or_else(number).unwrap_or_else(|| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_makes_of_them() {
        let check = |text: &str, expected: Value| assert!(resolved(text) == expected, "{text}");
        for (texts, flag) in [(["y", "Yes", "on", "true"], true), (["N", "no", "OFF", "False"], false)] {
            texts.iter().for_each(|text| check(text, Value::Bool(flag)));
        }
        for (text, number) in [
            ("5", 5),
            ("-5", -5),
            ("+5", 5),
            ("0x1F", 31),
            ("-0b11", -3),
            ("017", 15),
            ("0o17", 15),
            ("1_000", 1000),
            ("0", 0),
        ] {
            check(text, Value::Integer(number));
        }
        for (text, number) in [("1.5", 1.5), ("1e3", 1e3), (".5", 0.5), ("-.inf", f64::NEG_INFINITY), ("09", 9.0)] {
            check(text, Value::Float(number));
        }
        for text in ["inf", "nan", "1m", "yep", "0x", "--1", "+-1", "09:00", "1:5", "_1", "e3", "-", "+", ".", "tRue"] {
            check(text, Value::String(text.to_owned()));
        }
    }
}
