//! How Slack's messages follow each other: edits, threads, summaries, reactions.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use alerts::{
    message::{Message, Receipt},
    ports::SendErrorKind,
};
use serde_json::json;

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{firing, grouped, resolved, with_pictures},
    setup::Setup,
    slack,
};

fn toml(base: &str, more: &str) -> String {
    format!("[[slack_configs]]\napi_url = '{base}/api'\napp_token = 'xoxb-token-secret'\nchannel = '#alerts'\n{more}")
}

const UPDATE: &str = "message_strategy = 'update'";
const THREAD: &str =
    "message_strategy = 'thread'\nthreaded_options = { use_summary_header = false, resolve_emoji = ':ok:' }";
const SUMMARY: &str = "message_strategy = 'thread'\nthreaded_options = { resolve_emoji = 'ok', summary_header = { resolve_color = '{{ if true }}#00ff00{{ end }}' } }";

/// As [`slack::answer`], with a timestamp of its own for each message.
fn counting() -> impl Fn(&Recorded) -> Reply {
    let count = Arc::new(AtomicUsize::new(0));
    move |request: &Recorded| match request.path.as_str() {
        "/api/chat.postMessage" => {
            let ts = format!("1700000000.00000{}", count.fetch_add(1, Ordering::Relaxed) + 1);
            Reply::json(&json!({"ok": true, "channel": "C024BE91L", "ts": ts}))
        }
        _ => slack::answer(request),
    }
}

/// Sends the messages one after the other, as the machine does: with the receipts kept as text, the pictures afterwards.
async fn sent(server: &HttpServer, more: &str, messages: &[Message]) -> Vec<Receipt> {
    let channel = Setup::default().channel(&toml(&server.base, more));
    let mut receipts: Vec<Receipt> = Vec::new();
    for message in messages {
        let kept = receipts.last().map(|last| serde_json::from_str(&serde_json::to_string(last).unwrap()).unwrap());
        let mut receipt = channel.send(message, kept.as_ref()).await.unwrap();
        if receipt.pictures_due {
            receipt = channel.add_pictures(&receipt, &message.pictures).await.unwrap();
        }
        receipts.push(receipt);
    }
    receipts
}

#[tokio::test]
async fn requests_are_as_recorded() {
    let story = || vec![firing(), with_pictures(grouped(), 1), resolved()];
    let linked = || vec![firing(), with_pictures(grouped(), 1)];
    let cases = [
        ("update", UPDATE.to_owned(), story()),
        ("update_message", "update_message = true\nlink_names = true\nimages = 'link'".to_owned(), linked()),
        ("update_every_key", format!("{UPDATE}\nfooter = 'foot'\nmessage_text = '{{{{ .Status }}}}'"), linked()),
        ("thread", THREAD.to_owned(), story()),
        ("thread_summary", SUMMARY.to_owned(), story()),
    ];
    for (name, more, messages) in cases {
        let server = HttpServer::start(counting()).await;
        for receipt in sent(&server, &more, &messages).await {
            assert_eq!(receipt.degraded, None, "{name}");
        }
        golden::check(&format!("slack/follow_{name}.txt"), &golden::requests(&server.requests(), &server.base));
    }
}

#[tokio::test]
async fn threads_keep_their_root() {
    for (more, root) in [(THREAD, "1700000000.000001"), ("message_strategy = 'thread'", "1700000000.000001")] {
        let server = HttpServer::start(counting()).await;
        sent(&server, more, &[firing(), grouped(), grouped(), with_pictures(grouped(), 1)]).await;
        let posts: Vec<_> = server.requests().into_iter().filter(|r| r.path.ends_with("postMessage")).collect();
        let threads: Vec<_> = posts[1..].iter().map(|r| r.json()["thread_ts"].clone()).collect();
        assert!(threads.iter().all(|thread| thread == root), "{threads:?}");
        let shared = server.requests().into_iter().find(|r| r.path.ends_with("completeUploadExternal")).unwrap();
        assert_eq!(shared.json()["thread_ts"], root, "pictures of a reply stand in the same thread");
    }
}

#[tokio::test]
async fn receipts_of_earlier_versions_are_followed() {
    let old = Receipt { message: json!({"channel": "C1", "ts": "1.0"}), ..Receipt::default() };
    for (more, path, key) in [
        (UPDATE, "/api/chat.update", "ts"),
        (THREAD, "/api/chat.postMessage", "thread_ts"),
        ("message_strategy = 'thread'", "/api/chat.postMessage", "thread_ts"),
    ] {
        let server = HttpServer::start(counting()).await;
        Setup::default().channel(&toml(&server.base, more)).send(&grouped(), Some(&old)).await.unwrap();
        let first = &server.requests()[0];
        assert_eq!((first.path.as_str(), &first.json()[key]), (path, &json!("1.0")));
        assert_eq!(first.json()["channel"], "C1");
    }
}

