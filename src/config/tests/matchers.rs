//! Matchers and names of labels under the three syntaxes of `--enable-feature`.

use alerts::matcher::Syntax;

use super::super::{Format, Manner, problem::Problems, read_text, settings::Settings};

fn read(routes: &str, syntax: Syntax) -> Result<Settings, Problems> {
    super::with_tls();
    let text = format!("route:\n  receiver: a\n{routes}\nreceivers: [{{name: a}}]\n");
    let manner = Manner { syntax, ..Manner::default() };
    read_text("am.yml", &text, std::path::Path::new("/nowhere"), Format::Yaml, manner, &|_| None)
}

#[test]
fn what_each_syntax_accepts() {
    let check = |routes: &str, accepted: [bool; 3]| {
        let got = [Syntax::Fallback, Syntax::Utf8, Syntax::Classic].map(|syntax| read(routes, syntax).is_ok());
        assert_eq!(got, accepted, "{routes}: fallback, UTF-8, classic");
    };
    check("  routes: [{matchers: ['foo=bar']}]", [true, true, true]);
    check("  routes: [{matchers: ['foo🙂=bar']}]", [true, true, false]);
    check("  routes: [{matchers: ['foo=bar baz']}]", [true, false, true]);
    check("  routes: [{matchers: ['{foo=bar,}']}]", [true, true, true]);
    check("  routes: [{matchers: ['foo']}]", [false, false, false]);
    check("  routes: [{match: {foo🙂: bar}}]", [true, true, false]);
    check("  routes: [{match_re: {foo🙂: bar}}]", [true, true, false]);
    check("  group_by: [foo🙂]", [true, true, false]);
    check("  group_by: ['...']", [true, true, true]);
    check("  labels: {foo-bar: x}", [true, true, false]);
    check("inhibit_rules: [{equal: [foo🙂]}]", [true, true, false]);
    check("inhibit_rules: [{source_matchers: ['foo🙂=a']}]", [true, true, false]);
}

#[test]
fn where_the_parsers_differ_the_classic_one_counts_and_a_warning_says_what_to_write() {
    let check = |matcher: &str, read_as: &str, warned: bool| {
        let settings = read(&format!("  routes: [{{matchers: ['{matcher}']}}]"), Syntax::Fallback);
        let settings = settings.unwrap_or_else(|problems| panic!("{problems}"));
        let key = settings.route.iter().nth(1).map(|route| route.key.to_string());
        assert_eq!(key.as_deref(), Some(format!("{{}}/{{{read_as}}}").as_str()));
        let expected = format!(
            "route.routes[0].matchers[0]: the UTF-8 parser of matchers reads this otherwise or not at all, so the classic reading \
             counts: write {read_as}"
        );
        assert_eq!(settings.warnings, if warned { vec![expected] } else { vec![] });
    };
    check("foo=bar", "foo=\"bar\"", false);
    check("foo=\"bar\"", "foo=\"bar\"", false);
    check("foo=bar baz", "foo=\"bar baz\"", true);
    check(r#"foo="\x5a""#, r#"foo="\\x5a""#, true);
    // in the suggestion both parsers agree
    check(r#"foo="\\x5a""#, r#"foo="\\x5a""#, false);
}
