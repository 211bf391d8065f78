//! What was told, to whom, how often it was tried: listed, and a dead letter sent again.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    alerts::{QUICK, alert, config},
    client,
    http_server::Reply,
    pause,
    server::Server,
    wait_for,
    webhook::Webhook,
};

fn listed(server: &Server, query: &str) -> Vec<Value> {
    let answer = server.get(&format!("/wirephoto/v1/notifications?{query}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["notifications"].as_array().expect("a list").clone()
}

fn wait_for_listed(server: &Server, query: &str, count: usize) -> Vec<Value> {
    wait_for(&format!("{count} notifications of {query}"), || {
        let listed = listed(server, query);
        (listed.len() >= count).then_some(listed)
    })
}

fn resend(server: &Server, id: &Value) -> client::Answer {
    client::post(&server.url(&format!("/wirephoto/v1/notifications/{id}/resend")), "")
}

#[test]
fn a_dead_letter_is_listed_with_its_reason_and_sent_again() {
    let mut webhook = Webhook::scripted([Reply::text(503, "later"), Reply::text(400, "never heard of it")]);
    webhook.up();
    let mut server = Server::start(&config("", QUICK, &[webhook.config()]));
    server.alerts(&json!([alert("DiskFull", "db-1")]));
    let dead = wait_for_listed(&server, "state=dead_letter", 1).remove(0);
    assert_eq!((&dead["attempts"], &dead["givenUpBecause"]), (&json!(2), &json!("rejected")));
    assert!(dead["error"].as_str().is_some_and(|error| error.contains("400")), "{dead}");
    assert_eq!(dead["alerts"][0]["labels"]["instance"], "db-1");
    assert!(server.metric("wirephoto_deliveries_total", &["outcome=\"rejected\""]) >= 1.0, "dead letters are counted");

    server.kill();
    server.restart();
    assert_eq!(listed(&server, "state=dead_letter")[0]["id"], dead["id"], "the history survives");
    let answer = resend(&server, &dead["id"]);
    let told = webhook.wait_for(1);
    assert_eq!(told[0].values("instance"), ["db-1"]);
    if answer.status == 200 {
        let again = &answer.json()["id"];
        let sent = wait_for_listed(&server, "state=sent", 1);
        assert_eq!((&sent[0]["id"], &sent[0]["attempts"]), (again, &json!(1)));
    } else {
        assert_eq!(answer.status, 409, "the group itself was faster: {}", answer.text());
    }
    let sent = wait_for_listed(&server, "state=sent&alert=DiskFull", 1).remove(0);
    let refused = resend(&server, &sent["id"]);
    assert_eq!((refused.status, refused.json()["error"].as_str()), (409, Some("This notification was sent.")));
    assert_eq!(resend(&server, &json!(987_654)).status, 404);
    pause(Duration::from_secs(3));
    assert_eq!(webhook.taken().len(), 1, "told once");
}
