//! The configuration's `[[panels]]`: which panel belongs to alerts with certain labels; and what a picture's subject names.
//!
//! Deliberately unknown here: whether sources have such panels, how one is drawn.

use std::{collections::BTreeMap, time::Duration};

use alerts::{
    Alert, LabelSet,
    matcher::{MatcherSet, Syntax},
    picture::Subject,
};
use serde::Deserialize;
use url::{Url, form_urlencoded};

use crate::{choose::http_url, label_text::LabelText};

/// One `[[panels]]`. It says what is shown: `query`, `dashboard` and `panel`, `image_url`, or `page_url`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PanelConfig {
    /// Which alerts it is for: `alertname="DiskFull"`. Empty: all.
    pub matchers: Vec<String>,
    /// The source's name; not needed where there is only one of the type.
    pub source: Option<String>,
    /// A query, in the source's language.
    pub query: Option<LabelText>,
    /// The uid of a dashboard of a source of type `grafana`.
    pub dashboard: Option<String>,
    /// The number of its panel.
    pub panel: Option<u64>,
    /// An address that answers with a picture.
    pub image_url: Option<LabelText>,
    /// An address of a page that is photographed.
    pub page_url: Option<LabelText>,
    /// The part of the page that is shown, as a CSS selector.
    pub selector: Option<String>,
    /// What must be on the page before it is photographed, as a CSS selector.
    pub wait_for: Option<String>,
    /// Variables of the dashboard: `node = "{{ $labels.instance }}"`. One whose label is missing keeps its default.
    pub variables: BTreeMap<String, LabelText>,
    /// The title; without it the panel's own, or the alert's.
    pub title: Option<LabelText>,
    /// The unit of a query's values, as Grafana names it: `bytes`, `percent`.
    pub unit: Option<String>,
    /// The shortest window, in place of `screenshots.range`.
    #[serde(deserialize_with = "optional_duration")]
    pub range: Option<Duration>,
    /// The size in points, in place of the one in `screenshots`.
    pub width: Option<u32>,
    /// The same of the height.
    pub height: Option<u32>,
}

fn optional_duration<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| alerts::duration::parse(&text).map_err(serde::de::Error::custom)).transpose()
}

/// What a panel shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// A query.
    Query(LabelText),
    /// A panel of a dashboard.
    Dashboard { uid: String, panel: u64 },
    /// A picture that somebody else makes.
    Image(LabelText),
    /// A page.
    Page { url: LabelText, selector: Option<String>, wait_for: Option<String> },
}

/// A checked `[[panels]]`.
#[derive(Clone, Debug)]
pub(crate) struct PanelRule {
    pub(crate) matchers: MatcherSet,
    pub(crate) source: Option<String>,
    pub(crate) shown: Shown,
    pub(crate) variables: BTreeMap<String, LabelText>,
    pub(crate) title: Option<LabelText>,
    pub(crate) unit: Option<String>,
    pub(crate) range: Option<Duration>,
    pub(crate) size: (Option<u32>, Option<u32>),
}

impl PanelRule {
    /// Checks a section.
    ///
    /// # Errors
    /// Everything that is wrong in it, one line each.
    pub(crate) fn new(config: &PanelConfig) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let matchers = MatcherSet::parse_list(&config.matchers, Syntax::default()).unwrap_or_else(|error| {
            problems.push(format!("matchers: {error}"));
            MatcherSet::default()
        });
        let shown = shown(config).map_err(|problem| problems.push(problem)).ok();
        if !config.variables.is_empty() && !matches!(shown, None | Some(Shown::Dashboard { .. })) {
            problems.push("variables belong to a dashboard".to_owned());
        }
        if (config.selector.is_some() || config.wait_for.is_some()) && config.page_url.is_none() {
            problems.push("selector and wait_for belong to page_url".to_owned());
        }
        match shown {
            Some(shown) if problems.is_empty() => Ok(Self {
                matchers,
                source: config.source.clone(),
                shown,
                variables: config.variables.clone(),
                title: config.title.clone(),
                unit: config.unit.clone(),
                range: config.range,
                size: (config.width, config.height),
            }),
            _ => Err(problems),
        }
    }
}

fn shown(config: &PanelConfig) -> Result<Shown, String> {
    let ways = [
        config.query.is_some(),
        config.dashboard.is_some() || config.panel.is_some(),
        config.image_url.is_some(),
        config.page_url.is_some(),
    ];
    if ways.iter().filter(|given| **given).count() != 1 {
        return Err("say what is shown with one of query, dashboard and panel, image_url, page_url".to_owned());
    }
    match (&config.query, &config.dashboard, config.panel, &config.image_url, &config.page_url) {
        (Some(query), ..) => Ok(Shown::Query(query.clone())),
        (_, Some(uid), Some(panel), ..) => Ok(Shown::Dashboard { uid: uid.clone(), panel }),
        (_, Some(_), None, ..) => Err("panel is missing: the number of the dashboard's panel".to_owned()),
        (_, None, Some(_), ..) => Err("dashboard is missing: the uid of the panel's dashboard".to_owned()),
        (.., Some(url), _) => checked("image_url", url).map(Shown::Image),
        (.., Some(url)) => {
            let (selector, wait_for) = (config.selector.clone(), config.wait_for.clone());
            checked("page_url", url).map(|url| Shown::Page { url, selector, wait_for })
        }
        _ => Err("say what is shown".to_owned()),
    }
}

