//! The janitor: deletes pictures that were not sent for as long as the retention says, from the store and from the database.
//!
//! Deliberately unknown here: where pictures lie, the database's own cleaning.

use std::time::Duration;

use actix::{Actor, ActorFutureExt, AsyncContext, Context, WrapFuture};
use alerts::{picture::PictureRecord, ports::Change};

use crate::{Ports, live::LiveCell, messages::Record, recorder::Recorder, tell::Handle};

const EVERY: Duration = Duration::from_secs(10 * 60);
/// Pictures deleted in one go.
const AT_ONCE: usize = 500;

/// What could not be deleted counts as used until then, so that it does not stand before what can.
const AGAIN: Duration = Duration::from_secs(6 * 60 * 60);

/// The actor.
pub(crate) struct Janitor {
    ports: Ports,
    recorder: Handle<Recorder>,
    live: LiveCell,
}

impl Janitor {
    pub(crate) fn new(ports: Ports, recorder: Handle<Recorder>, live: LiveCell) -> Self {
        Self { ports, recorder, live }
    }

    fn clean(&mut self, ctx: &mut Context<Self>) {
        let (ports, recorder) = (self.ports.clone(), self.recorder.clone());
        let before = ports.clock.now().minus(self.live.load().retention);
        let clean = async move {
            let store = ports.store.clone();
            let found = tokio::task::spawn_blocking(move || store.pictures_unused_since(before, AT_ONCE)).await;
            let found = found.ok().and_then(Result::ok).unwrap_or_default();
            let full = found.len() == AT_ONCE;
            let some = !found.is_empty();
            let mut changes = Vec::with_capacity(found.len());
            let mut later = Vec::new();
            for record in found {
                match delete(&ports, &record).await {
                    true => changes.push(Change::PictureGone(record.id)),
                    false => later.push(record.id),
                }
            }
            if !changes.is_empty() {
                tracing::info!(pictures = changes.len(), "pictures older than the retention deleted");
            }
            if !later.is_empty() {
                changes.push(Change::PicturesUsed { ids: later, at: before.plus(AGAIN) });
            }
            if some {
                recorder.tell(Record { changes, done: None });
            }
            full
        };
        ctx.spawn(clean.into_actor(self).map(|more, this, ctx| {
            let wait = if more { Duration::from_secs(1) } else { EVERY };
            ctx.run_later(wait, Self::clean);
            let _ = this;
        }));
    }
}

async fn delete(ports: &Ports, picture: &PictureRecord) -> bool {
    match ports.images.delete(picture).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(picture = %picture.id, %error, "a picture could not be deleted; it is tried again later");
            false
        }
    }
}

impl Actor for Janitor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.clean(ctx);
    }
}
