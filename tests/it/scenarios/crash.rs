//! `kill -9`: what was acknowledged is there at the next start, and what was told is not told again.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{
    alerts::{QUICK, alert, config, in_seconds},
    client, pause,
    server::Server,
    wait_for,
    webhook::{Taken, Webhook},
};

/// How far in the future the ends lie that the sender claims: Prometheus's with short intervals.
const ENDS_AFTER: i64 = 10;

/// The alerts as their sender repeats them.
fn repeated(starts_at: &str) -> Value {
    let one = |instance: &str| {
        let mut one = alert("DiskFull", instance);
        (one["startsAt"], one["endsAt"]) = (starts_at.into(), in_seconds(ENDS_AFTER).into());
        one
    };
    json!([one("db-1"), one("db-2")])
}

#[test]
fn the_pending_delivery_goes_out_and_nobody_is_told_twice_and_nothing_resolves_falsely() {
    let (works, mut fails) = (Webhook::start(), Webhook::down());
    let mut server = Server::start(&config("", QUICK, &[works.config(), fails.config()]));
    let starts_at = in_seconds(0);
    server.alerts(&repeated(&starts_at));
    works.wait_for(1);
    server.wait_for_metric("wirephoto_deliveries_total", &["outcome=\"sent\""], 1.0);
    wait_for("all changes to be durable", || {
        (server.metric("wirephoto_store_changes_waiting", &[]) == 0.0).then_some(())
    });

    server.kill();
    pause(Duration::from_secs(ENDS_AFTER as u64 + 2));
    fails.up();
    server.restart();
    let mut listed = instances(&server.listed());
    listed.sort();
    assert_eq!(listed, ["db-1", "db-2"], "what was acknowledged is missing");

    let told = fails.wait_for(1);
    assert_eq!((told[0].status(), told[0].values("instance")), ("firing", vec!["db-1", "db-2"]));
    // the sender goes on to repeat them, over several group intervals
    for _ in 0..6 {
        server.alerts(&repeated(&starts_at));
        pause(Duration::from_secs(1));
    }
    let statuses = |taken: Vec<Taken>| taken.iter().map(|one| one.status().to_owned()).collect::<Vec<_>>();
    assert_eq!(statuses(works.taken()), ["firing"], "told again, or of a false end");
    assert_eq!(statuses(fails.taken()), ["firing"], "told again, or of a false end");
}

fn instances(alerts: &[Value]) -> Vec<String> {
    alerts.iter().map(|alert| alert["labels"]["instance"].as_str().expect("an instance").to_owned()).collect()
}

#[test]
fn alerts_that_were_acknowledged_in_the_middle_of_a_storm_are_there_after_the_kill() {
    let mut server = Server::start("");
    let acknowledged: Arc<Mutex<Vec<String>>> = Arc::default();
    let stop = Arc::new(AtomicBool::new(false));
    let senders: Vec<_> = (0..4)
        .map(|sender| {
            let (url, acknowledged, stop) = (server.url("/api/v2/alerts"), acknowledged.clone(), stop.clone());
            std::thread::spawn(move || send_until(&stop, sender, &url, &acknowledged))
        })
        .collect();
    wait_for("a few hundred acknowledged alerts", || (acknowledged.lock().unwrap().len() > 400).then_some(()));
    server.kill();
    stop.store(true, Ordering::Relaxed);
    senders.into_iter().for_each(|sender| sender.join().expect("a sender"));

    server.restart();
    let listed: std::collections::HashSet<String> = instances(&server.listed()).into_iter().collect();
    let missing: Vec<_> = acknowledged.lock().unwrap().iter().filter(|name| !listed.contains(*name)).cloned().collect();
    assert!(missing.is_empty(), "{} of {} are missing: {missing:?}", missing.len(), acknowledged.lock().unwrap().len());
}

/// Posts new alerts, ten at a time, and notes those that were acknowledged.
fn send_until(stop: &AtomicBool, sender: usize, url: &str, acknowledged: &Mutex<Vec<String>>) {
    for batch in 0.. {
        let names: Vec<String> = (0..10).map(|number| format!("{sender}-{batch}-{number}")).collect();
        let alerts: Vec<Value> = names.iter().map(|name| alert("Storm", name)).collect();
        match client::try_post(url, Value::from(alerts).to_string()) {
            Ok(answer) if answer.status == 200 => acknowledged.lock().unwrap().extend(names),
            _ if stop.load(Ordering::Relaxed) => return,
            // the server is gone and this thread has not heard of it yet
            _ => pause(Duration::from_millis(10)),
        }
        if stop.load(Ordering::Relaxed) {
            return;
        }
    }
}
