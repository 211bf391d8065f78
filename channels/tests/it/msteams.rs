//! Teams's retired connectors: exact requests and failures.

use std::time::Duration;

use alerts::{message::Message, ports::SendErrorKind};

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{firing, grouped, hostile, resolved, with_pictures},
    setup::{Setup, shown},
};

fn toml(base: &str, more: &str) -> String {
    let texts = ["title", "summary"].map(|key| format!("{key} = '{{{{ template \"test.title\" . }}}}'\n")).concat();
    let text = "text = '{{ template \"test.text\" . }}'";
    format!("[[msteams_configs]]\nwebhook_url = '{base}/webhookb2/path-secret'\n{texts}{text}\n{more}")
}

#[tokio::test]
async fn requests_are_as_recorded() {
    let cases: [(&str, &str, Message); 5] = [
        ("firing", "", firing()),
        ("resolved", "", resolved()),
        ("three_pictures_of_two", "max_images = 2", with_pictures(grouped(), 3)),
        ("no_pictures_wanted", "images = 'none'", with_pictures(firing(), 1)),
        ("hostile", "", hostile("[x](http://evil) **b** \u{202E}txt\nnew line")),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(|_| Reply::status(200, "1")).await;
        let receipt = Setup::default().channel(&toml(&server.base, more)).send(&message, None).await.unwrap();
        assert_eq!((receipt.degraded, receipt.pictures_due), (None, false));
        check(&server.requests()[0]);
        golden::check(&format!("msteams/{name}.txt"), &golden::requests(&server.requests(), &server.base));
    }
}

#[tokio::test]
async fn an_error_inside_of_a_success_is_an_error() {
    let cases = [
        (429, SendErrorKind::RetryAfter(Duration::from_secs(30))),
        (503, SendErrorKind::Retry),
        (403, SendErrorKind::Unauthorised),
        (413, SendErrorKind::Rejected),
    ];
    for (hidden, kind) in cases {
        let words = format!("path-secret: Microsoft Teams endpoint returned HTTP error {hidden} with ContextId x");
        let server = HttpServer::start(move |_| Reply::status(200, words.clone())).await;
        let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(!shown(&error).contains("path-secret"), "{error}");
    }
}

/// What holds for every request to a connector.
pub fn check(request: &Recorded) {
    assert!(request.body.len() <= 24 * 1024, "{}", request.body.len());
    let json = request.json();
    assert_eq!(json["@type"], "MessageCard");
    assert!(!json["summary"].as_str().unwrap().trim().is_empty(), "Teams wants a summary or a text");
    let texts = format!("{}{}", json["title"], json["text"]);
    assert!(!texts.contains("[x](http://evil"), "{texts}");
}
