//! No input panics.

use proptest::prelude::*;

use super::{
    super::{EXAMPLE, from_text},
    with_tls,
};

/// What the keys are made of: real ones, so that values reach the code behind them.
const KEYS: [&str; 24] = [
    "server",
    "listen",
    "limits",
    "sources",
    "name",
    "type",
    "screenshots",
    "unified_alerting",
    "global",
    "templates",
    "route",
    "routes",
    "receiver",
    "receivers",
    "matchers",
    "match_re",
    "group_by",
    "inbox_configs",
    "slack_configs",
    "url_file",
    "inhibit_rules",
    "time_intervals",
    "times",
    "zzz",
];

/// A right file.
const YAML: &str = include_str!("same.yml");

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("true".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| format!("{number:?}").replace("NaN", "nan")),
        "[ -~]{0,12}".prop_map(|text| format!("{text:?}")),
        Just("'${'".to_owned()),
        Just("1979-05-27T07:32:00Z".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec((prop::sample::select(&KEYS[..]), inner), 0..4).prop_map(|entries| {
                let mut entries = entries;
                entries.sort_by_key(|(key, _)| *key);
                entries.dedup_by_key(|(key, _)| *key);
                let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{key} = {value}")).collect();
                format!("{{ {} }}", entries.join(", "))
            }),
        ]
    })
}

fn load(text: &str) {
    load_as("c.toml", text);
}

fn load_as(name: &str, text: &str) {
    with_tls();
    if let Err(problems) = from_text(name, text, std::path::Path::new("/nowhere"), &|_| None) {
        assert!(!problems.is_empty());
        assert!(problems.to_string().lines().all(|line| line.starts_with(name)), "{problems}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_text(text in "\\PC{0,200}") {
        load(&text);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        load(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_toml(entries in prop::collection::btree_map(prop::sample::select(&KEYS[..]), value(), 0..6)) {
        let text: Vec<String> = entries.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        load(&text.join("\n"));
    }

    #[test]
    fn any_yaml_text(text in "\\PC{0,200}", marks in "[-?:,\\[\\]{}#&*!|>'\"%@` \n\ta<]{0,60}") {
        load_as("c.yml", &text);
        load_as("c.yml", &marks);
        load_as("c.yml", &format!("{marks}{text}"));
    }

    #[test]
    fn any_yaml_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        load_as("c.yml", &String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_yaml(entries in prop::collection::btree_map(prop::sample::select(&KEYS[..]), value(), 0..6)) {
        let text: Vec<String> = entries.iter().map(|(key, value)| format!("{key}: {}", value.replace(" = ", ": "))).collect();
        load_as("c.yml", &text.join("\n"));
    }

    #[test]
    fn a_yaml_file_with_a_hole(at in 0..YAML.len(), length in 1_usize..40, filling in "[ -~\n]{0,8}") {
        let mut text = YAML.as_bytes().to_vec();
        text.splice(at..(at + length).min(YAML.len()), filling.bytes());
        load_as("c.yml", &String::from_utf8_lossy(&text));
    }

    #[test]
    fn the_example_with_a_hole(at in 0..EXAMPLE.len(), length in 1_usize..40, filling in "[ -~]{0,8}") {
        let mut text = EXAMPLE.as_bytes().to_vec();
        text.splice(at..(at + length).min(EXAMPLE.len()), filling.bytes());
        load(&String::from_utf8_lossy(&text));
    }
}
