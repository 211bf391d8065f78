//! From alerts to what the machine would flush: the groups of the routes, and the delivery to each integration.
//!
//! Nothing mutes here: silences, inhibition and time intervals are not asked. Deliberately unknown here: channels, pictures.

use alerts::{
    Alert, LabelSet, Status, Time,
    message::{Delivery, DeliveryId, IntegrationKey, MessageAlert, Reason},
    order,
    route::{Route, RouteGroup, RouteId, RouteTree},
};

use super::{MOST_GROUPS, NoTrial};

/// A group of alerts on its way to a receiver.
pub(super) struct Group<'a> {
    pub(super) route: &'a Route,
    pub(super) receiver: String,
    pub(super) labels: LabelSet,
    /// In Alertmanager's order.
    pub(super) alerts: Vec<Alert>,
}

/// The groups that the routes make of the alerts; with a `receiver`, those of the first route that leads to it, or of the root, as
/// if all alerts went there.
pub(super) fn groups<'a>(
    tree: &'a RouteTree,
    receiver: Option<&str>,
    alerts: &[Alert],
) -> Result<Vec<Group<'a>>, NoTrial> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for alert in alerts {
        for id in routes_of(tree, receiver, alert) {
            let route = tree.route(id);
            let labels = route.group_labels(alert);
            match groups.iter_mut().find(|group| group.route.id == id && group.labels == labels) {
                Some(group) => group.alerts.push(alert.clone()),
                None => {
                    let receiver = receiver.unwrap_or(&route.receiver).to_owned();
                    groups.push(Group { route, receiver, labels, alerts: vec![alert.clone()] });
                }
            }
        }
    }
    if groups.len() > MOST_GROUPS {
        let count = groups.len();
        return Err(NoTrial::TooMuch(format!(
            "the alerts make {count} groups, more than the {MOST_GROUPS} of a preview"
        )));
    }
    groups.iter_mut().for_each(|group| group.alerts.sort_by(|a, b| order::alerts(&a.labels, &b.labels)));
    Ok(groups)
}

fn routes_of(tree: &RouteTree, receiver: Option<&str>, alert: &Alert) -> Vec<RouteId> {
    let Some(name) = receiver else { return tree.matching(alert) };
    let leading = |id: &RouteId| *tree.route(*id).receiver == *name;
    let taken = tree.matching(alert).into_iter().find(leading);
    let any = || tree.iter().map(|route| route.id).find(leading);
    vec![taken.or_else(any).unwrap_or(tree.root().id)]
}

impl Group<'_> {
    /// The group some time later, when nothing of it fires any more.
    pub(super) fn resolved(&self, at: Time) -> Self {
        let ended = |alert: &Alert| Alert { ends_at: alert.ends_at.min(at), ends_by_timeout: false, ..alert.clone() };
        let alerts = self.alerts.iter().map(ended).collect();
        Self { route: self.route, receiver: self.receiver.clone(), labels: self.labels.clone(), alerts }
    }

    pub(super) fn key(&self) -> String {
        self.route.group_key(&self.labels)
    }

    /// What an integration is told of it at `now`; none: it is not told, because it wants no resolved alerts.
    pub(super) fn delivery(
        &self,
        integration: IntegrationKey,
        send_resolved: bool,
        external_url: &str,
        now: Time,
    ) -> Option<Delivery> {
        let shown = |alert: &Alert| MessageAlert { status: alert.status(now), alert: alert.clone() };
        let mut alerts: Vec<MessageAlert> = self.alerts.iter().map(shown).collect();
        let fires = alerts.iter().any(|alert| alert.status == Status::Firing);
        if !send_resolved {
            alerts.retain(|alert| alert.status == Status::Firing);
        }
        if alerts.is_empty() {
            return None;
        }
        let group_key = self.key();
        let route_labels = self.route.rendered_labels(&RouteGroup {
            receiver: &self.receiver,
            group_key: &group_key,
            group_labels: &self.labels,
            alerts: &self.alerts,
            external_url,
            now,
        });
        let reason = if fires { Reason::FirstNotification } else { Reason::AllResolved };
        let repeat_interval_secs = self.route.repeat_interval.as_secs();
        let told = Told { integration, receiver: self.receiver.clone(), group_key, repeat_interval_secs, reason, now };
        Some(Delivery { group_labels: self.labels.clone(), route_labels, ..told.of(alerts) })
    }
}

/// What a delivery needs besides its group's labels.
pub(super) struct Told {
    pub(super) integration: IntegrationKey,
    pub(super) receiver: String,
    pub(super) group_key: String,
    pub(super) repeat_interval_secs: u64,
    pub(super) reason: Reason,
    pub(super) now: Time,
}

impl Told {
    /// A delivery that no outbox holds.
    pub(super) fn of(self, alerts: Vec<MessageAlert>) -> Delivery {
        let Self { integration, receiver, group_key, repeat_interval_secs, reason, now } = self;
        Delivery {
            id: DeliveryId(0),
            integration,
            receiver,
            group_key,
            group_labels: LabelSet::new(),
            route_labels: LabelSet::new(),
            reason,
            alerts,
            muted_firing: Vec::new(),
            flushed_at: now,
            since: now,
            not_before: now,
            expires_at: now,
            repeat_interval_secs,
            attempts: 0,
            last_error: None,
            receipt: None,
        }
    }
}
