//! What every backend of the port `Store` must do, as a suite that any of them can join: hand [`conforms`] a way to make
//! a fresh one. It knows the port alone, so other crates may include this file by its path.

use std::collections::HashMap;

use alerts::{
    Alert, Episode, Fingerprint, LabelSet, Status, Time,
    alert::{PictureSlot, PictureSlots},
    matcher::{MatchOp, Matcher},
    message::{Delivery, DeliveryId, IntegrationKey, LogEntry, MessageAlert, Reason, Receipt},
    picture::{PictureId, PictureRecord, Subject},
    ports::{Change, DropReason, ForeignLogEntry, GroupRecord, HistoryEntry, OutboxHead, Outcome, Store},
    record::AlertRecord,
    silence::{Silence, SilenceId},
};

/// A place where a store keeps things.
pub trait Backend {
    /// Opens the store; opened again after the former was dropped, it shows what was committed.
    fn open(&self) -> Box<dyn Store>;
}

type Case = fn(&dyn Backend);

/// Runs the whole suite, each case on a fresh backend.
pub fn conforms(fresh: &dyn Fn() -> Box<dyn Backend>) {
    let cases: &[(&str, Case)] = &[
        ("an empty store", empty),
        ("alerts, later wins", alerts_later_wins),
        ("alerts that go and return", alerts_go_and_return),
        ("a large batch", a_large_batch),
        ("groups and their log", groups_and_log),
        ("a delivery's way", a_deliverys_way),
        ("a delivery that is superseded", superseded),
        ("deliveries by integration, in pages", deliveries_in_pages),
        ("receipts", receipts),
        ("pictures", pictures),
        ("silences", silences),
        ("a log that was taken over", foreign_log),
        ("changes of what is not there", changes_of_nothing),
    ];
    for (name, case) in cases {
        // the name of a failing case, for whoever reads the output
        let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("store case: {name}\n").as_bytes());
        case(fresh().as_ref());
    }
}

/// An alert with this name; `version` makes two states of it differ.
pub fn alert(name: &str, version: i64) -> AlertRecord {
    let labels: LabelSet = [("alertname", name), ("instance", "db-1")].into_iter().collect();
    AlertRecord::from(&Alert {
        fingerprint: labels.fingerprint(),
        labels,
        annotations: [("summary", format!("{name} in version {version}"))].into_iter().collect(),
        starts_at: Time::from_secs(100),
        ends_at: Time::from_secs(1000 + version),
        ends_by_timeout: version % 2 == 0,
        updated_at: Time::from_secs(200 + version),
        generator_url: "http://prometheus.example/graph?g0.expr=up".to_owned(),
        episode: Episode(Time::from_secs(101)),
        pictures: PictureSlots { firing: PictureSlot::Taken(PictureId("abc".into())), resolved: PictureSlot::Wanted },
    })
}

/// A delivery of one firing and one resolved alert.
pub fn delivery(id: u64, integration: &str, group_key: &str) -> Delivery {
    let message_alert = |name: &str, status| MessageAlert { status, alert: alert(name, 1).alert() };
    Delivery {
        id: DeliveryId(id),
        integration: IntegrationKey(integration.into()),
        receiver: "team".to_owned(),
        group_key: group_key.to_owned(),
        group_labels: [("alertname", "disk")].into_iter().collect(),
        route_labels: LabelSet::new(),
        reason: Reason::NewAlerts,
        alerts: vec![message_alert("disk", Status::Firing), message_alert("cpu", Status::Resolved)],
        muted_firing: vec![Fingerprint(3), Fingerprint(u64::MAX)],
        flushed_at: Time::from_secs(50),
        since: Time::from_secs(40),
        not_before: Time::from_secs(60),
        expires_at: Time::from_secs(7000),
        repeat_interval_secs: 14_400,
        attempts: 0,
        last_error: None,
        receipt: None,
    }
}

/// A picture last used at `used_at` seconds.
pub fn picture(id: &str, used_at: i64) -> PictureRecord {
    PictureRecord {
        id: PictureId(id.into()),
        subject: Subject { source: "p".to_owned(), panel: "latency".to_owned(), variables: String::new() },
        transition: Status::Firing,
        title: "Latency".to_owned(),
        alt: "Latency is at 3 s".to_owned(),
        width: 1000,
        height: 500,
        size: 40_000,
        sha256: "00ff".to_owned(),
        taken_at: Time::from_secs(1),
        used_at: Time::from_secs(used_at),
        uploaded: None,
    }
}

