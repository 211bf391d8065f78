//! The section `route`: Alertmanager's keys to the domain's settings of the routing tree.
//!
//! Deliberately unknown here: how alerts are routed; what a route inherits.

use std::{collections::BTreeMap, time::Duration};

use alerts::{
    matcher::{MatchOp, Matcher, MatcherSet, Syntax},
    route::{Names, RouteSettings, RouteTree},
    templates::Templates,
};
use serde::{Deserialize, Deserializer, de::Error};

use super::{problem::undefined, reader::Reader, tree::Path};

/// A route as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawRoute {
    receiver: Option<String>,
    group_by: Option<Vec<String>>,
    #[serde(rename = "continue")]
    continues: bool,
    #[serde(rename = "match")]
    equal: BTreeMap<String, String>,
    match_re: BTreeMap<String, String>,
    matchers: Vec<MatcherLine>,
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

/// One text of a list of matchers; it may hold several.
#[derive(Debug)]
pub(super) struct MatcherLine(MatcherSet);

impl<'de> Deserialize<'de> for MatcherLine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        MatcherSet::parse(&text, Syntax::Fallback)
            .map(Self)
            .map_err(|why| D::Error::custom(format!("not a matcher: {why}")))
    }
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
    const KEYS: [(&str, &str); 5] = [
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
    let matchers = matchers(reader, path, ["match", "match_re"], raw.equal, raw.match_re, raw.matchers);
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

/// The matchers of the old tables and of the list; `keys` are the names of the two tables at `path`.
pub(super) fn matchers(
    reader: &mut Reader,
    path: &Path,
    keys: [&str; 2],
    equal: BTreeMap<String, String>,
    regexes: BTreeMap<String, String>,
    lines: Vec<MatcherLine>,
) -> MatcherSet {
    let mut all = MatcherSet::default();
    for (op, key, pairs) in [(MatchOp::Equal, keys[0], equal), (MatchOp::Regex, keys[1], regexes)] {
        for (name, value) in pairs {
            if name.is_empty() {
                reader.problem(&path.key(key), "a label needs a name");
                continue;
            }
            match Matcher::new(&name, op, &value) {
                Ok(matcher) => all.push(matcher),
                Err(why) => reader.problem(&path.key(key).key(name), format!("not a regular expression: {why}")),
            }
        }
    }
    lines.iter().flat_map(|line| line.0.iter()).for_each(|matcher| all.push(matcher.clone()));
    all
}
