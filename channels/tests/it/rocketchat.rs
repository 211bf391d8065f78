//! Rocket.Chat's requests, steps and failures.

use std::time::Duration;

use alerts::{
    message::{Message, Receipt},
    ports::{LatePictures, SendErrorKind},
};
use channels::Globals;
use serde_json::{Value, json};

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{firing, grouped, hostile, picture, replace_bytes, resolved, with_pictures},
    setup::{Setup, receiver, shown},
};

/// What Rocket.Chat answers when all is well.
fn answer(request: &Recorded) -> Reply {
    let vendor = receiver("[[rocketchat_configs]]").integrations()[0].3.vendor();
    Reply::of(vendor, &format!("http://{}", request.header("host").unwrap()), request)
}

fn toml(base: &str, more: &str) -> String {
    format!(
        "[[rocketchat_configs]]\napi_url = '{base}/chat'\ntoken = 'my-token-secret'\ntoken_id = 'my-user-secret'\nchannel = '#alerts'\n{more}"
    )
}

const UPDATE: &str = "message_strategy = 'update'";
const THREAD: &str = "message_strategy = 'thread'";

/// Every key that Alertmanager has for the looks of a message.
const LOOKS: &str = r##"color = '#ff0000'
emoji = ':fire:'
icon_url = 'https://icons.example.org/{{ .Status }}.png'
image_url = 'https://images.example.org/a.png?x=1&y=2'
thumb_url = 'https://images.example.org/t.png'
link_names = true
short_fields = true
fields = [{ title = 'Team', value = '{{ .GroupLabels.alertname }}' }, { title = 'Long', value = 'yes', short = false }]
actions = [
  { type = 'button', text = 'Runbook', url = 'https://runbooks.example.org/{{ .Status }}?a=1&b=2' },
  { text = 'Ack', msg = 'ack {{ .GroupLabels.alertname }}', msg_in_chat_window = true, msg_processing_type = 'sendMessage' },
]
"##;

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
    let linked_updates = "message_strategy = 'update'\nimages = 'link'";
    let strange =
        "<!channel> @all \"a\" <http://evil|x> [x](http://evil) &amp; \u{202E}txt *b* `c` d_e_f\r\n# new line";
    let cases = [
        ("firing", "", vec![firing()]),
        ("pictures", "", vec![with_pictures(grouped(), 2)]),
        ("too_many", "max_images = 2", vec![with_pictures(grouped(), 4)]),
        ("linked", "images = 'link'", vec![with_pictures(grouped(), 2)]),
        ("no_pictures_wanted", "images = 'none'", vec![with_pictures(resolved(), 1)]),
        ("every_key", LOOKS, vec![firing()]),
        ("hostile", "", vec![hostile(strange)]),
        ("hostile_update", UPDATE, vec![hostile(strange)]),
        ("update", UPDATE, story()),
        ("update_linked", linked_updates, vec![firing(), with_pictures(grouped(), 2)]),
        ("thread", THREAD, story()),
    ];
    for (name, more, messages) in cases {
        let server = HttpServer::start(answer).await;
        for receipt in sent(&server, more, &messages).await {
            assert_eq!(receipt.degraded, None, "{name}");
        }
        golden::check(&format!("rocketchat/{name}.txt"), &golden::requests(&server.requests(), &server.base));
    }
}

#[tokio::test]
async fn late_pictures_stand_in_the_thread() {
    for (more, expected) in [("", 2), ("images = 'link'", 1), (THREAD, 2)] {
        let server = HttpServer::start(answer).await;
        let channel = Setup::default().channel(&toml(&server.base, more));
        assert_eq!(channel.limits().pictures.late, LatePictures::Add);
        let old = Receipt { message: json!({"id": "reply", "room": "room", "root": "root"}), ..Receipt::default() };
        channel.add_pictures(&old, &[picture("late", &firing().alerts[0])]).await.unwrap();
        assert_eq!(server.requests().len(), expected);
        assert_eq!(server.requests().last().unwrap().json()["tmid"], "root");
    }
}

