//! Which source and which panel belong to an alert, from the configuration and the alert alone.
//!
//! Deliberately unknown here: whether the source answers, and what the panel looks like.

use std::collections::BTreeMap;

use alerts::{
    Alert, LabelSet,
    matcher::{MatcherSet, Syntax},
    picture::{DASHBOARD_UID, PANEL_ID, Subject},
    ports::NoPicture,
};
use url::Url;

use crate::{
    error::quoted,
    expression::Language,
    label_text::LabelText,
    links::{expression_in, is_of_loki, numbered_in},
    own,
    panels::{self, PanelRef, PanelRule, Shown},
};

/// What a source is recognised by.
#[derive(Clone, Debug)]
pub struct Recognition {
    /// The source's configured name.
    pub name: String,
    /// How it calls itself in links.
    pub external_urls: Vec<Url>,
    /// Which alerts are its own when no link tells.
    pub matchers: MatcherSet,
    /// What its queries are written in.
    pub language: Language,
    /// Variables of its dashboards.
    pub variables: BTreeMap<String, LabelText>,
}

impl Recognition {
    /// Reads what the configuration says.
    ///
    /// # Errors
    /// Everything that is wrong, one line each.
    pub fn new(name: &str, urls: &[&str], matchers: &[String]) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let mut external_urls = Vec::new();
        for url in urls {
            match http_url(url) {
                Ok(url) => external_urls.push(url),
                Err(problem) => problems.push(problem),
            }
        }
        let matchers = MatcherSet::parse_list(matchers, Syntax::default()).unwrap_or_else(|error| {
            problems.push(format!("matchers: {error}"));
            MatcherSet::default()
        });
        if problems.is_empty() {
            let (name, language, variables) = (name.to_owned(), Language::default(), BTreeMap::new());
            Ok(Self { name, external_urls, matchers, language, variables })
        } else {
            Err(problems)
        }
    }

    /// How well a link fits: the length of the path that it shares.
    fn fits(&self, link: &Url) -> Option<usize> {
        let fitting = self.external_urls.iter().filter(|url| is_below(link, url));
        fitting.map(|url| url.path().trim_end_matches('/').len()).max()
    }

    fn claims(&self, labels: &LabelSet) -> bool {
        !self.matchers.is_empty() && self.matchers.matches(labels)
    }
}

/// A URL that may be asked: http or https, with a host, without credentials (they would end up in logs).
pub(crate) fn http_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{text:?} is not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(format!("{text:?} is not an http or https URL"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("the URL of {} contains credentials: use basic_auth", url.host_str().unwrap_or_default()));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("{text:?} has a query or a fragment: only the part before /api/v1 belongs here"));
    }
    Ok(url)
}

/// Whether a link is on the same origin and at or below the same path.
fn is_below(link: &Url, base: &Url) -> bool {
    let path = base.path().trim_end_matches('/');
    let below = link.path().strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    link.origin() == base.origin() && below
}

/// Says which panel belongs to an alert, in this order: the picture that it brings, the panel that it names, a configured one
/// for its labels, its rule's own expression.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chooser {
    /// The sources of series.
    pub(crate) sources: Vec<Recognition>,
    /// The sources of dashboards.
    pub(crate) grafanas: Vec<Recognition>,
    /// The configured panels.
    pub(crate) panels: Vec<PanelRule>,
}

