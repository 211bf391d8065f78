//! The gate: which captures are made, for whom, in what order; how many at once. Pure.
//!
//! Equal wishes are one capture with many waiters, and its result is kept for a while. A capture of a rule is narrowed by
//! the labels that all its waiters share; an alert that does not share them makes a wider capture necessary
//! (docs/decisions/0005). Deliberately unknown here: actors, how a picture is drawn, PromQL.

mod capture;

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use alerts::{Time, Transition, alert::PictureSlot, order::Severities, picture::Subject, ports::Capture};

use self::capture::{new_capture, widen};
use crate::messages::{Waiter, Want};

/// Captures that wait for a worker, at the most.
pub(super) const QUEUE: usize = 1_000;
/// How long a wish waits for others that may share its capture, anew for each that comes; and how long in all. What a storm brings
/// in many requests is one capture so; group_wait is usually longer.
const GATHER: Duration = Duration::from_millis(100);
const GATHER_MOST: Duration = Duration::from_secs(1);
/// How long a result serves later wishes.
const KEEP_TAKEN: Duration = Duration::from_secs(60);
const KEEP_FAILED: Duration = Duration::from_secs(10);
/// Ends of windows are rounded up to this, so that wishes of the same minute are equal.
const ROUND: Duration = Duration::from_secs(60);

/// What makes wishes equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key {
    subject: Subject,
    transition: Transition,
    end: Time,
    /// Counts up when an alert came that the capture under way does not cover.
    generation: u32,
}

#[derive(Debug)]
enum State {
    /// Waits for a worker, until the deadline.
    Queued {
        severity: usize,
        deadline: Time,
        since: Time,
        /// It is not begun before: others may join.
        ready_at: Time,
    },
    Running,
    Done {
        slot: PictureSlot,
        forget_at: Time,
    },
}

#[derive(Debug)]
struct Entry {
    capture: Capture,
    waiters: Vec<Waiter>,
    state: State,
}

/// What is to be done.
#[derive(Debug, PartialEq)]
pub(super) enum Effect {
    /// Draw this within the budget.
    Start { key: Key, capture: Box<Capture>, budget: Duration, waited: Duration },
    /// These alerts' pictures are settled; `given_up` is what was never begun.
    Settle { waiters: Vec<Waiter>, slot: PictureSlot, why: Settled, given_up: Option<Box<Capture>> },
}

/// How a wish was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    /// By a capture of its own.
    Captured,
    /// By a result that was there.
    Cached,
    /// The queue is full.
    Busy,
    /// Its time was over before a worker was free.
    OutOfTime,
    /// A more severe one took its place in the full queue.
    Displaced,
}

/// The gate.
pub(super) struct Gate {
    max_running: usize,
    timeout: Duration,
    entries: HashMap<Key, Entry>,
    /// Of equal wishes the key in force.
    current: HashMap<(Subject, Transition, Time), u32>,
    /// (severity, since when, key): severe first, then the oldest.
    queue: BTreeSet<(usize, Time, Key)>,
    running: usize,
}

impl Gate {
    pub(super) fn new(max_running: usize, timeout: Duration) -> Self {
        Self {
            max_running: max_running.max(1),
            timeout,
            entries: HashMap::new(),
            current: HashMap::new(),
            queue: BTreeSet::new(),
            running: 0,
        }
    }

    /// Wishes came. Says how many were new captures and how many share one.
    pub(super) fn want(&mut self, wants: Vec<Want>, now: Time, effects: &mut Vec<Effect>) -> (u64, u64) {
        let (mut misses, mut hits) = (0, 0);
        for want in wants {
            if self.join(&want, now, effects) { hits += 1 } else { misses += 1 }
        }
        (misses, hits)
    }

