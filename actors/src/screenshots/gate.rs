//! The gate: which captures are made, for whom, in what order; how many at once. Pure.
//!
//! Equal wishes are one capture with many waiters, and its result is kept for a while. A capture of a rule is narrowed by
//! the labels that all its waiters share; an alert that does not share them makes a wider capture necessary
//! (docs/decisions/0005). Deliberately unknown here: actors, how a picture is drawn, PromQL.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use alerts::{Time, Transition, alert::PictureSlot, order::Severities, picture::Subject, ports::Capture};

use crate::messages::{Waiter, Want};

/// Captures that wait for a worker, at the most.
pub(super) const QUEUE: usize = 1_000;
/// How long a wish waits for others that may share its capture.
const GATHER: Duration = Duration::from_millis(100);
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
    /// These alerts' pictures are settled.
    Settle { waiters: Vec<Waiter>, slot: PictureSlot, why: Settled },
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
        Some(Effect::Settle { waiters, slot, why: Settled::Captured })
    }

    /// When `tick` has something to do next without anything happening.
    pub(super) fn next_wake(&self) -> Option<Time> {
        let next = self.entries.values().map(|entry| match &entry.state {
            State::Queued { since, deadline, .. } if self.running < self.max_running => {
                since.plus(GATHER).min(*deadline)
            }
            State::Queued { deadline, .. } => *deadline,
            State::Running => Time::MAX,
            State::Done { forget_at, .. } => *forget_at,
        });
        next.min().filter(|at| *at < Time::MAX)
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
            State::Queued { severity, .. } => {
                let old = *severity;
                *severity = old.min(rank(want));
                let (new, since) = (*severity, queued_since(entry));
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
                effects.push(Effect::Settle { waiters: vec![waiter], slot: slot.clone(), why: Settled::Cached });
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
        if self.queue.len() >= QUEUE {
            effects.push(Effect::Settle { waiters: vec![waiter], slot: PictureSlot::Failed, why: Settled::Busy });
            return false;
        }
        self.queue.insert((severity, now, key.clone()));
        let state = State::Queued { severity, deadline: now.plus(self.timeout), since: now };
        self.entries.insert(key, Entry { capture, waiters: vec![waiter], state });
        true
    }

    fn start_next(&mut self, now: Time) -> Option<Effect> {
        let next = self.queue.iter().find(|(_, since, _)| since.plus(GATHER) <= now)?.clone();
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
            effects.push(Effect::Settle { waiters, slot: PictureSlot::Failed, why: Settled::OutOfTime });
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

fn waiter(want: &Want) -> Waiter {
    Waiter { fingerprint: want.alert.fingerprint, episode: want.alert.episode, transition: want.transition }
}

fn rank(want: &Want) -> usize {
    Severities::default().rank(&want.alert.labels)
}

fn queued_since(entry: &Entry) -> Time {
    match entry.state {
        State::Queued { since, .. } => since,
        _ => Time::MIN,
    }
}

fn new_capture(want: &Want, now: Time) -> Capture {
    let alert = &want.alert;
    Capture {
        subject: want.subject.clone(),
        transition: want.transition,
        at: now.min(want.at.round_up(ROUND)),
        starts_at: alert.starts_at,
        fired_at: alert.episode.0,
        resolved_at: (want.transition == Transition::Resolved).then_some(want.at),
        labels: alert.labels.clone(),
        annotations: alert.annotations.clone(),
        generator_url: alert.generator_url.clone(),
        alerts: 1,
    }
}

/// Makes a capture that is not begun serve one more alert.
fn widen(capture: &mut Capture, want: &Want) {
    let alert = &want.alert;
    capture.labels = capture.labels.intersection(&alert.labels);
    capture.annotations = capture.annotations.intersection(&alert.annotations);
    capture.starts_at = capture.starts_at.min(alert.starts_at);
    capture.fired_at = capture.fired_at.min(alert.episode.0);
    capture.resolved_at = capture.resolved_at.max((want.transition == Transition::Resolved).then_some(want.at));
    capture.alerts += 1;
}

#[cfg(test)]
mod tests;
