//! The families as Prometheus reads them.

use std::time::Duration;

use alerts::{
    Time,
    ports::{Clock, GroupRecord, Store},
    silence::SilenceId,
};
use parking_lot::Mutex;
use prometheus::TextEncoder;

use super::*;
use crate::database::{Database, DatabaseSettings, Retention, Synchronous};

/// A clock on which everything takes two seconds.
struct TwoSeconds(Mutex<Duration>);

impl Clock for TwoSeconds {
    fn now(&self) -> Time {
        Time::from_secs(1)
    }

    fn monotonic(&self) -> Duration {
        let mut now = self.0.lock();
        *now += Duration::from_secs(2);
        *now
    }
}

fn measured() -> (tempfile::TempDir, Database, Registry) {
    let dir = tempfile::tempdir().unwrap();
    let (data_dir, synchronous, retention) = (dir.path().into(), Synchronous::Normal, Retention::default());
    let database = Database::open(&DatabaseSettings { data_dir, synchronous, retention }).unwrap();
    let registry = Registry::new();
    let clock = Arc::new(TwoSeconds(Mutex::default()));
    database.measure(StoreMetrics::register(&registry, clock).unwrap());
    (dir, database, registry)
}

fn check(registry: &Registry, line: &str) {
    let text = TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
    assert!(text.lines().any(|known| known == line), "no line {line:?} in\n{text}");
}

#[test]
fn everything_begins_at_zero() {
    let (_dir, _database, registry) = measured();
    for family in ["nflog", "silences"] {
        for rest in ["gc_duration_seconds", "snapshot_duration_seconds"] {
            check(&registry, &format!("# TYPE alertmanager_{family}_{rest} summary"));
            check(&registry, &format!("alertmanager_{family}_{rest}_count 0"));
        }
        for rest in
            ["snapshot_size_bytes", "maintenance_total", "maintenance_errors_total", "gossip_messages_propagated_total"]
        {
            check(&registry, &format!("alertmanager_{family}_{rest} 0"));
        }
    }
    check(&registry, "alertmanager_nflog_queries_total 0");
    check(&registry, "alertmanager_nflog_query_errors_total 0");
    check(&registry, "alertmanager_nflog_query_duration_seconds_count 0");
}

#[test]
fn commits_count_for_what_they_hold() {
    let (_dir, database, registry) = measured();
    let silence = crate::database::tests::silence("a");
    database.commit(&[Change::Silence(Arc::new(silence))]).unwrap();
    database.commit(&[Change::SilenceGone(SilenceId("b".into()))]).unwrap();
    database.commit(&[Change::Group(GroupRecord { group_key: "g".into(), flushed_at: Time::MIN })]).unwrap();
    check(&registry, "alertmanager_silences_snapshot_duration_seconds_count 1");
    check(&registry, "alertmanager_silences_snapshot_duration_seconds_sum 2");
    check(&registry, "alertmanager_silences_gc_duration_seconds_count 1");
    check(&registry, "alertmanager_nflog_snapshot_duration_seconds_count 0");
    database.last_receipt("g", &alerts::message::IntegrationKey("i".into())).unwrap();
    check(&registry, "alertmanager_nflog_queries_total 1");
    check(&registry, "alertmanager_nflog_query_duration_seconds_sum 2");
}

#[test]
fn maintenance_counts_and_sizes_are_of_the_rows() {
    let (_dir, database, registry) = measured();
    database.commit(&[Change::Silence(Arc::new(crate::database::tests::silence("a")))]).unwrap();
    database.maintain(Time::from_secs(1)).unwrap();
    check(&registry, "alertmanager_nflog_maintenance_total 1");
    check(&registry, "alertmanager_silences_maintenance_total 1");
    check(&registry, "alertmanager_nflog_gc_duration_seconds_sum 2");
    check(&registry, "alertmanager_nflog_snapshot_size_bytes 0");
    let text = TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
    let size = text.lines().find_map(|line| line.strip_prefix("alertmanager_silences_snapshot_size_bytes ")).unwrap();
    assert!((50..1000).contains(&size.parse::<i64>().unwrap()), "{size} bytes of one silence");
}
