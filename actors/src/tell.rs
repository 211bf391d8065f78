//! How actors reach each other: a handle that outlives rebuilds, `tell` that counts and logs what is lost, `ask` that ends.
//!
//! Mailboxes are unbounded on purpose: what bounds work is a permit taken before it is told (docs/decisions/0002).

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actix::{Actor, Addr, Context, Handler, Message, dev::ToEnvelope};
use parking_lot::RwLock;

use crate::metrics::Metrics;

/// Where an actor can be reached, now and after it was rebuilt.
pub(crate) struct Handle<A: Actor> {
    address: Arc<RwLock<Option<Addr<A>>>>,
    /// Raised each time a new line of actors begins here: what was started before is not rebuilt any more.
    line: Arc<AtomicU64>,
    name: Arc<str>,
    metrics: Arc<Metrics>,
}

impl<A: Actor> Clone for Handle<A> {
    fn clone(&self) -> Self {
        Self {
            address: self.address.clone(),
            line: self.line.clone(),
            name: self.name.clone(),
            metrics: self.metrics.clone(),
        }
    }
}

/// Why an ask has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AskError {
    /// The actor is gone or was rebuilt meanwhile: whether the work was done is unknown.
    #[error("the actor is being rebuilt")]
    Gone,
    /// It took too long; the work may still go on.
    #[error("no answer in time")]
    Timeout,
}

impl<A: Actor<Context = Context<A>>> Handle<A> {
    /// A handle of an actor that is not started yet.
    pub(crate) fn new(name: impl Into<Arc<str>>, metrics: Arc<Metrics>) -> Self {
        Self { address: Arc::default(), line: Arc::default(), name: name.into(), metrics }
    }

    /// The actor's name: for logs and metrics.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether there is such an actor: some are not needed everywhere.
    pub(crate) fn is_started(&self) -> bool {
        self.address.read().is_some()
    }

    /// Where the actor is reached now. Whoever keeps it keeps the actor alive, also after another one took its place.
    pub(crate) fn address(&self) -> Option<Addr<A>> {
        self.address.read().clone()
    }

    /// Begins a new line of actors and answers its number.
    pub(crate) fn begin_line(&self) -> u64 {
        self.line.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Whether a line is still the one that messages go to.
    pub(crate) fn is_line(&self, line: u64) -> bool {
        self.line.load(Ordering::Relaxed) == line
    }

    /// There is no such actor any more.
    pub(crate) fn disconnect(&self) {
        self.begin_line();
        *self.address.write() = None;
    }

    /// Where messages go from now on.
    pub(crate) fn connect(&self, address: Addr<A>) {
        *self.address.write() = Some(address);
    }

    /// Sends one way. A message to an actor that is just being rebuilt is lost, counted and logged: whoever needs more asks.
    pub(crate) fn tell<M>(&self, message: M)
    where
        M: Message + Send + 'static,
        M::Result: Send,
        A: Handler<M>,
        <A as Actor>::Context: ToEnvelope<A, M>,
    {
        let sent = self.address.read().as_ref().is_some_and(|address| address.try_send(message).is_ok());
        if !sent {
            self.metrics.lost_messages.with_label_values(&[&*self.name]).inc();
            tracing::warn!(
                actor = &*self.name,
                message = std::any::type_name::<M>(),
                "message lost, the actor is being rebuilt"
            );
        }
    }

    /// Sends and waits for the answer, at most `timeout`.
    pub(crate) async fn ask<M>(&self, message: M, timeout: Duration) -> Result<M::Result, AskError>
    where
        M: Message + Send + 'static,
        M::Result: Send,
        A: Handler<M>,
        <A as Actor>::Context: ToEnvelope<A, M>,
    {
        let request = match self.address.read().as_ref() {
            Some(address) => address.send(message),
            None => return Err(AskError::Gone),
        };
        match tokio::time::timeout(timeout, request).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(AskError::Gone),
            Err(_) => Err(AskError::Timeout),
        }
    }
}
