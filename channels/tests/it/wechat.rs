//! WeCom's requests, steps, tokens and failures, against a server that answers as WeCom does.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use alerts::{
    message::{Message, Receipt},
    ports::{LatePictures, SendErrorKind},
};
use channels::Globals;
use serde_json::json;

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{PNG, firing, grouped, hostile, picture, resolved, with_pictures},
    setup::{Setup, shown},
};

const TEXT: &str = r#"message = """{{ template "test.title" . }}
{{ template "test.text" . }}"""
"#;

fn ok() -> Reply {
    Reply::json(&json!({ "errcode": 0, "errmsg": "ok" }))
}

/// What WeCom answers when all is well.
fn answer(request: &Recorded) -> Reply {
    match request.path.split('?').next().unwrap() {
        "/cgi-bin/gettoken" => {
            Reply::json(&json!({ "errcode": 0, "access_token": "granted-secret", "expires_in": 7_200 }))
        }
        "/cgi-bin/media/upload" => Reply::json(&json!({ "errcode": 0, "media_id": "3G6f" })),
        _ => ok(),
    }
}

fn no(code: i64) -> Reply {
    Reply::json(&json!({ "errcode": code, "errmsg": "no" }))
}

fn robot(base: &str, more: &str) -> String {
    format!("[[wechat_configs]]\nwebhook_url = '{base}/cgi-bin/webhook/send?key=robot-secret'\n{TEXT}{more}")
}

fn app(base: &str, more: &str) -> String {
    format!(
        "[[wechat_configs]]\napi_url = '{base}/cgi-bin/'\napi_secret = 'app-secret'\ncorp_id = 'ww12'\nagent_id = '1000002'\nto_user = 'ann|bob'\n{TEXT}{more}"
    )
}

/// Sends the message and then, as the machine does, its pictures.
async fn sent(toml: &str, message: &Message) -> Receipt {
    let channel = Setup::default().channel(toml);
    let receipt = channel.send(message, None).await.unwrap();
    if receipt.pictures_due { channel.add_pictures(&receipt, &message.pictures).await.unwrap() } else { receipt }
}

/// The requests as text, files in them by their size.
fn recorded(server: &HttpServer) -> String {
    let mut requests = server.requests();
    for request in &mut requests {
        if let Some(at) = request.body.windows(PNG.len()).position(|part| part == PNG) {
            let shown = [&request.body[..at], b"[PNG, 69 bytes]", &request.body[at + PNG.len()..]].concat();
            request.body = shown.clone();
        }
    }
    golden::requests(&requests, &server.base).replace('\r', "")
}

#[tokio::test]
async fn requests_are_as_recorded() {
    type Way = fn(&str, &str) -> String;
    let value = "<@all> <font color=\"red\">x</font> [a](http://evil) `c` **b** \u{202E}txt\r\nnew line";
    let to = "to_party = '{{ .GroupLabels.alertname }}'\nto_tag = '7'\nmessage_type = 'markdown'";
    let cases: [(&str, Way, &str, Message); 12] = [
        ("robot_firing", robot, "", firing()),
        ("robot_resolved", robot, "message_type = 'text'", resolved()),
        ("robot_two_pictures", robot, "", with_pictures(grouped(), 2)),
        ("robot_linked", robot, "images = 'link'\nmax_images = 2", with_pictures(grouped(), 3)),
        ("robot_no_pictures_wanted", robot, "images = 'none'", with_pictures(firing(), 1)),
        ("robot_hostile", robot, "images = 'link'", hostile(value)),
        ("robot_hostile_text", robot, "images = 'none'\nmessage_type = 'text'", hostile(value)),
        ("app_firing", app, "", firing()),
        ("app_every_key", app, to, grouped()),
        ("app_one_picture", app, "", with_pictures(firing(), 1)),
        ("app_linked", app, "images = 'link'", with_pictures(firing(), 1)),
        ("app_too_many", app, "images = 'link'\nmax_images = 1", with_pictures(firing(), 2)),
    ];
    for (name, way, more, message) in cases {
        let server = HttpServer::start(answer).await;
        let receipt = sent(&way(&server.base, more), &message).await;
        assert_eq!(receipt.degraded, None, "{name}");
        assert!(!receipt.message.to_string().contains("secret"), "{name}");
        golden::check(&format!("wechat/{name}.txt"), &recorded(&server));
    }
}

#[tokio::test]
async fn more_pictures_than_three_become_a_sheet() {
    let server = HttpServer::start(answer).await;
    sent(&robot(&server.base, ""), &with_pictures(grouped(), 6)).await;
    let kinds: Vec<String> =
        server.requests().iter().map(|r| r.json()["msgtype"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["markdown", "image", "image", "image"]);
}

#[tokio::test]
async fn late_pictures_come_behind() {
    for (toml, expected) in [
        (robot as fn(&str, &str) -> String, vec!["/cgi-bin/webhook/send"]),
        (app, vec!["/cgi-bin/gettoken", "/cgi-bin/media/upload", "/cgi-bin/message/send"]),
    ] {
        let server = HttpServer::start(answer).await;
        let channel = Setup::default().channel(&toml(&server.base, ""));
        assert_eq!(channel.limits().pictures.late, LatePictures::Add);
        let receipt = Receipt { message: json!({ "touser": "ann", "agentid": "7" }), ..Receipt::default() };
        channel.add_pictures(&receipt, &[picture("late", &firing().alerts[0])]).await.unwrap();
        assert_eq!(server.paths(), expected);
    }
}

#[tokio::test]
async fn a_picture_that_is_there_does_not_come_twice() {
    let count = AtomicUsize::new(0);
    let second_fails = move |request: &Recorded| match request.json()["msgtype"] == "image" {
        true if count.fetch_add(1, Ordering::Relaxed) == 1 => no(45_009),
        _ => ok(),
    };
    let server = HttpServer::start(second_fails).await;
    let receipt = sent(&robot(&server.base, ""), &with_pictures(firing(), 3)).await;
    let degraded = receipt.degraded.unwrap();
    assert!(degraded.starts_with("only 1 of 3 pictures: ") && degraded.contains("45009"), "{degraded}");
    let first_fails = |request: &Recorded| if request.json()["msgtype"] == "image" { no(40_009) } else { ok() };
    let server = HttpServer::start(first_fails).await;
    let channel = Setup::default().channel(&robot(&server.base, ""));
    let message = with_pictures(firing(), 1);
    let receipt = channel.send(&message, None).await.unwrap();
    let error = channel.add_pictures(&receipt, &message.pictures).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Rejected);
}

#[tokio::test]
async fn a_token_is_kept_and_renewed_when_it_is_refused() {
    let asked = Arc::new(AtomicUsize::new(0));
    let (count, refused) = (asked.clone(), AtomicUsize::new(0));
    let forgetful = move |request: &Recorded| {
        if request.path.starts_with("/cgi-bin/gettoken") {
            let token = format!("token-{}-secret", count.fetch_add(1, Ordering::Relaxed));
            return Reply::json(&json!({ "errcode": 0, "access_token": token, "expires_in": 7_200 }));
        }
        let third = refused.fetch_add(1, Ordering::Relaxed) == 2;
        if third { no(42_001) } else { ok() }
    };
    let server = HttpServer::start(forgetful).await;
    let channel = Setup::default().channel(&app(&server.base, ""));
    channel.send(&firing(), None).await.unwrap();
    channel.send(&firing(), None).await.unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 1, "the token is kept");
    channel.send(&firing(), None).await.unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 2, "and renewed");
    assert!(server.requests().last().unwrap().path.ends_with("access_token=token-1-secret"));
    // refused again and again it is somebody else's turn
    let always = |r: &Recorded| if r.path.starts_with("/cgi-bin/gettoken") { answer(r) } else { no(40_014) };
    let server = HttpServer::start(always).await;
    let error = Setup::default().channel(&app(&server.base, "")).send(&firing(), None).await.unwrap_err();
    assert_eq!((error.kind, server.requests().len()), (SendErrorKind::Unauthorised, 4));
}

#[tokio::test]
async fn a_token_is_renewed_before_its_end() {
    // it is kept until five minutes before its end
    for (lifetime, expected) in [(302, 1), (299, 2)] {
        let short = move |r: &Recorded| match r.path.starts_with("/cgi-bin/gettoken") {
            true => Reply::json(&json!({ "errcode": 0, "access_token": "t-secret", "expires_in": lifetime })),
            false => ok(),
        };
        let server = HttpServer::start(short).await;
        let channel = Setup::default().channel(&app(&server.base, ""));
        channel.send(&firing(), None).await.unwrap();
        channel.send(&firing(), None).await.unwrap();
        let asked = server.paths().iter().filter(|path| path.ends_with("gettoken")).count();
        assert_eq!(asked, expected, "{lifetime}");
    }
}

async fn check_failure(toml: fn(&str, &str) -> String, reply: Reply, kind: SendErrorKind, words: &str) {
    let server = HttpServer::start(move |_| reply.clone()).await;
    let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
    assert_eq!(error.kind, kind, "{error}");
    assert!(error.detail.contains(words), "{error}");
    assert!(!shown(&error).contains("-secret"), "{error}");
}

#[tokio::test]
async fn codes_are_read_out_of_answers_with_status_200() {
    use SendErrorKind::*;
    let minute = RetryAfter(Duration::from_secs(60));
    let hidden = Reply::json(&json!({ "errcode": 93_000, "errmsg": "bad key robot-secret" }));
    check_failure(robot, no(45_009), minute, "45009").await;
    check_failure(robot, no(-1), Retry, "-1").await;
    check_failure(robot, hidden, Unauthorised, "93000: bad key [redacted]").await;
    check_failure(robot, Reply::json(&json!({ "errcode": 40_058, "errmsg": "x" })), Rejected, "40058: x").await;
    check_failure(robot, Reply::status(200, "<html>"), Retry, "not WeCom's answer").await;
    check_failure(robot, Reply::status(502, "robot-secret"), Retry, "502").await;
    let hidden = Reply::json(&json!({ "errcode": 40_001, "errmsg": "invalid app-secret" }));
    check_failure(app, hidden, Unauthorised, "no token: 40001: invalid [redacted]").await;
    check_failure(app, Reply::json(&json!({ "errcode": 40_999, "errmsg": "x" })), Unauthorised, "no token").await;
    check_failure(app, Reply::json(&json!({ "errcode": 0 })), Unauthorised, "holds none").await;
    check_failure(app, Reply::json(&json!({ "errcode": 45_009, "errmsg": "x" })), minute, "no token").await;
}

#[tokio::test]
async fn unknown_members_are_told_of() {
    let partly = |r: &Recorded| match r.path.starts_with("/cgi-bin/gettoken") {
        true => answer(r),
        false => Reply::json(&json!({ "errcode": 0, "invaliduser": "bob" })),
    };
    let server = HttpServer::start(partly).await;
    let receipt = sent(&app(&server.base, ""), &firing()).await;
    assert_eq!(receipt.degraded.as_deref(), Some("not told, since unknown: bob"));
    let toml = app(&server.base, "").replace("ann|bob", "{{ .CommonLabels.nobody }}");
    let error = Setup::default().channel(&toml).send(&firing(), None).await.unwrap_err();
    assert!(error.kind == SendErrorKind::Unauthorised && error.detail.contains("nobody to tell"), "{error}");
}

#[tokio::test]
async fn the_global_section_fills_in() {
    let server = HttpServer::start(answer).await;
    let globals = format!(
        "wechat_api_url = '{}/cgi-bin'\nwechat_api_secret = 'app-secret'\nwechat_api_corp_id = 'ww99'",
        server.base
    );
    let globals: Globals = toml::from_str(&globals).unwrap();
    let setup = Setup { globals, ..Setup::default() };
    setup.channel("[[wechat_configs]]\nto_user = '@all'").send(&firing(), None).await.unwrap();
    assert_eq!(server.requests()[0].path, "/cgi-bin/gettoken?corpid=ww99&corpsecret=app-secret");
}

#[tokio::test]
async fn texts_are_cut_by_bytes_between_alerts() {
    let mut many = grouped();
    many.alerts = vec![many.alerts[0].clone(); 200];
    for alert in &mut many.alerts {
        alert.alert.annotations = [("summary", "磁盘")].into_iter().collect();
    }
    for (more, name, room) in [("", "markdown", 4_096), ("message_type = 'text'", "text", 2_048)] {
        let server = HttpServer::start(answer).await;
        sent(&robot(&server.base, more), &many).await;
        let json = server.requests()[0].json();
        let content = json[name]["content"].as_str().unwrap();
        assert!(content.len() <= room && content.len() > room - 60, "{}", content.len());
        assert!(content.ends_with("more alerts") && content.contains("磁盘"));
    }
}

#[test]
fn problems_name_their_keys() {
    let check = |toml: &str, expected: &[&str]| {
        let expected: Vec<String> =
            expected.iter().map(|problem| format!("receivers[0].wechat_configs[0].{problem}")).collect();
        assert_eq!(Setup::default().problems(&format!("[[wechat_configs]]\n{toml}")), expected, "{toml}");
    };
    check(
        "",
        &[
            "api_secret: is missing, and there is no global.wechat_api_secret either",
            "corp_id: is missing, and there is no global.wechat_api_corp_id either",
        ],
    );
    check(
        "webhook_url = 'https://x/y?key=z'\ncorp_id = 'a'",
        &["webhook_url: is that of a robot: only one of it and an application may be given"],
    );
    check("webhook_url = 'key'", &["webhook_url: is not a URL: relative URL without a base"]);
    assert!(toml::from_str::<channels::Receiver>("[[wechat_configs]]\nmessage_type = 'html'").is_err());
}

/// What holds for every request to WeCom: limits, and no value that became markup.
pub fn check(request: &Recorded) {
    if !request.path.contains("/send") {
        return;
    }
    let json = request.json();
    for (name, room) in [("text", 2_048), ("markdown", 4_096)] {
        let Some(content) = json[name]["content"].as_str() else { continue };
        assert!(!content.trim().is_empty() && content.len() <= room, "{}", content.len());
        for markup in ["<!", "<@", "<script", "<http"] {
            assert!(!content.contains(markup), "{content}");
        }
    }
}
