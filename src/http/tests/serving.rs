//! Status, receivers, reload, limits, and what `/metrics` says of them.

use super::*;

#[actix_web::test]
async fn the_status_shows_configuration_version_and_one_peer() {
    let status = Bench::new().get("/api/v2/status").await;
    let expected = format!(
        r#"{{"cluster":{{"name":"01ARYZ6S410000000000000000","peers":[{{"address":"127.0.0.1:9093","name":"01ARYZ6S410000000000000000"}}],"status":"ready"}},"config":{{"original":"route:\n  receiver: default\n"}},"uptime":"2023-11-14T22:12:20.000Z","versionInfo":{{"branch":"wirephoto","buildDate":"","buildUser":"","goVersion":"","revision":"{}","version":"0.34.0"}}}}
"#,
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(status.body, expected);
}

#[actix_web::test]
async fn receivers_are_listed_with_their_labels() {
    let bench = Bench::new();
    let default = r#"{"labels":{"name":"default"},"name":"default"}"#;
    let db = r#"{"labels":{"kind":"pager","name":"db","owner":"storage"},"name":"db"}"#;
    let all = r#"{"labels":{"name":"all","owner":"storage"},"name":"all"}"#;
    let check = async |query: &str, expected: &[&str]| {
        let answer = bench.get(&format!("/api/v2/receivers?{query}")).await;
        assert_eq!(answer.body, format!("[{}]\n", expected.join(",")), "{query}");
    };
    check("", &[default, db, all]).await;
    check("receiver_matchers=owner%3Dstorage", &[db, all]).await;
    check("receiver_matchers=owner%3D%22%22", &[default]).await;
    check("receiver_matchers=owner%3Dstorage&receiver_matchers=name%3D~d.", &[db]).await;
    *bench.services.config.write() = Arc::new(ConfigView::new("".into(), vec![], Time::default(), Peer::default()));
    check("", &[]).await;
}

#[actix_web::test]
async fn alerts_are_found_by_labels_of_receivers() {
    let bench = Bench::new();
    let alerts = r#"[{"labels":{"n":"1"}},{"labels":{"n":"2","team":"db"}},{"labels":{"n":"3","copy":"1"}}]"#;
    assert_eq!(bench.post(PATH, alerts).await.status, StatusCode::OK);
    assert_eq!(bench.listed("receiver_matchers=owner%3Dstorage").await, ["2", "3"]);
    assert_eq!(bench.listed("receiver_matchers=owner%3Dstorage&receiver=all").await, ["3"]);
    assert_eq!(bench.listed("receiver_matchers=owner%3Dnobody").await, [""; 0]);
    let shown = bench.get("/api/v2/alerts?filter=n%3D3").await.body;
    let receivers = r#""receivers":[{"name":"default"},{"labels":{"name":"all","owner":"storage"},"name":"all"}]"#;
    assert!(shown.contains(receivers), "{shown}");
}

#[actix_web::test]
async fn the_configuration_is_loaded_again_on_post() {
    let bench = Bench::new();
    let answer = bench.call("POST", "/-/reload", None).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
    *bench.reloader.0.lock() = Err("undefined receiver \"db\"".to_owned());
    let answer = bench.call("POST", "/-/reload", None).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.body, "failed to reload config: undefined receiver \"db\"\n");
    for (method, path, allow) in
        [("GET", "/-/reload", "POST"), ("POST", "/-/ready", "GET, HEAD"), ("PUT", "/-/healthy", "GET, HEAD")]
    {
        let answer = bench.call(method, path, None).await;
        assert_eq!((answer.status.as_u16(), answer.header(header::ALLOW)), (405, allow), "{method} {path}");
        assert_eq!(answer.body, "Method Not Allowed\n");
    }
    assert_eq!(bench.get("/debug/pprof/").await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn an_answer_that_takes_too_long_is_503() {
    let timeout = Some(Duration::from_millis(50));
    let bench = Bench::with(HttpSettings { answer_timeout: timeout, ..HttpSettings::default() });
    assert_eq!(bench.get(PATH).await.status, StatusCode::OK);
    bench.book.hangs.store(true, Ordering::Relaxed);
    let answer = bench.call("DELETE", &format!("/api/v2/silence/{}", silence_id(1)), None).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.body, "Exceeded configured timeout of 50ms.\n");
}

#[actix_web::test]
async fn metrics_tell_of_versions_and_states() {
    let bench = Bench::new();
    let alerts = r#"[{"labels":{"n":"1"}},{"labels":{"n":"2","silenced":"s1"}},{"labels":{"n":"3"},"endsAt":"2023-11-14T22:13:20Z"}]"#;
    assert_eq!(bench.post(PATH, alerts).await.status, StatusCode::OK);
    bench.get("/api/v2/alerts/").await;
    let text = bench.get("/metrics").await.body;
    let build = format!(
        r#"alertmanager_build_info{{branch="wirephoto",goarch="{}",goos="{}",goversion="",revision="{}",version="0.34.0"}} 1"#,
        std::env::consts::ARCH,
        std::env::consts::OS,
        env!("CARGO_PKG_VERSION")
    );
    for line in [
        build.as_str(),
        r#"alertmanager_alerts{state="active"} 1"#,
        r#"alertmanager_alerts{state="suppressed"} 1"#,
        r#"alertmanager_alerts{state="unprocessed"} 0"#,
        r#"alertmanager_http_concurrency_limit_exceeded_total{method="get"} 0"#,
        r#"alertmanager_http_request_duration_seconds_count{code="200",handler="/api/v2/alerts",method="get"} 1"#,
        r#"alertmanager_http_request_duration_seconds_bucket{code="200",handler="/api/v2/alerts",method="post",le="0.05"} 1"#,
        r#"alertmanager_http_requests_in_flight{method="get"} 1"#,
        r#"alertmanager_http_response_size_bytes_count{handler="/api/v2/alerts",method="get"} 1"#,
        r#"alertmanager_http_response_size_bytes_bucket{handler="/api/v2/alerts",method="get",le="100"} 0"#,
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}
