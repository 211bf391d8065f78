//! A structure of the configuration's own (a webhook's `payload`, a pager's `details`), in which every text and every key is a template.
//!
//! As in Alertmanager a text that comes out as JSON other than a string becomes that value: `"{{ len .Alerts }}"` is a number,
//! `"{{ .Alerts | toJson }}"` a list. Unlike there, what comes out is not taken for a template again: labels are data.
//!
//! Deliberately unknown here: requests.

use alerts::{
    message::Message,
    ports::{SendError, SendErrorKind},
    templates::{Data, TextTemplate},
};
use serde_json::{Map, Value};

use crate::builder::Builder;

/// The compiled structure.
pub enum Custom {
    Text(TextTemplate),
    List(Vec<Custom>),
    Map(Vec<(TextTemplate, Custom)>),
    Other(Value),
}

impl Custom {
    /// Compiles a structure.
    pub fn new(builder: &mut Builder<'_>, key: &str, structure: &Value) -> Option<Self> {
        compiled(builder, key, structure)
    }

    /// The structure for a message of which so many alerts were left out.
    ///
    /// # Errors
    /// When a template fails: a machine that is told something else than it was promised is worse than one that is not.
    pub fn rendered(&self, message: &Message, left_out: usize) -> Result<Value, SendError> {
        self.value(&Data::new(message).with_truncated_alerts(left_out))
    }

    fn value(&self, data: &Data) -> Result<Value, SendError> {
        match self {
            Custom::Text(template) => Ok(as_written(rendered(template, data)?)),
            Custom::List(items) => {
                items.iter().map(|item| item.value(data)).collect::<Result<_, _>>().map(Value::Array)
            }
            Custom::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| Ok((rendered(key, data)?, value.value(data)?)));
                entries.collect::<Result<Map<_, _>, _>>().map(Value::Object)
            }
            Custom::Other(value) => Ok(value.clone()),
        }
    }
}

fn rendered(template: &TextTemplate, data: &Data) -> Result<String, SendError> {
    template.render(data).map_err(|why| SendError::new(SendErrorKind::Rejected, why.to_string()))
}

fn as_written(text: String) -> Value {
    match serde_json::from_str(text.trim()) {
        Ok(Value::String(_)) | Err(_) => Value::String(text),
        Ok(value) => value,
    }
}

fn compiled(builder: &mut Builder<'_>, key: &str, value: &Value) -> Option<Custom> {
    match value {
        Value::String(text) => builder.text(key, text).map(Custom::Text),
        Value::Array(items) => {
            let items: Vec<_> =
                items.iter().enumerate().map(|(at, item)| compiled(builder, &format!("{key}[{at}]"), item)).collect();
            items.into_iter().collect::<Option<_>>().map(Custom::List)
        }
        Value::Object(entries) => {
            let mut all = Vec::new();
            for (name, value) in entries {
                let key = format!("{key}.{name}");
                all.push((builder.text(&key, name), compiled(builder, &key, value)));
            }
            all.into_iter().map(|(name, value)| Some((name?, value?))).collect::<Option<_>>().map(Custom::Map)
        }
        other => Some(Custom::Other(other.clone())),
    }
}
