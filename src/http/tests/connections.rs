//! Paths, methods, limits of bodies, and a bound server.

use super::*;

#[actix_web::test]
async fn wrong_methods_paths_and_types() {
    let bench = Bench::new();
    let check = async |method: Method, path: &str, kind: &str, status: u16, expected: &str| {
        let request = test::TestRequest::with_uri(path).method(method.clone());
        let answer = bench.send(with_body(request, kind, "[]".to_owned())).await;
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
    let server = serve(vec![listener], Entrance::default(), bench.services.clone(), |_| {}).expect("it is bound");
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
