//! The table of `facts/alertmanager.md` 2.2, and what else Debian's Alertmanager answered when it was asked (`measured` on 0.25.0;
//! where 0.34 has other words, its words).

use super::*;

/// Method, path, body, status, body of the answer. `…` at the end: it begins so.
type Case = (&'static str, &'static str, Option<&'static str>, u16, &'static str);

async fn check(bench: &Bench, cases: &[Case]) {
    for (method, path, body, status, expected) in cases {
        let answer = bench.call(method, path, *body).await;
        let case = format!("{method} {path} {}", body.unwrap_or_default());
        assert_eq!(answer.status.as_u16(), *status, "{case}: {}", answer.body);
        match expected.strip_suffix('…') {
            Some(beginning) => assert!(answer.body.starts_with(beginning), "{case}: {}", answer.body),
            None => assert_eq!(answer.body.trim_end_matches('\n'), *expected, "{case}"),
        }
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store", "{case}");
    }
}

#[actix_web::test]
async fn of_posted_alerts() {
    let parsing = r#"{"code":400,"message":"parsing alerts body from \"\" failed, because …"#;
    let cases = [
        (r#"[{"labels":{}}]"#, 400, r#""at least one label pair required""#),
        (
            r#"[{"labels":{"a":"b"},"startsAt":"2023-01-02T00:00:00Z","endsAt":"2023-01-01T00:00:00Z"}]"#,
            400,
            r#""start time must be before end time""#,
        ),
        (r#"[{"annotations":{}}]"#, 422, r#"{"code":602,"message":"0.labels in body is required"}"#),
        (r#"[{}, {}]"#, 422, r#"{"code":602,"message":"0.labels in body is required"}"#),
        (r#"[{"labels":null}]"#, 422, r#"{"code":602,"message":"0.labels in body is required"}"#),
        (
            r#"[{"labels":{"a":"b"},"generatorURL":"not a url"},{}]"#,
            422,
            r#"{"code":601,"message":"0.generatorURL in body must be of type uri: \"not a url\""}"#,
        ),
        (
            r#"[{"generatorURL":"not a url"}]"#,
            422,
            r#"{"code":601,"message":"0.generatorURL in body must be of type uri: \"not a url\""}"#,
        ),
        (r#"[{"labels":{"a":"b"},"startsAt":"x"}]"#, 400, parsing),
        (r#"[{"labels":{"a":1}}]"#, 400, parsing),
        ("{", 400, parsing),
        ("{}", 400, parsing),
        ("", 422, r#"{"code":602,"message":"alerts in body is required"}"#),
        ("[]", 200, ""),
        ("null", 200, ""),
    ];
    let cases: Vec<Case> = cases.iter().map(|(body, code, words)| ("POST", PATH, Some(*body), *code, *words)).collect();
    check(&Bench::new(), &cases).await;
}

/// A silence with these fields besides its comment and its creator.
macro_rules! silence {
    ($($fields:literal),*) => {
        Some(concat!(r#"{"comment":"c","createdBy":"m","#, $($fields,)* "}"))
    };
}

/// A silence with these matchers.
macro_rules! silence_of {
    ($matchers:literal) => {
        silence!(r#""startsAt":"2029-01-01T00:00:00Z","endsAt":"2030-01-01T00:00:00Z","matchers":["#, $matchers, "]")
    };
}

#[actix_web::test]
async fn of_posted_silences() {
    let post = |body, status, words| ("POST", "/api/v2/silences", body, status, words);
    let cases = [
        post(Some("{}"), 422, r#"{"code":602,"message":"comment in body is required"}"#),
        post(Some("null"), 422, r#"{"code":602,"message":"comment in body is required"}"#),
        post(Some(""), 422, r#"{"code":602,"message":"silence in body is required"}"#),
        post(Some("{"), 400, r#"{"code":400,"message":"parsing silence body from \"\" failed, because …"#),
        post(
            Some("[]"),
            400,
            r#"{"code":400,"message":"parsing silence body from \"\" failed, because json: cannot unmarshal array into Go value of type …"#,
        ),
        post(Some(r#"{"matchers":[]}"#), 422, r#"{"code":602,"message":"comment in body is required"}"#),
        post(Some(r#"{"comment":"c"}"#), 422, r#"{"code":602,"message":"createdBy in body is required"}"#),
        post(Some(r#"{"comment":"c","createdBy":"m"}"#), 422, r#"{"code":602,"message":"endsAt in body is required"}"#),
        post(
            silence!(r#""endsAt":"2030-01-01T00:00:00Z""#),
            422,
            r#"{"code":602,"message":"matchers in body is required"}"#,
        ),
        post(silence_of!(""), 422, r#"{"code":612,"message":"matchers in body should have at least 1 items"}"#),
        post(silence_of!("{}"), 422, r#"{"code":602,"message":"matchers.0.isRegex in body is required"}"#),
        post(silence_of!("null"), 422, r#"{"code":602,"message":"matchers.0.isRegex in body is required"}"#),
        post(
            silence_of!(r#"{"name":"a","value":"b"}"#),
            422,
            r#"{"code":602,"message":"matchers.0.isRegex in body is required"}"#,
        ),
        post(
            silence_of!(r#"{"isRegex":false}"#),
            422,
            r#"{"code":602,"message":"matchers.0.name in body is required"}"#,
        ),
        post(
            silence_of!(r#"{"isRegex":false,"name":"a"}"#),
            422,
            r#"{"code":602,"message":"matchers.0.value in body is required"}"#,
        ),
        post(
            silence!(r#""endsAt":"2030-01-01T00:00:00Z","matchers":[{"isRegex":false,"name":"a","value":"b"}]"#),
            422,
            r#"{"code":602,"message":"startsAt in body is required"}"#,
        ),
        post(
            silence_of!(r#"{"name":"a","value":"b","isRegex":1}"#),
            400,
            r#"{"code":400,"message":"parsing silence body from \"\" failed, because json: cannot unmarshal number into Go struct field Matcher.matchers.isRegex of type bool"}"#,
        ),
        post(
            silence!(r#""startsAt":"tomorrow","endsAt":"2030-01-01T00:00:00Z","matchers":[]"#),
            400,
            r#"{"code":400,"message":"parsing silence body from \"\" failed, because parsing time \"tomorrow\"…"#,
        ),
        post(
            silence_of!(r#"{"name":"a","value":"","isRegex":false}"#),
            400,
            r#""invalid silence: matcher set 0: at least one matcher must not match the empty string""#,
        ),
        post(
            silence_of!(r#"{"name":"","value":"b","isRegex":false}"#),
            400,
            r#""invalid silence: invalid label matcher 0 in set 0: invalid label name \"\"""#,
        ),
        post(
            silence_of!(r#"{"name":"a","value":"(","isRegex":true}"#),
            400,
            r#""invalid silence: invalid label matcher 0 in set 0: invalid regular expression \"(\": error parsing regexp: missing closing ): `(`""#,
        ),
        post(
            silence!(
                r#""startsAt":"2029-01-01T00:00:00Z","endsAt":"2029-01-01T00:00:00Z","matchers":[{"name":"a","value":"(","isRegex":true}]"#
            ),
            400,
            r#""Failed to create silence: start time must be before end time""#,
        ),
        post(
            silence!(
                r#""startsAt":"2019-01-01T00:00:00Z","endsAt":"2020-01-01T00:00:00Z","matchers":[{"name":"a","value":"b","isRegex":false}]"#
            ),
            400,
            r#""Failed to create silence: end time can't be in the past""#,
        ),
        post(
            silence!(
                r#""id":"nope","startsAt":"2029-01-01T00:00:00Z","endsAt":"2030-01-01T00:00:00Z","matchers":[{"name":"a","value":"b","isRegex":false}]"#
            ),
            404,
            r#""silence not found""#,
        ),
        post(
            Some(
                r#"{"comment":"","createdBy":"","startsAt":"","endsAt":"2030-01-01T00:00:00Z","matchers":[{"name":"a","value":"b","isRegex":false}]}"#,
            ),
            200,
            r#"{"silenceID":"…"#,
        ),
    ];
    check(&Bench::new(), &cases).await;
}

#[actix_web::test]
async fn of_silences_by_id() {
    let missing = "/api/v2/silence/44b2cd4b-0e5d-4c4c-8aa8-6a2a0cf8d7f1";
    let uuid = r#"{"code":601,"message":"silenceID in path must be of type uuid: \"x\""}"#;
    let cases = [
        ("GET", "/api/v2/silence/x", None, 422, uuid),
        ("DELETE", "/api/v2/silence/x", None, 422, uuid),
        ("GET", missing, None, 404, ""),
        ("GET", "/api/v2/silence/44b2cd4b0e5d4c4c8aa86a2a0cf8d7f1", None, 404, ""),
        ("GET", "/api/v2/silence/44B2CD4B-0E5D-4C4C-8AA8-6A2A0CF8D7F1", None, 404, ""),
        ("DELETE", missing, None, 404, ""),
        (
            "POST",
            missing,
            Some("{}"),
            405,
            r#"{"code":405,"message":"method POST is not allowed, but [DELETE,GET] are"}"#,
        ),
        ("GET", "/api/v2/silence/", None, 404, r#"{"code":404,"message":"path /api/v2/silence/ was not found"}"#),
    ];
    check(&Bench::new(), &cases).await;
}

#[actix_web::test]
async fn of_parameters() {
    let cases = [
        ("GET", "/api/v2/alerts?filter=foo", None, 400, r#""bad matcher format: foo""#),
        ("GET", "/api/v2/alerts/groups?filter=foo", None, 400, r#""bad matcher format: foo""#),
        ("GET", "/api/v2/silences?filter=foo", None, 400, r#""bad matcher format: foo""#),
        ("GET", "/api/v2/receivers?receiver_matchers=foo", None, 400, r#""bad matcher format: foo""#),
        (
            "GET",
            "/api/v2/alerts?receiver=(",
            None,
            400,
            "\"failed to parse receiver param: error parsing regexp: missing closing ): `^(?:()$`\"",
        ),
        (
            "GET",
            "/api/v2/alerts/groups?receiver=(",
            None,
            400,
            "\"failed to parse receiver param: error parsing regexp: missing closing ): `^(?:()$`\"",
        ),
        ("GET", "/api/v2/alerts?active=maybe", None, 200, "[]"),
        (
            "GET",
            "/api/v2/alerts?limit=0",
            None,
            422,
            r#"{"code":609,"message":"limit in query should be greater than or equal to 1"}"#,
        ),
        (
            "GET",
            "/api/v2/alerts?limit=x",
            None,
            422,
            r#"{"code":601,"message":"limit in query must be of type int64: \"x\""}"#,
        ),
    ];
    check(&Bench::new(), &cases).await;
}

#[actix_web::test]
async fn of_methods_and_paths() {
    let cases = [
        ("PUT", PATH, Some("[]"), 405, r#"{"code":405,"message":"method PUT is not allowed, but [POST,GET] are"}"#),
        ("OPTIONS", PATH, None, 405, r#"{"code":405,"message":"method OPTIONS is not allowed, but [POST,GET] are"}"#),
        ("HEAD", PATH, None, 405, "…"),
        (
            "DELETE",
            "/api/v2/silences",
            None,
            405,
            r#"{"code":405,"message":"method DELETE is not allowed, but [POST,GET] are"}"#,
        ),
        (
            "POST",
            "/api/v2/status",
            Some(""),
            405,
            r#"{"code":405,"message":"method POST is not allowed, but [GET] are"}"#,
        ),
        (
            "POST",
            "/api/v2/alerts/groups",
            None,
            405,
            r#"{"code":405,"message":"method POST is not allowed, but [GET] are"}"#,
        ),
        ("GET", "/api/v2/nope", None, 404, r#"{"code":404,"message":"path /api/v2/nope was not found"}"#),
        ("GET", "/api/v2/alerts/nope", None, 404, r#"{"code":404,"message":"path /api/v2/alerts/nope was not found"}"#),
        ("GET", "/api/v2/alerts/", None, 200, "[]"),
    ];
    check(&Bench::new(), &cases).await;
}

#[actix_web::test]
async fn of_media_types() {
    let bench = Bench::new();
    let post = async |path: &str, kind: &str| {
        let answer = bench.post_as(kind, path, "[]".to_owned()).await;
        (answer.status.as_u16(), answer.body)
    };
    for path in [PATH, "/api/v2/silences"] {
        let words =
            r#"{"code":415,"message":"unsupported media type \"text/plain\", only [application/json] are allowed"}"#;
        assert_eq!(post(path, "text/plain").await, (415, words.to_owned()));
    }
    let answer = bench.post_as("text/plain", PATH, String::new()).await;
    assert_eq!(answer.body, r#"{"code":602,"message":"alerts in body is required"}"#, "no body has no wrong type");
    let accepts = async |accept: &str| {
        let answer = bench.send(test::TestRequest::get().uri(PATH).insert_header((header::ACCEPT, accept))).await;
        (answer.status.as_u16(), answer.body)
    };
    let words = r#"{"code":406,"message":"unsupported media type requested, only [application/json] are available"}"#;
    assert_eq!(accepts("text/html").await, (406, words.to_owned()));
    assert_eq!(accepts("application/json;q=0").await.0, 406);
    for accept in ["*/*", "application/*", "text/html, application/json;q=0.1", "text/html,*/*;q=0.8"] {
        assert_eq!(accepts(accept).await.0, 200, "{accept}");
    }
}

#[actix_web::test]
async fn of_a_classic_server() {
    let bench = Bench::new();
    {
        let mut rules = bench.services.rules.write();
        (rules.names, rules.matchers) = (alerts::intake::NameScheme::Classic, alerts::matcher::Syntax::Classic);
    }
    let cases: &[Case] = &[
        ("POST", PATH, Some(r#"[{"labels":{"a-b":"c"}}]"#), 400, r#""invalid label set: invalid name \"a-b\"""#),
        (
            "POST",
            "/api/v2/silences",
            silence_of!(r#"{"name":"a-b","value":"c","isRegex":false}"#),
            400,
            r#""invalid silence: invalid label matcher 0 in set 0: invalid label name \"a-b\"""#,
        ),
        ("GET", "/api/v2/alerts?filter=a-b%3Dc", None, 400, r#""bad matcher format: a-b=c""#),
    ];
    check(&bench, cases).await;
    let utf8 = Bench::new();
    assert_eq!(utf8.get("/api/v2/alerts?filter=a-b%3Dc").await.status, StatusCode::OK);
}
