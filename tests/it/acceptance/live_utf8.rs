//! Names of labels in any script, and the classic mode that refuses them.
//!
//! Deliberately unknown here: notifications.

use serde_json::{Value, json};

use super::{
    live::{Live, NOWHERE, labelled, silence},
    program::{Kind, Program},
};
use crate::support::{client::Answer, wait_for};

pub const ALL: [Live; 3] =
    [("AddUTF8Alerts", add_alerts), ("AddUTF8Silences", add_silences), ("ClassicMode", classic_mode)];

fn labels() -> Value {
    json!({"a": "a", "00": "b", "Σ": "c", "🙂": "dΘ"})
}

fn encoded(filter: &str) -> String {
    url::form_urlencoded::byte_serialize(filter.as_bytes()).collect()
}

fn add_alerts(kind: Kind) {
    let program = Program::start(kind, NOWHERE, &[]);
    program.alerts(&json!([labelled(&labels()), labelled(&json!({"a": "other"}))]));
    for filter in ["00=b", "Σ=c", r#""\xf0\x9f\x99\x82"=dΘ"#] {
        let found = wait_for(filter, || program.listed(&format!("?filter={}", encoded(filter))).pop());
        assert_eq!(found["labels"], labels(), "{filter}");
    }
    let groups = program.json("/api/v2/alerts/groups");
    let alerts = groups[0]["alerts"].as_array().expect("alerts");
    assert!(alerts.iter().any(|alert| alert["labels"] == labels()), "{groups}");
}

fn add_silences(kind: Kind) {
    let program = Program::start(kind, NOWHERE, &[]);
    let id = program.silence(&silence("fooΣ", "bar🙂"));
    program.silence(&silence("foo", "bar"));
    assert_eq!(program.json("/api/v2/silences").as_array().map(Vec::len), Some(2));
    let found = program.json(&format!("/api/v2/silences?filter={}", encoded("fooΣ=bar🙂")));
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!((&found[0]["id"], &found[0]["matchers"][0]["name"]), (&json!(id), &json!("fooΣ")));
}

fn classic_mode(kind: Kind) {
    let program = Program::start(kind, NOWHERE, &["--enable-feature=classic-mode"]);
    let refused = |answer: Answer, words: &str| {
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(answer.text().contains(words), "{}", answer.text());
    };
    program.silence(&silence("foo", "bar"));
    refused(program.post("/api/v2/alerts", json!([labelled(&labels())]).to_string()), "invalid label set");
    let answer = program.post("/api/v2/silences", silence("fooΣ", "bar🙂").to_string());
    refused(answer, "invalid silence: invalid label matcher");
}
