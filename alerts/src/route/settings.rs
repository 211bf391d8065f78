//! From the plain settings of a routing tree to the tree: inheritance, and all that can be wrong
//! (`config/config.go`, `dispatch/route.go`).
//!
//! Deliberately unknown here: the file that the settings stand in, how alerts are routed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
    time::Duration,
};

use super::{GROUP_INTERVAL, GROUP_WAIT, GroupBy, REPEAT_INTERVAL, Route, RouteId, RouteLabels};
use crate::matcher::MatcherSet;

/// The group label that stands for all labels.
const ALL: &str = "...";

/// A route as it is written: what is `None` is inherited.
#[derive(Clone, Debug, Default)]
pub struct RouteSettings {
    /// The receiver's name.
    pub receiver: Option<String>,
    /// What an alert must match; `match` and `match_re` are turned into matchers before.
    pub matchers: MatcherSet,
    /// The names of the labels that make a group; `...` alone stands for all labels, an empty list for one group.
    pub group_by: Option<Vec<String>>,
    /// Whether the siblings behind it are asked too when it matches.
    pub continues: bool,
    /// See [`GROUP_WAIT`].
    pub group_wait: Option<Duration>,
    /// See [`GROUP_INTERVAL`].
    pub group_interval: Option<Duration>,
    /// See [`REPEAT_INTERVAL`].
    pub repeat_interval: Option<Duration>,
    /// The names of the time intervals in which it is silent.
    pub mute_time_intervals: Vec<String>,
    /// The names of the time intervals outside of which it is silent.
    pub active_time_intervals: Vec<String>,
    /// Labels for those who are told; their values are Go templates. A parent's are inherited one by one.
    pub labels: BTreeMap<String, String>,
    /// The routes below it.
    pub routes: Vec<RouteSettings>,
}

/// The names that routes may refer to.
#[derive(Clone, Debug, Default)]
pub struct Names<'a> {
    /// All receivers.
    pub receivers: BTreeSet<&'a str>,
    /// All time intervals.
    pub time_intervals: BTreeSet<&'a str>,
}

/// Something wrong with one route.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct RouteError {
    /// Which route: `route`, `route.routes[1]`.
    pub path: String,
    /// What is wrong, in Alertmanager's words where it has some.
    pub problem: String,
}

pub(super) fn build(root: &RouteSettings, names: &Names<'_>) -> Result<Vec<Route>, Vec<RouteError>> {
    let mut builder = Builder { names, routes: Vec::new(), errors: Vec::new() };
    builder.check_root(root);
    builder.add(root, None, "route".to_owned());
    if builder.errors.is_empty() { Ok(builder.routes) } else { Err(builder.errors) }
}

struct Builder<'a> {
    names: &'a Names<'a>,
    routes: Vec<Route>,
    errors: Vec<RouteError>,
}

impl Builder<'_> {
    fn check_root(&mut self, root: &RouteSettings) {
        let rules = [
            (root.receiver.as_ref().is_none_or(String::is_empty), "root route must specify a default receiver"),
            (!root.matchers.is_empty(), "root route must not have any matchers"),
            (root.continues, "cannot have continue in root route"),
            (!root.mute_time_intervals.is_empty(), "root route must not have any mute time intervals"),
            (!root.active_time_intervals.is_empty(), "root route must not have any active time intervals"),
        ];
        for (broken, problem) in rules {
            if broken {
                self.wrong("route", problem);
            }
        }
    }

    /// Adds a route and those below it, the children under their parent's final values.
    fn add(&mut self, settings: &RouteSettings, parent: Option<RouteId>, path: String) -> RouteId {
        self.check(settings, &path);
        let group_by = settings.group_by.as_ref().map(|labels| self.group_by(labels, &path));
        let id = RouteId(u32::try_from(self.routes.len()).unwrap_or(u32::MAX));
        let route = inherit(settings, group_by, parent.map(|parent| &self.routes[parent.0 as usize]), id, &path);
        self.routes.push(route);
        let children = settings.routes.iter().enumerate();
        let children: Vec<_> =
            children.map(|(at, child)| self.add(child, Some(id), format!("{path}.routes[{at}]"))).collect();
        self.routes[id.0 as usize].children = children;
        id
    }

    fn check(&mut self, settings: &RouteSettings, path: &str) {
        let receiver = settings.receiver.as_deref().filter(|name| !name.is_empty());
        if let Some(name) = receiver.filter(|name| !self.names.receivers.contains(name)) {
            self.wrong(path, format_args!("undefined receiver {name:?} used in route"));
        }
        if settings.group_interval == Some(Duration::ZERO) {
            self.wrong(path, "group_interval cannot be zero");
        }
        if settings.repeat_interval == Some(Duration::ZERO) {
            self.wrong(path, "repeat_interval cannot be zero");
        }
        for name in settings.mute_time_intervals.iter().chain(&settings.active_time_intervals) {
            if !self.names.time_intervals.contains(name.as_str()) {
                self.wrong(path, format_args!("undefined time interval {name:?} used in route"));
            }
        }
    }

    fn group_by(&mut self, labels: &[String], path: &str) -> GroupBy {
        let mut names = BTreeSet::new();
        for label in labels.iter().filter(|label| *label != ALL) {
            if label.is_empty() {
                self.wrong(path, "invalid label name \"\" in group_by list");
            }
            if !names.insert(label.clone()) {
                self.wrong(path, format_args!("duplicated label {label:?} in group_by"));
            }
        }
        let all = labels.iter().any(|label| label == ALL);
        if all && !names.is_empty() {
            self.wrong(path, "cannot have wildcard group_by (`...`) and other labels at the same time");
        }
        if all { GroupBy::All } else { GroupBy::Labels(names.into_iter().collect()) }
    }

    fn wrong(&mut self, path: &str, problem: impl fmt::Display) {
        self.errors.push(RouteError { path: path.to_owned(), problem: problem.to_string() });
    }
}

fn inherit(
    settings: &RouteSettings,
    group_by: Option<GroupBy>,
    parent: Option<&Route>,
    id: RouteId,
    path: &str,
) -> Route {
    let matchers = settings.matchers.clone().sorted();
    let key = match parent {
        Some(parent) => format!("{}/{matchers}", parent.key),
        None => matchers.to_string(),
    };
    let receiver = settings.receiver.as_deref().filter(|name| !name.is_empty()).map(Arc::from);
    let mut labels = parent.map(|route| route.labels.texts().clone()).unwrap_or_default();
    labels.extend(settings.labels.clone());
    Route {
        id,
        matchers,
        continues: settings.continues,
        receiver: receiver.or_else(|| parent.map(|route| route.receiver.clone())).unwrap_or_default(),
        group_by: group_by
            .or_else(|| parent.map(|route| route.group_by.clone()))
            .unwrap_or(GroupBy::Labels(Vec::new())),
        group_wait: settings.group_wait.unwrap_or(parent.map_or(GROUP_WAIT, |route| route.group_wait)),
        group_interval: settings.group_interval.unwrap_or(parent.map_or(GROUP_INTERVAL, |route| route.group_interval)),
        repeat_interval: settings
            .repeat_interval
            .unwrap_or(parent.map_or(REPEAT_INTERVAL, |route| route.repeat_interval)),
        mute_time_intervals: settings.mute_time_intervals.clone(),
        active_time_intervals: settings.active_time_intervals.clone(),
        labels: RouteLabels::new(labels),
        key: key.into(),
        children: Vec::new(),
        path: path.into(),
        own_labels: settings.labels.keys().cloned().collect(),
    }
}
