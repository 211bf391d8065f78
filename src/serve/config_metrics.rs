//! What the metrics say of the configuration, under Alertmanager's names.

use alerts::Time;
use prometheus::{Gauge, IntGauge, Opts, Registry};

use crate::config::settings::Settings;

/// The config family of Alertmanager's metrics.
pub(super) struct ConfigMetrics {
    hash: Gauge,
    successful: IntGauge,
    success_at: Gauge,
    receivers: IntGauge,
    integrations: IntGauge,
    inhibition_rules: IntGauge,
}

impl ConfigMetrics {
    /// Registers them.
    ///
    /// # Errors
    /// When a name is registered already.
    pub(super) fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let float = |name: &str, help: &str| {
            let gauge = Gauge::with_opts(Opts::new(name, help))?;
            registry.register(Box::new(gauge.clone()))?;
            Ok::<_, prometheus::Error>(gauge)
        };
        let whole = |name: &str, help: &str| {
            let gauge = IntGauge::with_opts(Opts::new(name, help))?;
            registry.register(Box::new(gauge.clone()))?;
            Ok::<_, prometheus::Error>(gauge)
        };
        Ok(Self {
            hash: float("alertmanager_config_hash", "Hash of the currently loaded configuration.")?,
            successful: whole(
                "alertmanager_config_last_reload_successful",
                "Whether the last configuration reload attempt was successful.",
            )?,
            success_at: float(
                "alertmanager_config_last_reload_success_timestamp_seconds",
                "Timestamp of the last successful configuration reload.",
            )?,
            receivers: whole("alertmanager_receivers", "Number of configured receivers.")?,
            integrations: whole("alertmanager_integrations", "Number of configured integrations.")?,
            inhibition_rules: whole("alertmanager_inhibition_rules", "Number of configured inhibition rules.")?,
        })
    }

    /// These settings are in force from now on.
    pub(super) fn loaded(&self, settings: &Settings, at: Time) {
        let integrations: usize = settings.receivers.iter().map(|receiver| receiver.integrations().len()).sum();
        // 48 bits are exact in a float.
        self.hash.set(settings.config_hash as f64);
        self.successful.set(1);
        self.success_at.set(at.as_nanos() as f64 / 1e9);
        self.receivers.set(count(settings.receivers.len()));
        self.integrations.set(count(integrations));
        self.inhibition_rules.set(count(settings.inhibit_rules.len()));
    }

    /// The last attempt failed.
    pub(super) fn refused(&self) {
        self.successful.set(0);
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
