//! Telegram's requests, steps and failures, against a server that answers as the Bot API does.

use std::{sync::Arc, time::Duration};

use alerts::{
    message::{Message, Receipt},
    ports::{Channel, Format, LatePictures, Pace, SendErrorKind},
};
use serde_json::{Value, json};

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{PNG, alert, firing, grouped, hostile, message, picture, replace_bytes, resolved, with_pictures},
    multipart,
    setup::{Setup, shown},
};

pub const CHAT: i64 = -1_001_234_567_890;

/// One message for all of a group's notifications.
pub const UPDATE: &str = "message_strategy = 'update'";

pub fn toml(base: &str, more: &str) -> String {
    let chat = if more.contains("chat_id") { String::new() } else { format!("chat_id = {CHAT}\n") };
    format!("[[telegram_configs]]\napi_url = '{base}'\nbot_token = '123456:token-secret'\n{chat}{more}")
}

pub fn method(request: &Recorded) -> &str {
    request.path.strip_prefix("/bot123456:token-secret/").unwrap_or_else(|| panic!("{}", request.path))
}

/// The parameters of a request, whatever its form.
pub fn parameters(request: &Recorded) -> Value {
    if request.header("content-type") == Some("application/json") {
        return request.json();
    }
    let parts = multipart::parts(request).into_iter().filter(|part| part.file.is_none());
    let text = |part: multipart::Part| {
        let text = String::from_utf8(part.body).unwrap();
        // texts stand as they are, the rest is JSON
        let is_text = ["caption", "parse_mode", "photo"].contains(&part.name.as_str());
        let value = if is_text { json!(text) } else { serde_json::from_str(&text).unwrap() };
        (part.name, value)
    };
    parts.map(text).collect::<serde_json::Map<_, _>>().into()
}

pub fn ok(result: Value) -> Reply {
    Reply::json(&json!({"ok": true, "result": result}))
}

pub fn no(code: u16, description: &str, parameters: Value) -> Reply {
    let body = json!({"ok": false, "error_code": code, "description": description, "parameters": parameters});
    Reply::status(code, body.to_string())
}

pub fn bad(description: &str) -> Reply {
    no(400, &format!("Bad Request: {description}"), json!({}))
}

/// What the Bot API answers when all is well: messages are called 11, pictures of an album 21, 22 and so on.
pub fn answer(request: &Recorded) -> Reply {
    let message = |id: usize| json!({"message_id": id, "date": 1, "chat": {"id": CHAT, "type": "supergroup"}});
    match method(request) {
        "sendMediaGroup" => {
            let count = parameters(request)["media"].as_array().unwrap().len();
            ok((21..21 + count).map(message).collect())
        }
        "sendMessage" | "sendPhoto" => ok(message(11)),
        "editMessageText" | "editMessageCaption" | "editMessageMedia" => ok(message(11)),
        other => panic!("{other}"),
    }
}

/// A server that answers one method differently.
pub async fn server_with(at: &'static str, reply: Reply) -> HttpServer {
    HttpServer::start(move |request| if method(request) == at { reply.clone() } else { answer(request) }).await
}

pub fn channel(server: &HttpServer, more: &str) -> Arc<dyn Channel> {
    Setup::default().channel(&toml(&server.base, more))
}

/// Sends the message and then, as the machine does, its pictures.
pub async fn sent(channel: &dyn Channel, message: &Message, previous: Option<&Receipt>) -> Receipt {
    let receipt = channel.send(message, previous).await.unwrap();
    if !receipt.pictures_due {
        return receipt;
    }
    channel.add_pictures(&receipt, &message.pictures).await.unwrap()
}

pub fn methods(server: &HttpServer) -> Vec<String> {
    server.requests().iter().map(|request| method(request).to_owned()).collect()
}

