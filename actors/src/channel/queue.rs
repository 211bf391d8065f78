//! The deliveries of one integration: held for pictures, ready, under way, waiting for another try. Pure.
//!
//! Deliberately unknown here: actors, how a message is made and sent, commits.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use alerts::{
    Time,
    message::{Delivery, DeliveryId, Receipt},
    ports::{DropReason, OutboxHead, Pace, SendError, SendErrorKind},
};

use super::backoff::{Bucket, Rest, retry_delay};

/// Deliveries whose contents are kept in memory; of the others only a head is.
pub(super) const WINDOW: usize = 1_000;

/// What is to be done next.
#[derive(Debug, PartialEq)]
pub(super) enum Next {
    /// Make an attempt.
    Send(Box<Delivery>),
    /// Read the contents from the outbox and give them to [`Queue::loaded`].
    Load(DeliveryId),
    /// Too old: it becomes a dead letter.
    Expired(DeliveryId),
    /// Nothing before then.
    Wait(Time),
    /// Nothing until something happens.
    Idle,
}

/// A delivery that left the queue unsent.
#[derive(Debug, PartialEq)]
pub(super) struct Dropped {
    pub(super) id: DeliveryId,
    pub(super) group_key: Arc<str>,
    pub(super) reason: DropReason,
    /// Its contents, where they were in memory.
    pub(super) delivery: Option<Box<Delivery>>,
}

/// What a failed attempt leads to.
#[derive(Debug, PartialEq)]
pub(super) enum Failed {
    /// There will be another attempt at that time; `rests` if the whole destination rests.
    Again { not_before: Time, attempts: u32, rests: bool },
    /// There will be none.
    Dropped(Dropped),
}

#[derive(Debug, PartialEq)]
enum State {
    /// Its pictures are not settled.
    Held,
    /// In `ready` under this time.
    Ready(Time),
    /// An attempt is under way.
    UnderWay,
    /// Waits for the attempt at an older delivery of its group to end.
    Behind,
}

#[derive(Debug)]
struct Item {
    group_key: Arc<str>,
    state: State,
    not_before: Time,
    expires_at: Time,
    attempts: u32,
    contents: Option<Box<Delivery>>,
}

/// The queue.
pub(super) struct Queue {
    items: HashMap<DeliveryId, Item>,
    /// Per group the deliveries of it, the oldest first: one, or one under way and a newer one behind it.
    by_group: HashMap<Arc<str>, Vec<DeliveryId>>,
    ready: BTreeSet<(Time, DeliveryId)>,
    under_way: usize,
    contents: usize,
    concurrency: usize,
    bucket: Bucket,
    rest: Rest,
}

impl Queue {
    pub(super) fn new(concurrency: usize, pace: Pace) -> Self {
        Self {
            items: HashMap::new(),
            by_group: HashMap::new(),
            ready: BTreeSet::new(),
            under_way: 0,
            contents: 0,
            concurrency: concurrency.max(1),
            bucket: Bucket::new(pace),
            rest: Rest::default(),
        }
    }

    /// A delivery of the outbox, at the start. Of two of one group the older is dropped.
    pub(super) fn restore(&mut self, head: &OutboxHead, expires_at: Time) -> Option<Dropped> {
        self.insert(head.id, head.group_key.as_str().into(), head.not_before, expires_at, 0, None, false)
    }

    /// A new delivery; the unsent one of the same group that it supersedes is answered. `held` while pictures are awaited.
    pub(super) fn deliver(&mut self, delivery: Box<Delivery>, held: bool, may_forget: bool) -> Option<Dropped> {
        let contents = (held || self.contents < WINDOW || !may_forget).then(|| delivery.clone());
        self.insert(
            delivery.id,
            delivery.group_key.as_str().into(),
            delivery.not_before,
            delivery.expires_at,
            delivery.attempts,
            contents,
            held,
        )
    }

    /// The pictures of a delivery are settled, or it has waited long enough.
    pub(super) fn release(&mut self, id: DeliveryId) {
        if let Some(item) = self.items.get_mut(&id)
            && item.state == State::Held
        {
            item.state = State::Ready(item.not_before);
            self.ready.insert((item.not_before, id));
        }
    }

