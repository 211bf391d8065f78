//! What is shown of a configuration means the same as the configuration.

use proptest::prelude::*;

use super::{super::settings::Settings, read_as};

/// Texts that YAML, matchers and Go could misread.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z_][a-zA-Z0-9_]{0,8}",
        1 => "[ -~]{1,12}",
        1 => prop::sample::select(vec!["yes", "no", "null", "~", "5", "0x1f", "1e3", "-1", "a: b", "a #b", "- a", "'", "\"", "{}", "\u{2028}x", "é\t\n", "<secret>", ":", "🙂"])
            .prop_map(str::to_owned),
    ]
}

/// A text as YAML, whatever is in it: JSON's strings are YAML's.
fn text(text: &str) -> String {
    serde_json::to_string(text).expect("a text is JSON").replace('\u{2028}', "\\u2028")
}

fn pairs(key: &'static str) -> impl Strategy<Value = String> {
    prop::collection::btree_map(word(), word(), 0..3).prop_map(move |pairs| {
        let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{}: {}", text(name), text(value))).collect();
        if pairs.is_empty() { String::new() } else { format!("{key}: {{{}}}", pairs.join(", ")) }
    })
}

fn matchers(key: &'static str) -> impl Strategy<Value = String> {
    let op = prop::sample::select(vec!["=", "!=", "=~", "!~"]);
    let matcher = (word(), op, "[a-z.|]{0,6}").prop_map(|(name, op, value)| {
        let name = serde_json::to_string(&name).expect("a text is JSON");
        format!("{name} {op} \"{value}\"")
    });
    prop::collection::vec(prop::collection::vec(matcher, 1..3), 0..3).prop_map(move |lines| {
        let lines: Vec<String> = lines.iter().map(|line| text(&line.join(", "))).collect();
        if lines.is_empty() { String::new() } else { format!("{key}: [{}]", lines.join(", ")) }
    })
}

fn joined(parts: Vec<String>) -> String {
    format!("{{{}}}", parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "))
}

fn route() -> impl Strategy<Value = String> {
    let group_by = prop_oneof![
        Just(String::new()),
        Just("group_by: ['...']".to_owned()),
        prop::collection::btree_set(word(), 0..3).prop_map(|names| {
            format!("group_by: [{}]", names.iter().map(|name| text(name)).collect::<Vec<_>>().join(", "))
        }),
    ];
    let times =
        ["", "group_wait: 1m30s", "group_interval: 90s", "repeat_interval: 1w", "continue: yes", "continue: off"];
    let intervals = ["", "mute_time_intervals: [nights]", "active_time_intervals: [nights, 'days: 1']"];
    let own = (
        group_by,
        pairs("match"),
        matchers("matchers"),
        prop::sample::select(times.to_vec()),
        prop::sample::select(intervals.to_vec()),
        prop::sample::select(vec!["", "receiver: b", "receiver: a", "labels: {team: '{{ .Receiver }}: x'}"]),
    );
    let own = own.prop_map(|(group_by, equal, matchers, time, interval, receiver)| {
        vec![group_by, equal, matchers, time.to_owned(), interval.to_owned(), receiver.to_owned()]
    });
    let own = own.boxed();
    let leaf = own.clone().prop_map(joined);
    leaf.prop_recursive(3, 12, 3, move |inner| {
        (own.clone(), prop::collection::vec(inner, 1..3)).prop_map(|(mut parts, routes)| {
            parts.push(format!("routes: [{}]", routes.join(", ")));
            joined(parts)
        })
    })
}

fn configuration() -> impl Strategy<Value = String> {
    let rule = (pairs("source_match"), matchers("source_matchers"), matchers("target_matchers"), pairs("target_match"));
    let rule = prop_oneof![
        1 => Just("null".to_owned()),
        4 => (rule, prop::sample::select(vec!["", "equal: [a, 'b: c']", "name: 'x'"]))
            .prop_map(|((a, b, c, d), e)| joined(vec![a, b, c, d, e.to_owned()])),
    ];
    (prop::collection::vec(route(), 0..4), prop::collection::vec(rule, 0..3)).prop_map(|(routes, rules)| {
        format!(
            "global: {{resolve_timeout: 7m}}\nroute:\n  receiver: a\n  group_by: [alertname]\n  routes: [{}]\n\
             inhibit_rules: [{}]\nreceivers: [{{name: a}}, {{name: b, labels: {{x: yes}}}}]\n\
             time_intervals:\n- name: nights\n  time_intervals:\n  - times: [{{start_time: 22:00, end_time: '24:00'}}]\n    \
             weekdays: ['monday:friday', Sunday]\n    days_of_month: [1:5, -1]\n    months: [1:3, december, 6]\n    \
             years: [2026, 2030:2031]\n    location: Europe/Berlin\nmute_time_intervals:\n- name: 'days: 1'\n  \
             time_intervals:\n  -\n",
            routes.join(", "),
            rules.join(", ")
        )
    })
}

fn meaning(settings: &Settings) -> String {
    let Settings { route, inhibit_rules, time_intervals, resolve_timeout, receivers, .. } = settings;
    let labels: Vec<_> = receivers.iter().map(|receiver| (&receiver.name, &receiver.labels)).collect();
    format!("{route:#?}\n{inhibit_rules:#?}\n{time_intervals:#?}\n{resolve_timeout:?}\n{labels:?}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn what_is_shown_means_the_same(text in configuration()) {
        let settings = read_as("am.yml", &text);
        let settings = settings.map_err(|problems| TestCaseError::fail(format!("{text}\n{problems}")))?;
        let shown = settings.alertmanager_yaml();
        let again = read_as("am.yml", &shown.replace("    enable_http2: true\n", ""));
        let again = again.map_err(|problems| TestCaseError::fail(format!("{text}\n{shown}\n{problems}")))?;
        prop_assert_eq!(meaning(&again), meaning(&settings), "{}\n{}", text, shown);
        prop_assert_eq!(again.alertmanager_yaml(), shown, "showing what is shown shows the same");
    }
}
