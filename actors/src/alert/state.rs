//! What becomes of an alert: received, merged, fires, resolves, expires, gets its pictures, is forgotten. Pure.
//!
//! Deliberately unknown here: actors, commits, timers (it says when it wants to be woken), groups (it says what changed).

use std::{sync::Arc, time::Duration};

use alerts::{
    Alert, Episode, Fingerprint, Status, Time, Transition,
    alert::PictureSlot,
    intake::Normalised,
    merge::Span,
    picture::Subject,
    record::AlertRecord,
    table::{AlertTable, ContentHash, Durability},
};

use super::ends::Ends;

/// What is to be done after an event. In this order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Make the alert durable as it stands.
    Persist { record: AlertRecord, sequence: u64 },
    /// Tell the groups: it began, changed, or is over.
    Announce { record: AlertRecord, sequence: u64, firing: bool },
    /// Have a picture taken.
    Want { alert: Arc<Alert>, subject: Subject, transition: Transition, at: Time },
    /// Forget it.
    Forget(Fingerprint),
}

/// Which panel belongs to an alert, if any; the reason why not is logged where it is found. An alert is unpacked only for this.
pub(crate) trait ChoosePanel {
    fn subject(&self, record: &AlertRecord, transition: Transition) -> Option<(Alert, Subject)>;
}

/// How long alerts that ended are kept after nobody needs them: as long as Prometheus repeats that they ended.
const KEEP_RESOLVED: Duration = Duration::from_secs(16 * 60);

/// One shard of alerts.
pub(crate) struct Shard<P> {
    table: Arc<AlertTable>,
    panels: P,
    /// When alerts end unless they are repeated. An end may have moved since: looked at again when it comes.
    ends: Ends,
}

impl<P: ChoosePanel> Shard<P> {
    pub(crate) fn new(table: Arc<AlertTable>, panels: P) -> Self {
        Self { table, panels, ends: Ends::default() }
    }

    /// An alert came in that is new or changed. What follows from it is added to `effects`.
    pub(crate) fn receive(&mut self, incoming: Normalised, now: Time, sequence: u64, effects: &mut Vec<Effect>) {
        let (mut record, content) = (incoming.record(), incoming.sighting.content);
        let Some(old) = self.table.record(record.fingerprint) else {
            let transition = (!is_over(&record, now)).then_some(Status::Firing);
            return self.change(record, content, (transition, now, sequence), effects);
        };
        let merged = Span::received(span(&old), span(&record), now);
        (record.starts_at, record.ends_at) = (merged.starts_at, merged.ends_at);
        (record.ends_by_timeout, record.updated_at) = (merged.ends_by_timeout, merged.updated_at);
        let (was_firing, fires) = (!is_over(&old, now), !is_over(&record, now));
        if was_firing || !fires {
            record.episode = old.episode;
            record.pictures = old.pictures.clone();
        }
        match (was_firing, fires) {
            (false, true) => self.change(record, content, (Some(Status::Firing), now, sequence), effects),
            (true, false) => self.change(record, content, (Some(Status::Resolved), now, sequence), effects),
            _ if self.is_being_written(&record, &old) => self.wait_for_the_write(record),
            _ => self.change(record, content, (None, now, sequence), effects),
        }
    }

    /// The same again from a second sender, while the first write is under way: nothing is to be done but to wait for it.
    fn is_being_written(&self, record: &AlertRecord, old: &AlertRecord) -> bool {
        let same = record.blob == old.blob
            && record.starts_at == old.starts_at
            && record.ends_by_timeout == old.ends_by_timeout;
        same && self.table.durability(record.fingerprint) == Some(Durability::Pending)
    }

    fn wait_for_the_write(&mut self, record: AlertRecord) {
        let sequence = self.table.seq(record.fingerprint).unwrap_or_default();
        self.table.put(record, sequence);
    }

    /// Ends that have come, and alerts that can be forgotten.
    pub(crate) fn tick(&mut self, now: Time, mut next_sequence: impl FnMut() -> u64) -> Vec<Effect> {
        let mut effects = Vec::new();
        while let Some(fingerprint) = self.ends.pop_due(now) {
            self.end_came(fingerprint, now, &mut next_sequence, &mut effects);
        }
        effects
    }

    /// Alerts that ended long ago and that no group holds.
    pub(crate) fn sweep(&mut self, shards: impl Iterator<Item = usize>, now: Time) -> Vec<Effect> {
        shards.flat_map(|shard| self.table.sweep(shard, now, KEEP_RESOLVED)).map(Effect::Forget).collect()
    }

    /// When the next end may come.
    pub(crate) fn next_wake(&self) -> Option<Time> {
        self.ends.next_look()
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
        let (_, slots) = self.table.pictures(fingerprint)?;
        let slot = slots.get(transition).settled(slot);
        self.set_picture(fingerprint, episode, transition, slot)
    }

