//! The deliveries of one integration: held for pictures, ready, under way, waiting for another try. Pure.
//!
//! Deliberately unknown here: actors, how a message is made and sent, commits.

mod item;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use alerts::{
    Time,
    message::{Delivery, DeliveryId},
    ports::{DropReason, OutboxHead, SendError, SendErrorKind},
};

pub(super) use self::item::{Dropped, Failed, Next};
use self::item::{Item, State};
use super::{
    backoff::{PAUSE_LONGEST, Rest, retry_delay},
    pace::SharedPace,
};

/// Deliveries whose contents are kept in memory; of the others only a head is.
pub(super) const WINDOW: usize = 1_000;

/// The queue.
pub(super) struct Queue {
    items: HashMap<DeliveryId, Item>,
    /// Per group the deliveries of it, the oldest first: one, or one under way and a newer one behind it.
    by_group: HashMap<Arc<str>, Vec<DeliveryId>>,
    ready: BTreeSet<(Time, DeliveryId)>,
    /// Attempts under way, and contents that are being read for one.
    busy: usize,
    contents: usize,
    concurrency: usize,
    /// The destination's, which other queues may lead to as well.
    pace: SharedPace,
    rest: Rest,
}

impl Queue {
    pub(super) fn new(concurrency: usize, pace: SharedPace) -> Self {
        Self {
            items: HashMap::new(),
            by_group: HashMap::new(),
            ready: BTreeSet::new(),
            busy: 0,
            contents: 0,
            concurrency: concurrency.max(1),
            pace,
            rest: Rest::default(),
        }
    }

    /// A delivery of the outbox, at the start. Of two of one group the older is dropped; one that is here already stays.
    pub(super) fn restore(&mut self, head: &OutboxHead, expires_at: Time) -> Option<Dropped> {
        let item = Item {
            group_key: head.group_key.as_str().into(),
            state: State::Waiting,
            held: false,
            not_before: head.not_before,
            expires_at,
            attempts: u32::from(head.attempted),
            contents: None,
        };
        self.insert(head.id, item)
    }

    /// A new delivery; the unsent one of the same group that it supersedes is answered. `held` while pictures are awaited.
    /// Beyond [`WINDOW`] its contents are forgotten, if they may be.
    pub(super) fn deliver(&mut self, delivery: Box<Delivery>, held: bool, may_forget: bool) -> Option<Dropped> {
        let item = Item {
            group_key: delivery.group_key.as_str().into(),
            state: State::Waiting,
            held,
            not_before: delivery.not_before,
            expires_at: delivery.expires_at,
            attempts: delivery.attempts,
            contents: None,
        };
        let id = delivery.id;
        let contents = (self.contents < WINDOW || !may_forget).then_some(delivery);
        self.insert(id, Item { contents, ..item })
    }

    /// The pictures of a delivery are settled, or it has waited long enough.
    pub(super) fn release(&mut self, id: DeliveryId) {
        if let Some(item) = self.items.get_mut(&id) {
            item.held = false;
            self.make_ready_if_free(id);
        }
    }

    /// A group takes back what it does not mean any more; what somebody may have been told only if `even_if_tried`.
    pub(super) fn withdraw(&mut self, id: DeliveryId, even_if_tried: bool) -> Option<Dropped> {
        let item = self.items.get(&id)?;
        if item.state == State::UnderWay || (item.attempts > 0 && !even_if_tried) {
            return None;
        }
        self.remove(id, DropReason::NeverTold)
    }

    /// What to do now.
    pub(super) fn next(&mut self, now: Time) -> Next {
        let Some((not_before, id)) = self.ready.first().copied() else { return Next::Idle };
        let Some(item) = self.items.get(&id) else { return Next::Idle };
        let (expires_at, is_loaded) = (item.expires_at, item.contents.is_some());
        if expires_at <= now && is_loaded {
            return Next::Expired(id);
        }
        if self.busy >= self.concurrency {
            return Next::Idle;
        }
        let earliest = not_before.max(self.pace.next_at()).max(self.rest.until(now).unwrap_or(Time::MIN));
        if earliest > now && expires_at > now {
            return Next::Wait(earliest.min(expires_at));
        }
        self.begin(not_before, id, now)
    }

    /// The contents that [`Next::Load`] asked for; without them the delivery is gone from the outbox and is forgotten.
    pub(super) fn loaded(&mut self, id: DeliveryId, contents: Option<Box<Delivery>>) -> Option<Dropped> {
        self.end_work(id);
        let Some(contents) = contents else { return self.remove(id, DropReason::Superseded) };
        let item = self.items.get_mut(&id)?;
        item.expires_at = contents.expires_at;
        item.attempts = item.attempts.max(contents.attempts);
        self.contents += usize::from(item.contents.replace(contents).is_none());
        self.make_ready_if_free(id);
        None
    }

    /// The contents could not be read: try again later.
    pub(super) fn not_loaded(&mut self, id: DeliveryId, again_at: Time) {
        self.end_work(id);
        if let Some(item) = self.items.get_mut(&id) {
            item.not_before = again_at;
            self.make_ready_if_free(id);
        }
    }

    /// An attempt succeeded.
    pub(super) fn sent(&mut self, id: DeliveryId) {
        self.rest.end();
        drop(self.remove(id, DropReason::Superseded));
    }

