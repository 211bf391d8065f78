//! The machine's [`SilenceBook`]: reads from the mute index, changes through the keeper, bounded by permits.
//!
//! Deliberately unknown here: what a change means.

use std::{sync::Arc, time::Duration};

use alerts::{
    ports::{SilenceBook, SilenceRefused},
    silence::{Draft, SilenceId, Silences},
};
use async_trait::async_trait;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{SilenceKeeper, batch::Wish};
use crate::{index::Index, messages::ChangeSilence, tell::Handle};

/// Changes that wait at once; more are turned away.
const AT_ONCE: usize = 1_000;
/// How long somebody is kept waiting for a commit.
const TIMEOUT: Duration = Duration::from_secs(10);

/// See [`SilenceBook`].
pub(crate) struct Book {
    index: Arc<Index>,
    keeper: Handle<SilenceKeeper>,
    permits: Arc<Semaphore>,
}

impl Book {
    pub(crate) fn new(index: Arc<Index>, keeper: Handle<SilenceKeeper>) -> Self {
        Self { index, keeper, permits: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    async fn ask(&self, wish: Wish) -> Result<SilenceId, SilenceRefused> {
        let permit = self.permits.clone().try_acquire_owned().map_err(|_| SilenceRefused::Busy)?;
        let answer = self.keeper.ask(ChangeSilence { wish, permit }, TIMEOUT).await;
        answer.unwrap_or_else(|error| Err(SilenceRefused::NotDurable(error.to_string())))
    }
}

#[async_trait]
impl SilenceBook for Book {
    fn silences(&self) -> Silences {
        self.index.silences()
    }

    async fn set(&self, draft: Draft) -> Result<SilenceId, SilenceRefused> {
        let new_id = SilenceId(Uuid::new_v4().to_string().into());
        self.ask(Wish::Set(draft, new_id)).await
    }

    async fn expire(&self, id: &SilenceId) -> Result<(), SilenceRefused> {
        self.ask(Wish::Expire(id.clone())).await.map(drop)
    }
}
