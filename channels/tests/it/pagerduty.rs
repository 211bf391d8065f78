//! PagerDuty's events, both versions, and its failures.

use std::time::Duration;

use alerts::{message::Message, ports::SendErrorKind};
use channels::Globals;
use serde_json::json;

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{firing, grouped, hostile, message, resolved, with_pictures},
    setup::{Setup, shown},
};

const V1: &str = "/pagerduty/generic/2010-04-15/create_event.json";

fn toml(base: &str, more: &str) -> String {
    format!(
        "[[pagerduty_configs]]\nrouting_key = 'routing-key-secret'\nurl = '{base}/pagerduty/v2/enqueue'\n\
         description = '{{{{ template \"test.title\" . }}}}'\n{more}"
    )
}

fn v1(base: &str) -> String {
    format!(
        "[[pagerduty_configs]]\nservice_key = 'service-key-secret'\nurl = '{base}/pagerduty/v2/enqueue'\n\
         description = '{{{{ template \"test.title\" . }}}}'\ndetails.firing = 'x'\n"
    )
}

/// PagerDuty shows only what it can fetch over HTTPS.
fn secure(mut message: Message) -> Message {
    for picture in &mut message.pictures {
        picture.url = picture.url.take().map(|url| url.replacen("http://", "https://", 1));
    }
    message
}

/// Every key that Alertmanager has.
const EVERY_KEY: &str = r#"client = 'am {{ .Status }}'
client_url = 'https://am.example.org/{{ .Receiver }}'
source = '{{ .CommonLabels.instance }}'
severity = '{{ .CommonLabels.severity }}'
class = 'disk'
component = '{{ .GroupLabels.alertname }}'
group = 'db'
details = { num_firing = '{{ len .Alerts }} of them', firing = 'x', nested = { list = ['{{ .Status }}', 1], count = '{{ len .Alerts }}' } }
images = [
  { src = 'https://images.example.org/{{ .GroupLabels.alertname }}.png', alt = 'mine', href = 'https://example.org' },
  { src = 'http://images.example.org/not-secure.png', alt = 'not secure' },
  { src = '{{ .CommonAnnotations.absent }}' },
]
links = [{ href = 'https://runbooks.example.org/{{ .Status }}', text = 'Runbook' }, { href = '', text = 'none' }]
"#;

#[tokio::test]
async fn requests_are_as_recorded() {
    let long = message(vec![super::messages::alert(alerts::Status::Firing, &[("alertname", &"x".repeat(3_000))], &[])]);
    let mut too_many = secure(with_pictures(grouped(), 2));
    too_many.pictures_left_out = 3;
    let cases: [(&str, &str, Message); 9] = [
        ("firing", "", firing()),
        ("resolved", "", resolved()),
        ("grouped_two_pictures", "", secure(with_pictures(grouped(), 2))),
        ("picture_without_https", "details.firing = 'x'", with_pictures(firing(), 1)),
        ("pictures_left_out", "details.firing = 'x'", too_many),
        ("no_pictures_wanted", "images = 'none'\ndetails.firing = 'x'", secure(with_pictures(firing(), 1))),
        ("every_key", EVERY_KEY, secure(with_pictures(firing(), 1))),
        ("long_title", "details.firing = 'x'", long),
        ("hostile", "", hostile("<!channel> \"a\" <http://evil|x> &amp; \u{202E}txt *b*\r\nnew line")),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(accepted).await;
        let receipt = Setup::default().channel(&toml(&server.base, more)).send(&message, None).await.unwrap();
        assert_eq!((receipt.degraded, receipt.pictures_due), (None, false), "{name}");
        golden::check(&format!("pagerduty/{name}.txt"), &golden::requests(&server.requests(), &server.base));
    }
}

#[tokio::test]
async fn the_older_version_has_contexts() {
    let server = HttpServer::start(accepted).await;
    let channel = Setup::default().channel(&v1(&server.base));
    let mut message = secure(with_pictures(firing(), 2));
    message.pictures[1].url = Some("http://plain.example.org/a.png".into());
    channel.send(&message, None).await.unwrap();
    channel.send(&secure(with_pictures(resolved(), 1)), None).await.unwrap();
    assert_eq!(server.paths(), [V1, V1]);
    golden::check("pagerduty/version_1.txt", &golden::requests(&server.requests(), &server.base));
}

#[tokio::test]
async fn the_older_version_says_403_for_too_many() {
    let server = HttpServer::start(|_| Reply::status(403, "slow down").with("retry-after", "9")).await;
    let error = Setup::default().channel(&v1(&server.base)).send(&firing(), None).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::RetryAfter(Duration::from_secs(9)));
}

#[tokio::test]
async fn what_is_refused_goes_out_without_pictures() {
    let answer = |r: &Recorded| {
        let refused =
            r#"{"status":"invalid event","message":"Event object is invalid","errors":["'images' is invalid"]}"#;
        if r.json()["images"].is_null() { accepted(r) } else { Reply::status(400, refused) }
    };
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    let receipt = channel.send(&secure(with_pictures(firing(), 2)), None).await.unwrap();
    assert_eq!(server.requests().len(), 2);
    assert!(receipt.degraded.unwrap().contains("'images' is invalid"));
}

