//! What a flush decides: whom to tell, what to take back, which alerts the group need not hold any longer. Pure.
//!
//! Deliberately unknown here: timers, actors, how it is sent.

use std::{collections::HashSet, time::Duration};

use alerts::{
    Alert, Fingerprint, LabelSet, Status, Time,
    decide::{self, Decision, decide},
    message::{Delivery, DeliveryId, IntegrationKey, LogEntry, MessageAlert, Reason, Receipt},
};

use super::{
    foreign::translated,
    state::{GroupState, LogHead, Pending, Told},
};

/// What a flush needs to know besides the group.
pub(super) struct FlushInput<'a> {
    pub(super) now: Time,
    pub(super) group_key: &'a str,
    pub(super) group_labels: LabelSet,
    /// The route's labels, with the group's data filled in.
    pub(super) route_labels: LabelSet,
    /// The group's alerts as they stand, in Alertmanager's order.
    pub(super) alerts: Vec<Alert>,
    /// Silenced, inhibited, or outside of the route's times.
    pub(super) muted: HashSet<Fingerprint>,
    pub(super) receiver: &'a str,
    pub(super) integrations: &'a [FlushTarget],
    pub(super) repeat_interval: Duration,
    /// How long a delivery is tried.
    pub(super) max_age: Duration,
}

/// One integration of the group's receiver.
#[derive(Clone, Debug)]
pub(crate) struct FlushTarget {
    pub(crate) key: IntegrationKey,
    pub(crate) send_resolved: bool,
    /// Whether it is told that an alert which it knows to fire is over although the alert is muted now. Alertmanager does not.
    pub(crate) resolve_muted: bool,
    /// Whether its repeats have new pictures (`refresh_on_repeat`); not if it shows none.
    pub(crate) refreshes_pictures: bool,
}

/// What is to be done for one integration.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum FlushEffect {
    /// Have pictures of these alerts taken anew: the next `Deliver` repeats what was told of them.
    Refresh(Vec<Fingerprint>),
    /// Tell it this. An older pending delivery is superseded by it.
    Deliver(Box<Delivery>),
    /// Take a pending delivery back: what it says is no longer so, and nobody was told (or, `even_if_tried`, whoever may have
    /// been told wants to hear no more of it).
    Withdraw { integration: IntegrationKey, id: DeliveryId, even_if_tried: bool },
    /// Nothing is sent, but the log must say that it resolved.
    Log(Box<LogEntry>),
}

/// Decides, and notes in the group what is pending now.
pub(super) fn flush(
    group: &mut GroupState,
    input: &FlushInput<'_>,
    mut next_id: impl FnMut() -> DeliveryId,
) -> Vec<FlushEffect> {
    let mut effects = Vec::new();
    // What was told to an integration that the receiver has no more is nobody's concern, and would keep alerts for ever.
    group.told.retain(|key, _| input.integrations.iter().any(|target| target.key == *key));
    for target in input.integrations {
        let told = group.told.entry(target.key.clone()).or_default();
        told.wants_resolved = target.send_resolved;
        told.wants_muted_resolved = target.resolve_muted;
        effects.extend(flush_one(told, target, input, &mut next_id));
    }
    effects
}

/// The alerts that no integration needs any more: over, and known to be over wherever they were announced.
pub(super) fn finished(group: &GroupState, input: &FlushInput<'_>) -> Vec<Fingerprint> {
    let present: HashSet<Fingerprint> = input.alerts.iter().map(|alert| alert.fingerprint).collect();
    let over = input.alerts.iter().filter(|alert| alert.is_resolved(input.now)).map(|alert| alert.fingerprint);
    // Whatever is not in the table any more can be told of by nobody.
    let vanished = group.alerts.keys().copied().filter(|fingerprint| !present.contains(fingerprint));
    let is_muted = |fingerprint: &Fingerprint| input.muted.contains(fingerprint);
    over.filter(|fingerprint| !group.needs(fingerprint, is_muted(fingerprint))).chain(vanished).collect()
}

fn flush_one(
    told: &mut Told,
    target: &FlushTarget,
    input: &FlushInput<'_>,
    next_id: &mut impl FnMut() -> DeliveryId,
) -> Vec<FlushEffect> {
    // Anew each time: alerts that it knows may come in later than others.
    if let Some(foreign) = told.foreign.as_ref().filter(|foreign| foreign.expires_at > input.now) {
        told.log = Some(translated(foreign, &input.alerts));
    }
    let known = effective_log(told);
    let content = Content::of(&known, target, input);
    if content.alerts.is_empty() {
        return withdraw(told, target, &content, false).into_iter().collect();
    }
    let seen = known.as_ref().map(|log| decide::Told { firing: &log.firing, resolved: &log.resolved, at: log.at });
    let (firing, resolved) = (&content.firing, &content.resolved);
    match decide(seen, firing, resolved, input.repeat_interval, target.send_resolved, input.now) {
        Decision::Send(reason) => {
            let repeated = fingerprints(&content.alerts, Status::Firing);
            let told = deliver(told, target, input, next_id, reason, content);
            let refreshes = told.is_some() && reason == Reason::Repeat && target.refreshes_pictures;
            refreshes.then_some(FlushEffect::Refresh(repeated)).into_iter().chain(told).collect()
        }
        Decision::LogOnly(_) => {
            let taken_back = withdraw(told, target, &content, true);
            let entry = log_only(target, input, content);
            told.log = Some(LogHead { firing: entry.firing.clone(), resolved: entry.resolved.clone(), at: entry.at });
            told.foreign = None;
            taken_back.into_iter().chain([FlushEffect::Log(Box::new(entry))]).collect()
        }
        Decision::Nothing => withdraw(told, target, &content, false).into_iter().collect(),
    }
}

