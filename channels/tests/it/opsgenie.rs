//! Opsgenie's alerts, their attachments, and its failures; and Jira Service Management's.

use std::sync::atomic::{AtomicUsize, Ordering};

use alerts::{
    Status,
    message::Message,
    ports::{SendErrorKind, Way},
};
use channels::Globals;
use serde_json::json;

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{PNG, alert, firing, grouped, hostile, message, picture, resolved, with_pictures},
    setup::{Setup, shown},
};

const ALERT: &str = "8743a1b2-11da-480e-8493-744660987bef";

fn toml(base: &str, more: &str) -> String {
    format!(
        "[[opsgenie_configs]]\napi_key = 'genie-key-secret'\napi_url = '{base}/opsgenie'\n\
         message = '{{{{ template \"test.title\" . }}}}'\ndescription = '{{{{ template \"test.text\" . }}}}'\n{more}"
    )
}

/// Every key that Alertmanager has.
const EVERY_KEY: &str = r#"source = 'am {{ .Status }}'
details = { team = '{{ .GroupLabels.alertname }}', severity = 'mine' }
entity = '{{ .CommonLabels.instance }}'
responders = [
  { name = '{{ .GroupLabels.alertname }}-team', type = 'team' },
  { name = 'a, b,,c', type = 'teams' },
  { username = 'ann@example.org', type = 'USER' },
  { id = '4513b7ea', type = '{{ if .Alerts }}schedule{{ end }}' },
  { name = '{{ .CommonLabels.absent }}', type = 'escalation' },
]
actions = 'restart, ping'
tags = 'disk, ,{{ .CommonLabels.severity }}, a tag that is longer than the fifty characters which a tag may have'
note = 'noted by {{ .Receiver }}'
priority = 'p{{ len .Alerts }}'
update_alerts = true
"#;

#[tokio::test]
async fn requests_are_as_recorded() {
    let cases: [(&str, &str, Message); 8] = [
        ("firing", "", firing()),
        ("resolved", "", resolved()),
        ("grouped_two_pictures", "", with_pictures(grouped(), 2)),
        ("resolved_picture", "", with_pictures(resolved(), 1)),
        ("linked", "images = 'link'", with_pictures(grouped(), 2)),
        ("no_pictures_wanted", "images = 'none'\npriority = ''", with_pictures(firing(), 1)),
        ("every_key", EVERY_KEY, firing()),
        ("hostile", "", hostile("<!channel> \"a\" <http://evil|x> &amp; \u{202E}txt *b*\r\nnew line")),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(answer).await;
        let channel = Setup::default().channel(&toml(&server.base, more));
        let mut receipt = channel.send(&message, None).await.unwrap();
        if receipt.pictures_due {
            receipt = channel.add_pictures(&receipt, &message.pictures).await.unwrap();
        }
        assert_eq!((receipt.degraded, receipt.pictures_due), (None, false), "{name}");
        golden::check(&format!("opsgenie/{name}.txt"), &requests(&server));
    }
}

/// The requests, with files as their size and without what separates them.
fn requests(server: &HttpServer) -> String {
    let mut all = server.requests();
    for request in &mut all {
        let kind = request.header("content-type").unwrap_or_default().to_owned();
        if let Some((_, boundary)) = kind.split_once("boundary=") {
            request.headers.retain(|(name, _)| name != "content-type" && name != "content-length");
            request.headers.push(("content-type".into(), "multipart/form-data".into()));
            let at = request.body.windows(PNG.len()).position(|part| part == PNG).unwrap();
            request.body.splice(at..at + PNG.len(), format!("[PNG, {} bytes]", PNG.len()).into_bytes());
            let text = String::from_utf8(request.body.clone()).unwrap();
            request.body = text.replace(boundary, "boundary").replace('\r', "").into_bytes();
        }
    }
    golden::requests(&all, &server.base)
}

