//! Where texts refer to variables: `$name`, `${name}`, `${name.path:format}`, `[[name]]`, `[[name:format]]`.
//!
//! Deliberately unknown here: which variables there are.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

/// Grafana's own pattern (public/app/features/templating/template_srv.ts), with its ASCII `\w`.
static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"\$((?-u:\w)+)|\[\[((?-u:\w)+?)(?::((?-u:\w)+))?\]\]|\$\{((?-u:\w)+)(?:\.([^:}]+))?(?::([^}]+))?\}";
    Regex::new(pattern).expect("the pattern is fixed")
});

/// One place that refers to a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference<'a> {
    /// The variable's name.
    pub(super) name: &'a str,
    /// A part of its value.
    pub(super) path: Option<&'a str>,
    /// How it is written.
    pub(super) format: Option<&'a str>,
    /// Where in the text it stands.
    pub(super) place: Range<usize>,
}

/// All references of a text, in their order.
pub(super) fn references(text: &str) -> impl Iterator<Item = Reference<'_>> {
    PATTERN.captures_iter(text).filter_map(|found| {
        let group = |at: usize| found.get(at).map(|found| found.as_str());
        let name = group(1).or(group(2)).or(group(4))?;
        Some(Reference { name, path: group(5), format: group(3).or(group(6)), place: found.get(0)?.range() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, Option<&str>, Option<&str>)]) {
        let found: Vec<_> = references(text).map(|found| (found.name, found.path, found.format)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn all_forms_are_found() {
        check("a{b=~\"$job\"}[$__rate_interval]", &[("job", None, None), ("__rate_interval", None, None)]);
        check(
            "${x} ${x:regex} ${x.text:date:iso}",
            &[("x", None, None), ("x", None, Some("regex")), ("x", Some("text"), Some("date:iso"))],
        );
        check("[[x]] [[x:pipe]] $$ $ ${} [[]] ${größe}", &[("x", None, None), ("x", None, Some("pipe"))]);
        check("\"$1\"", &[("1", None, None)]);
    }
}
