//! What only the inside can provoke: a full disk, a lock that another program holds, a damaged row.

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use alerts::{
    Alert, Episode, LabelSet, Time,
    ports::{Change, GroupRecord, Store, StoreError},
    record::AlertRecord,
};
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::{Database, DatabaseSettings, Retention, Synchronous, checkpoint, file};

fn settings(dir: &tempfile::TempDir) -> DatabaseSettings {
    DatabaseSettings {
        data_dir: dir.path().join("data"),
        synchronous: Synchronous::Normal,
        retention: Retention::default(),
    }
}

/// An alert whose bytes do not compress, so that it takes the room it should.
fn bulky_alert(number: u64) -> Change {
    let mut random = StdRng::seed_from_u64(number);
    let noise: String = (0..2000).map(|_| char::from(random.random_range(b'!'..b'~'))).collect();
    let labels: LabelSet = [("alertname", number.to_string())].into_iter().collect();
    Change::Alert(AlertRecord::from(&Alert {
        fingerprint: labels.fingerprint(),
        labels,
        annotations: [("noise", noise)].into_iter().collect(),
        starts_at: Time::from_secs(1),
        ends_at: Time::MAX,
        ends_by_timeout: false,
        updated_at: Time::from_secs(1),
        generator_url: String::new(),
        episode: Episode(Time::from_secs(1)),
        pictures: Default::default(),
    }))
}

/// A silence of this name.
pub(super) fn silence(id: &str) -> alerts::silence::Silence {
    alerts::silence::Silence {
        id: alerts::silence::SilenceId(id.into()),
        matchers: [alerts::matcher::Matcher::equal("alertname", "disk")].into_iter().collect(),
        starts_at: Time::from_secs(1),
        ends_at: Time::from_secs(100),
        updated_at: Time::from_secs(1),
        created_by: "somebody".to_owned(),
        comment: "for a reason".to_owned(),
        annotations: LabelSet::new(),
    }
}

fn group(key: &str) -> Change {
    Change::Group(GroupRecord { group_key: key.to_owned(), flushed_at: Time::from_secs(1) })
}

fn stored(database: &Database) -> (usize, usize) {
    let mut alerts = 0;
    database.load_alerts(&mut |_| alerts += 1).unwrap();
    (alerts, database.load().unwrap().groups.len())
}

fn set_max_pages(database: &Database, pages: i64) {
    database.with_writer(|connection| {
        connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
    });
}

#[test]
fn a_full_disk_is_an_error_and_the_next_commit_with_room_works() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::open(&settings(&dir)).unwrap();
    let pages: i64 = database.with_writer(|c| c.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap());
    set_max_pages(&database, pages + 20);
    let batch =
        |from: u64| -> Vec<Change> { (from..from + 8).map(bulky_alert).chain([group(&from.to_string())]).collect() };
    let mut committed = 0;
    let error = loop {
        match database.commit(&batch(committed * 8)) {
            Ok(()) => committed += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error.to_string(), "the database failed: database or disk is full");
    assert_eq!(stored(&database), (committed as usize * 8, committed as usize), "nothing of the failed commit");
    let before = database.alert_log_size();
    assert!(database.commit(&batch(committed * 8)).is_err(), "still full");
    assert_eq!(database.alert_log_size(), before, "what is in memory follows only what is durable");

    set_max_pages(&database, i64::from(u32::MAX - 1));
    database.commit(&batch(committed * 8)).unwrap();
    let expected = ((committed as usize + 1) * 8, committed as usize + 1);
    assert_eq!(stored(&database), expected);
    let size = database.alert_log_size();
    drop(database);
    let database = Database::open(&settings(&dir)).unwrap();
    assert_eq!((stored(&database), database.alert_log_size()), (expected, size));
}

#[test]
fn a_lock_that_another_program_holds_is_an_error_and_passes() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::open(&settings(&dir)).unwrap();
    database.with_writer(|connection| connection.busy_timeout(Duration::ZERO).unwrap());
    let other = rusqlite::Connection::open(dir.path().join("data/wirephoto.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = database.commit(&[group("a")]).unwrap_err().to_string();
    assert_eq!(error, "the database failed: database is locked");
    assert_eq!(stored(&database), (0, 0), "reading goes on");
    other.execute_batch("ROLLBACK").unwrap();
    database.commit(&[group("a")]).unwrap();
    assert_eq!(stored(&database), (0, 1));
}

#[test]
fn a_damaged_row_is_an_error_that_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::open(&settings(&dir)).unwrap();
    database.commit(&[bulky_alert(1)]).unwrap();
    database.with_writer(|c| c.execute("UPDATE alert_log SET batch = $1", [vec![1u8, 9, 0, 0, 0, 7]]).unwrap());
    let error = database.load_alerts(&mut |_| {}).unwrap_err();
    assert!(
        matches!(&error, StoreError::Failed(why) if why.starts_with("row 1 of the alert log is damaged")),
        "{error}"
    );
}

/// The log once grew for ever under endless commits: copying beside the writer always came a little too late.
#[test]
fn a_long_write_ahead_log_is_copied_to_its_end_with_the_writer_held() {
    let dir = tempfile::tempdir().unwrap();
    let mut database = Database::open(&settings(&dir)).unwrap();
    // two copies at once would be in each other's way
    database._checkpoints.end();
    let connection = file::open_checkpointer(&dir.path().join("data/wirephoto.db")).unwrap();
    let shared = Arc::downgrade(&database.shared);
    for number in 0..40 {
        database.commit(&[bulky_alert(number)]).unwrap();
    }
    let (send, copied) = mpsc::channel();
    std::thread::scope(|scope| {
        let held = database.shared.writer.lock();
        scope.spawn(move || send.send(checkpoint::checkpoint(&connection, &shared, 30, 0).unwrap()));
        let early = copied.recv_timeout(Duration::from_millis(300));
        assert_eq!(early, Err(mpsc::RecvTimeoutError::Timeout), "it waits for the writer");
        drop(held);
        assert!(copied.recv().unwrap() >= 30);
    });
    database.commit(&[bulky_alert(41)]).unwrap();
    let pages: i64 =
        database.with_writer(|c| c.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1)).unwrap());
    assert!(pages < 30, "the log starts anew: {pages} pages");
}
