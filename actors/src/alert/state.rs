//! What becomes of an alert: received, merged, fires, resolves, expires, gets its pictures, is forgotten. Pure.
//!
//! Deliberately unknown here: actors, commits, timers (it says when it wants to be woken), groups (it says what changed).

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use alerts::{
    Alert, Episode, Fingerprint, Status, Time, Transition,
    alert::PictureSlot,
    intake::Normalised,
    merge::Span,
    picture::Subject,
    record::AlertRecord,
    table::{AlertTable, Durability},
};

/// What is to be done after an event. In this order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Make the alert durable as it stands.
    Persist { record: AlertRecord, sequence: u64 },
    /// Tell the groups: it began, changed, or is over.
    Announce { alert: Arc<Alert>, sequence: u64, firing: bool },
    /// Have a picture taken.
    Want { alert: Arc<Alert>, subject: Subject, transition: Transition, at: Time },
    /// Forget it.
    Forget(Fingerprint),
}

/// Which panel belongs to an alert, if any; the reason why not is logged where it is found.
pub(crate) trait ChoosePanel {
    fn subject(&self, alert: &Alert) -> Option<Subject>;
}

/// How long alerts that ended are kept after nobody needs them: as long as Prometheus repeats that they ended.
const KEEP_RESOLVED: Duration = Duration::from_secs(16 * 60);

/// One shard of alerts.
pub(crate) struct Shard<P> {
    table: Arc<AlertTable>,
    panels: P,
    /// When alerts end unless they are repeated. An end may have moved since: looked at again when it comes.
    ends: BTreeSet<(Time, Fingerprint)>,
}

impl<P: ChoosePanel> Shard<P> {
    pub(crate) fn new(table: Arc<AlertTable>, panels: P) -> Self {
        Self { table, panels, ends: BTreeSet::new() }
    }

    /// An alert came in that is new or changed.
    pub(crate) fn receive(&mut self, incoming: Normalised, now: Time, sequence: u64) -> Vec<Effect> {
        let mut alert = incoming.alert();
        let Some(old) = self.table.get(alert.fingerprint) else {
            let transition = (!alert.is_resolved(now)).then_some(Status::Firing);
            return self.change(alert, transition, now, sequence);
        };
        let merged = Span::received(span(&old), span(&alert), now);
        (alert.starts_at, alert.ends_at) = (merged.starts_at, merged.ends_at);
        (alert.ends_by_timeout, alert.updated_at) = (merged.ends_by_timeout, merged.updated_at);
        let (was_firing, fires) = (!old.is_resolved(now), !alert.is_resolved(now));
        if was_firing || !fires {
            alert.episode = old.episode;
            alert.pictures = old.pictures.clone();
        }
        match (was_firing, fires) {
            (false, true) => self.change(alert, Some(Status::Firing), now, sequence),
            (true, false) => self.change(alert, Some(Status::Resolved), now, sequence),
            _ if self.is_being_written(&alert, &old) => self.wait_for_the_write(alert),
            _ => self.change(alert, None, now, sequence),
        }
    }

    /// The same again from a second sender, while the first write is under way: nothing is to be done but to wait for it.
    fn is_being_written(&self, alert: &Alert, old: &Alert) -> bool {
        let same = alert.annotations == old.annotations
            && alert.generator_url == old.generator_url
            && alert.starts_at == old.starts_at
            && alert.ends_by_timeout == old.ends_by_timeout;
        same && self.table.durability(alert.fingerprint) == Some(Durability::Pending)
    }

    fn wait_for_the_write(&mut self, alert: Alert) -> Vec<Effect> {
        let sequence = self.table.seq(alert.fingerprint).unwrap_or_default();
        self.table.put(AlertRecord::from(&alert), sequence);
        Vec::new()
    }

    /// Ends that have come, and alerts that can be forgotten.
    pub(crate) fn tick(&mut self, now: Time, mut next_sequence: impl FnMut() -> u64) -> Vec<Effect> {
        let mut effects = Vec::new();
        while let Some(&(end, fingerprint)) = self.ends.first() {
            if end > now {
                break;
            }
            self.ends.pop_first();
            effects.extend(self.end_came(fingerprint, now, &mut next_sequence));
        }
        effects
    }

    /// Alerts that ended long ago and that no group holds.
    pub(crate) fn sweep(&mut self, shards: impl Iterator<Item = usize>, now: Time) -> Vec<Effect> {
        shards.flat_map(|shard| self.table.sweep(shard, now, KEEP_RESOLVED)).map(Effect::Forget).collect()
    }

