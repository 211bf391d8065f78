//! The built server on a configuration and a data directory of the test's own.
//!
//! Deliberately unknown here: what the test does with it.

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

use super::{client, process::Process, wait_for};

pub struct Server {
    process: Process,
    /// Where it listens: `http://127.0.0.1:PORT`. Another port after a restart.
    pub base: String,
    home: Home,
    log_before: String,
}

/// The files of a server; they outlive its process.
struct Home {
    folder: TempDir,
    data: PathBuf,
    wrapper: Vec<String>,
}

impl Server {
    /// Starts the server and waits until it is ready.
    pub fn start(config: &str) -> Self {
        Self::start_with(config, None, &[])
    }

    /// Starts it with the data in a given place, below another program (`sh -c ...`) where `wrapper` is not empty.
    pub fn start_with(config: &str, data: Option<&Path>, wrapper: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("wirephoto.toml"), config).expect("a configuration");
        let data = data.map_or_else(|| folder.path().join("data"), Path::to_owned);
        let home = Home { folder, data, wrapper: wrapper.iter().map(ToString::to_string).collect() };
        let (process, base) = home.launch();
        Self { process, base, home, log_before: String::new() }
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Asks it to end and waits until it has.
    pub fn terminate(&mut self, patience: Duration) -> ExitStatus {
        self.process.terminate();
        self.process.wait(patience)
    }

    /// Starts it again on the same data; it must have ended.
    pub fn restart(&mut self) {
        self.log_before = self.log();
        (self.process, self.base) = self.home.launch();
    }

    /// Everything that it has logged, since its first start.
    pub fn log(&self) -> String {
        format!("{}{}", self.log_before, self.process.output())
    }

    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Where its configuration lies (`wirephoto.toml`), and its `data`.
    pub fn folder(&self) -> &Path {
        self.home.folder.path()
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub fn get(&self, path: &str) -> client::Answer {
        client::get(&self.url(path))
    }

    /// Posts alerts in Alertmanager's shape.
    pub fn post_alerts(&self, alerts: &Value) -> client::Answer {
        client::post(&self.url("/api/v2/alerts"), alerts.to_string())
    }

    /// Posts alerts that must be taken.
    pub fn alerts(&self, alerts: &Value) {
        let answer = self.post_alerts(alerts);
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// The alerts that `GET /api/v2/alerts` lists.
    pub fn listed(&self) -> Vec<Value> {
        let answer = self.get("/api/v2/alerts");
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json().as_array().expect("a list").clone()
    }

    pub fn is_ready(&self) -> bool {
        client::try_get(&self.url("/-/ready")).is_ok_and(|answer| answer.status == 200)
    }

    /// The sum of a metric over the series that have these words in their labels.
    pub fn metric(&self, name: &str, words: &[&str]) -> f64 {
        let text = self.get("/metrics").text();
        let series =
            text.lines().filter(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' '])));
        let chosen = series.filter(|line| words.iter().all(|word| line.contains(word)));
        chosen.map(|line| line.rsplit(' ').next().and_then(|value| value.parse::<f64>().ok()).expect("a value")).sum()
    }

    /// The link to the same picture with another end (seconds since 1970), signed with the server's own key.
    pub fn signed_link(&self, link: &str, end: i64) -> String {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        use hmac::{Hmac, Mac};
        let (place, _) = link.split_once(".png?").expect("a link to a picture");
        let name = place.rsplit('/').next().expect("a name");
        let key = std::fs::read(self.home.data.join("images.key")).expect("the key that links are signed with");
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).expect("any length will do");
        mac.update(format!("{name}\n{end}").as_bytes());
        format!("{place}.png?e={end}&s={}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    /// Waits until a metric has reached a value.
    pub fn wait_for_metric(&self, name: &str, words: &[&str], least: f64) {
        wait_for(&format!("{name} {words:?} to reach {least}"), || (self.metric(name, words) >= least).then_some(()));
    }
}

impl Home {
    fn launch(&self) -> (Process, String) {
        let program = env!("CARGO_BIN_EXE_wirephoto");
        let mut command = match self.wrapper.split_first() {
            None => Command::new(program),
            Some((wrapper, arguments)) => {
                let mut command = Command::new(wrapper);
                command.args(arguments).arg(program);
                command
            }
        };
        command.arg("--config").arg(self.folder.path().join("wirephoto.toml"));
        command.args(["--listen", "127.0.0.1:0", "--data-dir"]).arg(&self.data);
        command.env_remove("RUST_LOG").current_dir(self.folder.path());
        let mut process = Process::start(&mut command);
        let address = process.wait_for_output("the line with the address", |output| listening(output, "address"));
        let base = format!("http://{address}");
        wait_for("the server to be ready", || {
            // 401: it asks for a login, also here
            let ready = |answer: client::Answer| [200, 401].contains(&answer.status);
            client::try_get(&format!("{base}/-/ready")).is_ok_and(ready).then_some(())
        });
        (process, base)
    }
}

/// A field of the line that says where the server listens.
pub fn listening(output: &str, field: &str) -> Option<String> {
    let line = output.lines().find(|line| line.contains("Listening on"))?;
    let value = line.split_whitespace().find_map(|word| word.strip_prefix(field)?.strip_prefix('='))?;
    let value = value.trim_matches('"');
    Some(value.strip_prefix("Some(").and_then(|value| value.strip_suffix(')')).unwrap_or(value).to_owned())
}
