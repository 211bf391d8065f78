//! In which order things are told: alerts of a group as Alertmanager orders them, pictures by severity.
//!
//! Deliberately unknown here: what is told.

use std::cmp::Ordering;

use crate::{labelled::Labelled, labels::LabelSet};

/// Alertmanager's order of the alerts in a group: by `job`, then `instance`, an alert without the label behind those with
/// it; then as [`label_sets`].
pub fn alerts(a: &LabelSet, b: &LabelSet) -> Ordering {
    present_first(a.get("job"), b.get("job"))
        .then_with(|| present_first(a.get("instance"), b.get("instance")))
        .then_with(|| label_sets(a, b))
}

/// Prometheus's order of label sets (`model/labelset.go`): fewer labels first; then, at the first name that only one of
/// them has or that has different values, the set without it, or with the smaller value.
pub fn label_sets(a: &LabelSet, b: &LabelSet) -> Ordering {
    let first_difference = || {
        a.iter().zip(b.iter()).map(|((a_name, a_value), (b_name, b_value))| {
            // The smaller name is the one that the other set lacks.
            b_name.cmp(a_name).then_with(|| a_value.cmp(b_value))
        })
    };
    a.len().cmp(&b.len()).then_with(|| first_difference().find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
}

fn present_first(a: Option<&str>, b: Option<&str>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.cmp(b),
        _ => b.is_some().cmp(&a.is_some()),
    }
}

/// How severe the values of a label are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Severities {
    /// The label that tells.
    pub label: String,
    /// Its values, the most severe first; values in one list are equally severe. All others come behind.
    pub ranks: Vec<Vec<String>>,
}

/// `severity`: critical, error or high, warning, info, others.
impl Default for Severities {
    fn default() -> Self {
        let ranks = [&["critical"][..], &["error", "high"], &["warning"], &["info"]];
        let ranks = ranks.map(|values| values.iter().map(ToString::to_string).collect());
        Self { label: "severity".to_owned(), ranks: ranks.into() }
    }
}

impl Severities {
    /// The rank of an alert: 0 is the most severe. Upper and lower case are the same.
    pub fn rank(&self, labels: &impl Labelled) -> usize {
        let value = labels.value(&self.label);
        let has = |values: &Vec<String>| values.iter().any(|known| known.eq_ignore_ascii_case(value));
        self.ranks.iter().position(has).unwrap_or(self.ranks.len())
    }
}

/// The steps that the scales of pagers are mapped from, the most severe first. Alerts tell by their label `severity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// `critical`.
    Critical,
    /// `error`, `high`.
    Error,
    /// `warning`.
    Warning,
    /// `info`.
    Info,
    /// Anything else, or nothing.
    Unknown,
}

impl Severity {
    /// How severe an alert is.
    pub fn of(labels: &impl Labelled) -> Self {
        const STEPS: [Severity; 4] = [Severity::Critical, Severity::Error, Severity::Warning, Severity::Info];
        STEPS.get(Severities::default().rank(labels)).copied().unwrap_or(Severity::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels(text: &str) -> LabelSet {
        text.split_whitespace().filter_map(|pair| pair.split_once('=')).collect()
    }

    #[test]
    fn orders_alerts_as_alertmanager_does() {
        let sorted = [
            "job=a instance=1 z=1",
            "job=a instance=2 a=1",
            "job=a a=1",
            "job=b instance=1",
            "instance=1 b=2",
            "instance=1 a=1",
            "instance=2",
            "a=1",
            "a=2",
            "a=1 c=1",
            "a=1 b=9",
            "a=2 b=1",
        ];
        for (before, after) in sorted.iter().zip(&sorted[1..]) {
            assert_eq!(alerts(&labels(before), &labels(after)), Ordering::Less, "{before} / {after}");
            assert_eq!(alerts(&labels(after), &labels(before)), Ordering::Greater, "{after} / {before}");
        }
    }

    #[test]
    fn ranks_severities() {
        let check = |value: &str, expected: usize| {
            let labels: LabelSet = [("severity", value)].into_iter().collect();
            assert_eq!(Severities::default().rank(&labels), expected, "{value}");
        };
        check("critical", 0);
        check("Critical", 0);
        check("error", 1);
        check("high", 1);
        check("warning", 2);
        check("info", 3);
        check("page", 4);
        check("", 4);
    }

    #[test]
    fn severities_are_steps() {
        let check = |value: &str, expected: Severity| {
            assert_eq!(Severity::of(&[("severity", value)].into_iter().collect::<LabelSet>()), expected, "{value}");
        };
        check("CRITICAL", Severity::Critical);
        check("high", Severity::Error);
        check("warning", Severity::Warning);
        check("info", Severity::Info);
        check("page", Severity::Unknown);
        assert!(Severity::Critical < Severity::Unknown);
    }

    fn any_labels() -> impl Strategy<Value = LabelSet> {
        let name = prop_oneof![Just("job"), Just("instance"), Just("a"), Just("b")];
        prop::collection::btree_map(name.prop_map(str::to_owned), "[xy]", 0..4).prop_map(LabelSet::from)
    }

    proptest! {
        #[test]
        fn is_an_order(a in any_labels(), b in any_labels(), c in any_labels()) {
            prop_assert_eq!(alerts(&a, &b), alerts(&b, &a).reverse());
            prop_assert_eq!(alerts(&a, &b).is_eq(), a == b);
            if alerts(&a, &b).is_le() && alerts(&b, &c).is_le() {
                prop_assert!(alerts(&a, &c).is_le());
            }
        }
    }
}
