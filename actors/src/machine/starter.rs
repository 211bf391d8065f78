//! Starts the actors, from the last to the first, and gives each what it works with.
//!
//! Deliberately unknown here: what any of them does.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use alerts::{
    message::IntegrationKey,
    ports::{Change, DropReason, OutboxHead, Snapshot},
};
use tokio::sync::oneshot;

use super::{ALERT_ACTORS, Channels, Core};
use crate::{
    Intake, Integration, Metrics, Receiver, Settings,
    alert::{AlertState, Downstream, Shared},
    channel::{self, ChannelActor, ChannelContext, Fallback, StatusCell},
    group::{self, FlushTarget, Group, GroupContext, Restored, Router, foreign_names},
    janitor::Janitor,
    messages::{ClockStepped, Record},
    recorder::Recorder,
    screenshots::{Screenshots, Uploader},
    silences::SilenceKeeper,
    supervise::InHand,
    tell::Handle,
    watch_clock::watch_clock,
};

/// How long after a capture's deadline its picture may still be uploading.
const UPLOAD_PATIENCE: Duration = Duration::from_secs(30);

/// Everything that starting needs, in one place.
pub(super) struct Starter<'a> {
    core: &'a Core,
    settings: &'a Settings,
    /// In the order of all integrations of all receivers.
    statuses: &'a [StatusCell],
    router: Arc<Router>,
    channels: Arc<Channels>,
}

impl<'a> Starter<'a> {
    /// Starts what `settings` say; the routes in force and the handles of the integrations are those of `core`.
    pub(super) fn new(core: &'a Core, settings: &'a Settings, statuses: &'a [StatusCell]) -> Self {
        let (router, channels) = (core.live.load().router.clone(), core.actors.channels.load_full());
        Self { core, settings, statuses, router, channels }
    }

    /// From the last to the first: whoever is told something is there before anybody tells it.
    pub(super) fn all(&self, mut snapshot: Snapshot) -> Intake {
        let core = self.core;
        self.recorder();
        self.uploader();
        self.screenshots();
        let (kept, gone) = snapshot.outbox.drain(..).partition(|head| self.channels.contains_key(&head.integration));
        snapshot.outbox = kept;
        drop_unconfigured(&gone, &core.metrics, &core.actors.recorder);
        self.channels(|key| {
            let mine = snapshot.outbox.iter().filter(|head| head.integration == *key);
            channel::Begin::Restored(mine.cloned().collect())
        });
        let foreign_names = foreign_names(&self.settings.receivers);
        self.groups(|number| {
            let mine = |key: &str| self.router.shard_of(key) == number;
            group::Begin::Restored(Restored::of(snapshot.clone(), mine, &foreign_names))
        });
        self.alert_states();
        self.helpers();
        Intake::new(core.actors.alert_states.clone(), self.settings.max_alerts_in_flight, core.metrics.clone())
    }

    /// The channels of a new configuration, each behind the one before it, whose end is taken out of `ends`.
    pub(super) fn reload_channels(&self, ends: &mut HashMap<IntegrationKey, oneshot::Receiver<()>>) {
        self.channels(|key| channel::Begin::Reloaded(ends.remove(key)));
    }

    /// The groups of a new configuration, in the place of those before.
    pub(super) fn reload_groups(&self) {
        let before: Vec<_> = self.core.actors.groups.iter().map(Handle::address).collect();
        self.groups(|number| group::Begin::Reloaded(before[number].clone()));
    }

    fn recorder(&self) {
        let core = self.core;
        let (store, clock) = (core.ports.store.clone(), core.ports.clock.clone());
        let (metrics, health) = (core.metrics.clone(), core.health.clone());
        core.supervisor.start(&core.actors.recorder, Arc::default(), move || {
            Recorder::new(store.clone(), clock.clone(), metrics.clone(), health.clone())
        });
    }

    fn uploader(&self) {
        let core = self.core;
        let (pictures, images, clock) = (core.pictures.clone(), core.ports.images.clone(), core.ports.clock.clone());
        let (metrics, recorder) = (core.metrics.clone(), core.actors.recorder.clone());
        core.supervisor.start(&core.actors.uploader, Arc::default(), move || Uploader {
            pictures: pictures.clone(),
            images: images.clone(),
            clock: clock.clone(),
            metrics: metrics.clone(),
            recorder: recorder.clone(),
        });
    }

