//! The embedded database from outside: the port's suite, any order of changes against a plain map, `kill -9`, the lock, the
//! schema, retention.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    time::Duration,
};

use alerts::{
    Fingerprint, Time,
    message::DeliveryId,
    ports::{Change, DropReason, HistoryEntry, Outcome, Store, StoreError},
    record::AlertRecord,
};
use proptest::prelude::*;
use wirephoto::database::{Database, DatabaseSettings, NotificationChoice, NotificationState, Retention, Synchronous};

use crate::store_conformance::{self, Backend, alert, delivery};

/// A data directory that goes with the test.
pub struct Directory(tempfile::TempDir);

impl Directory {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn settings(&self) -> DatabaseSettings {
        settings(self.0.path().join("data"))
    }

    pub fn open(&self) -> Database {
        Database::open(&self.settings()).unwrap()
    }
}

impl Backend for Directory {
    fn open(&self) -> Box<dyn Store> {
        Box::new(self.open())
    }
}

fn settings(data_dir: std::path::PathBuf) -> DatabaseSettings {
    DatabaseSettings { data_dir, synchronous: Synchronous::Normal, retention: Retention::default() }
}

#[test]
fn it_is_a_store() {
    store_conformance::conforms(&|| Box::new(Directory::new()));
}

/// What happens to the alert log.
#[derive(Clone, Debug)]
enum Step {
    /// A commit: alerts by number, in a version or gone.
    Commit(Vec<(u8, Option<i64>)>),
    Maintain,
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let change = (0..12u8, proptest::option::weighted(0.7, 0..1000i64));
    let step = prop_oneof![
        6 => proptest::collection::vec(change, 0..8).prop_map(Step::Commit),
        1 => Just(Step::Maintain),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..40)
}

fn contents(database: &Database) -> HashMap<Fingerprint, AlertRecord> {
    let mut all = HashMap::new();
    database.load_alerts(&mut |record| assert!(all.insert(record.fingerprint, record).is_none())).unwrap();
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_order_of_changes_gives_what_a_map_gives(steps in steps()) {
        let directory = Directory::new();
        let mut database = directory.open();
        let mut model = HashMap::new();
        for step in steps {
            match step {
                Step::Commit(numbered) => {
                    let changes: Vec<_> = numbered.into_iter().map(|(number, version)| {
                        let record = alert(&number.to_string(), version.unwrap_or(0));
                        let fingerprint = record.fingerprint;
                        if version.is_some() {
                            model.insert(fingerprint, record.clone());
                            Change::Alert(record)
                        } else {
                            model.remove(&fingerprint);
                            Change::AlertGone(fingerprint)
                        }
                    }).collect();
                    database.commit(&changes).unwrap();
                }
                Step::Maintain => drop(database.maintain(Time::from_secs(1)).unwrap()),
                Step::Reopen => {
                    let size = database.alert_log_size();
                    drop(database);
                    database = directory.open();
                    prop_assert_eq!(database.alert_log_size(), size, "the index read anew is the one that was kept");
                }
            }
            prop_assert_eq!(&contents(&database), &model);
        }
        while database.maintain(Time::from_secs(1)).unwrap().more {}
        let size = database.alert_log_size();
        prop_assert!(size.records <= 2 * size.live, "at least half of what is kept counts: {size:?}");
        prop_assert!(size.live >= model.len());
        prop_assert_eq!(&contents(&database), &model);
    }
}

#[test]
fn the_same_alerts_again_and_again_do_not_grow_the_file() {
    let directory = Directory::new();
    let database = directory.open();
    let batch = |version: i64, numbers: std::ops::Range<i64>| -> Vec<Change> {
        numbers.map(|number| Change::Alert(alert(&format!("alert {number}"), version))).collect()
    };
    database.commit(&batch(0, 0..1000)).unwrap();
    let mut most = 0;
    for version in 1..600 {
        let from = version * 37 % 900;
        database.commit(&batch(version, from..from + 100)).unwrap();
        most = most.max(database.alert_log_size().records);
    }
    assert!(most <= 2 * 1000 + 400, "{most} records for 1000 alerts");
    let all: Vec<_> = (0..1000).map(|n| Change::AlertGone(alert(&format!("alert {n}"), 0).fingerprint)).collect();
    database.commit(&all).unwrap();
    while database.maintain(Time::from_secs(1)).unwrap().more {}
    let size = database.alert_log_size();
    assert_eq!((size.rows, size.records, size.live), (0, 0, 0), "nothing is left of alerts that are all gone");
    drop(database);
    let bytes = std::fs::metadata(directory.settings().data_dir.join("wirephoto.db")).unwrap().len();
    assert!(bytes < 2_000_000, "{bytes} bytes after 60,000 updates of about 300 bytes");
}

const CHILD: &str = "WIREPHOTO_TEST_COMMITS_IN";

