//! What Grafana calls a column where nobody gave it a name.
//!
//! The rules are those of grafana-data's `fieldState.ts`. Deliberately unknown here: overrides, legends.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Field, Frame};

/// The name that data sources give to a column of values that has no better one.
const PLAIN: &str = "Value";
/// The longest name, in characters: names come from labels, which come from anywhere.
const LONGEST: usize = 200;

/// What names depend on beyond the column itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Naming {
    /// The only label's name, where all columns together have only one.
    single_label: Option<String>,
    frames_differ: bool,
}

impl Naming {
    /// For columns that are shown together.
    pub(crate) fn of(frames: &[Frame]) -> Naming {
        let fields = frames.iter().flat_map(|frame| &frame.fields);
        let labels: BTreeSet<&String> = fields.flat_map(|field| field.labels.keys()).collect();
        let single_label = labels.iter().next().filter(|_| labels.len() == 1).map(|label| (*label).clone());
        Naming { single_label, frames_differ: frames.windows(2).any(|pair| pair[0].name != pair[1].name) }
    }

    /// The column's name. `config` is the column's, or with the panel's settings added.
    pub(crate) fn name(&self, frame: &Frame, field: &Field, config: &Map<String, Value>) -> String {
        let given = |key: &str| config.get(key).and_then(Value::as_str).filter(|name| !name.is_empty());
        let name = match (given("displayName"), given("displayNameFromDS")) {
            (Some(template), _) => self.filled(template, frame, field),
            (None, Some(name)) => name.to_owned(),
            (None, None) => self.composed(frame, field),
        };
        name.chars().take(LONGEST).collect()
    }

    fn composed(&self, frame: &Frame, field: &Field) -> String {
        if field.is_time() && field.labels.is_empty() {
            return if field.name.is_empty() { "Time".to_owned() } else { field.name.clone() };
        }
        let mut parts: Vec<String> = Vec::new();
        let frame_name = Some(&frame.name).filter(|name| !name.is_empty());
        parts.extend(frame_name.filter(|_| self.frames_differ).cloned());
        let frame_named = !parts.is_empty();
        parts.extend(Some(field.name.clone()).filter(|name| !name.is_empty() && name != PLAIN));
        let labels = match &self.single_label {
            Some(label) => field.labels.get(label).cloned(),
            None => Some(label_list(&field.labels)),
        };
        let labels = labels.filter(|labels| !labels.is_empty());
        if !frame_named && labels.is_none() && field.name == PLAIN {
            parts.extend(frame_name.cloned());
        }
        parts.extend(labels);
        let name = if parts.is_empty() { PLAIN.to_owned() } else { parts.join(" ") };
        if name == field.name { numbered(frame, field) } else { name }
    }

    /// A `displayName` with `${__field.labels.x}`, `${__field.name}`, `${__field.displayName}` and `${__series.name}` filled in.
    fn filled(&self, template: &str, frame: &Frame, field: &Field) -> String {
        let mut name = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("${") {
            name.push_str(before);
            let Some((inside, behind)) = after.split_once('}') else {
                name.push_str("${");
                rest = after;
                break;
            };
            match self.variable(inside, frame, field) {
                Some(value) => name.push_str(&value),
                None => name.extend(["${", inside, "}"]),
            }
            rest = behind;
        }
        name.push_str(rest);
        name
    }

    fn variable(&self, inside: &str, frame: &Frame, field: &Field) -> Option<String> {
        match inside {
            "__field.name" => return Some(field.name.clone()),
            "__series.name" => return Some(frame.name.clone()),
            "__field.labels" | "__field.formattedLabels" => return Some(unquoted(&field.labels)),
            "__field.displayName" => {
                let given = field.config.get("displayNameFromDS").and_then(Value::as_str);
                return Some(given.map_or_else(|| self.composed(frame, field), str::to_owned));
            }
            _ => {}
        }
        let label = inside.strip_prefix("__field.labels")?;
        let bracketed = label.strip_prefix("[\"").and_then(|label| label.strip_suffix("\"]"));
        let label = bracketed.or_else(|| label.strip_prefix('.'))?;
        Some(field.labels.get(label).cloned().unwrap_or_default())
    }
}

/// Columns of the same name in one frame are numbered.
fn numbered(frame: &Frame, field: &Field) -> String {
    let same: Vec<&Field> = frame.fields.iter().filter(|other| other.name == field.name).collect();
    let at = same.iter().position(|other| std::ptr::eq(*other, field));
    match at {
        Some(at) if same.len() > 1 => format!("{} {}", field.name, at + 1),
        _ => field.name.clone(),
    }
}

/// `{a="1", b="2"}`, empty without labels.
pub(crate) fn label_list(labels: &BTreeMap<String, String>) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    format!("{{{}}}", pairs.join(", "))
}

fn unquoted(labels: &BTreeMap<String, String>) -> String {
    labels.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, labels: &[(&str, &str)]) -> Field {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Field { labels: labels.collect(), ..Field::numbers(name, vec![Some(1.0)]) }
    }

    fn frame(name: &str, fields: Vec<Field>) -> Frame {
        Frame { name: name.into(), fields, ..Frame::default() }
    }

    fn check(frames: &[Frame], config: &str, expected: &[&str]) {
        let naming = Naming::of(frames);
        let config: Map<String, Value> = serde_json::from_str(config).expect("JSON");
        let fields = frames.iter().flat_map(|frame| frame.fields.iter().map(move |field| (frame, field)));
        let names: Vec<String> = fields.map(|(frame, field)| naming.name(frame, field, &config)).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn names_are_grafanas() {
        check(&[frame("", vec![field("Value", &[])])], "{}", &["Value"]);
        check(&[frame("cpu", vec![field("Value", &[])])], "{}", &["cpu"]);
        check(&[frame("", vec![field("Value", &[("a", "1")]), field("Value", &[("a", "2")])])], "{}", &["1", "2"]);
        check(
            &[frame("", vec![field("up", &[("a", "1"), ("b", "x")]), field("up", &[("a", "2")])])],
            "{}",
            &["up {a=\"1\", b=\"x\"}", "up {a=\"2\"}"],
        );
        check(&[frame("x", vec![field("p", &[])]), frame("y", vec![field("p", &[])])], "{}", &["x p", "y p"]);
        check(&[frame("", vec![field("p", &[]), field("p", &[])])], "{}", &["p 1", "p 2"]);
    }

    #[test]
    fn given_names_come_first() {
        let frames = || [frame("s", vec![field("Value", &[("pod", "a")])])];
        check(&frames(), r#"{"displayName":"all","displayNameFromDS":"ds"}"#, &["all"]);
        check(&frames(), r#"{"displayName":"","displayNameFromDS":"ds"}"#, &["ds"]);
        let template = r#"{"displayName":"${__series.name}/${__field.name}: ${__field.labels.pod}${__field.labels[\"pod\"]} ${__field.labels.gone}${other} ${"}"#;
        check(&frames(), template, &["s/Value: aa ${other} ${"]);
        check(&frames(), r#"{"displayName":"${__field.displayName} (${__field.labels})"}"#, &["a (pod=a)"]);
    }
}
