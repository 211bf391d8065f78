//! What a channel actor works with: ports, other actors, the configuration of its integration.
//!
//! Deliberately unknown here: the queue, when anything happens.

use std::{sync::Arc, time::Duration};

use alerts::{
    Alert,
    alert::PictureSlots,
    message::{Delivery, DeliveryId, IntegrationKey, Receipt},
    ports::{Channel, Clock, Store},
    table::AlertTable,
};
use tokio::sync::watch;

use super::{fallback::Fallback, pace::SharedPace, status::StatusCell};
use crate::{
    group::{Group, Router},
    messages::{Settled, Settlement},
    metrics::Metrics,
    recorder::{Recorder, StoreHealth},
    screenshots::Pictures,
    tell::Handle,
};

/// What a channel actor works with.
pub(crate) struct ChannelContext {
    pub(crate) key: IntegrationKey,
    /// The receiver's name.
    pub(crate) receiver: Arc<str>,
    pub(crate) channel: Arc<dyn Channel>,
    /// The destination's, shared with others that lead there.
    pub(crate) pace: SharedPace,
    pub(crate) table: Arc<AlertTable>,
    pub(crate) pictures: Arc<Pictures>,
    pub(crate) pictures_changed: watch::Receiver<u64>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) store_health: StoreHealth,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) recorder: Handle<Recorder>,
    pub(crate) router: Arc<Router>,
    pub(crate) groups: Vec<Handle<Group>>,
    pub(crate) external_url: Arc<str>,
    pub(crate) image_wait: Duration,
    /// How long after a flush a picture may still come.
    pub(crate) picture_patience: Duration,
    /// What pages show of the integration.
    pub(crate) status: StatusCell,
    /// Empty where none is configured, and for the fallback receiver itself.
    pub(crate) fallback: Fallback,
}

impl ChannelContext {
    /// The label values of what counts notifications.
    pub(super) fn labels(&self) -> Vec<&str> {
        self.metrics.integration(self.channel.limits().kind, &self.receiver)
    }

    /// The pictures of an alert's episode as they stand now, or as they stood when the group was flushed.
    pub(super) fn slots(&self, alert: &Alert) -> PictureSlots {
        match self.table.pictures(alert.fingerprint) {
            Some((episode, slots)) if episode == alert.episode => slots,
            _ => alert.pictures.clone(),
        }
    }

    pub(super) async fn last_receipt(&self, delivery: &Delivery) -> Option<Receipt> {
        let (store, key, group_key) = (self.store.clone(), self.key.clone(), delivery.group_key.clone());
        let read = tokio::task::spawn_blocking(move || store.last_receipt(&group_key, &key)).await;
        read.ok().and_then(Result::ok).flatten()
    }

    pub(super) fn tell_group(&self, group_key: &Arc<str>, id: DeliveryId, what: Settlement) {
        let settled = Settled { group_key: group_key.clone(), integration: self.key.clone(), id, what };
        if let Some(group) = self.groups.get(self.router.shard_of(group_key)) {
            group.tell(settled);
        }
    }
}
