//! The real peers: programs that the tests talk to and do not bring along.
//!
//! `tests/run` installs them and sets `WIREPHOTO_TEST_PEERS=required`, which makes a missing one a failure. Without it a test whose
//! peer is missing says so and passes. Deliberately unknown here: what the peers are used for.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A Prometheus server (Debian's package `prometheus`).
pub fn prometheus() -> Option<PathBuf> {
    found("prometheus", on_path(&["prometheus"]))
}

/// Debian's Alertmanager (package `prometheus-alertmanager`).
pub fn alertmanager() -> Option<PathBuf> {
    found("prometheus-alertmanager", on_path(&["prometheus-alertmanager"]))
}

/// Alertmanager's command line tool (Debian's package `prometheus-alertmanager`).
pub fn amtool() -> Option<PathBuf> {
    found("amtool", on_path(&["amtool"]))
}

/// A Python with an SMTP server (`aiosmtpd` from pip).
pub fn aiosmtpd() -> Option<PathBuf> {
    python_with("aiosmtpd")
}

/// A Python with Amazon's services for tests (`moto[server]` from pip).
pub fn moto() -> Option<PathBuf> {
    python_with("moto.server")
}

fn python_with(module: &str) -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join(".tools/venv/bin/python");
    let pythons = [Some(own), on_path(&["python3"])].into_iter().flatten();
    found(module, pythons.into_iter().find(|python| has_module(python, module)))
}

/// Node (Debian's package `nodejs`), and a server of Telegram's Bot API for it (`telegram-test-api` from npm).
pub fn telegram_test_api() -> Option<(PathBuf, PathBuf)> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join(".tools/node/node_modules/telegram-test-api");
    let package = found("telegram-test-api", package.is_dir().then_some(package))?;
    Some((found("node", on_path(&["node", "nodejs"]))?, package))
}

/// A browser without a window (Debian's package `chromium`).
pub fn chromium() -> Option<PathBuf> {
    found("chromium", on_path(&["chromium", "chromium-browser", "google-chrome"]))
}

fn found(name: &str, path: Option<PathBuf>) -> Option<PathBuf> {
    if path.is_none() {
        let required = std::env::var("WIREPHOTO_TEST_PEERS").is_ok_and(|value| value == "required");
        assert!(!required, "the real peer {name} is missing, and WIREPHOTO_TEST_PEERS says that it is required");
        say(name);
    }
    path
}

/// Past the test runner, which keeps what passing tests print to itself.
fn say(name: &str) {
    use std::io::Write;
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let line = format!("\n!! real peer missing: {name}; {test} is not run (tests/run installs what is missing)\n");
    // where the terminal is gone there is nobody to tell
    let _ = std::io::stderr().write_all(line.as_bytes());
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    names
        .iter()
        .find_map(|name| std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file()))
}

fn has_module(python: &Path, module: &str) -> bool {
    let import = format!("import {module}");
    let mut command = Command::new(python);
    command.args(["-c", &import]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
