//! Alerts on their way to another Alertmanager; a real one takes them in `tests/it/scenarios/alertmanager.rs`.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use alerts::{Status, message::Message, ports::SendErrorKind};

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{NOW, alert, firing, grouped, hostile, message, resolved, with_pictures},
    setup::Setup,
};

fn toml(servers: &[&HttpServer], more: &str) -> String {
    let urls: Vec<&str> = servers.iter().map(|server| server.base.as_str()).collect();
    format!("[[alertmanager_configs]]\nurls = {urls:?}\n{more}")
}

#[tokio::test]
async fn requests_are_as_recorded() {
    let mut reserved = with_pictures(firing(), 2);
    for (name, value) in [("__dashboardUid__", "x"), ("image", "taken"), ("_own_", "kept")] {
        reserved.alerts[0].alert.annotations.set(name, value);
    }
    let cases: [(&str, &str, Message); 6] = [
        ("firing", "", firing()),
        ("resolved", "", resolved()),
        ("grouped_two_pictures", "", with_pictures(grouped(), 2)),
        ("reserved_annotations", "", reserved),
        ("own_annotation", "image_annotation = 'picture'\nresolve_timeout = '2h'", with_pictures(firing(), 1)),
        ("hostile", "images = 'none'", hostile("<!channel> \"a\" <http://evil|x> &amp; \u{202E}txt *b*\r\nnew line")),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(|_| Reply::status(200, "")).await;
        let receipt = Setup::default().channel(&toml(&[&server], more)).send(&message, None).await.unwrap();
        assert_eq!((receipt.degraded, receipt.pictures_due), (None, false), "{name}");
        golden::check(&format!("alertmanager/{name}.txt"), &golden::requests(&server.requests(), &server.base));
    }
}

#[tokio::test]
async fn every_replica_is_told_and_one_is_enough() {
    let good = HttpServer::start(|_| Reply::status(200, "")).await;
    let broken = HttpServer::start(|_| Reply::status(503, "starting")).await;
    let wrong = HttpServer::start(|_| Reply::status(404, "")).await;
    let channel = Setup::default().channel(&toml(&[&broken, &good, &wrong], ""));
    let receipt = channel.send(&firing(), None).await.unwrap();
    let requests = [&good, &broken, &wrong].map(|server| server.requests().len());
    assert_eq!(requests, [1, 3, 1], "only who may take it yet is asked again");
    let degraded = receipt.degraded.unwrap();
    assert!(degraded.contains("did not take it: 503") && degraded.contains("did not take it: 404"), "{degraded}");
    assert_eq!(receipt.message["taken"], serde_json::json!([good.base.trim_start_matches("http://")]));
}

#[tokio::test]
async fn a_replica_that_comes_back_has_taken_it() {
    let good = HttpServer::start(|_| Reply::status(200, "")).await;
    let asked = AtomicUsize::new(0);
    let late = HttpServer::start(move |_| match asked.fetch_add(1, Ordering::Relaxed) {
        0 => Reply::status(503, ""),
        _ => Reply::status(200, ""),
    })
    .await;
    let receipt = Setup::default().channel(&toml(&[&good, &late], "")).send(&firing(), None).await.unwrap();
    assert_eq!(receipt.degraded, None);
    assert_eq!((good.requests().len(), late.requests().len()), (1, 2));
}

#[tokio::test]
async fn what_nobody_takes_is_repeated_by_the_machine() {
    let wrong = HttpServer::start(|_| Reply::status(404, "")).await;
    let busy = HttpServer::start(|_| Reply::status(429, "").with("retry-after", "7")).await;
    let error = Setup::default().channel(&toml(&[&wrong, &busy], "")).send(&firing(), None).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::RetryAfter(Duration::from_secs(7)));
    assert!(error.detail.contains("404") && error.detail.contains("429"), "{error}");
    assert_eq!((wrong.requests().len(), busy.requests().len()), (1, 1));
}

#[tokio::test]
async fn of_several_alerts_the_valid_ones_are_stored() {
    let server = HttpServer::start(|_| Reply::status(400, "invalid label set")).await;
    let channel = Setup::default().channel(&toml(&[&server], ""));
    let receipt = channel.send(&grouped(), None).await.unwrap();
    assert!(receipt.degraded.unwrap().contains("did not take all alerts: 400 Bad Request: invalid label set"));
    assert_eq!(channel.send(&firing(), None).await.unwrap_err().kind, SendErrorKind::Rejected);
    assert_eq!(server.requests().len(), 2, "neither is repeated");
}

#[tokio::test]
async fn what_has_ended_there_by_itself_is_not_told() {
    let server = HttpServer::start(|_| Reply::status(200, "")).await;
    let channel = Setup::default().channel(&toml(&[&server], "resolve_timeout = '5m'"));
    let ended = |ago: u64| {
        let mut one = alert(Status::Resolved, &[("alertname", &format!("ended-{ago}"))], &[]);
        one.alert.ends_at = NOW.minus(Duration::from_secs(ago));
        one
    };
    channel.send(&message(vec![ended(301), ended(300)]), None).await.unwrap();
    let posted = server.requests().remove(0).json();
    assert_eq!(posted.as_array().unwrap().len(), 1);
    assert_eq!(posted[0]["labels"]["alertname"], "ended-300");
    channel.send(&message(vec![ended(301)]), None).await.unwrap();
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn addresses_may_stand_in_one_text_with_a_login_beside_them() {
    let (one, two) =
        (HttpServer::start(|_| Reply::status(200, "")).await, HttpServer::start(|_| Reply::status(200, "")).await);
    let toml = format!(
        "[[alertmanager_configs]]\nurl = '{}/am/, {}/api/v2/alerts,{}/am'\nhttp_config.basic_auth = {{ username = 'ann', password = 'x' }}",
        one.base, two.base, one.base
    );
    Setup::default().channel(&toml).send(&firing(), None).await.unwrap();
    assert_eq!((one.paths(), two.paths()), (vec!["/am/api/v2/alerts".into()], vec!["/api/v2/alerts".into()]));
    assert_eq!(one.requests()[0].header("authorization"), Some("Basic YW5uOng="));
}

#[test]
fn what_is_wrong_is_said() {
    let problems = |toml: &str| Setup::default().problems(&format!("[[alertmanager_configs]]\n{toml}")).join("\n");
    let cases = [
        ("", "urls: is missing"),
        ("urls = ['http://a', 'ftp://b']", "urls[1]: must begin with http"),
        ("url = 'http://ann:pw@a'", "url: holds a login: it belongs into http_config.basic_auth"),
        ("url = 'http://a'\nimage_annotation = 'a-b'", "image_annotation: must consist of letters"),
    ];
    for (toml, expected) in cases {
        let found = problems(toml);
        assert!(found.starts_with(&format!("receivers[0].alertmanager_configs[0].{expected}")), "{toml}: {found}");
    }
}

/// What holds for every request: labels identify, so they are as they are; addresses are addresses.
pub fn check(request: &Recorded) {
    let json = request.json();
    for alert in json.as_array().unwrap() {
        assert!(!alert["labels"].as_object().unwrap().is_empty());
        assert!(alert["startsAt"].as_str().unwrap() <= alert["endsAt"].as_str().unwrap(), "{alert}");
        let names = alert["annotations"].as_object().unwrap().keys();
        assert!(names.into_iter().all(|name| !name.starts_with("__")), "{alert}");
        if let Some(url) = alert["generatorURL"].as_str() {
            assert!(url::Url::parse(url).is_ok(), "{url}");
        }
    }
}
