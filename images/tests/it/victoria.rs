//! The real VictoriaMetrics and its vmalert: a panel of imported series, and an alert whose link leads to its picture.
//!
//! Without `WIREPHOTO_TEST_PEERS=required` they are left out where they are not installed.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use alerts::{
    LabelSet, Status, Time,
    ports::{Capture, Rendered},
};
use serde::Deserialize;

use crate::{
    fake::{Fake, Reply},
    world::{capture, native, render, source},
};

/// The longest that a peer may take for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that ends with its test.
struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A started program and its address.
fn start(program: &str, arguments: &[&str]) -> (Peer, String) {
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    let mut command = Command::new(program);
    command.args(arguments).arg(format!("-httpListenAddr=127.0.0.1:{port}"));
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    (Peer(child), format!("http://127.0.0.1:{port}"))
}

fn installed(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).any(|folder| folder.join(program).is_file());
    let required = std::env::var_os("WIREPHOTO_TEST_PEERS").is_some_and(|value| value == "required");
    assert!(
        found || !required,
        "the real peer {program} is missing, and WIREPHOTO_TEST_PEERS says that it is required"
    );
    found
}

/// Repeats until there is something.
async fn until<T>(what: &str, attempt: impl AsyncFn() -> Option<T>) -> T {
    let began = tokio::time::Instant::now();
    loop {
        if let Some(found) = attempt().await {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{what} took too long");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A VictoriaMetrics with `load{instance="a"}`, which rose from 3 to 10 five minutes ago.
async fn victoria(folder: &Path, now: i64) -> (Peer, String) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let storage = format!("-storageDataPath={}", folder.display());
    let (peer, url) = start("victoria-metrics", &[&storage, "-search.latencyOffset=1ms", "-retentionPeriod=100y"]);
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let get = async |path: &str| client.get(format!("{url}{path}")).send().await.ok()?.error_for_status().ok();
    until("VictoriaMetrics' start", async || get("/health").await).await;
    let sample =
        |ago: i64| format!("load{{instance=\"a\"}} {} {}\n", if ago > 300 { 3 } else { 10 }, (now - ago) * 1_000);
    let samples: String = (0..=120).rev().map(|n| sample(n * 15)).collect();
    let imported = client.post(format!("{url}/api/v1/import/prometheus")).body(samples).send().await;
    imported.expect("an answer").error_for_status().expect("it is taken");
    until("a flush", async || get("/internal/force_flush").await).await;
    (peer, url)
}

#[expect(clippy::disallowed_methods, reason = "the real peers have the real time")]
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// Something that happened now.
fn at(now: i64, expression: &str) -> Capture {
    let at = Time::from_secs(now);
    Capture { at, starts_at: at.minus(Duration::from_secs(60)), fired_at: at, ..capture(expression) }
}

fn check(rendered: &Rendered, expected: &str) {
    assert!(rendered.alt.contains(expected), "{}", rendered.alt);
    assert!(rendered.png.starts_with(b"\x89PNG"));
}

#[tokio::test]
async fn imported_series_are_drawn() {
    if !installed("victoria-metrics") {
        return;
    }
    let (folder, now) = (tempfile::tempdir().expect("a folder"), now());
    let (_peer, url) = victoria(folder.path(), now).await;
    let native = native(source(&url));
    check(&render(&native, &at(now, "load > 8")).await.expect("a picture"), "is at 10, above the threshold of 8");
    // MetricsQL, which no parser of PromQL takes, is drawn whole
    check(&render(&native, &at(now, "keep_last_value(load)")).await.expect("a picture"), "is at 10");
    let error = render(&native, &at(now, "load >")).await.expect_err("no query");
    assert!(error.detail.starts_with("422 Unprocessable Entity: error when executing query"), "{error}");
}

/// What vmalert posts.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Posted {
    labels: LabelSet,
    annotations: LabelSet,
    #[serde(rename = "generatorURL")]
    generator_url: String,
}

const RULES: &str = "groups:
- name: machines
  interval: 1s
  rules:
  - alert: Busy
    expr: load > 5
    labels: {level: low}
    annotations: {summary: 'busy'}
  - alert: Busy
    expr: load > 8
    annotations: {summary: 'very busy'}
";

#[tokio::test]
async fn the_link_of_vmalert_leads_to_the_very_rule() {
    if !installed("victoria-metrics") || !installed("vmalert") {
        return;
    }
    let (folder, now) = (tempfile::tempdir().expect("a folder"), now());
    let (_peer, url) = victoria(&folder.path().join("data"), now).await;
    let listener = Fake::start(|_| Reply::json("{}")).await;
    let rules = folder.path().join("rules.yml");
    std::fs::write(&rules, RULES).expect("written");
    let arguments = [
        format!("-rule={}", rules.display()),
        format!("-datasource.url={url}"),
        format!("-notifier.url={}", listener.url),
    ];
    let (_vmalert, vmalert) = start("vmalert", &arguments.each_ref().map(String::as_str));

    let posted = until("the alert", async || {
        let requests = listener.requests();
        let posts = requests.iter().map(|post| serde_json::from_str::<Vec<Posted>>(&post.body).expect("alerts"));
        let all: Vec<Posted> = posts.flatten().collect();
        let of = |summary: &str| all.iter().find(|alert| alert.annotations.value("summary") == summary).cloned();
        Some([of("busy")?, of("very busy")?])
    })
    .await;
    let mut config = source(&url);
    config.rules_url = Some(vmalert);
    let native = native(config);
    for (alert, expected) in posted.into_iter().zip(["threshold of 5", "threshold of 8"]) {
        assert!(alert.generator_url.contains("group_id="), "{}", alert.generator_url);
        let wanted = Capture {
            transition: Status::Firing,
            labels: alert.labels,
            annotations: alert.annotations,
            generator_url: alert.generator_url,
            ..at(now, "")
        };
        check(&render(&native, &wanted).await.expect("a picture"), expected);
    }
}
