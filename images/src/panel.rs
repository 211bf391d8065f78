//! A capture and what its source answered, composed to a panel.
//!
//! Deliberately unknown here: how the answers were asked for, how a panel is drawn.

use alerts::{LabelSet, Status, ports::Capture};
use charts::{LogLine, Logs, Panel, Threshold};
use jiff::tz::TimeZone;

use crate::{
    expression::Expression,
    rules::{Rule, is_template},
    series::{Answered, AnsweredLevel, Situation, choose},
    source::MOST_LINES,
    unit,
    window::{Episode, Window},
};

/// The longest title, in characters: twice what fits at the default width.
const LONGEST_TITLE: usize = 160;

/// What the panel is composed of.
pub(crate) struct Parts<'a> {
    pub capture: &'a Capture,
    /// The rule, where the source knows it.
    pub rule: Option<&'a Rule>,
    /// The rule's whole expression.
    pub expression: &'a Expression,
    /// Whether the rule fires where the series are absent.
    pub absence: bool,
    pub answers: &'a [Answered],
    pub window: Window,
    pub episode: Episode,
    pub timezone: &'a TimeZone,
}

/// The panel of a capture.
pub(crate) fn compose(parts: &Parts<'_>) -> Panel {
    let situation = Situation {
        labels: &parts.capture.labels,
        transition: parts.capture.transition,
        began: parts.episode.began,
        window: parts.window,
    };
    let choice = choose(parts.answers, &situation);
    let no_data = if parts.absence { "No data: the series are absent" } else { "No data: the query found no series" };
    Panel {
        subtitle: Some(parts.expression.one_line()).filter(|text| !text.is_empty()),
        left: charts::Axis::of(unit_of(parts.answers)),
        timezone: parts.timezone.clone(),
        series: choice.series,
        thresholds: thresholds(parts.answers),
        marks: parts.episode.marks(),
        omitted: choice.omitted,
        no_data: Some(no_data.to_owned()),
        ..Panel::new(title(parts.capture, parts.rule), parts.window.from.as_millis(), parts.window.to.as_millis())
    }
}

/// The panel of a query that no alert asks for: everything is the query's own.
pub(crate) fn of_query(expression: &Expression, answers: &[Answered], window: Window, timezone: &TimeZone) -> Panel {
    let nobody = LabelSet::new();
    let situation = Situation { labels: &nobody, transition: Status::Firing, began: window.from, window };
    let choice = choose(answers, &situation);
    Panel {
        left: charts::Axis::of(unit_of(answers)),
        timezone: timezone.clone(),
        series: choice.series,
        thresholds: thresholds(answers),
        omitted: choice.omitted,
        no_data: Some("No data: the query found no series".to_owned()),
        ..Panel::new(expression.one_line(), window.from.as_millis(), window.to.as_millis())
    }
}

/// The panel of a query for log lines.
pub(crate) fn of_lines(expression: &Expression, lines: Vec<LogLine>, window: &Window, timezone: &TimeZone) -> Logs {
    Logs {
        timezone: timezone.clone(),
        cut: lines.len() >= MOST_LINES,
        lines,
        no_data: Some("No lines: the query found none".to_owned()),
        ..Logs::new(expression.one_line(), window.from.as_millis(), window.to.as_millis())
    }
}

/// `HighErrorRate: 12 % of the requests fail`: the alerts' name and their summary. The summary is the alerts' own where they
/// share it, else the rule's unless it is a template.
pub(crate) fn title(capture: &Capture, rule: Option<&Rule>) -> String {
    let name = capture.labels.value("alertname");
    let plain = rule.and_then(|rule| summary(&rule.annotations)).filter(|text| !is_template(text));
    let title = match summary(&capture.annotations).or(plain) {
        Some(summary) if summary.contains(name) => summary,
        Some(summary) => format!("{name}: {summary}"),
        None => name.to_owned(),
    };
    title.chars().take(LONGEST_TITLE).collect()
}

fn summary(annotations: &LabelSet) -> Option<String> {
    let text = ["summary", "title"].into_iter().find_map(|name| annotations.get(name))?;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

/// The unit that all curves share.
fn unit_of(answers: &[Answered]) -> charts::Unit {
    let mut units = answers.iter().map(|answered| unit::guess(&answered.query));
    let first = units.next().unwrap_or_default();
    if units.all(|unit| unit == first) { first } else { charts::Unit::Short }
}

/// The lines of the curves that have series: without any there is nothing to compare.
fn thresholds(answers: &[Answered]) -> Vec<Threshold> {
    let mut thresholds: Vec<Threshold> = Vec::new();
    for line in answers.iter().filter(|answered| !answered.series.is_empty()).flat_map(|answered| &answered.lines) {
        let AnsweredLevel::Number(value) = line.level else { continue };
        let side = line.comparison.side();
        if !thresholds.iter().any(|other| other.value == value && other.side == side) {
            thresholds.push(Threshold::new(value, side));
        }
    }
    thresholds
}

#[cfg(test)]
mod tests {
    use alerts::{Time, picture::Subject};

    use super::*;

    fn set(pairs: &[(&str, &str)]) -> LabelSet {
        pairs.iter().copied().collect()
    }

    fn check(annotations: &[(&str, &str)], rule: Option<&[(&str, &str)]>, expected: &str) {
        let capture = Capture {
            subject: Subject { source: String::new(), panel: String::new(), variables: String::new() },
            transition: Status::Firing,
            at: Time::default(),
            starts_at: Time::default(),
            fired_at: Time::default(),
            resolved_at: None,
            labels: set(&[("alertname", "HighErrorRate")]),
            annotations: set(annotations),
            generator_url: String::new(),
            alerts: 1,
        };
        let rule = rule.map(|annotations| Rule { annotations: set(annotations), ..Rule::default() });
        assert_eq!(title(&capture, rule.as_ref()), expected);
    }

    #[test]
    fn titles_say_what_and_how() {
        check(&[], None, "HighErrorRate");
        check(&[("summary", "12 %\n of the requests fail")], None, "HighErrorRate: 12 % of the requests fail");
        check(&[("summary", "HighErrorRate at shop")], None, "HighErrorRate at shop");
        check(&[("title", "errors"), ("description", "long")], None, "HighErrorRate: errors");
        check(&[], Some(&[("summary", "too many errors")]), "HighErrorRate: too many errors");
        check(&[], Some(&[("summary", "{{ $value }} errors")]), "HighErrorRate");
        check(&[("summary", "  ")], None, "HighErrorRate");
    }
}
