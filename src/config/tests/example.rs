//! The example is the default configuration, and knows every key that the code knows.

use std::collections::BTreeSet;

use super::{
    super::{EXAMPLE, decode::recorded, from_text},
    read, with_tls,
};

/// Other names of keys; the example explains them but cannot have them beside the real ones.
const ALIASES: [&str; 4] = ["bot_token", "bot_token_file", "token", "token_file"];

/// The example with every `#key = value` and `#[section]` in force.
pub(super) fn everything() -> String {
    let line = |line: &str| match line.strip_prefix('#') {
        Some(code) if code.starts_with(|c: char| c == '[' || c.is_ascii_lowercase()) => code.to_owned(),
        _ => line.to_owned(),
    };
    let lines: Vec<String> = EXAMPLE.lines().map(line).collect();
    // the one key that is there with its default and with an example
    lines.join("\n").replacen("templates = []\n", "", 1)
}

#[test]
fn the_example_is_the_default() {
    with_tls();
    let example = from_text("config.example.toml", EXAMPLE, std::path::Path::new("/nowhere"), &|_| None);
    let example = example.unwrap_or_else(|problems| panic!("{problems}"));
    let nothing = read("").unwrap_or_else(|problems| panic!("{problems}"));
    // the texts differ, and so do their hashes
    let nothing = super::Settings { config_hash: example.config_hash, ..nothing };
    assert_eq!(format!("{example:#?}"), format!("{nothing:#?}"));
    assert_eq!(example.route.root().receiver.as_ref(), "inbox");
    assert_eq!(example.warnings, Vec::<String>::new());
}

/// Of all problems only those may remain that files, variables and twins cause that are not there.
#[test]
fn everything_in_the_example_is_understood() {
    with_tls();
    let environment = |name: &str| Some(name.to_lowercase());
    let problems = from_text("all.toml", &everything(), std::path::Path::new("/nowhere"), &environment);
    let problems = problems.expect_err("its files do not exist").to_string();
    let expected = ["cannot read /nowhere/", "only one of ", "_file may be given", "exclude each other"];
    let others: Vec<&str> =
        problems.lines().filter(|line| !expected.iter().any(|expected| line.contains(expected))).collect();
    assert_eq!(others, Vec::<&str>::new());
}

#[test]
fn the_example_has_every_key_that_the_code_knows() {
    with_tls();
    recorded::STRUCTS.take();
    let environment = |name: &str| Some(name.to_lowercase());
    let _ = from_text("all.toml", &everything(), std::path::Path::new("/nowhere"), &environment);
    let mut missing = BTreeSet::new();
    for ((name, fields), given) in recorded::STRUCTS.take() {
        let lacks = |field: &&&str| !given.contains(**field) && !ALIASES.contains(*field);
        missing.extend(fields.iter().filter(lacks).map(|field| format!("{name}.{field}")));
    }
    assert_eq!(missing, BTreeSet::new());
}

#[test]
fn every_key_of_the_example_has_a_reason() {
    let is_key = |line: &str| line.contains(" = ") && !line.starts_with("# ");
    for paragraph in EXAMPLE.split("\n\n") {
        let mut lines = paragraph.lines().skip_while(|line| !line.starts_with("# ") && !is_key(line));
        let first = lines.next().unwrap_or("# no key");
        assert!(first.starts_with("# "), "nothing explains: {paragraph}");
    }
}
