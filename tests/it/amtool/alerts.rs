//! `amtool alert`.
//!
//! Deliberately unknown here: which program answers.

use super::{Amtool, field};
use crate::support::wait_for;

/// The first word is the alert's name where it is no pair.
pub fn adds_and_finds(amtool: &Amtool) {
    amtool.works("alert add test1 severity=warning --annotation=summary=first --generator-url=http://rules.example/1");
    amtool.works("alert add alertname=test2 severity=info");
    let all = wait_for("both alerts", || Some(amtool.json("alert query")).filter(|all| all.len() == 2));
    assert_eq!(field(&all, "/labels/alertname"), ["test1", "test2"]);
    let simple = amtool.works("alert query");
    assert!(simple.starts_with("Alertname") && simple.contains("Starts At") && simple.contains("Summary"), "{simple}");
    assert_eq!(simple.lines().count(), 3, "{simple}");
    for (query, severity) in [("test1", "warning"), ("alertname=test2", "info"), ("severity=~warn.*", "warning")] {
        let found = amtool.json(&format!("alert query {query}"));
        assert_eq!(field(&found, "/labels/severity"), [severity], "{query}");
    }
    let first = &amtool.json("alert query test1")[0];
    assert_eq!(first["annotations"]["summary"], "first");
    assert_eq!(first["generatorURL"], "http://rules.example/1");
    let extended = amtool.works("alert query test1 -o extended");
    assert!(extended.contains(r#"severity="warning""#) && extended.contains("http://rules.example/1"), "{extended}");
}

/// By receiver and by state.
pub fn filters(amtool: &Amtool) {
    amtool.works("alert add loud team=db");
    amtool.works("alert add quiet team=web");
    amtool.works("silence add --comment=quiet alertname=quiet");
    wait_for("both alerts", || (amtool.json("alert query --active --silenced").len() == 2).then_some(()));
    let names = |query: &str| field(&amtool.json(query), "/labels/alertname");
    wait_for("the state of both", || (names("alert query --active") == ["loud"]).then_some(()));
    assert_eq!(names("alert query --silenced"), ["quiet"]);
    assert_eq!(names("alert query --active --silenced --receiver=databases"), ["loud"]);
    assert!(names("alert query --inhibited").is_empty());
    assert_eq!(names("alert query --silenced team=web"), ["quiet"]);
}
