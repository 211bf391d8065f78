//! The flushes of a group actor: the snapshot that [`flush`] decides on, and what is done about its decision.
//!
//! Deliberately unknown here: when a group is due, what a flush decides.

use std::{
    collections::{BTreeSet, HashSet},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use alerts::{
    Alert, Fingerprint, Time,
    message::{Delivery, DeliveryId},
    order,
    ports::{Change, GroupRecord, StoreError},
    route::{RouteGroup, RouteId},
    table::AlertTable,
};
use futures_util::future::join_all;
use tokio::sync::oneshot;

use super::{
    actor::Group,
    context::GroupContext,
    flush::{FlushEffect, FlushInput, finished, flush},
    router::group_hash,
    state::GroupState,
};
use crate::{
    alert::AlertState,
    messages::{Deliver, Record, RefreshPictures, Withdraw},
    tell::Handle,
};

/// Groups flushed in one go, before other messages get their turn.
const FLUSHES_AT_ONCE: usize = 256;
/// How long a flush waits for the mute index to know of its newest alert before it looks again.
const INDEX_WAIT: Duration = Duration::from_millis(5);
/// How long a repeat waits until it is known that new pictures were asked for.
const REFRESH_WAIT: Duration = Duration::from_secs(1);

#[derive(Default)]
struct FlushOut {
    changes: Vec<Change>,
    effects: Vec<(Arc<str>, FlushEffect)>,
}

impl Group {
    /// Flushes the groups whose time has come.
    pub(super) fn flush_due(&mut self) {
        if self.is_waiting() {
            return;
        }
        let now = self.context.clock.now();
        let context = self.context.clone();
        let due = self.groups.due(now, FLUSHES_AT_ONCE, |route| context.timing(route).group_interval);
        let mut out = FlushOut::default();
        for key in due {
            if self.in_hand.begin(group_hash(&key)) {
                self.flush_group(&key, now, &mut out);
            }
        }
        self.in_hand.done();
        self.send_out(out);
        self.count_groups();
    }

    fn flush_group(&mut self, key: &Arc<str>, now: Time, out: &mut FlushOut) {
        let context = self.context.clone();
        let Some(group) = self.groups.by_key.get_mut(key) else { return };
        if context.index.version() < group.index_version {
            self.groups.postpone(key, now.plus(INDEX_WAIT));
            return;
        }
        let Some(input) = flush_input(&context, group, key, now) else { return };
        let next_id = || DeliveryId(context.last_delivery.fetch_add(1, Ordering::Relaxed) + 1);
        out.effects.extend(flush(group, &input, next_id).into_iter().map(|effect| (key.clone(), effect)));
        for fingerprint in finished(group, &input) {
            group.alerts.remove(&fingerprint);
        }
        let record = GroupRecord { group_key: key.to_string(), flushed_at: now };
        out.changes.push(match self.groups.end_if_idle(key) {
            true => Change::GroupGone { group_key: key.to_string() },
            false => Change::Group(record),
        });
    }

    /// Makes it durable, then tells the channels; if the database fails they are told from memory.
    fn send_out(&self, out: FlushOut) {
        if out.changes.is_empty() && out.effects.is_empty() {
            return;
        }
        // The groups come last: the log of one that is gone goes with it.
        let mut changes = Vec::with_capacity(out.effects.len() + out.changes.len());
        let (mut deliveries, mut refreshed) = (Vec::new(), BTreeSet::new());
        for (group_key, effect) in out.effects {
            match effect {
                FlushEffect::Deliver(delivery) => {
                    changes.push(Change::Delivery(delivery.clone()));
                    deliveries.push(delivery);
                }
                FlushEffect::Refresh(alerts) => refreshed.extend(alerts),
                FlushEffect::Log(entry) => changes.push(Change::Log(entry)),
                FlushEffect::Withdraw { integration, id, even_if_tried } => {
                    if let Some(channel) = self.context.channels.get(&integration) {
                        channel.tell(Withdraw { group_key, id, even_if_tried });
                    }
                }
            }
        }
        changes.extend(out.changes);
        let refreshed = self.refresh_pictures(refreshed);
        self.deliver_with(deliveries, changes, refreshed);
    }

    /// Has pictures taken anew; answers what to wait for so that the deliveries that repeat them wait for them.
    fn refresh_pictures(&self, alerts: BTreeSet<Fingerprint>) -> Vec<oneshot::Receiver<()>> {
        let of = self.context.alert_states.len();
        let mut shards: Vec<Vec<Fingerprint>> = vec![Vec::new(); of];
        alerts.into_iter().for_each(|alert| shards[AlertTable::shard_of(alert) % of].push(alert));
        let states = self.context.alert_states.iter().zip(shards).filter(|(_, alerts)| !alerts.is_empty());
        let ask = |(state, alerts): (&Handle<AlertState>, Vec<Fingerprint>)| {
            let (done, asked) = oneshot::channel();
            state.tell(RefreshPictures { alerts, done });
            asked
        };
        states.map(ask).collect()
    }

    /// Puts deliveries into the outbox, then tells the channels.
    #[expect(clippy::vec_box, reason = "they come and go boxed")]
    pub(super) fn deliver(&self, deliveries: Vec<Box<Delivery>>) {
        let changes = deliveries.iter().cloned().map(Change::Delivery).collect();
        self.deliver_with(deliveries, changes, Vec::new());
    }

    #[expect(clippy::vec_box, reason = "they come and go boxed")]
    fn deliver_with(
        &self,
        deliveries: Vec<Box<Delivery>>,
        changes: Vec<Change>,
        refreshed: Vec<oneshot::Receiver<()>>,
    ) {
        let (done, committed) = oneshot::channel::<Result<(), StoreError>>();
        self.context.recorder.tell(Record { changes, done: Some(done) });
        // Detached: what is in the outbox reaches its channel even if this actor panics meanwhile.
        actix::spawn(tell_channels(self.context.clone(), deliveries, committed, refreshed));
    }
}

#[expect(clippy::vec_box, reason = "they come and go boxed")]
async fn tell_channels(
    context: Arc<GroupContext>,
    deliveries: Vec<Box<Delivery>>,
    committed: oneshot::Receiver<Result<(), StoreError>>,
    refreshed: Vec<oneshot::Receiver<()>>,
) {
    // Without an answer in time, or from an actor that is gone, it shows the pictures there are.
    drop(tokio::time::timeout(REFRESH_WAIT, join_all(refreshed)).await);
    // Paging never depends on a write: the outcome is the recorder's to log.
    drop(committed.await);
    for delivery in deliveries {
        if let Some(channel) = context.channels.get(&delivery.integration) {
            channel.tell(Deliver(delivery));
        }
    }
}

/// What a flush of a group needs to know; none if its receiver is not configured.
fn flush_input<'a>(context: &'a GroupContext, group: &GroupState, key: &'a str, now: Time) -> Option<FlushInput<'a>> {
    let route = context.router.tree().route(group.route);
    let integrations = context.receivers.get(&*route.receiver)?;
    let fingerprints: Vec<Fingerprint> = group.alerts.keys().copied().collect();
    let mut alerts = context.table.snapshot(&fingerprints);
    alerts.sort_by(|a, b| order::alerts(&a.labels, &b.labels));
    let group_labels = alerts.first().map(|alert| route.group_labels(&alert.labels)).unwrap_or_default();
    let route_labels = route.rendered_labels(&RouteGroup {
        receiver: &route.receiver,
        group_key: key,
        group_labels: &group_labels,
        alerts: &alerts,
        external_url: &context.external_url,
        now,
    });
    Some(FlushInput {
        now,
        group_key: key,
        group_labels,
        route_labels,
        muted: muted(context, group.route, &alerts, now),
        alerts,
        receiver: &route.receiver,
        integrations,
        repeat_interval: route.repeat_interval,
        max_age: context.max_age(route.repeat_interval),
    })
}

/// What mutes alerts of a route now.
fn muted(context: &GroupContext, route: RouteId, alerts: &[Alert], now: Time) -> HashSet<Fingerprint> {
    if let Some(reason) = context.index.route_muted(context.router.tree().route(route), now) {
        context.metrics.notifications_suppressed.with_label_values(&[reason]).inc_by(alerts.len() as u64);
        return alerts.iter().map(|alert| alert.fingerprint).collect();
    }
    let began = context.clock.monotonic();
    let muted = alerts.iter().filter(|alert| match context.index.muted(alert, now) {
        Some(reason) => {
            context.metrics.notifications_suppressed.with_label_values(&[reason]).inc();
            if context.log_silences && reason == "silence" {
                let silences = context.index.muted_by(&alert.labels, now).silenced_by;
                tracing::info!(alert = %alert.fingerprint, labels = %alert.labels, ?silences, "silenced");
            }
            true
        }
        None => false,
    });
    let muted = muted.map(|alert| alert.fingerprint).collect();
    context.metrics.silence_queries.inc();
    context.metrics.silence_query_duration.observe(context.clock.monotonic().saturating_sub(began).as_secs_f64());
    muted
}
