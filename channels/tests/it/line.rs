//! LINE's requests and failures, against a server that answers as the Messaging API does.

use std::{sync::Arc, time::Duration};

use alerts::{
    message::Message,
    ports::{Channel, LatePictures, SendErrorKind},
};
use serde_json::{Value, json};

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{firing, grouped, hostile, resolved, with_pictures},
    setup::{Setup, shown},
};

const TEXTS: &str = "title = '{{ template \"test.title\" . }}'\ndescription = '{{ template \"test.text\" . }}'\n";

fn toml(base: &str, more: &str) -> String {
    format!("[[line_configs]]\nto = 'C0123'\nchannel_access_token = 'token-secret'\napi_url = '{base}'\n{TEXTS}{more}")
}

fn answer(request: &Recorded) -> Reply {
    match (request.method.as_str(), request.path.as_str()) {
        ("POST", "/v2/bot/message/push") => {
            let count = request.json()["messages"].as_array().unwrap().len();
            Reply::json(
                &json!({"sentMessages": (1..=count).map(|at| json!({"id": at.to_string()})).collect::<Vec<_>>()}),
            )
        }
        other => panic!("{other:?}"),
    }
}

fn channel(server: &HttpServer, more: &str) -> Arc<dyn Channel> {
    Setup::default().channel(&toml(&server.base, more))
}

/// Links as they are where pictures are served over TLS.
fn over_tls(mut message: Message) -> Message {
    for url in message.pictures.iter_mut().filter_map(|picture| picture.url.as_mut()) {
        *url = url.replace("http://", "https://");
    }
    message
}

fn of_size(mut message: Message, size: u64) -> Message {
    message.pictures[0].record.size = size;
    message
}

#[tokio::test]
async fn requests_are_as_recorded() {
    let pictures = |message: Message, count: usize| over_tls(with_pictures(message, count));
    let cases: [(&str, &str, Message); 9] = [
        ("firing", "", firing()),
        ("resolved", "", resolved()),
        ("one_picture", "", pictures(firing(), 1)),
        ("grouped_six_pictures_of_four", "", pictures(grouped(), 6)),
        ("two_pictures_of_one", "max_images = 1", pictures(grouped(), 2)),
        ("one_of_two_too_large", "", of_size(pictures(grouped(), 2), 1_000_001)),
        ("pictures_without_tls", "", with_pictures(grouped(), 2)),
        ("no_pictures_wanted", "images = 'none'", pictures(firing(), 1)),
        ("hostile", "", over_tls(hostile("<b> *a* @all {user} (happy) \u{202E}txt\r\nnew line"))),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(answer).await;
        let channel = channel(&server, more);
        assert_eq!(channel.limits().pictures.late, LatePictures::No);
        let receipt = channel.send(&message, None).await.unwrap();
        assert!(!receipt.pictures_due && receipt.degraded.is_none());
        golden::check(&format!("line/{name}.txt"), &golden::requests(&server.requests(), &server.base));
    }
}

#[tokio::test]
async fn a_message_has_one_key() {
    let server = HttpServer::start(answer).await;
    let channel = channel(&server, "");
    let mut other = firing();
    other.idempotency_key = "another".into();
    channel.send(&firing(), None).await.unwrap();
    // pictures may have come between two attempts
    channel.send(&over_tls(with_pictures(firing(), 1)), None).await.unwrap();
    channel.send(&other, None).await.unwrap();
    let requests = server.requests();
    let keys: Vec<&str> = requests.iter().map(|request| request.header("x-line-retry-key").unwrap()).collect();
    assert!(keys[0] == keys[1] && keys[0] != keys[2], "{keys:?}");
}

#[tokio::test]
async fn what_was_accepted_before_is_a_success() {
    let body = json!({"message": "The retry key is already accepted", "sentMessages": [{"id": "7"}]});
    let server = HttpServer::start(move |_| Reply::status(409, body.to_string())).await;
    let receipt = channel(&server, "").send(&firing(), None).await.unwrap();
    assert_eq!(receipt.message, json!({"ids": ["7"]}));
}

#[tokio::test]
async fn a_text_that_is_too_long_loses_whole_alerts() {
    let server = HttpServer::start(answer).await;
    let mut message = firing();
    message.alerts = vec![message.alerts[0].clone(); 200];
    channel(&server, "").send(&message, None).await.unwrap();
    check(&server.requests()[0]);
    let text = text(&server.requests()[0]);
    assert!(text.encode_utf16().count() > 4_900 && text.contains(" more alerts"), "{text}");
    // whatever the alerts are
    let long = format!(
        "[[line_configs]]\nto = 'C0123'\ntoken = 'x'\napi_url = '{}'\ntitle = '{}'",
        server.base,
        "x".repeat(6_000)
    );
    let receipt = Setup::default().channel(&long).send(&firing(), None).await.unwrap();
    assert!(receipt.degraded.unwrap().contains("too long"));
    check(&server.requests()[1]);
}

fn text(request: &Recorded) -> String {
    request.json()["messages"][0]["text"].as_str().unwrap().to_owned()
}

fn no(status: u16, body: Value) -> Reply {
    Reply::status(status, body.to_string())
}

