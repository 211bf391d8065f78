//! Values as JSON, byte for byte as Go's `encoding/json` writes them.
//!
//! Deliberately unknown here: reading JSON.

use std::fmt::Write as _;

use gotmpl::Value;

use super::{
    fields,
    gotime::RFC3339_NANO,
    text::{shortest, special_float},
    value::{Kind, Map, as_duration, as_time, kind, visible},
};

/// The compact form.
pub(super) fn compact(value: &Value) -> Result<String, String> {
    let mut writer = Writer { out: String::new(), indent: None, depth: 0 };
    writer.value(value)?;
    Ok(writer.out)
}

/// With line breaks, each level indented by `indent`.
pub(super) fn indented(value: &Value, indent: &str) -> Result<String, String> {
    let mut writer = Writer { out: String::new(), indent: Some(indent), depth: 0 };
    writer.value(value)?;
    Ok(writer.out)
}

struct Writer<'a> {
    out: String,
    indent: Option<&'a str>,
    depth: usize,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value) -> Result<(), String> {
        match value {
            Value::Nil => self.out.push_str("null"),
            Value::Bool(_) | Value::Int(_) | Value::Uint(_) => self.out.push_str(&value.to_string()),
            Value::Float(float) => self.out.push_str(&number(*float)?),
            Value::String(s) | Value::Safe { s, .. } => self.string(s),
            Value::List(items) => self.list(items)?,
            Value::Map(map) => self.map(value, map)?,
            Value::Function(_) => return Err("a function cannot be written as JSON".to_owned()),
        }
        Ok(())
    }

    fn list(&mut self, items: &[Value]) -> Result<(), String> {
        self.open('[');
        for (at, item) in items.iter().enumerate() {
            self.separate(at);
            self.value(item)?;
        }
        self.close(']', items.is_empty());
        Ok(())
    }

    fn map(&mut self, value: &Value, map: &Map) -> Result<(), String> {
        match kind(value) {
            Some(Kind::Time) => {
                let time = as_time(value).map(|time| time.format(RFC3339_NANO)).unwrap_or_default();
                self.string(&time);
                Ok(())
            }
            Some(Kind::Duration) => {
                let _ = write!(self.out, "{}", as_duration(value).map_or(0, |duration| duration.0));
                Ok(())
            }
            Some(of) if !fields::of(of).is_empty() => {
                let known = fields::of(of).iter().filter_map(|field| {
                    let value = map.get(field.name)?;
                    (!field.omit_empty || value.is_truthy()).then_some((field.json?, value))
                });
                self.object(known)
            }
            _ => self.object(visible(map).map(|(key, value)| (&**key, value))),
        }
    }

    fn object<'v>(&mut self, entries: impl Iterator<Item = (&'v str, &'v Value)>) -> Result<(), String> {
        self.open('{');
        let mut count = 0;
        for (key, value) in entries {
            self.separate(count);
            count += 1;
            self.string(key);
            self.out.push_str(if self.indent.is_some() { ": " } else { ":" });
            self.value(value)?;
        }
        self.close('}', count == 0);
        Ok(())
    }

    fn open(&mut self, bracket: char) {
        self.out.push(bracket);
        self.depth += 1;
    }

    fn separate(&mut self, at: usize) {
        if at > 0 {
            self.out.push(',');
        }
        self.new_line();
    }

    fn close(&mut self, bracket: char, empty: bool) {
        self.depth -= 1;
        if !empty {
            self.new_line();
        }
        self.out.push(bracket);
    }

    fn new_line(&mut self) {
        if let Some(indent) = self.indent {
            self.out.push('\n');
            self.out.push_str(&indent.repeat(self.depth));
        }
    }

    /// Go escapes what HTML and JavaScript could stumble over.
    fn string(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            let _ = match c {
                '"' => write!(self.out, "\\\""),
                '\\' => write!(self.out, "\\\\"),
                '\n' => write!(self.out, "\\n"),
                '\r' => write!(self.out, "\\r"),
                '\t' => write!(self.out, "\\t"),
                '\u{8}' => write!(self.out, "\\b"),
                '\u{c}' => write!(self.out, "\\f"),
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..' ' => write!(self.out, "\\u{:04x}", u32::from(c)),
                c => write!(self.out, "{c}"),
            };
        }
        self.out.push('"');
    }
}

/// Go's rule for numbers: an exponent below 1e-6 and from 1e21 on.
fn number(float: f64) -> Result<String, String> {
    if let Some(special) = special_float(float) {
        return Err(format!("{special} cannot be written as JSON"));
    }
    let size = float.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return Ok(float.to_string());
    }
    let (digits, exponent) = shortest(float);
    Ok(format!("{digits}e{exponent:+}"))
}
