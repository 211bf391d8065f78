//! The queue's promises, by cases and by random histories.

use alerts::{
    LabelSet,
    message::{IntegrationKey, Reason},
    ports::Pace,
};
use proptest::prelude::*;

use super::*;

fn second(seconds: i64) -> Time {
    Time::from_secs(1_700_000_000 + seconds)
}

fn delivery(id: u64, group: &str, now: Time) -> Box<Delivery> {
    Box::new(Delivery {
        id: DeliveryId(id),
        integration: IntegrationKey("r/fake/x".into()),
        receiver: "r".into(),
        group_key: group.into(),
        group_labels: LabelSet::new(),
        route_labels: LabelSet::new(),
        reason: Reason::FirstNotification,
        alerts: Vec::new(),
        muted_firing: Vec::new(),
        flushed_at: now,
        since: now,
        not_before: now,
        expires_at: now.plus(Duration::from_secs(3600)),
        repeat_interval_secs: 3600,
        attempts: 0,
        last_error: None,
        receipt: None,
    })
}

fn head(id: u64, group: &str, attempted: bool) -> OutboxHead {
    OutboxHead {
        id: DeliveryId(id),
        integration: IntegrationKey("r/fake/x".into()),
        group_key: group.into(),
        firing: Vec::new(),
        resolved: Vec::new(),
        attempted,
        since: second(0),
        not_before: second(0),
    }
}

fn queue(concurrency: usize) -> Queue {
    Queue::new(concurrency, SharedPace::new(Pace { burst: 1, period: Duration::ZERO }))
}

fn fails(kind: SendErrorKind) -> SendError {
    SendError::new(kind, "no")
}

fn sends(queue: &mut Queue, now: Time) -> Option<u64> {
    match queue.next(now) {
        Next::Send(delivery) => Some(delivery.id.0),
        _ => None,
    }
}

fn dropped(dropped: Option<Dropped>) -> Option<(u64, DropReason)> {
    dropped.map(|dropped| (dropped.id.0, dropped.reason))
}

#[test]
fn a_newer_delivery_supersedes_and_keeps_the_time_and_the_attempts() {
    let mut queue = queue(1);
    queue.deliver(delivery(1, "g", second(0)), false, true);
    assert_eq!(sends(&mut queue, second(0)), Some(1));
    let Some(Failed::Again { not_before, attempts: 1, rests: false }) =
        queue.failed(DeliveryId(1), &fails(SendErrorKind::RetryAfter(Duration::from_secs(30))), second(0))
    else {
        panic!("there is another attempt")
    };
    assert_eq!(not_before, second(30));
    assert_eq!(dropped(queue.deliver(delivery(2, "g", second(5)), false, true)), Some((1, DropReason::Superseded)));
    assert_eq!(queue.next(second(5)), Next::Wait(second(30)));
    assert_eq!(queue.withdraw(DeliveryId(2), false), None, "somebody may have been told");
    assert_eq!(dropped(queue.withdraw(DeliveryId(2), true)), Some((2, DropReason::NeverTold)));
    assert_eq!(queue.len(), 0);
}

/// The third of a group used to go out beside the first, which was still under way.
#[test]
fn however_many_come_behind_an_attempt_only_the_newest_goes_and_only_after_it() {
    let mut queue = queue(4);
    queue.deliver(delivery(1, "g", second(0)), false, true);
    assert_eq!(sends(&mut queue, second(0)), Some(1));
    assert_eq!(queue.deliver(delivery(2, "g", second(1)), false, true), None);
    assert_eq!(dropped(queue.deliver(delivery(3, "g", second(2)), false, true)), Some((2, DropReason::Superseded)));
    assert_eq!(queue.next(second(2)), Next::Idle);
    queue.sent(DeliveryId(1));
    assert_eq!(sends(&mut queue, second(2)), Some(3));
}

