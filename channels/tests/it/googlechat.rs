//! Google Chat's requests, threads and failures, against a server that answers as Google does.

use std::time::Duration;

use alerts::{
    message::{Message, Receipt},
    ports::{LatePictures, SendErrorKind, Way},
};
use serde_json::{Value, json};

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{firing, grouped, hostile, picture, resolved, with_pictures},
    setup::{Setup, shown},
};

fn answer(_: &Recorded) -> Reply {
    Reply::json(&json!({"name": "spaces/AAAA/messages/t1.m1", "thread": {"name": "spaces/AAAA/threads/t1"}}))
}

fn toml(base: &str, more: &str) -> String {
    format!(
        "[[googlechat_configs]]\nurl = '{base}/v1/spaces/AAAA/messages?key=key-secret&token=token-secret'\n{TEXTS}{more}"
    )
}

const TEXTS: &str = r#"title = '{{ template "test.title" . }}'
message = '<b>{{ .Status }}</b> {{ template "test.text" . }}'
"#;

/// The same with links that Google can open.
fn https(mut message: Message) -> Message {
    for picture in &mut message.pictures {
        picture.url = picture.url.take().map(|url| url.replace("http://", "https://"));
    }
    message
}

fn sections(request: &Recorded) -> Vec<Value> {
    request.json()["cardsV2"][0]["card"]["sections"].as_array().unwrap().clone()
}

#[tokio::test]
async fn requests_are_as_recorded() {
    let cases: [(&str, &str, Message); 7] = [
        ("firing", "", firing()),
        ("resolved", "hide_open_button = true\nmessage_strategy = 'new'", resolved()),
        ("pictures", "", https(with_pictures(grouped(), 3))),
        ("too_many_pictures", "max_images = 2", https(with_pictures(grouped(), 4))),
        ("links_that_google_cannot_open", "", with_pictures(grouped(), 2)),
        ("no_pictures_wanted", "images = 'none'", with_pictures(firing(), 1)),
        ("hostile", "", hostile("<users/all> <b>b</b> &amp; <a href=\"http://evil\">x</a> '*b*'\r\n\u{202E}txt")),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(answer).await;
        let receipt = Setup::default().channel(&toml(&server.base, more)).send(&message, None).await.unwrap();
        assert_eq!((receipt.pictures_due, receipt.degraded), (false, None), "{name}");
        server.requests().iter().for_each(check);
        golden::check(&format!("googlechat/{name}.txt"), &golden::requests(&server.requests(), &server.base));
    }
}

#[tokio::test]
async fn a_conversation_is_a_thread() {
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    assert!(channel.limits().editing.thread && !channel.limits().editing.edit);
    assert_eq!(channel.limits().pictures.late, LatePictures::Add);
    assert_eq!(channel.limits().pictures.ways, [Way::Link]);
    let first = channel.send(&firing(), None).await.unwrap();
    assert!(!first.message.to_string().contains("secret"));
    let kept: Receipt = serde_json::from_str(&serde_json::to_string(&first).unwrap()).unwrap();
    let mut later = resolved();
    later.idempotency_key = "ffff".into();
    let second = channel.send(&later, Some(&kept)).await.unwrap();
    channel.add_pictures(&second, &https(with_pictures(firing(), 1)).pictures).await.unwrap();
    // what comes after the end is another conversation
    channel.send(&later, None).await.unwrap();
    let threads: Vec<Value> = server.requests().iter().map(|r| r.json()["thread"]["threadKey"].clone()).collect();
    assert_eq!((&threads[0], &threads[0]), (&threads[1], &threads[2]));
    assert_ne!(threads[0], threads[3]);
    golden::check("googlechat/late.txt", &golden::requests(&server.requests()[2..3], &server.base));
}

#[tokio::test]
async fn late_pictures_that_cannot_be_shown_are_lines() {
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    let receipt = channel.send(&firing(), None).await.unwrap();
    let mut pictures = [picture("late", &firing().alerts[0]), picture("none", &firing().alerts[0])];
    pictures[1].url = Some("https://".into());
    let added = channel.add_pictures(&receipt, &pictures).await.unwrap();
    assert_eq!(added.degraded.unwrap(), "1 late pictures could not be added");
    let text = sections(&server.requests()[1])[0]["widgets"][0]["textParagraph"]["text"].clone();
    assert!(
        text.as_str().unwrap().starts_with("<a href=\"http://wirephoto.example.org/images/late.png?expires="),
        "{text}"
    );
}

#[tokio::test]
async fn without_threads_there_are_no_late_pictures() {
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, "message_strategy = 'new'"));
    assert_eq!(channel.limits().pictures.late, LatePictures::No);
    let receipt = channel.send(&firing(), None).await.unwrap();
    let error = channel.add_pictures(&receipt, &[picture("late", &firing().alerts[0])]).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Rejected);
}

