//! DingTalk's requests and failures.

use std::time::Duration;

use alerts::{message::Message, ports::SendErrorKind};
use serde_json::json;

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{firing, grouped, hostile, resolved, with_pictures},
    setup::{Setup, shown},
};

const TEXTS: &str = "title = '{{ template \"test.title\" . }}'\nmessage = '{{ template \"test.text\" . }}'\n";

fn toml(base: &str, more: &str) -> String {
    format!("[[dingding_configs]]\nurl = '{base}/robot/send?access_token=robot-secret'\n{TEXTS}{more}")
}

fn ok() -> Reply {
    Reply::json(&json!({ "errcode": 0, "errmsg": "ok" }))
}

/// With links that clients load.
fn on_https(mut message: Message) -> Message {
    for picture in &mut message.pictures {
        picture.url = picture.url.take().map(|url| url.replace("http://", "https://"));
    }
    message
}

#[tokio::test]
async fn requests_are_as_recorded() {
    let value = "<font color=\"red\">x</font> [a](http://evil) ![a](http://evil) `c` **b** \u{202E}txt\r\nnew line";
    let cases: [(&str, &str, Message); 10] = [
        ("firing", "", firing()),
        ("resolved", "", resolved()),
        ("pictures", "", on_https(with_pictures(grouped(), 2))),
        ("pictures_without_tls", "", with_pictures(firing(), 1)),
        ("too_many_pictures", "max_images = 1", on_https(with_pictures(grouped(), 3))),
        ("no_pictures_wanted", "images = 'none'", on_https(with_pictures(firing(), 1))),
        ("link", "msgType = 'link'", on_https(with_pictures(grouped(), 2))),
        ("card", "msgType = 'actionCard'", on_https(with_pictures(firing(), 1))),
        ("hostile", "", on_https(hostile(value))),
        ("hostile_link", "msgType = 'link'", on_https(hostile(value))),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(|_| ok()).await;
        let receipt = Setup::default().channel(&toml(&server.base, more)).send(&message, None).await.unwrap();
        assert_eq!((receipt.degraded, receipt.pictures_due), (None, false));
        golden::check(&format!("dingding/{name}.txt"), &golden::requests(&server.requests(), &server.base));
    }
}

#[tokio::test]
async fn requests_are_signed_with_a_secret_that_is_read_each_time() {
    let server = HttpServer::start(|_| ok()).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "SECone\n").unwrap();
    let channel = Setup::default().channel(&toml(&server.base, &format!("secret_file = '{}'", file.path().display())));
    channel.send(&firing(), None).await.unwrap();
    let path = server.requests()[0].path.clone();
    let url = url::Url::parse(&format!("http://x{path}")).unwrap();
    let names: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["access_token", "timestamp", "sign"]);
    std::fs::remove_file(file.path()).unwrap();
    let error = channel.send(&firing(), None).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Unauthorised, "{error}");
}

async fn check_failure(reply: Reply, kind: SendErrorKind, words: &str) {
    let server = HttpServer::start(move |_| reply.clone()).await;
    let channel = Setup::default().channel(&toml(&server.base, "secret = 'SECsigning-secret'"));
    let error = channel.send(&firing(), None).await.unwrap_err();
    assert_eq!(error.kind, kind, "{error}");
    assert!(error.detail.contains(words), "{error}");
    assert!(!shown(&error).contains("-secret"), "{error}");
}

fn no(code: i64) -> Reply {
    Reply::json(&json!({ "errcode": code, "errmsg": "robot-secret, SECsigning-secret" }))
}

#[tokio::test]
async fn codes_are_read_out_of_answers_with_status_200() {
    use SendErrorKind::*;
    let long = RetryAfter(Duration::from_secs(600));
    check_failure(no(130_101), long, "130101: [redacted], [redacted]").await;
    check_failure(no(-1), Retry, "-1").await;
    check_failure(no(310_000), Rejected, "310000").await;
    check_failure(no(300_001), Unauthorised, "300001").await;
    check_failure(no(460_101), Rejected, "460101").await;
    check_failure(Reply::status(200, "<html>robot-secret</html>"), Retry, "not DingTalk's answer").await;
    check_failure(Reply::status(503, ""), Retry, "503").await;
}

#[tokio::test]
async fn refused_pictures_do_not_cost_the_message() {
    let fussy = |r: &Recorded| if r.json().to_string().contains("![") { no(430_104) } else { ok() };
    let server = HttpServer::start(fussy).await;
    let message = on_https(with_pictures(firing(), 2));
    let receipt = Setup::default().channel(&toml(&server.base, "")).send(&message, None).await.unwrap();
    assert!(receipt.degraded.unwrap().contains("sent without pictures: 430104"));
    assert!(server.requests()[1].json().to_string().contains("2 more pictures"));
    // for security nothing is tried twice
    let server = HttpServer::start(|_| no(310_000)).await;
    assert!(Setup::default().channel(&toml(&server.base, "")).send(&message, None).await.is_err());
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn texts_are_cut_between_alerts() {
    let mut many = grouped();
    many.alerts = vec![many.alerts[0].clone(); 1_000];
    let server = HttpServer::start(|_| ok()).await;
    Setup::default().channel(&toml(&server.base, "")).send(&many, None).await.unwrap();
    let request = &server.requests()[0];
    assert!(request.body.len() <= 20_000 && request.body.len() > 19_500, "{}", request.body.len());
    assert!(request.json()["markdown"]["text"].as_str().unwrap().ends_with("more alerts"));
}

#[test]
fn problems_name_their_keys() {
    let check = |more: &str, expected: &str| {
        let problems = Setup::default().problems(&format!("[[dingding_configs]]\n{more}"));
        assert_eq!(problems, [format!("receivers[0].dingding_configs[0].{expected}")], "{more}");
    };
    check("", "url: is missing");
    check("url = 'token'", "url: is not a URL: relative URL without a base");
    check(
        "url = 'https://x/y'\nsecret = 'a'\nsecret_file = 'b'",
        "secret: only one of secret and secret_file may be given",
    );
    check("url = 'https://x/y'\nimages = 'upload'", "images: this integration cannot take picture files");
    assert!(toml::from_str::<channels::Receiver>("[[dingding_configs]]\nmsgType = 'text'").is_err());
}

/// What holds for every request to DingTalk: limits, and no value that became markup.
pub fn check(request: &Recorded) {
    assert!(request.body.len() <= 20_000 && request.path.contains("&sign="));
    let json = request.json();
    let text = json["markdown"]["text"].as_str().unwrap();
    assert!(!json["markdown"]["title"].as_str().unwrap().is_empty() && !text.is_empty());
    for markup in ["<!", "<@", "<script", "<http"] {
        assert!(!text.contains(markup), "{text}");
    }
}
