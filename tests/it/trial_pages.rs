//! Previews and tests of receivers from outside: pages, the API beside them, who may ask, how often.

use actix_web::{
    http::{StatusCode, header::HeaderMap},
    test::TestRequest,
};
use serde_json::{Value, json};

use crate::pages::{HOSTILE, Site, check_is_harmless};

/// A path of the receiver, whose name is hostile.
fn path(what: &str) -> String {
    let name: String = url::form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect();
    format!("{}{what}", name.replace('+', "%20"))
}

async fn post(site: &Site, path: &str, body: &Value) -> (StatusCode, HeaderMap, Value) {
    let (status, headers, text) = site.answer(TestRequest::post().uri(path).set_json(body)).await;
    (status, headers, serde_json::from_str(&text).unwrap_or_else(|why| panic!("{path}: {why}: {text}")))
}

#[actix_web::test]
async fn hostile_names_and_events_are_only_words() {
    let site = Site::new("");
    let preview = format!("/receivers/{}", path("/preview"));
    check_is_harmless(&preview, &site.page(&preview).await);
    let event =
        json!({"labels": {"alertname": HOSTILE, HOSTILE: "x"}, "annotations": {"summary": HOSTILE}}).to_string();
    let fields = [("event", event.as_str()), ("pictures", "2"), ("resolved", "1"), ("integration", "inbox/0")];
    let (status, _, body) = site.submit(&preview, &fields).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    check_is_harmless(&preview, &body);
    assert!(body.contains("Inbox page") && body.contains("Test picture 2 of 2"), "{body}");
    for wrong in [HOSTILE, "{"] {
        let (status, _, body) = site.submit(&preview, &[("event", wrong), ("integration", HOSTILE)]).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
        check_is_harmless(&preview, &body);
        assert!(body.contains("No preview: the event: "), "{body}");
    }
    let test = format!("/receivers/{}", path("/test"));
    check_is_harmless(&test, &site.page(&test).await);
    check_is_harmless("/status", &site.page("/status").await);
}

#[actix_web::test]
async fn a_test_is_sent_once_and_shown() {
    let site = Site::new("");
    let to = format!("/receivers/{}", path("/test"));
    let (status, headers, _) = site.submit(&to, &[("integration", "inbox/0"), ("resolve", "1")]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(headers.get("location").and_then(|to| to.to_str().ok()), Some(to.as_str()));
    let page = site.page(&to).await;
    check_is_harmless(&to, &page);
    assert!(page.contains("Every integration took the message"), "{page}");
    assert_eq!(page.matches("badge sent").count(), 2, "the test, and that it is over: {page}");
    let inbox = site.database.inbox_page(None, 9).unwrap();
    assert_eq!(inbox.len(), 2);
    assert!(inbox.iter().all(|row| row.entry.text.contains("nothing is wrong") && row.entry.pictures.len() == 1));
    // the page shows its picture
    let inbox = site.page("/inbox").await;
    assert!(inbox.contains("images/wirephototestfiring.png?e="), "{inbox}");

    let (status, headers, page) = site.submit(&to, &[]).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(headers.get("retry-after").and_then(|wait| wait.to_str().ok()), Some("10"));
    assert!(page.contains("Not tested: this receiver was tested a moment ago"), "{page}");
    assert_eq!(site.database.inbox_page(None, 9).unwrap().len(), 2);
}

#[actix_web::test]
async fn other_sites_cannot_ask() {
    let site = Site::new("");
    let paths = [
        format!("/receivers/{}", path("/test")),
        format!("/receivers/{}", path("/preview")),
        format!("/api/v1/receivers/{}", path("/test")),
        "/api/v1/preview".to_owned(),
    ];
    for path in &paths {
        for header in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
            let request = TestRequest::post().uri(path).insert_header(header);
            let request =
                if path.starts_with("/api") { request.set_json(json!({})) } else { request.set_form([("a", "b")]) };
            let (status, _, body) = site.answer(request).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{path}: {body}");
        }
    }
    for path in &paths[..2] {
        let (status, ..) = site.answer(TestRequest::post().uri(path).set_form([("a", "b")])).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}: a form must come from a page");
    }
    assert!(site.database.inbox_page(None, 9).unwrap().is_empty());
}

