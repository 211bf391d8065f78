//! Telegram, held against a Bot API server that others have written: what it understands, and that an open message is rewritten.

use std::time::Duration;

use serde_json::json;

use crate::support::{
    alerts::{QUICK, alert, config, in_seconds, with_rule},
    http_server::{HttpServer, Reply},
    peers,
    picture::{self, Picture},
    server::Server,
    source::{Mood, Source},
    telegram::{BotApi, CHAT, TOKEN},
    wait_for,
};

#[test]
fn an_open_message_is_rewritten_until_all_is_resolved() {
    let Some(peer) = peers::telegram_test_api() else { return };
    let telegram = BotApi::start(&peer);
    let receiver = telegram.config("message_strategy = \"update\"\nimages = \"none\"");
    let server = Server::start(&config("", QUICK, &[receiver]));
    let mut first = alert("DiskFull", "db-1");
    first["annotations"]["summary"] = json!("fuller & <b>fuller</b>");
    server.alerts(&json!([first]));
    let sent = telegram.wait_for("[FIRING:1] DiskFull").remove(0);
    assert_eq!((&sent["chat_id"], &sent["parse_mode"]), (&json!(CHAT), &json!("HTML")));
    assert_eq!(sent["link_preview_options"], json!({"is_disabled": true}));
    let text = sent["text"].as_str().expect("a text");
    assert!(text.contains("<b>fuller &amp; &lt;b&gt;fuller&lt;/b&gt;</b>"), "{text}");

    server.alerts(&json!([alert("DiskFull", "db-2")]));
    let messages = telegram.wait_for("[FIRING:2] DiskFull");
    assert_eq!(messages.len(), 1, "rewritten, not sent anew: {messages:?}");

    for instance in ["db-1", "db-2"] {
        let mut over = alert("DiskFull", instance);
        over["endsAt"] = in_seconds(-1).into();
        over["startsAt"] = in_seconds(-60).into();
        server.alerts(&json!([over]));
    }
    let messages = telegram.wait_for("[RESOLVED] DiskFull");
    assert_eq!(messages.len(), 1, "{messages:?}");

    // what fires again is a conversation of its own
    server.alerts(&json!([alert("DiskFull", "db-3")]));
    let messages = telegram.wait_for("db-3");
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[0]["text"].as_str().expect("a text").contains("[RESOLVED]"));
}

/// The other server knows no pictures, so this one is the tests' own.
#[test]
fn a_drawn_picture_stands_above_its_text() {
    let source = Source::start(Mood::Well { series: 3, after: Duration::ZERO });
    let telegram = HttpServer::start(|_| {
        Reply::json(&json!({"ok": true, "result": {"message_id": 7, "chat": {"id": CHAT, "type": "private"}}}))
    });
    let receiver = format!(
        "[[receivers.telegram_configs]]\napi_url = \"{}\"\nbot_token = \"{TOKEN}\"\nchat_id = {CHAT}\n",
        telegram.base()
    );
    let sections =
        format!("{}[screenshots]\nwidth = 640\nheight = 320\nimage_wait = \"20s\"\n", source.config("prometheus"));
    let server = Server::start(&config(&sections, QUICK, &[receiver]));
    server.alerts(&json!([with_rule(alert("DiskFull", "db-1"), &source.generator_url("disk_used_percent > 80"))]));
    let request = wait_for("the message", || telegram.requests().into_iter().next());
    assert_eq!(request.path, format!("/bot{TOKEN}/sendPhoto"));
    let begin = find(&request.body, b"\x89PNG").expect("a picture");
    let caption = String::from_utf8_lossy(&request.body[..begin]);
    assert!(caption.contains("[FIRING:1] DiskFull") && caption.contains("attach://photo0"), "{caption}");
    let end = find(&request.body, b"IEND").expect("the picture's end") + 8;
    let drawn = Picture::decode(&request.body[begin..end]);
    assert_eq!((drawn.width, drawn.height), (640, 320));
    assert!(drawn.count(picture::CURVE) >= 100, "no curve");
    assert!(!server.log().contains(TOKEN), "the log has the token");
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