/// A message whose text is too long for a caption.
pub fn long(alerts: usize) -> Message {
    let long = |at: usize| {
        let instance = format!("db-{at}");
        let labels = [("alertname", "DiskFull"), ("instance", instance.as_str())];
        alert(alerts::Status::Firing, &labels, &[("summary", &"nearly full & rising ".repeat(8))])
    };
    message((0..alerts).map(long).collect())
}

#[tokio::test]
async fn requests_are_as_recorded() {
    let v2 = "parse_mode = 'MarkdownV2'\nmessage = '*{{ .Status }}* {{ template \"test.text\" . }}'";
    let plain = "parse_mode = 'plain'\nmessage = '{{ template \"test.text\" . }}'";
    let quiet = "disable_notifications = true\nmessage_thread_id = 7";
    let value = "<b>\"a\"</b> [x](http://evil) *_` &amp; \u{202E}txt @all\r\n.new line";
    let cases: [(&str, &str, Message); 12] = [
        ("firing", "", firing()),
        ("resolved", quiet, resolved()),
        ("one_picture", quiet, with_pictures(firing(), 1)),
        ("grouped_three_pictures", "", with_pictures(grouped(), 3)),
        ("three_pictures_of_two", "max_images = 2", with_pictures(grouped(), 3)),
        ("linked", "images = 'link'", with_pictures(grouped(), 2)),
        ("linked_three_of_one", "images = 'link'\nmax_images = 1", with_pictures(grouped(), 3)),
        ("no_pictures_wanted", "images = 'none'", with_pictures(firing(), 1)),
        ("long_two_pictures", "", with_pictures(long(40), 2)),
        ("hostile", "", hostile(value)),
        ("hostile_markdown_v2", v2, hostile(value)),
        ("hostile_plain", plain, hostile(value)),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(answer).await;
        sent(&*channel(&server, more), &message, None).await;
        let requests = multipart::readable(&server.requests());
        golden::check(&format!("telegram/{name}.txt"), &golden::requests(&requests, &server.base));
    }
}

#[tokio::test]
async fn a_short_text_and_its_pictures_are_one_message() {
    for (count, method) in [(0, "sendMessage"), (1, "sendPhoto"), (2, "sendMediaGroup"), (10, "sendMediaGroup")] {
        let server = HttpServer::start(answer).await;
        let receipt = channel(&server, "").send(&with_pictures(firing(), count), None).await.unwrap();
        assert!(!receipt.pictures_due && receipt.degraded.is_none());
        assert_eq!(methods(&server), [method], "{count}");
        let files = multipart::parts(&server.requests()[0]).into_iter().filter(|part| part.file.is_some());
        let files: Vec<_> = files.collect();
        assert_eq!(files.len(), count);
        assert!(files.iter().all(|file| file.body == PNG && file.mime.as_deref() == Some("image/png")));
    }
}

#[tokio::test]
async fn the_pictures_of_a_long_text_answer_it() {
    let server = HttpServer::start(answer).await;
    let channel = channel(&server, "");
    assert_eq!(channel.limits().pictures.late, LatePictures::Add);
    let message = with_pictures(long(10), 2);
    let receipt = channel.send(&message, None).await.unwrap();
    assert!(receipt.pictures_due);
    assert_eq!(methods(&server), ["sendMessage"]);
    let receipt = channel.add_pictures(&receipt, &message.pictures).await.unwrap();
    channel.add_pictures(&receipt, &[picture("late", &message.alerts[0])]).await.unwrap();
    assert_eq!(methods(&server)[1..], ["sendMediaGroup", "sendPhoto"]);
    for request in &server.requests()[1..] {
        let reply = &parameters(request)["reply_parameters"];
        assert_eq!(*reply, json!({"message_id": 11, "allow_sending_without_reply": true}));
    }
}

