//! What became of deliveries, told to whom it concerns: the groups, the database, the fallback receiver, logs, metrics, pages.
//!
//! Deliberately unknown here: when attempts are made, how a message is sent.

use std::{sync::Arc, time::Duration};

use actix::Context;
use alerts::{
    Status, Time,
    message::{Delivery, LogEntry},
    ports::{Change, HistoryEntry, Outcome, SendError},
};

use super::{
    actor::ChannelActor,
    attempt::Sent,
    queue::{Dropped, Failed},
    status::DeliveryState,
};
use crate::messages::{Record, Settlement};

impl ChannelActor {
    pub(super) fn count_attempt(&self, delivery: &Delivery) {
        let metrics = &self.context.metrics;
        let labels = self.context.labels();
        metrics.notifications.with_label_values(&labels).inc();
        metrics.notification_requests.with_label_values(&labels).inc();
        if delivery.attempts == 0 {
            let waited = self.context.clock.now().since(delivery.flushed_at);
            metrics.flush_to_wire.observe(waited.as_secs_f64());
        }
    }

    /// An attempt ended.
    pub(super) fn attempted(
        &mut self,
        delivery: Delivery,
        result: Result<Sent, SendError>,
        took: Duration,
        ctx: &mut Context<Self>,
    ) {
        let labels = self.context.labels();
        self.context.metrics.notification_latency.with_label_values(&labels).observe(took.as_secs_f64());
        match result {
            Ok(sent) => self.note_sent(delivery, sent, ctx),
            Err(error) => self.note_failed(&delivery, &error),
        }
    }

    fn note_sent(&mut self, delivery: Delivery, sent: Sent, ctx: &mut Context<Self>) {
        self.queue.sent(delivery.id);
        self.told_fallback.remove(&delivery.id);
        self.context.status.lock().state = DeliveryState::Working;
        let now = self.context.clock.now();
        let group_key: Arc<str> = delivery.group_key.as_str().into();
        let entry = log_entry(&delivery, &sent, now);
        let settlement = Settlement::Sent { firing: entry.firing.clone(), resolved: entry.resolved.clone(), at: now };
        self.log_sent(&delivery, &sent);
        let id = delivery.id;
        self.late.remove(&group_key);
        if let Some(wanted) = sent.late {
            self.await_late(wanted, group_key.clone(), delivery.clone(), sent.receipt.clone(), ctx);
        }
        let outcome = Outcome::Sent { degraded: sent.degraded };
        let delivery = Delivery { attempts: delivery.attempts + 1, receipt: Some(sent.receipt), ..delivery };
        let history = HistoryEntry { delivery, outcome, at: now, pictures: sent.pictures.clone() };
        let mut changes = vec![Change::DeliveryDone { id, log: Some(entry), history: Some(Box::new(history)) }];
        if !sent.pictures.is_empty() {
            changes.push(Change::PicturesUsed { ids: sent.pictures, at: now });
        }
        self.context.recorder.tell(Record { changes, done: None });
        self.context.tell_group(&group_key, id, settlement);
    }

    fn log_sent(&self, delivery: &Delivery, sent: &Sent) {
        let metrics = &self.context.metrics;
        metrics.deliveries.with_label_values(&[&*self.context.key.0, "sent"]).inc();
        let fields = (delivery.id.0, delivery.group_key.as_str(), delivery.alerts.len(), sent.pictures.len());
        match &sent.degraded {
            None => tracing::info!(
                integration = %self.context.key, delivery = fields.0, group_key = fields.1, status = delivery.status().as_str(),
                reason = delivery.reason.as_str(), alerts = fields.2, pictures = fields.3, "notified"
            ),
            Some(why) => {
                metrics.deliveries_degraded.with_label_values(&[&*self.context.key.0]).inc();
                tracing::warn!(
                    integration = %self.context.key, delivery = fields.0, group_key = fields.1, alerts = fields.2, why,
                    "notified, but without all of its pictures"
                );
            }
        }
    }

    fn note_failed(&mut self, delivery: &Delivery, error: &SendError) {
        let now = self.context.clock.now();
        let (metrics, labels) = (&self.context.metrics, self.context.labels());
        metrics.notifications_failed.with_label_values(&[&labels[..], &[error.kind.reason()]].concat()).inc();
        metrics.notification_requests_failed.with_label_values(&labels).inc();
        let firing = delivery.fingerprints(Status::Firing);
        self.context.tell_group(&delivery.group_key.as_str().into(), delivery.id, Settlement::Attempted { firing });
        match self.queue.failed(delivery.id, error, now) {
            Some(Failed::Again { not_before, attempts, rests }) => {
                self.note_again(delivery, error, not_before, attempts, rests);
            }
            Some(Failed::Dropped(mut dropped)) => {
                dropped.delivery.get_or_insert_with(|| {
                    Box::new(Delivery { last_error: Some(error.to_string()), ..delivery.clone() })
                });
                self.note_dropped(Some(dropped));
            }
            None => {}
        }
    }

