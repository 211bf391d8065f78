//! Answers to pages of other origins, as rs/cors gives them by default.

use super::*;

async fn preflight(headers: &[(&str, &str)], path: &str) -> Answer {
    let request = test::TestRequest::with_uri(path).method(Method::OPTIONS);
    let request = headers.iter().fold(request, |request, header| request.insert_header(*header));
    Bench::new().send(request).await
}

#[actix_web::test]
async fn preflights_are_answered() {
    let check = async |headers: &[(&str, &str)], allowed: [&str; 3]| {
        let answer = preflight(headers, PATH).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{headers:?}");
        let found = [
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            header::ACCESS_CONTROL_ALLOW_METHODS,
            header::ACCESS_CONTROL_ALLOW_HEADERS,
        ];
        assert_eq!(found.map(|name| answer.header(name).to_owned()), allowed, "{headers:?}");
        let varies = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
        assert_eq!(answer.header(header::VARY), varies);
    };
    let (origin, method) = (("origin", "http://x"), |name| ("access-control-request-method", name));
    let headers = |names| ("access-control-request-headers", names);
    check(&[origin, method("POST"), headers("content-type")], ["*", "POST", "content-type"]).await;
    check(&[origin, method("GET")], ["*", "GET", ""]).await;
    check(&[origin, method("DELETE")], ["", "", ""]).await;
    check(&[origin, method("GET"), headers("authorization")], ["", "", ""]).await;
    check(&[method("GET")], ["", "", ""]).await;
}

#[actix_web::test]
async fn answers_are_for_all_origins() {
    let bench = Bench::new();
    let check = async |path: &str, status: u16| {
        let answer = bench.send(test::TestRequest::get().uri(path).insert_header(("origin", "http://x"))).await;
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(answer.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), "*", "{path}");
        assert_eq!(
            (answer.header(header::VARY), answer.header(header::CACHE_CONTROL)),
            ("Origin", "no-store"),
            "{path}"
        );
    };
    check(PATH, 200).await;
    check("/api/v2/silence/x", 422).await;
    check("/api/v2/nope", 404).await;
    let answer = bench.get(PATH).await;
    assert_eq!(answer.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), "", "nobody of another origin asked");
    let outside = bench.send(test::TestRequest::get().uri("/-/healthy").insert_header(("origin", "http://x"))).await;
    assert_eq!(outside.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), "");
}
