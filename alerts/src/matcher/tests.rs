//! Matchers: what they match, how they are read and printed.

use proptest::prelude::*;

use super::*;
use crate::labels::LabelSet;

fn labels(pairs: &[(&str, &str)]) -> LabelSet {
    pairs.iter().copied().collect()
}

/// Reads `text` and compares the canonical form, or the error.
fn check(syntax: Syntax, text: &str, expected: Result<&str, &str>) {
    let found = MatcherSet::parse(text, syntax);
    let found = found.as_ref().map(ToString::to_string).map_err(|error| error.message.clone());
    assert_eq!(found.as_deref().map_err(String::as_str), expected, "{syntax:?}: {text}");
}

/// The table of Alertmanager's `TestMatchFilterLabels`, with `{foo="bar"}`.
#[test]
fn an_absent_label_is_an_empty_one() {
    let labels = labels(&[("foo", "bar")]);
    let check = |text: &str, expected: bool| {
        let matcher = parse::matcher(text, Syntax::Fallback).unwrap();
        assert_eq!(matcher.matches(&labels), expected, "{text}");
    };
    check(r#"foo="bar""#, true);
    check(r#"baz="""#, true);
    check(r#"baz="qux""#, false);
    check(r#"foo=~"bar""#, true);
    check(r#"baz=~"""#, true);
    check(r#"baz=~"qux""#, false);
    check(r#"baz=~"qux|""#, true);
    check(r#"foo!="bar""#, false);
    check(r#"baz!="""#, false);
    check(r#"baz!="qux""#, true);
    check(r#"foo!~"bar""#, false);
    check(r#"baz!~"""#, false);
    check(r#"baz!~"qux""#, true);
    check(r#"baz!~"qux|""#, false);
    check(r#"foo=~"ba""#, false);
}

#[test]
fn negative_operators_never_count_as_matching_empty() {
    let check = |text: &str, expected: bool| {
        assert_eq!(parse::matcher(text, Syntax::Fallback).unwrap().matches_empty(), expected, "{text}");
    };
    check("a=", true);
    check("a=b", false);
    check("a=~.*", true);
    check("a=~.+", false);
    check("a!=b", false);
    check("a!~b", false);
}

#[test]
fn both_parsers_agree_on_ordinary_matchers() {
    for syntax in [Syntax::Fallback, Syntax::Utf8, Syntax::Classic] {
        check(syntax, "{}", Ok("{}"));
        check(syntax, "", Ok("{}"));
        check(syntax, "foo=bar", Ok(r#"{foo="bar"}"#));
        check(syntax, r#"{foo="bar"}"#, Ok(r#"{foo="bar"}"#));
        check(syntax, r#" foo = "bar" , dings != bums, "#, Ok(r#"{foo="bar",dings!="bums"}"#));
        check(syntax, r#"{a=~"5..",b!~"x|y",}"#, Ok(r#"{a=~"5..",b!~"x|y"}"#));
        check(syntax, r#"{quote="She said: \"Hi, ladies!\""}"#, Ok(r#"{quote="She said: \"Hi, ladies!\""}"#));
        check(syntax, r#"a="x\ny\\z""#, Ok(r#"{a="x\ny\\z"}"#));
        check(syntax, "a=Σ🙂", Ok(r#"{a="Σ🙂"}"#));
    }
}

#[test]
fn the_utf8_parser_takes_any_name_and_gos_escapes() {
    check(Syntax::Utf8, "foo🙂=bar", Ok(r#"{foo🙂="bar"}"#));
    check(Syntax::Utf8, "00=b", Ok(r#"{00="b"}"#));
    check(Syntax::Utf8, r#""\xf0\x9f\x99\x82"=dΘ"#, Ok(r#"{🙂="dΘ"}"#));
    check(Syntax::Utf8, r#""foo bar"="a\tb""#, Ok(r#"{"foo bar"="a\tb"}"#));
    check(Syntax::Utf8, "a=\"x\ty\"", Ok("{a=\"x\ty\"}"));
}

#[test]
fn the_utf8_parser_says_what_and_where() {
    let check = |text, message| check(Syntax::Utf8, text, Err(message));
    check("{", "1:1: end of input: expected close brace");
    check("{foo=bar", "8:8: end of input: expected close brace");
    check("foo=bar}", "7:8: }: expected opening brace");
    check("}", "0:1: }: expected opening brace");
    check("=bar", "0:1: unexpected =: expected label name");
    check("foo", "3:3: end of input: expected an operator such as '=', '!=', '=~' or '!~'");
    check("foo bar", "4:7: unexpected bar: expected an operator such as '=', '!=', '=~' or '!~'");
    check("foo=", "4:4: end of input: expected label value");
    check("foo=,", "4:5: unexpected ,: expected label value");
    check("foo=bar baz", "8:11: unexpected baz: expected a comma or close brace");
    check("foo=bar,,", "8:9: unexpected ,: expected a matcher or close brace after comma");
    check("{foo=bar}}", "9:10: }: expected end of input");
    check("foo=\"bar", "4:8: \"bar: missing end \"");
    check(r#"foo="\xff""#, r#"4:10: "\xff": invalid input"#);
    check("foo!bar", "4:5: unexpected b: expected one of '=~'");
    check("Σ='", "2:3: ': invalid input");
}

#[test]
fn the_classic_parser_tolerates_more_and_less() {
    check(Syntax::Classic, "foo=bar}", Ok(r#"{foo="bar"}"#));
    check(Syntax::Classic, "foo=", Ok(r#"{foo=""}"#));
    check(Syntax::Classic, "foo=a b=c", Ok(r#"{foo="a b=c"}"#));
    check(Syntax::Classic, r#"foo="a\d""#, Ok(r#"{foo="a\\d"}"#));
    check(Syntax::Classic, r"foo=a\", Ok(r#"{foo="a\\"}"#));
    check(Syntax::Classic, "00=b", Err("bad matcher format: 00=b"));
    check(Syntax::Classic, "foo", Err("bad matcher format: foo"));
    check(Syntax::Classic, "a=b,,c=d", Err("bad matcher format: "));
    check(Syntax::Classic, r#"a=b"c"#, Err(r#"matcher value contains unescaped double quote: b"c"#));
    check(Syntax::Classic, r#"a="b"#, Err(r#"matcher value contains unescaped double quote: "b"#));
    check(Syntax::Classic, r#"a="b"c"#, Err(r#"matcher value contains unescaped double quote: "b"c"#));
}

#[test]
fn the_classic_parser_wins_where_they_differ() {
    // Only the classic one accepts these.
    check(Syntax::Fallback, "foo=a b", Ok(r#"{foo="a b"}"#));
    check(Syntax::Fallback, r#"foo=~"\d+""#, Ok(r#"{foo=~"\\d+"}"#));
    // Both accept, and differ: \t is a tab to one and two characters to the other.
    check(Syntax::Fallback, r#"foo="a\tb""#, Ok(r#"{foo="a\\tb"}"#));
    // Only the UTF-8 one accepts this.
    check(Syntax::Fallback, "foo🙂=bar", Ok(r#"{foo🙂="bar"}"#));
    check(Syntax::Fallback, "foo", Err("bad matcher format: foo"));
}

#[test]
fn an_error_shows_its_column_in_every_mode() {
    let error = parse::matcher("foo", Syntax::Fallback).unwrap_err();
    assert_eq!(error.to_string(), "bad matcher format: foo (at column 4)");
    let error = parse::matcher("a=~(", Syntax::Fallback).unwrap_err();
    assert_eq!(error.columns, Some((3, 4)));
}

#[test]
fn a_filter_is_one_matcher_without_braces() {
    let check = |text: &str, expected: &str| {
        for syntax in [Syntax::Utf8, Syntax::Fallback] {
            let error = parse::matcher(text, syntax).unwrap_err();
            assert!(error.message.contains(expected), "{text}: {error}");
        }
    };
    check("{foo=bar}", "unexpected open or close brace: {foo=bar}");
    check("foo=bar}", "unexpected open or close brace: foo=bar}");
    assert_eq!(parse::matcher("", Syntax::Utf8).unwrap_err().message, "no matchers");
    assert_eq!(parse::matcher("", Syntax::Fallback).unwrap_err().message, "bad matcher format: ");
    assert_eq!(parse::matcher("a=b,c=d", Syntax::Utf8).unwrap_err().message, "expected 1 matcher, found 2");
}

#[test]
fn sorts_by_name_value_operator() {
    let set = MatcherSet::parse(r#"b=1,a=2,a!=1,a=1"#, Syntax::Fallback).unwrap();
    assert_eq!(set.sorted().to_string(), r#"{a="1",a!="1",a="2",b="1"}"#);
}

#[test]
fn reads_the_configurations_forms() {
    let check = |json: &str, expected: &str| {
        assert_eq!(serde_json::from_str::<MatcherSet>(json).unwrap().to_string(), expected);
    };
    check(r#"["a=b, c=d", "e=~\"f|g\""]"#, r#"{a="b",c="d",e=~"f|g"}"#);
    check(r#""{a=b,c=d}""#, r#"{a="b",c="d"}"#);
    check("[]", "{}");
    let error = serde_json::from_str::<MatcherSet>(r#"["a=b", "nonsense"]"#).unwrap_err();
    assert!(error.to_string().contains("bad matcher format: nonsense (at column 9)"), "{error}");
}

fn any_matcher() -> impl Strategy<Value = Matcher> {
    let names = prop_oneof!["[a-z_:][a-z0-9_:]{0,5}", ".{1,6}", Just("a b".to_owned())];
    let values = prop_oneof!["[ -~]{0,8}", ".{0,6}", "[\\x00-\\x20\"\\\\{},=~n]{0,6}"];
    (names, 0..4u8, values).prop_filter_map("no regular expression", |(name, op, value)| {
        Matcher::new(&name, MatchOp::of(op & 1 == 0, op & 2 == 0), &value).ok()
    })
}

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(text in prop_oneof!["[ab\"\\\\{},=!~ 'nx\n🙂]{0,12}", ".{0,30}"]) {
        for syntax in [Syntax::Fallback, Syntax::Utf8, Syntax::Classic] {
            let _ = parse::matchers(&text, syntax);
            let _ = parse::matcher(&text, syntax);
        }
    }

    #[test]
    fn what_is_printed_is_read_again(matchers in prop::collection::vec(any_matcher(), 0..4)) {
        let set = MatcherSet::new(matchers);
        prop_assert_eq!(&MatcherSet::parse(&set.to_string(), Syntax::Fallback), &Ok(set.clone()));
        let json = serde_json::to_string(&set).unwrap();
        prop_assert_eq!(serde_json::from_str::<MatcherSet>(&json).unwrap(), set);
    }

    #[test]
    fn what_the_utf8_parser_reads_it_reads_again(text in "[ab\"\\\\{},=!~ 'nx🙂]{0,12}") {
        if let Ok(set) = MatcherSet::parse(&text, Syntax::Utf8) {
            prop_assert_eq!(MatcherSet::parse(&set.to_string(), Syntax::Utf8), Ok(set));
        }
    }
}