#[tokio::test]
async fn a_text_that_is_too_long_loses_whole_alerts() {
    let server = HttpServer::start(answer).await;
    channel(&server, "").send(&long(60), None).await.unwrap();
    let text = parameters(&server.requests()[0])["text"].as_str().unwrap().to_owned();
    check_html(&text, 4_096);
    let shown = text.matches("firing DiskFull").count();
    assert!(shown > 15 && text.ends_with(&format!("and {} more alerts", 60 - shown)), "{text}");
}

#[tokio::test]
async fn markup_that_cannot_be_read_is_left_out() {
    let fussy = |request: &Recorded| match parameters(request)["parse_mode"].is_null() {
        true => answer(request),
        false => bad("can't parse entities: Unsupported start tag \"x\" at byte offset 0"),
    };
    for (pictures, key) in [(0, "text"), (1, "caption")] {
        let server = HttpServer::start(fussy).await;
        let receipt = channel(&server, "").send(&with_pictures(firing(), pictures), None).await.unwrap();
        assert!(receipt.degraded.unwrap().contains("sent without formatting: Bad Request: can't parse"));
        let request = parameters(&server.requests()[1]);
        let expected = "[FIRING:1] DiskFull\nfiring DiskFull db-1: The disk is nearly full & rising <fast>";
        assert_eq!(request[key], expected);
    }
}

#[tokio::test]
async fn links_that_telegram_cannot_open_stand_in_the_text() {
    let words = "failed to send message #1 with the error message \"Wrong file identifier/HTTP URL specified\"";
    let server = server_with("sendMediaGroup", bad(words)).await;
    let channel = channel(&server, "images = 'link'");
    let receipt = channel.send(&with_pictures(grouped(), 2), None).await.unwrap();
    assert!(receipt.degraded.unwrap().contains("pictures as plain links: Bad Request: failed to send"));
    assert_eq!(methods(&server), ["sendMediaGroup", "sendMessage"]);
    let text = parameters(&server.requests()[1])["text"].to_string();
    assert_eq!(text.matches(">Disk use</a>").count(), 2, "{text}");
    // the same in two steps
    let message = with_pictures(long(10), 2);
    let receipt = sent(&*channel, &message, None).await;
    assert!(receipt.degraded.unwrap().contains("plain links"));
    assert_eq!(methods(&server)[2..], ["sendMessage", "sendMediaGroup", "sendMessage"]);
    let last = parameters(server.requests().last().unwrap());
    assert_eq!(last["reply_parameters"]["message_id"], 11);
    assert_eq!(last["text"].to_string().matches("<a href").count(), 2);
}

#[tokio::test]
async fn a_refused_picture_never_costs_the_text() {
    let refusals = [
        bad("PHOTO_INVALID_DIMENSIONS"),
        bad("IMAGE_PROCESS_FAILED"),
        bad("not enough rights to send photos to the chat"),
        bad("something that is not known yet"),
        no(413, "Request Entity Too Large", json!({})),
        Reply::status(413, "<html>too large</html>"),
    ];
    for refusal in refusals {
        let server = server_with("sendPhoto", refusal).await;
        let receipt = channel(&server, "").send(&with_pictures(firing(), 1), None).await.unwrap();
        assert!(receipt.degraded.unwrap().contains("sent without pictures"));
        assert_eq!(methods(&server), ["sendPhoto", "sendMessage"]);
        let text = parameters(&server.requests()[1])["text"].as_str().unwrap().to_owned();
        assert!(text.ends_with("<a href=\"http://wirephoto.example.org/\">1 more picture</a>"), "{text}");
    }
}

#[tokio::test]
async fn failing_pictures_never_repeat_the_text() {
    for (reply, kind) in [
        (Reply::status(500, "disk"), SendErrorKind::Retry),
        (bad("IMAGE_PROCESS_FAILED"), SendErrorKind::TooLarge),
        (Reply::Close, SendErrorKind::Retry),
    ] {
        let server = server_with("sendPhoto", reply).await;
        let channel = channel(&server, "");
        let message = with_pictures(long(10), 1);
        let receipt = channel.send(&message, None).await.unwrap();
        let error = channel.add_pictures(&receipt, &message.pictures).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert_eq!(methods(&server), ["sendMessage", "sendPhoto"]);
    }
}

