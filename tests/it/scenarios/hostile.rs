//! Hostile and broken input: a 4xx that says what is wrong and where, and a server that goes on.

use serde_json::json;

use crate::support::{
    alerts::{QUICK, alert, config},
    client,
    server::Server,
    webhook::Webhook,
};

#[test]
fn bad_bodies_are_told_what_is_wrong_and_where() {
    let server = Server::start("");
    let check = |path: &str, body: &str, status: u16, words: &[&str]| {
        let answer = client::post(&server.url(path), body.to_owned());
        assert_eq!(answer.status, status, "{path} {body:.80}: {}", answer.text());
        for word in words {
            assert!(answer.text().contains(word), "{path} {body:.80}: no {word:?} in {}", answer.text());
        }
    };
    let deep = "[".repeat(200_000);
    let huge = format!("[{{\"labels\":{{\"a\":\"{}\"}}}}]", "x".repeat(9 << 20));
    let v2 = "/api/v2/alerts";
    check(v2, "", 422, &["required"]);
    check(v2, "{", 400, &["line 1 column 1"]);
    check(v2, "{}", 400, &["line 1"]);
    check(v2, "[{\"labels\": 5}]", 400, &["line 1 column"]);
    check(v2, "[{\"annotations\": {}}]", 422, &["0.labels"]);
    check(v2, "[{\"labels\": {\"a\": \"b\"}, \"startsAt\": \"yesterday\"}]", 400, &["yesterday"]);
    check(v2, "[{\"labels\": {\"a\": \"b\"}, \"generatorURL\": \"not a url\"}]", 422, &["0.generatorURL"]);
    check(v2, &deep, 400, &["line 1"]);
    check(v2, &huge, 413, &["8388608"]);
    check("/events", "{\"labels\": {}, \"sttus\": \"firing\"}", 400, &["event 0", "sttus"]);
    check("/events", "[{\"labels\": {\"alertname\": \"A\"}}, 5]", 400, &["event 1"]);
    check("/events", &deep, 400, &["event"]);
    assert_eq!(server.listed().len(), 0, "nothing of it was taken");
    assert!(server.is_ready());
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[test]
fn the_valid_alerts_of_a_mixed_batch_are_kept() {
    let webhook = Webhook::start();
    let server = Server::start(&config("", QUICK, &[webhook.config()]));
    let hostile = "</p><script>alert(1)</script> {{ .Labels }} \u{202e} \u{0}";
    let bad_name = json!({"labels": {"alertname": "B", "a\u{0}b": ""}, "startsAt": "2020-01-01T00:00:00Z", "endsAt": "2019-01-01T00:00:00Z"});
    let answer = server.post_alerts(&json!([alert("Good", "db-1"), {"labels": {}}, bad_name, alert("Good", hostile)]));
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(answer.text().contains("at least one label pair required"), "{}", answer.text());
    assert!(answer.text().contains("start time must be before end time"), "{}", answer.text());
    let told = webhook.wait_for(1);
    assert_eq!(told[0].values("instance").len(), 2, "the valid ones are told");
    assert!(told[0].values("instance").contains(&hostile), "{:?}", told[0].values("instance"));
    assert_eq!(server.metric("alertmanager_alerts_invalid_total", &["v2"]), 2.0);
    for page in ["/", "/alerts", "/inbox"] {
        let answer = server.get(page);
        assert_eq!(answer.status, 200, "{page}");
        assert!(!answer.text().contains("<script>alert"), "{page} carries what a sender wrote");
    }
}
