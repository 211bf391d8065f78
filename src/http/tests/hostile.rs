//! Whatever is sent, the layer answers, and with no 500.

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use super::*;

/// Paths and queries as nobody means them, percent-encoded where a URI must be.
fn target() -> impl Strategy<Value = String> {
    let path = prop::sample::select(vec![
        "/api/v2/alerts",
        "/api/v2/alerts/groups",
        "/api/v2/silences",
        "/api/v2/silence/",
        "/api/v2/receivers",
        "/api/v2/status",
        "/api/v2/",
        "/",
    ]);
    let query = prop::collection::vec(
        (
            prop::sample::select(vec!["filter", "receiver", "receiver_matchers", "limit", "cursor", "active", "x"]),
            any::<String>(),
        ),
        0..4,
    );
    (path, any::<String>(), query).prop_map(|(path, more, query)| {
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        format!("{path}{}?{query}", encoded(&more))
    })
}

#[actix_web::test]
async fn hostile_requests_are_answered() {
    let mut runner = TestRunner::deterministic();
    let method = prop::sample::select(vec!["GET", "POST", "PUT", "DELETE", "OPTIONS"]);
    let body = prop_oneof![
        any::<String>(),
        Just(r#"[{"labels":{"a":"b"}}]"#.to_owned()),
        Just("{\"matchers\":[[]]}".to_owned())
    ];
    let bench = Bench::new();
    for _ in 0..200 {
        let case = (method.clone(), target(), body.clone()).new_tree(&mut runner).expect("a case").current();
        let (method, target, body) = case;
        let answer = bench.call(method, &target, Some(&body)).await;
        assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{method} {target} {body}");
    }
}