    /// A group takes back what it does not mean any more, unless somebody may have been told.
    pub(super) fn withdraw(&mut self, id: DeliveryId) -> Option<Dropped> {
        let item = self.items.get(&id)?;
        if item.state == State::UnderWay || item.attempts > 0 {
            return None;
        }
        self.remove(id, DropReason::NeverTold)
    }

    /// What to do now.
    pub(super) fn next(&mut self, now: Time) -> Next {
        let Some((not_before, id)) = self.ready.first().copied() else { return Next::Idle };
        if self.items.get(&id).is_some_and(|item| item.expires_at <= now) {
            return Next::Expired(id);
        }
        if self.under_way >= self.concurrency {
            return Next::Idle;
        }
        let earliest = not_before.max(self.bucket.next_at()).max(self.rest.until(now).unwrap_or(Time::MIN));
        if earliest > now {
            return Next::Wait(earliest);
        }
        self.begin(not_before, id, now)
    }

    /// The contents that [`Next::Load`] asked for; without them the delivery is gone from the outbox and is forgotten.
    pub(super) fn loaded(&mut self, id: DeliveryId, contents: Option<Box<Delivery>>) -> Option<Dropped> {
        let Some(contents) = contents else { return self.remove(id, DropReason::Superseded) };
        let item = self.items.get_mut(&id)?;
        item.expires_at = contents.expires_at;
        item.attempts = item.attempts.max(contents.attempts);
        item.contents = Some(contents);
        self.contents += 1;
        self.make_ready(id);
        None
    }

    /// The contents could not be read: try again later.
    pub(super) fn not_loaded(&mut self, id: DeliveryId, again_at: Time) {
        if let Some(item) = self.items.get_mut(&id) {
            item.not_before = again_at;
            self.make_ready(id);
        }
    }

    /// An attempt succeeded.
    pub(super) fn sent(&mut self, id: DeliveryId) {
        self.rest.end();
        self.end_attempt(id);
        drop(self.remove(id, DropReason::Superseded));
    }

    /// An attempt failed. `receipt` is what it achieved all the same.
    pub(super) fn failed(&mut self, id: DeliveryId, error: &SendError, now: Time) -> Option<Failed> {
        self.end_attempt(id);
        let rests = error.kind == SendErrorKind::Unauthorised;
        if matches!(error.kind, SendErrorKind::Rejected | SendErrorKind::TooLarge) {
            let item = self.items.get_mut(&id)?;
            keep_progress(item, error.receipt.clone(), item.attempts + 1, now, &error.to_string());
            return self.remove(id, DropReason::Rejected).map(Failed::Dropped);
        }
        let wait_until = match error.kind {
            // Attempts that were under way together rest once.
            SendErrorKind::Unauthorised => self.rest.until(now).unwrap_or_else(|| self.rest.begin(now)),
            SendErrorKind::RetryAfter(wait) => {
                let until = now.plus(wait);
                self.bucket.block(until);
                until
            }
            _ => now.plus(retry_delay(id, self.items.get(&id)?.attempts + 1)),
        };
        let newest = self.newest_of_group(id)?;
        let item = self.items.get_mut(&id)?;
        item.attempts += 1;
        item.not_before = wait_until;
        let attempts = item.attempts;
        keep_progress(item, error.receipt.clone(), attempts, wait_until, &error.to_string());
        if newest != id {
            self.delay(newest, wait_until, attempts);
            return self.remove(id, DropReason::Superseded).map(Failed::Dropped);
        }
        self.make_ready(id);
        Some(Failed::Again { not_before: wait_until, attempts, rests })
    }

