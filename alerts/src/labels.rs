//! Label sets and their fingerprints: the identity of an alert.
//!
//! Deliberately unknown here: what a label means, and how sets are stored in bulk (that is the alert table).

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{canonical, gotext::Quoted};

/// A set of labels, or of annotations: pairs sorted by name, each name once.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct LabelSet(Vec<(Box<str>, Box<str>)>);

impl LabelSet {
    /// The empty set.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The value of a label, if it is there.
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.0.binary_search_by(|(n, _)| (**n).cmp(name)).ok()?;
        Some(&self.0[at].1)
    }

    /// The value of a label, or the empty string: to a matcher an absent label is an empty one.
    pub fn value(&self, name: &str) -> &str {
        self.get(name).unwrap_or("")
    }

    /// Sets a label, replacing the value that was there.
    pub fn set(&mut self, name: &str, value: &str) {
        match self.0.binary_search_by(|(n, _)| (**n).cmp(name)) {
            Ok(at) => self.0[at].1 = value.into(),
            Err(at) => self.0.insert(at, (name.into(), value.into())),
        }
    }

    /// All pairs in the order of their names (by bytes).
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + DoubleEndedIterator + Clone {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no pair at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The pairs whose names `keep` accepts.
    pub fn filtered(&self, mut keep: impl FnMut(&str, &str) -> bool) -> Self {
        Self(self.0.iter().filter(|(name, value)| keep(name, value)).cloned().collect())
    }

    /// The pairs that both sets have with equal values.
    pub fn intersection(&self, other: &Self) -> Self {
        self.filtered(|name, value| other.get(name) == Some(value))
    }

    /// The hash that Alertmanager's notification log knows the set by: 64-bit xxHash over name, 0xFF, value, 0xFF of each pair
    /// (`notify/notify.go`).
    pub fn notification_hash(&self) -> u64 {
        let mut bytes = Vec::new();
        canonical::put(self.iter(), &mut bytes);
        xxhash_rust::xxh64::xxh64(&bytes, 0)
    }

    /// The identity of the set: 64-bit FNV-1a as in Prometheus's `model/signature.go`.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.iter())
    }
}

impl<N: Into<Box<str>>, V: Into<Box<str>>> FromIterator<(N, V)> for LabelSet {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut pairs: Vec<(Box<str>, Box<str>)> = pairs.into_iter().map(|(n, v)| (n.into(), v.into())).collect();
        if !pairs.is_sorted_by(|a, b| a.0 < b.0) {
            let last_wins: BTreeMap<_, _> = pairs.into_iter().collect();
            pairs = last_wins.into_iter().collect();
        }
        Self(pairs)
    }
}

impl From<BTreeMap<String, String>> for LabelSet {
    fn from(map: BTreeMap<String, String>) -> Self {
        map.into_iter().collect()
    }
}

impl From<LabelSet> for BTreeMap<String, String> {
    fn from(set: LabelSet) -> Self {
        set.0.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
    }
}

/// Prints as Alertmanager does in group keys: `{a="1", b="2"}`.
impl fmt::Display for LabelSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (at, (name, value)) in self.iter().enumerate() {
            write!(f, "{}{name}={}", if at > 0 { ", " } else { "" }, Quoted(value))?;
        }
        f.write_str("}")
    }
}

impl fmt::Debug for LabelSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The identity of a label set, shown as 16 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    const OFFSET: u64 = 14_695_981_039_346_656_037;
    const PRIME: u64 = 1_099_511_628_211;

    /// The fingerprint of pairs that come sorted by name: FNV-1a over name, 0xFF, value, 0xFF of each.
    pub fn of<'a>(sorted_pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let pieces = sorted_pairs.flat_map(|(name, value)| [name, value]);
        Self(pieces.fold(Self::OFFSET, |hash, piece| Self::step(Self::go_on(hash, piece.as_bytes()), canonical::END)))
    }

    /// The fingerprint of pairs in canonical form.
    pub(crate) fn of_run(run: &[u8]) -> Self {
        Self(Self::go_on(Self::OFFSET, run))
    }

    /// Four fingerprints in little more time than one takes: their steps do not wait for each other.
    pub(crate) fn of_four_runs(runs: [&[u8]; 4]) -> [Self; 4] {
        let common = runs.iter().map(|run| run.len()).min().unwrap_or_default();
        let [(a, _), (b, _), (c, _), (d, _)] = runs.map(|run| run.split_at(common));
        let mut hashes = [Self::OFFSET; 4];
        for (((a, b), c), d) in a.iter().zip(b).zip(c).zip(d) {
            for (hash, byte) in hashes.iter_mut().zip([a, b, c, d]) {
                *hash = Self::step(*hash, *byte);
            }
        }
        let rests = runs.map(|run| &run[common..]);
        std::array::from_fn(|lane| Self(Self::go_on(hashes[lane], rests[lane])))
    }

    fn go_on(hash: u64, bytes: &[u8]) -> u64 {
        bytes.iter().fold(hash, |hash, byte| Self::step(hash, *byte))
    }

    const fn step(hash: u64, byte: u8) -> u64 {
        (hash ^ byte as u64).wrapping_mul(Self::PRIME)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Fingerprint {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn four_at_once_are_those_of_one_by_one(runs: [Vec<u8>; 4]) {
            let four = Fingerprint::of_four_runs([&runs[0], &runs[1], &runs[2], &runs[3]]);
            prop_assert_eq!(four, [0, 1, 2, 3].map(|at| Fingerprint::of_run(&runs[at])));
        }

        #[test]
        fn a_run_in_canonical_form_has_the_fingerprint_of_its_set(set: BTreeMap<String, String>) {
            let (set, mut run) = (LabelSet::from(set), Vec::new());
            canonical::put(set.iter(), &mut run);
            prop_assert_eq!(Fingerprint::of_run(&run), set.fingerprint());
        }
    }

    fn check(pairs: &[(&str, &str)], expected: &str) {
        assert_eq!(pairs.iter().copied().collect::<LabelSet>().fingerprint().to_string(), expected);
    }

    #[test]
    fn fingerprints_are_prometheus_own() {
        check(&[("alertname", "alert1"), ("severity", "critical")], "0223b772b51c29e1");
        check(&[("severity", "critical"), ("alertname", "alert1")], "0223b772b51c29e1");
        check(&[("alertname", "x")], "d240efc3896bf266");
        check(&[("alertname", "ok1")], "d7252752c04bd3c5");
    }

    #[test]
    fn the_last_of_two_equal_names_wins() {
        let set: LabelSet = [("b", "1"), ("a", "2"), ("b", "3")].into_iter().collect();
        assert_eq!(set.to_string(), r#"{a="2", b="3"}"#);
    }

    #[test]
    fn sets_and_gets() {
        let mut set = LabelSet::new();
        set.set("b", "1");
        set.set("a", "2");
        set.set("b", "3");
        assert_eq!((set.get("a"), set.get("b"), set.value("c")), (Some("2"), Some("3"), ""));
    }
}
