//! A capture with what the configuration says of its panel: what is drawn, with which variables, how large, which stretch of time.
//!
//! Deliberately unknown here: who draws it.

use std::sync::Arc;

use alerts::{
    LabelSet,
    ports::{Capture, RenderError, RenderErrorKind},
};
use charts::Style;
use url::{Url, form_urlencoded};

use crate::{
    error::failed,
    panels::{PanelRef, PanelRule, Shown, read_variables},
    settings::Look,
    window::Window,
};

/// What is to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// The rule's own expression.
    Rule,
    /// A query.
    Query { query: String, unit: Option<String> },
    /// A panel of a dashboard.
    Dashboard { uid: String, panel: u64, variables: Vec<(String, String)> },
    /// A picture that somebody else makes.
    Image(Url),
    /// A page, or a part of it.
    Page { url: Url, selector: Option<String>, wait_for: Option<String> },
}

/// A capture, ready to be drawn.
#[derive(Clone, Debug)]
pub(crate) struct Job<'a> {
    pub(crate) capture: &'a Capture,
    pub(crate) target: Target,
    /// The configured title.
    pub(crate) title: Option<String>,
    /// The shortest window; the rule's own expression has one of its own, which begins before its `for`.
    pub(crate) window: Window,
    pub(crate) style: Style,
}

/// Makes jobs of captures.
#[derive(Clone, Debug)]
pub(crate) struct Jobs {
    pub(crate) panels: Arc<[PanelRule]>,
    pub(crate) look: Look,
}

impl Jobs {
    /// The job of a capture.
    ///
    /// # Errors
    /// When its panel is no longer configured, or its address cannot be made.
    pub(crate) fn of<'a>(&self, capture: &'a Capture) -> Result<Job<'a>, RenderError> {
        let variables = read_variables(&capture.subject.variables);
        let (rule, target) = match PanelRef::of(&capture.subject) {
            PanelRef::Rule => (None, Target::Rule),
            PanelRef::Dashboard { uid, panel } => (None, Target::Dashboard { uid, panel, variables }),
            PanelRef::Configured(at) => {
                let rule = self.panels.get(at).ok_or_else(|| not_found("the panel is no longer configured"))?;
                (Some(rule), target(rule, variables)?)
            }
        };
        let range = rule.and_then(|rule| rule.range).unwrap_or(self.look.range);
        let mut style = self.look.style;
        if let Some(rule) = rule {
            style.width = rule.size.0.unwrap_or(style.width);
            style.height = rule.size.1.unwrap_or(style.height);
        }
        let title = rule.and_then(|rule| rule.title.as_ref()?.fill(&capture.labels, str::to_owned));
        let window = Window::of(capture.at, capture.starts_at.min(capture.at), range);
        Ok(Job { capture, target, title, window, style })
    }
}

fn target(rule: &PanelRule, variables: Vec<(String, String)>) -> Result<Target, RenderError> {
    let labels: LabelSet = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let missing = || not_found("a label that the panel is made of is missing");
    let address = |text: &crate::label_text::LabelText| {
        let text = text.fill(&labels, |value| form_urlencoded::byte_serialize(value.as_bytes()).collect());
        Url::parse(&text.ok_or_else(missing)?).map_err(|error| not_found(format!("the panel's address: {error}")))
    };
    Ok(match &rule.shown {
        Shown::Query(query) => {
            let query = query.fill(&labels, quotable).ok_or_else(missing)?;
            Target::Query { query, unit: rule.unit.clone() }
        }
        Shown::Dashboard { uid, panel } => Target::Dashboard { uid: uid.clone(), panel: *panel, variables },
        Shown::Image(url) => Target::Image(address(url)?),
        Shown::Page { url, selector, wait_for } => {
            Target::Page { url: address(url)?, selector: selector.clone(), wait_for: wait_for.clone() }
        }
    })
}

/// A value as it may stand between the quotes of a query.
fn quotable(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn not_found(detail: impl Into<String>) -> RenderError {
    failed(RenderErrorKind::NotFound, detail)
}

#[cfg(test)]
mod tests {
    use alerts::{Status, Time, picture::Subject};

    use super::*;
    use crate::settings::ScreenshotsConfig;

    fn check(toml: &str, variables: &str, expected: &Target) {
        let rule = PanelRule::new(&toml::from_str(toml).expect("the keys are right")).expect("it is right");
        let look = ScreenshotsConfig::default().look().expect("the default look");
        let jobs = Jobs { panels: vec![rule].into(), look };
        let capture = Capture {
            subject: Subject { source: "s".into(), panel: "panels/0".into(), variables: variables.into() },
            transition: Status::Firing,
            at: Time::from_secs(1_700_000_000),
            starts_at: Time::from_secs(1_699_999_900),
            fired_at: Time::from_secs(1_699_999_900),
            resolved_at: None,
            labels: LabelSet::new(),
            annotations: LabelSet::new(),
            generator_url: String::new(),
            alerts: 1,
        };
        let job = jobs.of(&capture).expect("a job");
        assert_eq!(&job.target, expected);
        assert_eq!((job.style.width, job.style.height), (400, 500));
        assert_eq!(job.window.to.since(job.window.from).as_secs(), 6 * 3_600);
    }

    #[test]
    fn labels_are_filled_in_as_their_place_needs_it() {
        let more = "range = '6h'\nwidth = 400\n";
        let query = Target::Query { query: r#"up{a="x\"y\\z"}"#.into(), unit: None };
        check(&format!("{more}query = 'up{{a=\"{{{{ $labels.a }}}}\"}}'"), "a=x%22y%5Cz", &query);
        let url = "https://img.test/r?host=db+1%26x".parse().expect("a URL");
        check(
            &format!("{more}image_url = 'https://img.test/r?host={{{{ $labels.h }}}}'"),
            "h=db+1%26x",
            &Target::Image(url),
        );
        let variables = vec![("env".to_owned(), "prod".to_owned())];
        let dashboard = Target::Dashboard { uid: "u".into(), panel: 2, variables };
        check(&format!("{more}dashboard = 'u'\npanel = 2"), "env=prod", &dashboard);
    }
}
