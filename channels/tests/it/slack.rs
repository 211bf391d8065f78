//! Slack's requests, steps and failures, against a server that answers as Slack does.

use std::time::Duration;

use alerts::{
    message::Message,
    ports::{LatePictures, SendErrorKind},
};
use serde_json::{Value, json};

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{PNG, firing, grouped, hostile, picture, replace_bytes, resolved, with_pictures},
    setup::{Setup, shown},
};

/// What Slack answers when all is well.
pub fn answer(request: &Recorded) -> Reply {
    let host = request.header("host").unwrap();
    match request.path.split('?').next().unwrap() {
        "/api/chat.postMessage" | "/api/chat.update" => {
            Reply::json(&json!({"ok": true, "channel": "C024BE91L", "ts": "1700000000.000100"}))
        }
        "/api/reactions.add" => Reply::json(&json!({"ok": true})),
        "/api/files.getUploadURLExternal" => {
            let name = request.path.split("filename=").nth(1).unwrap().split('.').next().unwrap().to_owned();
            Reply::json(
                &json!({"ok": true, "upload_url": format!("http://{host}/upload/{name}"), "file_id": format!("F{name}")}),
            )
        }
        "/api/files.completeUploadExternal" => Reply::json(&json!({"ok": true, "files": []})),
        path if path.starts_with("/upload/") => Reply::status(200, format!("OK - {}", request.body.len())),
        path => Reply::status(404, path.to_owned()),
    }
}

fn toml(base: &str, more: &str) -> String {
    format!("[[slack_configs]]\napi_url = '{base}/api'\napp_token = 'xoxb-token-secret'\nchannel = '#alerts'\n{more}")
}

/// Sends the message and then, as the machine does, its pictures.
async fn sent(server: &HttpServer, more: &str, message: &Message) {
    let channel = Setup::default().channel(&toml(&server.base, more));
    let receipt = channel.send(message, None).await.unwrap();
    if receipt.pictures_due {
        channel.add_pictures(&receipt, &message.pictures).await.unwrap();
    }
}

#[tokio::test]
async fn requests_are_as_recorded() {
    let looks = "username = 'wirephoto'\nicon_emoji = ':camera:'\npretext = '<!here> {{ .Status }}'\nlink_names = true";
    let cases: [(&str, &str, Message); 7] = [
        ("firing", "", firing()),
        ("resolved", looks, resolved()),
        ("one_picture", "", with_pictures(firing(), 1)),
        ("grouped_three_pictures_of_two", "max_images = 2", with_pictures(grouped(), 3)),
        ("linked", "images = 'link'", with_pictures(grouped(), 2)),
        ("no_pictures_wanted", "images = 'none'", with_pictures(firing(), 1)),
        ("hostile", "", hostile("<!channel> \"a\" 'b' <http://evil|x> &amp; \u{202E}txt *b* `c`\r\nnew line")),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(answer).await;
        sent(&server, more, &message).await;
        golden::check(&format!("slack/{name}.txt"), &golden::requests(&server.requests(), &server.base));
    }
}

/// The default text once escaped a second time what the channel had escaped: people read `&lt;`.
#[tokio::test]
async fn the_default_text_escapes_values_once() {
    let server = HttpServer::start(answer).await;
    let setup = Setup { default_texts: true, ..Setup::default() };
    setup.channel(&toml(&server.base, "")).send(&hostile("a<b & c"), None).await.unwrap();
    let text = server.requests()[0].json().to_string();
    assert!(text.contains("a&lt;b &amp; c") && !text.contains("&amp;lt;") && !text.contains("&amp;amp;"), "{text}");
}

#[tokio::test]
async fn pictures_are_completed_once_and_the_text_is_posted_once() {
    let server = HttpServer::start(answer).await;
    sent(&server, "", &with_pictures(firing(), 2)).await;
    let expected = [
        "/api/chat.postMessage",
        "/api/files.getUploadURLExternal",
        "/upload/picture00",
        "/api/files.getUploadURLExternal",
        "/upload/picture01",
        "/api/files.completeUploadExternal",
    ];
    assert_eq!(server.paths(), expected);
    let requests = server.requests();
    assert_eq!(requests[2].header("authorization"), None, "the token goes to the API only");
    assert_eq!(requests[2].body, PNG);
}