    pub(super) fn screenshots(&self) {
        let core = self.core;
        let renderer = core.live.load().renderer.clone();
        let (Some(settings), Some(renderer)) = (self.settings.screenshots.clone(), renderer) else {
            core.actors.screenshots.disconnect();
            return;
        };
        let (clock, metrics) = (core.ports.clock.clone(), core.metrics.clone());
        let (uploader, alert_states) = (core.actors.uploader.clone(), core.actors.alert_states.clone());
        let mut is_rebuilt = false;
        core.supervisor.start(&core.actors.screenshots, Arc::default(), move || {
            let is_rebuilt = std::mem::replace(&mut is_rebuilt, true);
            let (renderer, clock, metrics) = (renderer.clone(), clock.clone(), metrics.clone());
            Screenshots::new(&settings, renderer, clock, metrics, uploader.clone(), alert_states.clone(), is_rebuilt)
        });
    }

    fn channels(&self, mut begin: impl FnMut(&IntegrationKey) -> channel::Begin) {
        let core = self.core;
        let timing = self.settings.screenshots.as_ref();
        let image_wait = timing.map_or(Duration::ZERO, |timing| timing.image_wait);
        let capture_timeout = timing.map_or(Duration::ZERO, |timing| timing.capture_timeout);
        let of_receiver = |receiver: &'a Receiver| receiver.integrations.iter().map(|one| (&*receiver.name, one));
        let integrations = self.settings.receivers.iter().flat_map(of_receiver);
        for ((receiver, integration), status) in integrations.zip(self.statuses) {
            core.metrics.expect_integration(integration.channel.limits().kind, receiver);
            let context = Arc::new(ChannelContext {
                key: integration.key.clone(),
                receiver: receiver.into(),
                channel: integration.channel.clone(),
                pace: core.paces.of(integration.channel.limits()),
                table: core.table.clone(),
                pictures: core.pictures.clone(),
                pictures_changed: core.pictures_changed.subscribe(),
                store: core.ports.store.clone(),
                store_health: core.health.clone(),
                clock: core.ports.clock.clone(),
                metrics: core.metrics.clone(),
                recorder: core.actors.recorder.clone(),
                router: self.router.clone(),
                groups: core.actors.groups.clone(),
                external_url: self.settings.external_url.as_str().into(),
                image_wait,
                picture_patience: capture_timeout + UPLOAD_PATIENCE,
                status: status.clone(),
                fallback: self.fallback(&integration.key),
            });
            let mut begin = Some(begin(&integration.key));
            let in_hand: Arc<InHand> = Arc::default();
            core.supervisor.start(&self.channels[&integration.key], in_hand.clone(), move || {
                let begin = begin.take().unwrap_or(channel::Begin::Rebuilt);
                ChannelActor::new(context.clone(), in_hand.clone(), begin)
            });
        }
    }

    /// Whom this integration tells when its destination rests or refuses; nobody, if it is the fallback receiver's own.
    fn fallback(&self, own: &IntegrationKey) -> Fallback {
        let name = self.settings.fallback_receiver.as_deref();
        let receiver = self.settings.receivers.iter().find(|receiver| Some(&*receiver.name) == name);
        let integrations = receiver.into_iter().flat_map(|receiver| &receiver.integrations);
        let keys: Vec<&IntegrationKey> = integrations.map(|integration| &integration.key).collect();
        if keys.contains(&own) {
            return Fallback::default();
        }
        let handles = keys.into_iter().map(|key| (key.clone(), self.channels[key].clone()));
        Fallback { integrations: handles.collect(), last_delivery: self.core.last_delivery.clone() }
    }

