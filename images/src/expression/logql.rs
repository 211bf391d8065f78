//! Loki's expressions: whether one asks for log lines, and its comparison with a number.
//!
//! LogQL is not parsed. A text is split where a comparison stands outside of all brackets, strings and comments; both sides
//! are pieces of the text as it was given, so that nothing can be printed otherwise than it was read. Deliberately unknown here: all
//! the rest of the language.

use super::{
    Comparison, Curve, Drawn, Level, Line,
    scan::{Scan, Token},
};

/// A text longer than this is not looked into, in bytes.
const MAX_BYTES: usize = 16 * 1024;

/// More brackets around the whole are left alone.
const MOST_WRAPS: usize = 16;

/// A text at its comparison: `before`, `left`, `operator`, `right` and `behind` in a row are the text.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Split<'a> {
    /// Brackets around the whole, opening.
    before: &'a str,
    left: &'a str,
    /// With `bool`, where it is there.
    operator: &'a str,
    right: &'a str,
    /// Brackets around the whole, closing.
    behind: &'a str,
    comparison: Comparison,
}

/// Whether the expression asks for log lines: it begins with a selector of streams, where one for series begins with a
/// function or an aggregation.
pub(super) fn is_for_lines(text: &str) -> bool {
    let (_, inner, _) = unwrapped(text);
    Scan::new(inner).find(|(_, token)| *token != Token::Space).is_some_and(|(_, token)| token == Token::Open('{'))
}

/// What is drawn of an expression that is compared with a number; none for any other.
pub(super) fn drawn(text: &str) -> Option<Drawn> {
    let split = split(text)?;
    let (query, comparison, number) = match (number(split.left), number(split.right)) {
        (None, Some(number)) => (split.left, split.comparison, number),
        (Some(number), None) => (split.right, split.comparison.flipped(), number),
        _ => return None,
    };
    let line = Line { comparison, level: Level::Number(number) };
    Some(Drawn { curves: vec![Curve { query: query.trim().to_owned(), lines: vec![line], absence: false }] })
}

/// The only comparison outside of all brackets, where nothing else there could bind weaker.
fn split(text: &str) -> Option<Split<'_>> {
    if text.len() > MAX_BYTES || is_for_lines(text) {
        return None;
    }
    let (before, inner, behind) = unwrapped(text);
    let mut found = None;
    for (at, token) in Scan::new(inner) {
        match token {
            Token::Compare(comparison, length) if found.is_none() => found = Some((at, at + length, comparison)),
            Token::Compare(..) | Token::Unknown => return None,
            Token::Word(word) if ["and", "or", "unless"].iter().any(|set| word.eq_ignore_ascii_case(set)) => {
                return None;
            }
            _ => {}
        }
    }
    let (start, end, comparison) = found?;
    let end = end + length_of_bool(&inner[end..]);
    let (left, operator, right) = (&inner[..start], &inner[start..end], &inner[end..]);
    (!left.trim().is_empty() && !right.trim().is_empty()).then_some(Split {
        before,
        left,
        operator,
        right,
        behind,
        comparison,
    })
}

/// The text without the brackets that stand around the whole of it.
fn unwrapped(text: &str) -> (&str, &str, &str) {
    let (mut from, mut to) = (0, text.len());
    for _ in 0..MOST_WRAPS {
        let inner = &text[from..to];
        let mut tokens = Scan::new(inner).filter(|(_, token)| *token != Token::Space);
        let (Some((open, Token::Open('('))), Some((close, Token::Close))) = (tokens.next(), tokens.next()) else {
            break;
        };
        if tokens.next().is_some() {
            break;
        }
        (from, to) = (from + open + 1, from + close);
    }
    (&text[..from], &text[from..to], &text[to..])
}

/// How long the `bool` at the start is, with the space before it.
fn length_of_bool(text: &str) -> usize {
    let rest = text.trim_start();
    let word = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    if rest[..word].eq_ignore_ascii_case("bool") { text.len() - rest.len() + word } else { 0 }
}

