//! What SNS is asked, and what its answers mean. That signatures are right is held against botocore's beside the code, and against
//! moto in the scenarios.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use alerts::{message::Message, ports::SendErrorKind};
use channels::{
    BuildContext, Globals,
    sending::{Http, Rehearsal},
};

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{firing, grouped, hostile, resolved, with_pictures},
    setup::{Setup, receiver, shown},
};

const OK: &str = "<PublishResponse><PublishResult><MessageId>94f20ce6</MessageId></PublishResult></PublishResponse>";
const KEYS: &str = "sigv4 = { region = 'eu-west-1', access_key = 'AKIDEXAMPLE', secret_key = 'signing-secret' }\n";
const TOPIC: &str = "topic_arn = 'arn:aws:sns:eu-west-1:123456789012:alerts'\n";
const TEXTS: &str = "subject = '{{ template \"test.title\" . }}'\nmessage = '{{ template \"test.text\" . }}'\n";

fn toml(base: &str, more: &str) -> String {
    format!("[[sns_configs]]\napi_url = '{base}/'\n{KEYS}{TEXTS}{more}")
}

/// The form's parameters.
fn parameters(request: &Recorded) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(&request.body).into_owned().collect()
}

/// The request as text: headers that the time changes are left out, the form is written in lines.
fn recorded(server: &HttpServer) -> String {
    let mut requests = server.requests();
    for request in &mut requests {
        assert!(request.header("authorization").unwrap().contains("Credential=AKIDEXAMPLE/"));
        assert!(request.header("x-amz-date").unwrap().ends_with('Z'));
        request.headers.retain(|(name, _)| name != "authorization" && name != "x-amz-date");
        let lines = url::form_urlencoded::parse(&request.body);
        request.body =
            lines.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n").into_bytes();
    }
    golden::requests(&requests, &server.base)
}

#[tokio::test]
async fn requests_are_as_recorded() {
    let attributes = "attributes = { severity = '{{ .CommonLabels.severity }}', '{{ .Status }}' = 'yes', empty = '{{ .CommonLabels.none }}' }\n";
    let every = format!("{TOPIC}{attributes}");
    let fifo = "topic_arn = 'arn:aws:sns:eu-west-1:123456789012:{{ .GroupLabels.alertname }}.fifo'\n";
    let cases: [(&str, &str, Message); 9] = [
        ("firing", TOPIC, firing()),
        ("resolved", TOPIC, resolved()),
        ("every_key", &every, grouped()),
        ("fifo", fifo, firing()),
        ("pictures", TOPIC, with_pictures(grouped(), 2)),
        ("too_many_pictures", &format!("{TOPIC}max_images = 1"), with_pictures(grouped(), 3)),
        ("no_pictures_wanted", &format!("{TOPIC}images = 'none'"), with_pictures(firing(), 1)),
        ("telephone", "phone_number = '+49 30 123456'\n", with_pictures(grouped(), 2)),
        ("hostile", TOPIC, hostile("<!channel> \"a\" &Action=Subscribe \u{202E}txt\r\nnew line ü")),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(|_| Reply::status(200, OK)).await;
        let receipt = Setup::default().channel(&toml(&server.base, more)).send(&message, None).await.unwrap();
        assert_eq!((receipt.degraded, receipt.pictures_due), (None, false));
        golden::check(&format!("sns/{name}.txt"), &recorded(&server));
    }
}

/// What is sent for a message, with these options.
async fn sent(more: &str, message: &Message) -> BTreeMap<String, String> {
    let server = HttpServer::start(|_| Reply::status(200, OK)).await;
    Setup::default().channel(&toml(&server.base, more)).send(message, None).await.unwrap();
    parameters(&server.requests()[0])
}

