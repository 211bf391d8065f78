//! Where a source of type `demo` is configured, its alerts are posted into the server's own intake every few seconds, as a
//! Prometheus would post them.
//!
//! Deliberately unknown here: what the demo tells.

use std::{sync::Arc, time::Duration};

use alerts::{
    Time,
    intake::{Accept, Incoming, Normalised, Rules, normalise},
    ports::Clock,
    table::{AlertTable, Refresh},
};
use images::{
    SourceKind,
    demo::{DemoAlert, schedule},
};

use super::compose::Composed;
use crate::config::settings::Settings;

const EVERY: Duration = Duration::from_secs(2);
/// Alerts end when they were not repeated for this long.
const KEPT_FOR: Duration = Duration::from_secs(60);

/// Starts posting, if there is a demo source.
pub(super) fn start(settings: &Settings, composed: &Composed) {
    if !settings.sources.iter().any(|source| source.kind == SourceKind::Demo) {
        return;
    }
    let feed = Feed {
        table: composed.machine.table(),
        accept: composed.machine.intake(),
        clock: composed.clock.clone(),
        started_at: composed.started_at,
        rules: Rules { resolve_timeout: settings.resolve_timeout, ..Rules::default() },
    };
    actix_web::rt::spawn(async move {
        loop {
            feed.post().await;
            tokio::time::sleep(EVERY).await;
        }
    });
}

struct Feed {
    table: Arc<AlertTable>,
    accept: Arc<dyn Accept>,
    clock: Arc<dyn Clock>,
    started_at: Time,
    rules: Rules,
}

impl Feed {
    async fn post(&self) {
        let now = self.clock.now();
        let alerts = schedule(now, self.started_at);
        let changed: Vec<Normalised> = alerts.iter().filter_map(|alert| self.changed(alert, now)).collect();
        if !changed.is_empty()
            && let Err(error) = self.accept.accept(changed, now).await
        {
            tracing::warn!(%error, "the demo's alerts were not taken; they are posted again");
        }
    }

    fn changed(&self, alert: &DemoAlert, now: Time) -> Option<Normalised> {
        let pairs = |set: &alerts::LabelSet| {
            set.iter().map(|(name, value)| (name.to_owned().into(), value.to_owned().into())).collect()
        };
        let incoming = Incoming {
            labels: pairs(&alert.labels),
            annotations: pairs(&alert.annotations),
            starts_at: Some(alert.starts_at),
            ends_at: Some(alert.ends_at.unwrap_or_else(|| now.plus(KEPT_FOR))),
            generator_url: alert.generator_url.as_str().into(),
        };
        let received = normalise(incoming, now, &self.rules).ok()?;
        match self.table.refresh(&received.sighting) {
            Refresh::Unchanged => None,
            Refresh::Extend => {
                self.accept.extend(vec![received.sighting.fingerprint]);
                None
            }
            Refresh::Changed => Some(received.into_owned()),
        }
    }
}