impl Chooser {
    /// Whether nothing is configured that an alert could be shown by.
    pub(crate) fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.grafanas.is_empty() && self.panels.is_empty()
    }

    /// The panel of an alert.
    ///
    /// # Errors
    /// What is missing, in the words of Grafana's troubleshooting guide.
    pub(crate) fn subject(&self, alert: &Alert) -> Result<Subject, NoPicture> {
        if let Some(own) = own::subject(alert) {
            return Ok(own);
        }
        let named = match named_panel(alert) {
            Ok(Some(panel)) => match self.dashboard_source(alert) {
                Ok(source) => return Ok(dashboard(source, panel, alert)),
                Err(why) => Some(why),
            },
            Ok(None) => None,
            Err(why) => Some(why),
        };
        if let Some(at) = panels::matching(&self.panels, alert) {
            return Ok(self.configured(at, alert));
        }
        match (self.rule(alert), named) {
            (Ok(subject), _) => Ok(subject),
            // what the alert says about itself comes before what it does not say
            (Err(_), Some(why)) => Err(why),
            (Err(why), None) => Err(why),
        }
    }

    /// In order: the source whose URL the alert's link begins with, the first whose matchers match, the only one there is.
    fn dashboard_source(&self, alert: &Alert) -> Result<&Recognition, NoPicture> {
        source(&self.grafanas, alert).map_err(|_| {
            let why = match self.grafanas.len() {
                0 => "there is no source of type \"grafana\" in the configuration".to_owned(),
                count => format!("none of its links is below the external_urls of the {count} sources of type \"grafana\", and the matchers of none match its labels"),
            };
            NoPicture(format!("Cannot take screenshot for alert rule although it is associated with a panel: {why}"))
        })
    }

    fn configured(&self, at: usize, alert: &Alert) -> Subject {
        let rule = &self.panels[at];
        let variables = match &rule.shown {
            Shown::Dashboard { .. } => panels::variables_of(&rule.variables, &alert.labels),
            // what is filled in makes pictures different
            Shown::Query(text) | Shown::Image(text) | Shown::Page { url: text, .. } => text.values(&alert.labels),
        };
        let of_type = if matches!(rule.shown, Shown::Dashboard { .. }) { &self.grafanas } else { &self.sources };
        let source = rule.source.clone().or_else(|| source(of_type, alert).ok().map(|source| source.name.clone()));
        let panel = PanelRef::Configured(at).print();
        Subject { source: source.unwrap_or_default(), panel, variables: panels::print_variables(&variables) }
    }

    /// The rule's own expression at its source.
    fn rule(&self, alert: &Alert) -> Result<Subject, NoPicture> {
        let source = source(&self.sources, alert)?;
        let expression = expression_in(&alert.generator_url).unwrap_or_default();
        if alert.name().is_empty() && expression.is_empty() {
            let words = "Cannot take screenshot for alert rule as it is not associated with a rule: it has neither an alertname nor an expression in its generatorURL";
            return Err(NoPicture(words.to_owned()));
        }
        // vmalert's link has no expression: rules of one name are told apart by their group, and in it by what they mostly differ in
        let severity = alert.labels.value("severity");
        let numbered = numbered_in(&alert.generator_url);
        let place = numbered.map_or(expression, |numbered| format!("{}/{severity}", numbered.group));
        let panel = format!("rule/{}/{place}", alert.name());
        Ok(Subject { source: source.name.clone(), panel, variables: String::new() })
    }
}

/// The panel that the alert's annotations name, as Grafana writes them.
fn named_panel(alert: &Alert) -> Result<Option<PanelRef>, NoPicture> {
    let get = |name: &str| alert.annotations.get(name).filter(|value| !value.is_empty());
    match (get(DASHBOARD_UID), get(PANEL_ID)) {
        (None, None) => Ok(None),
        (Some(uid), Some(panel)) => match panel.trim().trim_start_matches("panel-").parse() {
            Ok(panel) => Ok(Some(PanelRef::Dashboard { uid: uid.to_owned(), panel })),
            Err(_) => Err(NoPicture(format!(
                "Cannot take screenshot for alert rule as its {PANEL_ID} {:?} is no number",
                quoted(panel.as_bytes())
            ))),
        },
        (Some(_), None) => Err(NoPicture(format!(
            "Cannot take screenshot for alert rule as it is not associated with a panel: it has no {PANEL_ID}"
        ))),
        (None, Some(_)) => Err(NoPicture(format!(
            "Cannot take screenshot for alert rule as it is not associated with a dashboard: it has no {DASHBOARD_UID}"
        ))),
    }
}

