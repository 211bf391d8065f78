//! The section `route`: Alertmanager's keys to the domain's settings of the routing tree.
//!
//! Deliberately unknown here: how alerts are routed; what a route inherits.

use std::{collections::BTreeMap, time::Duration};

use alerts::{
    route::{Names, RouteSettings, RouteTree},
    templates::Templates,
};
use serde::Deserialize;

use super::{
    matching::{Equal, Regexes, check_name, matchers},
    problem::undefined,
    reader::Reader,
    tree::Path,
};

/// A route as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawRoute {
    receiver: Option<String>,
    group_by: Option<Vec<String>>,
    #[serde(rename = "continue")]
    continues: bool,
    #[serde(rename = "match")]
    equal: Equal,
    match_re: Regexes,
    matchers: Vec<String>,
    #[serde(with = "alerts::duration::optional_text")]
    group_wait: Option<Duration>,
    #[serde(with = "alerts::duration::optional_text")]
    group_interval: Option<Duration>,
    #[serde(with = "alerts::duration::optional_text")]
    repeat_interval: Option<Duration>,
    mute_time_intervals: Vec<String>,
    active_time_intervals: Vec<String>,
    labels: BTreeMap<String, String>,
    routes: Vec<RawRoute>,
}

/// The tree of routes; none if something is wrong with it, which `reader` then knows.
pub(super) fn route_tree(reader: &mut Reader, receivers: &[&str], time_intervals: &[&str]) -> Option<RouteTree> {
    let path = Path::from("route");
    let Some(raw) = reader.optional::<RawRoute>("route") else {
        reader.problem(&path, "the section is missing: it names the receiver of all alerts that no other route takes");
        return None;
    };
    check_names(reader, &raw, &path, receivers, time_intervals);
    let settings = settings(reader, raw, &path);
    let names = Names {
        receivers: receivers.iter().copied().collect(),
        time_intervals: time_intervals.iter().copied().collect(),
    };
    match RouteTree::build(&settings, &names) {
        Ok(tree) => Some(tree),
        Err(errors) => {
            // what is undefined has been told with the nearest name already
            for error in errors.iter().filter(|error| !error.problem.starts_with("undefined")) {
                reader.problem(&key_of(&Path::parse(&error.path), &error.problem), &error.problem);
            }
            None
        }
    }
}

/// Makes templates of the labels of routes.
pub(super) fn with_labels(reader: &mut Reader, mut tree: RouteTree, templates: &Templates) -> RouteTree {
    for error in tree.compile_labels(templates).err().unwrap_or_default() {
        reader.problem(&Path::parse(&error.path), &error.problem);
    }
    tree
}

/// The key that a problem of a route is about, where its text names one: that is where the user looks.
fn key_of(route: &Path, problem: &str) -> Path {
    const KEYS: [(&str, &str); 7] = [
        ("mute time intervals", "mute_time_intervals"),
        ("active time intervals", "active_time_intervals"),
        ("default receiver", "receiver"),
        ("group_by", "group_by"),
        ("group_interval", "group_interval"),
        ("repeat_interval", "repeat_interval"),
        ("continue", "continue"),
    ];
    let key = KEYS.iter().find(|(word, _)| problem.contains(word));
    key.map_or_else(|| route.clone(), |(_, key)| route.key(*key))
}

fn check_names(reader: &mut Reader, route: &RawRoute, path: &Path, receivers: &[&str], intervals: &[&str]) {
    if let Some(name) = route.receiver.as_deref().filter(|name| !name.is_empty() && !receivers.contains(name)) {
        reader.problem(&path.key("receiver"), undefined("receiver", name, receivers));
    }
    let lists =
        [("mute_time_intervals", &route.mute_time_intervals), ("active_time_intervals", &route.active_time_intervals)];
    for (key, names) in lists {
        for (index, name) in names.iter().enumerate().filter(|(_, name)| !intervals.contains(&name.as_str())) {
            reader.problem(&path.key(key).index(index), undefined("time interval", name, intervals));
        }
    }
    for (index, child) in route.routes.iter().enumerate() {
        check_names(reader, child, &path.key("routes").index(index), receivers, intervals);
    }
}

fn settings(reader: &mut Reader, raw: RawRoute, path: &Path) -> RouteSettings {
    let matchers = matchers(reader, path, ["match", "match_re", "matchers"], raw.equal, raw.match_re, &raw.matchers);
    let is_label = |name: &str| !name.is_empty() && name != "...";
    for (index, name) in raw.group_by.iter().flatten().map(String::as_str).enumerate() {
        if let (Err(why), true) = (check_name(name, reader.syntax()), is_label(name)) {
            reader.problem(&path.key("group_by").index(index), why);
        }
    }
    for name in raw.labels.keys() {
        if let Err(why) = check_name(name, reader.syntax()) {
            reader.problem(&path.key("labels").key(name), why);
        }
    }
    let children = raw.routes.into_iter().enumerate();
    let routes = children.map(|(at, child)| settings(reader, child, &path.key("routes").index(at))).collect();
    RouteSettings {
        receiver: raw.receiver,
        matchers,
        group_by: raw.group_by,
        continues: raw.continues,
        group_wait: raw.group_wait,
        group_interval: raw.group_interval,
        repeat_interval: raw.repeat_interval,
        mute_time_intervals: raw.mute_time_intervals,
        active_time_intervals: raw.active_time_intervals,
        labels: raw.labels,
        routes,
    }
}
