//! Jira's requests, steps and failures, against a server that answers as Jira does.

use std::time::Duration;

use alerts::{
    message::{Message, Receipt},
    ports::{LatePictures, SendErrorKind},
};
use serde_json::{Value, json};

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{PNG, firing, grouped, hostile, picture, resolved, with_pictures},
    setup::{Setup, shown},
};

/// Texts of the tests' own, so that better default texts change no golden file.
const TEXTS: &str = "summary = '{{ template \"test.title\" . }}'\ndescription = '{{ template \"test.text\" . }}'\n";

fn toml(base: &str, more: &str) -> String {
    format!(
        "[[jira_configs]]\napi_url = '{base}/rest/api/2'\nproject = 'OPS'\nissue_type = 'Incident'\n\
         http_config.basic_auth = {{ username = 'ann', password = 'token-secret' }}\n{more}"
    )
}

fn issue(key: &str, category: &str) -> Value {
    json!({ "key": key, "fields": { "status": { "name": "x", "statusCategory": { "key": category } } } })
}

/// Jira, in which the search finds `found`, and each issue that is asked for has these fields.
fn jira(found: Vec<Value>, fields: Value) -> impl Fn(&Recorded) -> Reply + Send + Sync + Clone + 'static {
    move |request| {
        let path = request.path.split('?').next().unwrap();
        match (request.method.as_str(), path.rsplit('/').next().unwrap()) {
            (_, "search" | "jql") => Reply::json(&json!({ "issues": found })),
            ("GET", "transitions") => Reply::json(
                &json!({ "transitions": [{ "id": "21", "name": "Reopen" }, { "id": "31", "name": "Done" }] }),
            ),
            ("POST", "issue") => Reply::status(201, json!({ "id": "10001", "key": "OPS-1" }).to_string()),
            ("POST", "attachments") => Reply::json(&json!([])),
            ("POST", "comment") => Reply::status(201, "{}"),
            ("GET", key) => Reply::json(&json!({ "key": key, "fields": fields })),
            _ => Reply::status(204, ""),
        }
    }
}

fn empty() -> impl Fn(&Recorded) -> Reply + Send + Sync + Clone + 'static {
    jira(vec![], json!({ "attachment": [] }))
}

/// The requests as text, files in them by their size.
fn recorded(server: &HttpServer) -> String {
    let mut requests = server.requests();
    for request in &mut requests {
        if let Some(at) = request.body.windows(PNG.len()).position(|part| part == PNG) {
            let shown = [&request.body[..at], b"[PNG, 69 bytes]", &request.body[at + PNG.len()..]].concat();
            request.body = shown.to_vec();
        }
    }
    golden::requests(&requests, &server.base).replace('\r', "")
}

/// Sends the message and then, as the machine does, its pictures.
async fn sent(server: &HttpServer, more: &str, message: &Message, previous: Option<&Receipt>) -> Receipt {
    let channel = Setup::default().channel(&toml(&server.base, more));
    let receipt = channel.send(message, previous).await.unwrap();
    if receipt.pictures_due { channel.add_pictures(&receipt, &message.pictures).await.unwrap() } else { receipt }
}

fn receipt(key: &str) -> Receipt {
    Receipt { message: json!({ "key": key }), ..Receipt::default() }
}

const EVERY_KEY: &str = "labels = ['team {{ .GroupLabels.alertname }}', 'wirephoto', '']
priority = '{{ if eq .Status \"firing\" }}High{{ end }}'
api_type = 'cloud'
reopen_transition = 'Reopen'
reopen_duration = '2h'
resolve_transition = 'Done'
wont_fix_resolution = \"Won't Do\"
fields = { components = [{ name = '{{ .Receiver }}' }], customfield_10001 = { value = '{{ len .Alerts }}' }, customfield_10002 = 7 }
";

