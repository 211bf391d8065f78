//! A program under Alertmanager's flags: the built server, or Debian's Alertmanager as the oracle.
//!
//! Deliberately unknown here: what is asked of it.

use std::{
    path::PathBuf,
    process::{Command, ExitStatus},
    sync::Mutex,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{
    client::{self, Answer},
    peers,
    process::Process,
    server::listening,
    wait_for,
};

/// Which program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The built server.
    Wirephoto,
    /// Debian's Alertmanager, 0.25.
    Debian,
}

/// A running program with a folder of its own.
pub struct Program {
    kind: Kind,
    folder: TempDir,
    flags: Vec<String>,
    process: Process,
    log_before: String,
    /// `http://127.0.0.1:PORT`. Another port after a restart.
    pub base: String,
    /// When its process was started.
    pub started: Instant,
}

/// One start at a time: two cores start twenty programs no faster side by side, only all of them later.
static STARTING: Mutex<()> = Mutex::new(());

impl Program {
    /// Starts it with this configuration file and further flags.
    pub fn start(kind: Kind, config: &str, flags: &[&str]) -> Self {
        Self::start_in(kind, tempfile::tempdir().expect("a folder"), config, flags)
    }

    /// Starts it in a folder in which another has run, on the data that it left.
    pub fn start_in(kind: Kind, folder: TempDir, config: &str, flags: &[&str]) -> Self {
        std::fs::write(folder.path().join("alertmanager.yml"), config).expect("a configuration");
        let flags: Vec<String> = flags.iter().map(ToString::to_string).collect();
        let (process, base, started) = launch(kind, &folder, &flags);
        Self { kind, folder, flags, process, log_before: String::new(), base, started }
    }

    /// Starts it again on the same data; it must have ended.
    pub fn restart(&mut self) {
        self.log_before = self.log();
        (self.process, self.base, self.started) = launch(self.kind, &self.folder, &self.flags);
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Asks it to end and waits until it has.
    pub fn terminate(&mut self) -> ExitStatus {
        self.process.terminate();
        self.process.wait(Duration::from_secs(40))
    }

    /// Ends it in good order; the folder stays.
    pub fn into_folder(mut self) -> TempDir {
        let status = self.terminate();
        assert!(status.success(), "{status}:\n{}", self.log());
        self.folder
    }

    pub fn reload(&self) -> Answer {
        self.post("/-/reload", "")
    }

    /// Tells it to read its configuration again, as `kill -HUP` does.
    pub fn hang_up(&self) {
        self.process.signal("-HUP");
    }

    pub fn log(&self) -> String {
        format!("{}{}", self.log_before, self.process.output())
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub fn get(&self, path: &str) -> Answer {
        client::get(&self.url(path))
    }

    pub fn post(&self, path: &str, json: impl Into<reqwest::Body>) -> Answer {
        client::post(&self.url(path), json)
    }

    pub fn delete(&self, path: &str) -> Answer {
        client::delete(&self.url(path))
    }

    /// Posts alerts that must be taken.
    pub fn alerts(&self, alerts: &Value) {
        let answer = self.post("/api/v2/alerts", alerts.to_string());
        assert_eq!(answer.status, 200, "{alerts}: {}", answer.text());
    }

    /// What a path answers, which must be 200 with JSON.
    pub fn json(&self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// The alerts that a query lists.
    pub fn listed(&self, query: &str) -> Vec<Value> {
        self.json(&format!("/api/v2/alerts{query}")).as_array().expect("a list").clone()
    }

    /// Creates or changes a silence; its id.
    pub fn silence(&self, silence: &Value) -> String {
        let answer = self.post("/api/v2/silences", silence.to_string());
        assert_eq!(answer.status, 200, "{silence}: {}", answer.text());
        answer.json()["silenceID"].as_str().expect("an id").to_owned()
    }

    pub fn expire(&self, silence: &str) {
        let answer = self.delete(&format!("/api/v2/silence/{silence}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

/// The program's file.
pub fn path(kind: Kind) -> PathBuf {
    match kind {
        Kind::Wirephoto => env!("CARGO_BIN_EXE_wirephoto").into(),
        Kind::Debian => peers::alertmanager().expect("looked for before"),
    }
}

fn launch(kind: Kind, folder: &TempDir, flags: &[String]) -> (Process, String, Instant) {
    let _one_at_a_time = STARTING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut command = Command::new(path(kind));
    command.current_dir(folder.path()).env_remove("RUST_LOG").args([
        "--config.file=alertmanager.yml",
        "--log.level=debug",
        "--web.listen-address=127.0.0.1:0",
        "--storage.path=data",
        "--cluster.listen-address=127.0.0.1:0",
        "--cluster.settle-timeout=0s",
    ]);
    let started = Instant::now();
    let mut process = Process::start(command.args(flags));
    let address = process.wait_for_output("the line with the address", |output| listening(output, "address"));
    let base = format!("http://{address}");
    let prefix = flags.iter().find_map(|flag| flag.strip_prefix("--web.route-prefix=")).unwrap_or_default();
    wait_for("the program to be ready", || {
        client::try_get(&format!("{base}{prefix}/-/ready")).is_ok_and(|answer| answer.status == 200).then_some(())
    });
    (process, base, started)
}
