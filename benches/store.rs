//! Commits per second of the embedded database: batches of new alerts as the recorder makes them, one thread.
//!
//! `cargo bench --bench store`. What it does not measure: intake, group commit, checkpoints' share of a busy machine.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark measures time and prints")]

use std::time::{Duration, Instant};

use alerts::{
    Alert, Episode, LabelSet, Time,
    ports::{Change, Store},
    record::AlertRecord,
};
use wirephoto::database::{Database, DatabaseSettings, Retention, Synchronous};

const ALERTS: usize = 200_000;

fn main() {
    println!("{ALERTS} alerts of about {} bytes each", blob_size());
    for synchronous in [Synchronous::Normal, Synchronous::Full] {
        for batch in [64, 256, 1280] {
            measure(synchronous, batch);
        }
    }
}

fn measure(synchronous: Synchronous, batch: usize) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let settings = DatabaseSettings { data_dir: dir.path().into(), synchronous, retention: Retention::default() };
    let database = Database::open(&settings).expect("a new database");
    let (new, slowest) = commit_all(&database, batch, 0);
    let (changed, _) = commit_all(&database, batch, 1);
    drop(database);
    let started = Instant::now();
    let database = Database::open(&settings).expect("the same database");
    let mut count = 0;
    database.load_alerts(&mut |_| count += 1).expect("the same alerts");
    let restart = started.elapsed();
    assert_eq!(count, ALERTS);
    let rate = |took: Duration| ALERTS as f64 / took.as_secs_f64();
    println!(
        "{synchronous:?}, batches of {batch:>4}: {:>6.0} commits/s, {:>8.0} new alerts/s, slowest commit {:>5.1} ms; \
         {:>8.0} changed alerts/s with compaction; restart {:.0} ms",
        rate(new) / batch as f64,
        rate(new),
        slowest.as_secs_f64() * 1000.0,
        rate(changed),
        restart.as_secs_f64() * 1000.0,
    );
}

/// Answers how long all commits took and how long the slowest.
fn commit_all(database: &Database, batch: usize, version: usize) -> (Duration, Duration) {
    let (mut total, mut slowest) = (Duration::ZERO, Duration::ZERO);
    for from in (0..ALERTS).step_by(batch) {
        let changes: Vec<_> =
            (from..ALERTS.min(from + batch)).map(|number| Change::Alert(alert(number, version))).collect();
        let started = Instant::now();
        database.commit(&changes).expect("a commit");
        let took = started.elapsed();
        total += took;
        slowest = slowest.max(took);
    }
    (total, slowest)
}

fn alert(number: usize, version: usize) -> AlertRecord {
    let labels: LabelSet = [
        ("alertname", format!("HighRequestLatency{}", number % 50)),
        ("cluster", format!("eu-{}", number % 7)),
        ("instance", format!("10.{}.{}.{}:9100", number / 65_536, number / 256 % 256, number % 256)),
        ("job", "node".to_owned()),
        ("severity", "warning".to_owned()),
    ]
    .into_iter()
    .collect();
    let now = Time::from_millis(1_790_000_000_000 + number as i64);
    AlertRecord::from(&Alert {
        fingerprint: labels.fingerprint(),
        labels,
        annotations: [
            ("summary", format!("Latency on node {number} is above 250 ms")),
            ("description", format!("The 99th percentile is at {} ms, version {version}", 250 + number % 977)),
            ("runbook_url", "https://runbooks.example/latency".to_owned()),
        ]
        .into_iter()
        .collect(),
        starts_at: now,
        ends_at: now.plus(Duration::from_secs(240)),
        ends_by_timeout: false,
        updated_at: now,
        generator_url: "http://prometheus.example:9090/graph?g0.expr=latency+%3E+0.25&g0.tab=1".to_owned(),
        episode: Episode(now),
        pictures: Default::default(),
    })
}

fn blob_size() -> usize {
    alert(0, 0).blob.size()
}
