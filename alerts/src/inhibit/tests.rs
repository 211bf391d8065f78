//! Inhibition: the rule's semantics, the index as it changes, and both against a plain search.

use proptest::prelude::*;

use super::*;
use crate::{labels::LabelSet, matcher::Syntax};

fn rule(source: &str, target: &str, equal: &[&str]) -> InhibitRule {
    let set = |text| MatcherSet::parse(text, Syntax::Fallback).unwrap();
    let equal = equal.iter().map(ToString::to_string).collect();
    InhibitRule { name: String::new(), source: set(source), target: set(target), equal }
}

fn labels(text: &str) -> LabelSet {
    text.split_whitespace().filter_map(|pair| pair.split_once('=')).collect()
}

fn index(rules: &[InhibitRule], firing: &[&str]) -> InhibitIndex {
    let mut index = InhibitIndex::new(rules.to_vec());
    for alert in firing.iter().map(|text| labels(text)) {
        index.observe(alert.fingerprint(), &alert, true);
    }
    index
}

/// Whether `alert` is inhibited, and by which of the firing ones.
fn check(rules: &[InhibitRule], firing: &[&str], alert: &str, by: Option<&str>) {
    let found = index(rules, firing).inhibited_by(&labels(alert));
    assert_eq!(found, by.map(|text| labels(text).fingerprint()), "{alert} with {firing:?}");
}

#[test]
fn a_firing_source_with_equal_labels_inhibits() {
    let rules = [rule("alertname=JobDown", "alertname=InstanceDown", &["job", "zone"])];
    let down = "alertname=JobDown job=a zone=aa";
    check(&rules, &[down], "alertname=InstanceDown job=a zone=aa", Some(down));
    check(&rules, &[down], "alertname=InstanceDown job=a zone=ab", None);
    check(&rules, &[down], "alertname=Other job=a zone=aa", None);
    check(&rules, &[], "alertname=InstanceDown job=a zone=aa", None);
}

#[test]
fn labels_that_both_lack_are_equal() {
    let rules = [rule("s=1", "t=1", &["job", "zone"])];
    check(&rules, &["s=1"], "t=1", Some("s=1"));
    check(&rules, &["s=1 job=a"], "t=1 job=a", Some("s=1 job=a"));
    check(&rules, &["s=1 job=a"], "t=1", None);
    check(&rules, &["s=1 job=a"], "t=1 zone=a", None);
}

#[test]
fn without_equal_labels_any_source_inhibits() {
    check(&[rule("s=1", "t=1", &[])], &["s=1 job=a"], "t=1 job=b", Some("s=1 job=a"));
}

#[test]
fn an_alert_on_both_sides_is_not_inhibited_by_its_like() {
    let rules = [rule("s=1", "t=1", &["e"])];
    check(&rules, &["s=1 t=1 e=1"], "s=1 t=1 e=1", None);
    check(&rules, &["s=1 t=1 e=1 other=1"], "s=1 t=1 e=1", None);
    check(&rules, &["s=1 e=1"], "s=1 t=1 e=1", Some("s=1 e=1"));
    check(&rules, &["s=1 t=1 e=1"], "t=1 e=1", Some("s=1 t=1 e=1"));
}

#[test]
fn an_empty_rule_is_legal_and_inhibits_nothing() {
    check(&[InhibitRule::default()], &["a=1", "b=1"], "a=1", None);
}

/// prometheus/alertmanager#5162.
#[test]
fn of_two_sources_with_one_key_the_one_left_still_inhibits() {
    let rules = [rule("s=1", "t=1", &["e"])];
    let (first, second, target) = (labels("s=1 e=1 n=1"), labels("s=1 e=1 n=2"), labels("t=1 e=1"));
    for (resolved, left) in [(&first, &second), (&second, &first)] {
        let mut index = index(&rules, &["s=1 e=1 n=1", "s=1 e=1 n=2"]);
        assert!(index.observe(resolved.fingerprint(), resolved, false));
        assert_eq!(index.inhibited_by(&target), Some(left.fingerprint()));
        assert!(index.observe(left.fingerprint(), left, false));
        assert_eq!(index.inhibited_by(&target), None);
    }
}

/// prometheus/alertmanager#5174.
#[test]
fn a_source_on_both_sides_does_not_hide_one_on_one_side() {
    let rules = [rule("s=1", "t=1", &["e"])];
    for firing in [["s=1 t=1 e=1 a=1", "s=1 e=1"], ["s=1 e=1", "s=1 t=1 e=1 a=1"]] {
        check(&rules, &firing, "s=1 t=1 e=1", Some("s=1 e=1"));
    }
}

#[test]
fn a_clone_does_not_see_what_comes_later() {
    let rules = [rule("s=1", "t=1", &[]), rule("x=1", "y=1", &[])];
    let mut index = index(&rules, &["x=1"]);
    let snapshot = index.clone();
    let source = labels("s=1");
    assert!(index.observe(source.fingerprint(), &source, true));
    assert!(!index.observe(source.fingerprint(), &source, true), "observed twice");
    assert!(!index.observe(labels("z=1").fingerprint(), &labels("z=1"), true), "no source");
    assert_eq!(snapshot.inhibited_by(&labels("t=1")), None);
    assert_eq!(index.inhibited_by(&labels("t=1")), Some(source.fingerprint()));
    assert!(Arc::ptr_eq(&snapshot.rules[1], &index.rules[1]), "an unchanged rule is shared");
}

/// The semantics without an index.
fn search(rules: &[InhibitRule], firing: &[LabelSet], alert: &LabelSet) -> bool {
    rules.iter().any(|rule| {
        let equal = |source: &LabelSet| rule.equal.iter().all(|name| source.value(name) == alert.value(name));
        let guarded = |source: &LabelSet| rule.source.matches(alert) && rule.target.matches(source);
        let inhibits = |source: &&LabelSet| rule.source.matches(*source) && equal(source) && !guarded(source);
        rule.target.matches(alert) && firing.iter().find(inhibits).is_some()
    })
}

fn any_alert() -> impl Strategy<Value = LabelSet> {
    prop::collection::btree_map("[ste]", "[12]", 0..4).prop_map(LabelSet::from)
}

proptest! {
    #[test]
    fn the_index_finds_what_a_search_finds(
        events in prop::collection::vec((any_alert(), any::<bool>()), 0..20), alerts in prop::collection::vec(any_alert(), 4),
    ) {
        let rules = [rule("s=1", "t=1", &["e"]), rule("s=2", "t=~'1|2'", &[]), rule("e!=1", "s=1", &["t", "e"])];
        let mut index = InhibitIndex::new(rules.to_vec());
        let mut firing: Vec<LabelSet> = Vec::new();
        for (alert, fires) in events {
            firing.retain(|other| *other != alert);
            index.observe(alert.fingerprint(), &alert, fires);
            firing.extend(fires.then_some(alert));
        }
        for alert in alerts {
            let found = index.inhibited_by(&alert);
            prop_assert_eq!(found.is_some(), search(&rules, &firing, &alert), "{} among {:?}", alert, firing);
        }
    }
}
