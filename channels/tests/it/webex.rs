//! Webex's requests, steps and failures.

use std::time::Duration;

use alerts::{
    message::{Message, Receipt},
    ports::{LatePictures, SendErrorKind},
};
use channels::Globals;
use serde_json::json;

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{firing, grouped, hostile, picture, replace_bytes, resolved, with_pictures},
    setup::{Setup, receiver, shown},
};

/// What Webex answers when all is well.
fn answer(request: &Recorded) -> Reply {
    let vendor = receiver("[[webex_configs]]").integrations()[0].3.vendor();
    Reply::of(vendor, &format!("http://{}", request.header("host").unwrap()), request)
}

fn toml(base: &str, more: &str) -> String {
    format!(
        "[[webex_configs]]\napi_url = '{base}/v1/messages'\nroom_id = 'room1'\nhttp_config.authorization.credentials = 'my-token-secret'\n{more}"
    )
}

const UPDATE: &str = "message_strategy = 'update'";
const THREAD: &str = "message_strategy = 'thread'";

/// Sends the messages one after the other as the machine does: with kept receipts, pictures afterwards.
async fn sent(server: &HttpServer, more: &str, messages: &[Message]) -> Vec<Receipt> {
    let channel = Setup::default().channel(&toml(&server.base, more));
    let mut receipts: Vec<Receipt> = Vec::new();
    for message in messages {
        let kept = receipts.last().map(|last| serde_json::from_str(&serde_json::to_string(last).unwrap()).unwrap());
        let mut receipt = channel.send(message, kept.as_ref()).await.unwrap();
        if receipt.pictures_due {
            receipt = channel.add_pictures(&receipt, &message.pictures).await.unwrap();
        }
        receipts.push(receipt);
    }
    receipts
}

#[tokio::test]
async fn requests_are_as_recorded() {
    let story = || vec![firing(), with_pictures(grouped(), 1), resolved()];
    let strange = "<@all> <@personEmail:a@b.c> \"a\" [x](http://evil) &amp; \u{202E}txt *b* `c` d_e_f\r\n# new line";
    let cases = [
        ("firing", "", vec![firing()]),
        ("pictures", "", vec![with_pictures(grouped(), 2)]),
        ("too_many", "max_images = 2", vec![with_pictures(grouped(), 4)]),
        ("linked", "images = 'link'\nmax_images = 1", vec![with_pictures(grouped(), 2)]),
        ("no_pictures_wanted", "images = 'none'", vec![with_pictures(resolved(), 1)]),
        ("hostile", "", vec![hostile(strange)]),
        ("update", UPDATE, story()),
        ("thread", THREAD, story()),
    ];
    for (name, more, messages) in cases {
        let server = HttpServer::start(answer).await;
        for receipt in sent(&server, more, &messages).await {
            assert_eq!(receipt.degraded, None, "{name}");
        }
        golden::check(&format!("webex/{name}.txt"), &golden::requests(&server.requests(), &server.base));
    }
}

#[tokio::test]
async fn pictures_answer_the_first_message() {
    for more in ["", "images = 'link'", THREAD] {
        let server = HttpServer::start(answer).await;
        let channel = Setup::default().channel(&toml(&server.base, more));
        assert_eq!(channel.limits().pictures.late, LatePictures::Add);
        let old = Receipt { message: json!({"id": "reply", "room": "r", "root": "root"}), ..Receipt::default() };
        channel.add_pictures(&old, &[picture("late", &firing().alerts[0])]).await.unwrap();
        let body = String::from_utf8_lossy(&server.requests()[0].body).into_owned();
        assert!(body.contains("root") && !body.contains("reply"), "a reply cannot be answered: {body}");
    }
}

#[tokio::test]
async fn a_message_is_edited_ten_times() {
    let server = HttpServer::start(answer).await;
    let messages: Vec<Message> = std::iter::repeat_with(grouped).take(13).collect();
    sent(&server, UPDATE, &messages).await;
    let methods: Vec<String> = server.requests().iter().map(|request| request.method.clone()).collect();
    let expected: Vec<&str> = [&["POST"][..], &["PUT"; 10], &["POST"], &["PUT"]].concat();
    assert_eq!(methods, expected);
}

#[tokio::test]
async fn what_is_gone_is_posted_anew() {
    let old = Receipt { message: json!({"id": "old", "room": "room1"}), ..Receipt::default() };
    for (more, method) in [(UPDATE, "PUT"), (THREAD, "POST")] {
        for status in [400, 404] {
            let refusing = move |request: &Recorded| {
                let old = request.path.contains("/old") || request.json()["parentId"] == "old";
                if old { Reply::status(status, "gone") } else { answer(request) }
            };
            let server = HttpServer::start(refusing).await;
            let channel = Setup::default().channel(&toml(&server.base, more));
            let receipt = channel.send(&grouped(), Some(&old)).await.unwrap();
            let methods: Vec<String> = server.requests().iter().map(|request| request.method.clone()).collect();
            assert_eq!(methods, [method, "POST"]);
            assert_ne!(receipt.message["id"], "old");
            assert!(receipt.message.get("root").is_none());
        }
    }
}