fn log_entry(delivery: &Delivery) -> LogEntry {
    LogEntry {
        group_key: delivery.group_key.clone(),
        integration: delivery.integration.clone(),
        firing: delivery.fingerprints(Status::Firing),
        resolved: delivery.fingerprints(Status::Resolved),
        at: Time::from_secs(70),
        expires_at: Time::from_secs(9000),
        receipt: receipt("m1"),
    }
}

fn receipt(message: &str) -> Receipt {
    Receipt { message: message.into(), pictures_due: true, degraded: Some("a picture was too large".to_owned()) }
}

fn done(delivery: &Delivery, outcome: Outcome) -> Change {
    let sent = matches!(outcome, Outcome::Sent { .. });
    let history = HistoryEntry {
        delivery: delivery.clone(),
        outcome,
        at: Time::from_secs(70),
        pictures: vec![PictureId("abc".into())],
    };
    let log = sent.then(|| log_entry(delivery));
    Change::DeliveryDone { id: delivery.id, log, history: Some(Box::new(history)) }
}

fn head(delivery: &Delivery) -> OutboxHead {
    OutboxHead {
        id: delivery.id,
        integration: delivery.integration.clone(),
        group_key: delivery.group_key.clone(),
        firing: delivery.fingerprints(Status::Firing),
        resolved: delivery.fingerprints(Status::Resolved),
        attempted: delivery.attempts > 0 || delivery.receipt.is_some(),
        since: delivery.since,
        not_before: delivery.not_before,
    }
}

fn put(delivery: &Delivery) -> Change {
    Change::Delivery(Box::new(delivery.clone()))
}

fn alerts_in(store: &dyn Store) -> HashMap<Fingerprint, AlertRecord> {
    let mut all = HashMap::new();
    let mut each = |record: AlertRecord| {
        assert!(all.insert(record.fingerprint, record).is_none(), "each alert comes once");
    };
    store.load_alerts(&mut each).unwrap();
    all
}

fn check_alerts(backend: &dyn Backend, store: Box<dyn Store>, expected: &[AlertRecord]) {
    let expected: HashMap<_, _> = expected.iter().map(|record| (record.fingerprint, record.clone())).collect();
    assert_eq!(alerts_in(store.as_ref()), expected);
    drop(store);
    assert_eq!(alerts_in(backend.open().as_ref()), expected, "after opening again");
}

/// The same as before the store was closed.
fn reopen(backend: &dyn Backend, store: Box<dyn Store>) -> Box<dyn Store> {
    drop(store);
    backend.open()
}

fn empty(backend: &dyn Backend) {
    for _ in 0..2 {
        let store = backend.open();
        let snapshot = store.load().unwrap();
        assert!(snapshot.groups.is_empty() && snapshot.log.is_empty() && snapshot.outbox.is_empty());
        assert_eq!(snapshot.last_delivery, 0);
        store.commit(&[]).unwrap();
        check_alerts(backend, store, &[]);
    }
}

fn alerts_later_wins(backend: &dyn Backend) {
    let store = backend.open();
    store.commit(&[Change::Alert(alert("a", 1)), Change::Alert(alert("b", 1)), Change::Alert(alert("a", 2))]).unwrap();
    store.commit(&[Change::Alert(alert("b", 2))]).unwrap();
    let store = reopen(backend, store);
    store.commit(&[Change::Alert(alert("c", 1)), Change::Alert(alert("a", 3))]).unwrap();
    check_alerts(backend, store, &[alert("a", 3), alert("b", 2), alert("c", 1)]);
}

fn alerts_go_and_return(backend: &dyn Backend) {
    let store = backend.open();
    let gone = |name| Change::AlertGone(alert(name, 1).fingerprint);
    store.commit(&[Change::Alert(alert("a", 1)), Change::Alert(alert("b", 1)), Change::Alert(alert("c", 1))]).unwrap();
    store.commit(&[gone("a"), gone("b"), gone("never")]).unwrap();
    let store = reopen(backend, store);
    store.commit(&[Change::Alert(alert("b", 2)), Change::Alert(alert("d", 1)), gone("d"), gone("a")]).unwrap();
    store.commit(&[gone("c"), Change::Alert(alert("c", 5))]).unwrap();
    check_alerts(backend, store, &[alert("b", 2), alert("c", 5)]);
}