#[tokio::test]
async fn requests_are_as_recorded() {
    let v3 = |text: &str| text.replace("/rest/api/2", "/rest/api/3");
    let document = "description = '{\"type\":\"doc\",\"version\":1,\"content\":[{\"type\":\"paragraph\",\"content\":[{\"type\":\"text\",\"text\":{{ .CommonAnnotations.summary | toJson }}}]}]}'\nsummary = 'x'\n";
    let hostile = hostile("[~admin] !http://evil/x.png! {color:red} \"a\" \\[b|c] \u{202E}txt\r\nnew line");
    let cases: [(&str, String, Message, bool); 9] = [
        ("firing", TEXTS.to_owned(), firing(), false),
        ("every_key", format!("{TEXTS}{EVERY_KEY}"), grouped(), false),
        ("one_picture", TEXTS.to_owned(), with_pictures(firing(), 1), false),
        ("linked", format!("{TEXTS}images = 'link'\nmax_images = 2"), with_pictures(grouped(), 4), false),
        ("no_pictures_wanted", format!("{TEXTS}images = 'none'"), with_pictures(firing(), 1), false),
        ("hostile", format!("{TEXTS}images = 'link'"), hostile.clone(), false),
        ("document", format!("{TEXTS}images = 'link'"), with_pictures(firing(), 1), true),
        ("document_of_its_own", format!("{document}images = 'link'"), with_pictures(firing(), 1), true),
        ("document_hostile", format!("{TEXTS}images = 'link'"), hostile, true),
    ];
    for (name, more, message, newer) in cases {
        let server = HttpServer::start(empty()).await;
        let toml = toml(&server.base, &more);
        let channel = Setup::default().channel(&if newer { v3(&toml) } else { toml });
        let receipt = channel.send(&message, None).await.unwrap();
        assert_eq!(receipt.message, json!({ "key": "OPS-1" }));
        if receipt.pictures_due {
            channel.add_pictures(&receipt, &message.pictures).await.unwrap();
        }
        golden::check(&format!("jira/{name}.txt"), &recorded(&server));
    }
}

#[tokio::test]
async fn issues_are_found_rewritten_and_closed() {
    let texts = |more: &str| format!("{TEXTS}{more}");
    let open = || jira(vec![issue("OPS-7", "indeterminate")], json!({}));
    let done = || jira(vec![issue("OPS-7", "done")], json!({}));

    let server = HttpServer::start(open()).await;
    sent(&server, &texts("resolve_transition = 'Done'"), &resolved(), None).await;
    golden::check("jira/resolved.txt", &recorded(&server));

    let server = HttpServer::start(done()).await;
    let more = texts("resolve_transition = 'Done'\nreopen_transition = 'Reopen'\nreopen_duration = '1h'");
    sent(&server, &more, &firing(), None).await;
    golden::check("jira/reopened.txt", &recorded(&server));

    let server = HttpServer::start(open()).await;
    let kept = "summary = { enable_update = false, template = 'x' }\ndescription = { template = 'x', enable_update = false }\nlabels = { values = ['a'], enable_update = false }\npriority = 'High'";
    sent(&server, kept, &firing(), None).await;
    let update = server.requests().pop().unwrap();
    assert_eq!((update.method.as_str(), update.path.as_str()), ("PUT", "/rest/api/2/issue/OPS-7"));
    assert_eq!(update.json(), json!({ "fields": { "priority": { "name": "High" } } }));
}

#[tokio::test]
async fn nothing_is_made_for_what_is_over() {
    let server = HttpServer::start(empty()).await;
    let channel = Setup::default().channel(&toml(&server.base, "resolve_transition = 'Done'"));
    let receipt = channel.send(&with_pictures(resolved(), 1), None).await.unwrap();
    assert_eq!(receipt, Receipt::default());
    assert_eq!(server.paths(), ["/rest/api/2/search"]);
    // a late picture has nowhere to go
    let message = resolved();
    let added = channel.add_pictures(&receipt, &[picture("late", &message.alerts[0])]).await.unwrap();
    assert_eq!((added, server.paths().len()), (Receipt::default(), 1));
}