/// A finite number that stands alone, comments aside.
fn number(text: &str) -> Option<f64> {
    let mut plain = String::new();
    for line in text.lines() {
        plain.push_str(line.split('#').next().unwrap_or_default());
        plain.push(' ');
    }
    let plain = plain.trim();
    let literal = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
    let number: f64 = plain.chars().all(literal).then(|| plain.parse().ok()).flatten()?;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The text, and `query comparison number`; nothing where it is drawn whole.
    fn check(text: &str, expected: Option<(&str, Comparison, f64)>) {
        let curve = drawn(text).map(|drawn| drawn.curves[0].clone());
        let line = |curve: &Curve| (curve.lines[0].comparison, curve.lines[0].level.clone());
        let shown = curve.as_ref().map(|curve| (curve.query.as_str(), line(curve)));
        assert_eq!(
            shown,
            expected.map(|(query, comparison, number)| (query, (comparison, Level::Number(number)))),
            "{text}"
        );
    }

    #[test]
    fn a_comparison_with_a_number() {
        use Comparison::{Equal, Greater, GreaterEqual, Less, NotEqual};
        let errors = r#"sum(rate({app="x"} |= "error" [5m]))"#;
        check(&format!("{errors} > 10"), Some((errors, Greater, 10.0)));
        check(&format!("({errors} > 10)"), Some((errors, Greater, 10.0)));
        check(&format!(" ( ({errors}>=bool 0.05 ) ) "), Some((errors, GreaterEqual, 0.05)));
        check(&format!("10 < {errors}"), Some((errors, Greater, 10.0)));
        check(&format!("{errors} == 0 # none"), Some((errors, Equal, 0.0)));
        check(
            &format!("{errors}\n  # > 5\n  != -1e3"),
            Some((format!("{errors}\n  # > 5").as_str(), NotEqual, -1000.0)),
        );
        check("count_over_time({a=\"b\"}[1m]) / 2 < 3", Some(("count_over_time({a=\"b\"}[1m]) / 2", Less, 3.0)));
        check("(sum(x) / sum(y)) < 3", Some(("(sum(x) / sum(y))", Less, 3.0)));
    }

    #[test]
    fn what_stands_in_strings_and_brackets_is_none() {
        check(r#"sum(rate({app="x"} | json | status >= 500 [5m]))"#, None);
        check(
            r#"sum(rate({app="x"} |= " > 10" [5m])) > 2"#,
            Some((r#"sum(rate({app="x"} |= " > 10" [5m]))"#, Comparison::Greater, 2.0)),
        );
        check(r#"rate({a="\") > 1"}[1m]) > 2"#, Some((r#"rate({a="\") > 1"}[1m])"#, Comparison::Greater, 2.0)));
        check("rate({a=`\\`}[1m]) > 2", Some(("rate({a=`\\`}[1m])", Comparison::Greater, 2.0)));
    }

    #[test]
    fn anything_else_is_drawn_whole() {
        let whole = [
            "",
            ">",
            "> 1",
            "1 >",
            "1 > 2",
            "sum(x)",
            "sum(x) > sum(y)",
            "sum(x) > 1 and sum(y) > 2",
            "a > 1 or b > 2",
            "a > 1 unless b",
            "a > 1 > 2",
            "a > 1 + 1",
            "a > NaN",
            "a > inf",
            "a > 0x10",
            "a > 1h",
            "a =~ 1",
            "a = 1",
            "a > 1)",
            "(a > 1",
            "(a > 1) + 1",
            "a > bool b",
            "{app=\"x\"} |= \"e\" > 1",
            "{app=\"x\"} | json | status > 500",
            "(a > 1) or vector(0)",
            "a{b=\"c > 1",
            "a ! 1",
        ];
        whole.into_iter().for_each(|text| check(text, None));
        check(&format!("{} > 1", "x".repeat(MAX_BYTES)), None);
        check(
            &format!("{}a{} > 1", "(".repeat(5_000), ")".repeat(5_000)),
            Some((format!("{}a{}", "(".repeat(5_000), ")".repeat(5_000)).as_str(), Comparison::Greater, 1.0)),
        );
    }

    #[test]
    fn selectors_ask_for_lines() {
        for (text, expected) in [
            ("{app=\"x\"}", true),
            (" ( {app=\"x\"} |= \"e\" )", true),
            ("# all\n{app=\"x\"} | json | status > 500", true),
            ("rate({app=\"x\"}[1m])", false),
            ("sum by (a) (rate({app=\"x\"}[1m])) > 1", false),
            ("", false),
            ("\"{", false),
        ] {
            assert_eq!(is_for_lines(text), expected, "{text}");
        }
    }

    fn piece() -> impl Strategy<Value = String> {
        let pieces = [
            "a",
            "sum",
            "(",
            ")",
            "{",
            "}",
            "[5m]",
            "\"x > 1\"",
            "\"",
            "`",
            "\\",
            "#",
            "\n",
            " ",
            ">",
            "<=",
            "==",
            "!=",
            "=~",
            "|=",
            "bool",
            "and",
            "10",
            "-1.5",
            "é",
            "😀",
            ",",
        ];
        prop::sample::select(pieces.to_vec()).prop_map(str::to_owned)
    }

    proptest! {
        #[test]
        fn what_is_drawn_and_the_comparison_are_the_original(pieces in prop::collection::vec(piece(), 0..24)) {
            let text = pieces.concat();
            if let Some(split) = split(&text) {
                let Split { before, left, operator, right, behind, .. } = split;
                prop_assert_eq!([before, left, operator, right, behind].concat(), text.clone());
            }
            if let Some(drawn) = drawn(&text) {
                let query = &drawn.curves[0].query;
                prop_assert!(text.contains(query.as_str()));
                // a query of its own: what is open in it is closed in it
                prop_assert!(Scan::new(query).all(|(_, token)| token != Token::Unknown), "{}", query);
            }
        }

        #[test]
        fn a_compared_query_comes_back(number in -1e9..1e9_f64, at in 0..6_usize, turned: bool) {
            let query = r#"sum by (app) (rate({app=~"x|y", q!="> 2"} |= "a) < 1" | json | status >= 500 [5m]))"#;
            let (operator, comparison) = [
                (">", Comparison::Greater), (">=", Comparison::GreaterEqual), ("<", Comparison::Less),
                ("<=", Comparison::LessEqual), ("==", Comparison::Equal), ("!=", Comparison::NotEqual),
            ][at];
            let text = if turned { format!("({number} {operator} {query})") } else { format!("{query}{operator}{number}") };
            check(&text, Some((query, if turned { comparison.flipped() } else { comparison }, number)));
        }
    }
}
