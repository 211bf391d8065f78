//! The routing tree: which alerts go to which receivers, grouped how, told when (`dispatch/route.go`).
//!
//! Deliberately unknown here: configuration files (see [`settings`] for the plain form), groups at work, receivers.

mod labels;
mod settings;

use std::{sync::Arc, time::Duration};

use crate::{labelled::Labelled, labels::LabelSet, matcher::MatcherSet, templates::Templates};
pub use labels::{RouteGroup, RouteLabels};
pub use settings::{Names, RouteError, RouteSettings};

/// How long a new group waits for more alerts, unless the configuration says otherwise (`dispatch/route.go`).
pub const GROUP_WAIT: Duration = Duration::from_secs(30);
/// The time between two flushes of a group.
pub const GROUP_INTERVAL: Duration = Duration::from_secs(5 * 60);
/// The time after which a group that has not changed is told again.
pub const REPEAT_INTERVAL: Duration = Duration::from_secs(4 * 3600);

/// A route's place in its tree, depth first; 0 is the root. It holds only within one tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteId(pub u32);

/// A validated tree of routes.
#[derive(Clone, Debug)]
pub struct RouteTree {
    /// Parents before their children.
    routes: Vec<Route>,
}

/// One node, with everything it inherits.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its place in the tree.
    pub id: RouteId,
    /// What it adds to the conditions of its parents, sorted.
    pub matchers: MatcherSet,
    /// Whether its siblings are asked too when it matches.
    pub continues: bool,
    /// The receiver's name.
    pub receiver: Arc<str>,
    /// The labels that make a group.
    pub group_by: GroupBy,
    /// See [`GROUP_WAIT`].
    pub group_wait: Duration,
    /// See [`GROUP_INTERVAL`].
    pub group_interval: Duration,
    /// See [`REPEAT_INTERVAL`].
    pub repeat_interval: Duration,
    /// The names of the time intervals in which it is silent; not inherited.
    pub mute_time_intervals: Vec<String>,
    /// The names of the time intervals outside of which it is silent; not inherited.
    pub active_time_intervals: Vec<String>,
    /// Its own labels over those of its parents.
    pub labels: RouteLabels,
    /// The matchers from the root to here: `{}/{team="b"}`. Not unique.
    pub key: Arc<str>,
    children: Vec<RouteId>,
    /// Where it stands in the configuration: `route.routes[1]`.
    path: Arc<str>,
    /// The names of the labels that it does not inherit.
    own_labels: Vec<String>,
}

/// The labels that make a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// `['...']`: every set of labels is a group of its own.
    All,
    /// These, sorted; none: one group for all.
    Labels(Vec<String>),
}

impl RouteTree {
    /// Builds the tree.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with the path of its route.
    pub fn build(root: &RouteSettings, names: &Names<'_>) -> Result<Self, Vec<RouteError>> {
        settings::build(root, names).map(|routes| Self { routes })
    }

    /// Makes templates of the routes' labels; until then their values are taken as they are written.
    ///
    /// # Errors
    /// Each template that is wrong, once, with the path of the route that it stands in.
    pub fn compile_labels(&mut self, templates: &Templates) -> Result<(), Vec<RouteError>> {
        let mut errors: Vec<RouteError> = Vec::new();
        for route in &mut self.routes {
            for (origin, error) in route.labels.compile(&route.path, templates) {
                let inherited = !route.own_labels.iter().any(|name| origin.ends_with(&format!(".labels.{name}")));
                if !inherited {
                    let problem = error.to_string();
                    let problem = problem.strip_prefix(&origin).map_or(&*problem, |rest| rest.trim_start_matches(':'));
                    errors.push(RouteError { problem: problem.trim_start().to_owned(), path: origin });
                }
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// The routes that an alert takes, in Alertmanager's order: depth first, left to right, the deepest match, up to the
    /// first sibling that does not continue. Never empty.
    pub fn matching(&self, labels: &impl Labelled) -> Vec<RouteId> {
        let mut found = Vec::with_capacity(1);
        self.matching_into(labels, &mut found);
        found
    }

    /// The same into a list that is used again; what was in it is dropped.
    pub fn matching_into(&self, labels: &impl Labelled, found: &mut Vec<RouteId>) {
        found.clear();
        self.collect(self.root(), labels, found);
    }

    /// The route at a place.
    ///
    /// # Panics
    /// When the place is another tree's.
    pub fn route(&self, id: RouteId) -> &Route {
        &self.routes[id.0 as usize]
    }

    /// The route that takes what no other takes.
    pub fn root(&self) -> &Route {
        &self.routes[0]
    }

    /// All routes, parents before their children.
    pub fn iter(&self) -> std::slice::Iter<'_, Route> {
        self.routes.iter()
    }

    fn collect(&self, route: &Route, labels: &impl Labelled, found: &mut Vec<RouteId>) {
        if !route.matchers.matches(labels) {
            return;
        }
        let before = found.len();
        for child in route.children.iter().map(|id| self.route(*id)) {
            let so_far = found.len();
            self.collect(child, labels, found);
            if found.len() > so_far && !child.continues {
                break;
            }
        }
        if found.len() == before {
            found.push(route.id);
        }
    }
}

impl Route {
    /// The labels of the alert's group; those that the alert lacks are absent.
    pub fn group_labels(&self, labels: &impl Labelled) -> LabelSet {
        match &self.group_by {
            GroupBy::All => labels.pairs().collect(),
            GroupBy::Labels(names) => {
                let values = names.iter().map(|name| (name.as_str(), labels.value(name)));
                values.filter(|(_, value)| !value.is_empty()).collect()
            }
        }
    }

    /// Alertmanager's group key: `{}/{team="b"}:{alertname="x"}`. Two routes with equal matchers share it: who needs the
    /// group alone adds the route's place.
    pub fn group_key(&self, group_labels: &LabelSet) -> String {
        format!("{}:{group_labels}", self.key)
    }

    /// The route's labels with the group's data filled in, as receivers, templates and the list of groups get them.
    pub fn rendered_labels(&self, group: &RouteGroup<'_>) -> LabelSet {
        self.labels.rendered(group)
    }

    /// The routes below it.
    pub fn children(&self) -> &[RouteId] {
        &self.children
    }
}

#[cfg(test)]
mod tests;