#[tokio::test]
async fn what_is_cut_says_so_and_stays_whole_text() {
    let mut many = grouped();
    many.alerts = vec![many.alerts[0].clone(); 9_000];
    for alert in &mut many.alerts {
        alert.alert.annotations = [("summary", "ü".repeat(30))].into_iter().collect();
    }
    let topic = sent(TOPIC, &many).await;
    assert!(topic["Message"].len() <= 262_144 && topic["Message"].len() > 260_000);
    assert!(topic["Message"].ends_with("more alerts"), "{}", &topic["Message"][topic["Message"].len() - 50..]);
    assert_eq!(topic["MessageAttributes.entry.1.Name"], "truncated");
    let short = sent("phone_number = '+4930123456'\n", &many).await;
    let chars = short["Message"].chars().count();
    assert!((1_500..=1_600).contains(&chars), "{chars}");
    let whole = sent(TOPIC, &firing()).await;
    assert!(!whole.contains_key("MessageAttributes.entry.1.Name"));
}

#[tokio::test]
async fn attributes_stay_few_enough_for_raw_delivery() {
    let nine: Vec<String> = (0..8).map(|at| format!("a{at} = 'x'")).collect();
    let more = format!("{TOPIC}attributes = {{ {} }}\n", nine.join(", "));
    let parameters = sent(&more, &with_pictures(grouped(), 5)).await;
    let names: Vec<&String> =
        parameters.iter().filter(|(name, _)| name.ends_with(".Name")).map(|(_, value)| value).collect();
    assert!(names.len() == 9 && names.iter().any(|name| *name == "image_url_1"), "{names:?}");
    assert_eq!(parameters["Message"].matches("Disk use: http").count(), 5);
}

#[tokio::test]
async fn fifo_topics_tell_the_end_although_it_comes_quickly() {
    let fifo = "topic_arn = 'arn:aws:sns:eu-west-1:123456789012:alerts.fifo'\n";
    let (fired, mut over) = (firing(), resolved());
    over.idempotency_key = "fedcba9876543210fedcba9876543210".to_owned();
    let (fired, again, over) = (sent(fifo, &fired).await, sent(fifo, &fired).await, sent(fifo, &over).await);
    let id = "MessageDeduplicationId";
    assert_eq!(fired["MessageGroupId"], over["MessageGroupId"]);
    assert_eq!(fired[id], again[id], "a repeated attempt is the same message");
    assert_ne!(fired[id], over[id]);
}

async fn check_failure(reply: Reply, kind: SendErrorKind, words: &str) {
    let server = HttpServer::start(move |_| reply.clone()).await;
    let error = Setup::default().channel(&toml(&server.base, TOPIC)).send(&firing(), None).await.unwrap_err();
    assert_eq!(error.kind, kind, "{error}");
    assert!(error.detail.contains(words), "{error}");
    assert!(!shown(&error).contains("signing-secret"), "{error}");
}

fn failure(status: u16, code: &str) -> Reply {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>signing-secret no</Message></Error></ErrorResponse>"
    );
    Reply::status(status, body)
}

#[tokio::test]
async fn codes_count_more_than_statuses() {
    use SendErrorKind::*;
    check_failure(failure(400, "Throttling"), RetryAfter(Duration::from_secs(30)), "Throttling").await;
    check_failure(failure(400, "KMSThrottling").with("retry-after", "7"), RetryAfter(Duration::from_secs(7)), "KMS")
        .await;
    check_failure(failure(400, "InvalidParameter"), Rejected, "InvalidParameter: [redacted] no").await;
    check_failure(failure(403, "InvalidClientTokenId"), Unauthorised, "InvalidClientTokenId").await;
    check_failure(failure(400, "EndpointDisabled"), Unauthorised, "EndpointDisabled").await;
    check_failure(failure(404, "NotFound"), Unauthorised, "NotFound").await;
    check_failure(failure(403, "ExpiredToken"), Retry, "ExpiredToken").await;
    check_failure(failure(500, "SomethingNew"), Retry, "SomethingNew").await;
    check_failure(Reply::status(503, "").with("retry-after", "7"), RetryAfter(Duration::from_secs(7)), "503").await;
    check_failure(Reply::status(200, "<html>a proxy's page</html>"), Retry, "not SNS's answer").await;
}

