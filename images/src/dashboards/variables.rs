//! Which values the variables of a dashboard have for a panel: what the alert gives, else what was saved, else the first choice.
//!
//! Deliberately unknown here: how values are written, how a data source is asked.

use std::{sync::LazyLock, time::Duration};

use regex::Regex;
use serde_json::Value;

use super::{
    Filled,
    datasources::DataSources,
    interpolate::Language,
    interval,
    model::{DataSourceRef, Variable},
    reference::references,
};

/// The value of "All".
const ALL: &str = "$__all";
/// The most choices that "All" is written out to: a longer query is worse than one that is not narrowed.
const MAX_WRITTEN_OUT: usize = 200;

/// What all variables are chosen by.
pub(super) struct Given<'a> {
    /// The alert's values.
    pub(super) values: &'a [(String, String)],
    /// What variables of the type `datasource` choose from.
    pub(super) sources: &'a DataSources,
    /// The length of the panel's stretch of time.
    pub(super) length: Duration,
}

/// What is known of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// Its values.
    Known(Filled),
    /// The data source has to say what there is to choose from; if it cannot, these.
    Ask(Option<Filled>),
    /// It has no values: filters of Grafana's own.
    Without,
}

/// Chooses the values of a variable. `moved`: a variable that it depends on has another value than the saved one, so that its own saved
/// value may not fit.
pub(super) fn choose(variable: &Variable, kind: Option<&str>, moved: bool, given: &Given<'_>) -> Choice {
    let of_alert: Vec<&str> =
        given.values.iter().filter(|(name, _)| *name == variable.name).map(|(_, value)| value.as_str()).collect();
    if !of_alert.is_empty() {
        return Choice::Known(if of_alert.contains(&ALL) { all(variable, kind) } else { of(variable, &of_alert) });
    }
    match variable.kind.as_str() {
        "adhoc" | "groupby" => Choice::Without,
        "constant" => Choice::Known(single(variable, constant(variable))),
        "textbox" => {
            let saved = variable.current.first().map(|(value, _)| value.clone());
            Choice::Known(single(variable, saved.unwrap_or_else(|| constant(variable))))
        }
        "interval" => Choice::Known(single(variable, interval_of(variable, given.length))),
        "datasource" => datasource(variable, given.sources),
        "custom" => usual(variable, custom(variable), kind, false),
        _ => usual(variable, options(variable), kind, moved),
    }
}

/// The variable, once its data source has said what there is.
pub(super) fn among(variable: &Variable, answered: &[String]) -> Option<Filled> {
    let choices = filtered(variable, answered);
    let kept: Vec<_> = variable
        .current
        .iter()
        .filter(|(value, _)| choices.iter().any(|(choice, _)| choice == value))
        .cloned()
        .collect();
    let first = || choices.first().cloned().into_iter().collect();
    let values: Vec<_> = if kept.is_empty() { first() } else { kept };
    (!values.is_empty()).then(|| Filled { values, ..empty(variable) })
}

/// The names of the variables that a variable depends on.
pub(super) fn depends_on(variable: &Variable) -> Vec<String> {
    let mut names = Vec::new();
    mentioned(&variable.query, &mut names);
    let datasource = variable.datasource.as_ref().map(|source| source.uid.as_str());
    for text in [Some(variable.regex.as_str()), variable.all_value.as_deref(), datasource].into_iter().flatten() {
        names.extend(references(text).map(|reference| reference.name.to_owned()));
    }
    names.retain(|name| *name != variable.name);
    names
}

