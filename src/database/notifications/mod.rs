//! The notifications, pending and done, the newest first, as people ask for them.
//!
//! Pending ones are in the outbox, done ones in the history; a notification keeps its number, so its place among the others
//! never changes. Deliberately unknown here: HTTP, pages, what may be done about a notification.

mod choice;
mod search;
#[cfg(test)]
mod tests;

use alerts::{
    Time,
    message::{Delivery, DeliveryId},
    picture::PictureId,
    ports::{HistoryEntry, Outcome, StoreError},
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Database, error::Error, history, outbox};
pub use choice::{AlertChoice, NotificationChoice, NotificationState};

/// A notification.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    /// What is told, to whom, how often it was tried.
    pub delivery: Delivery,
    /// What became of it; none while it is pending.
    pub done: Option<Done>,
}

/// What became of a notification.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// Whether it was sent.
    pub outcome: Outcome,
    /// When it was sent or given up.
    pub at: Time,
    /// The pictures that were sent.
    pub pictures: Vec<PictureId>,
}

/// Some notifications.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NotificationPage {
    /// The newest first.
    pub notifications: Vec<Notification>,
    /// Where to go on ([`NotificationChoice::before`]); none where there are no more. A page may be short, or empty, and say
    /// that there are more: looking for them was given up for now.
    pub next: Option<DeliveryId>,
}

/// A newer notification of the same group to the same integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newer {
    /// Its number.
    pub id: DeliveryId,
    /// What became of it.
    pub state: NotificationState,
}

impl Notification {
    /// What became of it, in one word.
    pub fn state(&self) -> NotificationState {
        self.done.as_ref().map_or(NotificationState::Pending, |done| NotificationState::of(&done.outcome))
    }

    /// As the history keeps it; none while it is pending.
    pub fn history(&self) -> Option<HistoryEntry> {
        let Done { outcome, at, pictures } = self.done.clone()?;
        Some(HistoryEntry { delivery: self.delivery.clone(), outcome, at, pictures })
    }
}

impl From<HistoryEntry> for Notification {
    fn from(HistoryEntry { delivery, outcome, at, pictures }: HistoryEntry) -> Self {
        Self { delivery, done: Some(Done { outcome, at, pictures }) }
    }
}

impl Database {
    /// The notifications that `choice` wants.
    pub fn notifications(&self, choice: &NotificationChoice) -> Result<NotificationPage, StoreError> {
        self.shared.readers.read(|connection| search::page(connection, choice))
    }

    /// One notification.
    pub fn notification(&self, id: DeliveryId) -> Result<Option<Notification>, StoreError> {
        self.shared.readers.read(|connection| match history::find(connection, id)? {
            Some(entry) => Ok(Some(entry.into())),
            None => pending(connection, id),
        })
    }

    /// The newest notification of the same group to the same integration, if `delivery` is not it.
    pub fn newer_notification(&self, delivery: &Delivery) -> Result<Option<Newer>, StoreError> {
        self.shared.readers.read(|connection| {
            let pending = newer_in_outbox(connection, delivery)?;
            pending.map_or_else(|| newer_in_history(connection, delivery), |newer| Ok(Some(newer)))
        })
    }

    /// How many notifications are in a state.
    pub fn count_notifications(&self, state: NotificationState) -> Result<usize, StoreError> {
        self.shared.readers.read(|connection| search::count(connection, state))
    }
}

fn pending(connection: &Connection, id: DeliveryId) -> Result<Option<Notification>, Error> {
    let mut select = connection
        .prepare_cached("SELECT id, body, attempts, not_before, last_error, receipt FROM outbox WHERE id = $1")?;
    let row = select.query_row(params![id.0.cast_signed()], |row| Ok(outbox::delivery(row))).optional()?;
    Ok(row.transpose()?.map(|delivery| Notification { delivery, done: None }))
}

fn newer_in_outbox(connection: &Connection, delivery: &Delivery) -> Result<Option<Newer>, Error> {
    let mut select = connection.prepare_cached(
        "SELECT id FROM outbox WHERE integration = $1 AND id > $2 AND group_key = $3 ORDER BY id DESC LIMIT 1",
    )?;
    let found: Option<i64> = select.query_row(key(delivery), |row| row.get(0)).optional()?;
    Ok(found.map(|id| Newer { id: DeliveryId(id.cast_unsigned()), state: NotificationState::Pending }))
}

fn newer_in_history(connection: &Connection, delivery: &Delivery) -> Result<Option<Newer>, Error> {
    let mut select = connection.prepare_cached(
        "SELECT delivery, outcome FROM history_heads WHERE integration = $1 AND delivery > $2 AND group_key = $3
         ORDER BY delivery DESC LIMIT 1",
    )?;
    let found: Option<(i64, String)> =
        select.query_row(key(delivery), |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(found.map(|(id, word)| Newer { id: DeliveryId(id.cast_unsigned()), state: NotificationState::of_word(&word) }))
}

fn key(delivery: &Delivery) -> (&str, i64, &str) {
    (&delivery.integration.0, delivery.id.0.cast_signed(), &delivery.group_key)
}