#[tokio::test]
async fn while_something_fires_the_issue_is_known_by_the_receipt() {
    let state = |category: &str, resolution: Value| json!({ "status": { "statusCategory": { "key": category } }, "resolution": resolution, "attachment": [] });
    let wont = "wont_fix_resolution = 'No'";
    let cases = [
        ("", state("new", Value::Null), ["GET OPS-7", "PUT OPS-7"].as_slice()),
        // done, or left alone: what the search says counts
        ("", state("done", Value::Null), &["GET OPS-7", "POST search", "POST issue"]),
        (wont, state("new", json!({ "name": "No" })), &["GET OPS-7", "POST search", "POST issue"]),
        (wont, state("new", json!({ "name": "Yes" })), &["GET OPS-7", "PUT OPS-7"]),
    ];
    for (more, fields, expected) in cases {
        let server = HttpServer::start(jira(vec![], fields.clone())).await;
        sent(&server, more, &firing(), Some(&receipt("OPS-7"))).await;
        let calls = server.requests();
        let calls: Vec<String> = calls
            .iter()
            .map(|r| format!("{} {}", r.method, r.path.split('?').next().unwrap().rsplit('/').next().unwrap()))
            .collect();
        assert_eq!(calls, expected, "{more} {fields}");
    }
}

#[tokio::test]
async fn an_issue_that_is_gone_is_made_again() {
    let gone = |request: &Recorded| match request.method.as_str() {
        "GET" => Reply::status(404, r#"{"errorMessages":["Issue does not exist"]}"#),
        _ => empty()(request),
    };
    let server = HttpServer::start(gone).await;
    let receipt = sent(&server, "", &firing(), Some(&receipt("OPS-7"))).await;
    assert_eq!(receipt.message, json!({ "key": "OPS-1" }));
    assert_eq!(server.paths().last().unwrap(), "/rest/api/2/issue");
}

#[tokio::test]
async fn pictures_are_attached_once() {
    let there = jira(vec![], json!({ "attachment": [{ "filename": "picture00.png" }] }));
    let server = HttpServer::start(there).await;
    sent(&server, "", &with_pictures(firing(), 2), None).await;
    let requests = server.requests();
    let upload = requests.last().unwrap();
    let text = String::from_utf8_lossy(&upload.body);
    assert!(text.contains("picture01.png") && !text.contains("picture00.png"), "{text}");
    assert_eq!(upload.header("x-atlassian-token"), Some("no-check"));
    assert!(upload.header("content-type").unwrap().starts_with("multipart/form-data; boundary=wirephoto-"));
    sent(&server, "", &with_pictures(firing(), 1), None).await;
    assert!(server.paths().last().unwrap().ends_with("/OPS-1"), "nothing is left to attach");
}

#[tokio::test]
async fn late_pictures_are_attached_or_told_in_a_comment() {
    for (more, expected) in
        [("", "/rest/api/2/issue/OPS-1/attachments"), ("images = 'link'", "/rest/api/2/issue/OPS-1/comment")]
    {
        let server = HttpServer::start(empty()).await;
        let channel = Setup::default().channel(&toml(&server.base, more));
        assert_eq!(channel.limits().pictures.late, LatePictures::Add);
        let message = firing();
        channel.add_pictures(&receipt("OPS-1"), &[picture("late", &message.alerts[0])]).await.unwrap();
        assert_eq!(server.paths().last().unwrap(), expected);
    }
}

#[tokio::test]
async fn an_upload_that_is_refused_costs_nothing_but_itself() {
    for (status, kind) in [
        (404, SendErrorKind::Rejected),
        (403, SendErrorKind::Rejected),
        (413, SendErrorKind::TooLarge),
        (500, SendErrorKind::Retry),
    ] {
        let refusing = move |request: &Recorded| match request.path.ends_with("/attachments") {
            true => Reply::status(status, "no"),
            false => empty()(request),
        };
        let server = HttpServer::start(refusing).await;
        let channel = Setup::default().channel(&toml(&server.base, ""));
        let message = with_pictures(firing(), 1);
        let receipt = channel.send(&message, None).await.unwrap();
        let error = channel.add_pictures(&receipt, &message.pictures).await.unwrap_err();
        assert_eq!(error.kind, kind);
        assert_eq!(server.paths().iter().filter(|path| path.ends_with("/issue")).count(), 1);
    }
}

#[tokio::test]
async fn fields_that_the_project_lacks_are_left_out() {
    let fussy = |request: &Recorded| {
        let is_write = request.path.ends_with("/issue");
        match is_write && request.json()["fields"]["priority"].is_object() {
            true => Reply::status(400, r#"{"errors":{"priority":"It is not on the appropriate screen"}}"#),
            false => empty()(request),
        }
    };
    let server = HttpServer::start(fussy).await;
    let receipt = sent(&server, "priority = 'High'", &firing(), None).await;
    assert!(receipt.degraded.unwrap().starts_with("without priority: 400"));
    assert_eq!(server.paths(), ["/rest/api/2/search", "/rest/api/2/issue", "/rest/api/2/issue"]);
    // what an issue cannot be without is not left out
    let server = HttpServer::start(|request: &Recorded| match request.path.ends_with("/issue") {
        true => Reply::status(400, r#"{"errors":{"priority":"no","issuetype":"no"}}"#),
        false => empty()(request),
    })
    .await;
    let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
    assert_eq!((error.kind, server.paths().len()), (SendErrorKind::Rejected, 2), "{error}");
}

#[tokio::test]
async fn a_transition_that_is_not_to_be_had_is_told_of() {
    let server = HttpServer::start(jira(vec![issue("OPS-7", "new")], json!({}))).await;
    let receipt = sent(&server, "resolve_transition = 'Finish'", &resolved(), None).await;
    assert_eq!(receipt.degraded.as_deref(), Some("OPS-7 has no transition \"Finish\" now, only: Reopen, Done"));
    let busy = |request: &Recorded| match request.path.ends_with("/transitions") {
        true => Reply::status(503, "").with("retry-after", "9"),
        false => jira(vec![issue("OPS-7", "new")], json!({}))(request),
    };
    let server = HttpServer::start(busy).await;
    let channel = Setup::default().channel(&toml(&server.base, "resolve_transition = 'Done'"));
    let error = channel.send(&resolved(), None).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::RetryAfter(Duration::from_secs(9)));
}

#[tokio::test]
async fn failures_have_classes_and_no_secrets() {
    let seven = SendErrorKind::RetryAfter(Duration::from_secs(7));
    let cases = [
        (Reply::status(429, "slow").with("retry-after", "7"), seven),
        (Reply::status(503, "").with("retry-after", "7"), seven),
        (Reply::status(500, "oops"), SendErrorKind::Retry),
        (Reply::status(401, "ann token-secret YW5uOnRva2VuLXNlY3JldA=="), SendErrorKind::Unauthorised),
        (Reply::status(410, "use /search/jql"), SendErrorKind::Unauthorised),
        (Reply::status(400, r#"{"errorMessages":["The value 'OPS' does not exist"]}"#), SendErrorKind::Rejected),
        (Reply::status(200, "<html>sign in</html>"), SendErrorKind::Retry),
    ];
    for (reply, kind) in cases {
        let server = HttpServer::start(move |_| reply.clone()).await;
        let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(!shown(&error).contains("token-secret") && !shown(&error).contains("YW5uOn"), "{error}");
    }
}

#[test]
fn problems_name_their_keys() {
    let problems =
        Setup::default().problems("[[jira_configs]]\nlabels = ['{{ if }}']\nfields = { a = '{{ nothing }}' }");
    let keys: Vec<&str> = problems.iter().map(|problem| problem.split(": ").next().unwrap()).collect();
    let at = |key: &str| format!("receivers[0].jira_configs[0].{key}");
    assert_eq!(keys, [at("api_url"), at("project"), at("issue_type"), at("labels[0]"), at("fields.a")], "{problems:?}");
    for wrong in ["summary = { text = 'x' }", "summary = 1", "labels = 'x'", "api_type = 'server'"] {
        let read = toml::from_str::<channels::Receiver>(&format!("[[jira_configs]]\n{wrong}"));
        assert!(read.is_err(), "{wrong}");
    }
}

/// What holds for every request to Jira: limits, and no value that became markup.
pub fn check(request: &Recorded) {
    if !matches!(request.method.as_str(), "POST" | "PUT") || !request.path.contains("/issue") {
        return;
    }
    if request.path.ends_with("/issue") {
        let fields = &request.json()["fields"];
        let summary = fields["summary"].as_str().unwrap();
        assert!(!summary.is_empty() && summary.chars().count() <= 255 && !summary.contains('\n'));
        let description = fields["description"].as_str().unwrap();
        assert!(description.chars().count() <= 32_767);
        let plain = description.replace("\\[", "").replace("\\!", "").replace("\\|", "");
        assert!(!plain.contains("[http://evil") && !plain.contains("!channel"), "{description}");
        assert!(fields["labels"].as_array().unwrap().iter().all(|label| !label.as_str().unwrap().contains(' ')));
    }
}