#[tokio::test]
async fn failures_have_classes_and_no_secrets() {
    let invalid =
        r#"{"status":"invalid event","message":"Event object is invalid","errors":["'routing_key' is invalid"]}"#;
    let cases = [
        (400, r#"{"status":"invalid event","errors":["'severity' is wrong"]}"#, SendErrorKind::Rejected),
        (400, invalid, SendErrorKind::Unauthorised),
        (429, "routing-key-secret has sent too much", SendErrorKind::RetryAfter(Duration::from_secs(30))),
        (500, "routing-key-secret", SendErrorKind::Retry),
    ];
    for (status, body, kind) in cases {
        let server = HttpServer::start(move |_| Reply::status(status, body)).await;
        let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
        assert_eq!(error.kind, kind, "{status} {body}: {error}");
        assert!(!shown(&error).contains("routing-key-secret"), "{error}");
    }
}

#[tokio::test]
async fn many_alerts_are_listed_as_far_as_they_fit() {
    let one = super::messages::alert(
        alerts::Status::Firing,
        &[("alertname", "DiskFull")],
        &[("summary", &"x".repeat(1_000))],
    );
    let server = HttpServer::start(accepted).await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    let receipt = channel.send(&message(vec![one; 1_000]), None).await.unwrap();
    assert_eq!(receipt.degraded, None);
    let request = server.requests().remove(0);
    let details = &request.json()["payload"]["custom_details"];
    let listed = details["firing"].as_array().unwrap().len();
    assert!(request.body.len() > 505_000 && listed > 300, "{} {listed}", request.body.len());
    assert_eq!(details["not_shown"], format!("and {} more alerts", 1_000 - listed));
    check(&request);
}

#[tokio::test]
async fn details_that_never_fit_are_left_out() {
    let server = HttpServer::start(accepted).await;
    let more = format!("details.manual = '{}'", "x".repeat(600_000));
    let receipt = Setup::default().channel(&toml(&server.base, &more)).send(&firing(), None).await.unwrap();
    assert!(receipt.degraded.unwrap().contains("details are left out"));
    check(&server.requests()[0]);
}

#[tokio::test]
async fn the_key_may_depend_on_the_message() {
    let server = HttpServer::start(accepted).await;
    let own = |key: &str| format!("[[pagerduty_configs]]\nrouting_key = '{key}'\nurl = '{}/v2/enqueue'", server.base);
    Setup::default().channel(&own("key-of-{{ .GroupLabels.alertname }}")).send(&firing(), None).await.unwrap();
    assert_eq!(server.requests()[0].json()["routing_key"], "key-of-DiskFull");
    let error = Setup::default().channel(&own("{{ .GroupLabels.absent }}")).send(&firing(), None).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Rejected);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn the_global_address_is_the_default() {
    let server = HttpServer::start(accepted).await;
    let globals: Globals = toml::from_str(&format!("pagerduty_url = '{}/eu/v2/enqueue'", server.base)).unwrap();
    let setup = Setup { globals, ..Setup::default() };
    setup.channel("[[pagerduty_configs]]\nrouting_key = 'k'").send(&firing(), None).await.unwrap();
    setup.channel("[[pagerduty_configs]]\nservice_key = 'k'").send(&firing(), None).await.unwrap();
    assert_eq!(server.paths(), ["/eu/v2/enqueue", "/eu/generic/2010-04-15/create_event.json"]);
}

#[test]
fn what_is_wrong_is_said() {
    let problems = |toml: &str| Setup::default().problems(&format!("[[pagerduty_configs]]\n{toml}")).join("\n");
    let cases = [
        ("", "routing_key: is missing, and so is service_key"),
        ("routing_key = 'x'\nimages = 'upload'", "images: this integration cannot take picture files"),
        ("routing_key = 'x'\nrouting_key_file = '/x'", "routing_key: only one of routing_key and routing_key_file"),
        ("routing_key = 'x'\ndetails.a = { b = '{{' }", "details.a.b: "),
        ("routing_key = 'x'\nlinks = [{ href = '{{ .X.Y }' }]", "links[0].href: "),
        ("routing_key = 'x'\nurl = 'ftp://x'", "url: must begin with http"),
    ];
    for (toml, expected) in cases {
        let found = problems(toml);
        assert!(found.starts_with(&format!("receivers[0].pagerduty_configs[0].{expected}")), "{toml}: {found}");
    }
    let wrong: Result<channels::Receiver, _> = toml::from_str("[[pagerduty_configs]]\nimages = 'some'");
    assert!(wrong.unwrap_err().to_string().contains("unknown variant `some`"));
}

fn accepted(request: &Recorded) -> Reply {
    let json = json!({ "status": "success", "dedup_key": request.json()["dedup_key"] });
    Reply::status(202, json.to_string())
}

/// What holds for every event.
pub fn check(request: &Recorded) {
    assert!(request.body.len() <= 512_000, "{}", request.body.len());
    let event = request.json();
    if request.path.ends_with("create_event.json") {
        assert!(event["description"].as_str().unwrap().chars().count() <= 1_024);
        return;
    }
    let payload = &event["payload"];
    assert!((1..=1_024).contains(&payload["summary"].as_str().unwrap().chars().count()), "{payload}");
    assert!(!payload["source"].as_str().unwrap().is_empty());
    assert!(["critical", "error", "warning", "info"].contains(&payload["severity"].as_str().unwrap()));
    assert_eq!(event["dedup_key"].as_str().unwrap().len(), 64);
    for image in event["images"].as_array().into_iter().flatten() {
        assert!(image["src"].as_str().unwrap().starts_with("https://"), "{image}");
    }
    for link in event["links"].as_array().into_iter().flatten() {
        assert!(link["href"].as_str().unwrap().starts_with("http"), "{link}");
    }
}
