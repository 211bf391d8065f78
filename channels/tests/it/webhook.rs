//! The webhook's requests and failures.

use std::time::Duration;

use alerts::{message::Message, ports::SendErrorKind};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use mail_parser::{MessageParser, MimeHeaders};
use sha2::{Digest, Sha256};

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{PNG, firing, grouped, replace_bytes, resolved, with_pictures},
    setup::{Setup, shown},
};

/// Texts are templates, and what comes out as JSON is JSON; what is no text stays as it is.
const OWN_PAYLOAD: &str = r#"max_alerts = 1
[webhook_configs.payload]
text = '{{ .Status }}: {{ (index .Alerts 0).Annotations.summary }}'
'{{ .Status }}_count' = '{{ len .Alerts }}'
left_out = '{{ .TruncatedAlerts }}'
labels = '{{ .CommonLabels | toJson }}'
braces = '{{ "{{ .Status }}" }}'
nested = { list = ['{{ .Receiver }}', 1, true], picture = '{{ range .Pictures }}{{ .Src }}{{ end }}' }
"#;

fn toml(base: &str, more: &str) -> String {
    format!("name = 'w'\n[[webhook_configs]]\nurl = '{base}/hook'\n{more}")
}

#[tokio::test]
async fn requests_are_as_recorded() {
    let cases: [(&str, &str, Message); 6] = [
        ("firing", "", firing()),
        ("resolved", "", resolved()),
        ("one_picture", "", with_pictures(firing(), 1)),
        ("grouped_two_pictures", "", with_pictures(grouped(), 2)),
        ("own_payload", OWN_PAYLOAD, with_pictures(grouped(), 1)),
        ("max_alerts_and_images", "max_alerts = 1\nmax_images = 1", with_pictures(grouped(), 3)),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(|_| Reply::status(202, "")).await;
        let receipt = Setup::default().channel(&toml(&server.base, more)).send(&message, None).await.unwrap();
        assert!(!receipt.pictures_due);
        golden::check(&format!("webhook/{name}.txt"), &golden::requests(&server.requests(), &server.base));
    }
}

#[tokio::test]
async fn credentials_are_sent_and_not_shown() {
    let echo = |r: &super::http_server::Recorded| Reply::status(500, format!("{:?}", r.headers));
    let server = HttpServer::start(echo).await;
    let cases = [
        ("http_config.basic_auth = { username = 'ann', password = 'very-secret' }", "Basic YW5uOnZlcnktc2VjcmV0"),
        ("http_config.authorization = { credentials = 'very-secret' }", "Bearer very-secret"),
        ("http_config.authorization = { type = 'Token', credentials = 'very-secret' }", "Token very-secret"),
    ];
    for (more, expected) in cases {
        let error = Setup::default().channel(&toml(&server.base, more)).send(&firing(), None).await.unwrap_err();
        assert_eq!(server.requests().last().unwrap().header("authorization"), Some(expected));
        assert!(!shown(&error).contains("very-secret"), "{error}");
    }
}

#[tokio::test]
async fn a_secret_file_is_read_at_each_use() {
    let server = HttpServer::start(|_| Reply::status(200, "")).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{}/one\n", server.base)).unwrap();
    let channel = Setup::default().channel(&format!("[[webhook_configs]]\nurl_file = '{}'", file.path().display()));
    channel.send(&firing(), None).await.unwrap();
    std::fs::write(file.path(), format!("{}/two", server.base)).unwrap();
    channel.send(&firing(), None).await.unwrap();
    assert_eq!(server.paths(), ["/one", "/two"]);
}

#[tokio::test]
async fn what_is_too_large_goes_out_without_pictures() {
    let answer = |r: &super::http_server::Recorded| {
        Reply::status(if r.json()["images"][0].is_null() { 200 } else { 413 }, "request too large")
    };
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    let receipt = channel.send(&with_pictures(firing(), 2), None).await.unwrap();
    assert_eq!(server.requests().len(), 2);
    assert!(receipt.degraded.unwrap().contains("without pictures"));
}