    /// An attempt failed.
    pub(super) fn failed(&mut self, id: DeliveryId, error: &SendError, now: Time) -> Option<Failed> {
        self.end_work(id);
        let attempts = self.items.get(&id)?.attempts + 1;
        let is_final = matches!(error.kind, SendErrorKind::Rejected | SendErrorKind::TooLarge);
        let not_before = if is_final { now } else { self.wait_after(id, attempts, error.kind, now) };
        let newest = self.newest_of_group(id)?;
        let item = self.items.get_mut(&id)?;
        (item.attempts, item.not_before) = (attempts, not_before);
        item.keep_progress(error.receipt.clone(), &error.to_string());
        if is_final {
            return self.remove(id, DropReason::Rejected).map(Failed::Dropped);
        }
        if newest != id {
            self.delay(newest, not_before, attempts);
            return self.remove(id, DropReason::Superseded).map(Failed::Dropped);
        }
        self.make_ready_if_free(id);
        Some(Failed::Again { not_before, attempts, rests: error.kind == SendErrorKind::Unauthorised })
    }

    /// Takes a delivery out, and makes the one behind it ready.
    pub(super) fn remove(&mut self, id: DeliveryId, reason: DropReason) -> Option<Dropped> {
        self.end_work(id);
        let item = self.items.remove(&id)?;
        if let State::Ready(at) = item.state {
            self.ready.remove(&(at, id));
        }
        self.contents -= usize::from(item.contents.is_some());
        if let Some(ids) = self.by_group.get_mut(&item.group_key) {
            ids.retain(|other| *other != id);
            match ids.last().copied() {
                None => drop(self.by_group.remove(&item.group_key)),
                Some(behind) => self.make_ready_if_free(behind),
            }
        }
        Some(Dropped { id, group_key: item.group_key, reason, delivery: item.contents })
    }

    /// The wall clock stepped: no waiting time may be longer for it than one can be.
    pub(super) fn clock_stepped(&mut self, now: Time) {
        let latest = now.plus(PAUSE_LONGEST);
        self.pace.clock_stepped(now, latest);
        self.rest.clock_stepped(latest);
        let late: Vec<_> = self.ready.iter().rev().copied().take_while(|(at, _)| *at > latest).collect();
        for (at, id) in late {
            self.ready.remove(&(at, id));
            self.ready.insert((latest, id));
            if let Some(item) = self.items.get_mut(&id) {
                (item.state, item.not_before) = (State::Ready(latest), latest);
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn in_memory(&self) -> usize {
        self.contents
    }

    /// Attempts under way, and contents that are being read for one.
    pub(super) fn busy(&self) -> usize {
        self.busy
    }

    /// Whether the destination's last answer was a no, so that it rests or is about to be probed.
    pub(super) fn rests(&self) -> bool {
        self.rest.is_troubled()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = DeliveryId> {
        self.items.keys().copied()
    }

    fn insert(&mut self, id: DeliveryId, mut item: Item) -> Option<Dropped> {
        let newest = self.by_group.get(&item.group_key).and_then(|ids| ids.last().copied());
        if newest == Some(id) {
            return None; // told and read from the outbox: the same delivery
        }
        if newest > Some(id) {
            return Some(Dropped {
                id,
                group_key: item.group_key,
                reason: DropReason::Superseded,
                delivery: item.contents,
            });
        }
        let old = newest.and_then(|newest| Some((newest, self.items.get(&newest)?)));
        let superseded = old.filter(|(_, old)| old.state != State::UnderWay).map(|(newest, _)| newest);
        if let Some((_, old)) = old {
            item.not_before = item.not_before.max(old.not_before);
            item.attempts = item.attempts.max(old.attempts);
        }
        let dropped = superseded.and_then(|old| self.remove(old, DropReason::Superseded));
        self.contents += usize::from(item.contents.is_some());
        self.by_group.entry(item.group_key.clone()).or_default().push(id);
        self.items.insert(id, item);
        self.make_ready_if_free(id);
        dropped
    }

    fn begin(&mut self, not_before: Time, id: DeliveryId, now: Time) -> Next {
        self.ready.remove(&(not_before, id));
        let Some(item) = self.items.get_mut(&id) else { return Next::Idle };
        self.busy += 1;
        match &item.contents {
            None => {
                item.state = State::Loading;
                Next::Load(id)
            }
            Some(contents) => {
                item.state = State::UnderWay;
                self.pace.take(now);
                Next::Send(contents.clone())
            }
        }
    }

    /// Gives the place of an attempt, or of a read, back.
    fn end_work(&mut self, id: DeliveryId) {
        if let Some(item) = self.items.get_mut(&id).filter(|item| item.is_busy()) {
            item.state = State::Waiting;
            self.busy -= 1;
        }
    }

    fn wait_after(&mut self, id: DeliveryId, attempts: u32, kind: SendErrorKind, now: Time) -> Time {
        match kind {
            // Attempts that were under way together rest once.
            SendErrorKind::Unauthorised => self.rest.until(now).unwrap_or_else(|| self.rest.begin(now)),
            SendErrorKind::RetryAfter(wait) => {
                let until = now.plus(wait);
                self.pace.block(until);
                until
            }
            _ => now.plus(retry_delay(id, attempts)),
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

    /// Makes a waiting delivery ready, unless it is held or an older one of its group is under way.
    fn make_ready_if_free(&mut self, id: DeliveryId) {
        let Some(item) = self.items.get(&id) else { return };
        let is_oldest = self.by_group.get(&item.group_key).and_then(|ids| ids.first()) == Some(&id);
        if item.state != State::Waiting || item.held || !is_oldest {
            return;
        }
        let at = item.not_before;
        self.ready.insert((at, id));
        if let Some(item) = self.items.get_mut(&id) {
            item.state = State::Ready(at);
        }
    }
}

/// How long a delivery may be held for its pictures.
pub(super) fn hold_for(delivery: &Delivery, image_wait: Duration, now: Time) -> Duration {
    delivery.flushed_at.plus(image_wait).since(now)
}
