//! Finds the silences that may match an alert without trying them all: a silence with a matcher `name="value"` is looked up
//! by that pair. Cloning is cheap, and so is a change of a clone.
//!
//! Deliberately unknown here: states and times; whether a candidate really matches.

use std::sync::Arc;

use rpds::{HashTrieMapSync, RedBlackTreeMapSync};
use xxhash_rust::xxh3::Xxh3;

use super::{Silence, SilenceId};
use crate::{
    labelled::Labelled,
    matcher::{MatchOp, Matcher},
};

/// Every silence once: under one of its pairs, or among the rest.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// By the hash of the pair; pairs of one hash share a bucket, which costs a comparison.
    by_pair: HashTrieMapSync<u64, Bucket>,
    rest: Bucket,
}

/// By name: alerts get their silences in a stable order, and one is taken out without a search.
type Bucket = RedBlackTreeMapSync<SilenceId, Arc<Silence>>;

impl Index {
    /// With one more silence, which is put under that of its pairs that the fewest silences are under.
    pub(super) fn insert(&mut self, silence: &Arc<Silence>) {
        let size = |pair: &u64| self.by_pair.get(pair).map_or(0, Bucket::size);
        match pairs(silence).min_by_key(size) {
            Some(pair) => {
                let mut bucket = self.by_pair.get(&pair).cloned().unwrap_or_default();
                bucket.insert_mut(silence.id.clone(), silence.clone());
                self.by_pair.insert_mut(pair, bucket);
            }
            None => self.rest.insert_mut(silence.id.clone(), silence.clone()),
        }
    }

    /// Without a silence.
    pub(super) fn remove(&mut self, silence: &Silence) {
        self.rest.remove_mut(&silence.id);
        for pair in pairs(silence) {
            let Some(bucket) = self.by_pair.get(&pair).filter(|bucket| bucket.contains_key(&silence.id)) else {
                continue;
            };
            let rest = bucket.remove(&silence.id);
            if rest.is_empty() {
                self.by_pair.remove_mut(&pair);
            } else {
                self.by_pair.insert_mut(pair, rest);
            }
        }
    }

    /// The silences that may match.
    pub(super) fn candidates(&self, labels: &impl Labelled) -> impl Iterator<Item = &Silence> {
        // Most servers have few silences: nothing is hashed for none.
        let pairs = (!self.by_pair.is_empty()).then(|| labels.pairs()).into_iter().flatten();
        let of_pair = |(name, value): (&str, &str)| self.by_pair.get(&hash(name, value));
        pairs.filter_map(of_pair).flat_map(Bucket::values).chain(self.rest.values()).map(|silence| &**silence)
    }
}

/// The matchers that no alert without exactly this label can pass, hashed.
fn pairs(silence: &Silence) -> impl Iterator<Item = u64> {
    let is_pair = |matcher: &&Matcher| matcher.op() == MatchOp::Equal && !matcher.value().is_empty();
    silence.matchers.iter().filter(is_pair).map(|matcher| hash(matcher.name(), matcher.value()))
}

fn hash(name: &str, value: &str) -> u64 {
    let mut hasher = Xxh3::new();
    hasher.update(name.as_bytes());
    hasher.update(&[0xFF]);
    hasher.update(value.as_bytes());
    hasher.digest()
}