#[tokio::test]
async fn it_is_asked_until_it_is_known_which_alert_it_became() {
    let asked = AtomicUsize::new(0);
    let server = HttpServer::start(move |r: &Recorded| {
        if r.path.contains("/requests/") && asked.fetch_add(1, Ordering::Relaxed) < 2 {
            return Reply::status(404, r#"{"message":"Request not found. It might not be processed, yet."}"#);
        }
        answer(r)
    })
    .await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    let message = with_pictures(firing(), 1);
    let receipt = channel.send(&message, None).await.unwrap();
    let receipt = channel.add_pictures(&receipt, &message.pictures).await.unwrap();
    assert_eq!(receipt.degraded, None);
    let paths = server.paths();
    assert_eq!(paths.len(), 5, "{paths:?}");
    assert_eq!(paths[4], format!("/opsgenie/v2/alerts/{ALERT}/attachments"));
    // a late picture needs no more questions
    channel.add_pictures(&receipt, &[picture("late", &message.alerts[0])]).await.unwrap();
    assert_eq!(server.paths()[5..], [format!("/opsgenie/v2/alerts/{ALERT}/attachments")]);
}

#[tokio::test]
async fn an_open_alert_gets_each_picture_once() {
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    let attached = || server.paths().iter().filter(|path| path.ends_with("/attachments")).count();
    let mut message = with_pictures(firing(), 1);
    let first = channel.send(&message, None).await.unwrap();
    let first = channel.add_pictures(&first, &message.pictures).await.unwrap();
    assert!(!channel.send(&message, Some(&first)).await.unwrap().pictures_due, "the same again");
    message = with_pictures(firing(), 2);
    let second = channel.send(&message, Some(&first)).await.unwrap();
    let second = channel.add_pictures(&second, &message.pictures).await.unwrap();
    assert_eq!(attached(), 2);
    let closed = channel.send(&resolved(), Some(&second)).await.unwrap();
    assert!(channel.send(&message, Some(&closed)).await.unwrap().pictures_due, "it is another alert");
}

#[tokio::test]
async fn an_alert_that_was_not_taken_is_told_of() {
    let server = HttpServer::start(|r: &Recorded| match r.path.contains("/requests/") {
        true => {
            Reply::json(&json!({ "data": { "isSuccess": false, "status": "quota of genie-key-secret is used up" } }))
        }
        false => answer(r),
    })
    .await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    let message = with_pictures(firing(), 1);
    let receipt = channel.send(&message, None).await.unwrap();
    let error = channel.add_pictures(&receipt, &message.pictures).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Rejected);
    assert!(error.detail.contains("quota") && !shown(&error).contains("genie-key-secret"), "{error}");
    // whoever closed it by hand needs no picture of its end
    let message = with_pictures(resolved(), 1);
    let receipt = channel.send(&message, None).await.unwrap();
    assert_eq!(channel.add_pictures(&receipt, &message.pictures).await.unwrap().degraded, None);
}

#[tokio::test]
async fn what_cannot_be_attached_is_linked() {
    let server = HttpServer::start(|r: &Recorded| match r.path.contains("/attachments") {
        true => Reply::status(413, "too large"),
        false => answer(r),
    })
    .await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    let message = with_pictures(firing(), 2);
    let receipt = channel.send(&message, None).await.unwrap();
    let receipt = channel.add_pictures(&receipt, &message.pictures).await.unwrap();
    assert!(receipt.degraded.unwrap().contains("picture picture00 is not attached: 413"));
    let last = server.requests().pop().unwrap();
    assert_eq!(last.path, format!("/opsgenie/v2/alerts/{ALERT}/details?identifierType=id"));
    assert!(last.json()["details"]["image_2"].as_str().unwrap().contains("picture01.png"));
}

