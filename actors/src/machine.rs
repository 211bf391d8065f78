//! The running machine: its addresses, its start (see `starter`) and its end.
//!
//! Deliberately unknown here: what any of them does.

mod starter;

use std::{collections::HashMap, sync::Arc, time::Duration};

use actix::{Actor, Context, Handler};
use alerts::{
    message::IntegrationKey,
    ports::{Snapshot, StoreError},
    table::AlertTable,
};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use self::starter::Starter;
use crate::{
    Intake, Metrics, Ports, Settings,
    alert::{self, AlertState},
    channel::{ChannelActor, DeliveryState, IntegrationStatus, StatusCell},
    group::Group,
    messages::Stop,
    recorder::{Recorder, StoreHealth},
    screenshots::{Screenshots, Uploader},
    standings::Standings,
    supervise::{Fatal, Supervisor},
    tell::Handle,
};

const ALERT_ACTORS: usize = 4;
const GROUP_ACTORS: usize = 4;
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
    table: Arc<AlertTable>,
    standings: Arc<Standings>,
    /// In the configuration's order.
    statuses: Vec<StatusCell>,
    intake: Arc<Intake>,
    health: StoreHealth,
    fatal: Fatal,
    actors: Actors,
    #[cfg(any(test, feature = "testing"))]
    supervisor: Supervisor,
}

struct Actors {
    recorder: Handle<Recorder>,
    alert_states: Vec<Handle<AlertState>>,
    groups: Vec<Handle<Group>>,
    screenshots: Handle<Screenshots>,
    uploader: Handle<Uploader>,
    channels: HashMap<IntegrationKey, Handle<ChannelActor>>,
}

impl Machine {
    /// Loads the database and starts all actors on this thread's actix system.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn start(settings: Settings, ports: Ports, metrics: Arc<Metrics>) -> Result<Self, StartError> {
        let table = Arc::new(AlertTable::new());
        let mut snapshot = load(&ports, &table, settings.resolve_timeout).await?;
        let (supervisor, fatal) = Supervisor::new(ports.clock.clone(), metrics.clone());
        let health = StoreHealth::default();
        let actors = Actors::new(&settings, &metrics);
        let statuses = statuses(&settings);
        let start = Starter { settings, ports, metrics, table, health, supervisor, actors, statuses };
        let (intake, standings) = start.all(&mut snapshot);
        Ok(Self {
            standings: Arc::new(standings),
            statuses: start.statuses,
            table: start.table,
            intake: Arc::new(intake),
            health: start.health,
            fatal,
            actors: start.actors,
            #[cfg(any(test, feature = "testing"))]
            supervisor: start.supervisor,
        })
    }

    /// Where changed alerts are handed over.
    pub fn intake(&self) -> Arc<Intake> {
        self.intake.clone()
    }

    /// All alerts.
    pub fn table(&self) -> Arc<AlertTable> {
        self.table.clone()
    }

    /// What the routes and the mute index say of an alert.
    pub fn standings(&self) -> Arc<Standings> {
        self.standings.clone()
    }

    /// How the integrations are doing, in the configuration's order.
    pub fn integrations(&self) -> Vec<IntegrationStatus> {
        self.statuses.iter().map(|status| status.lock().clone()).collect()
    }

    /// Why the machine is not fit for work; none: it is.
    pub fn unready(&self) -> impl Fn() -> Option<String> + Send + Sync + 'static {
        let health = self.health.clone();
        move || health.is_failing().then(|| "the database does not take changes".to_owned())
    }

    /// Tells when the machine has given up.
    pub fn fatal(&self) -> Fatal {
        self.fatal.clone()
    }

    /// Ends the machine as `kill -9` does: for tests.
    #[cfg(any(test, feature = "testing"))]
    pub fn kill(&self) {
        self.supervisor.kill();
    }

    /// Stops all actors in the order in which alerts pass them. What is not delivered by then is in the outbox.
    pub async fn stop(&self) {
        self.intake.close();
        let all = async {
            stop_all(&self.actors.alert_states).await;
            stop_all(&self.actors.groups).await;
            stop_all(std::slice::from_ref(&self.actors.screenshots)).await;
            stop_all(&self.actors.channels.values().cloned().collect::<Vec<_>>()).await;
        };
        if tokio::time::timeout(SHUTDOWN, all).await.is_err() {
            tracing::warn!("not everything that was under way ended in time; the outbox has it");
        }
        let recorder = stop_all(std::slice::from_ref(&self.actors.recorder));
        if tokio::time::timeout(LAST_COMMITS, recorder).await.is_err() {
            tracing::error!("the database did not take the last changes in time");
        }
    }
}

impl Actors {
    fn new(settings: &Settings, metrics: &Arc<Metrics>) -> Self {
        let numbered = |name: &str, number| format!("{name}-{number}");
        let integrations = settings.receivers.iter().flat_map(|receiver| &receiver.integrations);
        Self {
            recorder: Handle::new("recorder", metrics.clone()),
            alert_states: (0..ALERT_ACTORS).map(|n| Handle::new(numbered("alert-state", n), metrics.clone())).collect(),
            groups: (0..GROUP_ACTORS).map(|n| Handle::new(numbered("group", n), metrics.clone())).collect(),
            screenshots: Handle::new("screenshots", metrics.clone()),
            uploader: Handle::new("uploader", metrics.clone()),
            channels: integrations
                .map(|one| (one.key.clone(), Handle::new(format!("channel {}", one.key), metrics.clone())))
                .collect(),
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
    let mut ends = Vec::new();
    for actor in actors.iter().filter(|actor| actor.is_started()) {
        let (done, end) = oneshot::channel();
        actor.tell(Stop { done });
        ends.push(end);
    }
    for end in ends {
        // An actor that is gone has nothing left to do.
        drop(end.await);
    }
}
