//! What waits to be committed. Pure.
//!
//! Deliberately unknown here: actors, the database, what the changes mean.

use std::collections::VecDeque;

use alerts::ports::{Change, StoreError};
use tokio::sync::oneshot;

/// Changes in one commit at the most, so that a commit stays short under a storm.
const BATCH: usize = 20_000;
/// Changes kept for another try while the database fails; beyond, the oldest are given up and counted.
const KEPT: usize = 500_000;

pub(super) type Waiter = oneshot::Sender<Result<(), StoreError>>;

/// What waits to be committed, in the order in which it came. Pure: the actor runs the commits.
#[derive(Default)]
pub(super) struct Pending {
    changes: VecDeque<Change>,
    /// Each waiter with the number of changes that must be committed before it is woken.
    waiters: VecDeque<(u64, Waiter)>,
    taken_in: u64,
    settled: u64,
}

impl Pending {
    pub(super) fn add(&mut self, changes: Vec<Change>, waiter: Option<Waiter>) {
        self.taken_in += changes.len() as u64;
        self.changes.extend(changes);
        if let Some(waiter) = waiter {
            self.waiters.push_back((self.taken_in, waiter));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.waiters.is_empty()
    }

    /// The next batch.
    pub(super) fn take(&mut self) -> Vec<Change> {
        let batch: Vec<Change> = self.changes.drain(..self.changes.len().min(BATCH)).collect();
        self.settled += batch.len() as u64;
        batch
    }

    /// Those whose changes are all committed.
    pub(super) fn due_waiters(&mut self) -> Vec<Waiter> {
        let due = self.waiters.iter().take_while(|(number, _)| *number <= self.settled).count();
        self.waiters.drain(..due).map(|(_, waiter)| waiter).collect()
    }

    /// All who wait: the database fails, and nobody is kept waiting for it.
    pub(super) fn all_waiters(&mut self) -> Vec<Waiter> {
        self.waiters.drain(..).map(|(_, waiter)| waiter).collect()
    }

    /// Puts back what a commit refused, before all that came since: changes are never made in another order than they came.
    pub(super) fn put_back(&mut self, batch: Vec<Change>) {
        self.settled -= batch.len() as u64;
        for change in batch.into_iter().rev() {
            self.changes.push_front(change);
        }
    }

    /// Gives up the oldest of more changes than are kept; answers how many.
    pub(super) fn give_up(&mut self) -> u64 {
        let over = self.changes.len().saturating_sub(KEPT);
        self.changes.drain(..over);
        self.settled += over as u64;
        over as u64
    }

    pub(super) fn len(&self) -> usize {
        self.changes.len()
    }
}

#[cfg(test)]
mod tests {
    use alerts::Fingerprint;

    use super::*;

    fn gone(number: u64) -> Change {
        Change::AlertGone(Fingerprint(number))
    }

    #[test]
    fn waiters_wake_when_their_changes_are_committed() {
        let mut pending = Pending::default();
        let (early, _early) = oneshot::channel();
        let (late, _late) = oneshot::channel();
        pending.add((0..BATCH as u64).map(gone).collect(), Some(early));
        pending.add(vec![gone(1)], Some(late));
        assert_eq!(pending.take().len(), BATCH);
        assert_eq!(pending.due_waiters().len(), 1);
        assert_eq!(pending.take(), [gone(1)]);
        assert_eq!(pending.due_waiters().len(), 1);
        assert!(pending.is_empty());
    }

    /// More than a batch was refused, and one fresh change used to be committed before the rest of them.
    #[test]
    fn refused_changes_come_first_and_in_order_however_many_they_are() {
        let all: Vec<Change> = (0..2 * BATCH as u64 + 7).map(gone).collect();
        let mut pending = Pending::default();
        pending.add(all[..2 * BATCH].to_vec(), None);
        let refused = pending.take();
        pending.put_back(refused);
        pending.add(all[2 * BATCH..].to_vec(), None);
        let mut taken = Vec::new();
        while !pending.is_empty() {
            taken.extend(pending.take());
        }
        assert!(taken == all, "the order is kept");
    }

    #[test]
    fn what_is_kept_while_the_database_fails_is_bounded() {
        let mut pending = Pending::default();
        pending.add((0..KEPT as u64 + 5).map(gone).collect(), None);
        assert_eq!((pending.give_up(), pending.len()), (5, KEPT));
        assert_eq!(pending.changes.front(), Some(&gone(5)));
        let (waiter, _waiter) = oneshot::channel();
        pending.add(vec![gone(1)], Some(waiter));
        while !pending.changes.is_empty() {
            assert!(pending.due_waiters().is_empty());
            pending.take();
        }
        assert_eq!(pending.due_waiters().len(), 1, "the count goes on after some were given up");
    }

    #[test]
    fn a_waiter_without_changes_is_a_barrier() {
        let mut pending = Pending::default();
        let (barrier, _barrier) = oneshot::channel();
        pending.add(Vec::new(), Some(barrier));
        assert!(!pending.is_empty());
        assert_eq!(pending.take(), []);
        assert_eq!(pending.due_waiters().len(), 1);
    }
}