/// The names that texts in some JSON refer to.
pub(super) fn mentioned(json: &Value, names: &mut Vec<String>) {
    match json {
        Value::String(text) => names.extend(references(text).map(|reference| reference.name.to_owned())),
        Value::Array(all) => all.iter().for_each(|one| mentioned(one, names)),
        Value::Object(all) => all.values().for_each(|one| mentioned(one, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The selector and the label of a query `label_values(up{job="x"}, instance)`.
pub(super) fn label_values(query: &Value) -> Option<(Option<String>, String)> {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\s*label_values\((?:(.+),)?\s*([a-zA-Z_$][\w{}$]*)\s*\)\s*$").expect("the pattern is fixed")
    });
    let text = query.as_str().or_else(|| query.get("query")?.as_str())?;
    let found = PATTERN.captures(text)?;
    Some((found.get(1).map(|found| found.as_str().trim().to_owned()), found[2].to_owned()))
}

fn usual(variable: &Variable, choices: Vec<(String, String)>, kind: Option<&str>, moved: bool) -> Choice {
    let unset = |(value, text): &(String, String)| value.is_empty() && text.is_empty();
    let saved: &[(String, String)] = if variable.current.iter().all(unset) { &[] } else { variable.current.as_slice() };
    let all_saved = saved.first().is_some_and(|(value, text)| value == ALL || (value.is_empty() && text == "All"));
    if all_saved || (saved.is_empty() && choices.is_empty() && variable.include_all) {
        let known = if moved { Vec::new() } else { choices };
        return Choice::Known(all_of(variable, known, kind));
    }
    let current = Filled { values: saved.to_vec(), ..empty(variable) };
    let fallback = if variable.include_all { all_of(variable, Vec::new(), kind) } else { current.clone() };
    match (saved, choices.first()) {
        ([], None) => Choice::Ask(None),
        (_, _) if moved => Choice::Ask(Some(fallback)),
        ([], Some(first)) if first.0 == ALL => Choice::Known(all_of(variable, choices, kind)),
        ([], Some(first)) => Choice::Known(Filled { values: vec![first.clone()], ..empty(variable) }),
        _ => Choice::Known(current),
    }
}

fn all(variable: &Variable, kind: Option<&str>) -> Filled {
    let choices = if variable.kind == "custom" { custom(variable) } else { options(variable) };
    all_of(variable, choices, kind)
}

/// "All": the dashboard's own word for it, or every choice, or what matches everything.
fn all_of(variable: &Variable, choices: Vec<(String, String)>, kind: Option<&str>) -> Filled {
    let choices: Vec<_> = choices.into_iter().filter(|(value, _)| value != ALL).collect();
    if let Some(own) = &variable.all_value {
        return Filled { all: Some(own.clone()), ..empty(variable) };
    }
    if !choices.is_empty() && choices.len() <= MAX_WRITTEN_OUT {
        return Filled { values: choices, ..empty(variable) };
    }
    let everything = match kind.map(Language::of) {
        None | Some(Language::Promql) => ".*",
        Some(_) => "*",
    };
    Filled { all: Some(everything.to_owned()), ..empty(variable) }
}

/// The alert's values, which may be named as they are shown.
fn of(variable: &Variable, values: &[&str]) -> Filled {
    let known = variable.options.iter().chain(&variable.current);
    let known: Vec<_> = known.collect();
    let value = |given: &&str| {
        let is_value = known.iter().find(|(value, _)| value == given);
        let is_text = known.iter().find(|(value, text)| text == given && value != ALL);
        is_value.or(is_text).map_or_else(|| ((*given).to_owned(), (*given).to_owned()), |found| (*found).clone())
    };
    let several = variable.multi || variable.include_all || values.len() > 1;
    Filled { values: values.iter().map(value).collect(), several, given: true, ..empty(variable) }
}

fn empty(variable: &Variable) -> Filled {
    Filled { name: variable.name.clone(), several: variable.multi || variable.include_all, ..Filled::default() }
}

fn single(variable: &Variable, value: String) -> Filled {
    Filled { values: vec![(value.clone(), value)], ..empty(variable) }
}

fn constant(variable: &Variable) -> String {
    let saved = || variable.current.first().map(|(value, _)| value.clone());
    variable.query.as_str().map(str::to_owned).or_else(saved).unwrap_or_default()
}

fn options(variable: &Variable) -> Vec<(String, String)> {
    variable.options.clone()
}

/// The choices of `a,b\,c,text : value`.
fn custom(variable: &Variable) -> Vec<(String, String)> {
    let saved = options(variable);
    let query = variable.query.as_str().unwrap_or_default();
    if !saved.is_empty() || query.is_empty() {
        return saved;
    }
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in query.chars() {
        match c {
            '\\' if !escaped => escaped = true,
            ',' if !escaped => parts.push(String::new()),
            c => {
                let last = parts.last_mut().expect("there is always one part");
                last.extend((escaped && c != ',').then_some('\\'));
                last.push(c);
                escaped = false;
            }
        }
    }
    let pair = |part: &String| match part.split_once(" : ") {
        Some((text, value)) => (value.trim().to_owned(), text.trim().to_owned()),
        None => (part.trim().to_owned(), part.trim().to_owned()),
    };
    parts.iter().map(pair).filter(|(value, _)| !value.is_empty()).collect()
}

fn interval_of(variable: &Variable, length: Duration) -> String {
    let choices = custom(variable);
    let saved = variable.current.first().or(choices.first()).map(|(value, _)| value.as_str()).unwrap_or_default();
    let automatic = saved == "auto" || saved.starts_with("$__auto");
    if !automatic && !saved.is_empty() {
        return saved.to_owned();
    }
    let (steps, shortest) = variable.auto.clone().unwrap_or((30, "10s".to_owned()));
    interval::print(interval::interval(length, steps, interval::parse(&shortest).unwrap_or_default()))
}

fn datasource(variable: &Variable, sources: &DataSources) -> Choice {
    let kind = variable.query.as_str().unwrap_or_default();
    let choices = sources.choices(kind, pattern(&variable.regex).as_ref());
    let named = |(value, _): &&(String, String)| !matches!(value.as_str(), "" | "default" | ALL);
    let saved = variable.current.first().filter(named);
    let known = saved.and_then(|(saved, _)| choices.iter().find(|(uid, name)| uid == saved || name == saved));
    // a saved one that the token does not see may be there all the same
    match known.or(choices.first()).or(saved) {
        Some(chosen) => Choice::Known(Filled { values: vec![chosen.clone()], ..empty(variable) }),
        None if variable.current.is_empty() => Choice::Ask(None),
        None => Choice::Known(single(variable, "default".to_owned())),
    }
}

/// A pattern as Grafana keeps it: `/x/i`, or only `x`. None where it is empty or beyond what is understood here.
fn pattern(text: &str) -> Option<Regex> {
    let (body, flags) = match text.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')) {
        Some((body, flags)) => (body, flags),
        None => (text, ""),
    };
    let flags = if flags.contains('i') { "(?i)" } else { "" };
    (!body.is_empty()).then(|| Regex::new(&format!("{flags}{body}")).ok())?
}

/// What a variable's filter leaves of the answered values, in order.
fn filtered(variable: &Variable, answered: &[String]) -> Vec<(String, String)> {
    let pattern = pattern(&variable.regex);
    let pair = |value: &String| {
        let Some(pattern) = &pattern else { return Some((value.clone(), value.clone())) };
        let found = pattern.captures(value)?;
        let part = |name: &str| found.name(name).map(|found| found.as_str().to_owned());
        let first = || found.get(1).map(|found| found.as_str().to_owned());
        let chosen = part("value").or_else(|| part("text")).or_else(first).unwrap_or_else(|| value.clone());
        let shown = part("text").unwrap_or_else(|| chosen.clone());
        Some((chosen, shown))
    };
    let mut choices: Vec<_> = answered.iter().filter_map(pair).collect();
    choices.sort();
    choices.dedup();
    choices
}

/// The type of data source that a variable asks, where it is known.
pub(super) fn kind_of(meant: Option<&DataSourceRef>) -> Option<&str> {
    meant.and_then(|meant| meant.kind.as_deref())
}

#[cfg(test)]
mod tests;