#[tokio::test]
async fn late_pictures_go_into_the_thread() {
    for (more, expected) in [("", 3), ("images = 'link'", 1)] {
        let server = HttpServer::start(answer).await;
        let channel = Setup::default().channel(&toml(&server.base, more));
        assert_eq!(channel.limits().pictures.late, LatePictures::Add);
        let message = firing();
        let receipt = channel.send(&message, None).await.unwrap();
        channel.add_pictures(&receipt, &[picture("late", &message.alerts[0])]).await.unwrap();
        let late = server.requests().split_off(1);
        assert_eq!(late.len(), expected);
        assert_eq!(late.last().unwrap().json()["thread_ts"], "1700000000.000100");
    }
}

#[tokio::test]
async fn a_large_picture_is_made_smaller() {
    let server = HttpServer::start(answer).await;
    let mut message = with_pictures(firing(), 1);
    replace_bytes(&mut message.pictures[0], 12_000, 24);
    sent(&server, "", &message).await;
    let upload = server.requests().into_iter().find(|r| r.path.starts_with("/upload")).unwrap();
    let png = png::Decoder::new(std::io::Cursor::new(&upload.body)).read_info().unwrap();
    assert_eq!(png.info().size(), (10_000, 20));
    assert!(server.requests()[1].path.contains(&format!("length={}", upload.body.len())));
}

/// What `send` comes to when Slack answers `chat.postMessage` so.
async fn check_failure(reply: Reply, kind: SendErrorKind, words: &str) {
    let server = HttpServer::start(move |_| reply.clone()).await;
    let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
    assert_eq!(error.kind, kind, "{error}");
    assert!(error.detail.contains(words), "{error}");
    assert!(!shown(&error).contains("token-secret"));
}

fn no(word: &str) -> Reply {
    Reply::json(&json!({"ok": false, "error": word}))
}

#[tokio::test]
async fn failures_have_classes() {
    use SendErrorKind::*;
    let seven = Duration::from_secs(7);
    check_failure(no("invalid_auth"), Unauthorised, "invalid_auth").await;
    check_failure(no("channel_not_found"), Unauthorised, "channel_not_found").await;
    check_failure(
        Reply::json(&json!({"ok": false, "error": "missing_scope", "needed": "chat:write"})),
        Unauthorised,
        "chat:write",
    )
    .await;
    check_failure(no("ratelimited").with("retry-after", "7"), RetryAfter(seven), "ratelimited").await;
    check_failure(Reply::status(429, "").with("retry-after", "7"), RetryAfter(seven), "429").await;
    check_failure(no("internal_error"), Retry, "internal_error").await;
    check_failure(no("no_text"), Rejected, "no_text").await;
    check_failure(Reply::json(&json!({"ok": false})), Rejected, "ok is false").await;
    check_failure(Reply::status(200, "no_service"), Retry, "no_service").await;
    check_failure(Reply::status(200, "<html>proxy xoxb-token-secret</html>"), Retry, "not Slack's answer").await;
    check_failure(Reply::status(200, ""), Retry, "not Slack's answer").await;
    check_failure(Reply::json(&json!({"hello": true})), Retry, "not Slack's answer").await;
    check_failure(Reply::status(502, "bad gateway"), Retry, "bad gateway").await;
    check_failure(Reply::status(404, "not here"), Unauthorised, "not here").await;
}

#[tokio::test]
async fn what_slack_finds_fault_with_goes_out_as_plain_text() {
    let fussy = |request: &Recorded| match request.json()["attachments"].is_null() {
        true => answer(request),
        false => Reply::json(&json!({"ok": false, "error": "invalid_blocks", "errors": ["must be shorter"]})),
    };
    let server = HttpServer::start(fussy).await;
    let receipt = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap();
    assert_eq!(server.paths().len(), 2);
    assert!(receipt.degraded.unwrap().contains("invalid_blocks (must be shorter)"));
    assert!(server.requests()[1].json()["text"].as_str().unwrap().contains("firing DiskFull db-1"));
}

