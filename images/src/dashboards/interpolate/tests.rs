use promql_parser::{label::Matchers, parser::Expr};
use proptest::prelude::*;

use super::*;

fn filled(name: &str, values: &[&str], several: bool, given: bool) -> Filled {
    let values = values.iter().map(|value| ((*value).to_owned(), format!("<{value}>"))).collect();
    Filled { name: name.to_owned(), values, several, given, all: None }
}

fn variables() -> Vec<Filled> {
    let all = |word: &str| Filled { all: Some(word.to_owned()), several: true, ..Filled::default() };
    vec![
        filled("one", &["a.b\\c\"d"], false, false),
        filled("multi", &["a.b"], true, false),
        filled("many", &["a.b", "c"], true, false),
        filled("alert", &["db(1)\"x"], false, true),
        filled("alerts", &["db.1", "db-2"], true, true),
        filled("word", &["5m"], false, true),
        Filled { name: "all".to_owned(), ..all(".*") },
        Filled { name: "own".to_owned(), ..all("x-$multi.*") },
        Filled { name: "round".to_owned(), ..all("$round") },
    ]
}

fn scope(variables: &[Filled]) -> Scope<'_> {
    let own =
        vec![("__interval", "15s".to_owned()), ("__dashboard", "D".to_owned()), ("__dashboard.uid", "u".to_owned())];
    Scope { variables, own, window: (1_700_000_000_000, 1_700_003_600_000) }
}

fn check(language: Language, text: &str, expected: &str) {
    let variables = variables();
    let found = scope(&variables).fill(text, language);
    match found {
        Ok(found) => assert_eq!(found, expected, "{text}"),
        Err(error) => assert_eq!(error.to_string(), expected, "{text}"),
    }
}