fn no(error: &str) -> Reply {
    Reply::json(&json!({"success": false, "error": format!("no [{error}]"), "errorType": error}))
}

#[tokio::test]
async fn what_is_gone_is_posted_anew() {
    let old = Receipt { message: json!({"id": "old", "room": "room"}), ..Receipt::default() };
    for (more, path) in [(UPDATE, "/chat/api/v1/chat.update"), (THREAD, "/chat/api/v1/chat.postMessage")] {
        for reply in
            [no("error-action-not-allowed"), Reply::status(400, r#"{"success":false,"error":"No message found"}"#)]
        {
            let refusing = move |request: &Recorded| match request.json().to_string().contains("\"old\"") {
                true => reply.clone(),
                false => answer(request),
            };
            let server = HttpServer::start(refusing).await;
            let receipt =
                Setup::default().channel(&toml(&server.base, more)).send(&grouped(), Some(&old)).await.unwrap();
            assert_eq!(server.paths(), [path, "/chat/api/v1/chat.postMessage"]);
            assert_eq!((receipt.degraded, &receipt.message["id"]), (None, &json!("vzGBzSwy6jJQDwtZe")));
            assert!(receipt.message.get("root").is_none());
        }
    }
}

#[tokio::test]
async fn failed_edits_are_failures() {
    let old = Receipt { message: json!({"id": "old", "room": "room"}), ..Receipt::default() };
    for (status, kind) in [(401, SendErrorKind::Unauthorised), (502, SendErrorKind::Retry)] {
        let server = HttpServer::start(move |_| Reply::status(status, "no")).await;
        let channel = Setup::default().channel(&toml(&server.base, UPDATE));
        assert_eq!(channel.send(&grouped(), Some(&old)).await.unwrap_err().kind, kind);
        assert_eq!(server.requests().len(), 1, "nothing is posted twice");
    }
}

#[tokio::test]
async fn pictures_that_fail_repeat_nothing_that_is_shown() {
    // an upload that fails has shown nothing yet
    let failing = |at: &'static str, count: usize| {
        let seen = std::sync::atomic::AtomicUsize::new(0);
        move |request: &Recorded| {
            let now = request.path.contains(at) && seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == count;
            if now { Reply::status(500, "broken") } else { answer(request) }
        }
    };
    for (at, count, fails) in
        [("rooms.media/", 1, true), ("rooms.mediaConfirm/", 0, true), ("rooms.mediaConfirm/", 1, false)]
    {
        let server = HttpServer::start(failing(at, count)).await;
        let channel = Setup::default().channel(&toml(&server.base, ""));
        let message = with_pictures(grouped(), 2);
        let receipt = channel.send(&message, None).await.unwrap();
        assert!(receipt.pictures_due);
        let added = channel.add_pictures(&receipt, &message.pictures).await;
        match added {
            Err(error) => assert!(fails && error.kind == SendErrorKind::Retry, "{at} {count}"),
            Ok(added) => assert!(!fails && added.degraded.unwrap().contains("1 of 2 pictures are missing")),
        }
    }
}

#[tokio::test]
async fn refused_pictures_do_not_cost_the_message() {
    let answers = |r: &Recorded| match r.json().to_string().contains("image_url") {
        true => no("error-something"),
        false => answer(r),
    };
    let server = HttpServer::start(answers).await;
    let channel = Setup::default().channel(&toml(&server.base, "images = 'link'"));
    let receipt = channel.send(&with_pictures(firing(), 2), None).await.unwrap();
    assert!(receipt.degraded.unwrap().contains("without pictures"));
    assert!(server.requests()[1].json().to_string().contains("[2 more pictures]"));
}

#[tokio::test]
async fn a_large_picture_is_made_smaller() {
    let server = HttpServer::start(answer).await;
    let mut message = with_pictures(firing(), 1);
    replace_bytes(&mut message.pictures[0], 12_000, 24);
    sent(&server, "", &[message]).await;
    let upload = server.requests().into_iter().find(|r| r.path.contains("rooms.media/")).unwrap();
    let at = upload.body.windows(8).position(|window| window == b"\x89PNG\r\n\x1a\n").unwrap();
    let png = png::Decoder::new(std::io::Cursor::new(&upload.body[at..])).read_info().unwrap();
    assert_eq!(png.info().size(), (10_000, 20));
}

#[tokio::test]
async fn failures_have_classes_and_no_secrets() {
    use SendErrorKind::*;
    let slow_down = "Error, too many requests. [error-too-many-requests]";
    let dated =
        |reply: Reply| reply.with("date", "Tue, 14 Nov 2023 22:13:20 GMT").with("x-ratelimit-reset", "1700000042000");
    let cases = [
        (no("invalid-channel"), Unauthorised),
        (no("error-message-size-exceeded"), Rejected),
        (no("error-something my-token-secret my-user-secret"), Rejected),
        (Reply::json(&json!({"success": false})), Rejected),
        (Reply::status(400, r#"{"success":false,"error":"[invalid-channel]"}"#), Unauthorised),
        (Reply::status(401, r#"{"status":"error","message":"You must be logged in to do this."}"#), Unauthorised),
        (dated(Reply::status(429, slow_down)), RetryAfter(Duration::from_secs(42))),
        (Reply::status(429, slow_down), RetryAfter(Duration::from_secs(30))),
        (dated(no("error-too-many-requests")), RetryAfter(Duration::from_secs(42))),
        (Reply::status(503, "down"), Retry),
        (Reply::status(200, "<html>my-token-secret</html>"), Retry),
        (Reply::json(&json!({"hello": true})), Retry),
        (Reply::json(&json!({"success": true})), Rejected),
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
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "file-secret\n").unwrap();
    let globals = format!(
        "rocketchat_api_url = '{}'\nrocketchat_token = 'g-secret'\nrocketchat_token_id_file = '{}'",
        server.base,
        file.path().display()
    );
    let globals: Globals = toml::from_str(&globals).unwrap();
    let channel = Setup { globals, ..Setup::default() }.channel("[[rocketchat_configs]]\nchannel = '@me'");
    channel.send(&firing(), None).await.unwrap();
    let request = server.requests().remove(0);
    assert_eq!((request.header("x-auth-token"), request.header("x-user-id")), (Some("g-secret"), Some("file-secret")));
    assert_eq!(request.json()["channel"], "@me");
}

#[test]
fn keys_that_contradict_each_other_are_refused() {
    let check = |toml: &str, expected: &[&str]| {
        let expected: Vec<_> = expected.iter().map(|e| format!("receivers[0].rocketchat_configs[0].{e}")).collect();
        assert_eq!(Setup::default().problems(toml), expected, "{toml}");
    };
    check(
        "[[rocketchat_configs]]",
        &[
            "token: is missing, and there is no global.rocketchat_token either",
            "token_id: is missing, and there is no global.rocketchat_token_id either",
            "channel: is missing",
        ],
    );
    check(&toml("https://x", "token_file = 'x'"), &["token: only one of token and token_file may be given"]);
    check(
        &toml("https://x", "message_strategy = 'update'\nactions = [{ text = 'x' }]"),
        &["actions: cannot be used with message_strategy = \"update\": only texts can be edited"],
    );
    check(&toml("https://x", "fields = [{ title = 'x' }]"), &["fields[0].value: is missing"]);
}

/// What holds for every message: a server's lengths, and no value that begins a mention or a link.
pub fn check(request: &Recorded) {
    if request.header("content-type").is_some_and(|kind| kind.starts_with("multipart/")) {
        return;
    }
    let json = request.json();
    let long = |value: &Value| value.as_str().map_or(0, |text| text.encode_utf16().count());
    assert!(long(&json["text"]) <= 5_000);
    for one in json["attachments"].as_array().into_iter().flatten() {
        assert!(long(&one["text"]) <= 5_000 && one["title"].as_str().map_or(0, |title| title.chars().count()) <= 1_024);
    }
    let text = json.to_string();
    assert!(!text.contains("<!") && !text.contains("<@") && !text.contains("<http") && !text.contains("@U1"), "{text}");
    assert!(!text.contains("](http://evil"), "{text}");
}