#[tokio::test]
async fn pictures_that_fail_repeat_nothing_that_is_shown() {
    for (count, fails) in [(0, true), (1, false)] {
        let seen = std::sync::atomic::AtomicUsize::new(0);
        let failing = move |request: &Recorded| {
            let form = request.header("content-type").unwrap().starts_with("multipart/");
            let now = form && seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == count;
            if now { Reply::status(502, "broken") } else { answer(request) }
        };
        let server = HttpServer::start(failing).await;
        let channel = Setup::default().channel(&toml(&server.base, ""));
        let message = with_pictures(grouped(), 3);
        let receipt = channel.send(&message, None).await.unwrap();
        match channel.add_pictures(&receipt, &message.pictures).await {
            Err(error) => assert!(fails && error.kind == SendErrorKind::Retry),
            Ok(added) => assert!(!fails && added.degraded.unwrap().contains("2 of 3 pictures are missing")),
        }
    }
}

#[tokio::test]
async fn pictures_are_small_enough_to_be_shown() {
    let server = HttpServer::start(answer).await;
    let mut message = with_pictures(firing(), 1);
    replace_bytes(&mut message.pictures[0], 1_000, 600);
    sent(&server, "", &[message]).await;
    let form = server.requests().remove(1);
    assert!(form.body.len() < 1_001_000 && form.body.len() > 100_000, "{}", form.body.len());
}

#[tokio::test]
async fn failures_have_classes_and_no_secrets() {
    use SendErrorKind::*;
    let cases = [
        (Reply::status(401, "bad token my-token-secret"), Unauthorised),
        (Reply::status(404, r#"{"message":"Could not find a room with provided ID."}"#), Unauthorised),
        (Reply::status(400, r#"{"message":"Message length limited to 7439 bytes"}"#), Rejected),
        (Reply::status(429, "").with("retry-after", "12"), RetryAfter(Duration::from_secs(12))),
        (Reply::status(503, "down"), Retry),
        (Reply::status(200, "<html>my-token-secret</html>"), Retry),
    ];
    for (reply, kind) in cases {
        let server = HttpServer::start({
            let reply = reply.clone();
            move |_| reply.clone()
        })
        .await;
        let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
        assert_eq!(error.kind, kind, "{reply:?}: {error}");
        assert!(!shown(&error).contains("-secret"), "{error}");
    }
}

#[tokio::test]
async fn what_is_global_is_the_default() {
    let server = HttpServer::start(answer).await;
    let globals = format!(
        "webex_api_url = '{}/v1/messages'\nhttp_config.authorization.credentials = 'global-secret'",
        server.base
    );
    let globals: Globals = toml::from_str(&globals).unwrap();
    let channel = Setup { globals, ..Setup::default() }.channel("[[webex_configs]]\nroom_id = 'r'");
    channel.send(&firing(), None).await.unwrap();
    assert_eq!(server.requests()[0].header("authorization"), Some("Bearer global-secret"));
}

#[test]
fn what_is_missing_is_said() {
    let problems = Setup::default().problems("[[webex_configs]]");
    let at = |problem: &str| format!("receivers[0].webex_configs[0].{problem}");
    assert_eq!(
        problems,
        [
            at("http_config.authorization: is missing, and there is no global.http_config.authorization either"),
            at("room_id: is missing"),
        ]
    );
}

/// What holds for every message: the length, and no value that begins a mention, a link or HTML.
pub fn check(request: &Recorded) {
    if request.header("content-type").is_some_and(|kind| kind.starts_with("multipart/")) {
        return;
    }
    let json = request.json();
    let text = json["markdown"].as_str().unwrap();
    assert!(text.len() <= 7_439 && !text.trim().is_empty());
    assert!(!text.contains('<') && !text.contains("](http://evil"), "{text}");
}

/// A message whose alerts have all that the default texts tell.
fn told() -> Message {
    let mut message = grouped();
    let more = [("description", "It *is* full"), ("runbook_url", "https://runbooks.example.org/disk_full")];
    message.alerts[1].alert.annotations = [("summary", "Second disk_full")].into_iter().chain(more).collect();
    message
}

#[tokio::test]
async fn default_texts_tell_what_since_when_and_where() {
    let mattermost = "[[mattermost_configs]]\nwebhook_url = 'BASE/hooks/x-secret'".to_owned();
    for (kind, toml) in [("webex", toml("BASE", "")), ("mattermost", mattermost)] {
        let server = HttpServer::start(|request: &Recorded| match request.path.starts_with("/hooks") {
            true => Reply::status(200, "ok"),
            false => answer(request),
        })
        .await;
        let setup = Setup { default_texts: true, ..Setup::default() };
        let receipt = setup.channel(&toml.replace("BASE", &server.base)).send(&told(), None).await.unwrap();
        assert_eq!(receipt.degraded, None);
        let json = server.requests()[0].json();
        let text = json["markdown"].as_str().or_else(|| json["attachments"][0]["text"].as_str()).unwrap();
        golden::check(&format!("{kind}/default_text.txt"), &format!("{text}\n"));
    }
}