#[tokio::test]
async fn what_is_refused_with_pictures_goes_out_without() {
    let fussy = |request: &Recorded| match parameters(request).values().any(|value| value.contains("/images/")) {
        true => failure(400, "InvalidParameter"),
        false => Reply::status(200, OK),
    };
    let server = HttpServer::start(fussy).await;
    let message = with_pictures(firing(), 1);
    let receipt = Setup::default().channel(&toml(&server.base, TOPIC)).send(&message, None).await.unwrap();
    assert!(receipt.degraded.unwrap().contains("sent without pictures: InvalidParameter"));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_key_in_a_file_is_read_at_each_use() {
    let server = HttpServer::start(|_| Reply::status(200, OK)).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "one-secret\n").unwrap();
    let keys = format!("sigv4 = {{ access_key = 'AKID', secret_key_file = '{}' }}", file.path().display());
    let channel = Setup::default().channel(&format!("[[sns_configs]]\napi_url = '{}'\n{TOPIC}{keys}", server.base));
    channel.send(&firing(), None).await.unwrap();
    std::fs::write(file.path(), "").unwrap();
    channel.send(&firing(), None).await.unwrap();
    let signed: Vec<String> =
        server.requests().iter().map(|request| request.header("authorization").unwrap().to_owned()).collect();
    assert!(signed[0].contains("/eu-west-1/sns/"), "the region is in the topic's name: {}", signed[0]);
    assert_ne!(signed[0], signed[1]);
}

/// In a rehearsal nobody is asked for credentials, and the request is as it would be.
#[tokio::test]
async fn a_rehearsal_asks_nobody_for_credentials() {
    let role = "sigv4 = { role_arn = 'arn:aws:iam::123456789012:role/alerts' }\n";
    for more in ["", role] {
        drop(Setup::default().build(&receiver("[[inbox_configs]]")));
        let rehearsal = Arc::new(Rehearsal::default());
        let templates = alerts::templates::Templates::load(&[]).unwrap();
        let context = BuildContext {
            templates: &templates,
            globals: &Globals::default(),
            http: &Http::rehearsing(rehearsal.clone()).unwrap(),
            inbox: Setup::default().shelf,
            cloud_images: false,
        };
        let built =
            receiver(&format!("[[sns_configs]]\nphone_number = '+4930123456'\n{more}")).build("r", &context).unwrap();
        built[0].channel.send(&firing(), None).await.unwrap();
        let requests = rehearsal.take();
        assert_eq!(requests[0].url.as_str(), "https://sns.us-east-1.amazonaws.com/");
        let login = requests[0].headers["authorization"].to_str().unwrap();
        assert!(login.contains("Credential=OF-THE-MACHINE/") && requests[0].headers["authorization"].is_sensitive());
    }
}

#[test]
fn problems_name_their_keys() {
    let check = |more: &str, expected: &str| {
        let problems = Setup::default().problems(&format!("[[sns_configs]]\n{more}"));
        assert_eq!(problems, [format!("receivers[0].sns_configs[0].{expected}")], "{more}");
    };
    check("", "topic_arn: is missing, and so are target_arn and phone_number");
    check(
        &format!("{TOPIC}phone_number = '+49'"),
        "phone_number: only one of topic_arn, target_arn and phone_number may be given",
    );
    check(
        &format!("{TOPIC}sigv4 = {{ access_key = 'a' }}"),
        "sigv4.secret_key: is missing: it and access_key go together",
    );
    check(
        &format!("{TOPIC}sigv4 = {{ secret_key = 'abcd' }}"),
        "sigv4.access_key: is missing: it and secret_key go together",
    );
    check(&format!("{TOPIC}sigv4 = {{ external_id = 'a' }}"), "sigv4.external_id: needs role_arn");
    check(&format!("{TOPIC}sigv4 = {{ tags = {{ team = 'a' }} }}"), "sigv4.tags: needs role_arn");
    check(
        &format!("{TOPIC}api_url = 'https://{{{{ .Status }}}}'"),
        "api_url: must be an address: hosts are not chosen by alerts",
    );
    check(&format!("{TOPIC}images = 'upload'"), "images: this integration cannot take picture files");
}

/// What holds for every request to SNS.
pub fn check(request: &Recorded) {
    let parameters = parameters(request);
    assert_eq!(parameters["Action"], "Publish");
    assert!(!parameters["Message"].trim().is_empty() && parameters["Message"].len() <= 262_144);
    let subject = &parameters["Subject"];
    assert!(subject.len() < 100 && subject.is_ascii() && !subject.contains('\n'), "{subject}");
}