#[tokio::test]
async fn attachments_are_tried_again_only_before_the_first() {
    let server = HttpServer::start(|r: &Recorded| {
        let body = String::from_utf8_lossy(&r.body).into_owned();
        if r.path.contains("/attachments") && body.contains("picture01") { Reply::status(503, "") } else { answer(r) }
    })
    .await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    let message = with_pictures(firing(), 2);
    let receipt = channel.send(&message, None).await.unwrap();
    let error = channel.add_pictures(&receipt, &message.pictures[1..]).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Retry);
    let receipt = channel.add_pictures(&receipt, &message.pictures).await.unwrap();
    assert!(receipt.degraded.unwrap().contains("picture picture01 is not attached"));
}

#[tokio::test]
async fn an_alert_that_is_gone_needs_no_closing() {
    let gone = r#"{"message":"Alert with alias [x] does not exist","took":0.01,"requestId":"r"}"#;
    let server = HttpServer::start(move |_| Reply::status(404, gone)).await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    assert!(!channel.send(&with_pictures(resolved(), 1), None).await.unwrap().pictures_due);
    let error = channel.send(&firing(), None).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Unauthorised);
    // a wrong address is no alert that is gone
    let server = HttpServer::start(|_| Reply::status(404, "<html>not found</html>")).await;
    let error = Setup::default().channel(&toml(&server.base, "")).send(&resolved(), None).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Unauthorised);
}

#[tokio::test]
async fn jira_service_management_gets_links() {
    let server = HttpServer::start(answer).await;
    let toml = format!(
        "[[opsgenie_configs]]\napi_key = 'genie-key-secret'\napi_url = '{}/jsm/ops/integration/v2/alerts'",
        server.base
    );
    let channel = Setup::default().channel(&toml);
    assert_eq!(channel.limits().pictures.ways, [Way::Link]);
    let receipt = channel.send(&with_pictures(firing(), 1), None).await.unwrap();
    assert!(!receipt.pictures_due);
    assert_eq!(server.paths(), ["/jsm/ops/integration/v2/alerts"]);
    assert!(server.requests()[0].json()["details"]["image_1"].as_str().unwrap().contains("picture00"));
}

#[tokio::test]
async fn severities_become_priorities_unless_they_are_configured() {
    let server = HttpServer::start(answer).await;
    let check = async |severity: &str, more: &str, expected: serde_json::Value| {
        let one = alert(Status::Firing, &[("alertname", "x"), ("severity", severity)], &[]);
        let channel = Setup::default().channel(&toml(&server.base, more));
        channel.send(&message(vec![one]), None).await.unwrap();
        assert_eq!(server.requests().last().unwrap().json()["priority"], expected, "{severity} {more}");
    };
    check("critical", "", json!("P1")).await;
    check("high", "", json!("P2")).await;
    check("warning", "", json!("P3")).await;
    check("info", "", json!("P5")).await;
    check("page", "", json!(null)).await;
    check("critical", "priority = ''", json!(null)).await;
    check("critical", "priority = 'p4'", json!("P4")).await;
    check("critical", "priority = '{{ .CommonLabels.severity }}'", json!(null)).await;
}

#[tokio::test]
async fn details_keep_their_limit() {
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, "images = 'link'"));
    let long = "x".repeat(3_000);
    let names: Vec<String> = (0..20).map(|at| format!("label{at}")).collect();
    let labels: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), long.as_str())).collect();
    let mut message = with_pictures(message(vec![alert(Status::Firing, &labels, &[])]), 2);
    message.pictures[1].url = Some(format!("https://example.org/{}", "y".repeat(5_000)));
    let receipt = channel.send(&message, None).await.unwrap();
    assert_eq!(receipt.degraded.as_deref(), Some("1 links to pictures do not fit into the details"));
    let request = server.requests().remove(0);
    let details = request.json()["details"].as_object().unwrap().len();
    assert_eq!(details, 1 + 7);
    check(&request);
}