    /// When the next end comes.
    pub(crate) fn next_wake(&self) -> Option<Time> {
        self.ends.first().map(|(end, _)| *end)
    }

    /// A re-send moved the end in the table; it must be made durable again.
    pub(crate) fn extend(&mut self, fingerprint: Fingerprint) -> Option<Effect> {
        let sequence = self.table.seq(fingerprint)?;
        let record = self.table.extension(fingerprint)?;
        Some(Effect::Persist { record, sequence })
    }

    /// Pictures came, or will not come.
    pub(crate) fn picture(
        &mut self,
        fingerprint: Fingerprint,
        episode: Episode,
        transition: Transition,
        slot: PictureSlot,
    ) -> Option<Effect> {
        let record = self.table.set_picture(fingerprint, episode, transition, slot)?;
        Some(Effect::Persist { record, sequence: self.table.seq(fingerprint)? })
    }

    /// Watches the ends of alerts that are in the table already: at the start, and when the actor was rebuilt.
    pub(crate) fn watch_ends(&mut self, ends: impl Iterator<Item = (Time, Fingerprint)>) {
        self.ends.extend(ends);
    }

    /// Everything the shard holds, announced again; pictures that were wanted and never came are wanted again.
    pub(crate) fn replay(&self, fingerprints: impl Iterator<Item = Fingerprint>, now: Time) -> Vec<Effect> {
        fingerprints.flat_map(|fingerprint| self.replay_one(fingerprint, now)).collect()
    }

    fn replay_one(&self, fingerprint: Fingerprint, now: Time) -> Vec<Effect> {
        let Some(alert) = self.table.get(fingerprint).map(Arc::new) else { return Vec::new() };
        let firing = !alert.is_resolved(now);
        let sequence = self.table.seq(fingerprint).unwrap_or_default();
        let mut effects = vec![Effect::Announce { alert: alert.clone(), sequence, firing }];
        let transition = if firing { Status::Firing } else { Status::Resolved };
        if *alert.pictures.get(transition) == PictureSlot::Wanted
            && let Some(subject) = self.panels.subject(&alert)
        {
            let at = if firing { alert.episode.0 } else { alert.ends_at };
            effects.push(Effect::Want { alert, subject, transition, at });
        }
        effects
    }

    fn end_came(
        &mut self,
        fingerprint: Fingerprint,
        now: Time,
        next_sequence: &mut impl FnMut() -> u64,
    ) -> Vec<Effect> {
        let Some(mut alert) = self.table.get(fingerprint) else { return Vec::new() };
        if alert.ends_at > now {
            self.ends.insert((alert.ends_at, fingerprint));
            return Vec::new();
        }
        if alert.updated_at >= alert.ends_at {
            return Vec::new(); // already known to be over
        }
        // From here on the end holds, also for a restart: see `load`.
        alert.updated_at = now;
        self.change(alert, Some(Status::Resolved), now, next_sequence())
    }

    fn change(&mut self, mut alert: Alert, transition: Option<Transition>, now: Time, sequence: u64) -> Vec<Effect> {
        let wanted = transition.and_then(|transition| Some((transition, self.panels.subject(&alert)?)));
        if let Some((transition, _)) = &wanted {
            alert.pictures.set(*transition, PictureSlot::Wanted);
        }
        let firing = !alert.is_resolved(now);
        if firing {
            self.ends.insert((alert.ends_at, alert.fingerprint));
        }
        let record = AlertRecord::from(&alert);
        self.table.put(record.clone(), sequence);
        let alert = Arc::new(alert);
        let mut effects =
            vec![Effect::Persist { record, sequence }, Effect::Announce { alert: alert.clone(), sequence, firing }];
        if let Some((transition, subject)) = wanted {
            effects.push(Effect::Want { alert, subject, transition, at: now });
        }
        effects
    }
}

fn span(alert: &Alert) -> Span {
    Span {
        starts_at: alert.starts_at,
        ends_at: alert.ends_at,
        ends_by_timeout: alert.ends_by_timeout,
        updated_at: alert.updated_at,
    }
}

/// An alert as the database has it, at the start. An end that lay in the future when it was received says only "unless
/// repeated": it is held open until the server has been ready for as long as senders take to repeat.
pub(crate) fn load(table: &AlertTable, mut record: AlertRecord, ready_at: Time, resolve_timeout: Duration) {
    if record.ends_at > record.updated_at {
        let repeat = record.ends_at.since(record.updated_at).min(resolve_timeout);
        record.ends_at = record.ends_at.max(ready_at.plus(repeat));
    }
    table.load(record);
}

#[cfg(test)]
mod tests;
