//! Starts the actors, from the last to the first, and gives each what it works with.
//!
//! Deliberately unknown here: what any of them does.

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use alerts::{
    message::IntegrationKey,
    ports::{Change, DropReason, OutboxHead, Snapshot},
    table::AlertTable,
};
use tokio::sync::watch;

use super::{ALERT_ACTORS, Actors, GROUP_ACTORS};
use crate::{
    Intake, Metrics, Ports, Settings,
    alert::{AlertState, Downstream, Shared},
    channel::{ChannelActor, ChannelContext, Fallback, StatusCell},
    group::{FlushTarget, Group, GroupContext, Restored, Router},
    index::Index,
    janitor::Janitor,
    messages::{ClockStepped, Record},
    recorder::{Recorder, StoreHealth},
    screenshots::{Pictures, Screenshots, Uploader},
    standings::Standings,
    supervise::{InHand, Supervisor},
    tell::Handle,
    watch_clock::watch_clock,
};

/// How long after a capture's deadline its picture may still be uploading.
const UPLOAD_PATIENCE: Duration = Duration::from_secs(30);

/// Everything that starting needs, in one place.
pub(super) struct Starter {
    pub(super) settings: Settings,
    pub(super) ports: Ports,
    pub(super) metrics: Arc<Metrics>,
    pub(super) table: Arc<AlertTable>,
    pub(super) health: StoreHealth,
    pub(super) supervisor: Supervisor,
    pub(super) actors: Actors,
    /// In the order of all integrations of all receivers.
    pub(super) statuses: Vec<StatusCell>,
}

impl Starter {
    /// From the last to the first: whoever is told something is there before anybody tells it.
    pub(super) fn all(&self, snapshot: &mut Snapshot) -> (Intake, Standings) {
        let router = Arc::new(Router::new(self.settings.routes.clone(), GROUP_ACTORS));
        let index = Arc::new(Index::new(self.settings.inhibit_rules.clone(), self.settings.time_intervals.clone()));
        let (pictures_changed, pictures_watch) = watch::channel(0);
        let pictures = Arc::new(Pictures::new(
            self.ports.store.clone(),
            self.ports.images.clone(),
            self.ports.clock.clone(),
            self.settings.link_lifetime,
        ));
        self.recorder();
        self.uploader(&pictures);
        self.screenshots();
        self.drop_unconfigured(snapshot);
        let last_delivery = Arc::new(AtomicU64::new(snapshot.last_delivery));
        self.channels(&router, &pictures, &pictures_watch, &snapshot.outbox, &last_delivery);
        self.groups(&router, &index, std::mem::take(snapshot), last_delivery);
        self.alert_states(&router, &index, pictures_changed);
        self.helpers();
        let capacity = self.settings.max_alerts_in_flight;
        let intake = Intake::new(self.actors.alert_states.clone(), capacity, self.metrics.clone());
        (intake, Standings::new(router, index))
    }

    fn recorder(&self) {
        let (store, clock) = (self.ports.store.clone(), self.ports.clock.clone());
        let (metrics, health) = (self.metrics.clone(), self.health.clone());
        self.supervisor.start(&self.actors.recorder, Arc::default(), move || {
            Recorder::new(store.clone(), clock.clone(), metrics.clone(), health.clone())
        });
    }

    fn uploader(&self, pictures: &Arc<Pictures>) {
        let (pictures, images, clock) = (pictures.clone(), self.ports.images.clone(), self.ports.clock.clone());
        let (metrics, recorder) = (self.metrics.clone(), self.actors.recorder.clone());
        self.supervisor.start(&self.actors.uploader, Arc::default(), move || Uploader {
            pictures: pictures.clone(),
            images: images.clone(),
            clock: clock.clone(),
            metrics: metrics.clone(),
            recorder: recorder.clone(),
        });
    }

