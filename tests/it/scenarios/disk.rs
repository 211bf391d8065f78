//! The disk is full: the page still goes out with its picture, senders are told to repeat, and it ends when there is room.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::json;
use tempfile::TempDir;

use crate::support::{
    alerts::{QUICK, alert, config, with_rule},
    server::Server,
    slack::Slack,
    source::{Mood, Source},
    wait_for,
    webhook::Webhook,
};

#[test]
fn the_page_goes_out_although_nothing_can_be_written() {
    let (webhook, slack) = (Webhook::start(), Slack::start());
    let source = Source::start(Mood::Well { series: 1, after: std::time::Duration::ZERO });
    let disk = Disk::new();
    let sections = format!("{}[screenshots]\nimage_wait = \"20s\"\n", source.config("prometheus"));
    let config = config(&sections, QUICK, &[webhook.config(), slack.config()]);
    let server = Server::start_with(&config, Some(&disk.data()), &disk.wrapper());
    server.alerts(&json!([alert("Before", "db-1")]));
    webhook.wait_for(1);

    disk.fill(&server);
    let refused = refused_alerts(&server, &source.generator_url("disk_used_percent > 80"));
    let told = wait_for("the page about what could not be written", || {
        webhook.taken().into_iter().find(|one| one.values("instance").contains(&refused.as_str()))
    });
    assert_eq!((told.status(), told.payload["groupLabels"]["alertname"].as_str()), ("firing", Some("DiskFull")));
    let upload = wait_for("the picture at Slack", || {
        slack.requests().into_iter().find(|request| request.path.starts_with("/upload/"))
    });
    assert_eq!(&upload.body[1..4], b"PNG", "the bytes in memory are sent");
    wait_for("the server to say that it is not ready", || (!server.is_ready()).then_some(()));
    assert!(server.get("/-/ready").text().contains("database"), "{}", server.get("/-/ready").text());
    assert!(server.metric("wirephoto_store_commits_total", &["failed"]) >= 1.0, "{}", server.get("/metrics").text());
    assert!(server.log().contains("ERROR") || server.log().contains("WARN"), "{}", server.log());

    disk.empty(&server);
    wait_for("the server to be ready again", || server.is_ready().then_some(()));
    let answer = server.post_alerts(&json!([alert("After", "db-1")]));
    assert_eq!(answer.status, 200, "{}", answer.text());
    wait_for("the page about what came after", || {
        webhook.taken().into_iter().find(|one| one.payload["groupLabels"]["alertname"] == "After")
    });
}

/// Posts alerts until the server says that it cannot keep them: a little may still fit into the files that are there. Answers
/// an instance of which it said so.
fn refused_alerts(server: &Server, rule: &str) -> String {
    for batch in 0..50 {
        let instance = |number: usize| format!("db-{batch}-{number}");
        let alerts: Vec<_> = (0..200).map(|number| with_rule(alert("DiskFull", &instance(number)), rule)).collect();
        let answer = server.post_alerts(&json!(alerts));
        if answer.status != 200 {
            assert_eq!(answer.status, 503, "the sender must repeat: {}", answer.text());
            return instance(0);
        }
    }
    panic!("ten thousand alerts fit onto a full disk");
}

/// A disk that can be full: a small file system where we may mount one, else a limit on the size of files.
enum Disk {
    Mounted(TempDir),
    Limited(TempDir),
}

/// Room for a database and some pictures.
const SIZE: &str = "size=6m";

impl Disk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", SIZE, "wirephoto-test"])
            .arg(folder.path())
            .stderr(std::process::Stdio::null());
        if mount.status().is_ok_and(|status| status.success()) { Disk::Mounted(folder) } else { Disk::Limited(folder) }
    }

    fn folder(&self) -> &Path {
        let (Disk::Mounted(folder) | Disk::Limited(folder)) = self;
        folder.path()
    }

    fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    /// Past its limit a process gets a signal; ignored, the write fails as on a full disk.
    fn wrapper(&self) -> Vec<&'static str> {
        match self {
            Disk::Mounted(_) => Vec::new(),
            Disk::Limited(_) => vec!["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""],
        }
    }

    fn fill(&self, server: &Server) {
        match self {
            Disk::Mounted(folder) => fill(&folder.path().join("filler")),
            Disk::Limited(_) => limit(server, "4096"),
        }
    }

    fn empty(&self, server: &Server) {
        match self {
            Disk::Mounted(folder) => std::fs::remove_file(folder.path().join("filler")).expect("room again"),
            Disk::Limited(_) => limit(server, "unlimited"),
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Disk::Mounted(folder) = self {
            // lazily: the server may still have its files open
            let _ = Command::new("umount").arg("-l").arg(folder.path()).status();
        }
    }
}

/// Writes until nothing more fits, to the last byte.
fn fill(path: &Path) {
    let mut file = std::fs::File::create(path).expect("a file");
    for block in [64 * 1024, 4096, 1] {
        let bytes = vec![0; block];
        while file.write_all(&bytes).is_ok() {}
    }
}

/// Files of the server must not grow past so many bytes; only the soft limit, so that it can be lifted again.
fn limit(server: &Server, bytes: &str) {
    let limit = format!("--fsize={bytes}:unlimited");
    let status = Command::new("prlimit").args(["--pid", &server.process().id().to_string(), &limit]).status();
    assert!(status.expect("prlimit of util-linux").success());
}
