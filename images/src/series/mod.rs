//! Which of many series are drawn, in which order and role.
//!
//! Deliberately unknown here: where they came from, how a role looks.

mod names;

use alerts::{LabelSet, Time, Transition};
use charts::{Role, Series};

use crate::{expression::Comparison, source::Samples, window::Window};

pub(crate) use names::named;

/// The most series in a picture, whatever their role; DESIGN.md section 5.
pub const MOST_SERIES: usize = 20;
/// The most moving thresholds in a picture: each is one more line to tell apart.
const MOST_MOVING: usize = 5;

/// The answers to one curve of the expression.
#[derive(Clone, Debug, Default)]
pub struct Answered {
    /// The curve's query.
    pub query: String,
    /// Its series.
    pub series: Vec<Samples>,
    /// What they are compared with.
    pub lines: Vec<AnsweredLine>,
}

/// One comparison of a curve.
#[derive(Clone, Debug)]
pub struct AnsweredLine {
    /// How it compares.
    pub comparison: Comparison,
    /// With what.
    pub level: AnsweredLevel,
}

/// The level of a comparison, asked for.
#[derive(Clone, Debug)]
pub enum AnsweredLevel {
    /// A number.
    Number(f64),
    /// The series of a moving threshold.
    Moving(Vec<Samples>),
}

/// What the choice goes by.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The labels that the alerts share: a series that contradicts none of them is their own.
    pub labels: &'a LabelSet,
    /// Firing or resolved.
    pub transition: Transition,
    /// When the condition became true.
    pub began: Time,
    /// The window that was asked for.
    pub window: Window,
}

/// What is drawn.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// The series, the most important first.
    pub series: Vec<Series>,
    /// How many were left out.
    pub omitted: usize,
}

/// Of all series those that are drawn: breaching at the window's end first, worst first, highlighted; at most
/// [`MOST_SERIES`], the others grey. Where nothing breaches at the end (it resolved, or recovered while the picture was
/// taken), those that breached since the alert began take their place; where nothing did, the alerts' own are plain.
pub fn choose(answers: &[Answered], situation: &Situation<'_>) -> Choice {
    let mut candidates: Vec<Candidate<'_>> = answers.iter().flat_map(|a| candidates(a, situation)).collect();
    let any_own = candidates.iter().any(|candidate| candidate.own);
    let best = candidates.iter().filter(|c| c.own).map(|c| c.breach.rank).max().unwrap_or_default();
    candidates.sort_by(|a, b| {
        b.key(best).partial_cmp(&a.key(best)).expect("no key contains NaN").then_with(|| a.labels().cmp(b.labels()))
    });
    let total = candidates.len();
    candidates.truncate(MOST_SERIES);

    let mut series = drawn(&candidates, best, any_own, &situation.window);
    series.extend(moving(&candidates, &series, &situation.window));
    Choice { series, omitted: total - candidates.len() }
}

/// A series that may be drawn.
struct Candidate<'a> {
    answered: &'a Answered,
    samples: &'a Samples,
    own: bool,
    breach: Breach,
    last: f64,
}

/// How much a series breaches: first when, then how badly.
#[derive(Clone, Copy, Default)]
struct Breach {
    rank: Rank,
    badness: f64,
}

/// When a series breached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// Not since the alert began.
    #[default]
    Never,
    /// Since the alert began, no longer at the end.
    Earlier,
    /// At the end of the window.
    AtEnd,
}

impl Candidate<'_> {
    fn labels(&self) -> &LabelSet {
        &self.samples.labels
    }

    fn highlighted(&self, best: Rank) -> bool {
        self.own && self.breach.rank == best && best != Rank::Never
    }

    fn key(&self, best: Rank) -> (bool, bool, Rank, f64, f64) {
        (self.highlighted(best), self.own, self.breach.rank, self.breach.badness, self.last)
    }
}

fn candidates<'a>(answered: &'a Answered, situation: &Situation<'_>) -> Vec<Candidate<'a>> {
    let fresh = situation.window.to.as_millis() - 2 * situation.window.step_millis();
    let candidate = |samples: &'a Samples| Candidate {
        answered,
        samples,
        own: is_own(&samples.labels, situation.labels),
        breach: breach(samples, &answered.lines, situation),
        last: samples.last_since(fresh).map_or(f64::NEG_INFINITY, |(_, value)| value),
    };
    answered.series.iter().map(candidate).collect()
}

