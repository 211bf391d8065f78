//! Pictures around the send: the delivery that is held for them, and the message that gets them when they are late.
//!
//! Deliberately unknown here: who takes pictures, how one is added to a message.

use std::sync::Arc;

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use alerts::{
    message::{Delivery, Receipt},
    picture::Picture,
    ports::{Change, SendError},
};

use super::{
    actor::ChannelActor,
    attempt::{self, last_chance},
    late::Wanted,
    queue::hold_for,
};
use crate::messages::Record;

/// Messages whose late pictures are awaited at once; more are left without.
const LATE_AT_ONCE: usize = 1_000;

impl ChannelActor {
    /// Sends a delivery once its pictures are settled, or after `image_wait`.
    pub(super) fn hold(&mut self, wanted: Wanted, delivery: &Delivery, ctx: &mut Context<Self>) {
        let patience = hold_for(delivery, self.context.image_wait, self.context.clock.now());
        let settled = wanted.settled(self.context.table.clone(), self.context.pictures_changed.clone(), patience);
        let id = delivery.id;
        ctx.spawn(settled.into_actor(self).map(move |_, this, ctx| {
            this.queue.release(id);
            this.pump(ctx);
        }));
    }

    pub(super) fn await_late(
        &mut self,
        wanted: Wanted,
        group_key: Arc<str>,
        delivery: Delivery,
        receipt: Receipt,
        ctx: &mut Context<Self>,
    ) {
        if self.late.len() >= LATE_AT_ONCE {
            self.context.metrics.late_pictures.with_label_values(&["busy"]).inc();
            return;
        }
        self.late.insert(group_key.clone(), delivery.id);
        let context = self.context.clone();
        let patience = last_chance(&context, &delivery).since(context.clock.now());
        let settled = wanted.settled(context.table.clone(), context.pictures_changed.clone(), patience);
        ctx.spawn(settled.into_actor(self).map(move |settled, this, ctx| {
            match (settled, this.late.get(&group_key) == Some(&delivery.id)) {
                (true, true) => this.add_late(group_key, delivery, receipt, ctx),
                (false, _) => {
                    this.ends_wait(&group_key, &delivery);
                    this.context.metrics.late_pictures.with_label_values(&["never_came"]).inc();
                }
                (true, false) => this.context.metrics.late_pictures.with_label_values(&["outdated"]).inc(),
            }
        }));
    }

    fn add_late(&mut self, group_key: Arc<str>, delivery: Delivery, receipt: Receipt, ctx: &mut Context<Self>) {
        let context = self.context.clone();
        let add = async move {
            let pictures = attempt::pictures_of(&context, &delivery).await;
            if pictures.is_empty() {
                return (delivery, None);
            }
            context.pace.turn(&*context.clock).await;
            let added = attempt::add_pictures(&context, &receipt, &pictures).await;
            (delivery, Some((pictures, added)))
        };
        ctx.spawn(add.into_actor(self).map(move |(delivery, done), this, _| {
            let is_newest = this.ends_wait(&group_key, &delivery);
            if let Some((pictures, added)) = done {
                this.note_late(&group_key, &delivery, is_newest, &pictures, added);
            }
        }));
    }

    /// Nothing is awaited for this delivery any more. False if a newer message of the group went out meanwhile, whose wait goes on.
    fn ends_wait(&mut self, group_key: &Arc<str>, delivery: &Delivery) -> bool {
        let is_newest = self.late.get(group_key) == Some(&delivery.id);
        if is_newest {
            self.late.remove(group_key);
        }
        is_newest
    }

    /// The receipt is the group's only if the message is still its newest.
    fn note_late(
        &self,
        group_key: &Arc<str>,
        delivery: &Delivery,
        is_newest: bool,
        pictures: &[Picture],
        added: Result<Receipt, SendError>,
    ) {
        let outcome = if added.is_ok() { "added" } else { "failed" };
        self.context.metrics.late_pictures.with_label_values(&[outcome]).inc();
        match added {
            Ok(receipt) => {
                tracing::info!(integration = %self.context.key, delivery = delivery.id.0, group_key = &**group_key, pictures = pictures.len(), "late pictures added");
                let ids: Vec<_> = pictures.iter().map(|picture| picture.record.id.clone()).collect();
                let mut changes = vec![Change::PicturesUsed { ids: ids.clone(), at: self.context.clock.now() }];
                if is_newest {
                    changes.push(Change::ReceiptUpdated {
                        delivery: delivery.id,
                        group_key: group_key.to_string(),
                        integration: self.context.key.clone(),
                        receipt,
                        pictures: ids,
                    });
                }
                self.context.recorder.tell(Record { changes, done: None });
            }
            Err(error) => {
                tracing::warn!(integration = %self.context.key, delivery = delivery.id.0, group_key = &**group_key, %error, "late pictures could not be added");
            }
        }
    }
}