#[actix_web::test]
async fn unknown_receivers_and_integrations() {
    let site = Site::new("");
    for what in ["preview", "test"] {
        let (status, _, body) = site.get(&format!("/receivers/nobody/{what}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        check_is_harmless(what, &body);
    }
    let (status, ..) = site.submit("/receivers/nobody/test", &[]).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _, body) = site.submit(&format!("/receivers/{}", path("/test")), &[("integration", "slack/7")]).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(body.contains("has no integration slack/7; it has inbox/0"), "{body}");
    let (status, _, answer) = post(&site, "/api/v1/receivers/nobody/test", &json!({})).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(answer["error"].as_str().unwrap().starts_with("there is no receiver \"nobody\""), "{answer}");
}

#[actix_web::test]
async fn scripts_get_json() {
    let site = Site::new("");
    let event = json!({"labels": {"alertname": "DiskFull"}, "annotations": {"summary": "full"}});
    let (status, _, answer) = post(
        &site,
        "/api/v1/preview",
        &json!({"receiver": HOSTILE, "alerts": [event], "pictures": 2, "resolved": true}),
    )
    .await;
    assert_eq!((status, &answer["ok"]), (StatusCode::OK, &json!(true)), "{answer}");
    let one = &answer["groups"][0]["integrations"][0];
    assert_eq!((&one["integration"], one["messages"].as_array().map(Vec::len)), (&json!("inbox/0"), Some(2)));
    let step = &one["messages"][0]["steps"][0];
    assert_eq!((&step["step"], step["pictures"].as_array().map(Vec::len)), (&json!("inbox"), Some(2)));
    assert_eq!((&one["messages"][1]["status"], &one["messages"][1]["ok"]), (&json!("resolved"), &json!(true)));
    assert!(site.database.inbox_page(None, 9).unwrap().is_empty(), "nothing is sent");

    let (status, _, answer) = post(&site, "/api/v1/preview", &json!({"receiver": HOSTILE, "alerts": event})).await;
    assert_eq!((status, &answer["groups"][0]["alerts"]), (StatusCode::OK, &json!(1)), "one alert is as good as a list");

    for (body, words) in [
        (json!({"alert": 1}), "unknown field `alert`"),
        (json!({"alerts": 1}), "the event: "),
        (json!({"pictures": 51}), "at most 50 pictures"),
        (json!({"integration": "/"}), "is no integration"),
    ] {
        let (status, _, answer) = post(&site, "/api/v1/preview", &body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
        assert!(answer["error"].as_str().unwrap().contains(words), "{answer}");
    }
    let no_json = TestRequest::post().uri("/api/v1/preview").set_payload("{}");
    assert_eq!(site.answer(no_json).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let large = TestRequest::post().uri("/api/v1/preview").set_payload("x".repeat((1 << 20) + 1));
    assert_eq!(site.answer(large).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(site.get("/api/v1/preview").await.0, StatusCode::METHOD_NOT_ALLOWED);

    let to = format!("/api/v1/receivers/{}", path("/test"));
    let (status, _, answer) = site.answer(TestRequest::post().uri(&to)).await;
    assert_eq!(status, StatusCode::OK, "no body is as good as none: {answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((&answer["ok"], &answer["receiver"]), (&json!(true), &json!(HOSTILE)));
    assert_eq!(answer["integrations"][0]["messages"][0]["receipt"], json!({"id": 1}));
    let (status, headers, answer) = post(&site, &to, &json!({"resolve": true})).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{answer}");
    assert!(headers.contains_key("retry-after"));
}
