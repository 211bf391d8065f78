//! Signed links to pictures: what they open, what they do not, and the listener that serves nothing else.

use std::time::Duration;

use serde_json::json;

use crate::support::{
    alerts::{QUICK, alert, config, with_rule},
    client,
    server::{Server, listening},
    source::{Mood, Source},
    webhook::Webhook,
};

/// A server with a listener for pictures, and a link to a picture that it has sent.
fn with_picture() -> (Server, String, (Webhook, Source)) {
    let (webhook, source) = (Webhook::start(), Source::start(Mood::Well { series: 1, after: Duration::ZERO }));
    let sections = format!(
        "[server]\nimages_listen = \"127.0.0.1:0\"\n{}[screenshots]\nimage_wait = \"20s\"\n",
        source.config("prometheus")
    );
    let server = Server::start(&config(&sections, QUICK, &[webhook.config()]));
    server.alerts(&json!([with_rule(alert("DiskFull", "db-1"), &source.generator_url("disk_used_percent > 80"))]));
    let told = webhook.wait_for(1).remove(0);
    let link = told.images()[0]["url"].as_str().expect("a link").to_owned();
    (server, link, (webhook, source))
}

#[test]
fn links_open_their_picture_and_nothing_else() {
    let (server, link, _peers) = with_picture();
    let answer = client::get(&link);
    assert_eq!((answer.status, answer.content_type.as_str()), (200, "image/png"));
    let mut url = url::Url::parse(&link).expect("a URL");
    let parameter =
        |name: &str| url.query_pairs().find(|(other, _)| other == name).expect("a parameter").1.into_owned();
    let (end, signature) = (parameter("e"), parameter("s"));
    let mut check = |end: &str, signature: &str, words: &str| {
        url.query_pairs_mut().clear().append_pair("e", end).append_pair("s", signature);
        let answer = client::get(url.as_str());
        assert_eq!(answer.status, 403, "{url}");
        assert!(answer.text().contains(words), "{}", answer.text());
        assert_ne!(answer.content_type, "image/png");
    };
    let later = (end.parse::<i64>().expect("a number") + 60).to_string();
    check(&later, &signature, "not valid");
    check(&end, "", "not valid");
    check(&end, &signature.chars().rev().collect::<String>(), "not valid");
    check("", "", "not valid");
    let other = server.get("/images/aaaaaaaaaaaaaaaaaaaa.png?e=99999999999&s=x");
    assert_eq!(other.status, 403);
    assert_ne!(server.get("/images/..%2f..%2fwirephoto.db").status, 200);
    assert_ne!(server.get("/images/").status, 200, "there is no list");
}

#[test]
fn links_end() {
    // An end that has passed can only be signed with the server's own key, which the test reads from its directory.
    let (mut server, link, _peers) = with_picture();
    let expired = server.signed_link(&link, 1_000_000_000);
    let answer = client::get(&expired);
    assert_eq!((answer.status, answer.text().contains("has expired")), (403, true), "{}", answer.text());
    let renewed = server.signed_link(&link, 99_999_999_999);
    assert_eq!(client::get(&renewed).status, 200, "the test does sign as the server does");
    server.terminate(Duration::from_secs(30));
    server.restart();
    let (old, new) = (url::Url::parse(&renewed).expect("a URL"), url::Url::parse(&server.base).expect("a URL"));
    let moved = renewed.replace(old.authority(), new.authority());
    assert_eq!(client::get(&moved).status, 200, "links outlive a restart");
}

#[test]
fn the_listener_for_pictures_serves_nothing_else() {
    let (server, link, _peers) = with_picture();
    let address = listening(&server.log(), "images").expect("the address of the pictures' listener");
    let path = link.split_once("/images/").expect("a link to a picture").1;
    let answer = client::get(&format!("http://{address}/images/{path}"));
    assert_eq!((answer.status, answer.content_type.as_str()), (200, "image/png"));
    for path in ["/", "/inbox", "/alerts", "/metrics", "/-/ready", "/api/v2/alerts", "/events", "/images/"] {
        assert_eq!(client::get(&format!("http://{address}{path}")).status, 404, "{path}");
    }
    assert_ne!(client::post(&format!("http://{address}/api/v2/alerts"), "[]").status, 200);
}
