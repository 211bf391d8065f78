//! Lists, probes, metrics.

use super::*;

#[actix_web::test]
async fn an_alert_is_shown_as_alertmanager_shows_it() {
    let bench = Bench::new();
    let body = r#"[{"labels":{"alertname":"x","n":"1","team":"web"},"annotations":{"summary":"a \"b\""},
        "startsAt":"2023-11-14T22:00:00.1234Z","endsAt":"2023-11-14T23:00:00Z","generatorURL":"http://p:9090/graph?a=b&c"}]"#;
    assert_eq!(bench.post(PATH, body).await.status, StatusCode::OK);
    let answer = bench.get(PATH).await;
    let expected = r#"[{"annotations":{"summary":"a \"b\""},"endsAt":"2023-11-14T23:00:00.000Z","fingerprint":"FP","receivers":[{"name":"web"}],"startsAt":"2023-11-14T22:00:00.123Z","status":{"inhibitedBy":[],"mutedBy":[],"silencedBy":[],"state":"active"},"updatedAt":"2023-11-14T22:13:20.000Z","generatorURL":"http://p:9090/graph?a=b&c","labels":{"alertname":"x","n":"1","team":"web"}}]
"#;
    let labels: alerts::LabelSet = [("alertname", "x"), ("n", "1"), ("team", "web")].into_iter().collect();
    assert_eq!(answer.body, expected.replace("FP", &labels.fingerprint().to_string()));
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/json");
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
}

#[actix_web::test]
async fn lists_are_filtered() {
    let bench = Bench::new();
    assert_eq!(bench.get(PATH).await.body, "[]\n");
    let alerts = r#"[
        {"labels":{"n":"1","foo":"bar"}},
        {"labels":{"n":"2","silenced":"s1"}},
        {"labels":{"n":"3","inhibited":"0223b772b51c29e1","team":"db"}},
        {"labels":{"n":"4","silenced":"s1","inhibited":"0223b772b51c29e1"}},
        {"labels":{"n":"5"},"endsAt":"2023-11-14T22:13:20Z"}]"#;
    assert_eq!(bench.post(PATH, alerts).await.status, StatusCode::OK);
    let check = async |query: &str, expected: &[&str]| assert_eq!(bench.listed(query).await, expected, "{query}");
    check("", &["1", "2", "3", "4"]).await;
    check("active=false", &["2", "3", "4"]).await;
    check("silenced=false", &["1", "3"]).await;
    check("inhibited=false", &["1", "2"]).await;
    check("silenced=false&inhibited=false", &["1"]).await;
    check("active=maybe&silenced=false&inhibited=false", &[]).await;
    check("receiver=db", &["3"]).await;
    check("receiver=d", &[]).await;
    check("receiver=d.*", &["1", "2", "3", "4"]).await;
    check("filter=foo%3D%22bar%22", &["1"]).await;
    check("filter=foo%3D%22%22", &["2", "3", "4"]).await;
    check("filter=foo!%3D%22%22", &["1"]).await;
    check("filter=n%3D~%221%7C2%22&filter=silenced%3Ds1", &["2"]).await;
    let answer = bench.get("/api/v2/alerts?filter=foo").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (400, "\"bad matcher format: foo\"\n"));
    let suppressed = bench.get("/api/v2/alerts?filter=n%3D4").await.body;
    assert!(
        suppressed
            .contains(r#"{"inhibitedBy":["0223b772b51c29e1"],"mutedBy":[],"silencedBy":["s1"],"state":"suppressed"}"#)
    );
}

#[actix_web::test]
async fn long_lists_come_in_pieces_and_whole() {
    let bench = Bench::with(HttpSettings::default());
    let alerts: Vec<_> =
        (0..3000).map(|n| serde_json::json!({"labels": {"alertname": "x", "n": n.to_string()}})).collect();
    let body = serde_json::to_string(&alerts).expect("plain values");
    assert_eq!(bench.post(PATH, body).await.status, StatusCode::OK);
    assert_eq!(bench.listed("").await.len(), 3000);
    assert!(bench.get("/metrics").await.body.contains(r#"alertmanager_alerts{state="active"} 3000"#));
}

#[actix_web::test]
async fn reads_at_the_same_time_are_limited() {
    let bench = Bench::with(HttpSettings { get_concurrency: 1, ..HttpSettings::default() });
    let reading = bench.services.reading.clone().try_acquire_owned().expect("nobody reads");
    let answer = bench.get(PATH).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.body, "Limit of concurrent GET requests reached (1), try again later.\n");
    drop(reading);
    assert_eq!(bench.get(PATH).await.status, StatusCode::OK);
    assert_eq!(bench.services.reading.available_permits(), 1, "the permit comes back with the end of the list");
    let text = bench.get("/metrics").await.body;
    assert!(text.contains(r#"alertmanager_http_concurrency_limit_exceeded_total{method="get"} 1"#), "{text}");
}

#[actix_web::test]
async fn probes_say_whether_and_why_not() {
    let bench = Bench::new();
    for path in ["/-/healthy", "/-/ready"] {
        assert_eq!(bench.get(path).await.body, "OK", "{path}");
        assert_eq!(bench.send(test::TestRequest::with_uri(path).method(Method::HEAD)).await.status, StatusCode::OK);
    }
    *bench.readiness.0.lock() = vec!["the database failed: disk full".to_owned(), "loading alerts".to_owned()];
    let answer = bench.get("/-/ready").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (503, "the database failed: disk full\nloading alerts"));
    assert_eq!(bench.get("/-/healthy").await.status, StatusCode::OK);
}
