//! Names of series for the legend: only the labels in which they differ.
//!
//! Deliberately unknown here: values, roles, how much room the legend has.

use std::collections::BTreeSet;

use alerts::LabelSet;

/// The longest label value, in characters.
const LONGEST_VALUE: usize = 40;
/// The longest name, in characters.
const LONGEST_NAME: usize = 100;

/// Names for series that are shown together, each given as (labels, query): `{instance="a"}`, `up{instance="a"}` where
/// the metrics differ too, the metric or else the query where no label is left to tell.
pub(crate) fn named(shown: &[(&LabelSet, &str)]) -> Vec<String> {
    let telling = telling_labels(shown);
    let metrics: BTreeSet<&str> = shown.iter().map(|(labels, _)| labels.value("__name__")).collect();
    let queries: BTreeSet<&str> = shown.iter().map(|(_, query)| *query).collect();
    let name = |(labels, query): &(&LabelSet, &str)| {
        let pairs: Vec<String> = labels.iter().filter(|(name, _)| telling.contains(name)).map(pair).collect();
        let metric = labels.value("__name__");
        let head = match metric {
            "" if pairs.is_empty() || queries.len() > 1 => *query,
            _ if pairs.is_empty() || metrics.len() > 1 => metric,
            _ => "",
        };
        let tail = if pairs.is_empty() { String::new() } else { format!("{{{}}}", pairs.join(", ")) };
        shortened(&[&one_line(head), tail.as_str()].concat(), LONGEST_NAME)
    };
    shown.iter().map(name).collect()
}

/// The labels whose values are not the same everywhere; of a single series, all.
fn telling_labels<'a>(shown: &[(&'a LabelSet, &str)]) -> BTreeSet<&'a str> {
    let names: BTreeSet<&str> = shown.iter().flat_map(|(labels, _)| labels.iter().map(|(name, _)| name)).collect();
    let differs = |name: &&str| {
        let values: BTreeSet<Option<&str>> = shown.iter().map(|(labels, _)| labels.get(name)).collect();
        values.len() > 1 || shown.len() == 1
    };
    names.into_iter().filter(|name| *name != "__name__").filter(differs).collect()
}

fn pair((name, value): (&str, &str)) -> String {
    format!("{name}={:?}", shortened(value, LONGEST_VALUE))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some(_) => text.chars().take(longest - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(shown: &[(&[(&str, &str)], &str)], expected: &[&str]) {
        let labels: Vec<LabelSet> = shown.iter().map(|(pairs, _)| pairs.iter().copied().collect()).collect();
        let shown: Vec<(&LabelSet, &str)> = labels.iter().zip(shown).map(|(l, (_, query))| (l, *query)).collect();
        assert_eq!(named(&shown), expected);
    }

    #[test]
    fn only_labels_that_differ() {
        check(
            &[
                (&[("__name__", "up"), ("instance", "a"), ("job", "x")], "up"),
                (&[("__name__", "up"), ("instance", "b"), ("job", "x")], "up"),
            ],
            &["{instance=\"a\"}", "{instance=\"b\"}"],
        );
        check(&[(&[("a", "1"), ("b", "2")], "q"), (&[("a", "1")], "q")], &["{b=\"2\"}", "q"]);
    }

    #[test]
    fn a_single_series_has_all_its_labels() {
        check(&[(&[("__name__", "up"), ("instance", "a"), ("job", "x")], "up")], &["{instance=\"a\", job=\"x\"}"]);
        check(&[(&[("__name__", "up")], "up")], &["up"]);
        check(&[(&[], "sum(rate(x[5m]))")], &["sum(rate(x[5m]))"]);
        check(&[], &[]);
    }

    #[test]
    fn metrics_and_queries_tell_where_labels_do_not() {
        check(&[(&[("__name__", "a")], "a"), (&[("__name__", "b")], "b")], &["a", "b"]);
        check(
            &[(&[("__name__", "a"), ("x", "1")], "a"), (&[("__name__", "b"), ("x", "2")], "b")],
            &["a{x=\"1\"}", "b{x=\"2\"}"],
        );
        check(&[(&[("x", "1")], "sum(a)"), (&[("x", "1")], "sum(b)")], &["sum(a)", "sum(b)"]);
    }

    #[test]
    fn long_names_are_shortened() {
        let value = "v".repeat(200);
        check(&[(&[("a", value.as_str())], "q")], &[&format!("{{a=\"{}…\"}}", "v".repeat(39))]);
        check(&[(&[], value.as_str())], &[&format!("{}…", "v".repeat(99))]);
    }
}
