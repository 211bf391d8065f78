//! Routing: where alerts go, what routes inherit, what a tree may not be.

use super::*;
use crate::{labels::LabelSet, matcher::Syntax, record::Blob};

fn matchers(text: &str) -> MatcherSet {
    MatcherSet::parse(text, Syntax::Fallback).unwrap()
}

fn route(receiver: &str, conditions: &str, continues: bool, routes: Vec<RouteSettings>) -> RouteSettings {
    let receiver = (!receiver.is_empty()).then(|| receiver.to_owned());
    RouteSettings { receiver, matchers: matchers(conditions), continues, routes, ..RouteSettings::default() }
}

fn names() -> Names<'static> {
    let receivers = ["default", "a", "a-test", "a-prod", "b", "all"].into();
    Names { receivers, time_intervals: ["nights"].into() }
}

fn tree(root: &RouteSettings) -> RouteTree {
    RouteTree::build(root, &names()).unwrap()
}

fn labels(pairs: &[(&str, &str)]) -> LabelSet {
    pairs.iter().copied().collect()
}

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

fn office() -> RouteSettings {
    let a = vec![route("a-test", "env=testing", true, vec![]), route("a-prod", r#"env=~"prod.*""#, false, vec![])];
    let mut root = route(
        "default",
        "",
        false,
        vec![
            route("a", "team=a", false, a),
            route("b", "team=b", true, vec![]),
            route("all", r#"team=~"b|c", region!="eu""#, false, vec![]),
        ],
    );
    root.group_by = Some(strings(&["alertname"]));
    root
}

#[test]
fn routes_depth_first_up_to_the_first_that_does_not_continue() {
    let tree = tree(&office());
    let check = |pairs: &[(&str, &str)], expected: &[&str]| {
        let labels = labels(pairs);
        let receivers = |found: Vec<RouteId>| -> Vec<String> {
            found.into_iter().map(|id| tree.route(id).receiver.to_string()).collect()
        };
        assert_eq!(receivers(tree.matching(&labels)), expected, "{labels}");
        let packed = Blob::new(&labels, &LabelSet::new(), "");
        assert_eq!(receivers(tree.matching(&packed)), expected, "packed {labels}");
    };
    check(&[], &["default"]);
    check(&[("team", "z")], &["default"]);
    check(&[("team", "a")], &["a"]);
    check(&[("team", "a"), ("env", "testing")], &["a-test"]);
    check(&[("team", "a"), ("env", "production")], &["a-prod"]);
    check(&[("team", "b")], &["b", "all"]);
    check(&[("team", "b"), ("region", "eu")], &["b"]);
    check(&[("team", "c")], &["all"]);
}

#[test]
fn a_continuing_child_that_matches_keeps_its_parent_out() {
    let child = route("a", "team=a", true, vec![]);
    let tree = tree(&route("default", "", false, vec![child]));
    assert_eq!(tree.matching(&labels(&[("team", "a")])), [RouteId(1)]);
}

#[test]
fn keys_are_alertmanagers() {
    let tree = tree(&office());
    let check = |pairs: &[(&str, &str)], expected: &str| {
        let labels = labels(pairs);
        let route = tree.route(tree.matching(&labels)[0]);
        assert_eq!(route.group_key(&route.group_labels(&labels)), expected);
    };
    check(&[("alertname", "x"), ("job", "j")], r#"{}:{alertname="x"}"#);
    check(&[("alertname", "x"), ("team", "b")], r#"{}/{team="b"}:{alertname="x"}"#);
    check(&[("alertname", "x"), ("team", "a"), ("env", "prod")], r#"{}/{team="a"}/{env=~"prod.*"}:{alertname="x"}"#);
    check(&[("team", "c")], r#"{}/{region!="eu",team=~"b|c"}:{}"#);
    check(&[("alertname", "a\u{200b}\x07\"Σ")], r#"{}:{alertname="a\u200b\a\"Σ"}"#);
}

/// What a child with `own` groups by under a parent with `parents`.
#[test]
fn group_by_is_inherited_unless_given_even_if_empty() {
    let check = |parents: Option<&[&str]>, own: Option<&[&str]>, expected: GroupBy| {
        let mut child = route("", "team=a", false, vec![]);
        child.group_by = own.map(strings);
        let mut root = route("default", "", false, vec![child]);
        root.group_by = parents.map(strings);
        assert_eq!(tree(&root).route(RouteId(1)).group_by, expected);
    };
    let by = |names: &[&str]| GroupBy::Labels(strings(names));
    check(None, None, by(&[]));
    check(Some(&["b", "a"]), None, by(&["a", "b"]));
    check(Some(&["a"]), Some(&[]), by(&[]));
    check(Some(&["a"]), Some(&["c"]), by(&["c"]));
    check(Some(&["..."]), None, GroupBy::All);
    check(Some(&["..."]), Some(&["c"]), by(&["c"]));
    check(Some(&["..."]), Some(&[]), by(&[]));
    check(Some(&["a"]), Some(&["..."]), GroupBy::All);
}

#[test]
fn grouping_by_all_takes_every_label() {
    let mut root = route("default", "", false, vec![]);
    root.group_by = Some(strings(&["..."]));
    let all = labels(&[("alertname", "x"), ("job", "j")]);
    assert_eq!(tree(&root).root().group_labels(&all), all);
}

#[test]
fn times_and_receivers_are_inherited_but_intervals_are_not() {
    let mut child = route("", "team=a", false, vec![route("", "env=b", false, vec![])]);
    child.group_wait = Some(Duration::from_secs(1));
    child.mute_time_intervals = strings(&["nights"]);
    let mut root = route("default", "", false, vec![child]);
    root.repeat_interval = Some(Duration::from_secs(7));
    let tree = tree(&root);
    let (root, child, grandchild) = (tree.root(), tree.route(RouteId(1)), tree.route(RouteId(2)));
    assert_eq!((root.group_wait, root.group_interval), (GROUP_WAIT, GROUP_INTERVAL));
    assert_eq!((grandchild.group_wait, grandchild.repeat_interval), (Duration::from_secs(1), Duration::from_secs(7)));
    assert_eq!(&*grandchild.receiver, "default");
    assert_eq!(child.mute_time_intervals, ["nights"]);
    assert!(grandchild.mute_time_intervals.is_empty());
    assert_eq!(tree.root().children(), [RouteId(1)]);
}

#[test]
fn all_errors_are_told_at_once_each_with_its_path() {
    let mut deep = route("nobody", "env=b", false, vec![]);
    deep.group_by = Some(strings(&["a", "a", "..."]));
    deep.group_interval = Some(Duration::ZERO);
    let mut second = route("b", "team=b", false, vec![deep]);
    second.mute_time_intervals = strings(&["never"]);
    second.repeat_interval = Some(Duration::ZERO);
    let mut root = route("", "a=b", true, vec![route("a", "team=a", false, vec![]), second]);
    root.mute_time_intervals = strings(&["nights"]);
    root.active_time_intervals = strings(&["nights"]);
    let errors = RouteTree::build(&root, &names()).unwrap_err();
    let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        [
            "route: root route must specify a default receiver",
            "route: root route must not have any matchers",
            "route: cannot have continue in root route",
            "route: root route must not have any mute time intervals",
            "route: root route must not have any active time intervals",
            "route.routes[1]: repeat_interval cannot be zero",
            "route.routes[1]: undefined time interval \"never\" used in route",
            "route.routes[1].routes[0]: undefined receiver \"nobody\" used in route",
            "route.routes[1].routes[0]: group_interval cannot be zero",
            "route.routes[1].routes[0]: duplicated label \"a\" in group_by",
            "route.routes[1].routes[0]: cannot have wildcard group_by (`...`) and other labels at the same time",
        ]
    );
}

fn with_labels(mut settings: RouteSettings, labels: &[(&str, &str)]) -> RouteSettings {
    settings.labels = labels.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    settings
}

fn alert(pairs: &[(&str, &str)], end: i64) -> crate::Alert {
    let labels = labels(pairs);
    crate::Alert {
        fingerprint: labels.fingerprint(),
        labels,
        annotations: LabelSet::new(),
        starts_at: crate::Time::from_secs(0),
        ends_at: crate::Time::from_secs(end),
        updated_at: crate::Time::from_secs(0),
        generator_url: String::new(),
        ends_by_timeout: false,
        episode: crate::Episode(crate::Time::from_secs(0)),
        pictures: Default::default(),
    }
}

#[test]
fn labels_are_inherited_one_by_one_and_filled_in_with_the_group() {
    let child = with_labels(
        route("a", "team=a", false, vec![]),
        &[
            ("team", "{{ .GroupLabels.alertname }} of {{ .Receiver }}"),
            ("count", "{{ .Alerts.Firing | len }}/{{ .Alerts | len }} {{ .Status }}{{ .NotificationReason }}"),
            ("twice", "{{ routeLabels \"team\" }}, {{ routeLabels \"plain\" }}, {{ routeLabels \"none\" }}"),
        ],
    );
    let root =
        with_labels(route("default", "", false, vec![child]), &[("team", "all"), ("plain", "p"), ("x", "{{ 1 }}")]);
    let mut tree = tree(&root);
    tree.compile_labels(&crate::templates::Templates::default_set()).unwrap();
    let alerts = [alert(&[("alertname", "x"), ("team", "a")], 100), alert(&[("alertname", "x"), ("b", "c")], 10)];
    let group_labels = labels(&[("alertname", "x")]);
    let group = RouteGroup {
        receiver: "a",
        group_key: "{}",
        group_labels: &group_labels,
        alerts: &alerts,
        external_url: "http://wirephoto.example.org",
        now: crate::Time::from_secs(50),
    };
    let rendered = |route: u32| tree.route(RouteId(route)).rendered_labels(&group);
    assert_eq!(rendered(0), labels(&[("plain", "p"), ("team", "all"), ("x", "1")]));
    let expected = [("count", "1/2 firing"), ("plain", "p"), ("team", "x of a"), ("twice", "x of a, p, "), ("x", "1")];
    assert_eq!(rendered(1), labels(&expected));
}

#[test]
fn labels_that_refer_to_each_other_in_a_circle_stay_as_they_are_written() {
    let texts = [("a", "{{ routeLabels \"b\" }}"), ("b", "{{ routeLabels \"a\" }}")];
    let mut tree = tree(&with_labels(route("default", "", false, vec![]), &texts));
    tree.compile_labels(&crate::templates::Templates::default_set()).unwrap();
    let nothing = LabelSet::new();
    let now = crate::Time::from_secs(0);
    let group = RouteGroup { receiver: "", group_key: "", group_labels: &nothing, alerts: &[], external_url: "", now };
    assert_eq!(tree.root().rendered_labels(&group), labels(&texts));
}

#[test]
fn a_label_that_is_no_template_is_told_once_where_it_stands() {
    let child = route("a", "team=a", false, vec![]);
    let mut tree = tree(&with_labels(route("default", "", false, vec![child]), &[("team", "{{ nope }}")]));
    let errors = tree.compile_labels(&crate::templates::Templates::default_set()).unwrap_err();
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].starts_with("route.labels.team: ") && texts[0].contains("nope"), "{texts:?}");
}
