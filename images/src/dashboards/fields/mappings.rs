//! Value mappings: a value shown as other words, in another colour.
//!
//! The rules are those of grafana-data's `valueMappings.ts`; the two old forms of Grafana 7 are read too. Deliberately unknown here:
//! how values without a mapping are written.

use charts::{Rgb, Theme};
use regex::Regex;
use serde_json::Value;

use super::{colors::named, config, pattern};
use crate::dashboards::frames::Cell;

/// More than this are not looked at.
const MOST: usize = 500;

/// What a value is shown as.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Mapped {
    /// The words; none: its own.
    pub(crate) text: Option<String>,
    /// The colour, if it has one of its own: none inside is transparent.
    pub(crate) color: Option<Option<Rgb>>,
}

/// The mappings of a field, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mappings(Vec<(Rule, Mapped)>);

#[derive(Clone, Debug)]
enum Rule {
    Value(String),
    Range(f64, f64),
    Pattern(Regex),
    Special(String),
}

impl Mappings {
    /// Reads `mappings`; what cannot be read goes into `degraded`.
    pub(crate) fn new(list: Option<&Value>, theme: Theme, degraded: &mut Vec<String>) -> Mappings {
        let mut rules = Vec::new();
        for mapping in list.and_then(Value::as_array).into_iter().flatten() {
            let before = rules.len();
            read(mapping, theme, &mut rules);
            if rules.len() == before {
                degraded.push("a value mapping".to_owned());
            }
            if rules.len() > MOST {
                degraded.push(format!("more than {MOST} value mappings"));
                rules.truncate(MOST);
                break;
            }
        }
        Mappings(rules)
    }

    /// What this value is shown as, if any mapping fits.
    pub(crate) fn find(&self, cell: Cell<'_>) -> Option<Mapped> {
        self.0.iter().find_map(|(rule, mapped)| rule.apply(cell, mapped))
    }
}

impl Rule {
    fn apply(&self, cell: Cell<'_>, mapped: &Mapped) -> Option<Mapped> {
        let fits = match (self, cell) {
            (Rule::Value(value), Cell::Text(text)) => value == text,
            (Rule::Value(value), Cell::Boolean(yes)) => *value == yes.to_string(),
            (Rule::Value(value), cell) => cell.number().is_some_and(|number| *value == written(number)),
            (Rule::Range(from, to), Cell::Text(text)) => {
                text.trim().parse::<f64>().is_ok_and(|number| (*from..=*to).contains(&number))
            }
            (Rule::Range(from, to), cell) => cell.number().is_some_and(|number| (*from..=*to).contains(&number)),
            (Rule::Pattern(pattern), Cell::Text(text)) => {
                let replaced = |with: &String| pattern.replace(text, with.as_str()).into_owned();
                let found = || Mapped { text: mapped.text.as_ref().map(replaced), ..mapped.clone() };
                return pattern.is_match(text).then(found);
            }
            (Rule::Pattern(_), _) => false,
            (Rule::Special(word), cell) => special(word, cell),
        };
        fits.then(|| mapped.clone())
    }
}

fn special(word: &str, cell: Cell<'_>) -> bool {
    let null = cell == Cell::Null;
    let nan = matches!(cell, Cell::Number(number) if number.is_nan());
    match word {
        "null" => null,
        "nan" => nan,
        "null+nan" => null || nan,
        "true" => matches!(cell, Cell::Boolean(true) | Cell::Text("true")),
        "false" => matches!(cell, Cell::Boolean(false) | Cell::Text("false")),
        "empty" => cell == Cell::Text(""),
        _ => false,
    }
}

