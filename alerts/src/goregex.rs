//! Go's regular expressions (RE2) with the `regex` crate: the few places where the two dialects differ are translated, so
//! that a pattern from an Alertmanager configuration means here what it means there.
//!
//! Deliberately unknown here: what is matched.

use std::{iter::Peekable, str::Chars};

use regex::Regex;

/// Compiles a pattern that must match the whole text, as all of Alertmanager's label matchers do.
///
/// # Errors
/// The compiler's words, which show the place.
pub fn anchored(pattern: &str) -> Result<Regex, String> {
    compile(&format!("^(?:{})$", translated(pattern)))
}

/// Compiles a pattern that may match anywhere.
///
/// # Errors
/// The compiler's words, which show the place.
pub fn unanchored(pattern: &str) -> Result<Regex, String> {
    compile(&translated(pattern))
}

fn compile(pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern).map_err(|error| error.to_string())
}

/// The same pattern in the `regex` crate's dialect:
/// - `\d \w \s \b \B` know only ASCII in Go;
/// - `{` that begins no repetition is itself in Go;
/// - `\Q...\E` quotes;
/// - in a class, `[`, `&&` and `~~` mean nothing special in Go.
pub fn translated(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => escape(&mut rest, &mut out),
            '[' => class(&mut rest, &mut out),
            '{' if !begins_repetition(rest.clone()) => out.push_str("\\{"),
            _ => out.push(c),
        }
    }
    out
}

type Rest<'a> = Peekable<Chars<'a>>;

fn escape(rest: &mut Rest<'_>, out: &mut String) {
    match rest.next() {
        Some('Q') => quoted(rest, out),
        Some(c @ ('b' | 'B')) => out.extend(["(?-u:\\", if c == 'b' { "b" } else { "B" }, ")"]),
        Some(c) => class_escape(c, rest, out),
        None => out.push('\\'),
    }
}

/// What means the same inside of a class and outside.
fn class_escape(c: char, rest: &mut Rest<'_>, out: &mut String) {
    match c {
        'd' => out.push_str("[0-9]"),
        'D' => out.push_str("[^0-9]"),
        'w' => out.push_str("[0-9A-Za-z_]"),
        'W' => out.push_str("[^0-9A-Za-z_]"),
        's' => out.push_str("[\\t\\n\\f\\r ]"),
        'S' => out.push_str("[^\\t\\n\\f\\r ]"),
        'p' | 'P' | 'x' => {
            out.extend(['\\', c]);
            if rest.peek() == Some(&'{') {
                let braced: Vec<char> = std::iter::from_fn(|| rest.next_if(|c| *c != '}')).collect();
                out.extend(braced);
            }
        }
        _ => out.extend(['\\', c]),
    }
}

/// Everything up to `\E`, or to the end, is itself.
fn quoted(rest: &mut Rest<'_>, out: &mut String) {
    let mut literal = String::new();
    while let Some(c) = rest.next() {
        if c == '\\' && rest.next_if_eq(&'E').is_some() {
            break;
        }
        literal.push(c);
    }
    out.push_str(&regex::escape(&literal));
}

/// A character class, from behind its `[` to its `]`.
fn class(rest: &mut Rest<'_>, out: &mut String) {
    out.push('[');
    if rest.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    if rest.next_if_eq(&']').is_some() {
        out.push_str("\\]");
    }
    while let Some(c) = rest.next() {
        match c {
            ']' => return out.push(']'),
            '[' if rest.peek() == Some(&':') => posix_class(rest, out),
            '[' | '&' | '~' => out.extend(['\\', c]),
            '\\' => match rest.next() {
                Some(c) => class_escape(c, rest, out),
                None => out.push('\\'),
            },
            _ => out.push(c),
        }
    }
}

/// `[:alpha:]` stays as it is.
fn posix_class(rest: &mut Rest<'_>, out: &mut String) {
    out.push('[');
    for c in rest.by_ref() {
        out.push(c);
        if c == ']' {
            return;
        }
    }
}

/// Whether what follows a `{` is `n}`, `n,}` or `n,m}`.
fn begins_repetition(rest: Rest<'_>) -> bool {
    let inner: String = rest.take_while(|c| *c != '}').take(16).collect();
    let mut bounds = inner.splitn(2, ',');
    let is_number = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    bounds.next().is_some_and(|min| !min.is_empty() && is_number(min)) && bounds.next().is_none_or(is_number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(pattern: &str, matching: &[&str], not_matching: &[&str]) {
        let regex = anchored(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        for text in matching {
            assert!(regex.is_match(text), "{pattern} should match {text:?}");
        }
        for text in not_matching {
            assert!(!regex.is_match(text), "{pattern} should not match {text:?}");
        }
    }

    #[test]
    fn means_what_go_means() {
        check("foo|bar", &["foo", "bar"], &["foobar", "xfoo"]);
        check("", &[""], &["a"]);
        check(r"\d+", &["12"], &["١٢"]);
        check(r"[\d_]+", &["1_2"], &["١"]);
        check(r"\w+", &["a_1"], &["é"]);
        check(r"[^\w]", &["é", "-"], &["a"]);
        check(r"a\sb", &["a b", "a\tb"], &["a\u{a0}b"]);
        check(r".*\bdb\b.*", &["my db here", "édb"], &["mydb"]);
        check(r"[\w-.]+", &["a-b.c"], &["a/b"]);
        check(r"[a-z-9]+", &["b-9"], &["8"]);
        check(r"a\Bb", &["ab"], &["a"]);
        check(r"\Bé", &["é"], &[]);
        check("{foo}", &["{foo}"], &["foo"]);
        check("a{2}", &["aa"], &["a{2}"]);
        check("a{,2}", &["a{,2}"], &["aa", ""]);
        check(r"\Qa.b\E+", &["a.b", "a.bb"], &["axb"]);
        check(r"\Qa.b", &["a.b"], &["axb"]);
        check("[[]", &["["], &["]"]);
        check("[a&&b]", &["a", "&", "b"], &["c"]);
        check("[[:alpha:]-]+", &["a-b"], &["1"]);
        check("[]a]", &["]", "a"], &["b"]);
        check(r"[\]a]", &["]", "a"], &["b"]);
        check(r"\p{Greek}\pL\x{41}\x41", &["ΣaAA"], &["aaAA"]);
        check("(?i)disk", &["DISK"], &["dis"]);
        check("a.b", &["axb"], &["a\nb"]);
    }

    #[test]
    fn refuses_what_go_refuses() {
        for pattern in ["(", "a**b(", "[a", r"\", "[z-a]", "(?=a)", r"(a)\1"] {
            assert!(anchored(pattern).is_err(), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn translating_never_panics(pattern in r"[a\\QEdwsb\[\]\{\},0-9&~^:pLx|().*+?-]{0,20}") {
            let _ = anchored(&pattern);
        }
    }
}
