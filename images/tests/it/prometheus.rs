//! What is asked of a Prometheus, and what becomes of its failures.

use std::time::Duration;

use alerts::ports::{RenderErrorKind, Renderer};
use images::settings::BasicAuth;

use crate::{
    fake::{Fake, Reply, Request},
    world::{AMPLE, NO_RULES, capture, labels, matrix, native, one_rule, render, series, source},
};

/// Rules as given; series for every query.
async fn fake(rules: impl Into<String>, answer: impl Into<String>) -> Fake {
    let (rules, answer) = (rules.into(), answer.into());
    Fake::start(move |request| Reply::json(if request.is_query() { answer.as_str() } else { rules.as_str() })).await
}

fn flat() -> String {
    matrix(&[series(r#"{"__name__":"up","instance":"a"}"#, |_| "1".into())])
}

#[tokio::test]
async fn asks_as_it_should() {
    let fake = fake(one_rule("up == 0", 300, r#"{"severity":"page"}"#), flat()).await;
    let mut config = source(&format!("{}/prom/", fake.url));
    config.tenant = Some("team-a".into());
    config.basic_auth =
        Some(BasicAuth { username: "u".into(), password: Some("p".to_owned().into()), password_file: None });
    let mut wanted = capture("up == 0");
    wanted.labels = labels(&[("alertname", "X"), ("instance", "a.b"), ("severity", "page")]);
    let rendered = render(&native(config), &wanted).await.expect("a picture");
    assert_eq!((rendered.width, rendered.height, rendered.title.as_str()), (1000, 500, "X"));
    assert!(rendered.png.starts_with(b"\x89PNG"));

    let requests = fake.requests();
    let listing = &requests[0];
    assert_eq!((listing.method.as_str(), listing.path.as_str()), ("GET", "/prom/api/v1/rules"));
    assert_eq!((listing.parameter("type"), listing.parameter("exclude_alerts")), ("alert", "true"));
    let query = &requests[1];
    assert_eq!((query.method.as_str(), query.path.as_str()), ("POST", "/prom/api/v1/query_range"));
    // narrowed by what the series may have, not by what the rule adds
    assert_eq!(query.parameter("query"), r#"up{instance=~"a\\.b|"}"#);
    let number = |name: &str| query.parameter(name).parse::<i64>().expect("a number");
    assert_eq!((number("end") - number("start"), number("step"), number("limit")), (3_600, 10, 2_001));
    assert!(query.parameter("timeout").ends_with("ms"));
    for request in &requests {
        assert_eq!(request.headers["x-scope-orgid"], "team-a");
        assert_eq!(request.headers["authorization"], "Basic dTpw");
    }
    assert_eq!(requests.len(), 2);
}

#[tokio::test]
async fn a_token_file_is_read_for_each_request() {
    let fake = fake(NO_RULES, flat()).await;
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("token");
    let mut config = source(&fake.url);
    config.bearer_token_file = Some(file.clone());
    let native = native(config);
    std::fs::write(&file, "one\n").expect("written");
    render(&native, &capture("up == 0")).await.expect("a picture");
    std::fs::write(&file, "two\n").expect("written");
    render(&native, &capture("up == 0")).await.expect("a picture");
    let sent: Vec<String> = fake.requests().iter().map(|request| request.headers["authorization"].clone()).collect();
    assert_eq!(sent, ["Bearer one", "Bearer one", "Bearer two"]);
}

#[tokio::test]
async fn rules_may_be_elsewhere_and_are_listed_once() {
    let series = fake(NO_RULES, flat()).await;
    let rules = fake(one_rule("up == 0", 0, "{}"), "{}").await;
    let mut config = source(&series.url);
    config.rules_url = Some(format!("{}/ruler", rules.url));
    let native = native(config);
    for _ in 0..3 {
        render(&native, &capture("other")).await.expect("a picture");
    }
    assert_eq!(rules.requests().iter().map(|r| r.path.as_str()).collect::<Vec<_>>(), ["/ruler/api/v1/rules"]);
    assert_eq!(series.queries(), ["up", "up", "up"]);
}

#[tokio::test]
async fn without_the_rules_the_link_has_to_do() {
    for broken in [Reply::status(500, "text/plain", "no"), Reply::json("rubbish"), Reply::HangUp] {
        let answer = flat();
        let answers =
            move |request: &Request| if request.is_query() { Reply::json(answer.as_str()) } else { broken.clone() };
        let fake = Fake::start(answers).await;
        let native = native(source(&fake.url));
        for _ in 0..2 {
            render(&native, &capture("sum(up) < 3")).await.expect("a picture");
        }
        assert_eq!(fake.queries(), ["sum(up)", "sum(up)"]);
        assert_eq!(fake.requests().len(), 3, "the failure is remembered");
    }
}

#[tokio::test]
async fn what_is_not_found_narrowed_is_asked_for_whole() {
    let everything = flat();
    let empty = matrix(&[]);
    let rules = one_rule("sum by (instance) (a) > b", 0, "{}");
    let answer = move |request: &Request| {
        let whole = !request.parameter("query").contains("gone");
        Reply::json(
            if !request.is_query() {
                &rules
            } else if whole {
                &everything
            } else {
                &empty
            }
            .as_str(),
        )
    };
    let fake = Fake::start(answer).await;
    let mut wanted = capture("");
    wanted.labels = labels(&[("alertname", "X"), ("instance", "gone")]);
    render(&native(source(&fake.url)), &wanted).await.expect("a picture");
    assert_eq!(fake.queries(), [r#"sum by (instance) (a{instance="gone"})"#, "sum by (instance) (a)", "b"]);
}

#[tokio::test]
async fn hostile_values_and_empty_answers_are_drawn() {
    let values =
        |n: i64| ["NaN", "+Inf", "-Inf", "1e308", "-1e308", "0"][usize::try_from(n % 6).expect("small")].to_owned();
    for answer in [matrix(&[series("{}", values)]), matrix(&[]), matrix(&[series("{}", |_| "NaN".into())])] {
        let fake = fake(NO_RULES, answer).await;
        let rendered = render(&native(source(&fake.url)), &capture("a > 5 or b < c")).await.expect("a picture");
        assert!(rendered.png.len() > 1_000);
    }
}

/// The error of a render against a source that answers queries so.
async fn check(reply: Reply, kind: RenderErrorKind, words: &str) {
    let answer = move |request: &Request| if request.is_query() { reply.clone() } else { Reply::json(NO_RULES) };
    let fake = Fake::start(answer).await;
    let mut config = source(&fake.url);
    config.max_series = 3;
    config.max_samples = 800;
    let error = render(&native(config), &capture("up == 0")).await.expect_err("no picture");
    assert_eq!(error.kind, kind, "{error}");
    assert!(error.detail.contains(words), "{error}");
}

#[tokio::test]
async fn failures_are_told_in_the_sources_words() {
    use RenderErrorKind::{Content, Source, Timeout};
    let api = |kind: &str, words: &str| format!(r#"{{"status":"error","errorType":"{kind}","error":"{words}"}}"#);
    check(
        Reply::status(500, "text/html", "<h1>out of\nmemory</h1>"),
        Source,
        "500 Internal Server Error: <h1>out of memory</h1>",
    )
    .await;
    check(Reply::status(422, "application/json", api("execution", "many-to-many")), Content, "many-to-many").await;
    check(Reply::status(503, "application/json", api("timeout", "query timed out")), Timeout, "query timed out").await;
    check(Reply::status(401, "text/plain", "Unauthorized"), Source, "401 Unauthorized").await;
    check(Reply::json(api("bad_data", "parse error")), Source, "parse error").await;
    check(Reply::json("{\"status\":"), Content, "did not answer as Prometheus does").await;
    check(Reply::status(200, "text/html", "<title>Login</title>"), Content, "is this a login page").await;
    check(Reply::HangUp, Source, "error").await;
    check(Reply::Endless, Content, "more than 50688 bytes").await;
    let many: Vec<String> = (0..4).map(|n| format!(r#"{{"metric":{{"n":"{n}"}},"values":[[1,"1"]]}}"#)).collect();
    check(Reply::json(matrix(&many)), Content, "more than 3 series").await;
    let long: Vec<String> = (0..3).map(|n| series(&format!(r#"{{"n":"{n}"}}"#), |_| "1".into())).collect();
    check(Reply::json(matrix(&long)), Content, "more than 800: see max_samples").await;
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = fake(NO_RULES, flat()).await;
    let location = format!("Location: {}/api/v1/query_range?token=secret\r\n", elsewhere.url);
    let leads_away = Reply::Whole(307, "text/plain", location, Vec::new());
    check(leads_away, RenderErrorKind::Source, "which is not followed").await;
    assert_eq!(elsewhere.requests().len(), 0);
}

#[tokio::test]
async fn a_link_is_never_fetched() {
    let linked = fake(NO_RULES, flat()).await;
    let fake = fake(NO_RULES, flat()).await;
    let mut wanted = capture("up == 0");
    wanted.generator_url = format!("{}/graph?g0.expr=up", linked.url);
    render(&native(source(&fake.url)), &wanted).await.expect("a picture");
    assert_eq!((linked.requests().len(), fake.queries().len()), (0, 1));
}

#[tokio::test]
async fn silence_ends_with_the_budget() {
    let fake = Fake::start(|request| if request.is_query() { Reply::Silence } else { Reply::json(NO_RULES) }).await;
    let renderer = native(source(&fake.url));
    let error = renderer.render(&capture("up == 0"), Duration::from_millis(300)).await.expect_err("no picture");
    assert_eq!(error.kind, RenderErrorKind::Timeout, "{error}");

    let mut config = source(&fake.url);
    config.timeout = Duration::from_millis(50);
    let error = native(config).render(&capture("up == 0"), AMPLE).await.expect_err("no picture");
    assert_eq!(error.kind, RenderErrorKind::Timeout, "{error}");
}

#[tokio::test]
async fn silent_rules_leave_time_for_the_picture() {
    let answer = flat();
    let answer =
        move |request: &Request| if request.is_query() { Reply::json(answer.as_str()) } else { Reply::Silence };
    let fake = Fake::start(answer).await;
    let mut config = source(&fake.url);
    config.timeout = Duration::from_millis(50);
    let native = native(config);
    native.render(&capture("up == 0"), AMPLE).await.expect("a picture");
    native.render(&capture("up == 0"), AMPLE).await.expect("a picture");
    assert_eq!(fake.requests().len(), 3, "the failure is remembered");
}

#[tokio::test]
async fn nothing_listens() {
    let gone = fake(NO_RULES, flat()).await.url.clone();
    let error = render(&native(source(&gone)), &capture("up == 0")).await.expect_err("no picture");
    assert_eq!(error.kind, RenderErrorKind::Source, "{error}");
    assert!(!error.detail.contains("query="), "{error}");
}

#[tokio::test]
async fn an_unknown_rule_without_a_link_has_no_panel() {
    let fake = fake(NO_RULES, flat()).await;
    let mut wanted = capture("up");
    wanted.generator_url = String::new();
    let error = render(&native(source(&fake.url)), &wanted).await.expect_err("no picture");
    assert_eq!(error.kind, RenderErrorKind::NotFound);
    assert_eq!(error.detail, r#"source "main" lists no rule "X", and the alert's generatorURL has no expression"#);
    wanted.subject.source = "gone".into();
    let error = render(&native(source(&fake.url)), &wanted).await.expect_err("no picture");
    assert_eq!(error.kind, RenderErrorKind::NotFound);
}

#[test]
fn no_secret_prints() {
    let mut config = source("http://prometheus.test");
    config.basic_auth =
        Some(BasicAuth { username: "u".into(), password: Some("hunter2".to_owned().into()), password_file: None });
    config.bearer_token = Some("hunter2".to_owned().into());
    assert!(!format!("{config:?}").contains("hunter2"));
}