/// A delivery behind an attempt used to go out before its pictures were settled.
#[test]
fn what_is_held_is_held_behind_an_attempt_too() {
    let mut queue = queue(4);
    queue.deliver(delivery(1, "g", second(0)), false, true);
    assert_eq!(sends(&mut queue, second(0)), Some(1));
    queue.deliver(delivery(2, "g", second(0)), true, true);
    queue.sent(DeliveryId(1));
    assert_eq!(queue.next(second(0)), Next::Idle);
    queue.release(DeliveryId(2));
    assert_eq!(sends(&mut queue, second(0)), Some(2));
}

/// A rebuilt actor is told of a delivery and finds it in the outbox too; it used to drop it.
#[test]
fn the_same_delivery_twice_is_one() {
    let mut queue = queue(1);
    queue.deliver(delivery(1, "g", second(0)), false, true);
    assert_eq!(queue.restore(&head(1, "g", false), Time::MAX), None);
    assert_eq!(sends(&mut queue, second(0)), Some(1));
    assert_eq!(dropped(queue.restore(&head(0, "g", false), Time::MAX)), Some((0, DropReason::Superseded)));
}

/// A set-aside delivery used to keep its place for ever.
#[test]
fn what_is_removed_under_way_gives_its_place_back() {
    let mut queue = queue(1);
    queue.deliver(delivery(1, "a", second(0)), false, true);
    queue.deliver(delivery(2, "b", second(0)), false, true);
    assert_eq!(sends(&mut queue, second(0)), Some(1));
    queue.remove(DeliveryId(1), DropReason::Rejected);
    assert_eq!(sends(&mut queue, second(0)), Some(2));
}

/// Loads used to take no place: one pump read the whole outbox into memory.
#[test]
fn reads_of_contents_are_bounded_by_the_concurrency() {
    let mut queue = queue(2);
    for id in 0..100 {
        queue.restore(&head(id, &format!("g{id}"), id == 0), Time::MAX);
    }
    assert_eq!(queue.next(second(0)), Next::Load(DeliveryId(0)));
    assert_eq!(queue.next(second(0)), Next::Load(DeliveryId(1)));
    assert_eq!(queue.next(second(0)), Next::Idle);
    queue.not_loaded(DeliveryId(0), second(5));
    assert_eq!(queue.loaded(DeliveryId(1), Some(delivery(1, "g1", second(0)))), None);
    assert_eq!((queue.in_memory(), queue.busy()), (1, 0));
    assert_eq!(sends(&mut queue, second(0)), Some(1));
    assert_eq!(queue.withdraw(DeliveryId(0), false), None, "it was attempted before the restart");
    assert_eq!(queue.next(second(0)), Next::Load(DeliveryId(2)));
    assert_eq!(dropped(queue.loaded(DeliveryId(2), None)), Some((2, DropReason::Superseded)));
}

/// What expired beyond the window used to be dropped without its contents: no history, nobody told.
#[test]
fn what_expires_is_read_first_even_while_the_destination_rests() {
    let mut queue = queue(1);
    for id in 0..=WINDOW as u64 {
        queue.deliver(delivery(id, &format!("g{id}"), second(0)), false, true);
    }
    assert_eq!(queue.in_memory(), WINDOW);
    assert_eq!(sends(&mut queue, second(0)), Some(0));
    queue.failed(DeliveryId(0), &fails(SendErrorKind::Unauthorised), second(3599));
    for id in 1..WINDOW as u64 {
        assert_eq!(queue.next(second(3600)), Next::Expired(DeliveryId(id)));
        queue.remove(DeliveryId(id), DropReason::Expired);
    }
    let last = DeliveryId(WINDOW as u64);
    assert_eq!(queue.next(second(3600)), Next::Load(last));
    queue.loaded(last, Some(delivery(last.0, "last", second(0))));
    assert_eq!(queue.next(second(3600)), Next::Expired(last));
}

#[test]
fn contents_are_kept_beyond_the_window_if_the_outbox_does_not_have_them() {
    let mut queue = queue(1);
    for id in 0..2 * WINDOW as u64 {
        queue.deliver(delivery(id, &format!("g{id}"), second(0)), id % 2 == 0, false);
    }
    assert_eq!(queue.in_memory(), 2 * WINDOW);
}