/// What follows a message when Slack answers `path` with `word` once something is open.
async fn check_gone(more: &str, path: &'static str, word: &'static str, expected: &[&str]) {
    let answer = move |request: &Recorded| {
        let of_the_old = request.path == path && request.json().to_string().contains("\"1.0\"");
        if of_the_old { Reply::json(&json!({"ok": false, "error": word})) } else { slack::answer(request) }
    };
    let server = HttpServer::start(answer).await;
    let old = Receipt { message: json!({"channel": "C1", "ts": "1.0"}), ..Receipt::default() };
    let channel = Setup::default().channel(&toml(&server.base, more));
    let receipt = channel.send(&grouped(), Some(&old)).await.unwrap();
    assert_eq!(receipt.degraded, None);
    assert_eq!(receipt.message["channel"], "C024BE91L", "the next one follows the new message");
    assert_eq!(server.paths(), expected, "{word}");
    let posts: Vec<_> = server.requests().into_iter().filter(|r| r.path.ends_with("postMessage")).collect();
    assert_eq!(
        posts.last().unwrap().json().get("thread_ts").is_some(),
        more.contains("thread") && !more.contains("false")
    );
}

#[tokio::test]
async fn what_is_gone_is_posted_anew() {
    const POST: &str = "/api/chat.postMessage";
    const EDIT: &str = "/api/chat.update";
    for word in ["message_not_found", "cant_update_message", "edit_window_closed"] {
        check_gone(UPDATE, EDIT, word, &[EDIT, POST]).await;
    }
    for word in ["thread_not_found", "restricted_action_thread_locked"] {
        check_gone(THREAD, POST, word, &[POST, POST]).await;
        check_gone("message_strategy = 'thread'", POST, word, &[POST, POST, POST]).await;
    }
}

#[tokio::test]
async fn failed_edits_are_failures() {
    let answer = |request: &Recorded| match request.path.as_str() {
        "/api/chat.update" => Reply::json(&json!({"ok": false, "error": "invalid_auth"})),
        _ => slack::answer(request),
    };
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, UPDATE));
    let receipt = channel.send(&firing(), None).await.unwrap();
    let error = channel.send(&grouped(), Some(&receipt)).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Unauthorised);
    assert_eq!(server.paths(), ["/api/chat.postMessage", "/api/chat.update"], "nothing is posted twice");
}

#[tokio::test]
async fn an_edit_that_slack_finds_fault_with_becomes_plain_text() {
    let fussy = |request: &Recorded| match request.path.as_str() {
        "/api/chat.update" if request.json()["attachments"] != json!([]) => {
            Reply::json(&json!({"ok": false, "error": "invalid_blocks"}))
        }
        _ => slack::answer(request),
    };
    let server = HttpServer::start(fussy).await;
    let channel = Setup::default().channel(&toml(&server.base, UPDATE));
    let receipt = channel.send(&firing(), None).await.unwrap();
    let receipt = channel.send(&grouped(), Some(&receipt)).await.unwrap();
    assert!(receipt.degraded.unwrap().contains("invalid_blocks"));
    let last = server.requests().last().unwrap().json();
    assert!(last["text"].as_str().unwrap().contains("firing DiskFull db-1"), "{last}");
}

#[tokio::test]
async fn what_decorates_a_thread_never_costs_a_message() {
    let answer = |request: &Recorded| match request.path.as_str() {
        "/api/chat.update" => Reply::json(&json!({"ok": false, "error": "internal_error"})),
        "/api/reactions.add" => {
            Reply::json(&json!({"ok": false, "error": "missing_scope", "needed": "reactions:write"}))
        }
        _ => slack::answer(request),
    };
    let server = HttpServer::start(answer).await;
    let receipts = sent(&server, SUMMARY, &[firing(), resolved()]).await;
    let degraded = receipts[1].degraded.as_ref().unwrap();
    assert!(degraded.contains("summary is not current") && degraded.contains("reactions:write"), "{degraded}");
    let again = |request: &Recorded| match request.path.as_str() {
        "/api/reactions.add" => Reply::json(&json!({"ok": false, "error": "already_reacted"})),
        _ => slack::answer(request),
    };
    let server = HttpServer::start(again).await;
    assert_eq!(sent(&server, SUMMARY, &[firing(), resolved()]).await[1].degraded, None);
}

#[tokio::test]
async fn a_summary_is_posted_once_however_often_its_first_reply_is_tried() {
    let failures = Arc::new(AtomicUsize::new(0));
    let answer = move |request: &Recorded| {
        let reply = request.path.ends_with("postMessage") && request.json().get("thread_ts").is_some();
        if reply && failures.fetch_add(1, Ordering::Relaxed) < 2 {
            return Reply::json(&json!({"ok": false, "error": "internal_error"}));
        }
        slack::answer(request)
    };
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, SUMMARY));
    for _ in 0..2 {
        assert_eq!(channel.send(&firing(), None).await.unwrap_err().kind, SendErrorKind::Retry);
    }
    channel.send(&firing(), None).await.unwrap();
    let count = |of: fn(&Recorded) -> bool| server.requests().iter().filter(|r| of(r)).count();
    assert_eq!(count(|r| r.json().get("thread_ts").is_none()), 1);
    assert_eq!(count(|r| r.json().get("thread_ts").is_some()), 3);
    // another delivery begins another thread
    let mut other = firing();
    other.idempotency_key = "other".into();
    channel.send(&other, None).await.unwrap();
    assert_eq!(server.requests().iter().filter(|r| r.json().get("thread_ts").is_none()).count(), 2);
}

#[test]
fn a_summary_header_needs_a_summary() {
    let more = "message_strategy = 'thread'\nthreaded_options = { use_summary_header = false, summary_header = {} }";
    let problems = Setup::default().problems(&toml("https://slack.example.org", more));
    assert_eq!(problems, ["receivers[0].slack_configs[0].threaded_options.summary_header: needs use_summary_header"]);
}
