//! The warm browser never outlives its server, however that dies; what is left of folders goes at the next start.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use serde_json::json;
use tempfile::TempDir;

use crate::support::{
    alerts::{QUICK, alert, config},
    http_server::{HttpServer, Reply},
    peers,
    server::Server,
    wait_for,
    webhook::Webhook,
};

const PAGE: &str = "<!doctype html><html style=\"height:100%\"><body style=\"margin:0;height:100%;background:repeating-linear-gradient(#fff 0 9px,#237 9px 18px)\">";

/// The processes whose command lines name the folder.
fn processes(folder: &Path) -> Vec<String> {
    let mark = folder.display().to_string();
    let all = fs::read_dir("/proc").expect("Linux").flatten();
    let lines = all.filter_map(|entry| fs::read_to_string(entry.path().join("cmdline")).ok());
    lines.filter(|line| line.contains(&mark)).collect()
}

fn left_in(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()).collect()
}

/// A folder with a `setpriv` that cannot do what the kernel is asked for with it.
fn without_setpriv() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("setpriv");
    fs::write(&path, "#!/bin/sh\nexit 1\n").expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("allowed");
    folder
}

fn check(first_on_path: &Path) {
    if peers::chromium().is_none() {
        return;
    }
    let temporary = tempfile::tempdir().expect("a folder");
    let webhook = Webhook::start();
    let mut page = HttpServer::down(|_| Reply::new(200, "text/html", PAGE));
    page.up();
    let sections = format!(
        "[[panels]]\nmatchers = ['alertname=\"Page\"']\npage_url = '{}/'\n\
         [screenshots]\nrenderers = [\"chromium\"]\ncapture_timeout = \"30s\"\nimage_wait = \"30s\"\n\
         [chromium]\nsandbox = false\n",
        page.base()
    );
    let path = format!("PATH={}:{}", first_on_path.display(), std::env::var("PATH").expect("a path"));
    let tmpdir = format!("TMPDIR={}", temporary.path().display());
    let mut server = Server::start_with(&config(&sections, QUICK, &[webhook.config()]), None, &["env", &path, &tmpdir]);
    server.alerts(&json!([alert("Page", "db-1")]));
    assert_eq!(webhook.wait_for(1)[0].images().len(), 1, "{}", server.log());
    assert!(!processes(temporary.path()).is_empty(), "the browser is warm");

    server.kill();
    wait_for("the browser's end", || processes(temporary.path()).is_empty().then_some(()));
    assert_eq!(left_in(temporary.path()).len(), 1, "nobody was there to remove it");
    server.restart();
    assert_eq!(left_in(temporary.path()), Vec::<PathBuf>::new());
}

#[test]
fn kill_9_ends_the_browser() {
    check(Path::new("/nowhere"));
}

#[test]
fn kill_9_ends_the_browser_where_the_kernel_is_not_asked_to() {
    check(without_setpriv().path());
}