fn dashboard(source: &Recognition, panel: PanelRef, alert: &Alert) -> Subject {
    let variables = panels::variables_of(&source.variables, &alert.labels);
    Subject { source: source.name.clone(), panel: panel.print(), variables: panels::print_variables(&variables) }
}

/// The alert's own link, then those of the panel that it names.
fn links(alert: &Alert) -> impl Iterator<Item = Url> {
    let named = ["__panelURL__", "__dashboardURL__"].map(|name| alert.annotations.value(name));
    [alert.generator_url.as_str()].into_iter().chain(named).filter_map(|link| Url::parse(link).ok())
}

/// In order: the source whose URL the alert's link begins with (the longest; of equals, one of the link's language), the first
/// whose matchers match, the only one there is.
fn source<'a>(sources: &'a [Recognition], alert: &Alert) -> Result<&'a Recognition, NoPicture> {
    let linked = links(alert).find_map(|link| {
        // a Prometheus and a Loki may have the same Grafana for their links
        let of_loki = is_of_loki(link.as_str());
        let speaks = |source: &Recognition| of_loki == (source.language == Language::LogQl);
        let fitting = sources.iter().filter_map(|source| Some(((source.fits(&link)?, speaks(source)), source)));
        fitting.reduce(|best, next| if next.0 > best.0 { next } else { best })
    });
    let claimed = || sources.iter().find(|source| source.claims(&alert.labels));
    match (linked, sources) {
        (Some((_, source)), _) => Ok(source),
        (None, [only]) => Ok(only),
        (None, _) => claimed().ok_or_else(|| NoPicture(no_source(sources.len(), &alert.generator_url))),
    }
}

fn no_source(sources: usize, generator_url: &str) -> String {
    let why = match (sources, generator_url) {
        (0, _) => "there are no [[sources]] in the configuration".to_owned(),
        (_, "") => {
            format!("it has no generatorURL, and the matchers of none of the {sources} sources match its labels")
        }
        (_, url) => format!(
            "its generatorURL {:?} is below the external_urls of none of the {sources} sources, and the matchers of none match its labels",
            quoted(url.as_bytes())
        ),
    };
    format!("Cannot take screenshot for alert rule as it is not associated with a source: {why}")
}

#[cfg(test)]
mod tests {
    use alerts::{Episode, Time, alert::PictureSlots, own::OWN_PICTURE};

    use super::*;

    fn alert(labels: &[(&str, &str)], generator_url: &str) -> Alert {
        let labels: LabelSet = labels.iter().copied().collect();
        Alert {
            fingerprint: labels.fingerprint(),
            labels,
            annotations: LabelSet::new(),
            starts_at: Time::default(),
            ends_at: Time::MAX,
            ends_by_timeout: false,
            updated_at: Time::default(),
            generator_url: generator_url.to_owned(),
            episode: Episode::default(),
            pictures: PictureSlots::default(),
        }
    }

    fn sources() -> Vec<Recognition> {
        let matchers = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        vec![
            Recognition::new("main", &["http://prom:9090", "https://ops.test/prom/"], &[]).expect("valid"),
            Recognition::new("team", &["https://ops.test/prom/team"], &matchers(&["team=\"a\"", "env=~\"p.*\""]))
                .expect("valid"),
        ]
    }

    /// `source panel`, or the reason why there is none.
    fn check(sources: &[Recognition], labels: &[(&str, &str)], url: &str, expected: &str) {
        let chooser = Chooser { sources: sources.to_vec(), ..Chooser::default() };
        let subject = chooser.subject(&alert(labels, url));
        let shown = subject.map_or_else(|no| no.to_string(), |subject| format!("{} {}", subject.source, subject.panel));
        assert!(shown.contains(expected), "{shown}");
    }

    const X: (&str, &str) = ("alertname", "X");

