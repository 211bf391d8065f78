//! Inhibition: an alert is not told while another one fires that explains it (`inhibit/inhibit.go`).
//!
//! Sources count whether or not they are silenced or inhibited themselves, and all of them count: Alertmanager 0.30 to
//! 0.34.0 remembered one source per key and unmuted too early.
//!
//! Deliberately unknown here: when an alert begins and ceases to fire; the index is told.

mod sources;

use std::sync::Arc;

use crate::{labelled::Labelled, labels::Fingerprint, matcher::MatcherSet};
use sources::Sources;

/// While an alert fires that matches `source`, alerts that match `target` are not told, if both have equal values for all
/// labels of `equal`; a label that both lack is equal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InhibitRule {
    /// Its name in the configuration; may be empty.
    pub name: String,
    /// What inhibits.
    pub source: MatcherSet,
    /// What is inhibited.
    pub target: MatcherSet,
    /// The labels that must be equal.
    pub equal: Vec<String>,
}

/// All rules with their firing sources. Cloning costs one counter per rule; a clone that is changed copies only the part
/// that changes, so that it can be swapped in whole while others read the old one.
#[derive(Clone, Debug, Default)]
pub struct InhibitIndex {
    rules: Vec<Arc<Indexed>>,
}

#[derive(Clone, Debug)]
struct Indexed {
    rule: Arc<InhibitRule>,
    sources: Sources,
}

impl InhibitIndex {
    /// The rules, in order, without any source yet.
    pub fn new(rules: Vec<InhibitRule>) -> Self {
        let indexed = |rule| Arc::new(Indexed { rule: Arc::new(rule), sources: Sources::default() });
        Self { rules: rules.into_iter().map(indexed).collect() }
    }

    /// Tells the index that an alert fires, or no longer does. Answers whether that changed anything: if not, nothing needs to
    /// be swapped in.
    pub fn observe(&mut self, fingerprint: Fingerprint, labels: &impl Labelled, firing: bool) -> bool {
        let mut changed = false;
        for indexed in &mut self.rules {
            if indexed.rule.source.matches(labels) {
                changed |= Indexed::observe(indexed, fingerprint, labels, firing);
            }
        }
        changed
    }

    /// Whether an alert with these labels is a source of some rule, so that its firing must be observed.
    pub fn is_source(&self, labels: &impl Labelled) -> bool {
        self.rules.iter().any(|indexed| indexed.rule.source.matches(labels))
    }

    /// A firing alert that inhibits one with these labels, by the first rule that has one.
    pub fn inhibited_by(&self, labels: &impl Labelled) -> Option<Fingerprint> {
        self.rules.iter().find_map(|indexed| indexed.inhibited_by(labels))
    }

    /// Whether no source fires, so that nothing can be inhibited.
    pub fn is_idle(&self) -> bool {
        self.rules.iter().all(|indexed| indexed.sources.is_empty())
    }

    /// The rules.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &InhibitRule> {
        self.rules.iter().map(|indexed| &*indexed.rule)
    }
}

impl Indexed {
    fn observe(this: &mut Arc<Self>, fingerprint: Fingerprint, labels: &impl Labelled, firing: bool) -> bool {
        let key = sources::key(&this.rule.equal, labels);
        if this.sources.contains(&key, fingerprint) == firing {
            return false;
        }
        let is_target = this.rule.target.matches(labels);
        let sources = &mut Arc::make_mut(this).sources;
        if firing {
            sources.insert(&key, fingerprint, is_target)
        } else {
            sources.remove(&key, fingerprint)
        }
        true
    }

    fn inhibited_by(&self, labels: &impl Labelled) -> Option<Fingerprint> {
        if self.sources.is_empty() || !self.rule.target.matches(labels) {
            return None;
        }
        let of_key = self.sources.get(&sources::key(&self.rule.equal, labels))?;
        // An alert that matches both sides is not inhibited by others that do, least of all by itself.
        let both_sides = || of_key.both_sides().filter(|_| !self.rule.source.matches(labels));
        of_key.source_only().or_else(both_sides)
    }
}

#[cfg(test)]
mod tests;
