use serde_json::json;

use super::*;
use crate::dashboards::datasources::tests::SETTINGS;

fn pairs(values: &[&str]) -> Vec<(String, String)> {
    values.iter().map(|value| ((*value).to_owned(), (*value).to_owned())).collect()
}

fn variable(kind: &str, query: Value, current: &[&str], options: &[&str]) -> Variable {
    let (current, options) = (pairs(current), pairs(options));
    Variable { name: "x".to_owned(), kind: kind.to_owned(), query, current, options, ..Variable::default() }
}

/// `expected`: the values joined by `,`; behind `=` what stands for all; `ask` and what is taken if nobody answers.
fn check(variable: &Variable, given: &[&str], moved: bool, expected: &str) {
    let sources = DataSources::read(SETTINGS.as_bytes()).expect("settings");
    let values: Vec<(String, String)> = given.iter().map(|value| ("x".to_owned(), (*value).to_owned())).collect();
    let given = Given { values: &values, sources: &sources, length: Duration::from_secs(3_600) };
    let print = |filled: &Filled| {
        let values: Vec<&str> = filled.values.iter().map(|(value, _)| value.as_str()).collect();
        filled.all.as_ref().map_or_else(|| values.join(","), |all| format!("={all}"))
    };
    let found = match choose(variable, Some("prometheus"), moved, &given) {
        Choice::Known(filled) => print(&filled),
        Choice::Ask(fallback) => format!("ask {}", fallback.as_ref().map_or("nothing".to_owned(), print)),
        Choice::Without => "without".to_owned(),
    };
    assert_eq!(found, expected, "{variable:?}");
}

#[test]
fn what_the_alert_gives_comes_first() {
    let query = variable("query", json!("label_values(up, x)"), &["saved"], &[]);
    check(&query, &[], false, "saved");
    check(&query, &["a"], false, "a");
    check(&query, &["a", "b"], true, "a,b");
    check(&query, &["$__all"], false, "=.*");
    let named = Variable { options: vec![("uid-1".into(), "Berlin".into())], ..query };
    check(&named, &["Berlin"], false, "uid-1");
}

#[test]
fn all_is_the_own_word_or_every_choice_or_everything() {
    let query = Variable { include_all: true, ..variable("query", json!("q"), &["$__all"], &["$__all", "a", "b"]) };
    check(&query, &[], false, "a,b");
    check(&query, &[], true, "=.*");
    check(&Variable { all_value: Some("a.+".into()), ..query.clone() }, &[], false, "=a.+");
    check(&Variable { options: Vec::new(), ..query.clone() }, &[], false, "=.*");
    check(&Variable { options: Vec::new(), current: Vec::new(), ..query.clone() }, &[], false, "=.*");
    check(&Variable { current: Vec::new(), ..query }, &[], false, "a,b");
}

#[test]
fn a_query_variable_is_asked_for_where_nothing_fits() {
    check(&variable("query", json!("q"), &[], &["a", "b"]), &[], false, "a");
    check(&variable("query", json!("q"), &[], &[]), &[], false, "ask nothing");
    check(&variable("query", json!("q"), &["saved"], &["saved"]), &[], true, "ask saved");
    let with_all = Variable { include_all: true, ..variable("query", json!("q"), &["saved"], &[]) };
    check(&with_all, &[], true, "ask =.*");
}

#[test]
fn the_other_types() {
    check(&variable("custom", json!("a\\,b, c : d,e"), &[], &[]), &[], false, "a,b");
    check(&variable("custom", json!("one : 1,two : 2"), &["2"], &[]), &[], true, "2");
    check(&Variable { include_all: true, ..variable("custom", json!("a,b"), &["$__all"], &[]) }, &[], false, "a,b");
    check(&variable("constant", json!("job=\"x\""), &[], &[]), &[], false, "job=\"x\"");
    check(&variable("textbox", json!("first"), &["typed"], &[]), &[], false, "typed");
    check(&variable("textbox", json!("first"), &[], &[]), &[], false, "first");
    check(&variable("interval", json!("1m,10m"), &["10m"], &[]), &[], false, "10m");
    check(&variable("interval", json!("1m,10m"), &[], &[]), &[], false, "1m");
    let automatic = Variable { auto: Some((30, "10s".into())), ..variable("interval", json!("1m"), &["$__auto"], &[]) };
    check(&automatic, &[], false, "120s");
    check(&variable("adhoc", Value::Null, &[], &[]), &[], false, "without");
}

#[test]
fn a_data_source_by_uid_name_or_default() {
    check(&variable("datasource", json!("prometheus"), &["an"], &[]), &[], false, "an");
    check(&variable("datasource", json!("prometheus"), &["Another"], &[]), &[], false, "an");
    check(&variable("datasource", json!("prometheus"), &["default"], &[]), &[], false, "pr");
    check(&variable("datasource", json!("prometheus"), &[], &[]), &[], false, "pr");
    check(&variable("datasource", json!("prometheus"), &["gone"], &[]), &[], false, "pr");
    check(&variable("datasource", json!("mysql"), &["hidden"], &[]), &[], false, "hidden");
    let filtered = Variable { regex: "/^an/i".into(), ..variable("datasource", json!("prometheus"), &[], &[]) };
    check(&filtered, &[], false, "an");
}

#[test]
fn what_a_query_asks_for() {
    let check = |query: Value, expected: Option<(Option<&str>, &str)>| {
        let found = label_values(&query);
        let found = found.as_ref().map(|(selector, label)| (selector.as_deref(), label.as_str()));
        assert_eq!(found, expected, "{query}");
    };
    check(json!("label_values(instance)"), Some((None, "instance")));
    check(json!("label_values(up{a=~\"x,y\"}, instance)"), Some((Some("up{a=~\"x,y\"}"), "instance")));
    check(json!({"query": "label_values(up,job)", "refId": "A"}), Some((Some("up"), "job")));
    check(json!("query_result(up)"), None);
    check(json!(null), None);
}

#[test]
fn answers_are_filtered_and_the_saved_value_is_kept_where_it_is_among_them() {
    let check = |regex: &str, current: &[&str], expected: Option<&str>| {
        let variable = Variable { regex: regex.into(), ..variable("query", Value::Null, current, &[]) };
        let found = among(&variable, &["web-2".to_owned(), "web-1".to_owned(), "db-1".to_owned()]);
        assert_eq!(found.map(|found| found.values[0].0.clone()).as_deref(), expected, "{regex}");
    };
    check("", &[], Some("db-1"));
    check("", &["web-2"], Some("web-2"));
    check("/web-(.*)/", &["9"], Some("1"));
    check("/(?P<value>b-.)/", &[], Some("b-1"));
    check("/nothing/", &["web-2"], None);
    // beyond what is understood: not filtered
    check("/(?!db).*/", &[], Some("db-1"));
}