fn read(mapping: &Value, theme: Theme, rules: &mut Vec<(Rule, Mapped)>) {
    let Some(kind) = mapping.get("type") else { return };
    let options = mapping.get("options").unwrap_or(&Value::Null);
    let result = || mapped(options.get("result").unwrap_or(&Value::Null), theme);
    let end = |of: &Value, key: &str, default: f64| of.get(key).and_then(config::number).unwrap_or(default);
    let range = |of: &Value| Rule::Range(end(of, "from", f64::NEG_INFINITY), end(of, "to", f64::INFINITY));
    match (kind.as_str(), kind.as_u64()) {
        (Some("value"), _) => {
            let values = options.as_object().into_iter().flatten();
            rules.extend(values.map(|(value, result)| (Rule::Value(value.clone()), mapped(result, theme))));
        }
        (Some("range"), _) => rules.push((range(options), result())),
        (Some("regex"), _) => {
            let found = options.get("pattern").and_then(Value::as_str).and_then(pattern);
            rules.extend(found.map(|found| (Rule::Pattern(found), result())));
        }
        (Some("special"), _) => {
            let word = options.get("match").and_then(Value::as_str);
            rules.extend(word.map(|word| (Rule::Special(word.to_owned()), result())));
        }
        // Grafana 7
        (_, Some(1)) => match mapping.get("value").map(words) {
            Some(value) if value == "null" => rules.push((Rule::Special(value), mapped(mapping, theme))),
            Some(value) => rules.push((Rule::Value(value), mapped(mapping, theme))),
            None => {}
        },
        (_, Some(2)) => rules.push((range(mapping), mapped(mapping, theme))),
        _ => {}
    }
}

fn mapped(result: &Value, theme: Theme) -> Mapped {
    let text = result.get("text").filter(|text| !text.is_null()).map(words);
    let color = result.get("color").and_then(Value::as_str).map(|color| named(color, theme));
    Mapped { text, color }
}

fn words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A number as JavaScript makes a key of it.
fn written(number: f64) -> String {
    match number {
        number if number == f64::INFINITY => "Infinity".to_owned(),
        number if number == f64::NEG_INFINITY => "-Infinity".to_owned(),
        0.0 => "0".to_owned(),
        number => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mappings: &str, cell: Cell<'_>, expected: Option<&str>) {
        let list: Value = serde_json::from_str(mappings).expect("JSON");
        let found = Mappings::new(Some(&list), Theme::Dark, &mut Vec::new()).find(cell);
        assert_eq!(found.and_then(|mapped| mapped.text).as_deref(), expected, "{mappings} of {cell:?}");
    }

    #[test]
    fn values_are_shown_as_words() {
        let value = r#"[{"type":"value","options":{"0":{"text":"DOWN","color":"red"},"0.5":{"text":"half"},"x":{"text":"X"}}}]"#;
        check(value, Cell::Number(0.0), Some("DOWN"));
        check(value, Cell::Number(-0.0), Some("DOWN"));
        check(value, Cell::Number(0.5), Some("half"));
        check(value, Cell::Text("x"), Some("X"));
        check(value, Cell::Number(1.0), None);
        check(value, Cell::Null, None);
        let range = r#"[{"type":"range","options":{"from":1,"to":null,"result":{"text":"many"}}}]"#;
        check(range, Cell::Number(1.0), Some("many"));
        check(range, Cell::Number(0.9), None);
        check(range, Cell::Number(f64::NAN), None);
        check(range, Cell::Text("7"), Some("many"));
        let regex = r#"[{"type":"regex","options":{"pattern":"/node-(\\d+)/","result":{"text":"n$1"}}}]"#;
        check(regex, Cell::Text("node-12.local"), Some("n12.local"));
        check(regex, Cell::Number(12.0), None);
        for (word, cell) in [
            ("null", Cell::Null),
            ("nan", Cell::Number(f64::NAN)),
            ("null+nan", Cell::Null),
            ("true", Cell::Boolean(true)),
            ("false", Cell::Text("false")),
            ("empty", Cell::Text("")),
        ] {
            let special = format!(r#"[{{"type":"special","options":{{"match":"{word}","result":{{"text":"S"}}}}}}]"#);
            check(&special, cell, Some("S"));
            check(&special, Cell::Number(1.0), None);
        }
        check(r#"[{"id":1,"type":1,"value":"1","text":"UP"}]"#, Cell::Number(1.0), Some("UP"));
        check(r#"[{"id":1,"type":1,"value":"null","text":"N/A"}]"#, Cell::Null, Some("N/A"));
        check(r#"[{"id":1,"type":2,"from":"1","to":"3","text":"few"}]"#, Cell::Number(3.0), Some("few"));
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let list = serde_json::json!([7, {}, {"type": "regex", "options": {"pattern": "/(?=x)/"}}, {"type": "new"}]);
        let mut degraded = Vec::new();
        Mappings::new(Some(&list), Theme::Dark, &mut degraded);
        assert_eq!(degraded.len(), 4);
    }
}