fn a_large_batch(backend: &dyn Backend) {
    let store = backend.open();
    let records: Vec<_> = (0..5000).map(|number| alert(&format!("alert {number}"), number)).collect();
    store.commit(&records.iter().cloned().map(Change::Alert).collect::<Vec<_>>()).unwrap();
    check_alerts(backend, store, &records);
}

fn groups_and_log(backend: &dyn Backend) {
    let store = backend.open();
    let group = |key: &str, at| GroupRecord { group_key: key.to_owned(), flushed_at: Time::from_secs(at) };
    let entry = |key: &str, integration: &str| log_entry(&delivery(1, integration, key));
    store
        .commit(&[
            Change::Group(group("{}:{a=\"1\"}", 1)),
            Change::Group(group("gone", 1)),
            Change::Group(group("{}:{a=\"1\"}", 2)),
            Change::Log(Box::new(entry("gone", "team/slack/1"))),
            Change::Log(Box::new(entry("{}:{a=\"1\"}", "team/slack/1"))),
            Change::Log(Box::new(entry("{}:{a=\"1\"}", "team/mail/1"))),
            Change::GroupGone { group_key: "gone".to_owned() },
        ])
        .unwrap();
    let store = reopen(backend, store);
    let mut snapshot = store.load().unwrap();
    snapshot.log.sort_by(|a, b| a.integration.cmp(&b.integration));
    assert_eq!(snapshot.groups, [group("{}:{a=\"1\"}", 2)]);
    assert_eq!(snapshot.log, [entry("{}:{a=\"1\"}", "team/mail/1"), entry("{}:{a=\"1\"}", "team/slack/1")]);
}

fn a_deliverys_way(backend: &dyn Backend) {
    let store = backend.open();
    let mut waiting = delivery(7, "team/slack/1", "g");
    store.commit(&[put(&waiting)]).unwrap();
    assert_eq!(store.load().unwrap().outbox, [head(&waiting)]);
    assert_eq!(store.deliveries(&waiting.integration, DeliveryId(0), 10).unwrap(), [waiting.clone()]);

    (waiting.attempts, waiting.not_before) = (2, Time::from_secs(90));
    (waiting.last_error, waiting.receipt) = (Some("503".to_owned()), Some(receipt("half")));
    let progress = |error: Option<&str>, receipt: Option<Receipt>| Change::DeliveryProgress {
        id: DeliveryId(7),
        attempts: 2,
        not_before: Time::from_secs(90),
        error: error.map(str::to_owned),
        receipt,
    };
    store.commit(&[progress(Some("500"), Some(receipt("half"))), progress(Some("503"), None)]).unwrap();
    let store = reopen(backend, store);
    assert_eq!(store.load().unwrap().outbox, [head(&waiting)]);
    let stored = store.deliveries(&waiting.integration, DeliveryId(0), 10).unwrap();
    assert_eq!(stored, [waiting.clone()], "an attempt without a receipt keeps what was achieved before");

    store.commit(&[done(&waiting, Outcome::Sent { degraded: None })]).unwrap();
    let store = reopen(backend, store);
    let snapshot = store.load().unwrap();
    assert_eq!((snapshot.outbox, snapshot.last_delivery), (vec![], 7), "numbers are never used twice");
    assert_eq!(snapshot.log, [log_entry(&waiting)]);
    assert!(store.deliveries(&waiting.integration, DeliveryId(0), 10).unwrap().is_empty());
}

fn superseded(backend: &dyn Backend) {
    let store = backend.open();
    let (old, new) = (delivery(1, "team/slack/1", "g"), delivery(2, "team/slack/1", "g"));
    store.commit(&[put(&old)]).unwrap();
    store.commit(&[done(&old, Outcome::Dropped(DropReason::Superseded)), put(&new)]).unwrap();
    let store = reopen(backend, store);
    let snapshot = store.load().unwrap();
    assert_eq!((snapshot.outbox, snapshot.log), (vec![head(&new)], vec![]));
    assert_eq!(store.deliveries(&new.integration, DeliveryId(0), 10).unwrap(), [new]);
}

