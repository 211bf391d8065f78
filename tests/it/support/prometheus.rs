//! A real Prometheus with a rule of the test's own, the thing that it scrapes, and its line to the server under test.
//!
//! Deliberately unknown here: what the server makes of its alerts.

use std::{
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
};

use tempfile::TempDir;

use super::{
    http_server::{HttpServer, Reply},
    process::Process,
    wait_for,
};

/// A scraped program whose gauges the test sets: `queue_length{queue="..."}`.
pub struct Exporter {
    server: HttpServer,
    gauges: Arc<Mutex<Vec<(String, f64)>>>,
}

impl Exporter {
    pub fn start(gauges: &[(&str, f64)]) -> Self {
        let gauges = gauges.iter().map(|(queue, value)| ((*queue).to_owned(), *value)).collect();
        let gauges: Arc<Mutex<Vec<(String, f64)>>> = Arc::new(Mutex::new(gauges));
        let shown = gauges.clone();
        let server = HttpServer::start(move |_| {
            let lines = shown
                .lock()
                .unwrap()
                .iter()
                .map(|(queue, value)| format!("queue_length{{queue=\"{queue}\"}} {value}\n"))
                .collect::<String>();
            Reply::new(200, "text/plain; version=0.0.4", lines)
        });
        Self { server, gauges }
    }

    /// Sets all gauges at once: a scrape sees all of them or none.
    pub fn set_all(&self, value: impl Fn(&str) -> f64) {
        self.gauges.lock().unwrap().iter_mut().for_each(|(queue, old)| *old = value(queue));
    }

    /// How often it was scraped.
    pub fn scrapes(&self) -> usize {
        self.server.requests().len()
    }

    fn target(&self) -> String {
        self.server.base().trim_start_matches("http://").to_owned()
    }
}

pub struct Prometheus {
    _process: Process,
    _folder: TempDir,
}

/// Its address is chosen before it runs: alerts carry it, and wirephoto asks there.
pub struct Place(std::net::SocketAddr);

impl Place {
    /// A free port on a loopback address of its own, where no client's port can take its place.
    pub fn new() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.78:0").expect("a free port");
        Self(listener.local_addr().expect("an address"))
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.0)
    }
}

impl Prometheus {
    /// Starts it: scrapes and evaluates every second, sends its alerts to `alertmanager` (`http://HOST:PORT`).
    pub fn start(program: &Path, place: &Place, exporter: &Exporter, rules: &str, alertmanager: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
        write("rules.yml", rules);
        write("prometheus.yml", &config(&exporter.target(), alertmanager.trim_start_matches("http://")));
        let mut command = Command::new(program);
        command.current_dir(folder.path()).args([
            "--config.file=prometheus.yml",
            "--storage.tsdb.path=data",
            "--rules.alert.resend-delay=5s",
            &format!("--web.listen-address={}", place.0),
            &format!("--web.external-url={}", place.base()),
        ]);
        let process = Process::start(&mut command);
        let ready = format!("{}/-/ready", place.base());
        wait_for("Prometheus to be ready", || {
            super::client::try_get(&ready).is_ok_and(|answer| answer.status == 200).then_some(())
        });
        Self { _process: process, _folder: folder }
    }
}

fn config(target: &str, alertmanager: &str) -> String {
    format!(
        "global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\n  evaluation_interval: 1s\n\
         rule_files: [rules.yml]\n\
         alerting:\n  alertmanagers:\n    - static_configs: [{{targets: ['{alertmanager}']}}]\n\
         scrape_configs:\n  - job_name: queues\n    static_configs: [{{targets: ['{target}']}}]\n"
    )
}
