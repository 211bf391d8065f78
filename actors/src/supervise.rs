//! Our own supervision: actix's does not restart after a panic.
//!
//! A supervised actor is built by a factory and watched by its join handle. After a panic it is built anew; what it had in
//! hand is set aside and not handled again. Three panics of one actor in a minute end the process. Deliberately unknown
//! here: what the actors do, and how they get their state back (they load it when they start).

use std::{
    collections::{HashSet, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix::{Actor, Context};
use alerts::ports::Clock;
use parking_lot::RwLock;
use tokio::{sync::watch, task::JoinHandle};

use crate::{metrics::Metrics, tell::Handle};

/// Panics of one actor that end the process, and the time in which they must happen.
const PANICS: usize = 3;
const PANIC_WINDOW: Duration = Duration::from_secs(60);

/// Tells that the machine has given up and the process must end.
#[derive(Clone, Debug)]
pub struct Fatal(watch::Receiver<Option<String>>);

impl Fatal {
    /// Resolves with the reason when the machine gives up; never otherwise.
    pub async fn wait(&mut self) -> String {
        loop {
            if let Some(reason) = self.0.borrow_and_update().clone() {
                return reason;
            }
            if self.0.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

/// What one actor has in hand, and what it must not touch again. Items are named by a number: a fingerprint, a hash of a
/// group key, the number of a delivery.
#[derive(Default)]
pub(crate) struct InHand {
    current: AtomicU64,
    set_aside: RwLock<HashSet<u64>>,
    set_aside_count: AtomicUsize,
}

impl InHand {
    /// Notes that the work on an item begins. False if the item was set aside: skip it.
    pub(crate) fn begin(&self, item: u64) -> bool {
        if self.set_aside_count.load(Ordering::Relaxed) > 0 && self.set_aside.read().contains(&item) {
            return false;
        }
        self.current.store(item, Ordering::Relaxed);
        true
    }

    /// Notes that nothing is in hand.
    pub(crate) fn done(&self) {
        self.current.store(0, Ordering::Relaxed);
    }

    fn set_aside(&self) -> Option<u64> {
        let item = self.current.swap(0, Ordering::Relaxed);
        if item == 0 {
            return None;
        }
        let mut set = self.set_aside.write();
        set.insert(item);
        self.set_aside_count.store(set.len(), Ordering::Relaxed);
        Some(item)
    }
}

/// Starts actors and rebuilds them after panics.
#[derive(Clone)]
pub(crate) struct Supervisor {
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    fatal: watch::Sender<Option<String>>,
    /// Of all that was started: for tests that end a machine as `kill -9` does.
    #[cfg(any(test, feature = "testing"))]
    started: Arc<parking_lot::Mutex<Vec<tokio::task::AbortHandle>>>,
}

impl Supervisor {
    pub(crate) fn new(clock: Arc<dyn Clock>, metrics: Arc<Metrics>) -> (Self, Fatal) {
        let (fatal, receiver) = watch::channel(None);
        let supervisor = Self {
            clock,
            metrics,
            fatal,
            #[cfg(any(test, feature = "testing"))]
            started: Arc::default(),
        };
        (supervisor, Fatal(receiver))
    }

    /// Starts an actor on this thread, reachable through `handle`, and keeps it alive until it stops by itself. An actor that was
    /// reached through `handle` before ends when nothing of it is under way and nobody keeps its address, and is not rebuilt.
    pub(crate) fn start<A>(&self, handle: &Handle<A>, in_hand: Arc<InHand>, mut factory: impl FnMut() -> A + 'static)
    where
        A: Actor<Context = Context<A>>,
    {
        let line = handle.begin_line();
        let mut running = self.launch(handle, factory());
        let (this, handle) = (self.clone(), handle.clone());
        actix::spawn(async move {
            let mut panics = VecDeque::new();
            while running.await.is_err_and(|error| error.is_panic()) {
                this.note_panic(handle.name(), &in_hand);
                if !handle.is_line(line) {
                    return;
                }
                if this.too_many(&mut panics) {
                    let reason = format!("actor {} panicked {PANICS} times within a minute", handle.name());
                    this.fatal.send_replace(Some(reason));
                    return;
                }
                running = this.launch(&handle, factory());
            }
        });
    }

    fn note_panic(&self, name: &str, in_hand: &InHand) {
        self.metrics.actor_restarts.with_label_values(&[name]).inc();
        match in_hand.set_aside() {
            Some(item) => tracing::error!(
                actor = name,
                item = format_args!("{item:016x}"),
                "actor panicked and is rebuilt; what it had in hand is set aside"
            ),
            None => tracing::error!(actor = name, "actor panicked and is rebuilt"),
        }
    }

    fn too_many(&self, panics: &mut VecDeque<Duration>) -> bool {
        let now = self.clock.monotonic();
        panics.push_back(now);
        while panics.front().is_some_and(|first| now.saturating_sub(*first) > PANIC_WINDOW) {
            panics.pop_front();
        }
        panics.len() >= PANICS
    }

    fn launch<A: Actor<Context = Context<A>>>(&self, handle: &Handle<A>, actor: A) -> JoinHandle<()> {
        let (sender, receiver) = actix::dev::channel::channel(0);
        handle.connect(actix::Addr::new(sender));
        let context = Context::with_receiver(receiver);
        let running = actix::spawn(async move {
            context.into_future(actor).await;
        });
        #[cfg(any(test, feature = "testing"))]
        self.started.lock().push(running.abort_handle());
        running
    }

    /// Ends all actors at once, in the middle of whatever they do.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn kill(&self) {
        self.started.lock().iter().for_each(tokio::task::AbortHandle::abort);
    }
}