    /// Takes a delivery out.
    pub(super) fn remove(&mut self, id: DeliveryId, reason: DropReason) -> Option<Dropped> {
        let item = self.items.remove(&id)?;
        if let State::Ready(at) = item.state {
            self.ready.remove(&(at, id));
        }
        self.contents -= usize::from(item.contents.is_some());
        if let Some(ids) = self.by_group.get_mut(&item.group_key) {
            ids.retain(|other| *other != id);
            match ids.last().copied() {
                None => drop(self.by_group.remove(&item.group_key)),
                Some(behind) => self.make_ready_if_behind(behind),
            }
        }
        Some(Dropped { id, group_key: item.group_key, reason, delivery: item.contents })
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn in_memory(&self) -> usize {
        self.contents
    }

    pub(super) fn under_way(&self) -> usize {
        self.under_way
    }

    /// Until when the destination rests; none if it does not.
    pub(super) fn rests(&self) -> bool {
        self.rest.is_troubled()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = DeliveryId> {
        self.items.keys().copied()
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of an item, from two sources")]
    fn insert(
        &mut self,
        id: DeliveryId,
        group_key: Arc<str>,
        not_before: Time,
        expires_at: Time,
        attempts: u32,
        contents: Option<Box<Delivery>>,
        held: bool,
    ) -> Option<Dropped> {
        let newest = self.by_group.get(&group_key).and_then(|ids| ids.last().copied());
        if newest.is_some_and(|newest| newest >= id) {
            return Some(Dropped { id, group_key, reason: DropReason::Superseded, delivery: contents });
        }
        let old = newest.and_then(|id| self.items.get(&id)).map(|item| (item.state == State::UnderWay, item.not_before, item.attempts));
        let (behind, not_before, attempts) = match old {
            Some((under_way, old_not_before, old_attempts)) => {
                (under_way, not_before.max(old_not_before), attempts.max(old_attempts))
            }
            None => (false, not_before, attempts),
        };
        let dropped = newest.filter(|_| !behind).and_then(|old| self.remove(old, DropReason::Superseded));
        let state = if behind { State::Behind } else { State::Held };
        self.contents += usize::from(contents.is_some());
        self.by_group.entry(group_key.clone()).or_default().push(id);
        self.items.insert(id, Item { group_key, state, not_before, expires_at, attempts, contents });
        if !held {
            self.release(id);
        }
        dropped
    }

    fn begin(&mut self, not_before: Time, id: DeliveryId, now: Time) -> Next {
        self.ready.remove(&(not_before, id));
        let Some(item) = self.items.get_mut(&id) else { return Next::Idle };
        item.state = State::UnderWay;
        self.under_way += 1;
        match &item.contents {
            None => {
                // Not an attempt yet: the contents come first.
                self.under_way -= 1;
                item.state = State::Held;
                Next::Load(id)
            }
            Some(contents) => {
                self.bucket.take(now);
                Next::Send(contents.clone())
            }
        }
    }

    fn end_attempt(&mut self, id: DeliveryId) {
        if self.items.get(&id).is_some_and(|item| item.state == State::UnderWay) {
            self.under_way -= 1;
        }
    }

    fn newest_of_group(&self, id: DeliveryId) -> Option<DeliveryId> {
        let item = self.items.get(&id)?;
        self.by_group.get(&item.group_key)?.last().copied()
    }

    fn delay(&mut self, id: DeliveryId, not_before: Time, attempts: u32) {
        if let Some(item) = self.items.get_mut(&id) {
            item.not_before = item.not_before.max(not_before);
            item.attempts = item.attempts.max(attempts);
        }
    }

    fn make_ready(&mut self, id: DeliveryId) {
        if let Some(item) = self.items.get_mut(&id) {
            item.state = State::Ready(item.not_before);
            self.ready.insert((item.not_before, id));
        }
    }

    fn make_ready_if_behind(&mut self, id: DeliveryId) {
        if self.items.get(&id).is_some_and(|item| item.state == State::Behind) {
            self.make_ready(id);
        }
    }
}

fn keep_progress(item: &mut Item, receipt: Option<Receipt>, attempts: u32, not_before: Time, error: &str) {
    if let Some(contents) = &mut item.contents {
        contents.receipt = receipt.or(contents.receipt.take());
        contents.attempts = attempts;
        contents.not_before = not_before;
        contents.last_error = Some(error.to_owned());
    }
}

/// How long a delivery may be held for its pictures.
pub(super) fn hold_for(delivery: &Delivery, image_wait: Duration, now: Time) -> Duration {
    delivery.flushed_at.plus(image_wait).since(now)
}
