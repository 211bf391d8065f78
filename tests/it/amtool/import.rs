//! `amtool silence import`: eight workers that post at once.
//!
//! Deliberately unknown here: which program answers.

use serde_json::{Value, json};

use super::{Amtool, field, shown};
use crate::support::alerts::in_seconds;

pub fn exports_and_imports(amtool: &Amtool) {
    for number in 0..20 {
        amtool.works(&format!("silence add --comment=number-{number} alertname=test{number}"));
    }
    let exported = amtool.works("silence query -o json");
    let file = amtool.file("silences.json", &exported);
    let ids = amtool.works("silence query -q");
    amtool.works(&format!("silence expire {}", ids.trim().replace('\n', " ")));
    assert!(amtool.json("silence query").is_empty());
    amtool.works(&format!("silence import {}", shown(&file)));
    let comments = |text: &str| field(&serde_json::from_str::<Vec<Value>>(text).expect("JSON"), "/comment");
    assert_eq!(comments(&amtool.works("silence query -o json")), comments(&exported));
}

pub fn broken(amtool: &Amtool) {
    let no_json = amtool.file("broken.json", r#"[{"broken": "json""#);
    amtool.fails(&format!("silence import {}", shown(&no_json)), "couldn't unmarshal");

    let silence = |name: &str, from: &str, to: &str| {
        json!({
            "matchers": [{"name": "alertname", "value": name, "isRegex": false}],
            "startsAt": from, "endsAt": to, "createdBy": "test", "comment": "an import",
        })
    };
    let never = "0001-01-01T00:00:00.000Z";
    let invalid = amtool.file("invalid.json", &json!([silence("test", never, never)]).to_string());
    assert_eq!(refused(amtool, &invalid), 1);

    let (now, later) = (in_seconds(0), in_seconds(4 * 3600));
    let mixed = json!([
        silence("test1", &now, &later),
        silence("test2", &later, &now),
        silence("test3", &now, &later),
        silence("test4", &later, &now),
        silence("test5", &now, &later),
    ]);
    let mixed = amtool.file("mixed.json", &mixed.to_string());
    assert_eq!(refused(amtool, &mixed), 2);
    assert_eq!(field(&amtool.json("silence query"), "/matchers/0/value"), ["test1", "test3", "test5"]);
}

/// How many silences of a file were refused. Whether the tool ends with an error is not asked: that of 2022 may forget the last ones.
fn refused(amtool: &Amtool, file: &std::path::Path) -> usize {
    let ran = amtool.run(&format!("silence import {}", shown(file)));
    let refused = ran.errors.lines().filter(|line| line.contains("Error adding silence")).collect::<Vec<_>>();
    assert!(refused.iter().all(|line| line.contains("start time must be before end time")), "{refused:?}");
    refused.len()
}
