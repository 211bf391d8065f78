//! What a flush decides, by cases.

use std::collections::HashMap;

use alerts::{Episode, alert::PictureSlots, route::RouteId};

use super::*;

const NOW: Time = Time::from_secs(1_700_000_000);

fn numbers(numbers: &[u64]) -> Vec<Fingerprint> {
    numbers.iter().copied().map(Fingerprint).collect()
}

fn alert(number: u64, firing: bool) -> Alert {
    Alert {
        fingerprint: Fingerprint(number),
        labels: [("alertname", &*number.to_string())].into_iter().collect(),
        annotations: LabelSet::new(),
        starts_at: NOW.minus(Duration::from_secs(60)),
        ends_at: if firing { NOW.plus(Duration::from_secs(60)) } else { NOW },
        ends_by_timeout: false,
        updated_at: NOW,
        generator_url: String::new(),
        episode: Episode(NOW),
        pictures: PictureSlots::default(),
    }
}

/// What an integration knows before a flush. Empty slices: nothing.
#[derive(Clone, Copy, Default)]
struct Before {
    /// The log: firing, resolved.
    log: Option<(&'static [u64], &'static [u64])>,
    /// The hours since then.
    hours: u32,
    /// Pending: firing, resolved.
    pending: Option<(&'static [u64], &'static [u64])>,
    maybe_told: &'static [u64],
    attempted: bool,
    withdrawn: bool,
}

impl Before {
    fn told(&self) -> Told {
        let log = self.log.map(|(firing, resolved)| LogHead {
            firing: numbers(firing),
            resolved: numbers(resolved),
            at: NOW.minus(Duration::from_secs(3600) * self.hours),
        });
        let pending = self.pending.map(|(firing, resolved)| Pending {
            id: DeliveryId(1),
            firing: numbers(firing),
            resolved: numbers(resolved),
            since: NOW.minus(Duration::from_secs(600)),
            not_before: NOW,
            maybe_told: numbers(self.maybe_told),
            attempted: self.attempted,
            withdrawn: self.withdrawn,
        });
        Told { log, pending, ..Told::default() }
    }
}

/// The alerts at the flush.
#[derive(Clone, Copy, Default)]
struct Alerts {
    firing: &'static [u64],
    resolved: &'static [u64],
    muted: &'static [u64],
}

/// Flushes a group of one integration; answers the effects in words, and which alerts the group can let go.
fn run(before: Before, alerts: Alerts, send_resolved: bool) -> (Vec<String>, Vec<u64>, Told) {
    let key = IntegrationKey("r/fake/x".into());
    let mut all: Vec<Alert> = alerts.firing.iter().map(|number| alert(*number, true)).collect();
    all.extend(alerts.resolved.iter().map(|number| alert(*number, false)));
    let mut group = GroupState {
        route: RouteId(0),
        alerts: hashbrown::HashMap::new(),
        next_flush: NOW,
        index_version: 0,
        told: HashMap::from([(key.clone(), before.told())]),
    };
    let targets = [FlushTarget { key: key.clone(), send_resolved, resolve_muted: true, refreshes_pictures: true }];
    let input = FlushInput {
        now: NOW,
        group_key: "g",
        group_labels: LabelSet::new(),
        route_labels: LabelSet::new(),
        alerts: all,
        muted: numbers(alerts.muted).into_iter().collect(),
        receiver: "r",
        integrations: &targets,
        repeat_interval: Duration::from_secs(3600),
        max_age: Duration::from_secs(3600),
    };
    let effects = flush(&mut group, &input, || DeliveryId(2)).iter().map(words).collect();
    let finished = finished(&group, &input).into_iter().map(|fingerprint| fingerprint.0).collect();
    (effects, finished, group.told.remove(&key).unwrap())
}

