//! The fallback receiver: told at once what another receiver's destination refuses or, while it rests, does not get.
//!
//! Deliberately unknown here: why a destination refuses; the queue.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use alerts::{
    Time,
    message::{Delivery, DeliveryId, IntegrationKey, Reason},
    ports::Change,
};

use super::actor::ChannelActor;
use crate::{
    messages::{Deliver, Record},
    recorder::Recorder,
    tell::Handle,
};

/// What the group keys of deliveries to the fallback receiver begin with: no group of a route has such a key.
const PREFIX: &str = "fallback/";

/// The integrations of the fallback receiver.
#[derive(Clone, Default)]
pub(crate) struct Fallback {
    pub(crate) integrations: Vec<(IntegrationKey, Handle<ChannelActor>)>,
    pub(crate) last_delivery: Arc<AtomicU64>,
}

impl Fallback {
    /// Tells the fallback receiver what `delivery` says, and why it is told.
    pub(super) fn tell(&self, delivery: &Delivery, why: &str, recorder: &Handle<Recorder>, now: Time) {
        if delivery.group_key.starts_with(PREFIX) {
            return;
        }
        for (key, channel) in self.integrations.iter().filter(|(key, _)| *key != delivery.integration) {
            let id = DeliveryId(self.last_delivery.fetch_add(1, Ordering::Relaxed) + 1);
            let copy = Box::new(copy_for(delivery, key.clone(), id, why, now));
            recorder.tell(Record { changes: vec![Change::Delivery(copy.clone())], done: None });
            channel.tell(Deliver(copy));
        }
    }
}

/// The same alerts, each with an annotation that says who was not told and why.
fn copy_for(delivery: &Delivery, integration: IntegrationKey, id: DeliveryId, why: &str, now: Time) -> Delivery {
    let mut copy = delivery.clone();
    for message_alert in &mut copy.alerts {
        message_alert.alert.annotations.set("undelivered_to", &format!("{}: {why}", delivery.integration));
    }
    Delivery {
        id,
        group_key: format!("{PREFIX}{}/{}", delivery.integration, delivery.group_key),
        integration,
        reason: Reason::Undelivered,
        flushed_at: now,
        since: now,
        not_before: now,
        // As long as the original had, but from now on: the original may be a dead letter because its time is over.
        expires_at: now.plus(delivery.expires_at.since(delivery.since)),
        attempts: 0,
        last_error: None,
        receipt: None,
        ..copy
    }
}
