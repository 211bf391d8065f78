//! The webhook's requests and failures.

use std::time::Duration;

use alerts::{message::Message, ports::SendErrorKind};

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{firing, grouped, resolved, with_pictures},
    setup::{Setup, shown},
};

/// Texts are templates, and what comes out as JSON is JSON; what is no text stays as it is.
const OWN_PAYLOAD: &str = r#"max_alerts = 1
[webhook_configs.payload]
text = '{{ .Status }}: {{ (index .Alerts 0).Annotations.summary }}'
'{{ .Status }}_count' = '{{ len .Alerts }}'
left_out = '{{ .TruncatedAlerts }}'
labels = '{{ .CommonLabels | toJson }}'
braces = '{{ "{{ .Status }}" }}'
nested = { list = ['{{ .Receiver }}', 1, true], picture = '{{ range .Pictures }}{{ .Src }}{{ end }}' }
"#;

fn toml(base: &str, more: &str) -> String {
    format!("name = 'w'\n[[webhook_configs]]\nurl = '{base}/hook'\n{more}")
}

#[tokio::test]
async fn requests_are_as_recorded() {
    let cases: [(&str, &str, Message); 6] = [
        ("firing", "", firing()),
        ("resolved", "", resolved()),
        ("one_picture", "", with_pictures(firing(), 1)),
        ("grouped_two_pictures", "", with_pictures(grouped(), 2)),
        ("own_payload", OWN_PAYLOAD, with_pictures(grouped(), 1)),
        ("max_alerts_and_images", "max_alerts = 1\nmax_images = 1", with_pictures(grouped(), 3)),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(|_| Reply::status(202, "")).await;
        let receipt = Setup::default().channel(&toml(&server.base, more)).send(&message, None).await.unwrap();
        assert!(!receipt.pictures_due);
        golden::check(&format!("webhook/{name}.txt"), &golden::requests(&server.requests(), &server.base));
    }
}

#[tokio::test]
async fn credentials_are_sent_and_not_shown() {
    let echo = |r: &super::http_server::Recorded| Reply::status(500, format!("{:?}", r.headers));
    let server = HttpServer::start(echo).await;
    let cases = [
        ("http_config.basic_auth = { username = 'ann', password = 'very-secret' }", "Basic YW5uOnZlcnktc2VjcmV0"),
        ("http_config.authorization = { credentials = 'very-secret' }", "Bearer very-secret"),
        ("http_config.authorization = { type = 'Token', credentials = 'very-secret' }", "Token very-secret"),
    ];
    for (more, expected) in cases {
        let error = Setup::default().channel(&toml(&server.base, more)).send(&firing(), None).await.unwrap_err();
        assert_eq!(server.requests().last().unwrap().header("authorization"), Some(expected));
        assert!(!shown(&error).contains("very-secret"), "{error}");
    }
}

#[tokio::test]
async fn a_secret_file_is_read_at_each_use() {
    let server = HttpServer::start(|_| Reply::status(200, "")).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{}/one\n", server.base)).unwrap();
    let channel = Setup::default().channel(&format!("[[webhook_configs]]\nurl_file = '{}'", file.path().display()));
    channel.send(&firing(), None).await.unwrap();
    std::fs::write(file.path(), format!("{}/two", server.base)).unwrap();
    channel.send(&firing(), None).await.unwrap();
    assert_eq!(server.paths(), ["/one", "/two"]);
}

#[tokio::test]
async fn what_is_too_large_goes_out_without_pictures() {
    let answer = |r: &super::http_server::Recorded| {
        Reply::status(if r.json()["images"][0].is_null() { 200 } else { 413 }, "request too large")
    };
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    let receipt = channel.send(&with_pictures(firing(), 2), None).await.unwrap();
    assert_eq!(server.requests().len(), 2);
    assert!(receipt.degraded.unwrap().contains("without pictures"));
}

