//! Previews and tests of receivers with the real program: the vendors get one message with its picture, or none; secrets stay
//! secret; who does not get in does not ask.

use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::support::{
    alerts::{QUICK, config},
    browser::Browser,
    client,
    http_server::{HttpServer, Reply},
    peers,
    picture::{self, Picture},
    server::Server,
    slack::{Slack, TOKEN},
};

fn hook(base: &str) -> String {
    format!("[[receivers.webhook_configs]]\nurl = \"{base}/hook/path-token\"\n")
}

/// Runs a command of the program in the server's folder.
fn wirephoto(server: &Server, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirephoto"));
    command.args(arguments).args(["--config", "wirephoto.toml", "--data-dir", "data"]);
    command.args(["--web.external-url", &server.base]).env("USER", "ann");
    let Output { status, stdout, stderr } =
        command.current_dir(server.folder()).stdin(Stdio::null()).output().expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (status.code(), text(&stdout), text(&stderr))
}

fn without_secrets(text: &str) {
    for secret in [TOKEN, "path-token"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

/// The link leads to a picture.
fn check_link(link: &str) {
    let answer = client::get(link);
    assert_eq!((answer.status, answer.content_type.as_str()), (200, "image/png"), "{link}");
    let seen = Picture::decode(&answer.body);
    assert!(seen.count(picture::MARK_FIRING) > 50, "the mark of the firing alert is seen");
}

#[test]
fn a_receiver_is_tested_over_http() {
    let slack = Slack::start();
    let failing = HttpServer::start(|_| Reply::text(404, "no such hook: path-token"));
    let server = Server::start(&config("", QUICK, &[slack.config(), hook(&failing.base())]));
    let test = |body: Value| client::post(&server.url("/api/v1/receivers/team/test"), body.to_string());

    let answer = test(json!({"resolve": true}));
    assert_eq!(answer.status, 502, "{}", answer.text());
    without_secrets(&answer.text());
    let report = answer.json();
    assert_eq!((&report["ok"], &report["by"]), (&json!(false), &json!("127.0.0.1 over HTTP")));
    let [hook, bot] = &report["integrations"].as_array().expect("a list")[..] else { panic!("{report}") };
    let failure = &hook["messages"][0]["error"];
    assert_eq!((&hook["integration"], &failure["class"]), (&json!("webhook/0"), &json!("authError")));
    assert!(failure["detail"].as_str().unwrap().contains("404 Not Found"), "{failure}");
    assert!(failure["advice"].as_str().unwrap().starts_with("check token, address and channel"), "{failure}");
    assert_eq!(bot["integration"], "slack/0");
    for (message, status) in bot["messages"].as_array().unwrap().iter().zip(["firing", "resolved"]) {
        assert_eq!(
            (&message["status"], &message["ok"], &message["degraded"]),
            (&json!(status), &json!(true), &Value::Null)
        );
        assert_eq!(message["receipt"]["ts"], "1700000000.000100", "{message}");
    }
    check_link(report["picture"]["link"].as_str().expect("a link"));

    let calls = slack.calls();
    let once = ["chat.postMessage", "files.getUploadURLExternal", "upload", "files.completeUploadExternal"];
    assert_eq!(calls, [once, once].concat(), "the message, then its picture; and again when it is over");
    let told = String::from_utf8_lossy(&slack.requests()[0].body).into_owned();
    for word in ["WirephotoTest", "nothing is wrong", "127.0.0.1 over HTTP"] {
        assert!(told.contains(word), "{word}: {told}");
    }
    assert_eq!(failing.requests().len(), 1, "what was not told of is not told to be over");

    let again = test(json!({}));
    assert_eq!(again.status, 429, "{}", again.text());
    let unknown = client::post(&server.url("/api/v1/receivers/nobody/test"), "{}");
    assert_eq!(
        (unknown.status, &unknown.json()["error"]),
        (404, &json!("there is no receiver \"nobody\"; there is only \"team\""))
    );
    assert_eq!(client::post(&server.url("/api/v1/alerts"), "[]").status, 410, "what was version 1 stays gone");
    for (labels, value) in [(["test", "failed"], 1.0), (["test", "refused"], 2.0)] {
        let labels = labels.map(|label| format!("\"{label}\""));
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        assert_eq!(server.metric("wirephoto_trials_total", &labels), value, "{labels:?}");
    }
    assert_eq!(server.metric("wirephoto_test_messages_total", &["slack", "sent"]), 2.0);
    assert_eq!(server.metric("wirephoto_test_messages_total", &["webhook", "failed"]), 1.0);
    assert_eq!(server.metric("alertmanager_notifications_total", &[]), 0.0, "tests are no notifications");
    assert!(server.log().contains("a receiver is tested, because somebody asked for it"), "{}", server.log());
    without_secrets(&server.log());

    // what is in force after a reload
    let preview = client::post(&server.url("/api/v1/preview"), r#"{"receiver": "team"}"#);
    without_secrets(&preview.text());
    assert_eq!((preview.status, &preview.json()["ok"]), (200, &json!(true)), "{}", preview.text());
    assert_eq!(slack.calls().len(), 8, "a preview sends nothing");
}

#[test]
fn whoever_is_not_let_in_tests_nothing() {
    let slack = Slack::start();
    // the password is "wonderland", hashed with the lowest cost
    let auth = "[server.auth]\nbasic_auth_users = { alice = \"$2b$04$6UgkyuFoYIWOqIRDQobvTuo7ZQbrIpuecZhThvrBzJRl.d8QCoqKW\" }\n";
    let server = Server::start(&config(auth, QUICK, &[slack.config()]));
    for path in ["/api/v1/receivers/team/test", "/api/v1/preview", "/receivers/team/test", "/receivers/team/preview"] {
        assert_eq!(client::post(&server.url(path), "{}").status, 401, "{path}");
    }
    assert_eq!(slack.calls(), Vec::<String>::new());
}

#[test]
fn a_receiver_is_tested_on_the_command_line_beside_its_server() {
    let slack = Slack::start();
    let inbox = "[[receivers.inbox_configs]]\n".to_owned();
    let mut server = Server::start(&config("", QUICK, &[slack.config(), inbox]));
    let (code, out, err) = wirephoto(&server, &["test-receiver", "team", "--integration", "slack"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(out.contains("slack/0, firing: ok\n   answered with {") && out.contains("1700000000.000100"), "{out}");
    let link = out.lines().find_map(|line| line.strip_prefix("picture: ")).expect("a link");
    check_link(link);
    assert!(String::from_utf8_lossy(&slack.requests()[0].body).contains("ann on the command line"));
    without_secrets(&out);

    // the database is the running server's
    let (code, out, err) = wirephoto(&server, &["test-receiver", "team", "--integration", "inbox"]);
    assert_eq!((code, err.as_str()), (Some(1), "wirephoto: not every integration took the message\n"), "{out}");
    assert!(out.contains("only it can put a message into its inbox: ask it on its status page"), "{out}");
    assert!(server.terminate(crate::support::PATIENCE).success());
    let (code, out, _) =
        wirephoto(&server, &["test-receiver", "team", "--integration", "inbox", "--resolve", "--json"]);
    assert_eq!(code, Some(0), "{out}");
    let report: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(report["integrations"][0]["messages"][1]["status"], "resolved");
    server.restart();
    let inbox = server.get("/wirephoto/v1/inbox").json();
    assert_eq!(inbox["messages"].as_array().map(Vec::len), Some(2), "{inbox}");
}

#[test]
fn a_receiver_is_tried_with_the_buttons_of_the_status_page() {
    let Some(chromium) = peers::chromium() else { return };
    let slack = Slack::start();
    let server = Server::start(&config("", QUICK, &[slack.config()]));
    let mut browser = Browser::start(&chromium);
    browser.open(&server.url("/status"));
    browser.click("document.querySelector('.tries a')");
    browser.wait("the preview", "document.body.textContent.includes('chat.postMessage')");
    browser.wait("that nothing was sent", "document.querySelector('.readiness.good')");
    assert_eq!(slack.calls(), Vec::<String>::new());
    browser.open(&server.url("/status"));
    browser.click("document.querySelector('.tries button')");
    browser.wait("what came of it", "document.querySelector('.badge.sent')");
    browser.wait("the page of the test", "location.pathname === '/receivers/team/test'");
    assert_eq!(slack.calls().len(), 4, "the message and its picture");
    browser.click("document.querySelector('form.trial button')");
    browser.wait("a refusal", "document.querySelector('.refused')?.textContent.includes('a moment ago')");
    assert_eq!(slack.calls().len(), 4);
}

#[test]
fn a_preview_on_the_command_line_tells_nobody() {
    let slack = Slack::start();
    let failing = HttpServer::start(|_| Reply::text(200, "ok"));
    let server = Server::start(&config("", QUICK, &[slack.config(), hook(&failing.base())]));
    let (code, out, err) = wirephoto(&server, &["preview", "--pictures", "2", "--resolved"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    for words in [
        "== receiver team, group ",
        "-- slack/0, firing",
        "-- slack/0, resolved",
        "[redacted]/chat.postMessage",
        "authorization: Bearer [redacted]",
        "[PNG, ",
        "[redacted]/files.completeUploadExternal",
        "-- webhook/0, firing",
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
    without_secrets(&out);
    let (code, out, _) = wirephoto(&server, &["preview", "--receiver", "nobody"]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(slack.calls().is_empty() && failing.requests().is_empty(), "somebody was told");
}