fn words(effect: &FlushEffect) -> String {
    let list =
        |of: Vec<Fingerprint>| of.iter().map(|fingerprint| fingerprint.0.to_string()).collect::<Vec<_>>().join(",");
    match effect {
        FlushEffect::Refresh(alerts) => format!("refresh {}", list(alerts.clone())),
        FlushEffect::Deliver(delivery) => {
            format!(
                "tell {}|{}",
                list(delivery.fingerprints(Status::Firing)),
                list(delivery.fingerprints(Status::Resolved))
            )
        }
        FlushEffect::Withdraw { id, even_if_tried, .. } => {
            format!("withdraw {}{}", id.0, if *even_if_tried { " even if tried" } else { "" })
        }
        FlushEffect::Log(entry) => format!("log {}|{}", list(entry.firing.clone()), list(entry.resolved.clone())),
    }
}

fn check(before: Before, alerts: Alerts, send_resolved: bool, expected: &[&str], can_go: &[u64]) {
    let (effects, finished, _) = run(before, alerts, send_resolved);
    assert_eq!(
        (effects.iter().map(|effect| &**effect).collect::<Vec<_>>(), &finished[..]),
        (expected.to_vec(), can_go)
    );
}

const NEW: Before = Before { log: None, hours: 0, pending: None, maybe_told: &[], attempted: false, withdrawn: false };

fn alerts(firing: &'static [u64], resolved: &'static [u64], muted: &'static [u64]) -> Alerts {
    Alerts { firing, resolved, muted }
}

#[test]
fn without_anything_pending() {
    check(NEW, alerts(&[1, 2], &[], &[]), true, &["tell 1,2|"], &[]);
    check(NEW, alerts(&[], &[1], &[]), true, &[], &[1]);
    check(NEW, alerts(&[1], &[], &[1]), true, &[], &[]);
    let knows = Before { log: Some((&[1, 2], &[])), ..NEW };
    check(knows, alerts(&[1, 2], &[], &[]), true, &[], &[]);
    check(knows, alerts(&[1], &[2], &[]), true, &["tell 1|2"], &[]);
    check(knows, alerts(&[], &[1, 2], &[]), true, &["tell |1,2"], &[]);
    check(knows, alerts(&[], &[1, 2], &[]), false, &["log |1,2"], &[1, 2]);
    check(knows, alerts(&[1, 2, 3], &[], &[]), true, &["tell 1,2,3|"], &[]);
}

#[test]
fn what_is_muted_but_was_told_stays_known_and_its_end_is_told() {
    let knows = Before { log: Some((&[1, 2], &[])), ..NEW };
    check(knows, alerts(&[1, 2], &[], &[1]), true, &[], &[]);
    check(knows, alerts(&[1, 2, 3], &[], &[1]), true, &["tell 1,2,3|"], &[]);
    check(knows, alerts(&[1, 2], &[], &[1, 2]), true, &[], &[]);
    check(knows, alerts(&[2], &[1], &[1]), true, &["tell 2|1"], &[]);
    check(knows, alerts(&[], &[1, 2], &[1, 2]), true, &["tell |1,2"], &[]);
    check(NEW, alerts(&[], &[1], &[1]), true, &[], &[1]);
}

#[test]
fn what_is_pending() {
    let pending = Before { pending: Some((&[1], &[])), ..NEW };
    check(pending, alerts(&[1], &[], &[]), true, &[], &[]);
    check(pending, alerts(&[1, 2], &[], &[]), true, &["tell 1,2|"], &[]);
    check(pending, alerts(&[], &[1], &[]), true, &["withdraw 1"], &[]);
    check(pending, alerts(&[1], &[], &[1]), true, &["withdraw 1"], &[]);
    let withdrawn = Before { withdrawn: true, ..pending };
    check(withdrawn, alerts(&[], &[1], &[]), true, &[], &[]);
    check(withdrawn, alerts(&[1], &[], &[]), true, &["tell 1|"], &[]);
    let tried = Before { attempted: true, maybe_told: &[1], ..pending };
    check(tried, alerts(&[], &[1], &[]), true, &["tell |1"], &[]);
    check(tried, alerts(&[1], &[], &[]), true, &[], &[]);
}

