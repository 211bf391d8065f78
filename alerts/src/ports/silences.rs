//! The port of the silences: whoever serves people asks it, the machine keeps them.
//!
//! Deliberately unknown here: HTTP, pages, how silences are made durable.

use async_trait::async_trait;

use crate::silence::{Draft, SilenceError, SilenceId, Silences};

/// All silences, for reading and changing.
#[async_trait]
pub trait SilenceBook: Send + Sync {
    /// All silences as of now. Cheap.
    fn silences(&self) -> Silences;

    /// Makes a silence, or changes the one that `draft.id` names; answers the name that it has from now on. Once this answers,
    /// the silence is durable and in force.
    ///
    /// # Errors
    /// See [`SilenceRefused`].
    async fn set(&self, draft: Draft) -> Result<SilenceId, SilenceRefused>;

    /// Ends a silence now; ending one that is over is no error.
    ///
    /// # Errors
    /// See [`SilenceRefused`].
    async fn expire(&self, id: &SilenceId) -> Result<(), SilenceRefused>;
}

/// Why a silence is not made, changed or ended. Nothing was changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SilenceRefused {
    /// The client's fault.
    #[error(transparent)]
    Silence(#[from] SilenceError),
    /// The database did not take it: the client is to try again.
    #[error("the silence was not made durable: {0}")]
    NotDurable(String),
    /// Too many changes wait: the client is to try again.
    #[error("too many changes of silences are under way")]
    Busy,
}