    fn set_picture(
        &self,
        fingerprint: Fingerprint,
        episode: Episode,
        transition: Transition,
        slot: PictureSlot,
    ) -> Option<Effect> {
        let record = self.table.set_picture(fingerprint, episode, transition, slot)?;
        Some(Effect::Persist { record, sequence: self.table.seq(fingerprint)? })
    }

    /// A group is told of a firing alert again: it wants a picture as of now, unless one is under way.
    pub(crate) fn refresh(&mut self, fingerprint: Fingerprint, now: Time, effects: &mut Vec<Effect>) {
        let Some(record) = self.table.record(fingerprint).filter(|record| !is_over(record, now)) else { return };
        let Some(slot) = record.pictures.firing.refreshed(now) else { return };
        let Some((mut alert, subject)) = self.panels.subject(&record, Status::Firing) else { return };
        alert.pictures.firing = slot.clone();
        effects.extend(self.set_picture(fingerprint, record.episode, Status::Firing, slot));
        effects.push(Effect::Want { alert: Arc::new(alert), subject, transition: Status::Firing, at: now });
    }

    /// Watches the ends of alerts that are in the table already: at the start, and when the actor was rebuilt.
    pub(crate) fn watch_ends(&mut self, ends: impl Iterator<Item = (Time, Fingerprint)>) {
        ends.for_each(|(end, fingerprint)| self.ends.insert(end, fingerprint));
    }

    /// Everything the shard holds, announced again; pictures that were wanted and never came are wanted again.
    pub(crate) fn replay(&self, fingerprints: impl Iterator<Item = Fingerprint>, now: Time) -> Vec<Effect> {
        let mut effects = Vec::new();
        fingerprints.for_each(|fingerprint| self.replay_one(fingerprint, now, &mut effects));
        effects
    }

    fn replay_one(&self, fingerprint: Fingerprint, now: Time, effects: &mut Vec<Effect>) {
        let Some(record) = self.table.record(fingerprint) else { return };
        let firing = !is_over(&record, now);
        let sequence = self.table.seq(fingerprint).unwrap_or_default();
        let transition = if firing { Status::Firing } else { Status::Resolved };
        let at = match record.pictures.get(transition) {
            PictureSlot::Wanted if firing => Some(record.episode.0),
            PictureSlot::Wanted => Some(record.ends_at),
            PictureSlot::Refreshing { since, .. } => Some(*since),
            _ => None,
        };
        let wanted = at.and_then(|at| Some((at, self.panels.subject(&record, transition)?)));
        effects.push(Effect::Announce { record, sequence, firing });
        if let Some((at, (alert, subject))) = wanted {
            effects.push(Effect::Want { alert: Arc::new(alert), subject, transition, at });
        }
    }

    fn end_came(
        &mut self,
        fingerprint: Fingerprint,
        now: Time,
        next_sequence: &mut impl FnMut() -> u64,
        effects: &mut Vec<Effect>,
    ) {
        let Some(mut record) = self.table.record(fingerprint) else { return };
        if record.ends_at > now {
            self.ends.insert(record.ends_at, fingerprint);
            return;
        }
        if record.updated_at >= record.ends_at {
            return; // already known to be over
        }
        // From here on the end holds, also for a restart: see `load`.
        record.updated_at = now;
        let content = ContentHash::from(&record.blob);
        self.change(record, content, (Some(Status::Resolved), now, next_sequence()), effects);
    }

    fn change(
        &mut self,
        mut record: AlertRecord,
        content: ContentHash,
        (transition, now, sequence): (Option<Transition>, Time, u64),
        effects: &mut Vec<Effect>,
    ) {
        let wanted = transition.and_then(|transition| Some((transition, self.panels.subject(&record, transition)?)));
        if let Some((transition, _)) = &wanted {
            record.pictures.set(*transition, PictureSlot::Wanted);
        }
        let firing = !is_over(&record, now);
        if firing {
            self.ends.insert(record.ends_at, record.fingerprint);
        }
        self.table.put_seen(record.clone(), content, sequence);
        effects.push(Effect::Persist { record: record.clone(), sequence });
        effects.push(Effect::Announce { record, sequence, firing });
        if let Some((transition, (mut alert, subject))) = wanted {
            alert.pictures.set(transition, PictureSlot::Wanted);
            effects.push(Effect::Want { alert: Arc::new(alert), subject, transition, at: now });
        }
    }
}

fn is_over(record: &AlertRecord, now: Time) -> bool {
    record.status(now) == Status::Resolved
}

fn span(record: &AlertRecord) -> Span {
    Span {
        starts_at: record.starts_at,
        ends_at: record.ends_at,
        ends_by_timeout: record.ends_by_timeout,
        updated_at: record.updated_at,
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