/// What `send` comes to when Google answers so.
async fn check_failure(reply: Reply, kind: SendErrorKind, words: &str) {
    let server = HttpServer::start(move |_| reply.clone()).await;
    let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
    assert_eq!(error.kind, kind, "{error}");
    assert!(error.detail.contains(words), "{error}");
    assert!(!shown(&error).contains("key-secret") && !shown(&error).contains("token-secret"));
}

fn no(http: u16, code: u16, status: &str, message: &str) -> Reply {
    Reply::status(http, json!({"error": {"code": code, "message": message, "status": status}}).to_string())
}

#[tokio::test]
async fn failures_have_classes() {
    use SendErrorKind::*;
    let half_a_minute = RetryAfter(Duration::from_secs(30));
    check_failure(no(429, 429, "RESOURCE_EXHAUSTED", "Resource has been exhausted"), half_a_minute, "exhausted").await;
    check_failure(no(404, 404, "NOT_FOUND", "Space not found token-secret"), Unauthorised, "not found").await;
    check_failure(no(403, 403, "PERMISSION_DENIED", "The caller"), Unauthorised, "caller").await;
    check_failure(no(400, 400, "INVALID_ARGUMENT", "API key not valid."), Unauthorised, "API key").await;
    check_failure(no(400, 400, "INVALID_ARGUMENT", "Message cannot be empty"), Rejected, "empty").await;
    check_failure(no(200, 403, "PERMISSION_DENIED", "in the body"), Unauthorised, "in the body").await;
    check_failure(no(503, 503, "UNAVAILABLE", "later"), Retry, "later").await;
    check_failure(Reply::status(413, "too much"), Rejected, "too much").await;
    check_failure(Reply::status(200, "<html>proxy</html>"), Retry, "not Google Chat's answer").await;
}

#[tokio::test]
async fn a_refused_picture_never_costs_the_text() {
    for reply in [no(400, 400, "INVALID_ARGUMENT", "Invalid image"), Reply::status(413, "")] {
        let fussy = move |request: &Recorded| match request.json().to_string().contains("imageUrl") {
            true => reply.clone(),
            false => answer(request),
        };
        let server = HttpServer::start(fussy).await;
        let channel = Setup::default().channel(&toml(&server.base, ""));
        let receipt = channel.send(&https(with_pictures(firing(), 2)), None).await.unwrap();
        assert!(receipt.degraded.unwrap().contains("without pictures"));
        assert!(server.requests()[1].json().to_string().contains("2 more pictures"));
    }
}

#[tokio::test]
async fn long_links_leave_room_for_the_text() {
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    let mut message = https(with_pictures(grouped(), 20));
    for (at, picture) in message.pictures.iter_mut().enumerate() {
        picture.url = Some(format!("https://store.test/{at}?signature={}", "x".repeat(1_900)));
    }
    channel.send(&message, None).await.unwrap();
    let request = &server.requests()[0];
    assert!(request.body.len() <= 32_000);
    let text = request.json().to_string();
    assert!(text.contains("firing DiskFull db-1") && text.contains("15 more pictures"), "{text}");
    assert_eq!(text.matches("imageUrl").count(), 4);
}

#[test]
fn what_a_webhook_cannot_do_is_refused() {
    let problems = Setup::default().problems(&toml("https://chat.googleapis.com", "message_strategy = 'update'"));
    assert!(problems.len() == 1 && problems[0].contains("a webhook cannot change its messages"), "{problems:?}");
    let problems = Setup::default().problems(&toml("https://chat.googleapis.com", "images = 'upload'"));
    assert!(problems[0].contains("cannot take picture files"), "{problems:?}");
    assert!(Setup::default().problems("[[googlechat_configs]]")[0].contains("url: is missing"));
}

/// Google's limits, and that no value became markup, on what was really sent.
pub fn check(request: &Recorded) {
    assert!(request.body.len() <= 32_000, "{}", request.body.len());
    let json = request.json();
    assert!(!json["fallbackText"].as_str().unwrap().contains("<users/"), "no value mentions anybody");
    assert!(!json["cardsV2"][0]["card"]["header"]["title"].as_str().unwrap().trim().is_empty());
    let sections = sections(request);
    assert!(!sections.is_empty());
    let widgets: Vec<&Value> = sections.iter().flat_map(|section| section["widgets"].as_array().unwrap()).collect();
    assert!(!widgets.is_empty() && widgets.len() <= 100);
    for widget in widgets {
        if let Some(paragraph) = widget.get("textParagraph") {
            let text = paragraph["text"].as_str().unwrap();
            assert!(!text.trim().is_empty());
            assert!(
                !text.contains("<script") && !text.contains("<@") && !text.contains("<!") && !text.contains("<http"),
                "{text}"
            );
        }
        if let Some(image) = widget.get("image") {
            assert!(image["imageUrl"].as_str().unwrap().starts_with("https://"));
        }
        let link = &widget["buttonList"]["buttons"][0]["onClick"]["openLink"]["url"];
        assert!(link.is_null() || link.as_str().unwrap().starts_with("http"));
    }
}
