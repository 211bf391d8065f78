//! Alerting rules as a source lists them, and which of them an alert came from.
//!
//! Deliberately unknown here: how the list is fetched and how old it may be.

use std::{sync::Arc, time::Duration};

use alerts::LabelSet;

use crate::{expression::Expression, links::Numbered};

/// An alerting rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule {
    /// What becomes the label `alertname`.
    pub name: String,
    /// Its expression.
    pub query: String,
    /// How long the expression must hold before the alert fires: the rule's `for`.
    pub hold: Duration,
    /// The labels that it adds; values may be templates.
    pub labels: LabelSet,
    /// Its annotations; values may be templates.
    pub annotations: LabelSet,
    /// vmalert's numbers of its group and of itself; elsewhere empty.
    pub group: String,
    /// See [`Rule::group`].
    pub id: String,
}

/// What is known of the rule that is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The alerts' `alertname`.
    pub name: &'a str,
    /// The labels that the alerts share.
    pub labels: &'a LabelSet,
    /// The expression in the alerts' `generatorURL`, where there is one.
    pub expression: Option<&'a Expression>,
    /// vmalert's numbers in it, where it is vmalert's.
    pub numbered: Option<&'a Numbered>,
}

/// The rules of an alert that vmalert numbered: those of its name in its group that its labels do not contradict. They share all
/// that a list tells of an alert: of several, the alert itself has to be asked.
pub fn numbered(rules: &[Arc<Rule>], wanted: &Wanted<'_>) -> Vec<Arc<Rule>> {
    let Some(numbered) = wanted.numbered else { return Vec::new() };
    let of_group = rules.iter().filter(|rule| rule.group == numbered.group && rule.name == wanted.name);
    of_group.filter(|rule| score(rule, wanted).is_some()).cloned().collect()
}

/// The rule that best fits: its name is the alerts', none of its labels contradicts theirs; of several, the one with
/// the same expression, else with the most labels in common (mixins give one name to a warning and to a critical rule).
pub fn find(rules: &[Arc<Rule>], wanted: &Wanted<'_>) -> Option<Arc<Rule>> {
    let candidates = rules.iter().filter(|rule| rule.name == wanted.name);
    let scored = candidates.filter_map(|rule| Some((score(rule, wanted)?, rule)));
    // of equals the first, as the source lists them
    let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map(|(_, rule)| Arc::clone(rule))
}

/// How well a rule of the right name fits; none when it does not.
fn score(rule: &Rule, wanted: &Wanted<'_>) -> Option<usize> {
    const SAME_EXPRESSION: usize = 1_000;
    let mut score = 0;
    for (name, value) in rule.labels.iter().filter(|(_, value)| !is_template(value)) {
        match wanted.labels.get(name) {
            Some(same) if same == value => score += 1,
            Some(_) => return None,
            None => {}
        }
    }
    let same = wanted.expression.is_some_and(|expression| expression.same_as(&Expression::new(rule.query.as_str())));
    Some(score + if same { SAME_EXPRESSION } else { 0 })
}

/// Whether a label or annotation of a rule is filled in for each alert.
pub(crate) fn is_template(text: &str) -> bool {
    text.contains("{{")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(query: &str, labels: &[(&str, &str)]) -> Arc<Rule> {
        let labels = labels.iter().copied().collect();
        Arc::new(Rule { name: "Disk".into(), query: query.into(), labels, ..Rule::default() })
    }

    fn check(labels: &[(&str, &str)], expression: Option<&str>, expected: Option<&str>) {
        let rules = [
            rule("free < 15", &[("severity", "warning")]),
            rule("free < 5", &[("severity", "critical"), ("team", "{{ $labels.team }}")]),
        ];
        let labels = labels.iter().copied().collect();
        let expression = expression.map(Expression::new);
        let wanted = Wanted { name: "Disk", labels: &labels, expression: expression.as_ref(), numbered: None };
        assert_eq!(find(&rules, &wanted).map(|rule| rule.query.clone()).as_deref(), expected);
    }

    #[test]
    fn labels_tell_rules_of_one_name_apart() {
        check(&[("severity", "warning")], None, Some("free < 15"));
        check(&[("severity", "critical"), ("team", "a")], None, Some("free < 5"));
        check(&[("severity", "info")], None, None);
    }

    #[test]
    fn the_expression_decides_where_labels_do_not() {
        check(&[], Some("free<5"), Some("free < 5"));
        check(&[], Some("free<15"), Some("free < 15"));
        check(&[], Some("other"), Some("free < 15"));
        check(&[], None, Some("free < 15"));
    }

    #[test]
    fn numbers_tell_groups_apart() {
        let rule = |group: &str, id: &str, severity: &str| {
            let labels = [("severity", severity)].into_iter().collect();
            Arc::new(Rule { name: "Disk".into(), group: group.into(), id: id.into(), labels, ..Rule::default() })
        };
        let rules =
            [rule("1", "10", "page"), rule("2", "20", "page"), rule("2", "21", "page"), rule("2", "22", "info")];
        let labels = [("severity", "page")].into_iter().collect();
        let found = |group: &str| {
            let link = Numbered { group: group.into(), alert: "7".into() };
            let wanted = Wanted { name: "Disk", labels: &labels, expression: None, numbered: Some(&link) };
            numbered(&rules, &wanted).iter().map(|rule| rule.id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(found("1"), ["10"]);
        assert_eq!(found("2"), ["20", "21"]);
        assert!(found("3").is_empty());
    }

    #[test]
    fn another_name_is_not_found() {
        let labels = LabelSet::new();
        assert_eq!(
            find(&[rule("a", &[])], &Wanted { name: "Other", labels: &labels, expression: None, numbered: None }),
            None
        );
    }
}