#[tokio::test]
async fn pictures_keep_telegrams_bounds() {
    let server = HttpServer::start(answer).await;
    let channel = channel(&server, "");
    let mut wide = with_pictures(firing(), 1);
    replace_bytes(&mut wide.pictures[0], 9_000, 600);
    sent(&*channel, &wide, None).await;
    check(&server.requests()[0]);
    // nothing makes these broader: they are linked
    let mut thin = with_pictures(firing(), 2);
    replace_bytes(&mut thin.pictures[1], 4_200, 200);
    sent(&*channel, &thin, None).await;
    assert_eq!(methods(&server)[1..], ["sendPhoto"]);
    let caption = parameters(&server.requests()[1])["caption"].to_string();
    assert!(caption.contains("picture01.png") && caption.contains(">Disk use</a>"), "{caption}");
    assert!(channel.limits().pictures.formats.contains(&Format::Jpeg));
}

/// What `send` comes to when Telegram answers so.
async fn check_failure(reply: Reply, kind: SendErrorKind, words: &str) {
    let server = HttpServer::start(move |_| reply.clone()).await;
    let error = channel(&server, "").send(&firing(), None).await.unwrap_err();
    assert_eq!(error.kind, kind, "{error}");
    assert!(error.detail.contains(words), "{error}");
    assert!(!shown(&error).contains("token-secret"));
}

#[tokio::test]
async fn failures_have_classes() {
    use SendErrorKind::*;
    let seven = RetryAfter(Duration::from_secs(7));
    let flood = no(429, "Too Many Requests: retry after 7", json!({"retry_after": 7}));
    check_failure(flood.with("retry-after", "99"), seven, "Too Many Requests").await;
    check_failure(no(429, "Too Many Requests", json!({})).with("retry-after", "7"), seven, "Too Many").await;
    check_failure(no(401, "Unauthorized", json!({})), Unauthorised, "Unauthorized").await;
    check_failure(no(404, "Not Found", json!({})), Unauthorised, "Not Found").await;
    check_failure(no(403, "Forbidden: bot was blocked by the user", json!({})), Unauthorised, "blocked").await;
    check_failure(bad("chat not found"), Unauthorised, "chat not found").await;
    check_failure(bad("message thread not found"), Unauthorised, "thread").await;
    check_failure(bad("not enough rights to send text messages to the chat"), Unauthorised, "rights").await;
    check_failure(bad("message is too long"), Rejected, "too long").await;
    check_failure(bad("IMAGE_PROCESS_FAILED"), Rejected, "IMAGE").await;
    check_failure(no(500, "Internal Server Error", json!({})), Retry, "Internal").await;
    // errors behind a 200
    let hidden =
        json!({"ok": false, "error_code": 403, "description": "Forbidden: bot is not a member of the channel chat"});
    check_failure(Reply::json(&hidden), Unauthorised, "not a member").await;
    check_failure(Reply::json(&json!({"ok": false})), Rejected, "ok is false").await;
    check_failure(Reply::status(200, "<html>123456:token-secret</html>"), Retry, "not Telegram's answer").await;
    check_failure(Reply::status(200, ""), Retry, "not Telegram's answer").await;
    check_failure(Reply::status(502, "<html>bad gateway</html>"), Retry, "bad gateway").await;
}

