//! A fake Prometheus: answers range queries with a curve, or slowly, or with rubbish, and counts.
//!
//! Deliberately unknown here: PromQL; every query finds the same curves.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};

use super::http_server::{HttpServer, Recorded, Reply};

/// How it answers queries.
#[derive(Clone, Copy, Debug)]
pub enum Mood {
    /// With this many curves, after this time.
    Well { series: usize, after: Duration },
    /// After a minute.
    Slow,
    /// With a login page.
    Rubbish,
    /// With 500.
    Broken,
}

pub struct Source {
    server: HttpServer,
    most_at_once: Arc<AtomicUsize>,
}

impl Source {
    pub fn start(mood: Mood) -> Self {
        let mut source = Self::down(mood);
        source.server.up();
        source
    }

    pub fn down(mood: Mood) -> Self {
        let (now, most): (AtomicUsize, Arc<AtomicUsize>) = Default::default();
        let most_at_once = most.clone();
        let server = HttpServer::down(move |request| {
            if request.path != "/api/v1/query_range" {
                return Reply::json(&json!({"status": "success", "data": {"groups": []}}));
            }
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let reply = query(request, mood);
            std::thread::sleep(reply.after);
            now.fetch_sub(1, Ordering::SeqCst);
            Reply { after: Duration::ZERO, ..reply }
        });
        Self { server, most_at_once }
    }

    pub fn base(&self) -> String {
        self.server.base()
    }

    /// A `[[sources]]` table that leads here.
    pub fn config(&self, name: &str) -> String {
        format!("[[sources]]\nname = \"{name}\"\ntype = \"prometheus\"\nurl = \"{}\"\n", self.base())
    }

    /// The link that alerts of a rule with this expression carry.
    pub fn generator_url(&self, expression: &str) -> String {
        let mut url = url::Url::parse(&self.base()).expect("a URL");
        url.set_path("/graph");
        url.query_pairs_mut().append_pair("g0.expr", expression).append_pair("g0.tab", "1");
        url.into()
    }

    /// The range queries that came.
    pub fn queries(&self) -> Vec<Recorded> {
        self.server.requests().into_iter().filter(|request| request.path == "/api/v1/query_range").collect()
    }

    /// The most queries that were under way at the same time.
    pub fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::SeqCst)
    }
}

fn query(request: &Recorded, mood: Mood) -> Reply {
    match mood {
        Mood::Well { series, after } => Reply::json(&curves(request, series)).after(after),
        Mood::Slow => Reply::json(&curves(request, 1)).after(Duration::from_secs(60)),
        Mood::Rubbish => Reply::new(200, "text/html", "<html><title>Sign in</title></html>"),
        Mood::Broken => Reply::text(500, "the disk is on fire"),
    }
}

/// Curves that rise from 10 to 90 over the window.
fn curves(request: &Recorded, series: usize) -> Value {
    let number = |name| request.form(name).and_then(|text| text.parse::<f64>().ok()).expect("a number");
    let (start, end, step) = (number("start"), number("end"), number("step"));
    let points = ((end - start) / step) as usize + 1;
    let value = |index: usize, shift: usize| 10.0 + 80.0 * index as f64 / points as f64 + shift as f64 / 10.0;
    let sample = |index: usize, shift| json!([start + step * index as f64, value(index, shift).to_string()]);
    let curve = |shift: usize| {
        let values: Vec<Value> = (0..points).map(|index| sample(index, shift)).collect();
        json!({"metric": {"__name__": "disk_used_percent", "instance": format!("db-{shift}")}, "values": values})
    };
    let result: Vec<Value> = (0..series).map(curve).collect();
    json!({"status": "success", "data": {"resultType": "matrix", "result": result}})
}
