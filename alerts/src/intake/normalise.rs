//! From what a sender wrote to an alert: empty labels dropped, defaults filled in, validated, identified.
//!
//! The rules are those of Alertmanager's `postAlertsHandler` and `Alert.Validate`. Deliberately unknown here: JSON, the table.

use std::time::Duration;

use super::{Incoming, Invalid, Pair};
use crate::{
    alert::{Alert, Episode, PictureSlots},
    labels::{Fingerprint, LabelSet},
    matcher::Syntax,
    record::{AlertRecord, Blob},
    table::{ContentHash, Sighting},
    time::Time,
};

/// What the configuration says about receiving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How long an alert whose sender names no end goes on unless it is repeated; Alertmanager's default is 5 minutes.
    pub resolve_timeout: Duration,
    /// Which names are allowed, in alerts and in the matchers of silences.
    pub names: NameScheme,
    /// How matchers in requests are read.
    pub matchers: Syntax,
}

impl Default for Rules {
    fn default() -> Self {
        Self { resolve_timeout: Duration::from_secs(300), names: NameScheme::Utf8, matchers: Syntax::Fallback }
    }
}

/// Which names labels and annotations may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NameScheme {
    /// Any name that is not empty: Alertmanager's default since 0.27.
    #[default]
    Utf8,
    /// `[a-zA-Z_][a-zA-Z0-9_]*`.
    Classic,
}

/// A valid alert, still borrowing from the body: what the fast path tests before anything is copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received<'a> {
    /// What the table must know.
    pub sighting: Sighting,
    /// Sorted by name, names once, no empty values.
    pub labels: Vec<Pair<'a>>,
    /// Sorted by name, names once.
    pub annotations: Vec<Pair<'a>>,
    /// May be empty.
    pub generator_url: std::borrow::Cow<'a, str>,
}

/// A valid alert on its way to an actor: times, and the rest packed as the table keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Normalised {
    /// Identity, content and times.
    pub sighting: Sighting,
    /// Labels, annotations, generator URL.
    pub blob: Blob,
}

/// Makes an alert of what a sender wrote, received at `received`.
pub fn normalise<'a>(incoming: Incoming<'a>, received: Time, rules: &Rules) -> Result<Received<'a>, Invalid> {
    let (starts_at, ends_at, ends_by_timeout) = times(incoming.starts_at, incoming.ends_at, received, rules);
    let labels = sorted(incoming.labels, |value| !value.is_empty());
    let annotations = sorted(incoming.annotations, |_| true);
    if ends_at < starts_at {
        return Err(Invalid::EndBeforeStart);
    }
    if labels.is_empty() {
        return Err(Invalid::NoLabels);
    }
    check_names(&labels, rules.names, Invalid::LabelName)?;
    check_names(&annotations, rules.names, Invalid::AnnotationName)?;
    let sighting = Sighting {
        fingerprint: Fingerprint::of(pairs(&labels)),
        content: ContentHash::of(pairs(&annotations), &incoming.generator_url),
        starts_at,
        ends_at,
        ends_by_timeout,
        received,
    };
    Ok(Received { sighting, labels, annotations, generator_url: incoming.generator_url })
}

impl Received<'_> {
    /// Copies the alert out of the body.
    pub fn into_owned(self) -> Normalised {
        let blob = Blob::of(pairs(&self.labels), pairs(&self.annotations), &self.generator_url);
        Normalised { sighting: self.sighting, blob }
    }
}

impl Normalised {
    /// The alert, packed, as a new episode that begins now, without pictures. Shares the blob.
    pub fn record(&self) -> AlertRecord {
        let seen = &self.sighting;
        AlertRecord {
            fingerprint: seen.fingerprint,
            starts_at: seen.starts_at,
            ends_at: seen.ends_at,
            ends_by_timeout: seen.ends_by_timeout,
            updated_at: seen.received,
            episode: Episode(seen.received),
            pictures: PictureSlots::default(),
            blob: self.blob.clone(),
        }
    }

    /// The alert, unpacked, as a new episode that begins now, without pictures.
    pub fn alert(&self) -> Alert {
        self.record().alert()
    }
}

impl From<&Alert> for Normalised {
    /// An alert as if it were received again at its `updated_at`.
    fn from(alert: &Alert) -> Self {
        let blob = Blob::new(&alert.labels, &alert.annotations, &alert.generator_url);
        let sighting = Sighting {
            fingerprint: alert.fingerprint,
            content: ContentHash::from(&blob),
            starts_at: alert.starts_at,
            ends_at: alert.ends_at,
            ends_by_timeout: alert.ends_by_timeout,
            received: alert.updated_at,
        };
        Self { sighting, blob }
    }
}

impl From<&Received<'_>> for LabelSet {
    fn from(received: &Received<'_>) -> Self {
        pairs(&received.labels).collect()
    }
}

/// Start, end, and whether the end is our guess. A sender that names only the end gets it as its start, too.
pub(super) fn times(starts: Option<Time>, ends: Option<Time>, received: Time, rules: &Rules) -> (Time, Time, bool) {
    let starts_at = starts.or(ends).unwrap_or(received);
    match ends {
        Some(ends_at) => (starts_at, ends_at, false),
        None => (starts_at, received.plus(rules.resolve_timeout), true),
    }
}

fn sorted<'a>(mut pairs: Vec<Pair<'a>>, keep: impl Fn(&str) -> bool) -> Vec<Pair<'a>> {
    if !pairs.is_sorted_by(|a, b| a.0 < b.0) {
        pairs.reverse();
        pairs.sort_by(|a, b| a.0.cmp(&b.0)); // stable: of equal names the last that was written comes first
        pairs.dedup_by(|later, kept| later.0 == kept.0);
    }
    pairs.retain(|(_, value)| keep(value));
    pairs
}

fn pairs<'p>(pairs: &'p [Pair<'_>]) -> impl ExactSizeIterator<Item = (&'p str, &'p str)> + Clone {
    pairs.iter().map(|(name, value)| (&**name, &**value))
}

fn check_names(pairs: &[Pair<'_>], scheme: NameScheme, error: fn(String) -> Invalid) -> Result<(), Invalid> {
    match pairs.iter().find(|(name, _)| !scheme.allows(name)) {
        Some((name, _)) => Err(error(name.clone().into_owned())),
        None => Ok(()),
    }
}

impl NameScheme {
    /// Whether a label or an annotation may have this name.
    pub fn allows(self, name: &str) -> bool {
        let classic = |name: &str| {
            !name.starts_with(|c: char| c.is_ascii_digit())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        !name.is_empty() && (self == NameScheme::Utf8 || classic(name))
    }
}