#[tokio::test]
async fn a_message_that_is_out_is_not_sent_again_for_its_answer() {
    let endless = format!("{{\"ok\":true,\"result\":{{\"text\":\"{}\"}}}}", "x".repeat(70_000));
    for reply in [Reply::json(&json!({"ok": true, "result": null})), Reply::status(200, endless)] {
        let server = server_with("sendMessage", reply).await;
        let channel = channel(&server, UPDATE);
        let message = with_pictures(long(10), 1);
        let receipt = sent(&*channel, &message, None).await;
        let again = sent(&*channel, &firing(), Some(&receipt)).await;
        assert!(!again.pictures_due);
        assert_eq!(methods(&server), ["sendMessage", "sendPhoto", "sendMessage"]);
    }
}

#[tokio::test]
async fn chats_and_tokens_come_from_files_and_globals() {
    let folder = tempfile::tempdir().unwrap();
    let (chat, token) = (folder.path().join("chat"), folder.path().join("token"));
    std::fs::write(&chat, "@alerts\n").unwrap();
    std::fs::write(&token, "123456:token-secret\n").unwrap();
    let server = HttpServer::start(answer).await;
    let setup = Setup {
        globals: channels::Globals {
            telegram_api_url: Some(server.base.clone()),
            telegram_bot_token_file: Some(token),
            ..channels::Globals::default()
        },
        ..Setup::default()
    };
    let channel = setup.channel(&format!("[[telegram_configs]]\nchat_id_file = '{}'\n{UPDATE}", chat.display()));
    let first = sent(&*channel, &firing(), None).await;
    assert_eq!(parameters(&server.requests()[0])["chat_id"], "@alerts");
    sent(&*channel, &firing(), Some(&first)).await;
    assert_eq!(methods(&server)[1], "editMessageText", "a name and its number are one chat");
    std::fs::write(&chat, "42").unwrap();
    sent(&*channel, &firing(), Some(&first)).await;
    assert_eq!(parameters(&server.requests()[2])["chat_id"], 42, "another chat has no open message");
    std::fs::write(&chat, "nobody").unwrap();
    let error = channel.send(&firing(), None).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Unauthorised);
}

#[test]
fn groups_are_told_more_slowly() {
    let pace = |chat: &str| {
        let toml = toml("http://127.0.0.1:9", &format!("chat_id = {chat}"));
        Setup::default().channel(&toml).limits().pace
    };
    assert_eq!(pace("42"), Pace { burst: 1, period: Duration::from_secs(1) });
    assert_eq!(pace("-42"), Pace { burst: 1, period: Duration::from_secs(3) });
    assert_eq!(pace("'@channel'"), Pace { burst: 1, period: Duration::from_secs(3) });
}

#[test]
fn problems_have_their_keys() {
    let check = |more: &str, expected: &str| {
        let problems = Setup::default().problems(&format!("[[telegram_configs]]\n{more}"));
        assert_eq!(problems, [format!("receivers[0].telegram_configs[0].{expected}")]);
    };
    let chat = "chat_id = 1\n";
    check(chat, "bot_token: is missing, and there is no global.telegram_bot_token either");
    let token = "bot_token = 'secret'\n";
    check(token, "chat_id: is missing, and so is chat_id_file");
    let wrong = "must be a number, or the name of a public channel with @ before it";
    check(&format!("{token}chat_id = 'alerts'"), &format!("chat_id: {wrong}"));
    check(&format!("{token}chat_id = 0"), &format!("chat_id: {wrong}"));
    check(&format!("{token}{chat}chat_id_file = 'x'"), "chat_id: only one of chat_id and chat_id_file may be given");
    check(&format!("{token}{chat}parse_mode = 'html'"), "parse_mode: must be HTML, MarkdownV2, Markdown or plain");
    check(
        &format!("{token}{chat}bot_token_file = 'x'"),
        "bot_token: only one of bot_token and bot_token_file may be given",
    );
}

