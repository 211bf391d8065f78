//! Runs one scenario: webhooks, program, steps at their seconds; then what came is compared with what was wanted.
//!
//! Deliberately unknown here: the scenarios.

use std::{
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    compare::{Batch, differences},
    program::{Kind, Program},
    scenario::{Hook, Scenario, Step, at},
};
use crate::support::{
    http_server::{HttpServer, Reply},
    pause,
};

/// Second 0, on both clocks.
#[derive(Clone, Copy)]
struct Zero {
    instant: Instant,
    time: Timestamp,
}

struct Sink {
    server: HttpServer,
    batches: Arc<Mutex<Vec<Batch>>>,
}

/// Panics where the batches are not those that were wanted.
pub fn run(kind: Kind, scenario: &Scenario) {
    let zero: Arc<OnceLock<Zero>> = Arc::default();
    let sinks: Vec<Sink> = scenario.hooks.iter().map(|hook| sink(*hook, &zero)).collect();
    let mut config = scenario.config.clone();
    for (number, sink) in sinks.iter().enumerate() {
        config = config.replace(&format!("HOOK{number}"), &format!("{}/hook", sink.server.base()));
    }
    let program = Program::start(kind, &config, &scenario.flags);
    let start = Zero { instant: Instant::now(), time: Timestamp::now() };
    assert!(zero.set(start).is_ok(), "second 0 is set once");
    let mut silence = String::new();
    for (second, step) in &scenario.steps {
        until(start, *second);
        act(&program, step, start.time, &mut silence);
    }
    until(start, scenario.wanted.iter().map(|wanted| wanted.to).fold(0.0, f64::max) + 0.1);
    let came: Vec<Vec<Batch>> = sinks.iter().map(|sink| sink.batches.lock().unwrap().clone()).collect();
    let differences = differences(&scenario.wanted, &came, start.time);
    assert!(differences.is_empty(), "{}\ncame: {came:#?}\nlog:\n{}", differences.join("\n"), program.log());
}

fn until(start: Zero, second: f64) {
    pause((start.instant + Duration::from_secs_f64(second)).saturating_duration_since(Instant::now()));
}

fn act(program: &Program, step: &Step, zero: Timestamp, silence: &mut String) {
    match step {
        Step::Push(alerts) => program.alerts(&Value::from(alerts.iter().map(|one| one.json(zero)).collect::<Vec<_>>())),
        Step::Silence(name, value, is_regex, from, to) => {
            let matcher = json!({"name": name, "value": value, "isRegex": is_regex, "isEqual": true});
            let (from, to) = (at(zero, *from).to_string(), at(zero, *to).to_string());
            *silence = program.silence(&json!({
                "matchers": [matcher], "startsAt": from, "endsAt": to, "createdBy": "scenario", "comment": "a test",
            }));
        }
        Step::Expire => program.expire(silence),
        Step::Hangup => program.hang_up(),
        Step::Reload => {
            let answer = program.reload();
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
    }
}

fn sink(hook: Hook, zero: &Arc<OnceLock<Zero>>) -> Sink {
    let batches: Arc<Mutex<Vec<Batch>>> = Arc::default();
    let (zero, kept) = (zero.clone(), batches.clone());
    let server = HttpServer::start(move |request| {
        let second = zero.get().map_or(0.0, |zero| zero.instant.elapsed().as_secs_f64());
        let taken = Reply::text(200, "");
        match hook {
            Hook::DropsUntil(then) if second < then => return taken,
            Hook::SleepsUntil(then) if second < then => return taken.after(Duration::from_secs(1)),
            _ => {}
        }
        let alerts = request.json()["alerts"].as_array().expect("alerts").clone();
        kept.lock().unwrap().push(Batch { second, alerts });
        taken
    });
    Sink { server, batches }
}
