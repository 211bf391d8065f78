//! incident.io's payload and failures.

use alerts::{Status, message::Message, ports::SendErrorKind};

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{alert, firing, grouped, message, resolved, with_pictures},
    setup::{Setup, shown},
};

fn toml(base: &str, more: &str) -> String {
    format!(
        "[[incidentio_configs]]\nurl = '{base}/v2/alert_events/alertmanager/01ABC'\n\
         alert_source_token = 'source-token-secret'\n{more}"
    )
}

#[tokio::test]
async fn requests_are_as_recorded() {
    let cases: [(&str, &str, Message); 4] = [
        ("firing", "", firing()),
        ("resolved", "", resolved()),
        ("grouped_two_pictures", "", with_pictures(grouped(), 2)),
        ("max_alerts", "max_alerts = 1\nimages = 'none'", with_pictures(grouped(), 1)),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(|_| Reply::status(202, "{}")).await;
        let receipt = Setup::default().channel(&toml(&server.base, more)).send(&message, None).await.unwrap();
        assert_eq!((receipt.degraded, receipt.pictures_due), (None, false), "{name}");
        golden::check(&format!("incidentio/{name}.txt"), &golden::requests(&server.requests(), &server.base));
    }
}

#[tokio::test]
async fn as_many_alerts_go_along_as_fit() {
    let one = |length: usize| alert(Status::Firing, &[("alertname", "x")], &[("summary", &"x".repeat(length))]);
    let server = HttpServer::start(|_| Reply::status(202, "{}")).await;
    let channel = Setup::default().channel(&toml(&server.base, "max_alerts = 900"));
    channel.send(&message(vec![one(1_000); 1_000]), None).await.unwrap();
    let request = server.requests().remove(0);
    check(&request);
    let json = request.json();
    let shown = json["alerts"].as_array().unwrap().len();
    assert!(request.body.len() > 505_000, "{}", request.body.len());
    assert_eq!(json["truncatedAlerts"], 1_000 - shown);
    // one alert alone is made of shorter values
    channel.send(&message(vec![one(600_000)]), None).await.unwrap();
    check(&server.requests()[1]);
}

#[tokio::test]
async fn the_token_may_be_in_a_file_or_a_login_of_http_config() {
    let server = HttpServer::start(|_| Reply::status(202, "{}")).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "file-secret\n").unwrap();
    for more in [
        format!("alert_source_token_file = '{}'", file.path().display()),
        "http_config.authorization.credentials = 'file-secret'".to_owned(),
    ] {
        let toml = format!("[[incidentio_configs]]\nurl = '{}/x'\n{more}", server.base);
        Setup::default().channel(&toml).send(&firing(), None).await.unwrap();
        assert_eq!(server.requests().last().unwrap().header("authorization"), Some("Bearer file-secret"));
    }
}

#[tokio::test]
async fn failures_have_classes_and_no_secrets() {
    let cases = [
        (422, "{\"message\":\"source-token-secret is not well formed\"}", SendErrorKind::Rejected),
        (401, "source-token-secret", SendErrorKind::Unauthorised),
        (500, "source-token-secret", SendErrorKind::Retry),
    ];
    for (status, body, kind) in cases {
        let server = HttpServer::start(move |_| Reply::status(status, body)).await;
        let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
        assert_eq!(error.kind, kind, "{status} {body}: {error}");
        assert!(!shown(&error).contains("source-token-secret"), "{error}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    let problems = |toml: &str| Setup::default().problems(&format!("[[incidentio_configs]]\n{toml}")).join("\n");
    let cases = [
        ("alert_source_token = 'x'", "url: is missing"),
        ("url = 'http://x/y'", "alert_source_token: is missing, and so is http_config.authorization"),
        (
            "url = 'http://x/y'\nalert_source_token = 'x'\nhttp_config.authorization.credentials = 'y'",
            "alert_source_token: only one of it and http_config.authorization",
        ),
    ];
    for (toml, expected) in cases {
        let found = problems(toml);
        assert!(found.starts_with(&format!("receivers[0].incidentio_configs[0].{expected}")), "{toml}: {found}");
    }
}

/// What holds for every payload: the values are for machines, whole and as they are.
pub fn check(request: &Recorded) {
    assert!(request.body.len() <= 512_000, "{}", request.body.len());
    assert_eq!(request.json()["version"], "1");
}