#[tokio::test]
async fn the_default_text_suits_each_mode() {
    for (mode, default, parse_mode, begin) in [
        (
            "HTML",
            true,
            json!("HTML"),
            "<a href=\"http://wirephoto.example.org/#/alerts?receiver=team-disk\"><b>[FIRING:2] DiskFull",
        ),
        ("MarkdownV2", true, Value::Null, "[FIRING:2] DiskFull"),
        ("plain", true, Value::Null, "[FIRING:2] DiskFull"),
        // a default of the user's own is in the user's format
        ("MarkdownV2", false, json!("MarkdownV2"), "<b>[FIRING:2] DiskFull"),
    ] {
        let server = HttpServer::start(answer).await;
        let setup = Setup { default_texts: default, ..Setup::default() };
        let channel = setup.channel(&toml(&server.base, &format!("parse_mode = '{mode}'")));
        channel.send(&grouped(), None).await.unwrap();
        let sent = parameters(&server.requests()[0]);
        assert_eq!(sent["parse_mode"], parse_mode, "{mode}");
        let text = sent["text"].as_str().unwrap();
        assert!(text.starts_with(begin) && text.replace('\\', "").contains("db-2"), "{mode}: {text}");
    }
}

#[tokio::test]
async fn a_template_that_fails_costs_its_form() {
    let server = HttpServer::start(answer).await;
    let failing =
        "message = '<b>{{ if eq (index .Alerts 0).Labels.instance \"db-1\" }}{{ index .Alerts 99 }}{{ end }}</b>'";
    let receipt = channel(&server, failing).send(&firing(), None).await.unwrap();
    assert!(receipt.degraded.unwrap().contains("template failed"));
    let sent = parameters(&server.requests()[0]);
    assert!(sent["parse_mode"].is_null() && sent["text"].as_str().unwrap().contains("rising <fast>"));
}

/// Only these tags, whole and closed in turn, and no more than is taken.
fn check_html(html: &str, most: usize) {
    let (mut open, mut text) = (Vec::new(), String::new());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        let end = rest[at..].find('>').unwrap_or_else(|| panic!("a torn tag: {html}")) + at;
        let tag = &rest[at + 1..end];
        let name = tag.split(' ').next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{html}"),
            None => open.push(name),
        }
        let known = ["b", "i", "code", "/b", "/i", "/code", "/a"].contains(&tag);
        assert!(
            known || tag.starts_with("a href=\"") && tag.ends_with('"') && tag.matches('"').count() == 2,
            "<{tag}> in {html}"
        );
        rest = &rest[end + 1..];
    }
    text.push_str(rest);
    assert!(open.is_empty(), "{html}");
    let text = ["&lt;", "&gt;", "&amp;", "&quot;", "&#34;", "&#39;", "&#43;"]
        .iter()
        .fold(text, |text, entity| text.replace(entity, "x"));
    assert!(!text.contains('&') && !text.trim().is_empty(), "{text}");
    assert!(text.encode_utf16().count() <= most, "{}: {text}", text.encode_utf16().count());
}

fn check_text(of: &Value, key: &str, most: usize) {
    let Some(text) = of[key].as_str() else { return };
    if of["parse_mode"] == "HTML" {
        check_html(text, most);
    } else {
        assert!(!text.is_empty() && text.encode_utf16().count() <= most, "{text}");
    }
}

/// What holds for every request to Telegram: the limits of its documents, and its markup.
pub fn check(request: &Recorded) {
    let sent = parameters(request);
    check_text(&sent, "text", 4_096);
    check_text(&sent, "caption", 1_024);
    if let Some(album) = sent["media"].as_array() {
        assert!((2..=10).contains(&album.len()));
        album.iter().for_each(|media| check_text(media, "caption", 1_024));
    }
    for file in multipart::parts(request).iter().filter(|part| part.file.is_some()) {
        assert!(file.body.len() <= 10_000_000);
        let reader = png::Decoder::new(std::io::Cursor::new(&file.body)).read_info().unwrap();
        let (width, height) = reader.info().size();
        assert!(width + height <= 10_000 && width.max(height) <= 20 * width.min(height), "{width} x {height}");
    }
}
