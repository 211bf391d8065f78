//! The machine as the pages see it.
//!
//! Deliberately unknown here: HTML.

use std::sync::Arc;

use actors::{DeliveryState, IntegrationStatus, Machine, Metrics};
use alerts::{
    Alert, Fingerprint, Status, Time,
    picture::PictureId,
    ports::{Clock, InboxPicture, Store},
};

use super::compose::Composed;
use crate::{
    database::Database,
    pages::{AlertView, AlertsView, IntegrationState, IntegrationView, PageData, StatusView},
};

pub(super) struct MachineData {
    machine: Arc<Machine>,
    metrics: Arc<Metrics>,
    database: Arc<Database>,
    clock: Arc<dyn Clock>,
    started_at: Time,
}

impl MachineData {
    pub(super) fn new(composed: &Composed) -> Self {
        Self {
            machine: composed.machine.clone(),
            metrics: composed.metrics.clone(),
            database: composed.database.clone(),
            clock: composed.clock.clone(),
            started_at: composed.started_at,
        }
    }

    fn view(&self, alert: &Alert, now: Time) -> AlertView {
        let status = alert.status(now);
        let summary = [alert.annotations.value("summary"), alert.annotations.value("description")];
        AlertView {
            status,
            name: alert.name().to_owned(),
            labels: alert.labels.clone(),
            summary: summary.into_iter().find(|text| !text.is_empty()).unwrap_or_default().to_owned(),
            starts_at: alert.starts_at,
            ended_at: (status == Status::Resolved).then_some(alert.ends_at),
            generator_url: alert.generator_url.clone(),
            pictures: self.pictures(alert),
        }
    }

    fn pictures(&self, alert: &Alert) -> Vec<InboxPicture> {
        let slots = [&alert.pictures.resolved, &alert.pictures.firing];
        slots.into_iter().filter_map(|slot| self.picture(slot.taken()?)).collect()
    }

    fn picture(&self, id: &PictureId) -> Option<InboxPicture> {
        let record = self.database.picture(id).ok().flatten()?;
        Some(InboxPicture {
            id: record.id,
            title: record.title,
            alt: record.alt,
            transition: record.transition,
            width: record.width,
            height: record.height,
        })
    }
}

impl PageData for MachineData {
    fn status(&self) -> StatusView {
        let counts = self.machine.table().counts(self.clock.now());
        StatusView {
            not_ready: self.machine.unready()(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: self.started_at,
            alerts_firing: counts.firing,
            alerts_resolved: counts.resolved,
            groups: usize::try_from(self.metrics.groups.get()).unwrap_or_default(),
            integrations: self.machine.integrations().into_iter().map(integration).collect(),
        }
    }

    fn alerts(&self, limit: usize, cursor: Option<&str>) -> AlertsView {
        let (table, now) = (self.machine.table(), self.clock.now());
        let mut order: Vec<(Status, Time, Fingerprint)> = Vec::with_capacity(table.len());
        table.for_each(|alert| order.push((alert.status(now), alert.starts_at(), alert.fingerprint())));
        // Firing first, the newest first.
        order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)).then(a.2.cmp(&b.2)));
        let begin = cursor
            .and_then(|cursor| cursor.parse::<Fingerprint>().ok())
            .and_then(|cursor| order.iter().position(|(_, _, fingerprint)| *fingerprint == cursor))
            .map_or(0, |at| at + 1);
        let page: Vec<Fingerprint> = order.iter().skip(begin).take(limit).map(|(_, _, fp)| *fp).collect();
        let next = (begin + page.len() < order.len()).then(|| page.last().map(ToString::to_string)).flatten();
        let alerts = table.snapshot(&page).iter().map(|alert| self.view(alert, now)).collect();
        AlertsView { alerts, total: order.len(), next }
    }
}

fn integration(status: IntegrationStatus) -> IntegrationView {
    IntegrationView {
        receiver: status.receiver,
        kind: status.kind.to_owned(),
        pending: status.pending,
        state: match status.state {
            DeliveryState::Working => IntegrationState::Working,
            DeliveryState::Failing { error } => IntegrationState::Failing { error },
            DeliveryState::Paused { until, error } => IntegrationState::Paused { until, error },
        },
    }
}