fn deliveries_in_pages(backend: &dyn Backend) {
    let store = backend.open();
    let integration = |id: u64| if id.is_multiple_of(3) { "team/mail/1" } else { "team/slack/1" };
    let all: Vec<_> = (1..=12).rev().map(|id| delivery(id, integration(id), &format!("g{id}"))).collect();
    store.commit(&all.iter().map(put).collect::<Vec<_>>()).unwrap();
    let page = |integration: &str, after, limit| -> Vec<u64> {
        let page = store.deliveries(&IntegrationKey(integration.into()), DeliveryId(after), limit).unwrap();
        page.iter().map(|delivery| delivery.id.0).collect()
    };
    assert_eq!(page("team/slack/1", 0, 3), [1, 2, 4]);
    assert_eq!(page("team/slack/1", 4, 100), [5, 7, 8, 10, 11]);
    assert_eq!(page("team/mail/1", 0, 100), [3, 6, 9, 12]);
    assert_eq!(page("team/mail/1", 12, 100), [0; 0]);
    assert_eq!(page("nobody", 0, 100), [0; 0]);
    let heads: Vec<_> = store.load().unwrap().outbox.iter().map(|head| head.id.0).collect();
    assert_eq!(heads, (1..=12).collect::<Vec<_>>());
}

fn receipts(backend: &dyn Backend) {
    let store = backend.open();
    let sent = delivery(1, "team/slack/1", "g");
    store.commit(&[put(&sent), done(&sent, Outcome::Sent { degraded: None })]).unwrap();
    let later = |integration: &str| Change::ReceiptUpdated {
        delivery: DeliveryId(1),
        group_key: "g".to_owned(),
        integration: IntegrationKey(integration.into()),
        receipt: receipt("with pictures"),
        pictures: vec![PictureId("late".into())],
    };
    store.commit(&[later("team/slack/1"), later("team/other/1")]).unwrap();
    let store = reopen(backend, store);
    assert_eq!(store.load().unwrap().log, [LogEntry { receipt: receipt("with pictures"), ..log_entry(&sent) }]);
    let last =
        |group_key, integration: &str| store.last_receipt(group_key, &IntegrationKey(integration.into())).unwrap();
    assert_eq!(last("g", "team/slack/1"), Some(receipt("with pictures")));
    assert_eq!((last("g", "team/other/1"), last("h", "team/slack/1")), (None, None));
    let over = Delivery { alerts: all_resolved(&sent), muted_firing: Vec::new(), ..delivery(2, "team/slack/1", "g") };
    store.commit(&[put(&over), done(&over, Outcome::Sent { degraded: None })]).unwrap();
    assert_eq!(store.last_receipt("g", &sent.integration).unwrap(), None, "a conversation ends with its last message");
}

fn all_resolved(delivery: &Delivery) -> Vec<alerts::message::MessageAlert> {
    let resolved =
        |one: &alerts::message::MessageAlert| alerts::message::MessageAlert { status: Status::Resolved, ..one.clone() };
    delivery.alerts.iter().map(resolved).collect()
}

fn pictures(backend: &dyn Backend) {
    let store = backend.open();
    let id = |name: &str| PictureId(name.into());
    store.commit(&["a", "b", "c", "d"].map(|name| Change::Picture(picture(name, 10)))).unwrap();
    store
        .commit(&[
            Change::PicturesUsed { ids: vec![id("a"), id("nobody's")], at: Time::from_secs(30) },
            Change::PicturesUsed { ids: vec![id("b")], at: Time::from_secs(20) },
            Change::PicturesUsed { ids: vec![id("a")], at: Time::from_secs(5) },
            Change::PictureGone(id("d")),
        ])
        .unwrap();
    let store = reopen(backend, store);
    assert_eq!(store.picture(&id("a")).unwrap(), Some(picture("a", 30)));
    assert_eq!((store.picture(&id("d")).unwrap(), store.picture(&id("nobody's")).unwrap()), (None, None));
    let unused = |before, limit| store.pictures_unused_since(Time::from_secs(before), limit).unwrap();
    assert_eq!(unused(30, 10), [picture("c", 10), picture("b", 20)], "used at the very moment is used");
    assert_eq!(unused(100, 1), [picture("c", 10)]);
}

