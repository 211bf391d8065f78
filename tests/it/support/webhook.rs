//! A webhook receiver: keeps every notification, and fails as the test has scripted.
//!
//! Deliberately unknown here: who sends.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use serde_json::Value;

use super::{
    http_server::{HttpServer, Recorded, Reply},
    wait_for,
};

pub struct Webhook {
    server: HttpServer,
    taken: Arc<Mutex<Vec<Taken>>>,
}

/// A notification that was answered with 200.
#[derive(Clone, Debug)]
pub struct Taken {
    pub payload: Value,
    pub idempotency_key: String,
}

impl Taken {
    pub fn status(&self) -> &str {
        self.payload["status"].as_str().expect("a status")
    }

    pub fn images(&self) -> &Vec<Value> {
        self.payload["images"].as_array().expect("images")
    }

    pub fn alerts(&self) -> &Vec<Value> {
        self.payload["alerts"].as_array().expect("alerts")
    }

    /// The values of a label over all alerts, sorted.
    pub fn values(&self, label: &str) -> Vec<&str> {
        let mut values: Vec<_> = self.alerts().iter().filter_map(|alert| alert["labels"][label].as_str()).collect();
        values.sort_unstable();
        values
    }
}

impl Webhook {
    /// A receiver that takes everything.
    pub fn start() -> Self {
        let mut receiver = Self::scripted([]);
        receiver.server.up();
        receiver
    }

    /// A receiver whose host refuses connections until [`Webhook::up`].
    pub fn down() -> Self {
        Self::scripted([])
    }

    /// A receiver that first answers so, one after the other, and then takes everything. It is down at first.
    pub fn scripted(script: impl IntoIterator<Item = Reply>) -> Self {
        Self::new(script, |request| request.header("idempotency-key").expect("an idempotency key").to_owned())
    }

    /// A receiver of whoever sends no idempotency keys. It is down at first.
    pub fn without_keys() -> Self {
        Self::new([], |request| request.header("idempotency-key").unwrap_or_default().to_owned())
    }

    fn new(script: impl IntoIterator<Item = Reply>, key: fn(&Recorded) -> String) -> Self {
        let script = Mutex::new(script.into_iter().collect::<VecDeque<_>>());
        let taken: Arc<Mutex<Vec<Taken>>> = Arc::default();
        let kept = taken.clone();
        let server = HttpServer::down(move |request| {
            let reply = script.lock().unwrap().pop_front().unwrap_or_else(|| Reply::text(200, ""));
            if reply.status == 200 {
                kept.lock().unwrap().push(Taken { payload: request.json(), idempotency_key: key(request) });
            }
            reply
        });
        Self { server, taken }
    }

    pub fn up(&mut self) {
        self.server.up();
    }

    /// Where it takes notifications.
    pub fn url(&self) -> String {
        format!("{}/hook", self.server.base())
    }

    /// A `[[receivers.webhook_configs]]` table that leads here.
    pub fn config(&self) -> String {
        format!("[[receivers.webhook_configs]]\nurl = \"{}\"\nsend_resolved = true\ntimeout = \"5s\"\n", self.url())
    }

    /// The notifications that were taken, in order.
    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap().clone()
    }

    /// Everything that came, also what was refused.
    pub fn attempts(&self) -> Vec<Recorded> {
        self.server.requests()
    }

    /// Waits until so many notifications were taken.
    pub fn wait_for(&self, count: usize) -> Vec<Taken> {
        wait_for(&format!("{count} notifications at the webhook"), || {
            let taken = self.taken();
            (taken.len() >= count).then_some(taken)
        })
    }
}
