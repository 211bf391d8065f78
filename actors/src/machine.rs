//! The running machine: what lives as long as it does, its start (see `starter`), its reload (see `reload`) and its end.
//!
//! Deliberately unknown here: what any of the actors does.

mod reload;
mod resend;
mod starter;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actix::{Actor, Context, Handler};
use alerts::{
    Time,
    message::IntegrationKey,
    ports::{Renderer, SilenceBook, Snapshot, StoreError},
    silence::Silences,
    table::AlertTable,
};
use arc_swap::ArcSwap;
use parking_lot::Mutex;
use tokio::sync::{oneshot, watch};

pub use self::resend::ResendError;
use self::starter::Starter;
use crate::{
    Intake, Metrics, Ports, Settings,
    alert::{self, AlertState},
    channel::{ChannelActor, DeliveryState, IntegrationStatus, Paces, StatusCell},
    group::{Group, Router},
    index::Index,
    janitor::Janitor,
    live::{Live, LiveCell},
    messages::Stop,
    recorder::{Recorder, StoreHealth},
    screenshots::{Pictures, Screenshots, Uploader},
    silences::{Book, SilenceKeeper},
    standings::Standings,
    supervise::{Fatal, Supervisor},
    tell::Handle,
};

/// One of each: all actors share one thread, where several would only split each request into several messages
/// (docs/decisions/0012).
const ALERT_ACTORS: usize = 1;
const GROUP_ACTORS: usize = 1;
/// For the whole machine to finish what is under way.
const SHUTDOWN: Duration = Duration::from_secs(20);
/// For the recorder to commit what all others left it, after that.
const LAST_COMMITS: Duration = Duration::from_secs(5);

/// Why the machine cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Loading did not end.
    #[error("loading the database panicked")]
    Loading,
}

/// The running machine.
pub struct Machine {
    core: Core,
    intake: Arc<Intake>,
    standings: Arc<Standings>,
    book: Arc<Book>,
    configured: Mutex<Configured>,
}

/// What lives as long as the machine.
struct Core {
    ports: Ports,
    metrics: Arc<Metrics>,
    table: Arc<AlertTable>,
    index: Arc<Index>,
    live: LiveCell,
    health: StoreHealth,
    supervisor: Supervisor,
    fatal: Fatal,
    actors: Actors,
    pictures: Arc<Pictures>,
    /// Raised after pictures were put into the table.
    pictures_changed: watch::Sender<u64>,
    last_delivery: Arc<AtomicU64>,
    paces: Paces,
    /// No group is told about before.
    not_before: Time,
}

/// Where the actors are reached, now and after they were rebuilt or replaced.
struct Actors {
    recorder: Handle<Recorder>,
    silences: Handle<SilenceKeeper>,
    alert_states: Vec<Handle<AlertState>>,
    groups: Vec<Handle<Group>>,
    screenshots: Handle<Screenshots>,
    uploader: Handle<Uploader>,
    janitor: Handle<Janitor>,
    channels: Arc<ArcSwap<Channels>>,
}

type Channels = HashMap<IntegrationKey, Handle<ChannelActor>>;

/// What the configuration in force says.
struct Configured {
    /// In the configuration's order.
    statuses: Vec<StatusCell>,
    generation: u64,
}

