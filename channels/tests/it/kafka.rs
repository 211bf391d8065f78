//! Kafka through a REST proxy: exact requests, what each record came to; rehearsals of the other way. Brokers: `kafka_broker.rs`.

use std::sync::Arc;

use alerts::{message::Message, ports::SendErrorKind};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use channels::sending::{Http, Rehearsal};

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{PNG, firing, grouped, hostile, replace_bytes, resolved, with_pictures},
    setup::{Setup, shown},
};

const V3: &str = "api_version = 'v3'\nkafka_cluster_id = 'lkc-1'\n";
const IMAGES: &str = "image_topic = 'alert-images'\n";

fn toml(base: &str, more: &str) -> String {
    let texts = r#"description = '{{ template "test.title" . }}'
details = '{{ template "test.text" . }}'"#;
    let topic = if more.contains("kafka_topic") { "" } else { "kafka_topic = 'alerts'\n" };
    format!("[[kafka_configs]]\nkafka_rest_proxy = '{base}/kafka/'\n{topic}{texts}\n{more}")
}

fn all_is_well(request: &Recorded) -> Reply {
    let v3 = request.path.contains("/v3/");
    let offsets =
        serde_json::json!({ "offsets": [{ "partition": 0, "offset": 1, "error_code": null, "error": null }] });
    Reply::json(&if v3 { serde_json::json!({ "error_code": 200 }) } else { offsets })
}

#[tokio::test]
async fn requests_are_as_recorded() {
    let login = "username = 'ann'\npassword = 'very-secret'\n";
    let topic = "kafka_topic = 'alerts-{{ .GroupLabels.alertname | toLower }}'\n";
    let cases: [(&str, String, Message); 9] = [
        ("v2_firing", login.to_owned(), firing()),
        ("v2_resolved", topic.to_owned(), resolved()),
        ("v2_linked", String::new(), with_pictures(grouped(), 2)),
        ("v2_image_topic", IMAGES.to_owned(), with_pictures(firing(), 1)),
        ("v2_no_pictures_wanted", format!("{IMAGES}images = 'none'"), with_pictures(firing(), 1)),
        ("v3_firing", format!("{V3}{login}"), firing()),
        ("v3_image_topic", format!("{V3}{IMAGES}"), with_pictures(grouped(), 2)),
        ("v3_too_many", format!("{V3}max_images = 1"), with_pictures(firing(), 3)),
        ("v2_hostile", String::new(), hostile("<script>\"a\" \u{202E}txt\r\nb {{ .Status }}")),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(all_is_well).await;
        let receipt = Setup::default().channel(&toml(&server.base, &more)).send(&message, None).await.unwrap();
        assert_eq!(receipt.degraded, None, "{name}");
        golden::check(&format!("kafka/{name}.txt"), &golden::requests(&server.requests(), &server.base));
        server.requests().iter().for_each(check);
    }
}

