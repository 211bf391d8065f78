//! Taking over from the real Alertmanager (Debian's package `prometheus-alertmanager`), run here on folders of its own.
//!
//! With `UPDATE_GOLDEN=1` the files that it wrote become the fixtures of the fast tests in `src/takeover`.

use std::{net::TcpListener, path::Path, process::Command, time::Duration};

use alerts::{LabelSet, Time};
use serde_json::{Value, json};
use wirephoto::takeover;

use crate::support::{
    client,
    http_server::{HttpServer, Reply},
    pause, peers,
    process::Process,
    server::Server,
    wait_for,
};

/// Until when the recorded silences last: the fixtures are to be of use for a while.
const LONG: &str = "2126-01-01T00:00:00Z";

struct Alertmanager {
    folder: tempfile::TempDir,
    process: Process,
    base: String,
}

impl Alertmanager {
    fn start(program: &Path, webhooks: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            r#"
route:
  receiver: team
  group_by: [alertname]
  group_wait: 1s
  group_interval: 1s
  repeat_interval: 4h
  routes:
  - receiver: ops
    matchers: [severity="critical"]
receivers:
- name: team
  webhook_configs:
  - url: {webhooks}/a
  - url: {webhooks}/b
- name: ops
  webhook_configs:
  - url: {webhooks}/c
"#
        );
        std::fs::write(folder.path().join("am.yml"), config).unwrap();
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
        let address = format!("127.0.0.1:{port}");
        let mut command = Command::new(program);
        command
            .arg(format!("--config.file={}", folder.path().join("am.yml").display()))
            .arg(format!("--storage.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .arg("--cluster.listen-address=");
        let process = Process::start(&mut command);
        let base = format!("http://{address}");
        wait_for("a ready Alertmanager", || {
            client::try_get(&format!("{base}/-/ready")).is_ok_and(|answer| answer.status == 200).then_some(())
        });
        Self { folder, process, base }
    }

    fn post(&self, path: &str, body: &Value) -> client::Answer {
        let answer = client::post(&format!("{}{path}", self.base), body.to_string());
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer
    }

    /// Ends it; it writes its files then, and the folder that they are in outlives it.
    fn end(mut self) -> Left {
        self.process.terminate();
        self.process.wait(Duration::from_secs(20));
        let read = |name: &str| std::fs::read(self.folder.path().join("data").join(name)).expect(name);
        Left { silences: read("silences"), log: read("nflog"), folder: self.folder }
    }
}

/// What it leaves.
struct Left {
    silences: Vec<u8>,
    log: Vec<u8>,
    folder: tempfile::TempDir,
}

fn alert(labels: &[(&str, &str)], ended: bool) -> Value {
    let labels: serde_json::Map<_, _> = labels.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let now = jiff::Timestamp::now();
    let seconds = |seconds: i64| (now + jiff::SignedDuration::from_secs(seconds)).to_string();
    let end = if ended { seconds(-1) } else { seconds(3600) };
    json!({ "labels": labels, "startsAt": seconds(-60), "endsAt": end })
}

fn silence(comment: &str, starts_at: &str, matchers: &[(&str, &str, bool, bool)]) -> Value {
    let matchers: Vec<_> = matchers
        .iter()
        .map(|(name, value, is_regex, is_equal)| json!({ "name": name, "value": value, "isRegex": is_regex, "isEqual": is_equal }))
        .collect();
    json!({ "matchers": matchers, "startsAt": starts_at, "endsAt": LONG, "createdBy": "the \"recorder\" ✓", "comment": comment })
}

/// What it has done when it ends: two alerts of a group told to two integrations, with a third that resolved; one alert of a
/// route below; a silence with every operator and one in the future.
fn recorded(program: &Path, webhook: &HttpServer) -> Left {
    let alertmanager = Alertmanager::start(program, &webhook.base());
    let told = |what: &str, path: &str, status: &str, count: usize| {
        wait_for(what, || {
            let requests = webhook.requests();
            let of_status = |payload: &Value| {
                payload["alerts"]
                    .as_array()
                    .is_some_and(|all| all.iter().filter(|one| one["status"] == status).count() == count)
            };
            requests.iter().any(|request| request.path == path && of_status(&request.json())).then_some(())
        });
    };
    let third = [("alertname", "disk"), ("instance", "db-3")];
    let alerts = [
        alert(&[("alertname", "disk"), ("instance", "db-1")], false),
        alert(&[("alertname", "disk"), ("instance", "db-2"), ("note", "größer ✓")], false),
        alert(&third, false),
        alert(&[("alertname", "cpu"), ("severity", "critical")], false),
    ];
    alertmanager.post("/api/v2/alerts", &json!(alerts));
    for (path, count) in [("/a", 3), ("/b", 3), ("/c", 1)] {
        told("the first notifications", path, "firing", count);
    }
    alertmanager.post("/api/v2/alerts", &json!([alert(&third, true)]));
    for path in ["/a", "/b"] {
        told("the notifications of the end", path, "resolved", 1);
    }
    let start = jiff::Timestamp::now().to_string();
    let every_operator = [
        ("alertname", "disk", false, true),
        ("instance", "db-.*", true, true),
        ("severity", "info", false, false),
        ("team", "a|b", true, false),
    ];
    alertmanager.post("/api/v2/silences", &silence("all four operators", &start, &every_operator));
    alertmanager.post("/api/v2/silences", &silence("in the future", "2125-12-01T00:00:00Z", &every_operator[..1]));
    alertmanager.end()
}

/// The proof of `LabelSet::notification_hash` too: the hashes in the file are those of the alerts.
#[test]
fn the_files_of_the_real_program_are_understood() {
    let Some(program) = peers::alertmanager() else { return };
    let Left { silences, log, .. } = recorded(&program, &HttpServer::start(|_| Reply::text(200, "")));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/takeover/fixtures");
        std::fs::write(fixtures.join("silences"), &silences).unwrap();
        std::fs::write(fixtures.join("nflog"), &log).unwrap();
    }
    let now = Time::from(jiff::Timestamp::now());