impl Machine {
    /// Loads the database and starts all actors on this thread's actix system.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn start(settings: Settings, ports: Ports, metrics: Arc<Metrics>) -> Result<Self, StartError> {
        let table = Arc::new(AlertTable::new());
        let not_before = ports.clock.now().plus(settings.start_delay);
        let mut snapshot = load(&ports, &table, settings.resolve_timeout).await?;
        let statuses = statuses(&settings);
        let core = Core::new(&settings, ports, metrics, table, &mut snapshot, not_before);
        core.actors.channels.store(Arc::new(core.channel_handles(&settings, &Channels::new())));
        let intake = Starter::new(&core, &settings, &statuses).all(snapshot);
        Ok(Self {
            intake: Arc::new(intake),
            standings: Arc::new(Standings::new(core.live.clone(), core.index.clone())),
            book: Arc::new(Book::new(core.index.clone(), core.actors.silences.clone())),
            configured: Mutex::new(Configured { statuses, generation: 0 }),
            core,
        })
    }

    /// Where changed alerts are handed over.
    pub fn intake(&self) -> Arc<Intake> {
        self.intake.clone()
    }

    /// All alerts.
    pub fn table(&self) -> Arc<AlertTable> {
        self.core.table.clone()
    }

    /// What the routes and the mute index say of an alert.
    pub fn standings(&self) -> Arc<Standings> {
        self.standings.clone()
    }

    /// All silences, for reading and changing.
    pub fn silences(&self) -> Arc<dyn SilenceBook> {
        self.book.clone()
    }

    /// How the integrations are doing, in the configuration's order.
    pub fn integrations(&self) -> Vec<IntegrationStatus> {
        self.configured.lock().statuses.iter().map(|status| status.lock().clone()).collect()
    }

    /// Why the machine is not fit for work; none: it is.
    pub fn unready(&self) -> impl Fn() -> Option<String> + Send + Sync + 'static {
        let health = self.core.health.clone();
        move || health.is_failing().then(|| "the database does not take changes".to_owned())
    }

    /// Tells when the machine has given up.
    pub fn fatal(&self) -> Fatal {
        self.core.fatal.clone()
    }

    /// Ends the machine as `kill -9` does: for tests.
    #[cfg(any(test, feature = "testing"))]
    pub fn kill(&self) {
        self.core.supervisor.kill();
    }

    /// Stops all actors in the order in which alerts pass them. What is not delivered by then is in the outbox.
    pub async fn stop(&self) {
        self.intake.close();
        let actors = &self.core.actors;
        let all = async {
            stop_all(&actors.alert_states).await;
            stop_all(&actors.groups).await;
            stop_all(std::slice::from_ref(&actors.screenshots)).await;
            stop_all(&actors.channels.load().values().cloned().collect::<Vec<_>>()).await;
            stop_all(std::slice::from_ref(&actors.silences)).await;
        };
        if tokio::time::timeout(SHUTDOWN, all).await.is_err() {
            tracing::warn!("not everything that was under way ended in time; the outbox has it");
        }
        let recorder = stop_all(std::slice::from_ref(&actors.recorder));
        if tokio::time::timeout(LAST_COMMITS, recorder).await.is_err() {
            tracing::error!("the database did not take the last changes in time");
        }
    }
}

impl Core {
    fn new(
        settings: &Settings,
        ports: Ports,
        metrics: Arc<Metrics>,
        table: Arc<AlertTable>,
        snapshot: &mut Snapshot,
        not_before: Time,
    ) -> Self {
        let router = Arc::new(Router::new(settings.routes.clone(), GROUP_ACTORS, 0));
        let live = Arc::new(ArcSwap::from_pointee(Live::of(settings, router, ports.renderer.clone())));
        let silences = Silences::new(std::mem::take(&mut snapshot.silences));
        let index = Index::new(settings.inhibit_rules.clone(), settings.time_intervals.clone(), silences);
        let (supervisor, fatal) = Supervisor::new(ports.clock.clone(), metrics.clone());
        let (store, images, clock) = (ports.store.clone(), ports.images.clone(), ports.clock.clone());
        Self {
            pictures: Arc::new(Pictures::new(store, images, clock, live.clone())),
            pictures_changed: watch::channel(0).0,
            last_delivery: Arc::new(AtomicU64::new(snapshot.last_delivery)),
            paces: Paces::default(),
            actors: Actors::new(&metrics),
            index: Arc::new(index),
            health: StoreHealth::default(),
            ports,
            metrics,
            table,
            live,
            supervisor,
            fatal,
            not_before,
        }
    }