/// A silence with each operator and texts that have to be kept as they are.
fn silence(id: &str, updated_at: i64) -> std::sync::Arc<Silence> {
    let matcher = |name: &str, op, value: &str| Matcher::new(name, op, value).unwrap();
    std::sync::Arc::new(Silence {
        id: SilenceId(id.into()),
        matchers: [
            matcher("alertname", MatchOp::Equal, "say \"disk\"\n"),
            matcher("größe", MatchOp::NotEqual, ""),
            matcher("a", MatchOp::Regex, "1|2"),
            matcher("b", MatchOp::NotRegex, "[3-5]+"),
        ]
        .into_iter()
        .collect(),
        starts_at: Time::from_nanos(123_456_789),
        ends_at: Time::MAX,
        updated_at: Time::from_secs(updated_at),
        created_by: "ann".to_owned(),
        comment: "because ✓".to_owned(),
        annotations: [("ticket", "7")].into_iter().collect(),
    })
}

fn silences(backend: &dyn Backend) {
    let store = backend.open();
    let put = |id: &str, updated_at| Change::Silence(silence(id, updated_at));
    store.commit(&[put("a", 1), put("b", 1), put("c", 1), put("a", 2)]).unwrap();
    let store = reopen(backend, store);
    store.commit(&[Change::SilenceGone(SilenceId("b".into())), put("c", 3), put("d", 1)]).unwrap();
    store.commit(&[Change::SilenceGone(SilenceId("d".into())), put("d", 2)]).unwrap();
    let store = reopen(backend, store);
    let mut kept = store.load().unwrap().silences;
    kept.sort_by(|one, other| one.id.cmp(&other.id));
    assert_eq!(kept, [(*silence("a", 2)).clone(), (*silence("c", 3)).clone(), (*silence("d", 2)).clone()]);
}

fn foreign_log(backend: &dyn Backend) {
    let store = backend.open();
    let entry = |key: &str, kind: &str, index, at| ForeignLogEntry {
        group_key: key.to_owned(),
        receiver: "team".to_owned(),
        kind: kind.to_owned(),
        index,
        firing: vec![1, u64::MAX],
        resolved: vec![7],
        at: Time::from_secs(at),
        expires_at: Time::from_secs(9000),
    };
    let put = |entry: ForeignLogEntry| Change::ForeignLog(Box::new(entry));
    store
        .commit(&[
            put(entry("g", "slack", 0, 1)),
            put(entry("g", "slack", 1, 1)),
            put(entry("g", "email", 0, 1)),
            put(entry("gone", "slack", 0, 1)),
            put(entry("g", "slack", 1, 2)),
            Change::GroupGone { group_key: "gone".to_owned() },
        ])
        .unwrap();
    let store = reopen(backend, store);
    let mut kept = store.load().unwrap().foreign_log;
    kept.sort_by(|one, other| (&one.kind, one.index).cmp(&(&other.kind, other.index)));
    assert_eq!(kept, [entry("g", "email", 0, 1), entry("g", "slack", 0, 1), entry("g", "slack", 1, 2)]);
}

fn changes_of_nothing(backend: &dyn Backend) {
    let store = backend.open();
    let nobody = IntegrationKey("nobody".into());
    let sent = delivery(9, "team/slack/1", "g");
    let twice = [
        Change::AlertGone(Fingerprint(1)),
        Change::GroupGone { group_key: "nobody".to_owned() },
        Change::DeliveryProgress { id: DeliveryId(5), attempts: 1, not_before: Time::MIN, error: None, receipt: None },
        Change::DeliveryDone { id: DeliveryId(5), log: None, history: None },
        done(&sent, Outcome::Sent { degraded: None }),
        Change::ReceiptUpdated {
            delivery: DeliveryId(5),
            group_key: "nobody".to_owned(),
            integration: nobody,
            receipt: Receipt::default(),
            pictures: vec![PictureId("late".into())],
        },
        Change::SilenceGone(SilenceId("nobody's".into())),
        Change::PicturesUsed { ids: vec![], at: Time::MIN },
        Change::PictureGone(PictureId("nobody's".into())),
    ];
    store.commit(&twice).unwrap();
    store.commit(&twice).unwrap();
    let snapshot = store.load().unwrap();
    assert!(snapshot.groups.is_empty() && snapshot.outbox.is_empty());
    assert_eq!(snapshot.log, [log_entry(&sent)]);
    check_alerts(backend, store, &[]);
}
