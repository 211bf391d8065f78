//! What searches among 100,000 notifications of the embedded database take.
//!
//! `cargo bench --bench history`. What it does not measure: HTTP, JSON, pages.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark measures time and prints")]

use std::time::{Duration, Instant};

use alerts::{
    Alert, Episode, Fingerprint, LabelSet, Status, Time,
    matcher::{MatcherSet, Syntax},
    message::{Delivery, DeliveryId, IntegrationKey, MessageAlert, Reason},
    ports::{Change, DropReason, HistoryEntry, Outcome, Store},
};
use wirephoto::database::{
    AlertChoice, Database, DatabaseSettings, NotificationChoice, NotificationState, Retention, Synchronous,
};

const NOTIFICATIONS: u64 = 100_000;
/// A page of the list is to be there within this time: DESIGN.md section 9 asks as much of one alert among as many.
const AIM: Duration = Duration::from_millis(5);

fn main() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let settings = DatabaseSettings {
        data_dir: dir.path().into(),
        synchronous: Synchronous::Normal,
        retention: Retention::default(),
    };
    let database = Database::open(&settings).expect("a new database");
    let began = Instant::now();
    for from in (1..=NOTIFICATIONS).step_by(500) {
        database.commit(&(from..from + 500).map(done).collect::<Vec<_>>()).expect("a commit");
    }
    println!("{NOTIFICATIONS} notifications of two alerts each, written in {:.1?}", began.elapsed());
    for (what, choice) in choices() {
        let began = Instant::now();
        let page = database.notifications(&choice).expect("a page");
        let took = began.elapsed();
        let (found, ratio) = (page.notifications.len(), took.as_secs_f64() / AIM.as_secs_f64());
        let rest = if page.next.is_some() { ", and it goes on" } else { "" };
        println!("  {what:<28} {took:>9.1?}   {ratio:>5.1} times 5 ms   {found} found{rest}");
    }
}

fn choices() -> Vec<(&'static str, NotificationChoice)> {
    let all = || NotificationChoice { limit: 50, ..NotificationChoice::default() };
    let matchers =
        |text: &str| Some(AlertChoice::Matchers(MatcherSet::parse(text, Syntax::default()).expect("matchers")));
    vec![
        ("the newest", all()),
        ("a receiver that is nobody", NotificationChoice { receiver: Some("nobody".into()), ..all() }),
        ("a group that is none", NotificationChoice { group: Some("none".into()), ..all() }),
        ("dead letters", NotificationChoice { states: vec![NotificationState::DeadLetter], ..all() }),
        ("the oldest", NotificationChoice { to: Some(Time::from_secs(1_100)), ..all() }),
        (
            "an alert that never was",
            NotificationChoice { alert: Some(AlertChoice::Fingerprint(Fingerprint(9))), ..all() },
        ),
        ("a label that never was", NotificationChoice { alert: matchers(r#"instance="x""#), ..all() }),
        ("an expression in vain", NotificationChoice { alert: matchers(r#"instance=~"x""#), ..all() }),
    ]
}

fn done(id: u64) -> Change {
    let delivery = delivery(id);
    let outcome = match id % 100 {
        0 => Outcome::Dropped(DropReason::Rejected),
        1 => Outcome::Sent { degraded: Some("a picture was too large".to_owned()) },
        _ => Outcome::Sent { degraded: None },
    };
    let entry = HistoryEntry { delivery, outcome, at: Time::from_secs(5_000), pictures: Vec::new() };
    Change::DeliveryDone { id: DeliveryId(id), log: None, history: Some(Box::new(entry)) }
}

fn delivery(id: u64) -> Delivery {
    let receiver = ["team", "night"][(id % 2) as usize];
    Delivery {
        id: DeliveryId(id),
        integration: IntegrationKey(format!("{receiver}/slack/1f00a5").into()),
        receiver: receiver.to_owned(),
        group_key: format!("{{}}:{{alertname=\"a{}\"}}", id % 500),
        group_labels: LabelSet::new(),
        route_labels: LabelSet::new(),
        reason: Reason::NewAlerts,
        alerts: vec![alert(id % 997), alert(id % 1_009)],
        muted_firing: Vec::new(),
        flushed_at: Time::from_secs(1_000 + id.cast_signed() / 2),
        since: Time::from_secs(1),
        not_before: Time::from_secs(1),
        expires_at: Time::MAX,
        repeat_interval_secs: 60,
        attempts: 1,
        last_error: None,
        receipt: None,
    }
}

fn alert(number: u64) -> MessageAlert {
    let labels: LabelSet =
        [("alertname", format!("a{}", number % 50)), ("instance", format!("node-{number}"))].into_iter().collect();
    let alert = Alert {
        fingerprint: labels.fingerprint(),
        labels,
        annotations: [("summary", "Latency is above 250 ms")].into_iter().collect(),
        starts_at: Time::from_secs(1),
        ends_at: Time::MAX,
        ends_by_timeout: false,
        updated_at: Time::from_secs(1),
        generator_url: String::new(),
        episode: Episode(Time::from_secs(1)),
        pictures: Default::default(),
    };
    MessageAlert { status: Status::Firing, alert }
}
