//! Splunk On-Call's events and its failures.

use alerts::{Status, message::Message, ports::SendErrorKind};
use channels::Globals;
use serde_json::json;

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{alert, firing, grouped, hostile, message, resolved, with_pictures},
    setup::{Setup, shown},
};

fn toml(base: &str, more: &str) -> String {
    format!(
        "[[victorops_configs]]\napi_key = 'rest-key-secret'\napi_url = '{base}/alert'\nrouting_key = 'ops'\n\
         entity_display_name = '{{{{ template \"test.title\" . }}}}'\n\
         state_message = '{{{{ template \"test.text\" . }}}}'\n{more}"
    )
}

#[tokio::test]
async fn requests_are_as_recorded() {
    let every_key = "message_type = 'warning'\nmonitoring_tool = 'am {{ .Status }}'\n\
                     custom_fields = { team = '{{ .GroupLabels.alertname }}', 'vo_annotate.s.Note' = 'noted' }";
    let mut too_many = with_pictures(firing(), 1);
    too_many.pictures_left_out = 2;
    let cases: [(&str, &str, Message); 7] = [
        ("firing", "", firing()),
        ("resolved_picture", "", with_pictures(resolved(), 1)),
        ("grouped_three_pictures", "", with_pictures(grouped(), 3)),
        ("pictures_left_out", "", too_many),
        ("no_pictures_wanted", "images = 'none'", with_pictures(firing(), 1)),
        ("every_key", every_key, firing()),
        ("hostile", "", hostile("<!channel> \"a\" <http://evil|x> &amp; \u{202E}txt *b*\r\nnew line")),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(accepted).await;
        let receipt = Setup::default().channel(&toml(&server.base, more)).send(&message, None).await.unwrap();
        assert_eq!((receipt.degraded, receipt.pictures_due), (None, false), "{name}");
        golden::check(&format!("victorops/{name}.txt"), &golden::requests(&server.requests(), &server.base));
    }
}

#[tokio::test]
async fn links_too_long_for_an_annotation_are_left_out() {
    let server = HttpServer::start(accepted).await;
    let mut message = with_pictures(firing(), 2);
    message.pictures[0].url = Some(format!("https://example.org/{}", "x".repeat(1_200)));
    let receipt = Setup::default().channel(&toml(&server.base, "")).send(&message, None).await.unwrap();
    assert_eq!(receipt.degraded.as_deref(), Some("1 pictures have links that are too long for an annotation"));
    let event = server.requests()[0].json();
    assert!(event["vo_annotate.i.Disk use"].as_str().unwrap().contains("picture01"));
    assert!(event["image_url"].as_str().unwrap().contains("picture01"));
}

#[tokio::test]
async fn the_body_says_whether_it_was_taken() {
    let server = HttpServer::start(|r: &Recorded| match r.json()["image_url"].is_null() {
        true => accepted(r),
        false => Reply::json(&json!({ "result": "failure", "message": "no rest-key-secret pictures" })),
    })
    .await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    let receipt = channel.send(&with_pictures(firing(), 1), None).await.unwrap();
    let degraded = receipt.degraded.unwrap();
    assert!(degraded.contains("failure: no [redacted] pictures"), "{degraded}");

    let server = HttpServer::start(|_| Reply::json(&json!({ "result": "failure", "message": "no" }))).await;
    let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Rejected);
}

#[tokio::test]
async fn the_key_in_the_path_is_not_shown() {
    let server = HttpServer::start(|r: &Recorded| Reply::status(500, format!("cannot {}", r.path))).await;
    let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
    assert_eq!(server.paths(), ["/alert/rest-key-secret/ops"]);
    assert!(!shown(&error).contains("rest-key-secret"), "{error}");
}

#[tokio::test]
async fn the_routing_key_may_depend_on_the_message_and_leads_nowhere_else() {
    let server = HttpServer::start(accepted).await;
    let own = format!(
        "[[victorops_configs]]\napi_key = 'rest-key-secret'\napi_url = '{}/alert/'\nrouting_key = '{{{{ .CommonLabels.team }}}}'",
        server.base
    );
    let channel = Setup::default().channel(&own);
    let of = |team: &str| message(vec![alert(Status::Firing, &[("alertname", "x"), ("team", team)], &[])]);
    channel.send(&of("db team"), None).await.unwrap();
    channel.send(&of("../../admin?x=1#y"), None).await.unwrap();
    assert_eq!(
        server.requests().iter().map(|r| r.path.as_str()).collect::<Vec<_>>(),
        ["/alert/rest-key-secret/db%20team", "/alert/rest-key-secret/..%2F..%2Fadmin%3Fx=1%23y"]
    );
    for none in ["..", " "] {
        assert_eq!(channel.send(&of(none), None).await.unwrap_err().kind, SendErrorKind::Rejected);
    }
}

#[tokio::test]
async fn the_global_key_and_address_are_the_defaults() {
    let server = HttpServer::start(accepted).await;
    let globals = format!("victorops_api_url = '{}/x'\nvictorops_api_key = 'global-secret'", server.base);
    let setup = Setup { globals: toml::from_str::<Globals>(&globals).unwrap(), ..Setup::default() };
    setup.channel("[[victorops_configs]]\nrouting_key = 'a'").send(&firing(), None).await.unwrap();
    assert_eq!(server.paths(), ["/x/global-secret/a"]);
}

#[test]
fn what_is_wrong_is_said() {
    let problems = |toml: &str| Setup::default().problems(&format!("[[victorops_configs]]\n{toml}")).join("\n");
    let cases = [
        ("routing_key = 'x'", "api_key: is missing, and there is no global.victorops_api_key either"),
        ("api_key = 'x'", "routing_key: is missing"),
        ("api_key = 'x'\nrouting_key = 'x'\ncustom_fields.entity_id = 'x'", "custom_fields.entity_id: is a field"),
    ];
    for (toml, expected) in cases {
        let found = problems(toml);
        assert!(found.starts_with(&format!("receivers[0].victorops_configs[0].{expected}")), "{toml}: {found}");
    }
}

fn accepted(request: &Recorded) -> Reply {
    Reply::json(&json!({ "result": "success", "entity_id": request.json()["entity_id"] }))
}

/// What holds for every event.
pub fn check(request: &Recorded) {
    let event = request.json();
    assert!(["CRITICAL", "WARNING", "INFO", "RECOVERY"].contains(&event["message_type"].as_str().unwrap()));
    for (name, value) in event.as_object().unwrap() {
        let length = value.as_str().unwrap_or_default().chars().count();
        let max = match name.as_str() {
            "state_message" => 20_480,
            "entity_id" => 512,
            name if name.starts_with("vo_annotate.") => 1_124,
            "image_url" => 1_124,
            _ => 1_024,
        };
        assert!(length <= max, "{name}: {length}");
    }
}
