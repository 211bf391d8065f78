//! One list of changes into one transaction: what each kind of change does to which table, and the state at the start.
//!
//! A change of something that is not there is no error: a change may be repeated. Deliberately unknown here: alerts (their log
//! is written beside this), the layout of deliveries, pictures and history.

use alerts::{
    message::DeliveryId,
    ports::{Change, GroupRecord, Snapshot},
};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{error::Error, foreign_log, history, log, outbox, pictures, silences};

/// The highest delivery number ever used.
pub(super) const DELIVERY_COUNTER: &str = "delivery";
/// The number of the last change of the inbox.
pub(super) const INBOX_COUNTER: &str = "inbox";

/// Everything but alerts and pictures.
pub(super) fn load(connection: &Connection) -> Result<Snapshot, Error> {
    Ok(Snapshot {
        groups: groups(connection)?,
        log: log::load(connection)?,
        outbox: outbox::heads(connection)?,
        last_delivery: counter(connection, DELIVERY_COUNTER)?.unsigned_abs(),
        silences: silences::load(connection)?,
        foreign_log: foreign_log::load(connection)?,
    })
}

/// Applies all changes but those of alerts, in order.
pub(super) fn apply(transaction: &Transaction<'_>, changes: &[Change]) -> Result<(), Error> {
    let mut last_delivery = None;
    for change in changes {
        if let Change::Delivery(delivery) = change {
            last_delivery = last_delivery.max(Some(delivery.id));
        }
        apply_one(transaction, change)?;
    }
    match last_delivery {
        Some(DeliveryId(number)) => raise_counter(transaction, DELIVERY_COUNTER, number.cast_signed()),
        None => Ok(()),
    }
}

/// The value of a counter; 0 if it was never raised.
pub(super) fn counter(connection: &Connection, name: &str) -> Result<i64, rusqlite::Error> {
    let mut select = connection.prepare_cached("SELECT value FROM counters WHERE name = $1")?;
    Ok(select.query_row(params![name], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// Raises a counter to `value`, never lowers it.
pub(super) fn raise_counter(transaction: &Transaction<'_>, name: &str, value: i64) -> Result<(), Error> {
    let mut upsert = transaction.prepare_cached(
        "INSERT INTO counters (name, value) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE excluded.value > counters.value",
    )?;
    upsert.execute(params![name, value])?;
    Ok(())
}

fn apply_one(transaction: &Transaction<'_>, change: &Change) -> Result<(), Error> {
    match change {
        Change::Alert(_) | Change::AlertGone(_) => Ok(()),
        Change::Group(group) => put_group(transaction, group),
        Change::GroupGone { group_key } => {
            transaction.prepare_cached("DELETE FROM alert_groups WHERE group_key = $1")?.execute(params![group_key])?;
            foreign_log::forget_group(transaction, group_key)?;
            log::forget_group(transaction, group_key)
        }
        Change::Delivery(delivery) => outbox::put(transaction, delivery),
        Change::DeliveryProgress { id, attempts, not_before, error, receipt } => {
            let progress = outbox::Progress { attempts: *attempts, not_before: *not_before, error, receipt };
            outbox::progress(transaction, *id, &progress)
        }
        Change::DeliveryDone { id, log, history } => {
            outbox::remove(transaction, *id)?;
            log.as_ref().map_or(Ok(()), |entry| log::put(transaction, entry))?;
            history.as_ref().map_or(Ok(()), |entry| history::put(transaction, entry))
        }
        Change::Log(entry) => log::put(transaction, entry),
        Change::ReceiptUpdated { delivery, group_key, integration, receipt, pictures } => {
            history::add_pictures(transaction, *delivery, receipt, pictures)?;
            log::update_receipt(transaction, group_key, integration, receipt)
        }
        Change::Picture(record) => pictures::put(transaction, record),
        Change::PicturesUsed { ids, at } => pictures::used(transaction, ids, *at),
        Change::PictureGone(id) => pictures::remove(transaction, id),
        Change::Silence(silence) => silences::put(transaction, silence),
        Change::SilenceGone(id) => silences::remove(transaction, id),
        Change::ForeignLog(entry) => foreign_log::put(transaction, entry),
    }
}

fn put_group(transaction: &Transaction<'_>, group: &GroupRecord) -> Result<(), Error> {
    let mut upsert = transaction.prepare_cached(
        "INSERT INTO alert_groups (group_key, flushed_at) VALUES ($1, $2)
         ON CONFLICT (group_key) DO UPDATE SET flushed_at = excluded.flushed_at",
    )?;
    upsert.execute(params![group.group_key, group.flushed_at.as_nanos()])?;
    Ok(())
}

fn groups(connection: &Connection) -> Result<Vec<GroupRecord>, Error> {
    let mut select = connection.prepare("SELECT group_key, flushed_at FROM alert_groups")?;
    let groups = select.query_map([], |row| {
        Ok(GroupRecord { group_key: row.get(0)?, flushed_at: alerts::Time::from_nanos(row.get(1)?) })
    })?;
    Ok(groups.collect::<Result<_, _>>()?)
}
