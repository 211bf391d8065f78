//! The machine as the pages see it.
//!
//! Deliberately unknown here: HTML, how alerts are grouped.

use std::sync::Arc;

use actors::{DeliveryState, IntegrationStatus, Machine, Metrics, Placement, Standings};
use alerts::{
    Alert, Fingerprint, Status, Time,
    matcher::MatcherSet,
    mute::Muted,
    picture::PictureId,
    ports::{Clock, InboxPicture, SilenceBook, Store},
    record::AlertRecord,
    route::RouteId,
};

use super::{
    compose::Composed,
    page_groups::{self, Group, Listed, Places},
    resend::MachineResend,
};
use crate::{
    database::Database,
    pages::{
        AlertView, GroupView, GroupsView, IntegrationState, IntegrationView, MatchedView, PageData, Part, Resend,
        ServerView, SilencedBy, StatusView, Wanted,
    },
    trial::Desk,
};

/// Where the pages find the configuration in force, which a reload replaces.
pub(super) type ServerCell = Arc<parking_lot::RwLock<ServerView>>;

pub(super) struct MachineData {
    machine: Arc<Machine>,
    metrics: Arc<Metrics>,
    database: Arc<Database>,
    clock: Arc<dyn Clock>,
    started_at: Time,
    server: ServerCell,
    desk: Arc<Desk>,
}

impl MachineData {
    pub(super) fn new(composed: &Composed, server: ServerCell) -> Self {
        Self {
            machine: composed.machine.clone(),
            metrics: composed.metrics.clone(),
            database: composed.database.clone(),
            clock: composed.clock.clone(),
            started_at: composed.started_at,
            server,
            desk: composed.desk.clone(),
        }
    }

    fn views(&self, alerts: &[Fingerprint], now: Time) -> Vec<AlertView> {
        self.machine.table().snapshot(alerts).iter().map(|alert| self.view(alert, now)).collect()
    }

    fn view(&self, alert: &Alert, now: Time) -> AlertView {
        let (status, standings) = (alert.status(now), self.machine.standings());
        let muted = if status == Status::Firing { standings.muted(alert, now) } else { Muted::default() };
        AlertView {
            fingerprint: alert.fingerprint,
            status,
            silenced_by: self.silenced_by(&muted),
            inhibited_by: muted.inhibited_by.into_iter().map(|source| (source, self.name(source))).collect(),
            labels: alert.labels.clone(),
            annotations: alert.annotations.clone(),
            starts_at: alert.starts_at,
            ended_at: (status == Status::Resolved).then_some(alert.ends_at),
            updated_at: alert.updated_at,
            generator_url: alert.generator_url.clone(),
            receivers: standings.receivers(alert),
            pictures: self.pictures(alert),
        }
    }

    fn silenced_by(&self, muted: &Muted) -> Vec<SilencedBy> {
        if muted.silenced_by.is_empty() {
            return Vec::new();
        }
        let silences = self.machine.silences().silences();
        let known = muted.silenced_by.iter().filter_map(|id| silences.get(id));
        known
            .map(|silence| SilencedBy {
                id: silence.id.clone(),
                comment: silence.comment.clone(),
                ends_at: silence.ends_at,
            })
            .collect()
    }

    fn name(&self, alert: Fingerprint) -> String {
        let name = self.machine.table().with(alert, |alert| alert.blob().label("alertname").map(str::to_owned));
        name.flatten().unwrap_or_default()
    }

    fn group(&self, group: &Group, shown: &[Listed], now: Time) -> GroupView {
        let shown: Vec<_> = shown.iter().map(|alert| alert.fingerprint).collect();
        GroupView {
            id: group.id(),
            receiver: group.place.receiver.clone(),
            labels: group.place.group_labels.clone(),
            muted_by: group.muted_by.clone(),
            alerts: self.views(&shown, now),
            total: group.alerts.len(),
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

    fn server(&self) -> ServerView {
        self.server.read().clone()
    }

    fn groups(&self, wanted: &Wanted, part: Part) -> GroupsView {
        let now = self.clock.now();
        let places = MachinePlaces(self.machine.standings());
        let grouped = page_groups::grouped(&self.machine.table(), &places, wanted, now);
        let shown = page_groups::part(&grouped, part);
        GroupsView {
            groups: shown.into_iter().map(|(group, alerts)| self.group(group, alerts, now)).collect(),
            total_groups: grouped.groups.len(),
            total_alerts: grouped.alerts,
            states: grouped.states,
            receivers: grouped.receivers,
        }
    }

    fn alert(&self, fingerprint: Fingerprint) -> Option<AlertView> {
        let alert = self.machine.table().get(fingerprint)?;
        Some(self.view(&alert, self.clock.now()))
    }

    fn matched(&self, matchers: &MatcherSet, limit: usize) -> MatchedView {
        let now = self.clock.now();
        let (alerts, total, of) = page_groups::matched(&self.machine.table(), matchers, limit, now);
        MatchedView { alerts: self.views(&alerts, now), total, of }
    }

    fn resend(&self) -> Arc<dyn Resend> {
        Arc::new(MachineResend(self.machine.clone()))
    }

    fn silences(&self) -> Arc<dyn SilenceBook> {
        self.machine.silences()
    }

    fn trials(&self) -> Arc<Desk> {
        self.desk.clone()
    }
}

struct MachinePlaces(Arc<Standings>);

impl Places for MachinePlaces {
    fn receivers(&self) -> Vec<Arc<str>> {
        self.0.all_receivers()
    }

    fn places(&self, alert: &AlertRecord) -> Vec<Placement> {
        self.0.placements(alert)
    }

    fn silent(&self, route: RouteId, now: Time) -> Vec<String> {
        self.0.silent(route, now)
    }

    fn muted(&self, alert: &AlertRecord, now: Time) -> Muted {
        self.0.muted(alert, now)
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
