//! Taking over from Debian's Alertmanager: it runs, is told to end, and the server starts on the folder and the file that it left.
//!
//! Deliberately unknown here: what Alertmanager's files look like.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    acceptance::program::{Kind, Program},
    support::{
        alerts::{alert, in_seconds},
        pause, peers, wait_for,
        webhook::Webhook,
    },
};

/// `route` is what the route says beside its receiver.
fn config(webhook: &Webhook) -> String {
    format!(
        "route:\n  receiver: team\n  group_by: [alertname]\n  group_wait: 1s\n  group_interval: 1s\n  repeat_interval: 4h\n\
         \x20 routes:\n  - receiver: web\n    matchers: [team=web]\n    group_by: [alertname, instance]\n\
         receivers:\n- name: team\n  webhook_configs:\n  - url: {0}\n\
         - name: web\n  webhook_configs:\n  - url: {0}\n",
        webhook.url()
    )
}

fn silence(name: &str, from: i64, to: i64) -> Value {
    json!({
        "matchers": [{"name": "alertname", "value": name, "isRegex": true, "isEqual": true}],
        "startsAt": in_seconds(from), "endsAt": in_seconds(to), "createdBy": "ops", "comment": format!("about {name}"),
    })
}

/// The silences that are not over: their ids, texts and states.
fn silences(program: &Program) -> Vec<(String, String, String)> {
    let listed = program.json("/api/v2/silences");
    let text = |one: &Value, pointer: &str| one.pointer(pointer).and_then(Value::as_str).expect(pointer).to_owned();
    let mut all: Vec<_> = listed
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (text(one, "/id"), text(one, "/comment"), text(one, "/status/state")))
        .collect();
    all.sort();
    all
}

#[test]
fn the_silences_are_there_and_nothing_is_announced_again_and_the_end_is_told() {
    if peers::alertmanager().is_none() {
        return;
    }
    let mut webhook = Webhook::without_keys();
    webhook.up();
    let web = |name: &str| {
        let mut web = alert(name, "web-1");
        web["labels"]["team"] = "web".into();
        web
    };
    let (full, down, web, muted) =
        (alert("DiskFull", "db-1"), alert("NodeDown", "db-1"), web("SiteSlow"), alert("Known", "db-1"));
    let firing = json!([full, down, web, muted]);

    let before = Program::start(Kind::Debian, &config(&webhook), &[]);
    before.silence(&silence("Known|Other", 0, 3600));
    before.silence(&silence("Later", 1800, 3600));
    let expired = before.silence(&silence("Over", 0, 3600));
    before.expire(&expired);
    before.alerts(&firing);
    webhook.wait_for(3);
    let kept = silences(&before);
    assert_eq!(kept.len(), 3, "{kept:?}");
    let folder = before.into_folder();

    let mut after = Program::start_in(Kind::Wirephoto, folder, &config(&webhook), &[]);
    assert_eq!(silences(&after), kept, "silences vanished or changed");
    // the senders repeat what fires, over several group intervals
    for _ in 0..4 {
        after.alerts(&firing);
        pause(Duration::from_secs(1));
    }
    assert_eq!(webhook.taken().len(), 3, "announced again: {:#?}", webhook.taken());

    for (mut ended, number) in [(full, 4), (web, 5)] {
        ended["endsAt"] = in_seconds(0).into();
        after.alerts(&json!([ended]));
        let told = webhook.wait_for(number);
        let last = told.last().expect("it came");
        assert_eq!(
            (last.status(), last.values("alertname")),
            ("resolved", vec![ended["labels"]["alertname"].as_str().expect("a name")])
        );
    }

    // taken over once: what is changed here stays so at the next start
    let known = kept.iter().find(|(_, comment, _)| comment.contains("Known")).expect("the silence");
    after.expire(&known.0);
    after.kill();
    after.restart();
    let state = |id: &str| silences(&after).into_iter().find(|(other, ..)| other == id).map(|(.., state)| state);
    assert_eq!(state(&known.0).as_deref(), Some("expired"), "the old files were read again");
    let told = wait_for("the alert that is no longer silenced", || {
        after.alerts(&json!([muted]));
        let taken = webhook.taken();
        (taken.len() > 5).then_some(taken)
    });
    assert_eq!(told[5].values("alertname"), ["Known"]);
    assert_eq!(told.len(), 6);
}
