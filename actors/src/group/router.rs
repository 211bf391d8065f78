//! Which groups an alert belongs to, and which actor has them.

use std::{
    collections::HashSet,
    hash::{Hash, Hasher},
    sync::Arc,
};

use alerts::{
    labelled::Labelled,
    route::{GroupBy, RouteId, RouteTree},
};
use hashbrown::HashMap;

/// Keys of groups that are remembered at the most.
const REMEMBERED: usize = 10_000;

/// The route tree, and how many group actors share its groups.
pub(crate) struct Router {
    tree: RouteTree,
    shards: usize,
    /// Which of the configurations loaded so far this is of.
    generation: u64,
    /// Routes whose matchers another route before them has too: their groups get a key of their own.
    doubles: HashSet<RouteId>,
}

/// A group that an alert belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) shard: usize,
    pub(crate) group_key: Arc<str>,
    /// Of the key: see [`group_hash`].
    pub(crate) group_hash: u64,
    pub(crate) route: RouteId,
}

impl Router {
    pub(crate) fn new(tree: RouteTree, shards: usize, generation: u64) -> Self {
        let mut seen = HashMap::new();
        let doubles = tree.iter().filter(|route| seen.insert(route.key.clone(), ()).is_some()).map(|route| route.id);
        Self { doubles: doubles.collect(), tree, shards: shards.max(1), generation }
    }

    /// The route tree.
    pub(crate) fn tree(&self) -> &RouteTree {
        &self.tree
    }

    /// Which of the configurations loaded so far this is of: each has routes of its own.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// The group of an alert with these labels that a matching route puts it into.
    fn target(&self, route: RouteId, labels: &impl Labelled) -> Target {
        let group_key = self.group_key(route, labels);
        let group_hash = group_hash(&group_key);
        Target { shard: self.shard(group_hash), group_key, group_hash, route }
    }

    fn group_key(&self, id: RouteId, labels: &impl Labelled) -> Arc<str> {
        let route = self.tree.route(id);
        let key = route.group_key(&route.group_labels(labels));
        if self.doubles.contains(&id) { format!("{key}#{}", id.0).into() } else { key.into() }
    }

    /// The actor that has a group.
    pub(crate) fn shard_of(&self, group_key: &str) -> usize {
        self.shard(group_hash(group_key))
    }

    fn shard(&self, group_hash: u64) -> usize {
        usize::try_from(group_hash % self.shards as u64).unwrap_or_default()
    }
}

/// Finds the groups of alerts, and remembers those that it found: most alerts belong to a group that another one belongs to, and
/// printing its key is dear. One for each actor, for as long as a configuration is in force.
#[derive(Default)]
pub(crate) struct Targets {
    generation: u64,
    /// By a route and the values of its labels.
    known: HashMap<Box<[u8]>, Target>,
    routes: Vec<RouteId>,
    wanted: Vec<u8>,
}

impl Targets {
    /// Calls back with each group of an alert with these labels, one per matching route.
    pub(crate) fn of(&mut self, router: &Router, labels: &impl Labelled, mut each: impl FnMut(&Target)) {
        if self.generation != router.generation || self.known.len() >= REMEMBERED {
            self.known.clear();
            self.generation = router.generation;
        }
        let mut routes = std::mem::take(&mut self.routes);
        router.tree.matching_into(labels, &mut routes);
        for route in &routes {
            self.wanted.clear();
            describe(router, *route, labels, &mut self.wanted);
            match self.known.get(&*self.wanted) {
                Some(target) => each(target),
                None => {
                    let target = router.target(*route, labels);
                    each(&target);
                    self.known.insert(self.wanted.as_slice().into(), target);
                }
            }
        }
        self.routes = routes;
    }
}

/// A route and the values of the labels by which it groups, each with its length before it: equal only for equal groups.
fn describe(router: &Router, route: RouteId, labels: &impl Labelled, out: &mut Vec<u8>) {
    let mut put = |text: &str| {
        out.extend(text.len().to_le_bytes());
        out.extend(text.as_bytes());
    };
    match &router.tree.route(route).group_by {
        GroupBy::All => labels.pairs().for_each(|(name, value)| {
            put(name);
            put(value);
        }),
        GroupBy::Labels(names) => names.iter().for_each(|name| put(labels.value(name))),
    }
    out.extend(route.0.to_le_bytes());
}

/// A number that stands for a group key within one process.
pub(crate) fn group_hash(group_key: &str) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    group_key.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use alerts::{
        LabelSet,
        matcher::{MatchOp, Matcher, MatcherSet},
        route::{Names, RouteSettings},
    };
    use proptest::prelude::*;

    use super::*;

    /// `{}` by alertname and team; below it one by everything, which goes on, and one with the same matchers and no labels.
    fn router(generation: u64) -> Router {
        let matchers =
            || -> MatcherSet { [Matcher::new("team", MatchOp::Equal, "a").expect("a matcher")].into_iter().collect() };
        let child = |group_by: &[&str], continues: bool| RouteSettings {
            matchers: matchers(),
            group_by: Some(group_by.iter().map(ToString::to_string).collect()),
            continues,
            ..RouteSettings::default()
        };
        let root = RouteSettings {
            receiver: Some("r".to_owned()),
            group_by: Some(vec!["alertname".to_owned(), "team".to_owned()]),
            routes: vec![child(&["..."], true), child(&[], false)],
            ..RouteSettings::default()
        };
        let names = Names { receivers: ["r"].into_iter().collect(), ..Names::default() };
        Router::new(RouteTree::build(&root, &names).expect("a tree"), 3, generation)
    }

    fn shown(target: &Target) -> String {
        format!("{} {} {:?}", target.group_key, target.shard, target.route)
    }

    proptest! {
        /// Labels whose values run into one another, so that what is remembered might be mistaken.
        #[test]
        fn what_is_remembered_is_what_would_be_found(alerts in prop::collection::vec(("[ab]{0,2}", "[ab]{0,2}", "[ab]{0,2}"), 1..40)) {
            let router = router(1);
            let mut targets = Targets::default();
            for (name, team, other) in &alerts {
                let pairs = [("alertname", name), ("team", team), ("z", other)];
                let labels: LabelSet = pairs.into_iter().filter(|(_, value)| !value.is_empty()).map(|(n, v)| (n, v.as_str())).collect();
                let mut found = Vec::new();
                targets.of(&router, &labels, |target| found.push(shown(target)));
                let anew: Vec<String> =
                    router.tree.matching(&labels).into_iter().map(|route| shown(&router.target(route, &labels))).collect();
                prop_assert_eq!(found, anew);
            }
        }
    }

    #[test]
    fn another_configuration_forgets() {
        let labels: LabelSet = [("alertname", "x")].into_iter().collect();
        let mut targets = Targets::default();
        for generation in [1, 1, 2] {
            targets.of(&router(generation), &labels, |_| {});
            assert_eq!((targets.generation, targets.known.len()), (generation, 1));
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let router = router(1);
        let mut targets = Targets::default();
        for number in 0..REMEMBERED + 10 {
            let name = number.to_string();
            let labels: LabelSet = [("alertname", name.as_str())].into_iter().collect();
            targets.of(&router, &labels, |_| {});
        }
        assert_eq!(targets.known.len(), 10);
    }
}
