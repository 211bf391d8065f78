//! The inbox in a real browser: the message and its picture are really seen.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{
    PATIENCE,
    alerts::{QUICK, alert, config, with_rule},
    client, peers,
    picture::{self, Picture},
    process::Process,
    server::Server,
    source::{Mood, Source},
    wait_for, wait_within,
};

#[test]
fn the_inbox_shows_the_message_and_its_picture() {
    let Some(chromium) = peers::chromium() else { return };
    let source = Source::start(Mood::Well { series: 3, after: Duration::ZERO });
    let sections = format!("{}[screenshots]\nimage_wait = \"20s\"\n", source.config("prometheus"));
    let inbox = "[[receivers.inbox_configs]]\nsend_resolved = true\n".to_owned();
    let server = Server::start(&config(&sections, QUICK, &[inbox]));
    server.alerts(&json!([with_rule(alert("DiskFull", "db-1"), &source.generator_url("disk_used_percent > 80"))]));
    wait_for_picture(&server.base);
    check_inbox(&chromium, &server.base, &["DiskFull", "db-1"]);
}

#[test]
fn the_demo_shows_messages_with_pictures() {
    let Some(chromium) = peers::chromium() else { return };
    let program = env!("CARGO_BIN_EXE_wirephoto");
    let mut demo = Process::start(Command::new(program).args(["demo", "--listen", "127.0.0.1:0"]));
    let base = demo.wait_for_output("the address to open", |output| {
        output
            .split_whitespace()
            .find_map(|word| word.strip_prefix("http://127.0.0.1:"))
            .map(|port| format!("http://127.0.0.1:{}", port.trim_end_matches('/')))
    });
    wait_for_picture(&base);
    check_inbox(&chromium, &base, &["HighErrorRate"]);
    demo.terminate();
    assert_eq!(demo.wait(PATIENCE).code(), Some(0), "{}", demo.output());
}

fn wait_for_picture(base: &str) {
    wait_within(2 * PATIENCE, "a message with a picture in the inbox", || {
        let inbox = client::try_get(&format!("{base}/wirephoto/v1/inbox")).ok()?.json();
        let has_picture = |message: &Value| message["pictures"].as_array().is_some_and(|pictures| !pictures.is_empty());
        inbox["messages"].as_array()?.iter().any(has_picture).then_some(())
    });
}

/// What stands in the page after its script has run, and what is seen of it.
fn check_inbox(chromium: &Path, base: &str, words: &[&str]) {
    let page = format!("{base}/inbox");
    let dom = browse(chromium, &page, &["--dump-dom"]);
    for word in words {
        assert!(dom.contains(word), "no {word:?} in {dom}");
    }
    assert!(dom.contains("<figure") && dom.contains("<img"), "no picture in {dom}");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("inbox.png");
    browse(chromium, &page, &["--window-size=1300,1100", &format!("--screenshot={}", file.display())]);
    let seen = Picture::decode(&std::fs::read(&file).expect("a screenshot"));
    // The page shows pictures smaller than they are, which blends thin lines away; the badge of the mark is an area, and
    // nothing else on the page has its colour.
    let badge = seen.count(picture::MARK_FIRING);
    assert!(badge >= 150, "only {badge} pixels of the picture's mark are seen");
}

/// Runs the browser on a page; answers what it prints.
fn browse(chromium: &Path, page: &str, arguments: &[&str]) -> String {
    let profile = tempfile::tempdir().expect("a folder");
    let run = || {
        let mut command = Command::new(chromium);
        command.args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
        ]);
        command.args(["--no-first-run", "--no-proxy-server", "--force-dark-mode", "--virtual-time-budget=4000"]);
        command.arg(format!("--user-data-dir={}", profile.path().display())).args(arguments).arg(page);
        let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().expect("the browser runs");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    wait_for("the browser to show the page", run)
}