    fn groups(&self, mut begin: impl FnMut(usize) -> group::Begin) {
        let core = self.core;
        let refresh_on_repeat = self.settings.screenshots.as_ref().is_some_and(|timing| timing.refresh_on_repeat);
        let context = Arc::new(GroupContext {
            table: core.table.clone(),
            index: core.index.clone(),
            router: self.router.clone(),
            store: core.ports.store.clone(),
            clock: core.ports.clock.clone(),
            metrics: core.metrics.clone(),
            recorder: core.actors.recorder.clone(),
            channels: HashMap::clone(&self.channels),
            receivers: self
                .settings
                .receivers
                .iter()
                .map(|receiver| flush_targets(receiver, refresh_on_repeat))
                .collect(),
            alert_states: core.actors.alert_states.clone(),
            last_delivery: core.last_delivery.clone(),
            not_before: core.not_before,
            foreign_names: foreign_names(&self.settings.receivers),
            log_silences: self.settings.log_silences,
            delivery_max_age: self.settings.delivery_max_age,
            external_url: self.settings.external_url.as_str().into(),
        });
        for (number, handle) in core.actors.groups.iter().enumerate() {
            let mut begin = Some(begin(number));
            let (context, in_hand) = (context.clone(), Arc::<InHand>::default());
            core.supervisor.start(handle, in_hand.clone(), move || {
                let begin = begin.take().unwrap_or(group::Begin::Rebuilt);
                Group::new(context.clone(), in_hand.clone(), number, begin)
            });
        }
    }

    fn alert_states(&self) {
        let core = self.core;
        let shared = Arc::new(Shared {
            table: core.table.clone(),
            index: core.index.clone(),
            live: core.live.clone(),
            clock: core.ports.clock.clone(),
            metrics: core.metrics.clone(),
            sequence: AtomicU64::new(0),
            pictures_changed: core.pictures_changed.clone(),
        });
        let downstream = Downstream {
            recorder: core.actors.recorder.clone(),
            screenshots: core.actors.screenshots.clone(),
            groups: core.actors.groups.clone(),
        };
        for (number, handle) in core.actors.alert_states.iter().enumerate() {
            let (shared, downstream, in_hand) = (shared.clone(), downstream.clone(), Arc::<InHand>::default());
            core.supervisor.start(handle, in_hand.clone(), move || {
                AlertState::new(shared.clone(), downstream.clone(), in_hand.clone(), number, ALERT_ACTORS)
            });
        }
    }

    fn helpers(&self) {
        let core = self.core;
        let (ports, live, recorder) = (core.ports.clone(), core.live.clone(), core.actors.recorder.clone());
        core.supervisor.start(&core.actors.janitor, Arc::default(), {
            let (ports, live, recorder) = (ports.clone(), live.clone(), recorder.clone());
            move || Janitor::new(ports.clone(), recorder.clone(), live.clone())
        });
        let index = core.index.clone();
        core.supervisor.start(&core.actors.silences, Arc::default(), move || {
            SilenceKeeper::new(index.clone(), live.clone(), ports.clock.clone(), recorder.clone())
        });
        core.metrics.watch_silences(&core.index, &core.ports.clock);
        let (alert_states, groups) = (core.actors.alert_states.clone(), core.actors.groups.clone());
        let (screenshots, channels) = (core.actors.screenshots.clone(), core.actors.channels.clone());
        watch_clock(core.ports.clock.clone(), move || {
            alert_states.iter().for_each(|actor| actor.tell(ClockStepped));
            groups.iter().for_each(|actor| actor.tell(ClockStepped));
            channels.load().values().for_each(|actor| actor.tell(ClockStepped));
            if screenshots.is_started() {
                screenshots.tell(ClockStepped);
            }
        });
    }
}

fn flush_targets(receiver: &Receiver, refresh_on_repeat: bool) -> (String, Vec<FlushTarget>) {
    let target = |integration: &Integration| FlushTarget {
        key: integration.key.clone(),
        send_resolved: integration.channel.limits().send_resolved,
        resolve_muted: receiver.resolve_muted,
        refreshes_pictures: refresh_on_repeat && integration.channel.limits().pictures.wants_pictures(),
    };
    (receiver.name.clone(), receiver.integrations.iter().map(target).collect())
}

/// Deliveries for integrations that are no longer configured leave the outbox.
pub(super) fn drop_unconfigured(heads: &[OutboxHead], metrics: &Metrics, recorder: &Handle<Recorder>) {
    for head in heads {
        let integration = &*head.integration.0;
        metrics.deliveries.with_label_values(&[integration, DropReason::Unconfigured.as_str()]).inc();
        tracing::warn!(
            integration,
            delivery = head.id.0,
            group_key = head.group_key,
            "a pending notification is dropped: its integration is no longer configured"
        );
    }
    let done = |head: &OutboxHead| Change::DeliveryDone { id: head.id, log: None, history: None };
    let changes: Vec<Change> = heads.iter().map(done).collect();
    if !changes.is_empty() {
        recorder.tell(Record { changes, done: None });
    }
}
