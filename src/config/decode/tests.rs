//! What wrong sections say.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::Deserialize;

use super::super::{
    problem::Problems,
    toml_file,
    tree::{Path, Value},
};
use super::decode;

#[derive(Debug, Deserialize)]
#[serde(default)]
#[allow(dead_code)]
struct Section {
    name: String,
    port: u16,
    on: bool,
    ratio: f64,
    #[serde(with = "alerts::duration::text")]
    wait: std::time::Duration,
    password: Option<SecretString>,
    format: Format,
    matchers: Vec<String>,
    labels: BTreeMap<String, String>,
    inner: Vec<Inner>,
}

impl Default for Section {
    fn default() -> Self {
        Self {
            name: String::new(),
            port: 1,
            on: false,
            ratio: 0.0,
            wait: std::time::Duration::ZERO,
            password: None,
            format: Format::Text,
            matchers: Vec::new(),
            labels: BTreeMap::new(),
            inner: Vec::new(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    Text,
    Json,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Inner {
    channel: String,
    color: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
#[allow(dead_code)]
enum Tagged {
    One { url: String },
    Two { count: u8 },
}

fn check(text: &str, expected: &[&str]) {
    check_as::<Section>(text, expected);
}

fn check_as<T: serde::de::DeserializeOwned + std::fmt::Debug>(text: &str, expected: &[&str]) {
    let mut problems = Problems::of("c.toml");
    let tree = toml_file::read(text, &mut problems);
    decode::<T>(&tree, &Path::ROOT, &mut problems);
    let said = problems.to_string();
    assert_eq!(said.lines().collect::<Vec<_>>(), expected, "{text}");
}

#[test]
fn a_right_section_is_read() {
    check(
        "name = 'a'\nport = 9\non = true\nratio = 1\nwait = '1h30m'\npassword = 'x'\nformat = 'json'\n\
         matchers = ['a', 'b']\nlabels.a = 'b'\n[[inner]]\nchannel = '#a'",
        &[],
    );
    check("", &[]);
}

#[test]
fn every_mistake_is_told_with_its_place() {
    check("nme = 'a'", &["c.toml:1:1: unknown key \"nme\", did you mean \"name\"?"]);
    check("port = 'a'", &["c.toml:1:8: port: expected a whole number from 0 to 65535, found a string"]);
    check("port = -1", &["c.toml:1:8: port: expected a whole number from 0 to 65535, found another"]);
    check("on = 1", &["c.toml:1:6: on: expected true or false, found a whole number"]);
    check("ratio = '1'", &["c.toml:1:9: ratio: expected a number, found a string"]);
    check("wait = 5", &["c.toml:1:8: wait: expected a string, found a whole number"]);
    check("format = 'jsn'", &["c.toml:1:10: format: \"jsn\" is not possible here, did you mean \"json\"?"]);
    check("format = 'xml'", &["c.toml:1:10: format: \"xml\" is not possible here, use \"json\", \"text\""]);
    check("name = {a = 1}", &["c.toml:1:8: name: expected a string, found a table"]);
    check("inner = 1", &["c.toml:1:9: inner: expected a list, found a whole number"]);
    check("inner = [1]", &["c.toml:1:10: inner[0]: expected a table, found a whole number"]);
}

#[test]
fn all_mistakes_are_told_at_once() {
    check(
        "name = 1\nzzz = 2\nwait = 'soon'\nmatchers = ['a', 2, 'b', 3]\nlabels.x = 4\n[[inner]]\nchanel = '#a'\ncolor = 5\n\
         [[inner]]\nchannel = 6\n[[inner]]\nchannel = 'ok'\ncolour = 'red'",
        &[
            "c.toml:1:8: name: expected a string, found a whole number",
            "c.toml:2:1: unknown key \"zzz\", known are \"format\", \"inner\", \"labels\", \"matchers\", \"name\", \"on\", \"password\", \"port\", \"ratio\", \"wait\"",
            "c.toml:3:8: wait: \"soon\" is not a duration: write whole numbers with units from large to small, like 10s, 5m, 1h30m or 7d",
            "c.toml:4:18: matchers[1]: expected a string, found a whole number",
            "c.toml:4:26: matchers[3]: expected a string, found a whole number",
            "c.toml:5:12: labels.x: expected a string, found a whole number",
            "c.toml:6:1: inner[0]: the key \"channel\" is missing",
            "c.toml:7:1: inner[0]: unknown key \"chanel\", did you mean \"channel\"?",
            "c.toml:8:9: inner[0].color: expected a string, found a whole number",
            "c.toml:10:11: inner[1].channel: expected a string, found a whole number",
            "c.toml:13:1: inner[2]: unknown key \"colour\", did you mean \"color\"?",
        ],
    );
}

#[test]
fn what_is_right_is_kept() {
    let mut problems = Problems::of("c.toml");
    let tree = toml_file::read("name = 'a'\nport = 'b'\nmatchers = ['x', 1, 'y']", &mut problems);
    let section: Section = decode(&tree, &Path::ROOT, &mut problems).expect("a section");
    assert_eq!((section.name.as_str(), section.port, section.matchers.len()), ("a", 1, 2));
    assert_eq!(problems.len(), 2);
}

#[test]
fn buffered_content_keeps_what_place_it_can() {
    check_as::<Tagged>("type = 'one'\nurl = 'x'", &[]);
    check_as::<Tagged>("type = 'one'\nurl = 'x'\nuri = 2", &["c.toml:3:1: unknown key \"uri\", did you mean \"url\"?"]);
    check_as::<Tagged>("type = 'three'", &["c.toml:1:8: type: \"three\" is not possible here, use \"one\", \"two\""]);
    check_as::<Tagged>("url = 'x'", &["c.toml:1:1: the key \"type\" is missing"]);
}

#[test]
fn syntax_errors_are_told_too() {
    check(
        "name = \nport = 'a'",
        &[
            "c.toml:1:8: string values must be quoted, expected literal string",
            "c.toml:2:8: port: expected a whole number from 0 to 65535, found a string",
        ],
    );
    let mut problems = Problems::of("c.toml");
    toml_file::read("name = 'a'\nname = 'b'", &mut problems);
    assert_eq!(problems.to_string(), "c.toml:2:1: duplicate key");
}

#[test]
fn depth_ends_somewhere() {
    for (open, close) in [
        ("a.", "a = 1"),
        ("'a'.", "a = 1"),
        ("\"a\" . ", "a = 1"),
        ("a = [", ""),
        ("[", "]"),
        ("[a.", ""),
        ("a = {a.", ""),
        ("a={", ""),
    ] {
        let mut problems = Problems::of("c.toml");
        let tree = toml_file::read(&format!("x = 1\n{}{close}", open.repeat(50_000)), &mut problems);
        assert!(!problems.is_empty(), "{open}");
        assert!(matches!(tree.value, Value::Table(_)));
    }
    for head in ["", "[", "x = {"] {
        let mut problems = Problems::of("c.toml");
        toml_file::read(&format!("{head}{}a = 1", "a.".repeat(50_000)), &mut problems);
        assert!(!problems.is_empty(), "{head}");
    }
}