/// Not a test by itself: the process that the next test kills.
#[test]
fn child_that_commits_until_it_is_killed() {
    let Some(data_dir) = std::env::var_os(CHILD) else { return };
    let database = Database::open(&settings(data_dir.into())).unwrap();
    for number in database.load().unwrap().last_delivery + 1.. {
        let mut changes: Vec<_> = (0..20).map(|n| Change::Alert(alert(&n.to_string(), number as i64))).collect();
        changes.push(Change::Alert(alert(&format!("only {number}"), 1)));
        changes.push(Change::Delivery(Box::new(delivery(number, "team/slack/1", &format!("g{number}")))));
        database.commit(&changes).unwrap();
        writeln!(std::io::stdout(), "committed {number}").unwrap();
    }
}

#[test]
fn what_was_acknowledged_survives_kill_9() {
    let directory = Directory::new();
    for round in 0..4u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "database::child_that_commits_until_it_is_killed", "--nocapture"])
            .env(CHILD, directory.settings().data_dir)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut acknowledged = 0;
        let mut heard = 0;
        for line in lines.map_while(Result::ok) {
            let Some(number) = line.strip_prefix("committed ") else { continue };
            acknowledged = number.parse::<u64>().unwrap_or(acknowledged);
            heard += 1;
            if heard == 40 + round * 60 {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(heard >= 40 + round * 60, "the child died by itself after {heard} commits");

        let database = directory.open();
        let alerts = contents(&database);
        let last = database.load().unwrap().last_delivery;
        assert!(last >= acknowledged, "{acknowledged} was acknowledged, {last} is there");
        let outbox = database.load().unwrap().outbox;
        assert_eq!(outbox.iter().map(|head| head.id.0).collect::<Vec<_>>(), (1..=last).collect::<Vec<_>>());
        for number in 1..=last {
            assert!(alerts.contains_key(&alert(&format!("only {number}"), 1).fingerprint), "alert {number}");
        }
        for number in 0..20 {
            let expected = alert(&number.to_string(), last as i64);
            assert_eq!(alerts[&expected.fingerprint], expected, "all of a commit or nothing of it");
        }
        assert_eq!(alerts.len() as u64, last + 20);
    }
}

#[test]
fn two_servers_on_one_directory_are_one_too_many() {
    let directory = Directory::new();
    let first = directory.open();
    let refused = Database::open(&directory.settings()).err().unwrap().to_string();
    assert!(refused.contains("is used by another wirephoto (process "), "{refused}");
    assert!(refused.contains(&directory.settings().data_dir.display().to_string()), "{refused}");
    drop(first);
    directory.open();
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let directory = Directory::new();
    let database = directory.open();
    database.commit(&[Change::Alert(alert("a", 1))]).unwrap();
    let data_dir = directory.settings().data_dir;
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data_dir), 0o700);
    for file in std::fs::read_dir(&data_dir).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_file_of_a_newer_version_is_refused() {
    let directory = Directory::new();
    drop(directory.open());
    let file = rusqlite::Connection::open(directory.settings().data_dir.join("wirephoto.db")).unwrap();
    file.execute("UPDATE schema_version SET version = 99", []).unwrap();
    drop(file);
    let refused = Database::open(&directory.settings()).err();
    assert!(matches!(refused, Some(StoreError::Newer { found: 99, known: 2 })), "{refused:?}");
}

#[test]
fn history_and_log_are_pruned_in_slices() {
    let directory = Directory::new();
    let retention = Retention { history_age: Duration::from_secs(100), history_rows: 700, ..Retention::default() };
    let database = Database::open(&DatabaseSettings { retention, ..directory.settings() }).unwrap();
    let done = |id: u64| {
        let delivery = delivery(id, "team/slack/1", "g");
        let outcome = Outcome::Dropped(DropReason::Rejected);
        let entry = HistoryEntry { delivery, outcome, at: Time::from_secs(id as i64), pictures: vec![] };
        Change::DeliveryDone { id: DeliveryId(id), log: None, history: Some(Box::new(entry)) }
    };
    database.commit(&(1..=2000).map(done).collect::<Vec<_>>()).unwrap();
    let first = database.maintain(Time::from_secs(100)).unwrap();
    assert!(first.more && first.history == 500, "too many, in slices: {first:?}");
    while database.maintain(Time::from_secs(100)).unwrap().more {}
    let choice = NotificationChoice { limit: 5000, ..NotificationChoice::default() };
    let kept = database.notifications(&choice).unwrap().notifications;
    assert_eq!((kept.len(), kept[0].delivery.id.0, kept[699].delivery.id.0), (700, 2000, 1301));
    while database.maintain(Time::from_secs(2000)).unwrap().more {}
    assert_eq!(database.notifications(&choice).unwrap().notifications.len(), 101, "too old");
    let dead = database.count_notifications(NotificationState::DeadLetter).unwrap();
    assert_eq!(dead, 101, "what the history is searched by goes with it");
}