    /// Starts what can be started, gives up what has waited too long, forgets old results.
    pub(super) fn tick(&mut self, now: Time) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.forget(now);
        self.give_up(now, &mut effects);
        while self.running < self.max_running
            && let Some(effect) = self.start_next(now)
        {
            effects.push(effect);
        }
        effects
    }

    /// A worker is done.
    pub(super) fn finished(&mut self, key: &Key, slot: PictureSlot, now: Time) -> Option<Effect> {
        self.running = self.running.saturating_sub(1);
        let entry = self.entries.get_mut(key)?;
        let keep = if slot.taken().is_some() { KEEP_TAKEN } else { KEEP_FAILED };
        entry.state = State::Done { slot: slot.clone(), forget_at: now.plus(keep) };
        let waiters = std::mem::take(&mut entry.waiters);
        Some(Effect::Settle { waiters, slot, why: Settled::Captured, given_up: None })
    }

    /// When `tick` has something to do next without anything happening.
    pub(super) fn next_wake(&self) -> Option<Time> {
        let next = self.entries.values().map(|entry| match &entry.state {
            State::Queued { ready_at, deadline, .. } if self.running < self.max_running => (*ready_at).min(*deadline),
            State::Queued { deadline, .. } => *deadline,
            State::Running => Time::MAX,
            State::Done { forget_at, .. } => *forget_at,
        });
        next.min().filter(|at| *at < Time::MAX)
    }

    /// How long a capture may take, waiting included.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(super) fn queued(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn running(&self) -> usize {
        self.running
    }

    /// True if the wish shares a capture that was there.
    fn join(&mut self, want: &Want, now: Time, effects: &mut Vec<Effect>) -> bool {
        let bucket = (want.subject.clone(), want.transition, want.at.round_up(ROUND));
        let generation = self.current.get(&bucket).copied().unwrap_or_default();
        let key = Key { subject: bucket.0.clone(), transition: bucket.1, end: bucket.2, generation };
        let waiter = waiter(want);
        let Some(entry) = self.entries.get_mut(&key) else {
            self.enqueue(key, new_capture(want, now), waiter, rank(want), now, effects);
            return false;
        };
        let covered = entry.capture.labels.iter().all(|(name, value)| want.alert.labels.get(name) == Some(value));
        match &mut entry.state {
            State::Queued { severity, since, ready_at, .. } => {
                let old = *severity;
                *severity = old.min(rank(want));
                *ready_at = now.plus(GATHER).min(since.plus(GATHER_MOST));
                let (new, since) = (*severity, *since);
                widen(&mut entry.capture, want);
                entry.waiters.push(waiter);
                if new != old && self.queue.remove(&(old, since, key.clone())) {
                    self.queue.insert((new, since, key));
                }
                true
            }
            State::Running if covered => {
                entry.waiters.push(waiter);
                true
            }
            State::Done { slot, .. } if covered || slot.taken().is_none() => {
                effects.push(Effect::Settle {
                    waiters: vec![waiter],
                    slot: slot.clone(),
                    why: Settled::Cached,
                    given_up: None,
                });
                true
            }
            _ => {
                let mut capture = entry.capture.clone();
                widen(&mut capture, want);
                capture.at = now.min(want.at.round_up(ROUND));
                let key = Key { generation: generation + 1, ..key };
                if self.enqueue(key, capture, waiter, rank(want), now, effects) {
                    self.current.insert(bucket, generation + 1);
                }
                false
            }
        }
    }

    /// False if the queue is full: the wish is settled.
    fn enqueue(
        &mut self,
        key: Key,
        capture: Capture,
        waiter: Waiter,
        severity: usize,
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> bool {
        if self.queue.len() >= QUEUE && !self.displace(severity, effects) {
            effects.push(gave_up(vec![waiter], capture, Settled::Busy));
            return false;
        }
        self.queue.insert((severity, now, key.clone()));
        let state =
            State::Queued { severity, deadline: now.plus(self.timeout), since: now, ready_at: now.plus(GATHER) };
        self.entries.insert(key, Entry { capture, waiters: vec![waiter], state });
        true
    }

    /// Makes room for a wish of this severity: the mildest and newest goes, if it is milder.
    fn displace(&mut self, severity: usize, effects: &mut Vec<Effect>) -> bool {
        let Some(mildest) = self.queue.last().filter(|(rank, ..)| *rank > severity).cloned() else { return false };
        self.queue.remove(&mildest);
        if let Some(entry) = self.entries.remove(&mildest.2) {
            effects.push(gave_up(entry.waiters, entry.capture, Settled::Displaced));
        }
        true
    }

    fn start_next(&mut self, now: Time) -> Option<Effect> {
        let is_ready = |key: &Key| match self.entries.get(key).map(|entry| &entry.state) {
            Some(State::Queued { ready_at, .. }) => *ready_at <= now,
            _ => true,
        };
        let next = self.queue.iter().find(|(_, _, key)| is_ready(key))?.clone();
        self.queue.remove(&next);
        let (_, since, key) = next;
        let entry = self.entries.get_mut(&key)?;
        let State::Queued { deadline, .. } = entry.state else { return None };
        entry.state = State::Running;
        entry.capture.alerts = entry.waiters.len();
        self.running += 1;
        let capture = Box::new(entry.capture.clone());
        Some(Effect::Start { key, capture, budget: deadline.since(now), waited: now.since(since) })
    }

    fn give_up(&mut self, now: Time, effects: &mut Vec<Effect>) {
        let over: Vec<_> = self.queue.iter().filter(|(_, since, _)| since.plus(self.timeout) <= now).cloned().collect();
        for queued in over {
            self.queue.remove(&queued);
            let Some(entry) = self.entries.get_mut(&queued.2) else { continue };
            entry.state = State::Done { slot: PictureSlot::Failed, forget_at: now.plus(KEEP_FAILED) };
            let waiters = std::mem::take(&mut entry.waiters);
            effects.push(gave_up(waiters, entry.capture.clone(), Settled::OutOfTime));
        }
    }

    fn forget(&mut self, now: Time) {
        let old = |entry: &Entry| matches!(entry.state, State::Done { forget_at, .. } if forget_at <= now);
        self.entries.retain(|_, entry| !old(entry));
        let entries = &self.entries;
        self.current.retain(|(subject, transition, end), generation| {
            let key = Key { subject: subject.clone(), transition: *transition, end: *end, generation: *generation };
            entries.contains_key(&key)
        });
    }
}

fn gave_up(waiters: Vec<Waiter>, capture: Capture, why: Settled) -> Effect {
    Effect::Settle { waiters, slot: PictureSlot::Failed, why, given_up: Some(Box::new(capture)) }
}

fn waiter(want: &Want) -> Waiter {
    Waiter { fingerprint: want.alert.fingerprint, episode: want.alert.episode, transition: want.transition }
}

fn rank(want: &Want) -> usize {
    Severities::default().rank(&want.alert.labels)
}

#[cfg(test)]
mod tests;
