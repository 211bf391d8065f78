//! The janitor: deletes pictures that were not sent for as long as the retention says, from the store and from the database.
//!
//! Deliberately unknown here: where pictures lie, the database's own cleaning.

use std::time::Duration;

use actix::{Actor, ActorFutureExt, AsyncContext, Context, WrapFuture};
use alerts::{picture::PictureId, ports::Change};

use crate::{Ports, live::LiveCell, messages::Record, recorder::Recorder, tell::Handle};

const EVERY: Duration = Duration::from_secs(10 * 60);
/// Pictures deleted in one go.
const AT_ONCE: usize = 500;

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
            let mut changes = Vec::with_capacity(found.len());
            for record in found {
                if delete(&ports, &record.id).await {
                    changes.push(Change::PictureGone(record.id));
                }
            }
            let some = !changes.is_empty();
            if some {
                tracing::info!(pictures = changes.len(), "pictures older than the retention deleted");
                recorder.tell(Record { changes, done: None });
            }
            full && some
        };
        ctx.spawn(clean.into_actor(self).map(|more, this, ctx| {
            let wait = if more { Duration::from_secs(1) } else { EVERY };
            ctx.run_later(wait, Self::clean);
            let _ = this;
        }));
    }
}

async fn delete(ports: &Ports, id: &PictureId) -> bool {
    match ports.images.delete(id).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(picture = %id, %error, "a picture could not be deleted; it is tried again later");
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
