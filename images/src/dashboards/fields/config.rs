//! A field's settings: the data source's, filled up with the panel's defaults, changed by overrides.
//!
//! What is of a wrong type counts as not there. Deliberately unknown here: which override matches.

use charts::Unit;
use serde_json::{Map, Value};

/// The longest unit, in characters.
const LONGEST_UNIT: usize = 40;

/// The settings of one field.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FieldConfig(Map<String, Value>);

impl FieldConfig {
    /// The data source's settings.
    pub(crate) fn new(settings: Map<String, Value>) -> FieldConfig {
        FieldConfig(settings)
    }

    /// Takes from the panel's settings what is not there yet.
    pub(crate) fn fill_up(&mut self, defaults: &Map<String, Value>) {
        fill_up(&mut self.0, defaults);
        let both = (self.number("min"), self.number("max"));
        if let (Some(min), Some(max)) = both
            && min > max
        {
            self.set("min", max.into());
            self.set("max", min.into());
        }
    }

    /// Sets a property: `unit`, `custom.lineWidth`, `custom.stacking`. Null takes it away.
    pub(crate) fn set(&mut self, id: &str, value: Value) {
        let (map, key) = match id.strip_prefix("custom.") {
            Some(key) => {
                let custom = self.0.entry("custom").or_insert_with(|| Value::Object(Map::new()));
                if !custom.is_object() {
                    *custom = Value::Object(Map::new());
                }
                (custom.as_object_mut(), key)
            }
            None => (Some(&mut self.0), id),
        };
        let Some(map) = map else { return };
        if value.is_null() {
            map.remove(key);
        } else {
            map.insert(key.to_owned(), value);
        }
    }

    /// All of it.
    pub(crate) fn map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// A setting.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    /// A setting of the panel's type.
    pub(crate) fn custom(&self, key: &str) -> Option<&Value> {
        self.0.get("custom")?.get(key).filter(|value| !value.is_null())
    }

    /// A word.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str().filter(|text| !text.is_empty())
    }

    /// A number.
    pub(crate) fn number(&self, key: &str) -> Option<f64> {
        self.get(key).and_then(number)
    }

    /// A word of the panel's type.
    pub(crate) fn custom_text(&self, key: &str) -> Option<&str> {
        self.custom(key)?.as_str().filter(|text| !text.is_empty())
    }

    /// A number of the panel's type.
    pub(crate) fn custom_number(&self, key: &str) -> Option<f64> {
        self.custom(key).and_then(number)
    }

    /// How values are written. A unit of free words is part of texts, too: it has no more characters than a word, and none that do
    /// something else than being read.
    pub(crate) fn unit(&self) -> Unit {
        let printed = |c: &char| {
            !c.is_control() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        };
        let unit = |text: &str| Unit::parse(&text.chars().filter(printed).take(LONGEST_UNIT).collect::<String>());
        self.text("unit").map_or(Unit::None, unit)
    }

    /// Digits after the point.
    pub(crate) fn decimals(&self) -> Option<u8> {
        self.number("decimals").filter(|decimals| decimals.is_finite()).map(|decimals| decimals.clamp(0.0, 20.0) as u8)
    }
}

fn fill_up(own: &mut Map<String, Value>, defaults: &Map<String, Value>) {
    for (key, value) in defaults {
        match own.get_mut(key) {
            None | Some(Value::Null) => {
                own.insert(key.clone(), value.clone());
            }
            Some(Value::Object(inner)) if key == "custom" => {
                if let Value::Object(defaults) = value {
                    fill_up(inner, defaults);
                }
            }
            Some(_) => {}
        }
    }
}

/// A number, or a text that is one: old dashboards have both.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(json: &str) -> Map<String, Value> {
        serde_json::from_str(json).expect("JSON")
    }

    #[test]
    fn the_data_source_comes_before_the_panel_and_overrides_before_both() {
        let mut config = FieldConfig::new(map(r#"{"unit":"bytes","min":null,"custom":{"lineWidth":2}}"#));
        config
            .fill_up(&map(r#"{"unit":"s","min":5,"max":1,"decimals":"2","custom":{"lineWidth":1,"fillOpacity":10}}"#));
        assert_eq!(config.text("unit"), Some("bytes"));
        assert_eq!((config.number("min"), config.number("max")), (Some(1.0), Some(5.0)), "they are put in order");
        assert_eq!(config.decimals(), Some(2));
        assert_eq!((config.custom_number("lineWidth"), config.custom_number("fillOpacity")), (Some(2.0), Some(10.0)));
        config.set("custom.lineWidth", 9.into());
        config.set("unit", Value::Null);
        config.set("decimals", (-4).into());
        assert_eq!(
            (config.custom_number("lineWidth"), config.unit(), config.decimals()),
            (Some(9.0), Unit::None, Some(0))
        );
        let mut broken = FieldConfig::new(map(r#"{"custom":7,"unit":[],"decimals":{}}"#));
        broken.set("custom.lineWidth", 3.into());
        assert_eq!(
            (broken.custom_number("lineWidth"), broken.unit(), broken.decimals()),
            (Some(3.0), Unit::None, None)
        );
    }
}