    #[test]
    fn the_link_decides() {
        let all = sources();
        check(&all, &[X], "http://prom:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1", "main rule/X/up == 0");
        check(&all, &[X], "https://ops.test/prom/graph?g0.expr=up", "main rule/X/up");
        check(&all, &[X], "https://ops.test/prom/team/graph?g0.expr=up", "team rule/X/up");
        check(&all, &[X], "https://ops.test/prom/teams", "main rule/X/");
        check(&all, &[X], "https://ops.test/prom", "main rule/X/");
        let vmalert = "https://ops.test/prom/vmalert/alert?group_id=5&alert_id=7";
        check(&all, &[X, ("severity", "page")], vmalert, "main rule/X/5/page");
    }

    #[test]
    fn one_grafana_has_the_links_of_two_sources() {
        let of = |name: &str, language| {
            let recognition = Recognition::new(name, &["https://graf.test"], &[]).expect("valid");
            Recognition { language, ..recognition }
        };
        let all = [of("prom", Language::PromQl), of("logs", Language::LogQl)];
        let explore = r#"https://graf.test/explore?left={"queries":[{"expr":"up","datasource":{"type":"KIND"}}]}"#;
        check(&all, &[X], &explore.replace("KIND", "loki"), "logs rule/X/up");
        check(&all, &[X], &explore.replace("KIND", "prometheus"), "prom rule/X/up");
    }

    #[test]
    fn then_the_matchers_then_the_only_one() {
        let all = sources();
        check(&all, &[X, ("team", "a"), ("env", "prod")], "http://elsewhere/graph", "team rule/X/");
        check(&all[..1], &[X], "http://elsewhere/graph", "main rule/X/");
        check(&all[1..], &[X], "", "team rule/X/");
        check(&all[..1], &[X], "not a url", "main rule/X/");
    }

    #[test]
    fn else_the_reason() {
        let all = sources();
        check(
            &all,
            &[X, ("team", "a")],
            "http://prom:9091/graph",
            "\"http://prom:9091/graph\" is below the external_urls of none",
        );
        check(&all, &[X], "https://prom:9090/graph", "not associated with a source");
        check(&all, &[X], "", "it has no generatorURL");
        check(&[], &[X], "", "there are no [[sources]]");
        check(&all[..1], &[("a", "b")], "", "not associated with a rule");
    }

    #[test]
    fn bad_configuration_is_told() {
        let wrong = |url: &str, matcher: &str| {
            Recognition::new("x", &[url], &[matcher.to_owned()]).expect_err("wrong").join("; ")
        };
        assert!(wrong("ftp://a", "a=\"b\"").contains("not an http or https URL"));
        assert!(wrong("http://u:secret@a", "a=\"b\"").contains("use basic_auth"));
        assert!(!wrong("http://u:secret@a", "a=\"b\"").contains("secret"));
        assert!(wrong("http://a?b=c", "a=\"b\"").contains("query or a fragment"));
        assert!(wrong("nonsense", "a=~\"(\"").contains("not a URL"));
        assert!(wrong("nonsense", "a=~\"(\"").contains("matchers:"));
    }

    fn panel(toml: &str) -> PanelRule {
        PanelRule::new(&toml::from_str(toml).expect("the keys are right")).expect("it is right")
    }

    fn chooser() -> Chooser {
        let node = LabelText::parse("{{ $labels.instance }}").expect("a text");
        let mut grafana = Recognition::new("graf", &["https://graf.test"], &[]).expect("valid");
        grafana.variables = [("node".to_owned(), node)].into();
        let panels = vec![
            panel("matchers = ['alertname=\"Q\"']\nquery = 'disk{instance=\"{{ $labels.instance }}\"}'"),
            panel(
                "matchers = ['team=\"d\"']\ndashboard = 'abc'\npanel = 4\nvariables = { env = 'prod', job = '{{ $labels.job }}' }",
            ),
        ];
        Chooser { sources: sources(), grafanas: vec![grafana], panels }
    }

