//! `GET /api/v2/alerts/groups`: the groups that the routes make of the alerts, as of now.
//!
//! They are made of the table and the routes, not asked of the actors: what was acknowledged is in them at once. Deliberately
//! unknown here: when a group is told of, and what.

use std::{collections::HashMap, sync::Arc, vec};

use actix_web::{HttpRequest, HttpResponse, web};
use alerts::{Fingerprint, LabelSet, Time, order};
use futures_util::stream;

use super::{
    AlertJson, Services, Standing,
    alert_json::ReceiverJson,
    answers, limits, list,
    page::{self, GroupCursor, in_order},
    parameters::Given,
    pieces::{Pieces, Steps},
    ports::{ConfigView, GroupPlace},
    selection::{ReceiverChoice, Selection},
};

/// `GET /api/v2/alerts/groups`.
pub(super) async fn groups(request: HttpRequest, services: web::Data<Services>) -> HttpResponse {
    let mut given = match Given::of(&request, "/alerts/groups", &services) {
        Ok(given) => given,
        Err(answer) => return answer,
    };
    let reading = limits::reading(&request);
    let (now, config) = (services.clock.now(), services.config.read().clone());
    let wanted = Wanted {
        selection: Selection::new(&mut given, &config),
        muted: given.is("muted"),
        after: given.group_cursor,
        limit: given.limit.unwrap_or(usize::MAX),
    };
    let searching = services.clone();
    let (found, receivers) =
        match web::block(move || (find(&searching, &wanted, now), wanted.selection.receivers)).await {
            Ok(found) => found,
            Err(error) => return answers::unavailable(&format!("the search was broken off: {error}"), 1),
        };
    let mut answer = HttpResponse::Ok();
    answer.content_type("application/json");
    if let Some(next) = &found.next {
        page::announce(&request, &next.write(), &mut answer);
    }
    let groups = found.groups.into_iter();
    let sizes = services.metrics.sizes("/api/v2/alerts/groups", "get");
    let listing = Listing { services, config, receivers, now, groups, open: None, is_first: true };
    answer.streaming(stream::iter(Pieces::new(listing, reading, sizes)))
}

struct Wanted {
    selection: Selection,
    /// Whether groups that time intervals mute are wanted.
    muted: bool,
    after: Option<GroupCursor>,
    limit: usize,
}

struct Found {
    groups: Vec<Group>,
    next: Option<GroupCursor>,
}

struct Group {
    place: GroupPlace,
    /// Time intervals that silence its route.
    muted_by: Vec<String>,
    route_labels: LabelSet,
    /// In Alertmanager's order.
    alerts: Vec<Fingerprint>,
}

fn find(services: &Services, wanted: &Wanted, now: Time) -> Found {
    let by_place = collect(services, &wanted.selection, now);
    let is_behind = |place: &GroupPlace| wanted.after.as_ref().is_none_or(|last| in_order(place, &last.0).is_gt());
    let mut places: Vec<_> = by_place.into_iter().filter(|(place, _)| is_behind(place)).collect();
    places.sort_unstable_by(|(a, _), (b, _)| in_order(a, b));
    let muted = places.into_iter().map(|(place, alerts)| {
        let muted_by = services.grouping.muted_by(&place, now);
        (place, muted_by, alerts)
    });
    let mut shown = muted.filter(|(_, muted_by, _)| wanted.muted || muted_by.is_empty());
    let group = |(place, muted_by, alerts)| {
        let alerts = sorted(services, alerts);
        let route_labels = services.grouping.route_labels(&place, &alerts, now);
        Group { place, muted_by, route_labels, alerts }
    };
    let groups: Vec<_> = shown.by_ref().take(wanted.limit).map(group).collect();
    let next = shown.next().and_then(|_| groups.last()).map(|group| GroupCursor(group.place.clone()));
    Found { groups, next }
}

