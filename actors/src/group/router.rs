//! Which groups an alert belongs to, and which actor has them.

use std::{
    collections::{HashMap, HashSet},
    hash::{Hash, Hasher},
    sync::Arc,
};

use alerts::{
    labelled::Labelled,
    route::{RouteId, RouteTree},
};

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

    /// The groups of an alert with these labels, one per matching route.
    pub(crate) fn targets(&self, labels: &impl Labelled) -> Vec<Target> {
        let routes = self.tree.matching(labels);
        routes
            .into_iter()
            .map(|route| {
                let group_key = self.group_key(route, labels);
                Target { shard: self.shard_of(&group_key), group_key, route }
            })
            .collect()
    }

    fn group_key(&self, id: RouteId, labels: &impl Labelled) -> Arc<str> {
        let route = self.tree.route(id);
        let key = route.group_key(&route.group_labels(labels));
        if self.doubles.contains(&id) { format!("{key}#{}", id.0).into() } else { key.into() }
    }

    /// The actor that has a group.
    pub(crate) fn shard_of(&self, group_key: &str) -> usize {
        let hash = group_hash(group_key);
        usize::try_from(hash % self.shards as u64).unwrap_or_default()
    }
}

/// A number that stands for a group key within one process.
pub(crate) fn group_hash(group_key: &str) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    group_key.hash(&mut hasher);
    hasher.finish()
}