/// The host is the configuration's: no label can lead a request elsewhere.
fn checked(key: &str, url: &LabelText) -> Result<LabelText, String> {
    let fixed = url.fixed_beginning();
    let ends_with_host = |url: &Url| fixed.len() > url.origin().ascii_serialization().len();
    let whole = fixed == url.to_string();
    // a query may stand in it, which a source's URL may not have
    let base = fixed.split(['?', '#']).next().unwrap_or_default();
    match http_url(base) {
        Ok(base) if whole || ends_with_host(&base) => Ok(url.clone()),
        Ok(_) => Err(format!("{key}: labels may stand behind the host only")),
        Err(problem) => Err(format!("{key}: {problem}")),
    }
}

/// What a [`Subject`] names, read from its texts and printed into them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PanelRef {
    /// A rule's own expression.
    Rule,
    /// A panel of a dashboard.
    Dashboard { uid: String, panel: u64 },
    /// The `[[panels]]` of this place.
    Configured(usize),
}

impl PanelRef {
    /// Reads [`Subject::panel`].
    pub(crate) fn of(subject: &Subject) -> Self {
        let text = subject.panel.as_str();
        let dashboard = text.strip_prefix("dashboard/").and_then(|rest| rest.rsplit_once('/'));
        if let Some((uid, panel)) = dashboard.and_then(|(uid, panel)| Some((uid, panel.parse().ok()?))) {
            return PanelRef::Dashboard { uid: uid.to_owned(), panel };
        }
        match text.strip_prefix("panels/").and_then(|at| at.parse().ok()) {
            Some(at) => PanelRef::Configured(at),
            None => PanelRef::Rule,
        }
    }

    /// As [`Subject::panel`]; a rule's is printed elsewhere, with its name.
    pub(crate) fn print(&self) -> String {
        match self {
            PanelRef::Rule => "rule".to_owned(),
            PanelRef::Dashboard { uid, panel } => format!("dashboard/{uid}/{panel}"),
            PanelRef::Configured(at) => format!("panels/{at}"),
        }
    }
}

/// Variables as [`Subject::variables`]: `node=db-1&env=prod`, by their names.
pub(crate) fn print_variables(variables: &[(String, String)]) -> String {
    let mut text = form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(variables).finish()
}

/// The reverse of [`print_variables`].
pub(crate) fn read_variables(text: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// The variables that these labels give; those whose labels are missing are left out.
pub(crate) fn variables_of(texts: &BTreeMap<String, LabelText>, labels: &LabelSet) -> Vec<(String, String)> {
    let value = |text: &LabelText| text.fill(labels, str::to_owned);
    texts.iter().filter_map(|(name, text)| Some((name.clone(), value(text)?))).collect()
}

/// The first rule that is for the alert: its place.
pub(crate) fn matching(rules: &[PanelRule], alert: &Alert) -> Option<usize> {
    rules.iter().position(|rule| rule.matchers.matches(&alert.labels))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(toml: &str, problem: Option<&str>) {
        let config: PanelConfig = toml::from_str(toml).expect("the keys are right");
        match (PanelRule::new(&config), problem) {
            (Ok(_), None) => {}
            (Err(found), Some(expected)) => assert!(found.join("\n").contains(expected), "{toml}: {found:?}"),
            (found, expected) => panic!("{toml}: {found:?}, not {expected:?}"),
        }
    }

    #[test]
    fn a_panel_says_what_is_shown() {
        check("query = 'up'\nunit = 'percent'\nrange = '6h'", None);
        check("dashboard = 'abc'\npanel = 3\nvariables = { node = '{{ $labels.instance }}' }", None);
        check("image_url = 'https://img.test/render?host={{ $labels.instance }}'", None);
        check("page_url = 'https://wiki.test/x'\nselector = '#graph'", None);
        check("", Some("say what is shown"));
        check("query = 'up'\nimage_url = 'http://x.test/'", Some("one of query"));
        check("dashboard = 'abc'", Some("panel is missing"));
        check("panel = 3", Some("dashboard is missing"));
        check("query = 'up'\nvariables = { a = 'b' }", Some("variables belong to a dashboard"));
        check("query = 'up'\nselector = 'a'", Some("belong to page_url"));
        check("query = 'up'\nmatchers = ['=']", Some("matchers"));
    }

    /// A label must not choose the host that is asked.
    #[test]
    fn labels_do_not_lead_elsewhere() {
        check("image_url = 'http://{{ $labels.instance }}/'", Some("image_url"));
        check("image_url = 'http://img{{ $labels.instance }}/'", Some("behind the host"));
        check("image_url = 'http://img.test{{ $labels.instance }}'", Some("behind the host"));
        check("image_url = 'http://img.test/{{ $labels.instance }}'", None);
        check("page_url = 'file:///etc/passwd'", Some("page_url"));
        check("page_url = 'http://user:pw@x.test/'", Some("contains credentials"));
    }

    #[test]
    fn subjects_are_read_as_they_are_printed() {
        let subject = |panel: &str| Subject { source: "s".into(), panel: panel.into(), variables: String::new() };
        for panel in [PanelRef::Dashboard { uid: "a/b".into(), panel: 7 }, PanelRef::Configured(3)] {
            assert_eq!(PanelRef::of(&subject(&panel.print())), panel);
        }
        assert_eq!(PanelRef::of(&subject("rule/X/dashboard/1")), PanelRef::Rule);
        let variables = vec![("a b".to_owned(), "x&y=z".to_owned()), ("größe".to_owned(), String::new())];
        assert_eq!(read_variables(&print_variables(&variables)), variables);
    }
}