    fn screenshots(&self) {
        let (Some(settings), Some(renderer)) = (self.settings.screenshots.clone(), self.ports.renderer.clone()) else {
            return;
        };
        let (clock, metrics) = (self.ports.clock.clone(), self.metrics.clone());
        let (uploader, alert_states) = (self.actors.uploader.clone(), self.actors.alert_states.clone());
        let mut is_rebuilt = false;
        self.supervisor.start(&self.actors.screenshots, Arc::default(), move || {
            let is_rebuilt = std::mem::replace(&mut is_rebuilt, true);
            let (renderer, clock, metrics) = (renderer.clone(), clock.clone(), metrics.clone());
            Screenshots::new(&settings, renderer, clock, metrics, uploader.clone(), alert_states.clone(), is_rebuilt)
        });
    }

    /// Deliveries for integrations that are no longer configured leave the outbox.
    fn drop_unconfigured(&self, snapshot: &mut Snapshot) {
        let (kept, dropped): (Vec<_>, Vec<_>) =
            snapshot.outbox.drain(..).partition(|head| self.actors.channels.contains_key(&head.integration));
        snapshot.outbox = kept;
        for head in &dropped {
            let integration = &*head.integration.0;
            self.metrics.deliveries.with_label_values(&[integration, DropReason::Unconfigured.as_str()]).inc();
            tracing::warn!(
                integration,
                delivery = head.id.0,
                group_key = head.group_key,
                "a pending notification is dropped: its integration is no longer configured"
            );
        }
        let changes: Vec<Change> =
            dropped.into_iter().map(|head| Change::DeliveryDone { id: head.id, log: None, history: None }).collect();
        if !changes.is_empty() {
            self.actors.recorder.tell(Record { changes, done: None });
        }
    }

    fn channels(
        &self,
        router: &Arc<Router>,
        pictures: &Arc<Pictures>,
        pictures_changed: &watch::Receiver<u64>,
        outbox: &[OutboxHead],
        last_delivery: &Arc<AtomicU64>,
    ) {
        let timing = self.settings.screenshots.as_ref();
        let image_wait = timing.map_or(Duration::ZERO, |timing| timing.image_wait);
        let capture_timeout = timing.map_or(Duration::ZERO, |timing| timing.capture_timeout);
        let integrations = self.settings.receivers.iter().flat_map(|receiver| &receiver.integrations);
        for (integration, status) in integrations.zip(&self.statuses) {
            self.metrics.expect_integration(integration.channel.limits().kind);
            let context = Arc::new(ChannelContext {
                key: integration.key.clone(),
                channel: integration.channel.clone(),
                table: self.table.clone(),
                pictures: pictures.clone(),
                pictures_changed: pictures_changed.clone(),
                store: self.ports.store.clone(),
                store_health: self.health.clone(),
                clock: self.ports.clock.clone(),
                metrics: self.metrics.clone(),
                recorder: self.actors.recorder.clone(),
                router: router.clone(),
                groups: self.actors.groups.clone(),
                external_url: self.settings.external_url.as_str().into(),
                image_wait,
                picture_patience: capture_timeout + UPLOAD_PATIENCE,
                status: status.clone(),
                fallback: self.fallback(&integration.key, last_delivery),
            });
            let mut restored =
                Some(outbox.iter().filter(|head| head.integration == integration.key).cloned().collect::<Vec<_>>());
            let in_hand: Arc<InHand> = Arc::default();
            let handle = &self.actors.channels[&integration.key];
            self.supervisor.start(handle, in_hand.clone(), move || {
                ChannelActor::new(context.clone(), in_hand.clone(), restored.take())
            });
        }
    }