#[tokio::test]
async fn links_that_slack_cannot_open_are_left_out() {
    let cannot_open = |request: &Recorded| match request.json().to_string().contains("image_url") {
        true => no("invalid_blocks"),
        false => answer(request),
    };
    let server = HttpServer::start(cannot_open).await;
    let channel = Setup::default().channel(&toml(&server.base, "images = 'link'"));
    let receipt = channel.send(&with_pictures(firing(), 2), None).await.unwrap();
    assert!(receipt.degraded.unwrap().contains("without pictures: invalid_blocks"));
    let second = server.requests()[1].json().to_string();
    assert!(second.contains("2 more pictures") && second.contains("attachments"));
}

#[tokio::test]
async fn a_failing_upload_never_repeats_the_text() {
    let cases: [(&str, Reply, SendErrorKind); 4] = [
        ("/api/files.getUploadURLExternal", no("missing_scope"), SendErrorKind::Unauthorised),
        ("/upload/", Reply::status(500, "disk"), SendErrorKind::Retry),
        ("/api/files.completeUploadExternal", no("file_uploads_disabled"), SendErrorKind::TooLarge),
        ("/api/files.completeUploadExternal", Reply::Close, SendErrorKind::Retry),
    ];
    for (at, reply, kind) in cases {
        let ambiguous = matches!(reply, Reply::Close);
        let failing =
            move |request: &Recorded| if request.path.starts_with(at) { reply.clone() } else { answer(request) };
        let server = HttpServer::start(failing).await;
        let channel = Setup::default().channel(&toml(&server.base, ""));
        let message = with_pictures(firing(), 1);
        let receipt = channel.send(&message, None).await.unwrap();
        assert!(receipt.pictures_due);
        let error = channel.add_pictures(&receipt, &message.pictures).await.unwrap_err();
        assert_eq!((error.kind, error.ambiguous), (kind, ambiguous), "{at} {error}");
        let posts = server.paths().iter().filter(|path| path.contains("chat.")).count();
        assert_eq!(posts, 1);
    }
}

#[tokio::test]
async fn unreadable_pictures_are_told_of() {
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    let mut message = with_pictures(firing(), 2);
    message.pictures[1].bytes = None;
    let receipt = channel.send(&message, None).await.unwrap();
    assert!(receipt.degraded.as_ref().unwrap().contains("picture01: its file could not be read"));
    let added = channel.add_pictures(&receipt, &message.pictures).await.unwrap();
    assert!(!added.pictures_due && added.degraded.unwrap().contains("picture01"));
}

/// The limits of Slack's documents, on what was really sent.
fn check_limits(request: &Recorded) {
    let json = request.json();
    let said = json["text"].as_str().or_else(|| json["attachments"][0]["title"].as_str());
    assert!(!said.unwrap().trim().is_empty());
    let chars = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
    assert!(chars(&json["text"]) <= 4_000);
    let blocks = json["attachments"][0]["blocks"].as_array().cloned().unwrap_or_default();
    assert!(blocks.len() <= 50);
    assert!(blocks.iter().all(|block| chars(&block["text"]["text"]) <= 3_000 && chars(&block["alt_text"]) <= 2_000));
    assert!(blocks.iter().all(|block| block["type"] != "section" || chars(&block["text"]["text"]) > 0));
    assert!(blocks.iter().map(|block| chars(&block["text"]["text"])).sum::<usize>() <= 13_200);
}

/// Label values never begin a mention or a link of their own.
fn check_markup(request: &Recorded) {
    let text = request.json().to_string();
    assert!(!text.contains("<!") && !text.contains("<@") && !text.contains("<http://evil"), "{text}");
}

/// What holds for every request to Slack.
pub fn check(request: &Recorded) {
    if request.path.contains("/api/chat.") {
        check_limits(request);
    }
    if request.path.contains("/api/chat.") || request.path.contains("/services/") {
        check_markup(request);
    }
}
