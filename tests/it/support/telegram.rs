//! A real Bot API server of others' making, and the messages that it has.
//!
//! The server is npm's `telegram-test-api`; it shares no code with what is tested. Deliberately unknown here: the messages' texts.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use super::{client, process::Process, wait_for};

pub const TOKEN: &str = "123456:the-tests-own-token";
pub const CHAT: i64 = 42;

pub struct BotApi {
    _process: Process,
    base: String,
}

impl BotApi {
    /// Starts the server with the node and the package that were found.
    pub fn start((node, package): &(PathBuf, PathBuf)) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/telegram_server.js");
        let mut process = Process::start(Command::new(node).arg(script).arg(package));
        let address = process.wait_for_output("its address", |output| {
            output.lines().find_map(|line| line.strip_prefix("listening on ").map(str::to_owned))
        });
        Self { _process: process, base: format!("http://{address}") }
    }

    /// A `[[receivers.telegram_configs]]` table that leads here.
    pub fn config(&self, more: &str) -> String {
        format!(
            "[[receivers.telegram_configs]]\napi_url = \"{}\"\nbot_token = \"{TOKEN}\"\nchat_id = {CHAT}\n{more}\n",
            self.base
        )
    }

    /// The bot's messages as they are now, in order.
    pub fn messages(&self) -> Vec<Value> {
        let answer = client::post(&format!("{}/getUpdatesHistory", self.base), json!({"token": TOKEN}).to_string());
        let history = answer.json();
        let entries = history["result"].as_array().unwrap_or_else(|| panic!("a list: {history}"));
        entries.iter().map(|entry| entry["message"].clone()).collect()
    }

    /// Waits until the bot has messages of which the last one's text has these words.
    pub fn wait_for(&self, words: &str) -> Vec<Value> {
        wait_for(&format!("a message at Telegram with {words:?}, so far {:?}", self.messages()), || {
            let messages = self.messages();
            let last = messages.last().and_then(|message| message["text"].as_str());
            last.is_some_and(|text| text.contains(words)).then_some(messages)
        })
    }
}