fn is_own(series: &LabelSet, shared: &LabelSet) -> bool {
    series.iter().all(|(name, value)| shared.get(name).is_none_or(|other| other == value))
}

fn breach(samples: &Samples, lines: &[AnsweredLine], situation: &Situation<'_>) -> Breach {
    let (began, step) = (situation.began.as_millis(), situation.window.step_millis());
    let end = situation.window.to.as_millis() - 2 * step;
    let mut worst = Breach::default();
    for line in lines {
        let moving = line.moving_for(&samples.labels);
        let breaches =
            samples.points.iter().rev().take_while(|(time, _)| *time >= began - step).filter_map(|(time, value)| {
                let level = line.number().or_else(|| moving.and_then(|moving| moving.at(*time)))?;
                let holds = line.comparison.holds(*value, level) && !value.is_nan();
                holds.then(|| (*time, line.comparison.badness(*value, level)))
            });
        worst = breaches.fold(worst, |worst, breach| worst.or_worse(breach, samples, end));
    }
    worst
}

impl Breach {
    fn or_worse(self, (time, badness): (i64, f64), samples: &Samples, end: i64) -> Self {
        let at_end = samples.last_since(end).is_some_and(|(last, _)| last == time);
        let rank = if at_end { Rank::AtEnd } else { Rank::Earlier };
        let badness = if badness.is_nan() { 0.0 } else { badness };
        // how bad it is at the end counts, not how bad it once was
        let worse = rank > self.rank || (rank == self.rank && badness > self.badness);
        if worse { Self { rank, badness } } else { self }
    }
}

impl AnsweredLine {
    fn number(&self) -> Option<f64> {
        match &self.level {
            AnsweredLevel::Number(number) => Some(*number),
            AnsweredLevel::Moving(_) => None,
        }
    }

    /// The moving threshold of a series: the one that contradicts none of its labels.
    fn moving_for(&self, labels: &LabelSet) -> Option<&Samples> {
        let AnsweredLevel::Moving(moving) = &self.level else { return None };
        let fits = |threshold: &&Samples| {
            let mut pairs = threshold.labels.iter().filter(|(name, _)| *name != "__name__");
            pairs.all(|(name, value)| labels.get(name).is_none_or(|other| other == value))
        };
        moving.iter().find(fits).or(moving.first().filter(|_| moving.len() == 1))
    }
}

fn drawn(candidates: &[Candidate<'_>], best: Rank, any_own: bool, window: &Window) -> Vec<Series> {
    let shown: Vec<_> = candidates.iter().map(|c| (c.labels(), c.answered.query.as_str())).collect();
    let role = |candidate: &Candidate<'_>| match candidate.highlighted(best) {
        true => Role::Highlighted,
        false if best == Rank::Never && (candidate.own || !any_own) => Role::Plain,
        false => Role::Muted,
    };
    let series = candidates.iter().zip(named(&shown)).map(|(candidate, name)| Series {
        role: role(candidate),
        ..Series::new(name, window.step_millis(), candidate.samples.points.clone())
    });
    series.collect()
}

/// The moving thresholds of the series that matter.
fn moving(candidates: &[Candidate<'_>], drawn: &[Series], window: &Window) -> Vec<Series> {
    let mut chosen: Vec<&Samples> = Vec::new();
    for (candidate, _) in candidates.iter().zip(drawn).filter(|(_, series)| series.role != Role::Muted) {
        for line in &candidate.answered.lines {
            let threshold = line.moving_for(candidate.labels());
            chosen.extend(threshold.filter(|t| !chosen.iter().any(|other| std::ptr::eq(*other, *t))));
        }
    }
    chosen.truncate(MOST_MOVING);
    let shown: Vec<_> = chosen.iter().map(|samples| (&samples.labels, "")).collect();
    let name = |name: String| if chosen.len() == 1 { "threshold".to_owned() } else { format!("threshold {name}") };
    let series = chosen.iter().zip(named(&shown)).map(|(samples, label)| Series {
        role: Role::MovingThreshold,
        ..Series::new(name(label), window.step_millis(), samples.points.clone())
    });
    series.collect()
}

#[cfg(test)]
mod tests;
