//! A book of silences in memory, by the rules of the real one.
//!
//! Deliberately unknown here: who asks.

use std::{sync::Arc, time::Duration};

use alerts::{
    LabelSet,
    matcher::{Matcher, MatcherSet},
    ports::{Clock, SilenceBook, SilenceRefused},
    silence::{Draft, Silence, SilenceChange, SilenceId, SilenceLimits, Silences},
};
use async_trait::async_trait;
use parking_lot::Mutex;

pub struct Book {
    clock: Arc<dyn Clock>,
    silences: Mutex<Silences>,
    /// What every change is answered with.
    refusal: Mutex<Option<SilenceRefused>>,
}

impl Book {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, silences: Mutex::default(), refusal: Mutex::default() }
    }

    /// From now on every change is refused.
    pub fn refuse(&self, refusal: SilenceRefused) {
        *self.refusal.lock() = Some(refusal);
    }

    /// A silence of the alerts named `disk`, in which every word is `word`.
    pub fn add(&self, word: &str, length: Duration) -> Arc<Silence> {
        let now = self.clock.now();
        let draft = Draft {
            id: None,
            matchers: MatcherSet::new(vec![Matcher::equal("alertname", "disk"), Matcher::equal(word, word)]),
            starts_at: None,
            ends_at: now.plus(length),
            created_by: word.to_owned(),
            comment: word.to_owned(),
            annotations: [(word, word)].into_iter().collect::<LabelSet>(),
        };
        let id = self.new_id();
        let change = self.silences().set(draft, id, SilenceLimits::default(), now).unwrap();
        self.take(change.clone());
        change.silences.get(&change.id).unwrap().clone()
    }

    pub fn all(&self) -> Vec<Arc<Silence>> {
        self.silences.lock().iter().cloned().collect()
    }

    fn new_id(&self) -> SilenceId {
        SilenceId(format!("00000000-0000-4000-8000-{:012}", self.silences.lock().len()).into())
    }

    fn take(&self, change: SilenceChange) {
        *self.silences.lock() = change.silences;
    }

    fn is_refused(&self) -> Result<(), SilenceRefused> {
        self.refusal.lock().clone().map_or(Ok(()), Err)
    }
}

#[async_trait]
impl SilenceBook for Book {
    fn silences(&self) -> Silences {
        self.silences.lock().clone()
    }

    async fn set(&self, draft: Draft) -> Result<SilenceId, SilenceRefused> {
        self.is_refused()?;
        let id = self.new_id();
        let change = self.silences().set(draft, id, SilenceLimits::default(), self.clock.now())?;
        self.take(change.clone());
        Ok(change.id)
    }

    async fn expire(&self, id: &SilenceId) -> Result<(), SilenceRefused> {
        self.is_refused()?;
        let change = self.silences().expire(id, self.clock.now())?;
        self.take(change);
        Ok(())
    }
}
