//! Every case of `tests/templates/cases.txt` against what Go printed (`golden.json`; `tests/oracle/README.md` says how
//! it is recorded). Where Go fails, we fail; the words of errors are our own. `TEMPLATE_GOLDEN` names another recording,
//! for comparing with Go at random.

use serde::Deserialize;

use super::support::{MESSAGES, folder, html, text};

#[derive(Deserialize)]
struct Case {
    mode: String,
    data: String,
    template: String,
    expected: Option<String>,
    error: Option<String>,
}

#[test]
fn prints_what_go_prints() {
    let file = std::env::var_os("TEMPLATE_GOLDEN").map_or_else(|| folder().join("golden.json"), Into::into);
    let recorded = std::fs::read_to_string(file).unwrap();
    let cases: Vec<Case> = serde_json::from_str(&recorded).unwrap();
    let mut different = Vec::new();
    for case in &cases {
        let message = &MESSAGES[&case.data];
        let ours = if case.mode == "html" { html(&case.template, message) } else { text(&case.template, message) };
        if ours.as_ref().ok() != case.expected.as_ref() {
            different.push(format!(
                "{} {} {}\n  Go:   {:?} {}\n  ours: {ours:?}",
                case.mode,
                case.data,
                case.template,
                case.expected,
                case.error.as_deref().unwrap_or_default()
            ));
        }
    }
    assert!(different.is_empty(), "{} of {} differ:\n{}", different.len(), cases.len(), different.join("\n"));
}