/// The wanted alerts that have not ended, by group.
fn collect(services: &Services, selection: &Selection, now: Time) -> HashMap<GroupPlace, Vec<Fingerprint>> {
    let mut by_place = HashMap::<GroupPlace, Vec<Fingerprint>>::new();
    for fingerprint in list::firing(services, selection, now) {
        let Some(alert) = services.table.record(fingerprint) else { continue };
        if selection.asks_for_muters() && !selection.wants_muted_so(&services.standings.of(&alert, now)) {
            continue;
        }
        for place in services.grouping.groups(&alert) {
            if selection.receivers.has(&place.receiver) {
                by_place.entry(place).or_default().push(fingerprint);
            }
        }
    }
    by_place
}

fn sorted(services: &Services, mut alerts: Vec<Fingerprint>) -> Vec<Fingerprint> {
    alerts.sort_unstable();
    alerts.dedup();
    if alerts.len() < 2 {
        return alerts;
    }
    let labels = |fingerprint| Some((services.table.record(fingerprint)?.blob.labels(), fingerprint));
    let mut labelled: Vec<(LabelSet, Fingerprint)> = alerts.into_iter().filter_map(labels).collect();
    labelled.sort_unstable_by(|(a, _), (b, _)| order::alerts(a, b));
    labelled.into_iter().map(|(_, fingerprint)| fingerprint).collect()
}

/// The answer. What went meanwhile is left out.
struct Listing {
    services: web::Data<Services>,
    config: Arc<ConfigView>,
    receivers: ReceiverChoice,
    now: Time,
    groups: vec::IntoIter<Group>,
    /// The group that is being written.
    open: Option<Open>,
    is_first: bool,
}

struct Open {
    group: Group,
    /// The alerts that are yet to be written.
    rest: vec::IntoIter<Fingerprint>,
    is_first: bool,
}

impl Steps for Listing {
    fn step(&mut self, piece: &mut Vec<u8>) -> bool {
        if let Some(open) = self.open.take() {
            self.open = self.go_on(open, piece);
            return true;
        }
        let Some(mut group) = self.groups.next() else {
            piece.extend_from_slice(if self.is_first { b"[]\n" } else { b"]\n" });
            return false;
        };
        piece.extend_from_slice(if self.is_first { b"[{\"alerts\":[" } else { b",{\"alerts\":[" });
        self.is_first = false;
        self.open = Some(Open { rest: std::mem::take(&mut group.alerts).into_iter(), group, is_first: true });
        true
    }
}

impl Listing {
    /// Writes the next alert of a group, or its end.
    fn go_on(&self, mut open: Open, piece: &mut Vec<u8>) -> Option<Open> {
        let Some(fingerprint) = open.rest.next() else {
            self.end(&open.group, piece);
            return None;
        };
        let Some(alert) = self.services.table.record(fingerprint) else { return Some(open) };
        let standing = self.of_chosen_receivers(self.services.standings.of(&alert, self.now));
        if !std::mem::take(&mut open.is_first) {
            piece.push(b',');
        }
        let muted_by = &open.group.muted_by;
        AlertJson { alert: &alert, standing: &standing, muted_by, config: &self.config }.write(piece);
        Some(open)
    }

    fn end(&self, group: &Group, piece: &mut Vec<u8>) {
        #[derive(serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Rest<'a> {
            labels: &'a LabelSet,
            receiver: ReceiverJson<'a>,
            route_labels: &'a LabelSet,
        }
        let receiver = ReceiverJson::of(&group.place.receiver, &self.config);
        let rest = Rest { labels: &group.place.labels, receiver, route_labels: &group.route_labels };
        let rest = serde_json::to_vec(&rest).expect("strings into memory");
        piece.extend_from_slice(b"],");
        piece.extend_from_slice(&rest[1..]);
    }

    /// As in Alertmanager, alerts in groups show only the receivers that were asked for.
    fn of_chosen_receivers(&self, mut standing: Standing) -> Standing {
        standing.receivers.retain(|receiver| self.receivers.has(receiver));
        standing
    }
}