#[test]
fn a_clock_that_steps_back_by_a_year_delays_nothing_for_longer_than_a_rest() {
    let year = Duration::from_secs(365 * 24 * 3600);
    for kind in [SendErrorKind::Retry, SendErrorKind::Unauthorised, SendErrorKind::RetryAfter(Duration::from_secs(60))]
    {
        let mut queue = Queue::new(1, SharedPace::new(Pace { burst: 2, period: Duration::from_secs(1) }));
        queue.deliver(delivery(1, "g", second(0)), false, true);
        assert_eq!(sends(&mut queue, second(0)), Some(1));
        queue.failed(DeliveryId(1), &fails(kind), second(0));
        let back = second(0).minus(year);
        queue.clock_stepped(back);
        assert_eq!(sends(&mut queue, back.plus(PAUSE_LONGEST)), Some(1), "{kind:?}");
    }
}

/// What happens to a queue.
#[derive(Clone, Debug)]
enum Step {
    Deliver { group: u8, held: bool },
    Release(u8),
    Withdraw(u8),
    Pass(u8),
    Load { which: u8, found: bool },
    End { which: u8, outcome: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0u8..6, any::<bool>()).prop_map(|(group, held)| Step::Deliver { group, held }),
        2 => any::<u8>().prop_map(Step::Release),
        1 => any::<u8>().prop_map(Step::Withdraw),
        3 => (0u8..90).prop_map(Step::Pass),
        3 => (any::<u8>(), prop::bool::weighted(0.9)).prop_map(|(which, found)| Step::Load { which, found }),
        5 => (any::<u8>(), 0u8..6).prop_map(|(which, outcome)| Step::End { which, outcome }),
    ]
}

const CONCURRENCY: usize = 2;
const PACE: Pace = Pace { burst: 3, period: Duration::from_secs(2) };

/// A queue beside what must hold of it.
struct Model {
    queue: Queue,
    now: Time,
    next_id: u64,
    /// Every id that was delivered and has not ended, with its group.
    open: HashMap<u64, u8>,
    under_way: Vec<u64>,
    loading: Vec<u64>,
    begun: Vec<Time>,
}

impl Model {
    fn new() -> Self {
        let queue = Queue::new(CONCURRENCY, SharedPace::new(PACE));
        let (open, under_way, loading) = (HashMap::new(), Vec::new(), Vec::new());
        let mut model = Self { queue, now: second(0), next_id: 0, open, under_way, loading, begun: Vec::new() };
        for group in 0..3u8 {
            model.next_id += 1;
            model.open.insert(model.next_id, group);
            model.queue.restore(&head(model.next_id, &group.to_string(), false), Time::MAX);
        }
        model
    }

    fn ended(&mut self, dropped: Option<Dropped>) {
        if let Some(dropped) = dropped {
            assert!(self.open.remove(&dropped.id.0).is_some(), "{dropped:?} ended twice");
            self.loading.retain(|id| *id != dropped.id.0);
            assert!(!self.under_way.contains(&dropped.id.0), "{dropped:?} was under way");
        }
    }

    fn apply(&mut self, step: &Step) {
        let pick = |of: &[u64], which: u8| (!of.is_empty()).then(|| of[usize::from(which) % of.len()]);
        match step {
            Step::Deliver { group, held } => {
                self.next_id += 1;
                self.open.insert(self.next_id, *group);
                let new = delivery(self.next_id, &group.to_string(), self.now);
                let dropped = self.queue.deliver(new, *held, true);
                self.ended(dropped);
            }
            Step::Release(which) => self.queue.release(DeliveryId(u64::from(*which) % (self.next_id + 1))),
            Step::Withdraw(which) => {
                let dropped = self.queue.withdraw(DeliveryId(u64::from(*which) % (self.next_id + 1)), *which > 128);
                self.ended(dropped);
            }
            Step::Pass(seconds) => self.now = self.now.plus(Duration::from_secs(u64::from(*seconds))),
            Step::Load { which, found } => {
                let Some(id) = pick(&self.loading, *which) else { return };
                self.loading.retain(|other| *other != id);
                let group = self.open[&id].to_string();
                let contents = found.then(|| delivery(id, &group, second(0)));
                let dropped = self.queue.loaded(DeliveryId(id), contents);
                self.ended(dropped);
            }
            Step::End { which, outcome } => {
                if let Some(id) = pick(&self.under_way, *which) {
                    self.end(id, *outcome);
                }
            }
        }
    }