#[tokio::test]
async fn redirects_are_not_followed_elsewhere() {
    let elsewhere = HttpServer::start(|_| Reply::status(200, "")).await;
    let location = elsewhere.base.replace("127.0.0.1", "localhost") + "/x";
    let server = HttpServer::start(move |_| Reply::status(307, "").with("location", &location)).await;
    for more in ["", "http_config.follow_redirects = true", "http_config.follow_redirects = false"] {
        let error = Setup::default().channel(&toml(&server.base, more)).send(&firing(), None).await.unwrap_err();
        assert_eq!(error.kind, SendErrorKind::Unauthorised);
        assert!(error.detail.contains("leads to localhost"), "{error}");
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn redirects_within_the_host_keep_the_request() {
    let answer = |r: &super::http_server::Recorded| match r.path.as_str() {
        "/hook" => Reply::status(308, "").with("location", "/new"),
        _ => Reply::status(200, ""),
    };
    let server = HttpServer::start(answer).await;
    Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap();
    let requests = server.requests();
    assert_eq!((requests[1].method.as_str(), requests[1].path.as_str()), ("POST", "/new"));
    assert_eq!(requests[0].body, requests[1].body);
    let stays = toml(&server.base, "http_config.follow_redirects = false");
    assert!(Setup::default().channel(&stays).send(&firing(), None).await.is_err());
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn it_is_known_whether_the_request_may_have_arrived() {
    let silent = HttpServer::start(|_| Reply::Silence).await;
    let error =
        Setup::default().channel(&toml(&silent.base, "timeout = '50ms'")).send(&firing(), None).await.unwrap_err();
    assert_eq!((error.kind, error.ambiguous), (SendErrorKind::Retry, true), "{error}");

    let closing = HttpServer::start(|_| Reply::Close).await;
    let error = Setup::default().channel(&toml(&closing.base, "")).send(&firing(), None).await.unwrap_err();
    assert_eq!((error.kind, error.ambiguous), (SendErrorKind::Retry, true), "{error}");

    let nobody = { std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap() };
    let channel = Setup::default().channel(&toml(&format!("http://{nobody}/path-secret"), ""));
    let error = channel.send(&firing(), None).await.unwrap_err();
    assert_eq!((error.kind, error.ambiguous), (SendErrorKind::Retry, false), "{error}");
    assert!(!shown(&error).contains("path-secret"));
}

#[tokio::test]
async fn the_vendors_wait_is_carried_over() {
    let server = HttpServer::start(|_| Reply::status(429, "slow down").with("retry-after", "7")).await;
    let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::RetryAfter(Duration::from_secs(7)));
    assert!(error.detail.contains("slow down"));
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let server = HttpServer::start(|_| Reply::status(400, "x".repeat(5_000_000))).await;
    let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
    assert!(error.detail.len() < 500);
}

#[tokio::test]
async fn the_address_may_depend_on_the_message_behind_its_host() {
    let server = HttpServer::start(|_| Reply::status(200, "")).await;
    let channel = |url: &str| Setup::default().channel(&format!("[[webhook_configs]]\nurl = '{url}'"));
    let url = format!("{}/{{{{ .GroupLabels.alertname | urlquery }}}}?s={{{{ .Status }}}}", server.base);
    channel(&url).send(&firing(), None).await.unwrap();
    assert_eq!(server.requests()[0].path, "/DiskFull?s=firing");

    let host = Setup::default().problems("[[webhook_configs]]\nurl = 'http://{{ .GroupLabels.host }}/x'");
    assert_eq!(
        host,
        ["receivers[0].webhook_configs[0].url: may be a template behind its host only: https://host/{{ … }}"]
    );
    let port = Setup::default().problems("[[webhook_configs]]\nurl = 'http://x:{{ .GroupLabels.port }}/x'");
    assert_eq!(port.len(), 1, "{port:?}");
}

#[tokio::test]
async fn the_labels_of_the_route_are_told() {
    let server = HttpServer::start(|_| Reply::status(200, "")).await;
    let mut message = firing();
    message.route_labels = [("team", "web")].into_iter().collect();
    Setup::default().channel(&toml(&server.base, "")).send(&message, None).await.unwrap();
    assert_eq!(server.requests()[0].json()["routeLabels"], serde_json::json!({ "team": "web" }));
}

#[tokio::test]
async fn what_dies_in_the_middle_of_its_answer_is_not_told_twice_at_once() {
    // a status that says success, and a body that never ends: it may have been taken
    let server = HttpServer::start(|_| Reply::status(200, "x").with("content-length", "100")).await;
    let sent = Setup::default().channel(&toml(&server.base, "timeout = '200ms'")).send(&firing(), None).await;
    assert!(sent.is_ok() || sent.is_err_and(|error| error.ambiguous));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn files_go_inside_or_beside() {
    let cases: [(&str, &str, Message); 4] = [
        ("base64", "images = 'upload'", with_pictures(firing(), 1)),
        ("multipart", "image_encoding = 'multipart'", with_pictures(grouped(), 2)),
        ("multipart_without_pictures", "image_encoding = 'multipart'", firing()),
        (
            "multipart_own_payload",
            "image_encoding = 'multipart'\npayload = { text = '{{ range .Alerts }}{{ .EmbeddedImage }} {{ end }}', src = '{{ (index .Pictures 0).Src }}' }",
            with_pictures(firing(), 1),
        ),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(|_| Reply::status(200, "")).await;
        let receipt = Setup::default().channel(&toml(&server.base, more)).send(&message, None).await.unwrap();
        assert_eq!(receipt.degraded, None);
        let requests = server.requests();
        golden::check(&format!("webhook/{name}.txt"), &printable(&golden::requests(&requests, &server.base)));
        let (payload, files) = parts(&requests[0]);
        assert_eq!(files.len(), if name.starts_with("multipart") { message.pictures.len() } else { 0 }, "{name}");
        assert!(files.iter().all(|(_, bytes)| bytes == PNG), "{name}");
        for image in payload["images"].as_array().into_iter().flatten() {
            let digest: String = Sha256::digest(PNG).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!((image["sha256"].as_str(), image["size"].as_u64()), (Some(digest.as_str()), Some(69)));
            let given = image["data"].as_str().map(|data| STANDARD.decode(data).unwrap());
            let beside = files.iter().find(|(name, _)| image["part"] == name.as_str()).map(|(_, bytes)| bytes.clone());
            assert_eq!(given.or(beside).as_deref(), Some(PNG), "{name}");
        }
    }
}

/// A golden file is text.
fn printable(text: &str) -> String {
    let keep = |c: char| if c == '\r' || (c.is_control() && c != '\n') || c == '\u{fffd}' { '?' } else { c };
    text.replace("\r\n", "\n").chars().map(keep).collect()
}

#[tokio::test]
async fn files_keep_within_their_bytes() {
    let server = HttpServer::start(|_| Reply::status(200, "")).await;
    let mut message = with_pictures(firing(), 3);
    message.pictures.iter_mut().for_each(|picture| replace_bytes(picture, 300, 300));
    let total: usize = message.pictures.iter().map(|picture| picture.bytes.as_ref().unwrap().len()).sum();
    let more = "images = 'upload'\nmax_image_bytes = 200000";
    Setup::default().channel(&toml(&server.base, more)).send(&message, None).await.unwrap();
    let payload = server.requests()[0].json();
    let sizes: Vec<usize> = payload["images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|image| {
            let data = STANDARD.decode(image["data"].as_str().unwrap()).unwrap();
            let pixels = png::Decoder::new(std::io::Cursor::new(&data)).read_info().unwrap().info().size();
            assert_eq!(Some(u64::from(pixels.0)), image["width"].as_u64());
            data.len()
        })
        .collect();
    assert!(total > 800_000 && sizes.len() == 3 && sizes.iter().sum::<usize>() <= 200_000, "{sizes:?}");
}

#[tokio::test]
async fn who_takes_no_form_gets_json() {
    let answer = |r: &Recorded| {
        let json = r.header("content-type") == Some("application/json");
        Reply::status(if json { 200 } else { 415 }, "JSON only")
    };
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, "image_encoding = 'multipart'"));
    let receipt = channel.send(&with_pictures(firing(), 1), None).await.unwrap();
    assert!(receipt.degraded.unwrap().contains("without pictures"));
    assert_eq!(server.requests()[1].json()["images"], serde_json::json!([]));
}

