//! What the address of the alerts page says: filter, receiver, states, page; and the addresses that differ in one of them.
//!
//! Names and values are those of Alertmanager's page (`#/alerts?filter={a="b"}&receiver=..&silenced=true`), so that its
//! links work. Deliberately unknown here: the alerts.

use alerts::matcher::{Matcher, MatcherSet, parse::Syntax};
use url::form_urlencoded;

use crate::pages::{
    Pages,
    data::{GroupId, Shown, Wanted},
    links,
};

/// The last page that can be asked for.
const LAST_PAGE: usize = 1_000_000;

/// What the address says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    /// As it was typed, where it is not understood.
    pub(super) typed: Option<String>,
    /// Why it is not understood.
    pub(super) problem: Option<String>,
    pub(super) wanted: Wanted,
    /// This group alone.
    pub(super) group: Option<GroupId>,
    /// Counted from 0.
    pub(super) page: usize,
}

impl Filter {
    pub(super) fn parse(query: &str) -> Self {
        let mut filter = Self::default();
        let mut texts = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let shown = &mut filter.wanted.shown;
            match &*name {
                "filter" => texts.push(value.into_owned()),
                "receiver" => filter.wanted.receiver = Some(value.into_owned()).filter(|name| !name.is_empty()),
                "active" => shown.active = is_true(&value),
                "silenced" => shown.silenced = is_true(&value),
                "inhibited" => shown.inhibited = is_true(&value),
                "muted" => shown.muted = is_true(&value),
                "resolved" => shown.resolved = is_true(&value),
                "in" => filter.group = value.parse().ok(),
                "page" => filter.page = value.parse().unwrap_or(1_usize).clamp(1, LAST_PAGE) - 1,
                _ => {}
            }
        }
        match matchers(&texts) {
            Ok(matchers) => filter.wanted.filter = matchers,
            Err(problem) => (filter.typed, filter.problem) = (Some(texts.join(", ")), Some(problem)),
        }
        filter
    }

    /// The filter as the box shows it.
    pub(super) fn text(&self) -> String {
        self.typed.clone().unwrap_or_else(|| text(&self.wanted.filter))
    }

    /// With one more condition, from the first page.
    pub(super) fn with(&self, name: &str, value: &str) -> Self {
        let matcher = Matcher::equal(name, value);
        let mut next = self.rewound();
        if !next.wanted.filter.iter().any(|known| *known == matcher) {
            next.wanted.filter.push(matcher);
        }
        next
    }

    /// Without one of the conditions, from the first page.
    pub(super) fn without(&self, dropped: &Matcher) -> Self {
        let mut next = self.rewound();
        next.wanted.filter = self.wanted.filter.iter().filter(|matcher| *matcher != dropped).cloned().collect();
        next
    }

    /// With other states, from the first page.
    pub(super) fn showing(&self, shown: Shown) -> Self {
        let mut next = self.rewound();
        next.wanted.shown = shown;
        next
    }

    /// One group alone.
    pub(super) fn only(&self, group: GroupId) -> Self {
        Self { group: Some(group), page: 0, ..self.clone() }
    }

    /// All groups, from the first page.
    pub(super) fn rewound(&self) -> Self {
        Self { group: None, page: 0, typed: None, problem: None, wanted: self.wanted.clone() }
    }

    /// Another page of the same.
    pub(super) fn at(&self, page: usize) -> Self {
        Self { page, ..self.clone() }
    }

    /// The address; what is as it is by default is left out.
    pub(super) fn href(&self, pages: &Pages) -> String {
        let filter = Some(text(&self.wanted.filter)).filter(|text| !text.is_empty()).map(|text| format!("{{{text}}}"));
        let shown = self.wanted.shown;
        let group = self.group.map(|group| group.to_string()).unwrap_or_default();
        let page = if self.page > 0 { (self.page + 1).to_string() } else { String::new() };
        let yes = |is: bool| if is { "true" } else { "" };
        let pairs = [
            ("filter", filter.as_deref().unwrap_or_default()),
            ("receiver", self.wanted.receiver.as_deref().unwrap_or_default()),
            ("active", if shown.active { "" } else { "false" }),
            ("silenced", yes(shown.silenced)),
            ("inhibited", yes(shown.inhibited)),
            ("muted", yes(shown.muted)),
            ("resolved", yes(shown.resolved)),
            ("in", group.as_str()),
            ("page", page.as_str()),
        ];
        links::with_query(pages, "/alerts", pairs)
    }
}

