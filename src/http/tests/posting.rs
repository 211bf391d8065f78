//! Taking alerts and events.

use super::*;

/// `facts/alertmanager.md` 2.2, as measured on Alertmanager.
#[actix_web::test]
async fn errors_are_alertmanagers() {
    let bench = Bench::new();
    let check = async |body: &str, status: u16, expected: &str| {
        let answer = bench.post(PATH, body).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (status, expected), "{body}");
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    };
    check(r#"[{"labels":{}}]"#, 400, "\"at least one label pair required\"\n").await;
    check(
        r#"[{"labels":{"a":"b"},"startsAt":"2023-01-02T00:00:00Z","endsAt":"2023-01-01T00:00:00Z"}]"#,
        400,
        "\"start time must be before end time\"\n",
    )
    .await;
    check(r#"[{"annotations":{}}]"#, 422, r#"{"code":602,"message":"0.labels in body is required"}"#).await;
    check(
        r#"[{"labels":{"a":"b"},"generatorURL":"not a url"}]"#,
        422,
        r#"{"code":601,"message":"0.generatorURL in body must be of type uri: \"not a url\""}"#,
    )
    .await;
    check("", 422, r#"{"code":602,"message":"alerts in body is required"}"#).await;
    check("[]", 200, "").await;
    check("null", 200, "").await;
    for body in [r#"[{"labels":{"a":"b"},"startsAt":"x"}]"#, r#"[{"labels":{"a":1}}]"#, "{"] {
        let answer = bench.post(PATH, body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        let words = r#"{"code":400,"message":"parsing alerts body from \"\" failed, because "#;
        assert!(answer.body.starts_with(words), "{}", answer.body);
    }
}

#[actix_web::test]
async fn classic_names_are_held_to_when_configured() {
    let bench = Bench::new();
    let body = r#"[{"labels":{"a-b":"c"}}]"#;
    assert_eq!(bench.post(PATH, body).await.status, StatusCode::OK);
    bench.services.rules.write().names = alerts::intake::NameScheme::Classic;
    let answer = bench.post(PATH, body).await;
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (400, "\"invalid label set: invalid name \\\"a-b\\\"\"\n")
    );
}

#[actix_web::test]
async fn the_valid_alerts_of_a_mixed_batch_are_kept() {
    let bench = Bench::new();
    let answer = bench.post(PATH, r#"[{"labels":{"n":"1"}},{"labels":{}},{"labels":{"n":"2"}}]"#).await;
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (400, "\"alert 2 of 3: at least one label pair required\"\n")
    );
    assert_eq!(bench.listed("").await, ["1", "2"]);
}

#[actix_web::test]
async fn a_repeated_alert_goes_no_further_until_half_of_its_end_is_used_up() {
    let bench = Bench::new();
    let send = async |end: i64| {
        let (start, end) = (Time::from_secs(NOW).rfc3339(), Time::from_secs(NOW + end).rfc3339());
        let body = format!(r#"[{{"labels":{{"n":"1"}},"startsAt":"{start}","endsAt":"{end}"}}]"#);
        assert_eq!(bench.post(PATH, body).await.status, StatusCode::OK);
        (bench.keeper.accepted.load(Ordering::Relaxed), bench.keeper.extended.load(Ordering::Relaxed))
    };
    assert_eq!(send(240).await, (1, 0));
    bench.clock.0.store(NOW + 60, Ordering::Relaxed);
    assert_eq!(send(300).await, (1, 0));
    bench.clock.0.store(NOW + 120, Ordering::Relaxed);
    assert_eq!(send(360).await, (1, 1));
    assert_eq!(send(100).await, (2, 1), "resolved");
    let text = bench.get("/metrics").await.body;
    for line in [
        r#"alertmanager_alerts_received_total{status="firing",version="v2"} 3"#,
        r#"alertmanager_alerts_received_total{status="resolved",version="v2"} 1"#,
        r#"wirephoto_alerts_intake_total{outcome="unchanged"} 1"#,
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[actix_web::test]
async fn what_is_not_taken_is_503_and_says_why() {
    let bench = Bench::new();
    let check = async |refusal: NotAccepted, retry_after: &str, expected: &str| {
        *bench.keeper.refusal.lock() = Some(refusal);
        let answer = bench.post(PATH, r#"[{"labels":{"n":"1"}},{"labels":{}}]"#).await;
        assert_eq!((answer.status.as_u16(), answer.header(header::RETRY_AFTER)), (503, retry_after));
        assert!(answer.body.contains(expected), "{}", answer.body);
    };
    check(NotAccepted::Busy, "1", "too many alerts are waiting").await;
    check(NotAccepted::NotDurable("disk full".to_owned()), "5", "could not be made durable: disk full").await;
    check(NotAccepted::Stopping, "5", "the server is stopping").await;
    let text = bench.get("/metrics").await.body;
    assert!(text.contains(r#"wirephoto_http_refused_total{reason="not_durable"} 1"#), "{text}");
}

#[actix_web::test]
async fn events_are_taken() {
    let bench = Bench::new();
    let check = async |body: &str, status: u16, expected: &str| {
        let answer = bench.post("/events", body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.body);
        assert!(answer.body.contains(expected), "{body}: {}", answer.body);
    };
    check(r#"{"labels":{"n":1},"startsAt":1699999000}"#, 200, "").await;
    check(r#"{"events":[{"labels":{"n":"2"}},{"labels":{"n":"1"},"status":"resolved"}]}"#, 200, "").await;
    check(
        r#"{"lables":{"n":"1"}}"#,
        400,
        r#"{"code":400,"message":"event 0: unknown field \"lables\", did you mean \"labels\"?"#,
    )
    .await;
    check(r#"[{"labels":{"n":"3"}},{"labels":{}}]"#, 400, r#""alert 2 of 2: at least one label pair required""#).await;
    assert_eq!(bench.listed("").await, ["2", "3"]);
    assert!(bench.get("/metrics").await.body.contains(r#"alertmanager_alerts_invalid_total{version="events"} 2"#));
}
