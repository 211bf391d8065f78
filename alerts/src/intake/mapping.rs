//! Any JSON made into alerts by templates of the configuration: where the alerts are in a body, and what each of their fields is.
//!
//! Templates see the fields of the alert's JSON, `.alert` being all of it and `.root` the body. What is missing is empty, and a
//! label that comes out empty is left out. Deliberately unknown here: configuration files, HTTP, any sender's format.

use std::{borrow::Cow, collections::BTreeMap};

use serde::Deserialize;
use serde_json::Value;

use super::{
    Incoming, NotParsed, Pair,
    links::{Annotations, is_uid, panel_number},
    payload::ended,
    times::LooseWhen,
    uri::is_request_uri,
};
use crate::{
    alert::Status,
    templates::{Data, Templates, TextTemplate},
    time::Time,
};

/// The most alerts of a body: each is a run of all templates.
pub const MOST_ALERTS: usize = 10_000;
/// What the templates of a body may print in all, in bytes.
const MOST_PRINTED: usize = 64 << 20;
/// What Go prints for what is missing.
const NO_VALUE: &str = "<no value>";

/// What the configuration says, as it is written there.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'a> {
    /// A path with dots, or a template that prints JSON; none: the body is a list of alerts, or one.
    pub alerts: Option<&'a str>,
    /// Labels by their names.
    pub labels: &'a BTreeMap<String, String>,
    /// Annotations by their names.
    pub annotations: &'a BTreeMap<String, String>,
    /// `firing`, `resolved` or `ignore`; none: firing, unless it has ended.
    pub status: Option<&'a str>,
    /// When it began.
    pub starts_at: Option<&'a str>,
    /// When it ended.
    pub ends_at: Option<&'a str>,
    /// Where it comes from.
    pub generator_url: Option<&'a str>,
    /// The uid of a dashboard, or a link to one.
    pub dashboard: Option<&'a str>,
    /// The number of its panel, or a link to it.
    pub panel: Option<&'a str>,
    /// A picture that lies somewhere.
    pub image_url: Option<&'a str>,
}

/// What [`Texts`] say, compiled.
#[derive(Clone, Debug)]
pub struct Mapping {
    alerts: List,
    labels: Vec<(String, TextTemplate)>,
    annotations: Vec<(String, TextTemplate)>,
    status: Option<TextTemplate>,
    starts_at: Option<TextTemplate>,
    ends_at: Option<TextTemplate>,
    generator_url: Option<TextTemplate>,
    dashboard: Option<TextTemplate>,
    panel: Option<TextTemplate>,
    image_url: Option<TextTemplate>,
}

/// Where the alerts are.
#[derive(Clone, Debug)]
enum List {
    Body,
    Path(String),
    Template(TextTemplate),
}

/// An alert of a body; none where its status says that it is none.
pub type Read = Option<Result<Incoming<'static>, String>>;

impl Mapping {
    /// Compiles the texts.
    ///
    /// # Errors
    /// Each key that is wrong, and why.
    pub fn compile(templates: &Templates, texts: &Texts<'_>) -> Result<Self, Vec<(String, String)>> {
        let mut compiler = Compiler { templates, problems: Vec::new() };
        let alerts = match texts.alerts {
            None | Some("" | ".") => List::Body,
            Some(text) if text.contains("{{") => compiler.one("alerts", Some(text)).map_or(List::Body, List::Template),
            Some(path) => List::Path(path.trim_start_matches('.').to_owned()),
        };
        if texts.labels.values().all(String::is_empty) {
            compiler.problems.push(("labels".to_owned(), "an alert needs at least one label".to_owned()));
        }
        let mapping = Self {
            alerts,
            labels: compiler.all("labels", texts.labels),
            annotations: compiler.all("annotations", texts.annotations),
            status: compiler.one("status", texts.status),
            starts_at: compiler.one("starts_at", texts.starts_at),
            ends_at: compiler.one("ends_at", texts.ends_at),
            generator_url: compiler.one("generator_url", texts.generator_url),
            dashboard: compiler.one("dashboard", texts.dashboard),
            panel: compiler.one("panel", texts.panel),
            image_url: compiler.one("image_url", texts.image_url),
        };
        if compiler.problems.is_empty() { Ok(mapping) } else { Err(compiler.problems) }
    }

    /// The alerts of a body, received at `received`; for one that cannot be made, which field is wrong and why.
    ///
    /// # Errors
    /// When the alerts are not found in it, or are too many.
    pub fn alerts(&self, body: &Value, received: Time) -> Result<Vec<Read>, NotParsed> {
        let root = Data::from_json(body, received);
        let elements = self.elements(body, &root).map_err(|why| NotParsed::Payload(format!("alerts: {why}")))?;
        if elements.len() > MOST_ALERTS {
            let why = format!("alerts: {} are more than {MOST_ALERTS}", elements.len());
            return Err(NotParsed::Payload(why));
        }
        let mut printed = 0;
        let read = |element: &Value| {
            let mut filler = Filler { data: root.with_element(element), printed: &mut printed };
            self.read(&mut filler, received).transpose()
        };
        Ok(elements.iter().map(read).collect())
    }

