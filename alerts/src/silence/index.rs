//! Finds the silences that may match an alert without trying them all: a silence with a matcher `name="value"` is looked up
//! by that pair.
//!
//! Deliberately unknown here: states and times; whether a candidate really matches.

use std::{collections::HashMap, sync::Arc};

use super::Silence;
use crate::{
    labelled::Labelled,
    matcher::{MatchOp, Matcher},
};

/// Every silence once: under one of its pairs, or among the rest.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    by_name: HashMap<Box<str>, ByValue>,
    rest: Vec<Arc<Silence>>,
}

type ByValue = HashMap<Box<str>, Vec<Arc<Silence>>>;

impl Index {
    /// Of its pairs, a silence is put under the one that the fewest silences have.
    pub(super) fn of<'a>(silences: impl Iterator<Item = &'a Arc<Silence>> + Clone) -> Self {
        let mut uses = HashMap::<(&str, &str), usize>::new();
        for matcher in silences.clone().flat_map(|silence| pairs(silence)) {
            *uses.entry((matcher.name(), matcher.value())).or_default() += 1;
        }
        let mut index = Self::default();
        for silence in silences {
            let rarest = pairs(silence).min_by_key(|matcher| uses[&(matcher.name(), matcher.value())]);
            index.bucket(rarest).push(silence.clone());
        }
        index
    }

    /// The silences that may match.
    pub(super) fn candidates(&self, labels: &impl Labelled) -> impl Iterator<Item = &Silence> {
        let of_pair = |(name, value)| self.by_name.get(name)?.get(value);
        labels.pairs().filter_map(of_pair).flatten().chain(&self.rest).map(|silence| &**silence)
    }

    fn bucket(&mut self, pair: Option<&Matcher>) -> &mut Vec<Arc<Silence>> {
        match pair {
            Some(pair) => self.by_name.entry(pair.name().into()).or_default().entry(pair.value().into()).or_default(),
            None => &mut self.rest,
        }
    }
}

/// The matchers that no alert without exactly this label can pass.
fn pairs(silence: &Silence) -> impl Iterator<Item = &Matcher> {
    silence.matchers.iter().filter(|matcher| matcher.op() == MatchOp::Equal && !matcher.value().is_empty())
}
