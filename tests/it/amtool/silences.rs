//! `amtool silence`.
//!
//! Deliberately unknown here: which program answers.

use super::{Amtool, field};

pub fn adds_and_finds(amtool: &Amtool) {
    let first = amtool.works("silence add --comment=one --author=ops --duration=2h test1 severity=warn");
    amtool.works("silence add --comment=two alertname=test2 severity=~warn|info zone!=a");
    assert_eq!(first.trim().len(), 36, "an id: {first}");
    let all = amtool.json("silence query");
    assert_eq!(field(&all, "/comment"), ["one", "two"]);
    let simple = amtool.works("silence query");
    for column in ["ID", "Matchers", "Ends At", "Created By", "Comment"] {
        assert!(simple.lines().next().is_some_and(|head| head.contains(column)), "{simple}");
    }
    assert!(simple.contains(r#"alertname="test1" severity="warn""#), "{simple}");
    assert!(simple.contains(r#"alertname="test2" severity=~"warn|info" zone!="a""#), "{simple}");
    let found = amtool.json("silence query test1");
    assert_eq!(
        (field(&found, "/id"), field(&found, "/createdBy")),
        (vec![first.trim().to_owned()], vec!["ops".to_owned()])
    );
    assert_eq!(amtool.works("silence query -q test1"), first);
    amtool.fails("silence add alertname=a", "comment required");
}

pub fn updates_and_expires(amtool: &Amtool) {
    let id = amtool.works("silence add --comment=before --duration=1h alertname=a");
    let id = id.trim();
    let ends =
        |id: &str| field(&amtool.json("silence query"), "/endsAt").pop().unwrap_or_else(|| panic!("{id} is gone"));
    let before = ends(id);
    amtool.works(&format!("silence update --comment=after --duration=5h {id}"));
    let all = amtool.json("silence query");
    assert_eq!((field(&all, "/comment"), field(&all, "/id")), (vec!["after".to_owned()], vec![id.to_owned()]));
    assert!(ends(id) > before, "the end moved");

    amtool.works(&format!("silence expire {id}"));
    assert!(amtool.json("silence query").is_empty());
    let expired = amtool.json("silence query --expired --within=1h");
    assert_eq!(
        (field(&expired, "/id"), field(&expired, "/status/state")),
        (vec![id.to_owned()], vec!["expired".to_owned()])
    );
    let unknown = amtool.run("silence expire 00000000-0000-4000-8000-000000000000");
    assert!(!unknown.works, "an unknown silence cannot be expired: {}", unknown.output);
}