    fn note_again(&mut self, delivery: &Delivery, error: &SendError, not_before: Time, attempts: u32, rests: bool) {
        tracing::warn!(
            integration = %self.context.key, delivery = delivery.id.0, group_key = delivery.group_key, attempts, %error,
            ambiguous = error.ambiguous, again_at = %not_before,
            "notification failed{}", if rests { "; the destination rests" } else { "" }
        );
        let progress = Change::DeliveryProgress {
            id: delivery.id,
            attempts,
            not_before,
            error: Some(error.to_string()),
            receipt: error.receipt.clone(),
        };
        self.context.recorder.tell(Record { changes: vec![progress], done: None });
        self.note_rest();
        let error = error.to_string();
        if rests {
            self.tell_fallback(delivery, &error);
        }
        self.context.status.lock().state = match rests {
            true => DeliveryState::Paused { until: not_before, error },
            false => DeliveryState::Failing { error },
        };
    }

    /// A delivery leaves the outbox unsent.
    pub(super) fn note_dropped(&mut self, dropped: Option<Dropped>) {
        let Some(dropped) = dropped else { return };
        let now = self.context.clock.now();
        self.context.metrics.deliveries.with_label_values(&[&*self.context.key.0, dropped.reason.as_str()]).inc();
        let history = match dropped.delivery {
            Some(delivery) if dropped.reason.is_dead_letter() => {
                let why = delivery.last_error.clone().unwrap_or_else(|| dropped.reason.as_str().to_owned());
                self.tell_fallback(&delivery, &why);
                tracing::error!(
                    integration = %self.context.key, delivery = dropped.id.0, group_key = &*dropped.group_key,
                    reason = dropped.reason.as_str(), last_error = delivery.last_error, "dead letter: this notification is given up"
                );
                let outcome = Outcome::Dropped(dropped.reason);
                Some(Box::new(HistoryEntry { delivery: *delivery, outcome, at: now, pictures: Vec::new() }))
            }
            _ => None,
        };
        self.told_fallback.remove(&dropped.id);
        let done = Change::DeliveryDone { id: dropped.id, log: None, history };
        self.context.recorder.tell(Record { changes: vec![done], done: None });
        self.context.tell_group(&dropped.group_key, dropped.id, Settlement::Dropped);
    }

    /// Each delivery once, however often it is tried.
    fn tell_fallback(&mut self, delivery: &Delivery, why: &str) {
        if self.told_fallback.insert(delivery.id) {
            self.context.fallback.tell(delivery, why, &self.context.recorder, self.context.clock.now());
        }
    }

    /// A delivery comes while the destination rests: it would wait without anybody knowing.
    pub(super) fn tell_fallback_while_resting(&mut self, delivery: &Delivery) {
        let why = match &self.context.status.lock().state {
            DeliveryState::Paused { error, .. } => error.clone(),
            _ => return,
        };
        self.tell_fallback(delivery, &why);
    }

    fn note_rest(&self) {
        let rests = i64::from(self.queue.rests());
        self.context.metrics.paused.with_label_values(&[&*self.context.key.0]).set(rests);
    }

    pub(super) fn note_lengths(&self) {
        let key = &*self.context.key.0;
        let metrics = &self.context.metrics;
        self.context.status.lock().pending = self.queue.len();
        metrics.deliveries_pending.with_label_values(&[key]).set(i64::try_from(self.queue.len()).unwrap_or(i64::MAX));
        metrics
            .deliveries_in_memory
            .with_label_values(&[key])
            .set(i64::try_from(self.queue.in_memory()).unwrap_or(i64::MAX));
        self.note_rest();
    }
}

fn log_entry(delivery: &Delivery, sent: &Sent, now: Time) -> LogEntry {
    LogEntry {
        group_key: delivery.group_key.clone(),
        integration: delivery.integration.clone(),
        firing: delivery.fingerprints(Status::Firing),
        resolved: delivery.fingerprints(Status::Resolved),
        at: now,
        expires_at: now.plus(Duration::from_secs(delivery.repeat_interval_secs.saturating_mul(2))),
        receipt: sent.receipt.clone(),
    }
}
