//! Groups, their timers, and what becomes of deliveries.

use alerts::{
    message::LogEntry,
    ports::{GroupRecord, OutboxHead, Snapshot},
};

use super::*;

const TIMING: Timing = Timing { group_wait: Duration::from_secs(30), group_interval: Duration::from_secs(300) };

fn second(seconds: i64) -> Time {
    Time::from_secs(1_700_000_000 + seconds)
}

fn key() -> IntegrationKey {
    IntegrationKey("r/fake/x".into())
}

fn announce(groups: &mut Groups, number: u64, starts_at: Time, now: Time) {
    let announcement = Announcement {
        group_hash: 0,
        group_key: "g".into(),
        route: RouteId(0),
        fingerprint: Fingerprint(number),
        sequence: 1,
        index_version: 0,
        starts_at,
    };
    groups.announce(&announcement, TIMING, now, || None);
}

fn settled(id: u64, what: Settlement) -> Settled {
    Settled { group_key: "g".into(), integration: key(), id: DeliveryId(id), what }
}

fn sent(firing: &[u64], resolved: &[u64]) -> Settlement {
    let numbers = |of: &[u64]| of.iter().copied().map(Fingerprint).collect();
    Settlement::Sent { firing: numbers(firing), resolved: numbers(resolved), at: second(5) }
}

fn pending(id: u64, firing: &[u64], resolved: &[u64]) -> Pending {
    let numbers = |of: &[u64]| of.iter().copied().map(Fingerprint).collect();
    Pending {
        id: DeliveryId(id),
        firing: numbers(firing),
        resolved: numbers(resolved),
        since: second(0),
        not_before: second(0),
        maybe_told: Vec::new(),
        attempted: false,
        withdrawn: true,
    }
}

fn with_pending(new: Pending) -> Groups {
    let mut groups = Groups::default();
    for number in 1..4 {
        announce(&mut groups, number, second(0), second(0));
    }
    let group = groups.by_key.get_mut("g").unwrap();
    group.told.entry(key()).or_default().pending = Some(new);
    groups
}

fn told(groups: &Groups) -> &Told {
    &groups.by_key["g"].told[&key()]
}

fn members(groups: &Groups) -> Vec<u64> {
    groups.by_key["g"].alerts.keys().map(|fingerprint| fingerprint.0).collect()
}

#[test]
fn a_group_waits_and_keeps_its_rhythm() {
    let mut groups = Groups::default();
    announce(&mut groups, 1, second(0), second(10));
    assert_eq!(groups.next_wake(), Some(second(40)));
    assert!(groups.due(second(39), 9, |_| TIMING.group_interval).is_empty());
    assert_eq!(groups.due(second(45), 9, |_| TIMING.group_interval).len(), 1);
    assert_eq!(groups.next_wake(), Some(second(340)), "measured from when it was due");
    assert_eq!(groups.due(second(5_000), 9, |_| TIMING.group_interval).len(), 1);
    assert_eq!(groups.next_wake(), Some(second(5_300)), "what was missed is not made up for");
}

#[test]
fn an_alert_older_than_the_wait_does_not_wait() {
    let mut groups = Groups::default();
    announce(&mut groups, 1, second(-31), second(0));
    assert_eq!(groups.next_wake(), Some(second(0)));
}

/// A clock that stepped back used to leave groups waiting until it was the time again.
#[test]
fn a_clock_that_steps_back_delays_a_group_by_its_interval_at_most() {
    let mut groups = Groups::default();
    announce(&mut groups, 1, second(0), second(0));
    groups.clock_stepped(second(-100_000), |_| TIMING);
    assert_eq!(groups.next_wake(), Some(second(-100_000 + 300)));
    groups.clock_stepped(second(100_000), |_| TIMING);
    assert_eq!(groups.due(second(100_000), 9, |_| TIMING.group_interval).len(), 1);
}