    fn end(&mut self, id: u64, outcome: u8) {
        self.under_way.retain(|other| *other != id);
        let kind = match outcome {
            0 | 1 => {
                self.queue.sent(DeliveryId(id));
                assert!(self.open.remove(&id).is_some());
                return;
            }
            2 => SendErrorKind::Retry,
            3 => SendErrorKind::RetryAfter(Duration::from_secs(7)),
            4 => SendErrorKind::Unauthorised,
            _ => SendErrorKind::Rejected,
        };
        match self.queue.failed(DeliveryId(id), &fails(kind), self.now) {
            Some(Failed::Again { not_before, .. }) => assert!(not_before > self.now),
            Some(Failed::Dropped(dropped)) => self.ended(Some(dropped)),
            None => panic!("{id} was lost"),
        }
    }

    fn pump(&mut self) {
        loop {
            match self.queue.next(self.now) {
                Next::Send(delivery) => {
                    assert!(delivery.not_before <= self.now);
                    assert!(delivery.expires_at > self.now);
                    self.under_way.push(delivery.id.0);
                    self.begun.push(self.now);
                }
                Next::Load(id) => self.loading.push(id.0),
                Next::Expired(id) => {
                    let dropped = self.queue.remove(id, DropReason::Expired);
                    assert!(
                        dropped.as_ref().is_some_and(|dropped| dropped.delivery.is_some()),
                        "a dead letter has contents"
                    );
                    self.ended(dropped);
                }
                Next::Wait(at) => {
                    assert!(at > self.now);
                    break;
                }
                Next::Idle => break,
            }
        }
    }

    fn check(&self) {
        assert!(self.under_way.len() + self.loading.len() <= CONCURRENCY);
        assert_eq!(self.queue.busy(), self.under_way.len() + self.loading.len());
        let mut ids: Vec<u64> = self.queue.ids().map(|id| id.0).collect();
        let mut open: Vec<u64> = self.open.keys().copied().collect();
        ids.sort_unstable();
        open.sort_unstable();
        assert_eq!(ids, open, "whatever is not ended is in the queue");
        assert!(self.queue.in_memory() <= self.queue.len());
        for group in 0..6u8 {
            let of = |ids: &mut dyn Iterator<Item = &u64>| ids.filter(|id| self.open.get(id) == Some(&group)).count();
            let under_way = of(&mut self.under_way.iter());
            assert!(under_way <= 1, "two of group {group} are under way");
            assert!(of(&mut self.open.keys()) <= 1 + under_way, "two of group {group} wait");
        }
        // Of any burst + 1 attempts in a row the last began a period after the bucket could give one more.
        let burst = usize::try_from(PACE.burst).unwrap();
        for window in self.begun.windows(burst + 1) {
            assert!(window[burst] >= window[0].plus(PACE.period), "too fast: {window:?}");
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_the_promises_hold(steps in prop::collection::vec(step(), 1..120)) {
        let mut model = Model::new();
        for step in &steps {
            model.apply(step);
            model.pump();
            model.check();
        }
        // In the end, with a destination that takes everything, everything arrives.
        for _ in 0..500 {
            let held: Vec<DeliveryId> = model.queue.ids().collect();
            held.into_iter().for_each(|id| model.queue.release(id));
            model.pump();
            while let Some(id) = model.loading.first().copied() {
                model.apply(&Step::Load { which: 0, found: true });
                assert!(!model.loading.contains(&id));
            }
            model.pump();
            while let Some(id) = model.under_way.first().copied() {
                model.end(id, 0);
            }
            model.now = model.now.plus(Duration::from_secs(30));
        }
        prop_assert!(model.open.is_empty(), "stuck: {:?}", model.open);
        prop_assert_eq!((model.queue.len(), model.queue.in_memory(), model.queue.busy()), (0, 0, 0));
    }
}