#[tokio::test]
async fn redirects_are_not_followed_elsewhere() {
    let elsewhere = HttpServer::start(|_| Reply::status(200, "")).await;
    let location = elsewhere.base.replace("127.0.0.1", "localhost") + "/x";
    let server = HttpServer::start(move |_| Reply::status(307, "").with("location", &location)).await;
    for more in ["", "http_config.follow_redirects = true", "http_config.follow_redirects = false"] {
        let error = Setup::default().channel(&toml(&server.base, more)).send(&firing(), None).await.unwrap_err();
        assert_eq!(error.kind, SendErrorKind::Unauthorised);
        assert!(error.detail.contains("leads to localhost"), "{error}");
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn redirects_within_the_host_keep_the_request() {
    let answer = |r: &super::http_server::Recorded| match r.path.as_str() {
        "/hook" => Reply::status(308, "").with("location", "/new"),
        _ => Reply::status(200, ""),
    };
    let server = HttpServer::start(answer).await;
    Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap();
    let requests = server.requests();
    assert_eq!((requests[1].method.as_str(), requests[1].path.as_str()), ("POST", "/new"));
    assert_eq!(requests[0].body, requests[1].body);
    let stays = toml(&server.base, "http_config.follow_redirects = false");
    assert!(Setup::default().channel(&stays).send(&firing(), None).await.is_err());
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn it_is_known_whether_the_request_may_have_arrived() {
    let silent = HttpServer::start(|_| Reply::Silence).await;
    let error =
        Setup::default().channel(&toml(&silent.base, "timeout = '50ms'")).send(&firing(), None).await.unwrap_err();
    assert_eq!((error.kind, error.ambiguous), (SendErrorKind::Retry, true), "{error}");

    let closing = HttpServer::start(|_| Reply::Close).await;
    let error = Setup::default().channel(&toml(&closing.base, "")).send(&firing(), None).await.unwrap_err();
    assert_eq!((error.kind, error.ambiguous), (SendErrorKind::Retry, true), "{error}");

    let nobody = { std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap() };
    let channel = Setup::default().channel(&toml(&format!("http://{nobody}/path-secret"), ""));
    let error = channel.send(&firing(), None).await.unwrap_err();
    assert_eq!((error.kind, error.ambiguous), (SendErrorKind::Retry, false), "{error}");
    assert!(!shown(&error).contains("path-secret"));
}

#[tokio::test]
async fn the_vendors_wait_is_carried_over() {
    let server = HttpServer::start(|_| Reply::status(429, "slow down").with("retry-after", "7")).await;
    let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::RetryAfter(Duration::from_secs(7)));
    assert!(error.detail.contains("slow down"));
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let server = HttpServer::start(|_| Reply::status(400, "x".repeat(5_000_000))).await;
    let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
    assert!(error.detail.len() < 500);
}

#[tokio::test]
async fn the_address_may_depend_on_the_message_behind_its_host() {
    let server = HttpServer::start(|_| Reply::status(200, "")).await;
    let channel = |url: &str| Setup::default().channel(&format!("[[webhook_configs]]\nurl = '{url}'"));
    let url = format!("{}/{{{{ .GroupLabels.alertname | urlquery }}}}?s={{{{ .Status }}}}", server.base);
    channel(&url).send(&firing(), None).await.unwrap();
    assert_eq!(server.requests()[0].path, "/DiskFull?s=firing");

    let host = Setup::default().problems("[[webhook_configs]]\nurl = 'http://{{ .GroupLabels.host }}/x'");
    assert_eq!(
        host,
        ["receivers[0].webhook_configs[0].url: may be a template behind its host only: https://host/{{ … }}"]
    );
    let port = Setup::default().problems("[[webhook_configs]]\nurl = 'http://x:{{ .GroupLabels.port }}/x'");
    assert_eq!(port.len(), 1, "{port:?}");
}

#[tokio::test]
async fn the_labels_of_the_route_are_told() {
    let server = HttpServer::start(|_| Reply::status(200, "")).await;
    let mut message = firing();
    message.route_labels = [("team", "web")].into_iter().collect();
    Setup::default().channel(&toml(&server.base, "")).send(&message, None).await.unwrap();
    assert_eq!(server.requests()[0].json()["routeLabels"], serde_json::json!({ "team": "web" }));
}

#[tokio::test]
async fn what_dies_in_the_middle_of_its_answer_is_not_told_twice_at_once() {
    // a status that says success, and a body that never ends: it may have been taken
    let server = HttpServer::start(|_| Reply::status(200, "x").with("content-length", "100")).await;
    let sent = Setup::default().channel(&toml(&server.base, "timeout = '200ms'")).send(&firing(), None).await;
    assert!(sent.is_ok() || sent.is_err_and(|error| error.ambiguous));
    assert_eq!(server.requests().len(), 1);
}

/// What holds for every request to a webhook: the values are for machines, whole and as they are.
pub fn check(request: &Recorded) {
    assert_eq!(request.json()["version"], "4");
}