#[test]
fn what_everybody_was_told_to_be_over_leaves() {
    let mut groups = with_pending(pending(7, &[1], &[2, 3]));
    groups.settle(settled(7, sent(&[1], &[2, 3])), |fingerprint| fingerprint != Fingerprint(3));
    assert_eq!(members(&groups), [1, 3], "3 fires again meanwhile");
    assert_eq!(told(&groups).pending, None);
    assert!(!groups.end_if_idle(&"g".into()));
}

#[test]
fn a_failed_attempt_may_have_told() {
    let mut groups = with_pending(pending(7, &[1], &[]));
    groups.settle(settled(7, Settlement::Attempted { firing: vec![Fingerprint(1)] }), |_| false);
    let found = told(&groups).pending.clone().unwrap();
    assert_eq!((found.attempted, found.withdrawn, found.maybe_told), (true, false, vec![Fingerprint(1)]));
}

/// What an attempt may have told was forgotten if a newer delivery had taken its place meanwhile.
#[test]
fn a_failed_attempt_counts_for_the_delivery_behind_it() {
    let mut groups = with_pending(pending(8, &[2], &[]));
    groups.settle(settled(7, Settlement::Attempted { firing: vec![Fingerprint(1)] }), |_| false);
    groups.settle(settled(7, Settlement::Dropped), |_| false);
    let found = told(&groups).pending.clone().unwrap();
    assert_eq!((found.id, found.attempted, found.maybe_told), (DeliveryId(8), true, vec![Fingerprint(1)]));
}

#[test]
fn what_no_outbox_holds_is_not_pending() {
    let mut groups = with_pending(pending(7, &[1], &[]));
    groups.reconcile(&key(), &HashSet::from([DeliveryId(7)]));
    assert!(told(&groups).pending.is_some());
    groups.reconcile(&key(), &HashSet::new());
    assert_eq!(told(&groups).pending, None);
}

fn restored() -> Groups {
    let log = LogEntry {
        group_key: "g".into(),
        integration: key(),
        firing: vec![Fingerprint(1)],
        resolved: Vec::new(),
        at: second(-100),
        expires_at: second(9_999),
        receipt: Default::default(),
    };
    let head = OutboxHead {
        id: DeliveryId(7),
        integration: key(),
        group_key: "g".into(),
        firing: vec![Fingerprint(1), Fingerprint(2)],
        resolved: Vec::new(),
        attempted: false,
        since: second(-50),
        not_before: second(-50),
    };
    let groups = vec![GroupRecord { group_key: "g".into(), flushed_at: second(-100) }];
    let snapshot = Snapshot { groups, log: vec![log], outbox: vec![head], last_delivery: 7, ..Snapshot::default() };
    Groups::new(Restored::of(snapshot, |_| true, &Default::default()), Time::MIN)
}

#[test]
fn a_group_of_the_database_keeps_its_rhythm_and_what_is_pending() {
    let mut groups = restored();
    announce(&mut groups, 1, second(-1_000), second(0));
    assert_eq!(groups.next_wake(), Some(second(200)));
    assert_eq!(told(&groups).pending.as_ref().map(|pending| pending.id), Some(DeliveryId(7)));
    assert_eq!(told(&groups).log.as_ref().map(|log| log.firing.len()), Some(1));
}

/// A delivery of the outbox that was sent before its group was announced used to be pending for ever: nothing that says
/// the same was told again.
#[test]
fn what_is_settled_before_the_group_is_announced_counts() {
    for (what, pending, firing) in [
        (sent(&[1, 2], &[]), false, 2),
        (Settlement::Dropped, false, 1),
        (Settlement::Attempted { firing: vec![Fingerprint(2)] }, true, 1),
    ] {
        let mut groups = restored();
        groups.settle(settled(7, what.clone()), |_| false);
        announce(&mut groups, 1, second(-1_000), second(0));
        assert_eq!(told(&groups).pending.is_some(), pending, "{what:?}");
        assert!(told(&groups).pending.as_ref().is_none_or(|pending| pending.attempted));
        assert_eq!(told(&groups).log.as_ref().map(|log| log.firing.len()), Some(firing), "{what:?}");
    }
}
