//! The HTTP layer against a table and a stand-in for the actors that merges nothing but writes down what it is given.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use actix_web::{
    App,
    body::MessageBody,
    dev::{Service, ServiceResponse},
    http::{Method, StatusCode, header},
    test,
};
use alerts::intake::{Normalised, NotAccepted};
use parking_lot::Mutex;

use super::*;

struct FixedClock(AtomicI64);

impl Clock for FixedClock {
    fn now(&self) -> Time {
        Time::from_secs(self.0.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

/// Puts what it is given into the table, or refuses it.
struct Keeper {
    table: Arc<AlertTable>,
    refusal: Mutex<Option<NotAccepted>>,
    accepted: AtomicUsize,
    extended: AtomicUsize,
}

#[async_trait::async_trait]
impl Accept for Keeper {
    async fn accept(&self, alerts: Vec<Normalised>, _: Time) -> Result<(), NotAccepted> {
        if let Some(refusal) = self.refusal.lock().clone() {
            return Err(refusal);
        }
        for alert in alerts {
            self.accepted.fetch_add(1, Ordering::Relaxed);
            self.table.load(AlertRecord::from(&alert.alert()));
        }
        Ok(())
    }

    fn extend(&self, alerts: Vec<Fingerprint>) {
        self.extended.fetch_add(alerts.len(), Ordering::Relaxed);
    }
}

/// Mutes by the alert's own labels `silenced` and `inhibited`, and names the receiver after `team`.
struct ByLabel;

impl Standings for ByLabel {
    fn of(&self, alert: &AlertRecord, _: Time) -> Standing {
        let labels = alert.blob.labels();
        let listed = |name: &str| labels.get(name).map(str::to_owned).into_iter().collect::<Vec<_>>();
        Standing {
            receivers: vec![labels.get("team").unwrap_or("default").into()],
            silenced_by: listed("silenced"),
            inhibited_by: listed("inhibited").iter().filter_map(|fingerprint| fingerprint.parse().ok()).collect(),
        }
    }
}

struct Reasons(Mutex<Vec<String>>);

impl Readiness for Reasons {
    fn not_ready(&self) -> Vec<String> {
        self.0.lock().clone()
    }
}

/// The layer, and what lies behind it.
struct Bench {
    services: Arc<Services>,
    keeper: Arc<Keeper>,
    clock: Arc<FixedClock>,
    readiness: Arc<Reasons>,
}

/// 2023-11-14T22:13:20Z.
const NOW: i64 = 1_700_000_000;

impl Bench {
    fn new() -> Self {
        Self::with(HttpSettings { body_bytes: 4096, ..HttpSettings::default() })
    }

    fn with(settings: HttpSettings) -> Self {
        let table = Arc::new(AlertTable::new());
        let keeper = Arc::new(Keeper {
            table: table.clone(),
            refusal: Mutex::default(),
            accepted: AtomicUsize::new(0),
            extended: AtomicUsize::new(0),
        });
        let clock = Arc::new(FixedClock(AtomicI64::new(NOW)));
        let readiness = Arc::new(Reasons(Mutex::default()));
        let parts = Parts {
            table,
            accept: keeper.clone(),
            standings: Arc::new(ByLabel),
            readiness: readiness.clone(),
            clock: clock.clone(),
        };
        let services = Services::new(parts, Registry::new(), Rules::default(), settings).expect("a new registry");
        Self { services: Arc::new(services), keeper, clock, readiness }
    }

    async fn send(&self, request: test::TestRequest) -> Answer {
        let services = web::Data::from(self.services.clone());
        let app = test::init_service(
            App::new()
                .app_data(services.clone())
                .wrap(from_fn(metrics::measure))
                .configure(|app| routes(app, &services, |_| {}))
                .default_service(web::to(not_found)),
        )
        .await;
        Answer::read(app.call(request.to_request()).await.expect("handlers answer")).await
    }

    async fn post(&self, path: &str, body: impl Into<String>) -> Answer {
        let request = test::TestRequest::post().uri(path).insert_header((header::CONTENT_TYPE, "application/json"));
        self.send(request.set_payload(body.into())).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(test::TestRequest::get().uri(path)).await
    }

    /// The label `n` of the alerts that are listed.
    async fn listed(&self, query: &str) -> Vec<String> {
        let answer = self.get(&format!("/api/v2/alerts?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let json: serde_json::Value = serde_json::from_str(&answer.body).expect("it is JSON");
        let alerts = json.as_array().expect("it is a list");
        assert!(alerts.is_sorted_by_key(|alert| alert["fingerprint"].as_str().unwrap_or_default().to_owned()));
        let mut names: Vec<_> =
            alerts.iter().map(|a| a["labels"]["n"].as_str().unwrap_or_default().to_owned()).collect();
        names.sort_unstable();
        names
    }
}

#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: header::HeaderMap,
    body: String,
}

impl Answer {
    async fn read(response: ServiceResponse<impl MessageBody>) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = String::from_utf8_lossy(&test::read_body(response).await).into_owned();
        Self { status, headers, body }
    }

    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

const PATH: &str = "/api/v2/alerts";

/// `facts/alertmanager.md` 2.2, as measured on Alertmanager.
#[actix_web::test]
async fn errors_are_alertmanagers() {
    let bench = Bench::new();
    let check = async |body: &str, status: u16, expected: &str| {
        let answer = bench.post(PATH, body).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (status, expected), "{body}");
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    };
    check(r#"[{"labels":{}}]"#, 400, r#""at least one label pair required""#).await;
    check(
        r#"[{"labels":{"a":"b"},"startsAt":"2023-01-02T00:00:00Z","endsAt":"2023-01-01T00:00:00Z"}]"#,
        400,
        r#""start time must be before end time""#,
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
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (400, r#""invalid label set: invalid name \"a-b\"""#));
}

#[actix_web::test]
async fn wrong_methods_paths_and_types() {
    let bench = Bench::new();
    let check = async |method: Method, path: &str, kind: &str, status: u16, expected: &str| {
        let mut request = test::TestRequest::with_uri(path).method(method.clone());
        if !kind.is_empty() {
            request = request.insert_header((header::CONTENT_TYPE, kind));
        }
        let answer = bench.send(request.set_payload("[]")).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (status, expected), "{method} {path} {kind}");
    };
    check(
        Method::POST,
        PATH,
        "text/plain",
        415,
        r#"{"code":415,"message":"unsupported media type \"text/plain\", only [application/json] are allowed"}"#,
    )
    .await;
    check(Method::POST, PATH, "", 415,
        r#"{"code":415,"message":"unsupported media type \"application/octet-stream\", only [application/json] are allowed"}"#).await;
    check(Method::POST, PATH, "Application/JSON; charset=utf-8", 200, "").await;
    check(
        Method::PUT,
        PATH,
        "application/json",
        405,
        r#"{"code":405,"message":"method PUT is not allowed, but [POST,GET] are"}"#,
    )
    .await;
    check(Method::GET, "/events", "", 405, r#"{"code":405,"message":"method GET is not allowed, but [POST] are"}"#)
        .await;
    check(Method::GET, "/api/v2/nope", "", 404, r#"{"code":404,"message":"path /api/v2/nope was not found"}"#).await;
    check(Method::GET, "/nope", "", 404, r#"{"code":404,"message":"path /nope was not found"}"#).await;
    let answer = bench.get("/api/v1/alerts").await;
    assert_eq!(answer.status, StatusCode::GONE);
    assert!(answer.body.contains(r#""status":"deprecated""#), "{}", answer.body);
}

#[actix_web::test]
async fn the_valid_alerts_of_a_mixed_batch_are_kept() {
    let bench = Bench::new();
    let answer = bench.post(PATH, r#"[{"labels":{"n":"1"}},{"labels":{}},{"labels":{"n":"2"}}]"#).await;
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (400, r#""alert 2 of 3: at least one label pair required""#)
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
async fn large_bodies_are_refused_whether_announced_or_not() {
    let bench = Bench::new();
    let body = format!(r#"[{{"labels":{{"n":"{}"}}}}]"#, "x".repeat(5000));
    let answer = bench.post(PATH, body).await;
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (413, r#"{"code":413,"message":"the body is larger than 4096 bytes"}"#)
    );
    let large = test::TestRequest::post().uri(PATH).insert_header((header::CONTENT_TYPE, "application/json"));
    let answer = bench.send(large.insert_header((header::CONTENT_LENGTH, "5000"))).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[actix_web::test]
async fn bodies_together_stay_within_their_budget() {
    let bench = Bench::with(HttpSettings { body_bytes: 4096, bodies_bytes: 4096, ..HttpSettings::default() });
    let taken = bench.services.bodies.clone().try_acquire_many_owned(4).expect("nothing else is going on");
    let answer = bench.post(PATH, "[]").await;
    assert_eq!((answer.status.as_u16(), answer.header(header::RETRY_AFTER)), (503, "1"));
    drop(taken);
    assert_eq!(bench.post(PATH, "[]").await.status, StatusCode::OK);
    assert_eq!(bench.services.bodies.available_permits(), 4);
}

#[actix_web::test]
async fn an_alert_is_shown_as_alertmanager_shows_it() {
    let bench = Bench::new();
    let body = r#"[{"labels":{"alertname":"x","n":"1","team":"db"},"annotations":{"summary":"a \"b\""},
        "startsAt":"2023-11-14T22:00:00.1234Z","endsAt":"2023-11-14T23:00:00Z","generatorURL":"http://p:9090/graph?a=b&c"}]"#;
    assert_eq!(bench.post(PATH, body).await.status, StatusCode::OK);
    let answer = bench.get(PATH).await;
    let expected = r#"[{"annotations":{"summary":"a \"b\""},"endsAt":"2023-11-14T23:00:00.000Z","fingerprint":"FP","receivers":[{"name":"db"}],"startsAt":"2023-11-14T22:00:00.123Z","status":{"inhibitedBy":[],"mutedBy":[],"silencedBy":[],"state":"active"},"updatedAt":"2023-11-14T22:13:20.000Z","generatorURL":"http://p:9090/graph?a=b&c","labels":{"alertname":"x","n":"1","team":"db"}}]
"#;
    let labels: alerts::LabelSet = [("alertname", "x"), ("n", "1"), ("team", "db")].into_iter().collect();
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
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (400, r#""bad matcher format: foo""#));
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
    assert_eq!(answer.body, "Limit of concurrent GET requests reached (1), try again later.");
    drop(reading);
    assert_eq!(bench.get(PATH).await.status, StatusCode::OK);
    assert_eq!(bench.services.reading.available_permits(), 1, "the permit comes back with the end of the list");
    let text = bench.get("/metrics").await.body;
    assert!(text.contains(r#"alertmanager_http_concurrency_limit_exceeded_total{method="get"} 1"#), "{text}");
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

#[actix_web::test]
async fn everything_is_served_below_the_prefix() {
    let bench = Bench::with(HttpSettings { route_prefix: "/am".to_owned(), ..HttpSettings::default() });
    assert_eq!(bench.get("/am/api/v2/alerts").await.body, "[]\n");
    assert_eq!(bench.get("/am/-/healthy").await.status, StatusCode::OK);
    assert_eq!(bench.get("/api/v2/alerts").await.status, StatusCode::NOT_FOUND);
    let text = bench.get("/am/metrics").await.body;
    let line =
        r#"alertmanager_http_request_duration_seconds_count{code="200",handler="/api/v2/alerts",method="get"} 1"#;
    assert!(text.contains(line), "{text}");
    assert!(text.contains(r#"handler="unknown",method="get"} 1"#), "unknown paths make no series of their own: {text}");
}

/// A bound server with one worker, and what comes back for what is sent until it closes the connection.
async fn exchange(settings: HttpSettings, request: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let bench = Bench::with(HttpSettings { workers: 1, ..settings });
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let address = listener.local_addr().expect("it is bound");
    let server = serve(listener, bench.services.clone(), |_| {}).expect("it is bound");
    let handle = server.handle();
    let running = actix_web::rt::spawn(server);
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it closes");
    handle.stop(true).await;
    running.await.expect("the task ends").expect("the server ends well");
    answer
}

#[actix_web::test]
async fn bodies_may_come_in_chunks_and_connections_are_kept() {
    let body = r#"[{"labels":{"n":"1"}}]"#;
    let (head, tail) = body.split_at(9);
    let requests = format!(
        "POST /api/v2/alerts HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\
         {:x}\r\n{head}\r\n{:x}\r\n{tail}\r\n0\r\n\r\nGET /api/v2/alerts HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        head.len(),
        tail.len(),
    );
    let answers = exchange(HttpSettings::default(), &requests).await;
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
    assert!(answers.contains(r#""labels":{"n":"1"}"#), "{answers}");
}

#[actix_web::test]
async fn a_body_that_never_comes_is_given_up() {
    let settings = HttpSettings { request_timeout: Duration::from_millis(200), ..HttpSettings::default() };
    let never = "POST /events HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n[";
    assert!(exchange(settings, never).await.starts_with("HTTP/1.1 408 "));
}