/// Reads matchers: each text may hold several, separated by commas or lines, with or without braces.
pub(in crate::pages) fn matchers(texts: &[String]) -> Result<MatcherSet, String> {
    let lines = texts.iter().flat_map(|text| text.lines()).map(|line| line.trim().trim_end_matches(',').trim_end());
    let mut all = Vec::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let set = MatcherSet::parse(line, Syntax::Fallback).map_err(|error| error.to_string())?;
        all.extend(set.iter().cloned());
    }
    Ok(all.into_iter().collect())
}

/// Matchers as people type them.
pub(in crate::pages) fn text(matchers: &MatcherSet) -> String {
    matchers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// As checkboxes and Alertmanager's links say it.
fn is_true(value: &str) -> bool {
    matches!(value, "true" | "1" | "on")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_matchers(texts: &[&str], expected: Result<&str, &str>) {
        let texts: Vec<_> = texts.iter().map(ToString::to_string).collect();
        match (matchers(&texts), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(text(&found), expected, "{texts:?}"),
            (Err(found), Err(expected)) => assert!(found.contains(expected), "{texts:?}: {found}"),
            (found, _) => panic!("{texts:?}: {found:?}"),
        }
    }

    #[test]
    fn filters_are_read_as_alertmanager_writes_them() {
        check_matchers(&[], Ok(""));
        check_matchers(&["", "{}"], Ok(""));
        check_matchers(&[r#"{alertname="x", job=~"a|b"}"#], Ok(r#"alertname="x", job=~"a|b""#));
        check_matchers(&["severity=critical"], Ok(r#"severity="critical""#));
        check_matchers(&["a=1,", "b!=2"], Ok(r#"a="1", b!="2""#));
        check_matchers(&["a=\"1\",\r\nb!~\"2,3\"\n"], Ok(r#"a="1", b!~"2,3""#));
        check_matchers(&[r#"{a="}"}"#], Ok(r#"a="}""#));
        check_matchers(&["nonsense"], Err("nonsense"));
        check_matchers(&[r#"a=~"(""#], Err("("));
    }

    #[test]
    fn what_is_typed_is_kept_where_it_is_not_understood() {
        let filter = Filter::parse("filter=a%3D&filter=b&receiver=team&silenced=true");
        assert_eq!(filter.text(), "a=, b");
        assert!(filter.problem.is_some() && filter.wanted.filter.is_empty());
        assert_eq!(filter.wanted.receiver.as_deref(), Some("team"));
        assert!(filter.wanted.shown.silenced && filter.wanted.shown.active && !filter.wanted.shown.muted);
    }

    #[test]
    fn pages_are_counted_from_one_in_addresses() {
        let check = |query: &str, page: usize| assert_eq!(Filter::parse(query).page, page, "{query}");
        check("", 0);
        check("page=1", 0);
        check("page=3", 2);
        check("page=0", 0);
        check("page=-1", 0);
        check("page=x", 0);
        check("page=99999999999", LAST_PAGE - 1);
    }

    #[test]
    fn conditions_are_added_once_and_dropped() {
        let filter = Filter::parse("filter=a%3D1&page=4");
        let more = filter.with("b", "2").with("b", "2");
        assert_eq!((more.text().as_str(), more.page), (r#"a="1", b="2""#, 0));
        assert_eq!(more.without(&Matcher::equal("a", "1")).text(), r#"b="2""#);
    }
}