#[tokio::test]
async fn grafanas_payload_is_as_recorded() {
    let mut grafana = with_pictures(grouped(), 1);
    for (name, value) in [
        ("__dashboardUid__", "abc"),
        ("__panelId__", "4"),
        ("__orgId__", "2"),
        ("__values__", r#"{"B":22.5,"C":1}"#),
        ("__value_string__", "[ var='B' labels={instance=db-1} value=22.5 ]"),
    ] {
        grafana.alerts[0].alert.annotations.set(name, value);
    }
    grafana.alerts[0].alert.generator_url = "https://grafana.example.org/alerting/grafana/uid/view".into();
    grafana.alerts[1].alert.annotations.set("__alert_image_url__", "https://grafana.example.org/image.png");
    let texts =
        "format = 'grafana'\ntitle = '{{ template \"test.title\" . }}'\nmessage = '{{ template \"test.text\" . }}'\n";
    let cases: [(&str, String, Message); 2] = [
        ("grafana_firing", format!("{texts}method = 'PUT'"), grafana),
        ("grafana_resolved", format!("{texts}max_alerts = 1"), resolved()),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(|_| Reply::status(200, "")).await;
        Setup::default().channel(&toml(&server.base, &more)).send(&message, None).await.unwrap();
        golden::check(&format!("webhook/{name}.txt"), &golden::requests(&server.requests(), &server.base));
    }
}

/// HMAC as RFC 2104 writes it, from the hash alone: the channel uses a crate for it.
fn hmac_sha256(key: &[u8], text: &[u8]) -> String {
    let mut block = [0u8; 64];
    block[..key.len()].copy_from_slice(key);
    let keyed = |pad: u8, text: &[u8]| {
        let mut hash = Sha256::new();
        hash.update(block.map(|byte| byte ^ pad));
        hash.update(text);
        hash.finalize()
    };
    keyed(0x5c, &keyed(0x36, text)).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn bodies_are_signed_as_they_are_sent() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "sign-secret\n").unwrap();
    let in_file = format!("hmac = {{ secret_file = '{}', timestamp_header = 'X-Time' }}", file.path().display());
    let cases = [
        ("hmac = { secret = 'sign-secret' }", "x-grafana-alerting-signature", None),
        ("hmac = { secret = 'sign-secret', header = 'X-Signed' }\nimage_encoding = 'multipart'", "x-signed", None),
        (&in_file, "x-grafana-alerting-signature", Some("x-time")),
    ];
    for (more, header, time_header) in cases {
        let server = HttpServer::start(|_| Reply::status(200, "")).await;
        Setup::default().channel(&toml(&server.base, more)).send(&with_pictures(firing(), 1), None).await.unwrap();
        let request = server.requests().remove(0);
        let mut signed = Vec::new();
        if let Some(name) = time_header {
            let time: u64 = request.header(name).unwrap().parse().unwrap();
            assert!(time > 1_750_000_000, "the time of the sending, not of the message: {time}");
            signed = format!("{time}:").into_bytes();
        }
        signed.extend_from_slice(&request.body);
        assert_eq!(request.header(header), Some(hmac_sha256(b"sign-secret", &signed).as_str()), "{more}");
    }
}