    /// Annotations, labels, and `source panel variables` or the reason why there is none.
    fn chosen(annotations: &[(&str, &str)], labels: &[(&str, &str)], url: &str, expected: &str) {
        let alert = Alert { annotations: annotations.iter().copied().collect(), ..alert(labels, url) };
        let subject = chooser().subject(&alert);
        let printed = |s: Subject| format!("{} {} {}", s.source, s.panel, s.variables);
        let shown = subject.map_or_else(|no| no.to_string(), printed);
        assert!(shown.contains(expected), "{shown}");
    }

    #[test]
    fn the_panel_that_the_alert_names_comes_first() {
        let named = [(DASHBOARD_UID, "uid1"), (PANEL_ID, "7")];
        chosen(&named, &[X, ("instance", "db 1"), ("team", "d")], "", "graf dashboard/uid1/7 node=db+1");
        chosen(&named, &[X], "", "graf dashboard/uid1/7 ");
        chosen(&[(DASHBOARD_UID, "uid1"), (PANEL_ID, "panel-7")], &[X], "", "dashboard/uid1/7");
    }

    #[test]
    fn what_the_alert_brings_comes_before_everything() {
        let name = "0f".repeat(32);
        let own = [(OWN_PICTURE, name.as_str()), (DASHBOARD_UID, "uid1"), (PANEL_ID, "7")];
        chosen(&own, &[X], "http://prom:9090/graph?g0.expr=up", &format!(" own/{name} "));
        let wrong = [(OWN_PICTURE, "../../etc/passwd")];
        chosen(&wrong, &[X], "http://prom:9090/graph?g0.expr=up", "main rule/X/up");
    }

    #[test]
    fn the_links_to_dashboard_and_panel_tell_the_source_too() {
        let two = |url: &str| Recognition::new(url, &[url], &[]).expect("valid");
        let chooser = Chooser { grafanas: vec![two("https://a.test/g"), two("https://b.test")], ..Chooser::default() };
        let check = |link: (&str, &str), url: &str, expected: &str| {
            let annotations = [(DASHBOARD_UID, "uid1"), (PANEL_ID, "7"), link];
            let alert = Alert { annotations: annotations.into_iter().collect(), ..alert(&[X], url) };
            assert_eq!(chooser.subject(&alert).map_or_else(|why| why.0, |subject| subject.source), expected);
        };
        check(("__dashboardURL__", "https://b.test/d/uid1?orgId=1"), "", "https://b.test");
        check(("__panelURL__", "https://a.test/g/d/uid1?viewPanel=7"), "https://prom.test/graph", "https://a.test/g");
        check(("__panelURL__", "https://a.test/g/d/uid1"), "https://b.test/alerting/grafana/x/view", "https://b.test");
        check(
            ("__panelURL__", "https://a.test/other"),
            "",
            "Cannot take screenshot for alert rule although it is associated with a panel: none of its links is below the external_urls of the 2 sources of type \"grafana\", and the matchers of none match its labels",
        );
    }

    #[test]
    fn then_a_configured_panel_then_the_rule() {
        chosen(&[], &[("alertname", "Q"), ("instance", "a")], "http://prom:9090/graph", "main panels/0 instance=a");
        chosen(&[], &[X, ("team", "d"), ("job", "j")], "", "graf panels/1 env=prod&job=j");
        chosen(&[], &[X, ("team", "d")], "", "graf panels/1 env=prod");
        chosen(&[], &[X], "http://prom:9090/graph?g0.expr=up", "main rule/X/up ");
    }

    #[test]
    fn what_is_missing_is_told_in_the_words_of_grafanas_guide() {
        chosen(&[(DASHBOARD_UID, "uid1")], &[X], "", "not associated with a panel");
        chosen(&[(PANEL_ID, "7")], &[X], "", "not associated with a dashboard");
        chosen(&[(DASHBOARD_UID, "uid1"), (PANEL_ID, "x")], &[X], "", "is no number");
        // half a name is no reason to go without the rule's own picture
        chosen(&[(PANEL_ID, "7")], &[X], "http://prom:9090/graph?g0.expr=up", "main rule/X/up");
    }
}
