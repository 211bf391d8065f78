//! Alertmanager's metrics of its notification log and its silences, measured where this program does the same work: in the
//! commits and the maintenance of the database (`docs/operations.md` says what stands for what).
//!
//! Deliberately unknown here: silences in memory, whose number and queries the machine counts.

mod summary;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use alerts::ports::{Change, Clock};
use prometheus::{Histogram, HistogramOpts, IntCounter, IntGauge, Registry};
use summary::Summary;

/// Both families, and the clock that they are measured with.
pub struct StoreMetrics {
    clock: Arc<dyn Clock>,
    log: Family,
    silences: Family,
    log_queries: Queries,
}

/// What the two families have in common.
struct Family {
    gc_duration: Summary,
    snapshot_duration: Summary,
    snapshot_size: IntGauge,
    maintenance: IntCounter,
    maintenance_errors: IntCounter,
}

struct Queries {
    total: IntCounter,
    errors: IntCounter,
    duration: Histogram,
}

impl StoreMetrics {
    /// Registers all of them.
    ///
    /// # Errors
    /// When `registry` has metrics of these names already.
    pub fn register(registry: &Registry, clock: Arc<dyn Clock>) -> Result<Self, prometheus::Error> {
        let (log, silences) = (Family::register(registry, "nflog")?, Family::register(registry, "silences")?);
        Ok(Self { clock, log, silences, log_queries: Queries::register(registry, "nflog")? })
    }

    /// A commit: what a snapshot of the files is to Alertmanager, for what it holds.
    pub(super) fn commit<T, E>(&self, changes: &[Change], commit: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let (result, took) = self.timed(commit);
        if result.is_ok() {
            let holds = Holds::of(changes);
            holds.log.then(|| self.log.snapshot_duration.observe(took));
            holds.silences.then(|| self.silences.snapshot_duration.observe(took));
            holds.silences_gone.then(|| self.silences.gc_duration.observe(took));
        }
        result
    }

    /// A question to the notification log.
    pub(super) fn log_query<T, E>(&self, query: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let (result, took) = self.timed(query);
        self.log_queries.total.inc();
        self.log_queries.duration.observe(took.as_secs_f64());
        if result.is_err() {
            self.log_queries.errors.inc();
        }
        result
    }

    /// A slice of the maintenance.
    pub(super) fn maintenance<T, E>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let (result, took) = self.timed(work);
        for family in [&self.log, &self.silences] {
            family.maintenance.inc();
            if result.is_err() {
                family.maintenance_errors.inc();
            }
        }
        self.log.gc_duration.observe(took);
        result
    }

    /// What the rows take (bytes).
    pub(super) fn sizes(&self, log: i64, silences: i64) {
        self.log.snapshot_size.set(log);
        self.silences.snapshot_size.set(silences);
    }

    fn timed<T>(&self, work: impl FnOnce() -> T) -> (T, Duration) {
        let began = self.clock.monotonic();
        let result = work();
        (result, self.clock.monotonic().saturating_sub(began))
    }
}

/// What of interest a commit holds.
#[derive(Default)]
struct Holds {
    log: bool,
    silences: bool,
    silences_gone: bool,
}

impl Holds {
    fn of(changes: &[Change]) -> Self {
        let mut holds = Self::default();
        for change in changes {
            match change {
                Change::Log(_) | Change::ForeignLog(_) | Change::DeliveryDone { log: Some(_), .. } => holds.log = true,
                Change::Silence(_) => holds.silences = true,
                Change::SilenceGone(_) => holds.silences_gone = true,
                _ => {}
            }
        }
        holds
    }
}

impl Family {
    fn register(registry: &Registry, family: &str) -> Result<Self, prometheus::Error> {
        let name = |rest: &str| format!("alertmanager_{family}_{rest}");
        let metrics = Self {
            gc_duration: Summary::new(
                name("gc_duration_seconds"),
                "How long removing what has ended took: for the notification log a slice of the database's maintenance, for silences the commit.",
            )?,
            snapshot_duration: Summary::new(
                name("snapshot_duration_seconds"),
                "How long the commits took that made entries durable.",
            )?,
            snapshot_size: IntGauge::new(name("snapshot_size_bytes"), "What the entries take in the database.")?,
            maintenance: IntCounter::new(name("maintenance_total"), "How often the database was tidied.")?,
            maintenance_errors: IntCounter::new(
                name("maintenance_errors_total"),
                "How often tidying the database failed.",
            )?,
        };
        let gossip =
            IntCounter::new(name("gossip_messages_propagated_total"), "Always 0: there is no gossip between servers.")?;
        registry.register(Box::new(metrics.gc_duration.clone()))?;
        registry.register(Box::new(metrics.snapshot_duration.clone()))?;
        registry.register(Box::new(metrics.snapshot_size.clone()))?;
        for counter in [&metrics.maintenance, &metrics.maintenance_errors, &gossip] {
            registry.register(Box::new(counter.clone()))?;
        }
        Ok(metrics)
    }
}

impl Queries {
    fn register(registry: &Registry, family: &str) -> Result<Self, prometheus::Error> {
        let name = |rest: &str| format!("alertmanager_{family}_{rest}");
        let metrics = Self {
            total: IntCounter::new(name("queries_total"), "How often the database was asked for an entry.")?,
            errors: IntCounter::new(name("query_errors_total"), "How often that failed.")?,
            duration: Histogram::with_opts(HistogramOpts::new(name("query_duration_seconds"), "How long that took."))?,
        };
        registry.register(Box::new(metrics.total.clone()))?;
        registry.register(Box::new(metrics.errors.clone()))?;
        registry.register(Box::new(metrics.duration.clone()))?;
        Ok(metrics)
    }
}