#[tokio::test]
async fn failures_have_classes_and_no_secrets() {
    let cases = [
        (422, "genie-key-secret: Request body is not processable", SendErrorKind::Rejected),
        (401, "key genie-key-secret is invalid", SendErrorKind::Unauthorised),
        (503, "genie-key-secret", SendErrorKind::Retry),
    ];
    for (status, body, kind) in cases {
        let server = HttpServer::start(move |_| Reply::status(status, body)).await;
        let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
        assert_eq!(error.kind, kind, "{status} {body}: {error}");
        assert!(!shown(&error).contains("genie-key-secret"), "{error}");
    }
}

#[tokio::test]
async fn refused_links_do_not_cost_the_alert() {
    let server = HttpServer::start(|r: &Recorded| match r.json()["details"]["image_1"].is_null() {
        true => answer(r),
        false => Reply::status(422, r#"{"message":"details are wrong"}"#),
    })
    .await;
    let channel = Setup::default().channel(&toml(&server.base, "images = 'link'"));
    let receipt = channel.send(&with_pictures(firing(), 1), None).await.unwrap();
    assert!(receipt.degraded.unwrap().contains("details are wrong"));
}

#[tokio::test]
async fn the_global_key_and_address_are_the_defaults() {
    let server = HttpServer::start(answer).await;
    let globals = format!("opsgenie_api_url = '{}/eu/'\nopsgenie_api_key = 'global-key-secret'", server.base);
    let setup = Setup { globals: toml::from_str::<Globals>(&globals).unwrap(), ..Setup::default() };
    setup.channel("[[opsgenie_configs]]").send(&firing(), None).await.unwrap();
    let request = server.requests().remove(0);
    assert_eq!(request.path, "/eu/v2/alerts");
    assert_eq!(request.header("authorization"), Some("GenieKey global-key-secret"));
}

#[test]
fn what_is_wrong_is_said() {
    let problems = |toml: &str| Setup::default().problems(&format!("[[opsgenie_configs]]\n{toml}")).join("\n");
    let cases = [
        ("", "api_key: is missing, and there is no global.opsgenie_api_key either"),
        ("api_key = 'x'\nresponders = [{ type = 'team' }]", "responders[0]: needs one of id, name and username"),
        ("api_key = 'x'\nresponders = [{ id = 'x', type = 'boss' }]", "responders[0].type: must be one of team, "),
        ("api_key = 'x'\ndetails.a = '{{'", "details.a: "),
    ];
    for (toml, expected) in cases {
        let found = problems(toml);
        assert!(found.starts_with(&format!("receivers[0].opsgenie_configs[0].{expected}")), "{toml}: {found}");
    }
}

fn answer(request: &Recorded) -> Reply {
    let accepted = json!({ "result": "Request will be processed", "requestId": "request-1" });
    match request.path.contains("/requests/") {
        true => Reply::json(&json!({ "data": { "isSuccess": true, "alertId": ALERT }, "requestId": "q" })),
        false => Reply::status(202, accepted.to_string()),
    }
}

/// What holds for every request.
pub fn check(request: &Recorded) {
    assert!(request.header("authorization").unwrap().starts_with("GenieKey "));
    if request.method != "POST" || !request.path.ends_with("/v2/alerts") {
        return;
    }
    let alert = request.json();
    let within = |key: &str, max: usize| {
        assert!(alert[key].as_str().unwrap_or_default().chars().count() <= max, "{key}: {alert}");
    };
    [("message", 130), ("description", 15_000), ("alias", 512), ("entity", 512), ("source", 100), ("note", 25_000)]
        .iter()
        .for_each(|(key, max)| within(key, *max));
    assert!(!alert["message"].as_str().unwrap().is_empty());
    let details = alert["details"].as_object().unwrap().iter();
    let total: usize = details.map(|(k, v)| k.chars().count() + v.as_str().unwrap().chars().count()).sum();
    assert!(total <= 8_000, "{total}");
    let tags = alert["tags"].as_array().cloned().unwrap_or_default();
    assert!(tags.len() <= 20 && tags.iter().all(|tag| tag.as_str().unwrap().chars().count() <= 50), "{tags:?}");
}
