//! A server that answers as Slack's Web API does, to a bot that posts a message and uploads its pictures.
//!
//! Refuses what Slack refuses: a call without the token, an upload with it. Deliberately unknown here: the message.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::json;

use super::{
    http_server::{HttpServer, Recorded, Reply},
    wait_for,
};

pub const TOKEN: &str = "xoxb-the-tests-own-token";

pub struct Slack {
    server: HttpServer,
}

impl Slack {
    pub fn start() -> Self {
        let host = Arc::new(Mutex::new(String::new()));
        let known = host.clone();
        let server = HttpServer::start(move |request| answer(request, &known.lock().unwrap()));
        *host.lock().unwrap() = server.base();
        Self { server }
    }

    /// A `[[receivers.slack_configs]]` table that leads here.
    pub fn config(&self) -> String {
        format!(
            "[[receivers.slack_configs]]\napi_url = \"{}/api\"\napp_token = \"{TOKEN}\"\nchannel = \"#alerts\"\nsend_resolved = true\n",
            self.server.base()
        )
    }

    /// What was called, in order: the methods' names, and `upload`.
    pub fn calls(&self) -> Vec<String> {
        self.server.requests().iter().map(|request| name(&request.path).to_owned()).collect()
    }

    pub fn requests(&self) -> Vec<Recorded> {
        self.server.requests()
    }

    /// Waits until so many calls came.
    pub fn wait_for(&self, count: usize) -> Vec<Recorded> {
        wait_for(&format!("{count} calls at Slack, so far {:?}", self.calls()), || {
            let requests = self.requests();
            (requests.len() >= count).then_some(requests)
        })
    }
}

fn name(path: &str) -> &str {
    match path.strip_prefix("/api/") {
        Some(method) => method,
        None if path.starts_with("/upload/") => "upload",
        None => path,
    }
}

fn answer(request: &Recorded, base: &str) -> Reply {
    let authorised = request.header("authorization") == Some(&format!("Bearer {TOKEN}"));
    match name(&request.path) {
        // the address is permission enough: a token there would be a leak
        "upload" if request.header("authorization").is_some() => Reply::text(400, "a token does not belong here"),
        "upload" => Reply::text(200, &format!("OK - {}", request.body.len())).after(Duration::from_millis(20)),
        _ if !authorised => Reply::json(&json!({"ok": false, "error": "not_authed"})),
        "chat.postMessage" => Reply::json(&json!({"ok": true, "channel": "C024BE91L", "ts": "1700000000.000100"})),
        "files.getUploadURLExternal" => {
            Reply::json(&json!({"ok": true, "upload_url": format!("{base}/upload/1"), "file_id": "F0123456789"}))
        }
        "files.completeUploadExternal" => Reply::json(&json!({"ok": true, "files": [{"id": "F0123456789"}]})),
        _ => Reply::json(&json!({"ok": false, "error": "unknown_method"})),
    }
}