/// What the integration must be taken to know: the log, and what attempts with unknown outcome may have told it.
fn effective_log(told: &Told) -> Option<LogHead> {
    let maybe = told.pending.as_ref().map(|pending| &pending.maybe_told[..]).unwrap_or_default();
    if maybe.is_empty() {
        return told.log.clone();
    }
    let mut log = told.log.clone().unwrap_or(LogHead { firing: Vec::new(), resolved: Vec::new(), at: Time::MIN });
    log.firing.extend_from_slice(maybe);
    log.resolved.retain(|fingerprint| !maybe.contains(fingerprint)); // it may be known to fire again
    log.firing.sort_unstable();
    log.firing.dedup();
    Some(log)
}

/// What there is to tell one integration.
struct Content {
    alerts: Vec<MessageAlert>,
    /// Known to the integration as firing, still firing, muted now. Ascending.
    muted_firing: Vec<Fingerprint>,
    /// Firing alerts, those that are muted but known included. Ascending.
    firing: Vec<Fingerprint>,
    /// Ascending.
    resolved: Vec<Fingerprint>,
}

impl Content {
    /// Who was told that an alert fires is told that it resolved, whatever mutes it now; all else goes only if nothing mutes it.
    /// Without `resolve_muted` it is as in Alertmanager: what is muted is as good as not there.
    fn of(known: &Option<LogHead>, target: &FlushTarget, input: &FlushInput<'_>) -> Self {
        let mut content =
            Self { alerts: Vec::new(), muted_firing: Vec::new(), firing: Vec::new(), resolved: Vec::new() };
        for alert in &input.alerts {
            let status = alert.status(input.now);
            let muted = input.muted.contains(&alert.fingerprint);
            let was_told = known.as_ref().is_some_and(|log| log.firing.binary_search(&alert.fingerprint).is_ok());
            match (muted, was_told, status) {
                (true, ..) if !target.resolve_muted => {}
                (true, true, Status::Firing) => content.muted_firing.push(alert.fingerprint),
                (true, false, _) => {}
                _ => content.alerts.push(MessageAlert { status, alert: alert.clone() }),
            }
        }
        content.firing = fingerprints(&content.alerts, Status::Firing);
        content.firing.extend(&content.muted_firing);
        content.firing.sort_unstable();
        content.muted_firing.sort_unstable();
        content.resolved = fingerprints(&content.alerts, Status::Resolved);
        content
    }
}

fn fingerprints(alerts: &[MessageAlert], status: Status) -> Vec<Fingerprint> {
    let mut all: Vec<_> = alerts.iter().filter(|a| a.status == status).map(|a| a.alert.fingerprint).collect();
    all.sort_unstable();
    all
}

fn deliver(
    told: &mut Told,
    target: &FlushTarget,
    input: &FlushInput<'_>,
    next_id: &mut impl FnMut() -> DeliveryId,
    reason: Reason,
    mut content: Content,
) -> Option<FlushEffect> {
    let same = |p: &Pending| p.firing == content.firing && p.resolved == content.resolved && !p.withdrawn;
    if told.pending.as_ref().is_some_and(same) {
        return None; // it is on its way already
    }
    if !target.send_resolved {
        content.alerts.retain(|alert| alert.status == Status::Firing);
    }
    let old = told.pending.take();
    let since = old.as_ref().map_or(input.now, |pending| pending.since);
    let pending = Pending {
        id: next_id(),
        firing: content.firing,
        resolved: content.resolved,
        since,
        not_before: old.as_ref().map_or(input.now, |pending| pending.not_before),
        attempted: old.as_ref().is_some_and(|pending| pending.attempted),
        maybe_told: old.map(|pending| pending.maybe_told).unwrap_or_default(),
        withdrawn: false,
    };
    let delivery = Delivery {
        id: pending.id,
        integration: target.key.clone(),
        receiver: input.receiver.to_owned(),
        group_key: input.group_key.to_owned(),
        group_labels: input.group_labels.clone(),
        route_labels: input.route_labels.clone(),
        reason,
        alerts: content.alerts,
        muted_firing: content.muted_firing,
        flushed_at: input.now,
        since,
        not_before: pending.not_before,
        expires_at: since.plus(input.max_age),
        repeat_interval_secs: input.repeat_interval.as_secs(),
        attempts: 0,
        last_error: None,
        receipt: None,
    };
    told.pending = Some(pending);
    Some(FlushEffect::Deliver(Box::new(delivery)))
}

fn log_only(target: &FlushTarget, input: &FlushInput<'_>, content: Content) -> LogEntry {
    LogEntry {
        group_key: input.group_key.to_owned(),
        integration: target.key.clone(),
        firing: content.firing,
        resolved: content.resolved,
        at: input.now,
        expires_at: input.now.plus(input.repeat_interval.saturating_mul(2)),
        receipt: Receipt::default(),
    }
}

/// Nothing is to be told. If something else is on its way that nobody heard of yet, it is taken back.
fn withdraw(told: &mut Told, target: &FlushTarget, content: &Content, even_if_tried: bool) -> Option<FlushEffect> {
    let pending = told.pending.as_mut()?;
    let current = pending.firing == content.firing && pending.resolved == content.resolved;
    if current || pending.withdrawn || (pending.attempted && !even_if_tried) {
        return None;
    }
    pending.withdrawn = true;
    Some(FlushEffect::Withdraw { integration: target.key.clone(), id: pending.id, even_if_tried })
}

#[cfg(test)]
mod tests;
