//! The one error of the database's inside, which becomes the port's at its edge.
//!
//! Deliberately unknown here: what callers do about it.

use alerts::ports::StoreError;

/// What can go wrong inside.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// SQLite's own words.
    #[error("{0}")]
    Sql(#[from] rusqlite::Error),
    /// Something in the file is not what this program writes.
    #[error("{what} is damaged: {why}")]
    Damaged { what: String, why: String },
    /// Files and directories.
    #[error("{what}: {source}")]
    File { what: String, source: std::io::Error },
    /// Another server uses the directory.
    #[error("{0}")]
    InUse(String),
    /// See [`StoreError::Newer`].
    #[error("schema version {found}, known {known}")]
    Newer { found: i64, known: i64 },
}

impl Error {
    pub(super) fn damaged(what: impl Into<String>, why: impl ToString) -> Self {
        Self::Damaged { what: what.into(), why: why.to_string() }
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match error {
            Error::Newer { found, known } => StoreError::Newer { found, known },
            other => StoreError::Failed(other.to_string()),
        }
    }
}