    /// The handles of these integrations; those that were there before stay what they are, so that whoever has them reaches the
    /// new actors through them.
    fn channel_handles(&self, settings: &Settings, before: &Channels) -> Channels {
        let integrations = settings.receivers.iter().flat_map(|receiver| &receiver.integrations);
        let handle = |key: &IntegrationKey| {
            let new = || Handle::new(format!("channel {key}"), self.metrics.clone());
            before.get(key).cloned().unwrap_or_else(new)
        };
        integrations.map(|one| (one.key.clone(), handle(&one.key))).collect()
    }

    fn next_delivery(&self) -> alerts::message::DeliveryId {
        alerts::message::DeliveryId(self.last_delivery.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Other renderers, routes and so on, from now on.
    fn configure(&self, settings: &Settings, renderer: Option<Arc<dyn Renderer>>, generation: u64) {
        let router = Arc::new(Router::new(settings.routes.clone(), GROUP_ACTORS, generation));
        let (table, now) = (self.table.clone(), self.ports.clock.now());
        self.index.configure(settings.inhibit_rules.clone(), settings.time_intervals.clone(), |each| {
            table.for_each(|alert| {
                if alert.ends_at() > now {
                    each(alert.fingerprint(), &alert.blob().label_pairs().collect());
                }
            });
        });
        self.live.store(Arc::new(Live::of(settings, router, renderer)));
    }
}

impl Actors {
    fn new(metrics: &Arc<Metrics>) -> Self {
        let numbered = |name: &str, number| format!("{name}-{number}");
        Self {
            recorder: Handle::new("recorder", metrics.clone()),
            silences: Handle::new("silences", metrics.clone()),
            alert_states: (0..ALERT_ACTORS).map(|n| Handle::new(numbered("alert-state", n), metrics.clone())).collect(),
            groups: (0..GROUP_ACTORS).map(|n| Handle::new(numbered("group", n), metrics.clone())).collect(),
            screenshots: Handle::new("screenshots", metrics.clone()),
            uploader: Handle::new("uploader", metrics.clone()),
            janitor: Handle::new("janitor", metrics.clone()),
            channels: Arc::default(),
        }
    }
}

fn statuses(settings: &Settings) -> Vec<StatusCell> {
    let of_receiver = |receiver: &crate::Receiver| {
        let status = |integration: &crate::Integration| IntegrationStatus {
            key: integration.key.clone(),
            receiver: receiver.name.clone(),
            kind: integration.channel.limits().kind,
            pending: 0,
            state: DeliveryState::default(),
        };
        receiver.integrations.iter().map(status).map(|status| Arc::new(Mutex::new(status))).collect::<Vec<_>>()
    };
    settings.receivers.iter().flat_map(of_receiver).collect()
}

/// Fills the table and reads the rest. Ends of alerts that were "unless repeated" are held open from now on.
async fn load(ports: &Ports, table: &Arc<AlertTable>, resolve_timeout: Duration) -> Result<Snapshot, StartError> {
    let (store, table, ready_at) = (ports.store.clone(), table.clone(), ports.clock.now());
    let load = tokio::task::spawn_blocking(move || {
        store.load_alerts(&mut |record| alert::load(&table, record, ready_at, resolve_timeout))?;
        store.load()
    });
    Ok(load.await.map_err(|_| StartError::Loading)??)
}

async fn stop_all<A: Actor<Context = Context<A>> + Handler<Stop>>(actors: &[Handle<A>]) {
    for end in ask_to_stop(actors) {
        // An actor that is gone has nothing left to do.
        drop(end.await);
    }
}

/// Tells actors to stop; each answer comes when what was under way there has ended.
fn ask_to_stop<A: Actor<Context = Context<A>> + Handler<Stop>>(actors: &[Handle<A>]) -> Vec<oneshot::Receiver<()>> {
    let started = actors.iter().filter(|actor| actor.is_started());
    let stop = |actor: &Handle<A>| {
        let (done, end) = oneshot::channel();
        actor.tell(Stop { done });
        end
    };
    started.map(stop).collect()
}