#[tokio::test]
async fn a_record_that_was_not_stored_is_a_failure() {
    use SendErrorKind::*;
    let cases = [
        ("", r#"{"offsets":[{"error_code":2,"error":"no leader"}]}"#, Retry),
        ("", r#"{"offsets":[{"error_code":1,"error":"refused with very-secret"}]}"#, Rejected),
        (V3, r#"{"error_code":40301,"message":"not for ann"}"#, Unauthorised),
        (V3, r#"{"error_code":50302,"message":"later"}"#, Retry),
    ];
    for (more, body, expected) in cases {
        let server = HttpServer::start(move |_| Reply::status(200, body)).await;
        let more = format!("{more}username = 'ann'\npassword = 'very-secret'");
        let error = Setup::default().channel(&toml(&server.base, &more)).send(&firing(), None).await.unwrap_err();
        assert_eq!(error.kind, expected, "{body}");
        assert!(!error.ambiguous && !shown(&error).contains("very-secret"), "{error}");
    }
}

#[tokio::test]
async fn a_picture_that_is_not_stored_is_linked() {
    let answer = |request: &Recorded| match request.path.contains("alert-images") {
        true => Reply::status(200, r#"{"error_code":40403,"message":"no topic"}"#),
        false => all_is_well(request),
    };
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, &format!("{V3}{IMAGES}")));
    let receipt = channel.send(&with_pictures(firing(), 1), None).await.unwrap();
    let degraded = receipt.degraded.unwrap();
    assert!(
        degraded.contains("picture picture00 is not in alert-images") && degraded.contains("no topic"),
        "{degraded}"
    );
    let context = server.requests()[1].json()["value"]["data"]["contexts"][0].clone();
    assert!(context["src"].is_string() && context["topic"].is_null(), "{context}");
}

#[tokio::test]
async fn records_keep_within_their_bytes() {
    let server = HttpServer::start(all_is_well).await;
    let more = format!("{IMAGES}max_record_bytes = 20000");
    let mut message = with_pictures(hostile(&"ü long value ".repeat(3_000)), 1);
    replace_bytes(&mut message.pictures[0], 200, 200);
    Setup::default().channel(&toml(&server.base, &more)).send(&message, None).await.unwrap();
    let [image, record] = &server.requests()[..] else { panic!("{:?}", server.paths()) };
    let image = STANDARD.decode(image.json()["records"][0]["value"].as_str().unwrap()).unwrap();
    assert!(image.len() <= 20_000 && image.len() > 4_000, "{}", image.len());
    let value = record.json()["records"][0]["value"].to_string();
    assert!(value.len() <= 20_000 && value.contains('…'), "{}", value.len());
}

#[test]
fn what_contradicts_or_is_missing_is_refused() {
    let check = |more: &str, expected: &[&str]| {
        let problems = Setup::default().problems(&format!("[[kafka_configs]]\n{more}"));
        let expected: Vec<String> =
            expected.iter().map(|problem| format!("receivers[0].kafka_configs[0].{problem}")).collect();
        assert_eq!(problems, expected, "{more}");
    };
    let nowhere = "kafka_rest_proxy: is missing, and there are no brokers either";
    check("", &[nowhere, "kafka_topic: is missing"]);
    check(
        "kafka_topic = 'a b'\nimage_topic = '/'\nkafka_rest_proxy = 'http://x'\nbrokers = ['x:1']",
        &[
            "brokers: only one of kafka_rest_proxy and brokers may be given",
            "kafka_topic: is not a topic's name",
            "image_topic: is not a topic's name",
        ],
    );
    check(
        "kafka_topic = 'a'\nkafka_rest_proxy = 'http://x'\napi_version = 'v3'\nusername = 'ann'\nmax_record_bytes = 1",
        &[
            "kafka_cluster_id: is missing: api_version = \"v3\" needs it",
            "password: is missing",
            "max_record_bytes: must be at least 4096",
        ],
    );
    check(
        "kafka_topic = 'a'\nbrokers = ['x', 'y:9092']\nsasl = { mechanism = 'PLAIN' }\nimages = 'upload'",
        &[
            "brokers[0]: \"x\" is not host:port",
            "sasl.username: is missing",
            "sasl.password: is missing",
            "images: this integration cannot take picture files",
        ],
    );
    check(
        "kafka_topic = 'a'\nbrokers = ['x:1']\ntls = { ca_file = '/nowhere/at-all' }",
        &["tls.ca_file: cannot read /nowhere/at-all: No such file or directory (os error 2)"],
    );
}

/// Nobody listens there, and nobody is asked: the records are written down.
#[tokio::test]
async fn a_rehearsal_connects_to_nobody() {
    let rehearsal = Arc::new(Rehearsal::default());
    let toml = r#"[[kafka_configs]]
brokers = ["127.0.0.1:9"]
kafka_topic = "alerts"
image_topic = "alert-images"
sasl = { mechanism = "SCRAM-SHA-512", username = "ann", password = "very-secret" }"#;
    let setup = Setup { rehearsal: Some(rehearsal.clone()), ..Setup::default() };
    setup.channel(toml).send(&with_pictures(firing(), 1), None).await.unwrap();
    let requests = rehearsal.take();
    let urls: Vec<String> = requests.iter().map(|request| format!("{} {}", request.method, request.url)).collect();
    let key = firing().group_hash();
    assert_eq!(
        urls,
        [
            "PRODUCE kafka://127.0.0.1:9/alert-images/picture00".to_owned(),
            format!("PRODUCE kafka://127.0.0.1:9/alerts/{key}")
        ]
    );
    assert_eq!(requests[0].body, PNG);
    assert_eq!(requests[1].headers["notification-id"], firing().idempotency_key);
    let value: serde_json::Value = serde_json::from_slice(&requests[1].body).unwrap();
    assert_eq!(
        (value["alert_state"].as_str(), value["contexts"][0]["key"].as_str()),
        (Some("alerting"), Some("picture00"))
    );
    assert_eq!(rehearsal.concealed("very-secret"), "[redacted]");
    assert!(Http::rehearsing(rehearsal).is_ok());
}

/// What holds for every request to a proxy.
pub fn check(request: &Recorded) {
    let body = request.json();
    let is_image = request.path.contains("/topics/alert-images");
    let (key, value) = if request.path.contains("/v3/") {
        assert_eq!(body["headers"][1]["name"], "notification-id");
        (body["key"]["data"].clone(), body["value"]["data"].clone())
    } else {
        assert_eq!(body["records"].as_array().map(Vec::len), Some(1));
        (body["records"][0]["key"].clone(), body["records"][0]["value"].clone())
    };
    if is_image {
        let file = STANDARD.decode(value.as_str().unwrap()).unwrap();
        assert!(file.len() <= 1_000_000 && file.starts_with(b"\x89PNG"));
    } else {
        assert!(value.to_string().len() <= 1_000_000);
        assert_eq!(value["incident_key"], key);
        assert!(["alerting", "ok"].contains(&value["alert_state"].as_str().unwrap()));
        assert!(!value["description"].as_str().unwrap().contains('\u{202E}'));
    }
}