    fn elements<'b>(&self, body: &'b Value, root: &Data) -> Result<Cow<'b, [Value]>, String> {
        let found = match &self.alerts {
            List::Body => body,
            List::Path(path) => at(body, path).ok_or_else(|| format!("there is no {path:?} in the body"))?,
            List::Template(template) => {
                let text = template.render(root).map_err(|error| error.to_string())?;
                if text.trim().is_empty() {
                    return Ok(Cow::Owned(Vec::new()));
                }
                let value =
                    serde_json::from_str(&text).map_err(|error| format!("the template prints no JSON: {error}"))?;
                return match value {
                    Value::Array(items) => Ok(Cow::Owned(items)),
                    one @ Value::Object(_) => Ok(Cow::Owned(vec![one])),
                    _ => Err("the template prints neither a list nor an object".to_owned()),
                };
            }
        };
        match found {
            Value::Array(items) => Ok(Cow::Borrowed(items)),
            Value::Object(_) => Ok(Cow::Borrowed(std::slice::from_ref(found))),
            Value::Null => Ok(Cow::Owned(Vec::new())),
            _ => Err("is neither a list nor an object".to_owned()),
        }
    }

    /// None: the status says that it is no alert.
    fn read(&self, filler: &mut Filler<'_>, received: Time) -> Result<Option<Incoming<'static>>, String> {
        let status = filler.one("status", self.status.as_ref())?;
        let status = match status.trim() {
            "ignore" => return Ok(None),
            "" => None,
            "firing" => Some(Status::Firing),
            "resolved" => Some(Status::Resolved),
            other => return Err(format!("status: {:?} is not firing, resolved or ignore", shown(other))),
        };
        let starts_at = filler.time("starts_at", self.starts_at.as_ref())?;
        let ends_at = filler.time("ends_at", self.ends_at.as_ref())?;
        let generator_url = filler.one("generator_url", self.generator_url.as_ref())?.trim().to_owned();
        if !generator_url.is_empty() && !is_request_uri(&generator_url) {
            return Err(format!("generator_url: {:?} is not a URL", shown(&generator_url)));
        }
        Ok(Some(Incoming {
            labels: filler.all("labels", &self.labels)?,
            annotations: self.annotations(filler)?,
            starts_at,
            ends_at: status.map_or(ends_at, |status| ended(status, ends_at, received)),
            generator_url: generator_url.into(),
        }))
    }

    fn annotations(&self, filler: &mut Filler<'_>) -> Result<Vec<Pair<'static>>, String> {
        let given = filler.all("annotations", &self.annotations)?;
        let mut annotations = Annotations::of(given.into_iter().filter(|(_, value)| !value.is_empty()).collect());
        let dashboard = filler.one("dashboard", self.dashboard.as_ref())?;
        let panel = filler.one("panel", self.panel.as_ref())?;
        annotations.add_panel(&dashboard, &panel);
        if is_uid(dashboard.trim())
            && let Some(number) = panel_number(&panel)
        {
            annotations.add("__dashboardUid__", dashboard.trim().to_owned());
            annotations.add("__panelId__", number);
        }
        annotations.add_image(&filler.one("image_url", self.image_url.as_ref())?);
        Ok(annotations.0)
    }
}

/// Compiles, and notes what is wrong.
struct Compiler<'a> {
    templates: &'a Templates,
    problems: Vec<(String, String)>,
}

impl Compiler<'_> {
    fn one(&mut self, key: &str, text: Option<&str>) -> Option<TextTemplate> {
        let compiled = self.templates.text("", text?);
        compiled.map_err(|error| self.problems.push((key.to_owned(), error.to_string()))).ok()
    }

    fn all(&mut self, key: &str, texts: &BTreeMap<String, String>) -> Vec<(String, TextTemplate)> {
        let compiled =
            |(name, text): (&String, &String)| Some((name.clone(), self.one(&format!("{key}.{name}"), Some(text))?));
        texts.iter().filter_map(compiled).collect()
    }
}

/// Executes the templates of one alert, and counts what they print.
struct Filler<'a> {
    data: Data,
    printed: &'a mut usize,
}

impl Filler<'_> {
    fn one(&mut self, key: &str, template: Option<&TextTemplate>) -> Result<String, String> {
        let Some(template) = template else { return Ok(String::new()) };
        let text = template.render(&self.data).map_err(|error| format!("{key}{}", in_the_text(&error.to_string())))?;
        *self.printed = self.printed.saturating_add(text.len());
        if *self.printed > MOST_PRINTED {
            return Err(format!("{key}: the templates print more than {} MiB of one body", MOST_PRINTED >> 20));
        }
        Ok(if text.contains(NO_VALUE) { text.replace(NO_VALUE, "") } else { text })
    }

    fn all(&mut self, key: &str, templates: &[(String, TextTemplate)]) -> Result<Vec<Pair<'static>>, String> {
        let filled = |(name, template): &(String, TextTemplate)| {
            let text = self.one(&format!("{key}.{name}"), Some(template))?;
            Ok((Cow::Owned(name.clone()), Cow::Owned(text.trim().to_owned())))
        };
        templates.iter().map(filled).collect()
    }

    fn time(&mut self, key: &str, template: Option<&TextTemplate>) -> Result<Option<Time>, String> {
        let text = self.one(key, template)?;
        LooseWhen::deserialize(&Value::String(text)).map(|when| when.0).map_err(|error| format!("{key}: {error}"))
    }
}

/// `:1:4: what` of a template without a name as ` at 1:4: what`.
fn in_the_text(problem: &str) -> String {
    match problem.strip_prefix(':') {
        Some(placed) if placed.starts_with(|c: char| c.is_ascii_digit()) => format!(" at {placed}"),
        _ => format!(": {}", problem.trim_start_matches([':', ' '])),
    }
}

/// What lies at a path: `data.alerts`, `data.0.items`.
fn at<'b>(body: &'b Value, path: &str) -> Option<&'b Value> {
    path.split('.').try_fold(body, |value, part| match value {
        Value::Object(fields) => fields.get(part),
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        _ => None,
    })
}

fn shown(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
#[path = "mapping_tests.rs"]
mod tests;
