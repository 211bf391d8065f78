//! The search against a plain filter over a list, and what it costs.

use alerts::{
    Alert, Episode, LabelSet, Status,
    matcher::{MatcherSet, Syntax},
    message::{IntegrationKey, MessageAlert, Reason, Receipt},
    ports::{Change, DropReason, Store},
};

use super::*;
use crate::database::{DatabaseSettings, Retention, Synchronous};

struct World {
    _dir: tempfile::TempDir,
    database: Database,
    all: Vec<Notification>,
}

fn alert(name: &str, instance: u64) -> MessageAlert {
    let labels: LabelSet =
        [("alertname", name.to_owned()), ("instance", format!("db-{instance}"))].into_iter().collect();
    let alert = Alert {
        fingerprint: labels.fingerprint(),
        labels,
        annotations: [("summary", "It is full.")].into_iter().collect(),
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

/// The notification of this number: its receiver, kind, group, alerts, time and fate follow from it.
fn notification(id: u64) -> Notification {
    let receiver = ["team", "ops/night", "team/x"][(id % 3) as usize];
    let kind = ["slack", "email"][(id % 2) as usize];
    let delivery = Delivery {
        id: DeliveryId(id),
        integration: IntegrationKey(format!("{receiver}/{kind}/1f00a5").into()),
        receiver: receiver.to_owned(),
        group_key: format!("g{}", id % 5),
        group_labels: LabelSet::new(),
        route_labels: LabelSet::new(),
        reason: Reason::NewAlerts,
        alerts: vec![alert(["disk", "cpu"][(id / 2 % 2) as usize], id % 7), alert("always", 1)],
        muted_firing: vec![],
        flushed_at: Time::from_secs(1_000 + id as i64 / 2),
        since: Time::from_secs(1),
        not_before: Time::from_secs(1),
        expires_at: Time::MAX,
        repeat_interval_secs: 60,
        attempts: 1,
        last_error: None,
        receipt: None,
    };
    let outcome = match id % 6 {
        0 => return Notification { delivery, done: None },
        1 => Outcome::Dropped(DropReason::Rejected),
        2 => Outcome::Dropped(DropReason::Unconfigured),
        3 => Outcome::Sent { degraded: Some("too large".to_owned()) },
        _ => Outcome::Sent { degraded: None },
    };
    Notification { delivery, done: Some(Done { outcome, at: Time::from_secs(5_000), pictures: vec![] }) }
}

fn change(notification: &Notification) -> Change {
    let id = notification.delivery.id;
    match notification.history() {
        None => Change::Delivery(Box::new(notification.delivery.clone())),
        Some(entry) => Change::DeliveryDone { id, log: None, history: Some(Box::new(entry)) },
    }
}

fn world(count: u64) -> World {
    let dir = tempfile::tempdir().unwrap();
    let (data_dir, synchronous, retention) = (dir.path().into(), Synchronous::Normal, Retention::default());
    let database = Database::open(&DatabaseSettings { data_dir, synchronous, retention }).unwrap();
    let all: Vec<_> = (1..=count).rev().map(notification).collect();
    database.commit(&all.iter().rev().map(change).collect::<Vec<_>>()).unwrap();
    World { _dir: dir, database, all }
}

fn wanted(limit: usize) -> NotificationChoice {
    NotificationChoice { limit, ..NotificationChoice::default() }
}

impl World {
    /// All pages of a choice are what a plain filter gives.
    fn check(&self, choice: &NotificationChoice, keep: impl Fn(&Notification) -> bool) {
        let expected: Vec<_> = self.all.iter().filter(|one| keep(one)).cloned().collect();
        let (mut found, mut before) = (Vec::new(), choice.before);
        loop {
            let page = self.database.notifications(&NotificationChoice { before, ..choice.clone() }).unwrap();
            assert!(page.notifications.len() <= choice.limit);
            found.extend(page.notifications);
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(found, expected, "{choice:?}");
    }
}

#[test]
fn every_choice_and_its_pages() {
    let world = world(120);
    let state = |one: &Notification| one.state();
    for limit in [1, 7, 500] {
        let all = wanted(limit);
        world.check(&all, |_| true);
        for receiver in ["team", "ops/night", "nobody"] {
            world.check(&NotificationChoice { receiver: Some(receiver.into()), ..all.clone() }, |one| {
                one.delivery.receiver == receiver
            });
        }
        let of_kind = |one: &Notification| one.delivery.integration.0.contains("/slack/");
        world.check(&NotificationChoice { integration: Some("slack".into()), ..all.clone() }, of_kind);
        let whole = "ops/night/email/1f00a5";
        world.check(&NotificationChoice { integration: Some(whole.into()), ..all.clone() }, |one| {
            &*one.delivery.integration.0 == whole
        });
        world.check(&NotificationChoice { group: Some("g3".into()), ..all.clone() }, |one| {
            one.delivery.group_key == "g3"
        });
        for one_state in NotificationState::ALL {
            world.check(&NotificationChoice { states: vec![one_state], ..all.clone() }, |one| state(one) == one_state);
        }
        let two = vec![NotificationState::Pending, NotificationState::DeadLetter];
        world.check(&NotificationChoice { states: two.clone(), ..all.clone() }, |one| two.contains(&state(one)));
        let (from, to) = (Time::from_secs(1_010), Time::from_secs(1_020));
        let between = |one: &Notification| (from..=to).contains(&one.delivery.flushed_at);
        world.check(&NotificationChoice { from: Some(from), to: Some(to), ..all.clone() }, between);
        let before = Some(DeliveryId(50));
        world.check(&NotificationChoice { before, ..all.clone() }, |one| one.delivery.id.0 < 50);
    }
}

#[test]
fn alerts_by_fingerprint_and_by_matchers() {
    let world = world(120);
    let disk = alert("disk", 3).alert;
    let tells = |one: &Notification, keep: &dyn Fn(&LabelSet) -> bool| {
        one.delivery.alerts.iter().any(|told| keep(&told.alert.labels))
    };
    let choice = |alert| NotificationChoice { alert: Some(alert), ..wanted(9) };
    world
        .check(&choice(AlertChoice::Fingerprint(disk.fingerprint)), |one| tells(one, &|labels| *labels == disk.labels));
    for text in [
        r#"alertname="disk""#,
        r#"{alertname="disk",instance="db-3"}"#,
        r#"{alertname=~"di.*",instance!="db-3"}"#,
        r#"{alertname="always",instance="db-3"}"#,
        r#"nothing="""#,
        r#"nothing="x""#,
    ] {
        let matchers = MatcherSet::parse(text, Syntax::default()).unwrap();
        world.check(&choice(AlertChoice::Matchers(matchers.clone())), |one| {
            tells(one, &|labels| matchers.matches(labels))
        });
    }
}

#[test]
fn a_search_in_vain_ends_and_goes_on_where_it_was() {
    let mut world = world(0);
    world.all = (1..=4_500).rev().filter(|id| id % 6 != 0).map(notification).collect();
    world.database.commit(&world.all.iter().rev().map(change).collect::<Vec<_>>()).unwrap();
    let nobody = MatcherSet::parse(r#"alertname=~"nobody""#, Syntax::default()).unwrap();
    let choice = NotificationChoice { alert: Some(AlertChoice::Matchers(nobody)), ..wanted(10) };
    let page = world.database.notifications(&choice).unwrap();
    assert!(page.notifications.is_empty() && page.next.is_some(), "it gave up");
    world.check(&choice, |_| false);
    let rare = MatcherSet::parse(r#"instance=~"db-3""#, Syntax::default()).unwrap();
    world.check(&NotificationChoice { alert: Some(AlertChoice::Matchers(rare)), ..wanted(400) }, |one| {
        one.delivery.id.0 % 7 == 3
    });
}

#[test]
fn one_by_its_number_and_what_came_after_it() {
    let world = world(120);
    for id in [6, 7, 9] {
        assert_eq!(world.database.notification(DeliveryId(id)).unwrap(), Some(notification(id)));
    }
    assert_eq!(world.database.notification(DeliveryId(121)).unwrap(), None);
    // of the same group and integration: every 30th
    let newer = |id: u64| world.database.newer_notification(&notification(id).delivery).unwrap();
    assert_eq!(newer(1), Some(Newer { id: DeliveryId(91), state: NotificationState::DeadLetter }));
    assert_eq!(newer(90), Some(Newer { id: DeliveryId(120), state: NotificationState::Pending }));
    assert_eq!(newer(91), None);
    let count = |state| world.database.count_notifications(state).unwrap();
    assert_eq!(NotificationState::ALL.map(count), [20, 40, 20, 20, 20]);
}

#[test]
fn pictures_that_came_late_are_in_the_history() {
    let world = world(4);
    let sent = notification(4);
    let receipt = Receipt { message: "m2".into(), ..Receipt::default() };
    let added = |pictures: &[&str]| Change::ReceiptUpdated {
        delivery: sent.delivery.id,
        group_key: sent.delivery.group_key.clone(),
        integration: sent.delivery.integration.clone(),
        receipt: receipt.clone(),
        pictures: pictures.iter().map(|name| PictureId((*name).into())).collect(),
    };
    world.database.commit(&[added(&["a"]), added(&["a", "b"])]).unwrap();
    let found = world.database.notification(sent.delivery.id).unwrap().unwrap();
    assert_eq!(found.done.unwrap().pictures, [PictureId("a".into()), PictureId("b".into())]);
    assert_eq!(found.delivery.receipt, Some(receipt));
}
