//! The firing sources of one inhibition rule, by the values that must be equal. Copied in small parts when it is changed
//! while a clone is read.
//!
//! Deliberately unknown here: matchers.

use std::{
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, Hasher},
    sync::Arc,
};

use xxhash_rust::xxh3::Xxh3Default;

use crate::{labelled::Labelled, labels::Fingerprint};

/// How many parts the keys are spread over. A change copies one of them: with 100,000 keys, 400.
const PARTS: usize = 256;

type Hashing = BuildHasherDefault<Xxh3Default>;
type Part = HashMap<Key, Arc<OfKey>, Hashing>;

/// The values that must be equal, each behind the byte 0xFF, which is in no UTF-8 text.
pub(super) type Key = Arc<[u8]>;

/// The key of an alert.
pub(super) fn key(equal: &[String], labels: &impl Labelled) -> Key {
    let mut key = Vec::new();
    for name in equal {
        key.push(0xFF);
        key.extend_from_slice(labels.value(name).as_bytes());
    }
    key.into()
}

/// Firing sources.
#[derive(Clone, Debug, Default)]
pub(super) struct Sources {
    /// None, or [`PARTS`].
    parts: Vec<Arc<Part>>,
    keys: usize,
}

/// The firing sources with one key, ascending.
#[derive(Clone, Debug, Default)]
pub(super) struct OfKey {
    source_only: Vec<Fingerprint>,
    both_sides: Vec<Fingerprint>,
}

impl OfKey {
    /// A source that is not a target of the same rule.
    pub(super) fn source_only(&self) -> Option<Fingerprint> {
        self.source_only.first().copied()
    }

    /// A source that is a target too.
    pub(super) fn both_sides(&self) -> Option<Fingerprint> {
        self.both_sides.first().copied()
    }

    fn is_empty(&self) -> bool {
        self.source_only.is_empty() && self.both_sides.is_empty()
    }
}

impl Sources {
    /// Whether nothing fires.
    pub(super) fn is_empty(&self) -> bool {
        self.keys == 0
    }

    /// The sources with this key; never empty ones.
    pub(super) fn get(&self, key: &Key) -> Option<&OfKey> {
        self.parts.get(part_of(key))?.get(key).map(|of_key| &**of_key)
    }

    pub(super) fn contains(&self, key: &Key, source: Fingerprint) -> bool {
        let is_in = |list: &Vec<Fingerprint>| list.binary_search(&source).is_ok();
        self.get(key).is_some_and(|of_key| is_in(&of_key.source_only) || is_in(&of_key.both_sides))
    }

    pub(super) fn insert(&mut self, key: &Key, source: Fingerprint, is_target: bool) {
        if self.parts.is_empty() {
            self.parts.resize_with(PARTS, Arc::default);
        }
        let part = Arc::make_mut(&mut self.parts[part_of(key)]);
        let before = part.len();
        let of_key = Arc::make_mut(part.entry(key.clone()).or_default());
        let list = if is_target { &mut of_key.both_sides } else { &mut of_key.source_only };
        if let Err(at) = list.binary_search(&source) {
            list.insert(at, source);
        }
        self.keys += part.len() - before;
    }

    pub(super) fn remove(&mut self, key: &Key, source: Fingerprint) {
        let Some(part) = self.parts.get_mut(part_of(key)).map(Arc::make_mut) else { return };
        let Some(of_key) = part.get_mut(key).map(Arc::make_mut) else { return };
        for list in [&mut of_key.source_only, &mut of_key.both_sides] {
            if let Ok(at) = list.binary_search(&source) {
                list.remove(at);
            }
        }
        if of_key.is_empty() {
            part.remove(key);
            self.keys -= 1;
        }
    }
}

fn part_of(key: &Key) -> usize {
    let mut hasher = Hashing::default().build_hasher();
    hasher.write(key);
    // The map itself uses the other bits of a hash of the same kind.
    usize::try_from(hasher.finish() >> 32).unwrap_or_default() % PARTS
}