    let taken = takeover::silences(&silences, now).unwrap();
    assert_eq!((taken.refused.len(), taken.split.len()), (0, 0));
    let mut matchers: Vec<_> =
        taken.silences.iter().map(|one| (one.comment.as_str(), one.matchers.to_string())).collect();
    matchers.sort();
    let all = r#"{alertname="disk",instance=~"db-.*",severity!="info",team!~"a|b"}"#;
    let expected = [("all four operators", all.to_owned()), ("in the future", r#"{alertname="disk"}"#.to_owned())];
    assert_eq!(matchers, expected);
    assert!(taken.silences.iter().all(|one| one.ends_at == Time::parse(LONG).unwrap()));

    let log = takeover::notification_log(&log, now).unwrap();
    let keys: Vec<_> =
        log.iter().map(|one| (one.group_key.as_str(), one.receiver.as_str(), one.kind.as_str(), one.index)).collect();
    let expected = [
        (r#"{}/{severity="critical"}:{alertname="cpu"}"#, "ops", "webhook", 0),
        (r#"{}:{alertname="disk"}"#, "team", "webhook", 0),
        (r#"{}:{alertname="disk"}"#, "team", "webhook", 1),
    ];
    assert_eq!(keys, expected);
    let hash = |pairs: &[(&str, &str)]| pairs.iter().copied().collect::<LabelSet>().notification_hash();
    assert_eq!(log[0].firing, [hash(&[("alertname", "cpu"), ("severity", "critical")])]);
    let mut firing = [
        hash(&[("alertname", "disk"), ("instance", "db-1")]),
        hash(&[("alertname", "disk"), ("instance", "db-2"), ("note", "größer ✓")]),
    ];
    firing.sort_unstable();
    for one in &log[1..] {
        assert_eq!(one.firing, firing);
        assert_eq!(one.resolved, [hash(&[("alertname", "disk"), ("instance", "db-3")])]);
    }
}

/// Alertmanager is stopped, wirephoto is started on its folder: its silences are there, nothing is announced again, and what ends is
/// told to those who were told that it fires.
#[test]
fn wirephoto_goes_on_where_alertmanager_stopped() {
    let Some(program) = peers::alertmanager() else { return };
    let webhook = HttpServer::start(|_| Reply::text(200, ""));
    let left = recorded(&program, &webhook);
    let before = webhook.requests().len();
    let base = webhook.base();
    let hook = |path: &str| format!("[[receivers.webhook_configs]]\nurl = \"{base}{path}\"\n");
    let config = format!(
        "[route]\nreceiver = \"team\"\ngroup_by = [\"alertname\"]\ngroup_wait = \"1s\"\ngroup_interval = \"1s\"\n\
         repeat_interval = \"4h\"\n[[route.routes]]\nreceiver = \"ops\"\nmatchers = ['severity=\"critical\"']\n\
         [[receivers]]\nname = \"team\"\n{}{}[[receivers]]\nname = \"ops\"\n{}",
        hook("/a"),
        hook("/b"),
        hook("/c"),
    );
    let data = left.folder.path().join("data");
    let mut server = Server::start_with(&config, Some(&data), &[]);
    let line = server.log();
    let line = line
        .lines()
        .find(|line| line.contains("took over Alertmanager's silences"))
        .expect("a line says so")
        .to_owned();
    assert!(line.contains("silences=2") && line.contains("notification_log_entries=3"), "{line}");

    let cpu = [("alertname", "cpu"), ("severity", "critical")];
    let quiet = [("alertname", "disk"), ("instance", "db-1")];
    server.alerts(&json!([alert(&cpu, false), alert(&quiet, false)]));
    pause(Duration::from_secs(4));
    assert_eq!(webhook.requests().len(), before, "announced again");
    assert_eq!(
        server.metric("alertmanager_notifications_suppressed_total", &["silence"]).min(1.0),
        1.0,
        "the silence holds"
    );
    server.alerts(&json!([alert(&cpu, true)]));
    let told = wait_for("the end of what was told to fire", || webhook.requests().get(before).cloned());
    assert_eq!((told.path.as_str(), &told.json()["status"]), ("/c", &json!("resolved")));

    assert!(server.terminate(Duration::from_secs(30)).success());
    std::fs::write(data.join("silences"), b"not what it was").unwrap();
    server.restart();
    assert!(server.log().contains("is not taken over"), "who changes the file later is told");
    assert_eq!(std::fs::read(data.join("nflog")).unwrap(), left.log, "the files are untouched");
}
