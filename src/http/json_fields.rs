//! The fields of a JSON object as Go's decoder finds them, and its words where one has the wrong type.
//!
//! Names count in any case, the exact one first; `null` is "not there". Deliberately unknown here: what the fields mean.

use alerts::{Time, gotext::Quoted, intake::parse_time};
use serde_json::{Map, Value};

/// A time that was given; none: it says "unknown".
pub(super) type GivenTime = Option<Time>;

/// The fields of an object, and what it is called in errors about them.
pub(super) struct Fields {
    object: Map<String, Value>,
    of: &'static str,
}

impl Fields {
    /// `null` has no fields.
    pub(super) fn of(json: Value, of: &'static str) -> Result<Self, String> {
        match json {
            Value::Object(object) => Ok(Self { object, of }),
            Value::Null => Ok(Self { object: Map::new(), of }),
            other => Err(format!("json: cannot unmarshal {} into Go value of type models.{of}", kind(&other))),
        }
    }

    /// The field of exactly that name, else one that differs only in case; the last, if there are several.
    fn take(&mut self, name: &str) -> Option<Value> {
        let named = |field: &&String| field.eq_ignore_ascii_case(name);
        let exact = self.object.contains_key(name).then(|| name.to_owned());
        let found = exact.or_else(|| self.object.keys().rfind(named).cloned())?;
        self.object.shift_remove(&found).filter(|value| !value.is_null())
    }

    pub(super) fn string(&mut self, name: &str) -> Result<Option<String>, String> {
        match self.take(name) {
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong(&other, name, "string")),
            None => Ok(None),
        }
    }

    pub(super) fn truth(&mut self, name: &str) -> Result<Option<bool>, String> {
        match self.take(name) {
            Some(Value::Bool(truth)) => Ok(Some(truth)),
            Some(other) => Err(self.wrong(&other, name, "bool")),
            None => Ok(None),
        }
    }

    pub(super) fn time(&mut self, name: &str) -> Result<Option<GivenTime>, String> {
        let Some(text) = self.string(name)? else { return Ok(None) };
        parse_time(&text).map(Some).map_err(|reason| format!("parsing time {}: {reason}", Quoted(&text)))
    }

    /// An object of texts; nothing and `null` are none.
    pub(super) fn texts(&mut self, name: &str, of: &str) -> Result<Vec<(String, String)>, String> {
        let object = match self.take(name) {
            Some(Value::Object(object)) => object,
            Some(other) => return Err(self.wrong(&other, name, of)),
            None => return Ok(Vec::new()),
        };
        let pair = |(key, value)| match value {
            Value::String(text) => Ok((key, text)),
            Value::Null => Ok((key, String::new())),
            other => Err(self.wrong(&other, name, "string")),
        };
        object.into_iter().map(pair).collect()
    }

    pub(super) fn list<T>(
        &mut self,
        name: &str,
        of: &str,
        item: impl Fn(Value) -> Result<T, String>,
    ) -> Result<Option<Vec<T>>, String> {
        match self.take(name) {
            Some(Value::Array(items)) => items.into_iter().map(item).collect::<Result<_, _>>().map(Some),
            Some(other) => Err(self.wrong(&other, name, of)),
            None => Ok(None),
        }
    }

    fn wrong(&self, value: &Value, name: &str, wanted: &str) -> String {
        format!("json: cannot unmarshal {} into Go struct field {}.{name} of type {wanted}", kind(value), self.of)
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
