//! What the HTTP layer asks of the rest of the house: traits with one to three methods, and the plain data that they answer with.
//!
//! Deliberately unknown here: who answers.

use std::{collections::HashMap, sync::Arc};

use alerts::{Fingerprint, LabelSet, Time, record::AlertRecord};
use async_trait::async_trait;

/// What routes, silences and inhibition say about alerts.
pub trait Standings: Send + Sync {
    /// Whom an alert concerns and what mutes it as of `now`. Called once or twice per listed alert: cheap, please.
    fn of(&self, alert: &AlertRecord, now: Time) -> Standing;

    /// Whether any alert could be muted at `now`: if not, none needs to be asked about to be counted.
    fn mute_anything(&self, now: Time) -> bool;
}

/// What [`Standings`] say about one alert. Nothing in the two lists of muters: it is active.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The receivers of the routes that it matches.
    pub receivers: Vec<Arc<str>>,
    /// The ids of active silences.
    pub silenced_by: Vec<String>,
    /// The alerts that inhibit it.
    pub inhibited_by: Vec<Fingerprint>,
}

impl Standing {
    /// Whether anything mutes it.
    pub fn is_suppressed(&self) -> bool {
        !self.silenced_by.is_empty() || !self.inhibited_by.is_empty()
    }
}

/// What the routes say about groups.
pub trait Grouping: Send + Sync {
    /// The groups that an alert is in, in the order of its routes. Called once per listed alert.
    fn groups(&self, alert: &AlertRecord) -> Vec<GroupPlace>;

    /// The names of the time intervals that silence a group's route at `now`.
    fn muted_by(&self, group: &GroupPlace, now: Time) -> Vec<String>;

    /// The labels that a group's route adds as of `now`; `alerts` are those of its alerts that are shown, in Alertmanager's
    /// order.
    fn route_labels(&self, group: &GroupPlace, alerts: &[Fingerprint], now: Time) -> LabelSet;
}

/// Which group: a route and the values of its `group_by` labels.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GroupPlace {
    /// The route's place in its tree.
    pub route: u32,
    /// The route's receiver.
    pub receiver: Arc<str>,
    /// The group's labels.
    pub labels: LabelSet,
}

/// Whether the server is ready to be sent alerts.
pub trait Readiness: Send + Sync {
    /// Why not, one line each; nothing if it is ready.
    fn not_ready(&self) -> Vec<String>;
}

/// Loading the configuration again.
#[async_trait]
pub trait Reload: Send + Sync {
    /// Loads it; whatever shows the configuration shows the new one when this answers.
    ///
    /// # Errors
    /// What is wrong with it, for people. The one that was in force stays in force.
    async fn reload(&self) -> Result<(), String>;
}

/// The configuration as the API shows it; replaced whole when it is loaded again.
#[derive(Clone, Debug)]
pub struct ConfigView {
    /// As Alertmanager's YAML, without secrets.
    pub original: Arc<str>,
    /// In the configuration's order.
    pub receivers: Vec<ReceiverView>,
    /// Since when the server runs.
    pub started_at: Time,
    /// The server as a member of its cluster of one.
    pub peer: Peer,
    by_name: HashMap<Arc<str>, usize>,
}

/// A receiver as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiverView {
    /// Its name.
    pub name: Arc<str>,
    /// Its labels, of which `name` is always one.
    pub labels: LabelSet,
}

/// A member of the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    /// Different for every process: see [`Peer::new_name`].
    pub name: String,
    /// Host and port.
    pub address: String,
}

impl ConfigView {
    /// A configuration.
    pub fn new(original: Arc<str>, receivers: Vec<ReceiverView>, started_at: Time, peer: Peer) -> Self {
        let by_name = receivers.iter().enumerate().map(|(at, receiver)| (receiver.name.clone(), at)).collect();
        Self { original, receivers, started_at, peer, by_name }
    }

    /// The labels of a receiver that somebody gave it; empty if there are none besides its name.
    pub(super) fn given_labels(&self, receiver: &str) -> Option<&LabelSet> {
        let labels = &self.receivers.get(*self.by_name.get(receiver)?)?.labels;
        (labels.len() > 1).then_some(labels)
    }
}

impl ReceiverView {
    /// A receiver with the labels of its configuration; its name becomes one of them, as in Alertmanager.
    pub fn new(name: &str, mut labels: LabelSet) -> Self {
        labels.set("name", name);
        Self { name: name.into(), labels }
    }
}

impl Peer {
    /// A name like those that Alertmanager gives itself: a ULID, of the time and of randomness.
    pub fn new_name(now: Time, random: u128) -> String {
        const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let millis = u128::from(now.as_millis().max(0).unsigned_abs());
        let bits = (millis & 0xFFFF_FFFF_FFFF) << 80 | (random & ((1 << 80) - 1));
        let digit = |shift: u32| char::from(DIGITS[usize::try_from((bits >> shift) & 31).unwrap_or_default()]);
        (0..26).rev().map(|place| digit(place * 5)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_is_named_by_a_ulid() {
        // The specification's example: https://github.com/ulid/spec
        assert_eq!(Peer::new_name(Time::from_millis(1_469_918_176_385), 0), "01ARYZ6S410000000000000000");
        assert_eq!(Peer::new_name(Time::from_millis(0), u128::MAX), "0000000000ZZZZZZZZZZZZZZZZ");
    }

    #[test]
    fn a_receiver_is_labelled_with_its_name() {
        let labels = ReceiverView::new("db", [("owner", "x"), ("name", "y")].into_iter().collect()).labels;
        assert_eq!(labels.to_string(), r#"{name="db", owner="x"}"#);
    }
}
