//! Go's string literals, since Alertmanager prints labels and matchers with them: quoting and unquoting as `strconv` does.
//!
//! Deliberately unknown here: what the strings mean.

use std::fmt::{self, Write};

/// Prints a string as Go's `%q`.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            write_char(c, f)?;
        }
        f.write_char('"')
    }
}

fn write_char(c: char, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match c {
        '"' => f.write_str("\\\""),
        '\\' => f.write_str("\\\\"),
        '\x07' => f.write_str("\\a"),
        '\x08' => f.write_str("\\b"),
        '\x0c' => f.write_str("\\f"),
        '\n' => f.write_str("\\n"),
        '\r' => f.write_str("\\r"),
        '\t' => f.write_str("\\t"),
        '\x0b' => f.write_str("\\v"),
        ' '..='~' => f.write_char(c),
        '\0'..='\x7f' => write!(f, "\\x{:02x}", u32::from(c)),
        _ if is_printable(c) => f.write_char(c),
        '\u{80}'..='\u{ffff}' => write!(f, "\\u{:04x}", u32::from(c)),
        _ => write!(f, "\\U{:08x}", u32::from(c)),
    }
}

/// Whether Go would print a non-ASCII character as it is. Rust's own printing knows the same classes, but also escapes
/// marks that extend the character before them, unless there is one: hence the `a`.
fn is_printable(c: char) -> bool {
    let text: String = ['a', c].into_iter().collect();
    text.escape_debug().nth(1) == Some(c)
}

/// Reads a double-quoted Go string literal, quotes included. `None` where Go refuses it, or where it is not UTF-8.
pub fn unquote(literal: &str) -> Option<String> {
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        match c {
            '"' | '\n' => return None,
            '\\' => unescape(&mut rest, &mut bytes)?,
            _ => push(c, &mut bytes),
        }
    }
    String::from_utf8(bytes).ok()
}

fn unescape(rest: &mut std::str::Chars<'_>, bytes: &mut Vec<u8>) -> Option<()> {
    let c = rest.next()?;
    match c {
        'a' => bytes.push(0x07),
        'b' => bytes.push(0x08),
        'f' => bytes.push(0x0c),
        'n' => bytes.push(b'\n'),
        'r' => bytes.push(b'\r'),
        't' => bytes.push(b'\t'),
        'v' => bytes.push(0x0b),
        '\\' => bytes.push(b'\\'),
        '"' => bytes.push(b'"'),
        'x' => bytes.push(u8::try_from(number(rest, 2, 16, 0)?).ok()?),
        'u' => push(char::from_u32(number(rest, 4, 16, 0)?)?, bytes),
        'U' => push(char::from_u32(number(rest, 8, 16, 0)?)?, bytes),
        '0'..='7' => bytes.push(u8::try_from(number(rest, 2, 8, c.to_digit(8)?)?).ok()?),
        _ => return None,
    }
    Some(())
}

fn number(rest: &mut std::str::Chars<'_>, digits: usize, radix: u32, start: u32) -> Option<u32> {
    let mut value = start;
    for _ in 0..digits {
        value = value.checked_mul(radix)?.checked_add(rest.next()?.to_digit(radix)?)?;
    }
    Some(value)
}

fn push(c: char, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quotes_as_go_does() {
        let check = |text: &str, expected: &str| assert_eq!(Quoted(text).to_string(), expected);
        check("a b", r#""a b""#);
        check("say \"hi\"\\", r#""say \"hi\"\\""#);
        check("\0\x07\x08\x0b\x0c\r\n\t\x1b\x7f", r#""\x00\a\b\v\f\r\n\t\x1b\x7f""#);
        check("Σ🙂é", r#""Σ🙂é""#);
        check("e\u{301}", "\"e\u{301}\"");
        check("\u{200b}\u{a0}\u{e0001}", r#""\u200b\u00a0\U000e0001""#);
    }

    #[test]
    fn unquotes_as_go_does() {
        let check = |literal: &str, expected: Option<&str>| assert_eq!(unquote(literal).as_deref(), expected);
        check(r#""\xf0\x9f\x99\x82""#, Some("🙂"));
        check(r#""\u00e9\U0001f642\101""#, Some("é🙂A"));
        check(r#""a\"b""#, Some("a\"b"));
        check(r#""\xff""#, None);
        check(r#""\'""#, None);
        check(r#""\d""#, None);
        check(r#""\400""#, None);
        check("\"a\nb\"", None);
        check("\"", None);
        check(r#""a\""#, None);
    }

    proptest! {
        #[test]
        fn what_is_quoted_can_be_unquoted(text: String) {
            let quoted = Quoted(&text).to_string();
            prop_assert_eq!(unquote(&quoted), Some(text));
        }

        #[test]
        fn unquoting_never_panics(text: String) {
            let _ = unquote(&text);
            let _ = unquote(&format!("\"{text}\""));
        }
    }
}
