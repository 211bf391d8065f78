//! Sensu Go's events and its failures.

use alerts::{Status, message::Message, ports::SendErrorKind};

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{alert, firing, grouped, hostile, message, resolved, with_pictures},
    setup::{Setup, shown},
};

fn toml(base: &str, more: &str) -> String {
    format!(
        "[[sensugo_configs]]\nurl = '{base}/sensu/'\napi_key = 'sensu-key-secret'\n\
         message = '{{{{ template \"test.text\" . }}}}'\n{more}"
    )
}

#[tokio::test]
async fn requests_are_as_recorded() {
    let every_key = "entity = 'host {{ .CommonLabels.instance }}'\ncheck = '{{ .GroupLabels.alertname }}/x'\n\
                     namespace = 'ops'\nhandler = 'slack'";
    let cases: [(&str, &str, Message); 5] = [
        ("firing", "", firing()),
        ("resolved_picture", "", with_pictures(resolved(), 1)),
        ("grouped_two_pictures", "", with_pictures(grouped(), 2)),
        ("every_key", every_key, firing()),
        ("hostile", "images = 'none'", hostile("<!channel> \"a\" <http://evil|x> &amp; \u{202E}txt *b*\r\nnew line")),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(|_| Reply::status(201, "")).await;
        let receipt = Setup::default().channel(&toml(&server.base, more)).send(&message, None).await.unwrap();
        assert_eq!((receipt.degraded, receipt.pictures_due), (None, false), "{name}");
        golden::check(&format!("sensugo/{name}.txt"), &golden::requests(&server.requests(), &server.base));
    }
}

#[tokio::test]
async fn severities_are_statuses() {
    let server = HttpServer::start(|_| Reply::status(201, "")).await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    for (severities, expected) in
        [(&["critical"][..], 2), (&["warning", "info"], 1), (&["info", "error"], 2), (&["page"], 2), (&["info"], 1)]
    {
        let one = |severity: &&str| alert(Status::Firing, &[("alertname", "x"), ("severity", severity)], &[]);
        channel.send(&message(severities.iter().map(one).collect()), None).await.unwrap();
        assert_eq!(server.requests().last().unwrap().json()["check"]["status"], expected, "{severities:?}");
    }
}

#[tokio::test]
async fn many_alerts_are_listed_as_far_as_they_fit() {
    let server = HttpServer::start(|_| Reply::status(201, "")).await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    let one = alert(Status::Firing, &[("alertname", "x")], &[("summary", &"\"".repeat(500))]);
    channel.send(&message(vec![one; 2_000]), None).await.unwrap();
    let request = server.requests().remove(0);
    check(&request);
    assert!(request.body.len() > 505_000, "{}", request.body.len());
    assert!(request.json()["check"]["output"].as_str().unwrap().ends_with("more alerts"));
}

#[tokio::test]
async fn failures_have_classes_and_no_secrets() {
    let cases = [
        (400, SendErrorKind::Rejected),
        (413, SendErrorKind::Rejected),
        (401, SendErrorKind::Unauthorised),
        (500, SendErrorKind::Retry),
    ];
    for (status, kind) in cases {
        let server = HttpServer::start(move |_| Reply::status(status, "sensu-key-secret")).await;
        let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
        assert_eq!(error.kind, kind, "{status}: {error}");
        assert!(!shown(&error).contains("sensu-key-secret"), "{error}");
    }
}

#[tokio::test]
async fn refused_pictures_do_not_cost_the_event() {
    let server = HttpServer::start(|r: &Recorded| {
        let has = r.json()["check"]["metadata"]["annotations"]["imageURL"].is_string();
        Reply::status(if has { 413 } else { 201 }, "")
    })
    .await;
    let receipt = Setup::default().channel(&toml(&server.base, "")).send(&with_pictures(firing(), 1), None).await;
    assert!(receipt.unwrap().degraded.unwrap().contains("without pictures"));
}

#[test]
fn what_is_wrong_is_said() {
    let problems = |toml: &str| Setup::default().problems(&format!("[[sensugo_configs]]\n{toml}")).join("\n");
    let cases = [
        ("api_key = 'x'", "url: is missing"),
        ("url = 'http://x'", "api_key: is missing"),
        ("url = 'http://x'\napi_key = 'x'\nnamespace = '../x'", "namespace: must consist of letters"),
        ("url = 'http://x'\napi_key = 'x'\nimages = 'upload'", "images: this integration cannot take picture files"),
    ];
    for (toml, expected) in cases {
        let found = problems(toml);
        assert!(found.starts_with(&format!("receivers[0].sensugo_configs[0].{expected}")), "{toml}: {found}");
    }
}

/// What holds for every event.
pub fn check(request: &Recorded) {
    assert!(request.body.len() <= 512_000, "{}", request.body.len());
    let event = request.json();
    assert!(event["check"]["status"].as_u64().unwrap() <= 2);
    for of in ["entity", "check"] {
        let name = event[of]["metadata"]["name"].as_str().unwrap();
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        assert!(!name.is_empty() && name.len() <= 200 && name.chars().all(allowed), "{name}");
    }
}