#[test]
fn promql_takes_values_as_its_quotes_want_them() {
    use Language::Promql;
    // saved values, as Grafana writes them
    check(Promql, r#"up{a="$one"}"#, r#"up{a="a.b\\c\"d"}"#);
    check(Promql, r#"up{a=~"$multi"}"#, r#"up{a=~"a\\.b"}"#);
    check(Promql, r#"up{a=~"[[many]]"}"#, r#"up{a=~"(a\\.b|c)"}"#);
    check(Promql, r#"up{a=~"x-${many:pipe}"}"#, r#"up{a=~"x-a.b|c"}"#);
    check(Promql, r#"up{a=~"${many:regex}"}"#, r#"up{a=~"(a\.b|c)"}"#);
    check(Promql, r#"up{a=~"$all",b=~"$own"}"#, r#"up{a=~".*",b=~"x-a\\.b.*"}"#);
    // better than Grafana: an equality knows no patterns, and raw strings no backslashes
    check(Promql, r#"up{a="$multi"}"#, r#"up{a="a.b"}"#);
    check(Promql, "up{a=~`$multi`}", r"up{a=~`a\.b`}");
    // the alert's values are literal
    check(Promql, r#"up{a="$alert"}"#, r#"up{a="db(1)\"x"}"#);
    check(Promql, r#"up{a=~"$alert"}"#, r#"up{a=~"db\\(1\\)\"x"}"#);
    check(Promql, "up{a='$alert'}", r#"up{a='db(1)"x'}"#);
    check(Promql, r#"up{a=~ "$alerts"}"#, r#"up{a=~ "(db\\.1|db-2)"}"#);
    check(Promql, r#"up{a=~"${alerts:pipe}"}"#, r#"up{a=~"db\\.1|db-2"}"#);
    check(Promql, r#"up{a="${alert:raw}"}"#, r#"up{a="db(1)\"x"}"#);
    check(Promql, "rate(up[$word]) # $alert's", "rate(up[5m]) # db(1)\"x's");
    check(Promql, "sum by ($alert) (up)", "the value of the variable alert cannot stand in the query");
    check(Promql, r#"up{a="\$alert"}"#, "the value of the variable alert cannot stand in the query");
}

#[test]
fn grafanas_own_variables_and_what_there_is_not() {
    use Language::Promql;
    check(Promql, "rate(up[$__interval])", "rate(up[15s])");
    check(
        Promql,
        "$__rate_interval $nothing ${nothing:csv} $1 $round",
        "$__rate_interval $nothing ${nothing:csv} $1 $round",
    );
    check(
        Language::Words,
        "$__from ${__to:date:seconds} ${__from:date}",
        "1700000000000 1700003600 2023-11-14T22:13:20.000Z",
    );
    check(
        Language::Words,
        "$__dashboard ${__dashboard.uid} ${__field.name} $timeFilter",
        "D u ${__field.name} $timeFilter",
    );
}

#[test]
fn variables_that_multiply_have_an_end() {
    let bomb = Filled { name: "x".to_owned(), all: Some("$x".repeat(1_000)), ..Filled::default() };
    let filled = scope(&[bomb]).fill("$x", Language::Promql);
    assert!(filled.is_err_and(|error| error.to_string().contains("variable x")));
}

#[test]
fn other_languages() {
    check(Language::Title, "CPU of $many, $all, ${many:csv}", "CPU of <a.b> + <c>, All, a.b,c");
    check(Language::Words, "{{x}} $many ${many:text} ${many.text}", "{{x}} {a.b,c} <a.b> + <c> <a.b> + <c>");
    check(Language::Sql, "a IN ($many)", "a IN ('a.b','c')");
    check(Language::Sql, "a IN ($alerts)", "a IN ('db.1','db-2')");
    check(Language::Sql, "a = '$alert'", "the value of the variable alert cannot stand in the query");
    check(Language::Other("glob"), "a.$many.b", "a.{a.b,c}.b");
    check(Language::Other("lucene"), "h:$many", "h:(\"a.b\" OR \"c\")");
    check(Language::Other("regex"), "$alert", "the value of the variable alert cannot stand in the query");
}

/// The values of all matchers named `a` of a query that is one selector.
fn matched(query: &str) -> Option<Vec<String>> {
    let Ok(Expr::VectorSelector(selector)) = promql_parser::parser::parse(query) else { return None };
    let Matchers { matchers, or_matchers } = selector.matchers;
    (or_matchers.is_empty() && matchers.len() == 2 && selector.name.as_deref() == Some("up"))
        .then(|| matchers.into_iter().filter(|matcher| matcher.name == "a").map(|matcher| matcher.value).collect())
}

proptest! {
    /// Whatever the alert's label holds, the query stays one selector with its two matchers.
    #[test]
    fn no_value_breaks_out_of_its_quotes(
        values in prop::collection::vec("\\PC{0,8}|[\"'`\\\\{}#,\n=~$.*]{0,8}", 1..3),
        several in any::<bool>(),
        quote in prop::sample::select(vec!["\"", "'"]),
        operator in prop::sample::select(vec!["=", "=~", "!~", "!="]),
        format in prop::sample::select(vec!["", ":raw", ":pipe", ":csv", ":regex", ":glob", ":json", ":doublequote"]),
    ) {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        // the last three are no patterns
        let format = if operator.contains('~') && format.len() > 4 && !format.starts_with(":p") { ":regex" } else { format };
        let variables = [filled("x", &values, several, true)];
        let text = format!("up{{a{operator}{quote}${{x{format}}}{quote},b={quote}c{quote}}}");
        if let Ok(query) = scope(&variables).fill(&text, Language::Promql) {
            let found = matched(&query);
            prop_assert!(found.as_ref().is_some_and(|found| found.len() == 1), "{query}: {found:?}");
            if let (true, false, [value]) = (format.is_empty(), operator.contains('~'), values.as_slice()) {
                prop_assert_eq!(&found.unwrap_or_default()[0], value);
            }
        }
    }

    /// Nor do several beside each other, whatever is around them.
    #[test]
    fn no_text_panics(text in "[a-z$\\[\\]{}:.\"'`\\\\#\n ]{0,40}|\\PC{0,40}") {
        let variables = variables();
        for language in [Language::Promql, Language::Sql, Language::Words, Language::Title, Language::Other("lucene")] {
            let _ = scope(&variables).fill(&text, language);
        }
    }
}
