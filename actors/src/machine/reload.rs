//! A new configuration for the running machine: routes, rules and renderers are swapped, groups, channels and screenshots are
//! replaced. Alerts, silences and everything durable stay; sends that are under way go on; timers of groups begin anew, as
//! Alertmanager's do.
//!
//! Deliberately unknown here: files, how channels are built, what actors do.

use std::{collections::HashMap, sync::Arc};

use alerts::{
    message::IntegrationKey,
    ports::{Renderer, Store},
};
use tokio::sync::oneshot;

use super::{
    Configured, Machine, ask_to_stop,
    starter::{Starter, drop_unconfigured},
    statuses, stop_all,
};
use crate::{
    Metrics, Settings,
    messages::{Record, Replay, Stop},
    recorder::Recorder,
    tell::Handle,
};

impl Machine {
    /// Goes on under other settings. Call it on the thread that the machine was started on.
    pub async fn reload(&self, settings: Settings, renderer: Option<Arc<dyn Renderer>>) {
        let core = &self.core;
        let generation = self.configured.lock().generation + 1;
        // From here on nobody is told anything by the old routes.
        stop_all(&core.actors.groups).await;
        core.configure(&settings, renderer, generation);
        let statuses = statuses(&settings);
        let before = core.actors.channels.load_full();
        let mut ends: HashMap<IntegrationKey, oneshot::Receiver<()>> =
            before.iter().filter_map(|(key, handle)| Some((key.clone(), stop_one(handle)?))).collect();
        core.actors.channels.store(Arc::new(core.channel_handles(&settings, &before)));
        drop(ask_to_stop(std::slice::from_ref(&core.actors.screenshots)));

        let starter = Starter::new(core, &settings, &statuses);
        starter.screenshots();
        starter.reload_channels(&mut ends);
        starter.reload_groups();
        // The new groups and the new screenshots hear of everything once.
        core.actors.alert_states.iter().for_each(|alert_state| alert_state.tell(Replay));

        self.forget_integrations(ends);
        *self.configured.lock() = Configured { statuses, generation };
    }

    /// Integrations that are not configured any more: what the outbox holds for them goes once their last sends have ended.
    fn forget_integrations(&self, ends: HashMap<IntegrationKey, oneshot::Receiver<()>>) {
        if ends.is_empty() {
            return;
        }
        let (store, recorder) = (self.core.ports.store.clone(), self.core.actors.recorder.clone());
        let (metrics, channels) = (self.core.metrics.clone(), self.core.actors.channels.clone());
        actix::spawn(async move {
            for (key, end) in ends {
                // An actor that is gone sends nothing.
                drop(end.await);
                metrics.forget_integration(&key);
            }
            let gone = |key: &IntegrationKey| !channels.load().contains_key(key);
            forget_deliveries(&store, &recorder, &metrics, gone).await;
        });
    }
}

fn stop_one<A: actix::Actor<Context = actix::Context<A>> + actix::Handler<Stop>>(
    handle: &Handle<A>,
) -> Option<oneshot::Receiver<()>> {
    ask_to_stop(std::slice::from_ref(handle)).pop()
}

async fn forget_deliveries(
    store: &Arc<dyn Store>,
    recorder: &Handle<Recorder>,
    metrics: &Arc<Metrics>,
    gone: impl Fn(&IntegrationKey) -> bool,
) {
    let (done, committed) = oneshot::channel();
    recorder.tell(Record { changes: Vec::new(), done: Some(done) });
    drop(committed.await);
    let store = store.clone();
    match tokio::task::spawn_blocking(move || store.load()).await {
        Ok(Ok(snapshot)) => {
            let heads = snapshot.outbox.into_iter().filter(|head| gone(&head.integration)).collect::<Vec<_>>();
            drop_unconfigured(&heads, metrics, recorder);
        }
        _ => tracing::warn!(
            "deliveries for integrations that are not configured any more stay in the outbox until the next start"
        ),
    }
}
