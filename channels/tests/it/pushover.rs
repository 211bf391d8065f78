//! Pushover: exact requests, emergencies and how they end, failures.

use alerts::{
    message::{Message, Receipt},
    ports::SendErrorKind,
};
use serde_json::json;

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{firing, grouped, hostile, replace_bytes, resolved, with_pictures},
    setup::{Setup, shown},
};

fn toml(base: &str, more: &str) -> String {
    let texts = "title = '{{ template \"test.title\" . }}'\nurl = '{{ .ExternalURL }}'";
    let text = if more.contains("message =") { "" } else { "message = '{{ template \"test.text\" . }}'" };
    format!(
        "[[pushover_configs]]\napi_url = '{base}/1'\nuser_key = 'user-secret'\ntoken = 'app-secret'\n{texts}\n{text}\n{more}"
    )
}

fn answer(request: &Recorded) -> Reply {
    let emergency = fields(request).iter().any(|(name, value)| name == "priority" && value == "2");
    let receipt = if emergency { json!("receipt1") } else { json!(null) };
    Reply::json(&json!({ "status": 1, "request": "request1", "receipt": receipt }))
}

/// The fields of a form, in order; files as what they are.
fn fields(request: &Recorded) -> Vec<(String, String)> {
    let kind = request.header("content-type").unwrap();
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let Some((_, boundary)) = kind.split_once("boundary=") else {
        return url::form_urlencoded::parse(body.as_bytes()).map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
    };
    let between = format!("--{boundary}");
    let parts = body.split(&between).filter_map(|part| part.split_once("\r\n\r\n"));
    parts
        .map(|(head, value)| {
            let name = head.split("name=\"").nth(1).unwrap().split('"').next().unwrap();
            let file = head.split("filename=\"").nth(1).map(|rest| rest.split('"').next().unwrap());
            let kind = head.to_lowercase().split("content-type: ").nth(1).map(|rest| rest.trim().to_owned());
            let value = value.strip_suffix("\r\n").unwrap();
            match file {
                Some(file) => (name.to_owned(), format!("[{file}, {}]", kind.unwrap())),
                None => (name.to_owned(), value.to_owned()),
            }
        })
        .collect()
}

