//! What a search for equal labels looks at first: 128 bits per alert, of which each label sets three. All signatures of a slab
//! lie side by side, so that a hundred thousand alerts are passed over in the time that it takes to read 1.6 MB.
//!
//! Deliberately unknown here: entries. An alert whose signature covers what is wanted may match; one whose does not cannot.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::matcher::{MatchOp, MatcherSet};

/// The labels of an alert, or those that an alert must have, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Signature(u128);

impl Signature {
    pub(super) fn of<'a>(labels: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        Self(labels.fold(0, |bits, (name, value)| bits | bits_of(name, value)))
    }

    /// What an alert must have to match: of matchers `name="value"` with a value; the others can not be told by bits.
    pub(super) fn wanted(filter: &MatcherSet) -> Self {
        let equal = filter.iter().filter(|matcher| matcher.op() == MatchOp::Equal && !matcher.value().is_empty());
        Self::of(equal.map(|matcher| (matcher.name(), matcher.value())))
    }

    pub(super) fn covers(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }

    /// Whether every alert covers it.
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

fn bits_of(name: &str, value: &str) -> u128 {
    let hash = xxh3_64_with_seed(value.as_bytes(), xxh3_64(name.as_bytes()));
    [0, 7, 14].into_iter().fold(0, |bits, shift| bits | 1 << ((hash >> shift) & 127))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{labels::LabelSet, matcher::Matcher};

    proptest! {
        #[test]
        fn what_matches_is_covered(labels: std::collections::BTreeMap<String, String>, picks: Vec<prop::sample::Index>) {
            let labels: LabelSet = labels.into();
            let pairs: Vec<_> = labels.iter().collect();
            let picked = picks.iter().filter(|_| !pairs.is_empty()).map(|pick| *pick.get(&pairs));
            let filter: MatcherSet = picked.map(|(name, value)| Matcher::equal(name, value)).collect();
            prop_assert!(filter.matches(&labels));
            prop_assert!(Signature::of(labels.iter()).covers(Signature::wanted(&filter)));
        }
    }

    #[test]
    fn only_equality_with_a_value_is_told_by_bits() {
        let wanted = |text| Signature::wanted(&MatcherSet::parse(text, Default::default()).expect("matchers"));
        assert!(wanted(r#"a="", b!="1", c=~"2", d!~"3""#).is_empty());
        assert_eq!(wanted(r#"a="1""#), Signature::of([("a", "1")].into_iter()));
        assert!(!wanted(r#"a="1""#).covers(wanted(r#"a="2""#)), "these two do not share all three bits");
    }
}
