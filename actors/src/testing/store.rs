//! A store in memory that outlives the machines built on it; can be made to fail.

use std::{
    collections::{BTreeMap, HashMap},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use alerts::{
    Fingerprint, Status, Time,
    message::{Delivery, DeliveryId, IntegrationKey, LogEntry, Receipt},
    picture::{PictureId, PictureRecord},
    ports::{Change, ForeignLogEntry, GroupRecord, HistoryEntry, OutboxHead, Snapshot, Store, StoreError},
    record::AlertRecord,
    silence::{Silence, SilenceId},
};
use parking_lot::Mutex;

/// The fake.
#[derive(Default)]
pub struct MemoryStore {
    tables: Mutex<Tables>,
    failing: AtomicBool,
    commits: AtomicUsize,
}

#[derive(Default)]
struct Tables {
    alerts: HashMap<Fingerprint, AlertRecord>,
    groups: HashMap<String, GroupRecord>,
    log: HashMap<(String, IntegrationKey), LogEntry>,
    outbox: BTreeMap<DeliveryId, Delivery>,
    history: Vec<HistoryEntry>,
    pictures: HashMap<PictureId, PictureRecord>,
    last_delivery: u64,
    silences: HashMap<SilenceId, Silence>,
    foreign_log: Vec<ForeignLogEntry>,
}

impl MemoryStore {
    /// From now on every commit fails, or none does.
    pub fn fail(&self, failing: bool) {
        self.failing.store(failing, Ordering::Relaxed);
    }

    /// How many commits succeeded.
    pub fn commits(&self) -> usize {
        self.commits.load(Ordering::Relaxed)
    }

    /// The records of pictures.
    pub fn pictures(&self) -> Vec<PictureRecord> {
        self.tables.lock().pictures.values().cloned().collect()
    }

    /// The stored alerts.
    pub fn alerts(&self) -> Vec<AlertRecord> {
        self.tables.lock().alerts.values().cloned().collect()
    }

    /// What is in the outbox.
    pub fn outbox(&self) -> Vec<Delivery> {
        self.tables.lock().outbox.values().cloned().collect()
    }

    /// What the history keeps.
    pub fn history(&self) -> Vec<HistoryEntry> {
        self.tables.lock().history.clone()
    }

    /// The silences.
    pub fn silences(&self) -> Vec<Silence> {
        self.tables.lock().silences.values().cloned().collect()
    }

    /// The notification log.
    pub fn log(&self) -> Vec<LogEntry> {
        self.tables.lock().log.values().cloned().collect()
    }
}

impl Tables {
    fn apply(&mut self, change: Change) {
        match change {
            Change::Alert(record) => drop(self.alerts.insert(record.fingerprint, record)),
            Change::AlertGone(fingerprint) => drop(self.alerts.remove(&fingerprint)),
            Change::Group(record) => drop(self.groups.insert(record.group_key.clone(), record)),
            Change::GroupGone { group_key } => {
                self.groups.remove(&group_key);
                self.log.retain(|(key, _), _| *key != group_key);
                self.foreign_log.retain(|entry| entry.group_key != group_key);
            }
            Change::Log(entry) => drop(self.log.insert((entry.group_key.clone(), entry.integration.clone()), *entry)),
            Change::Delivery(delivery) => {
                self.last_delivery = self.last_delivery.max(delivery.id.0);
                self.outbox.insert(delivery.id, *delivery);
            }
            Change::DeliveryProgress { id, attempts, not_before, error, receipt } => {
                if let Some(delivery) = self.outbox.get_mut(&id) {
                    delivery.attempts = attempts;
                    delivery.not_before = not_before;
                    delivery.last_error = error;
                    delivery.receipt = receipt.or(delivery.receipt.take());
                }
            }
            Change::DeliveryDone { id, log, history } => {
                self.outbox.remove(&id);
                if let Some(entry) = log {
                    self.log.insert((entry.group_key.clone(), entry.integration.clone()), entry);
                }
                self.history.extend(history.map(|entry| *entry));
            }
            Change::ReceiptUpdated { group_key, integration, receipt, delivery, pictures } => {
                if let Some(entry) = self.history.iter_mut().find(|entry| entry.delivery.id == delivery) {
                    entry.delivery.receipt = Some(receipt.clone());
                    entry.pictures.extend(pictures);
                }
                if let Some(entry) = self.log.get_mut(&(group_key, integration)) {
                    entry.receipt = receipt;
                }
            }
            Change::Picture(record) => drop(self.pictures.insert(record.id.clone(), record)),
            Change::PicturesUsed { ids, at } => {
                for id in ids {
                    if let Some(record) = self.pictures.get_mut(&id) {
                        record.used_at = at;
                    }
                }
            }
            Change::PictureGone(id) => drop(self.pictures.remove(&id)),
            Change::Silence(silence) => drop(self.silences.insert(silence.id.clone(), (*silence).clone())),
            Change::SilenceGone(id) => drop(self.silences.remove(&id)),
            Change::ForeignLog(entry) => self.foreign_log.push(*entry),
        }
    }
}

impl Store for MemoryStore {
    fn load(&self) -> Result<Snapshot, StoreError> {
        let tables = self.tables.lock();
        let outbox = tables.outbox.values().map(|delivery| OutboxHead {
            id: delivery.id,
            integration: delivery.integration.clone(),
            group_key: delivery.group_key.clone(),
            firing: delivery.fingerprints(Status::Firing),
            resolved: delivery.fingerprints(Status::Resolved),
            attempted: delivery.attempts > 0,
            since: delivery.since,
            not_before: delivery.not_before,
        });
        Ok(Snapshot {
            groups: tables.groups.values().cloned().collect(),
            log: tables.log.values().cloned().collect(),
            outbox: outbox.collect(),
            last_delivery: tables.last_delivery,
            silences: tables.silences.values().cloned().collect(),
            foreign_log: tables.foreign_log.clone(),
        })
    }

    fn load_alerts(&self, each: &mut dyn FnMut(AlertRecord)) -> Result<(), StoreError> {
        self.tables.lock().alerts.values().cloned().for_each(each);
        Ok(())
    }

    fn commit(&self, changes: &[Change]) -> Result<(), StoreError> {
        if self.failing.load(Ordering::Relaxed) {
            return Err(StoreError::Failed("database or disk is full".into()));
        }
        let mut tables = self.tables.lock();
        changes.iter().cloned().for_each(|change| tables.apply(change));
        self.commits.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn deliveries(
        &self,
        integration: &IntegrationKey,
        after: DeliveryId,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let tables = self.tables.lock();
        let mine =
            tables.outbox.values().filter(|delivery| delivery.integration == *integration && delivery.id > after);
        Ok(mine.take(limit).cloned().collect())
    }

    fn last_receipt(&self, group_key: &str, integration: &IntegrationKey) -> Result<Option<Receipt>, StoreError> {
        let key = (group_key.to_owned(), integration.clone());
        Ok(self.tables.lock().log.get(&key).filter(|entry| !entry.firing.is_empty()).map(|entry| entry.receipt.clone()))
    }

    fn picture(&self, id: &PictureId) -> Result<Option<PictureRecord>, StoreError> {
        Ok(self.tables.lock().pictures.get(id).cloned())
    }

    fn pictures_unused_since(&self, before: Time, limit: usize) -> Result<Vec<PictureRecord>, StoreError> {
        let tables = self.tables.lock();
        let mut unused: Vec<_> = tables.pictures.values().filter(|record| record.used_at < before).cloned().collect();
        unused.sort_by_key(|record| record.used_at);
        unused.truncate(limit);
        Ok(unused)
    }
}