/// Requests as text: the boundary of a form is another one each time.
fn written(requests: &[Recorded]) -> String {
    let one = |request: &Recorded| {
        let kind = request.header("content-type").unwrap().split(';').next().unwrap().to_owned();
        let fields: Vec<String> = fields(request).iter().map(|(name, value)| format!("{name}: {value}")).collect();
        format!("{} {}\ncontent-type: {kind}\n\n{}\n", request.method, request.path, fields.join("\n"))
    };
    requests.iter().map(one).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn requests_are_as_recorded() {
    const EVERY_KEY: &str = "url_title = 'All of {{ .Receiver }}'\ndevice = 'phone'\nsound = 'siren'\npriority = '1'\nttl = '1h'\nmonospace = true";
    const HTML: &str = "html = true\nmessage = '<b>{{ .GroupLabels.alertname }}</b> {{ range .Alerts }}{{ .Annotations.summary }}{{ end }}'";
    let mut too_large = with_pictures(firing(), 1);
    replace_bytes(&mut too_large.pictures[0], 1_800, 1_200);
    let cases: [(&str, &str, Message); 10] = [
        ("firing", "", firing()),
        ("resolved", "", resolved()),
        ("one_picture", "", with_pictures(firing(), 1)),
        ("three_pictures_on_a_sheet", "", with_pictures(grouped(), 3)),
        ("too_many_pictures", "", with_pictures(grouped(), 15)),
        ("no_pictures_wanted", "images = 'none'", with_pictures(firing(), 1)),
        ("too_large", "", too_large),
        ("every_key", EVERY_KEY, firing()),
        ("emergency_within_bounds", "retry = '1s'\nexpire = '1d'\nmessage = ' '\npriority = '2'", resolved()),
        ("html_hostile", HTML, hostile("<b>x</b> <a href=\"http://evil\">y</a> & \u{202E}txt\r\nnew line")),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(answer).await;
        let receipt = Setup::default().channel(&toml(&server.base, more)).send(&message, None).await.unwrap();
        assert_eq!((&receipt.degraded, receipt.pictures_due), (&None, false), "{name}");
        server.requests().iter().for_each(check);
        golden::check(&format!("pushover/{name}.txt"), &written(&server.requests()));
    }
}

#[tokio::test]
async fn an_emergency_is_called_off_by_what_follows() {
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    let first = channel.send(&firing(), None).await.unwrap();
    assert_eq!(first.message["receipt"], "receipt1");
    let kept: Receipt = serde_json::from_str(&serde_json::to_string(&first).unwrap()).unwrap();
    let second = channel.send(&grouped(), Some(&kept)).await.unwrap();
    let last = channel.send(&resolved(), Some(&second)).await.unwrap();
    assert!(last.message["receipt"].is_null() && last.degraded.is_none());
    let cancel = "/1/receipts/receipt1/cancel.json";
    let messages = "/1/messages.json";
    assert_eq!(server.paths(), [messages, messages, cancel, messages, cancel]);
    assert_eq!(fields(&server.requests()[2]), [("token".to_owned(), "app-secret".to_owned())]);
    // nothing rings any more
    channel.send(&firing(), Some(&last)).await.unwrap();
    assert_eq!(server.paths().len(), 6);
}

#[tokio::test]
async fn what_cannot_be_called_off_does_not_cost_the_message() {
    let failing = |r: &Recorded| match r.path.contains("cancel") {
        true => Reply::status(500, "app-secret broke"),
        false => answer(r),
    };
    let server = HttpServer::start(failing).await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    let first = channel.send(&firing(), None).await.unwrap();
    let degraded = channel.send(&resolved(), Some(&first)).await.unwrap().degraded.unwrap();
    assert!(degraded.contains("not called off") && !degraded.contains("app-secret"), "{degraded}");
}

#[tokio::test]
async fn an_emergency_that_is_over_needs_no_end() {
    let gone = |r: &Recorded| match r.path.contains("cancel") {
        true => Reply::status(404, r#"{"receipt":"not found","errors":["receipt not found"],"status":0}"#),
        false => answer(r),
    };
    let server = HttpServer::start(gone).await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    let first = channel.send(&firing(), None).await.unwrap();
    let last = channel.send(&resolved(), Some(&first)).await.unwrap();
    assert_eq!((last.degraded, server.requests().len()), (None, 3));
}

#[tokio::test]
async fn a_refused_picture_does_not_cost_the_message() {
    let picky = |r: &Recorded| match fields(r).iter().any(|(name, _)| name == "attachment") {
        true => Reply::status(400, r#"{"attachment":"invalid","errors":["attachment is invalid"],"status":0}"#),
        false => answer(r),
    };
    let server = HttpServer::start(picky).await;
    let receipt =
        Setup::default().channel(&toml(&server.base, "")).send(&with_pictures(firing(), 2), None).await.unwrap();
    assert!(receipt.degraded.unwrap().contains("without pictures"));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn failures_have_no_secrets() {
    let echo = |r: &Recorded| Reply::status(400, format!("{{\"errors\":[{:?}],\"status\":0}}", fields(r)[0].1));
    let server = HttpServer::start(echo).await;
    let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Rejected);
    assert!(shown(&error).contains("[redacted]") && !shown(&error).contains("app-secret"), "{error}");
}

#[tokio::test]
async fn keys_may_be_templates_and_stand_in_files() {
    let server = HttpServer::start(answer).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "token-{{ .GroupLabels.alertname }}\n").unwrap();
    let toml = format!(
        "[[pushover_configs]]\napi_url = '{}/1'\nuser_key = '{{{{ .CommonLabels.severity }}}}-key'\ntoken_file = '{}'",
        server.base,
        file.path().display()
    );
    Setup::default().channel(&toml).send(&firing(), None).await.unwrap();
    let sent = fields(&server.requests()[0]);
    assert_eq!((sent[0].1.as_str(), sent[1].1.as_str()), ("token-DiskFull", "critical-key"));
}

#[tokio::test]
async fn a_priority_that_is_none_is_told() {
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, "priority = '{{ .CommonLabels.severity }}'"));
    let receipt = channel.send(&firing(), None).await.unwrap();
    assert!(receipt.degraded.unwrap().contains("priority"));
    assert!(fields(&server.requests()[0]).contains(&("priority".to_owned(), "0".to_owned())));
}

#[test]
fn keys_that_are_wrong_are_refused() {
    let check = |toml: &str, expected: &[&str]| {
        let expected: Vec<String> =
            expected.iter().map(|text| format!("receivers[0].pushover_configs[0].{text}")).collect();
        assert_eq!(Setup::default().problems(toml), expected);
    };
    check("[[pushover_configs]]", &["user_key: is missing", "token: is missing"]);
    check(
        &toml("https://x", "html = true\nmonospace = true"),
        &["monospace: contradicts html: only one of them may be true"],
    );
    check(&toml("https://x", "images = 'link'"), &["images: this integration cannot show pictures by their links"]);
}

/// What holds for every request to Pushover.
pub fn check(request: &Recorded) {
    assert!(!request.path.contains('?') && !request.path.contains("-secret"), "{}", request.path);
    let fields = fields(request);
    let of = |name: &str| fields.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str());
    assert!(of("token").is_some());
    if request.path.ends_with("/messages.json") {
        let chars = |name: &str| of(name).unwrap_or_default().chars().count();
        assert!((1..=1_024).contains(&chars("message")) && chars("title") <= 250, "{fields:?}");
        assert!(chars("url") <= 512 && chars("url_title") <= 100, "{fields:?}");
        assert!(request.body.len() <= 5_242_880 + 10_000);
        assert_eq!(of("priority") == Some("2"), of("retry").is_some());
        assert!(of("html").is_none() || !of("message").unwrap().contains("<a "), "{fields:?}");
    }
}