#[test]
fn what_contradicts_is_refused() {
    let check = |more: &str, expected: &str| {
        let problems = Setup::default().problems(&format!("[[webhook_configs]]\nurl = 'http://x/y'\n{more}"));
        assert_eq!(problems, [format!("receivers[0].webhook_configs[0].{expected}")], "{more}");
    };
    check("hmac = { header = 'X-A' }", "hmac.secret: is missing");
    check("hmac = { secret = 'abcd', header = 'X A' }", "hmac.header: is not a header's name");
    check(
        "hmac = { secret = 'abcd', secret_file = '/x' }",
        "hmac.secret: only one of hmac.secret and hmac.secret_file may be given",
    );
    check("max_image_bytes = 0", "max_image_bytes: must be more than 0: images = \"link\" sends no bytes");
    check(
        "images = 'upload'\npayload = { a = 'b' }",
        "image_encoding: must be \"multipart\" with a payload of your own, which has no place for base64",
    );
}

/// The JSON of a request, and the files beside it by the names of their parts; read by a parser of mails.
fn parts(request: &Recorded) -> (serde_json::Value, Vec<(String, Vec<u8>)>) {
    let media_type = request.header("content-type").unwrap();
    if media_type == "application/json" {
        return (request.json(), Vec::new());
    }
    let mut mail = format!("Content-Type: {media_type}\r\n\r\n").into_bytes();
    mail.extend_from_slice(&request.body);
    let mail = MessageParser::new().parse(&mail).unwrap();
    let mut found: Vec<(String, Vec<u8>)> = Vec::new();
    for part in mail.parts.iter().filter(|part| part.content_disposition().is_some()) {
        let name = part.content_disposition().unwrap().attribute("name").unwrap();
        found.push((name.to_owned(), part.contents().to_vec()));
    }
    let (name, payload) = found.remove(0);
    assert_eq!(name, "payload");
    (serde_json::from_slice(&payload).unwrap(), found)
}

/// What holds for every request to a webhook: the values are for machines, whole and as they are.
pub fn check(request: &Recorded) {
    let (payload, files) = parts(request);
    assert!(payload["version"] == "4" || (payload["version"] == "1" && payload["title"].is_string()), "{payload}");
    let named: Vec<&str> =
        payload["images"].as_array().unwrap().iter().filter_map(|image| image["part"].as_str()).collect();
    assert_eq!(named, files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>());
}