/// It used to be tried on, and told long after its end to those who are told of no end.
#[test]
fn who_wants_no_resolved_alerts_does_not_get_a_stale_firing_one() {
    let tried = Before { pending: Some((&[1], &[])), attempted: true, maybe_told: &[1], ..NEW };
    check(tried, alerts(&[], &[1], &[]), false, &["withdraw 1 even if tried", "log |1"], &[]);
}

/// The end of an alert that was told as resolved, and perhaps as firing again, used to be told to nobody.
#[test]
fn an_alert_that_may_be_known_to_fire_again_is_told_to_be_over_again() {
    let before =
        Before { log: Some((&[2], &[1])), pending: Some((&[1, 2], &[])), attempted: true, maybe_told: &[1, 2], ..NEW };
    check(before, alerts(&[2], &[1], &[]), true, &["tell 2|1"], &[]);
}

/// Such an alert used to stay until the next repeat, and was named as resolved to others again and again.
#[test]
fn who_wants_no_resolved_alerts_keeps_none_in_the_group() {
    let knows = Before { log: Some((&[1, 2], &[])), ..NEW };
    check(knows, alerts(&[1], &[2], &[]), false, &[], &[2]);
}

#[test]
fn a_chain_keeps_when_it_began() {
    let (_, _, told) = run(Before { pending: Some((&[1], &[])), ..NEW }, alerts(&[1, 2], &[], &[]), true);
    let pending = told.pending.unwrap();
    assert_eq!((pending.id, pending.since), (DeliveryId(2), NOW.minus(Duration::from_secs(600))));
}

/// A repeat shows how it looks now; what has news shows what was taken for the news.
#[test]
fn only_a_repeat_has_pictures_taken_anew() {
    let told = |hours| Before { log: Some((&[1, 2], &[])), hours, ..NEW };
    let firing = |firing, muted| alerts(firing, &[], muted);
    check(told(2), firing(&[1, 2], &[]), true, &["refresh 1,2", "tell 1,2|"], &[]);
    check(told(2), firing(&[1, 2], &[2]), true, &["refresh 1", "tell 1,2|"], &[]);
    check(told(2), firing(&[1, 2, 3], &[]), true, &["tell 1,2,3|"], &[]);
    check(told(0), firing(&[1, 2], &[]), true, &[], &[]);
    let under_way = Before { pending: Some((&[1, 2], &[])), ..told(2) };
    check(under_way, firing(&[1, 2], &[]), true, &[], &[]);
}

/// The log of an integration that the receiver does not have any more used to keep alerts, and their group, for ever.
#[test]
fn who_is_not_configured_any_more_needs_no_alert() {
    let key = |name: &str| IntegrationKey(name.into());
    let old = Before { log: Some((&[1], &[])), ..NEW }.told();
    let mut group = GroupState {
        route: RouteId(0),
        alerts: hashbrown::HashMap::new(),
        next_flush: NOW,
        index_version: 0,
        told: HashMap::from([(key("old"), old)]),
    };
    let targets =
        [FlushTarget { key: key("new"), send_resolved: true, resolve_muted: true, refreshes_pictures: false }];
    let input = FlushInput {
        now: NOW,
        group_key: "g",
        group_labels: LabelSet::new(),
        route_labels: LabelSet::new(),
        alerts: vec![alert(1, false)],
        muted: HashSet::new(),
        receiver: "r",
        integrations: &targets,
        repeat_interval: Duration::from_secs(3600),
        max_age: Duration::from_secs(3600),
    };
    assert_eq!(flush(&mut group, &input, || DeliveryId(2)), []);
    assert_eq!(finished(&group, &input), numbers(&[1]));
}