    /// Whom this integration tells when its destination rests or refuses; nobody, if it is the fallback receiver's own.
    fn fallback(&self, own: &IntegrationKey, last_delivery: &Arc<AtomicU64>) -> Fallback {
        let name = self.settings.fallback_receiver.as_deref();
        let receiver = self.settings.receivers.iter().find(|receiver| Some(&*receiver.name) == name);
        let integrations = receiver.into_iter().flat_map(|receiver| &receiver.integrations);
        let keys: Vec<&IntegrationKey> = integrations.map(|integration| &integration.key).collect();
        if keys.contains(&own) {
            return Fallback::default();
        }
        let handles = keys.into_iter().map(|key| (key.clone(), self.actors.channels[key].clone()));
        Fallback { integrations: handles.collect(), last_delivery: last_delivery.clone() }
    }

    fn groups(&self, router: &Arc<Router>, index: &Arc<Index>, snapshot: Snapshot, last_delivery: Arc<AtomicU64>) {
        let receivers = self.settings.receivers.iter().map(|receiver| {
            let integrations = receiver
                .integrations
                .iter()
                .map(|one| FlushTarget { key: one.key.clone(), send_resolved: one.channel.limits().send_resolved });
            (receiver.name.clone(), integrations.collect())
        });
        let context = Arc::new(GroupContext {
            table: self.table.clone(),
            index: index.clone(),
            router: router.clone(),
            store: self.ports.store.clone(),
            clock: self.ports.clock.clone(),
            metrics: self.metrics.clone(),
            recorder: self.actors.recorder.clone(),
            channels: self.actors.channels.clone(),
            receivers: receivers.collect(),
            alert_states: self.actors.alert_states.clone(),
            last_delivery,
            delivery_max_age: self.settings.delivery_max_age,
            external_url: self.settings.external_url.as_str().into(),
        });
        for (number, handle) in self.actors.groups.iter().enumerate() {
            let mut restored = Some(Restored::of(snapshot.clone(), |key| router.shard_of(key) == number));
            let (context, in_hand) = (context.clone(), Arc::<InHand>::default());
            self.supervisor.start(handle, in_hand.clone(), move || {
                Group::new(context.clone(), in_hand.clone(), number, restored.take())
            });
        }
    }

    fn alert_states(&self, router: &Arc<Router>, index: &Arc<Index>, pictures_changed: watch::Sender<u64>) {
        let captures = self.settings.screenshots.is_some();
        let shared = Arc::new(Shared {
            table: self.table.clone(),
            index: index.clone(),
            router: router.clone(),
            clock: self.ports.clock.clone(),
            metrics: self.metrics.clone(),
            renderer: self.ports.renderer.clone().filter(|_| captures),
            sequence: AtomicU64::new(0),
            pictures_changed,
        });
        let downstream = Downstream {
            recorder: self.actors.recorder.clone(),
            screenshots: self.actors.screenshots.clone(),
            groups: self.actors.groups.clone(),
        };
        for (number, handle) in self.actors.alert_states.iter().enumerate() {
            let (shared, downstream, in_hand) = (shared.clone(), downstream.clone(), Arc::<InHand>::default());
            self.supervisor.start(handle, in_hand.clone(), move || {
                AlertState::new(shared.clone(), downstream.clone(), in_hand.clone(), number, ALERT_ACTORS)
            });
        }
    }

    fn helpers(&self) {
        let janitor: Handle<Janitor> = Handle::new("janitor", self.metrics.clone());
        let (ports, retention) = (self.ports.clone(), self.settings.retention);
        let recorder = self.actors.recorder.clone();
        self.supervisor
            .start(&janitor, Arc::default(), move || Janitor::new(ports.clone(), recorder.clone(), retention));
        let actors = (self.actors.alert_states.clone(), self.actors.groups.clone());
        let (screenshots, channels) = (self.actors.screenshots.clone(), self.actors.channels.clone());
        let captures = self.settings.screenshots.is_some();
        watch_clock(self.ports.clock.clone(), move || {
            actors.0.iter().for_each(|actor| actor.tell(ClockStepped));
            actors.1.iter().for_each(|actor| actor.tell(ClockStepped));
            channels.values().for_each(|actor| actor.tell(ClockStepped));
            if captures {
                screenshots.tell(ClockStepped);
            }
        });
    }
}