#[tokio::test]
async fn a_refused_picture_never_costs_the_text() {
    let details = json!([{"message": "Must be HTTPS", "property": "messages[1].previewImageUrl"}]);
    for (refusal, words) in [
        (
            no(400, json!({"message": "The request body has 1 error(s)", "details": details})),
            "(messages[1].previewImageUrl: Must be HTTPS)",
        ),
        (Reply::status(413, "too large"), "413"),
    ] {
        let fussy = move |request: &Recorded| match request.json()["messages"][1].is_null() {
            true => answer(request),
            false => refusal.clone(),
        };
        let server = HttpServer::start(fussy).await;
        let receipt = channel(&server, "").send(&over_tls(with_pictures(firing(), 1)), None).await.unwrap();
        let degraded = receipt.degraded.unwrap();
        assert!(degraded.contains("sent without pictures") && degraded.contains(words), "{degraded}");
        assert!(text(&server.requests()[1]).ends_with("1 more picture: http://wirephoto.example.org"));
    }
}

/// What `send` comes to when LINE answers so.
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
    let said = |words: &str| json!({"message": words});
    check_failure(no(401, said("Authentication failed")), Unauthorised, "Authentication failed").await;
    check_failure(no(403, said("Access to this API is not available for your account")), Unauthorised, "account").await;
    check_failure(no(400, said("Failed to send messages")), Unauthorised, "Failed to send").await;
    check_failure(
        no(400, said("The property, 'to', in the request body is invalid (line: -, column: -)")),
        Unauthorised,
        "'to'",
    )
    .await;
    let details = json!({"message": "The request body has 1 error(s)", "details": [{"message": "May not be empty", "property": "to"}]});
    check_failure(no(400, details), Unauthorised, "to: May not be empty").await;
    let details = json!({"message": "The request body has 1 error(s)", "details": [{"message": "Length must be between 0 and 5000", "property": "messages[0].text"}]});
    check_failure(no(400, details), Rejected, "between 0 and 5000").await;
    check_failure(no(500, said("Internal Server Error token-secret")), Retry, "Internal").await;
    check_failure(
        no(429, said("The API rate limit has been exceeded. Try again later.")).with("retry-after", "7"),
        seven,
        "rate limit",
    )
    .await;
    check_failure(Reply::status(413, "large"), Rejected, "large").await;
    check_failure(Reply::status(200, "<html>proxy token-secret</html>"), Retry, "not LINE's answer").await;
}

/// What a 429 comes to when LINE tells so of the quota.
async fn check_quota(words: &'static str, quota: Reply, used: i64, expected: SendErrorKind, detail: &str) {
    let limited = move |request: &Recorded| {
        assert_eq!(request.header("authorization"), Some("Bearer token-secret"));
        match request.path.as_str() {
            "/v2/bot/message/push" => no(429, json!({"message": words})),
            "/v2/bot/message/quota" => quota.clone(),
            "/v2/bot/message/quota/consumption" => Reply::json(&json!({"totalUsage": used})),
            other => panic!("{other}"),
        }
    };
    let server = HttpServer::start(limited).await;
    let error = channel(&server, "").send(&firing(), None).await.unwrap_err();
    assert_eq!(error.kind, expected, "{error}");
    assert!(error.detail.contains(detail), "{error}");
}

#[tokio::test]
async fn a_used_up_quota_is_told_apart_from_haste() {
    let (month, haste) =
        ("You have reached your monthly limit.", "The API rate limit has been exceeded. Try again later.");
    let quota = || Reply::json(&json!({"type": "limited", "value": 200}));
    let closed = SendErrorKind::Unauthorised;
    let soon = SendErrorKind::RetryAfter(Duration::from_secs(30));
    check_quota(month, quota(), 200, closed, "the monthly quota: 200 of 200 messages are used").await;
    // a group's members count each, so the last messages may not do
    check_quota(month, quota(), 198, closed, "198 of 200").await;
    check_quota("Too Many Requests", quota(), 200, closed, "200 of 200").await;
    check_quota(month, Reply::status(500, ""), 200, closed, "the monthly quota (429").await;
    check_quota(haste, quota(), 5, soon, "rate limit").await;
    check_quota(haste, Reply::json(&json!({"type": "none"})), 5_000, soon, "rate limit").await;
}

#[test]
fn problems_have_their_keys() {
    let check = |more: &str, expected: &[&str]| {
        let problems = Setup::default().problems(&format!("[[line_configs]]\n{more}"));
        let expected: Vec<String> =
            expected.iter().map(|problem| format!("receivers[0].line_configs[0].{problem}")).collect();
        assert_eq!(problems, expected);
    };
    check("", &["to: is missing", "channel_access_token: is missing"]);
    check("to = 'U1'\ntoken = 'x'\nimages = 'upload'", &["images: this integration cannot take picture files"]);
    check("to = 'U1'\ntoken = 'x'\napi_url = 'line'", &["api_url: is not a URL: relative URL without a base"]);
}

/// What holds for every request to LINE.
pub fn check(request: &Recorded) {
    if request.method == "GET" {
        return;
    }
    let json = request.json();
    let messages = json["messages"].as_array().unwrap();
    assert!((1..=5).contains(&messages.len()));
    let text = text(request);
    assert!(!text.trim().is_empty() && text.encode_utf16().count() <= 5_000, "{text}");
    assert!(!text.contains(['\u{202E}', '\r']), "{text}");
    for image in &messages[1..] {
        assert_eq!(image["type"], "image");
        let url = image["previewImageUrl"].as_str().unwrap();
        assert!(url.starts_with("https://") && url.len() <= 2_000, "{url}");
    }
    let key = request.header("x-line-retry-key").unwrap();
    assert_eq!(key.len(), 36);
}
