//! Lists, dicts, and Grafana's function namespaces.
//!
//! Deliberately unknown here: how a named template is executed.

use gotmpl::Value;

use super::{Outcome, limited, string};
use crate::templates::{
    context, json,
    text::text,
    value::{self, as_text, describe, visible},
};

pub(super) fn string_slice(arguments: &[Value]) -> Outcome {
    for argument in arguments {
        string("stringSlice", argument)?;
    }
    list(arguments)
}

pub(super) fn list(arguments: &[Value]) -> Outcome {
    shallow(arguments)?;
    Ok(value::list(arguments.iter().cloned()))
}

pub(super) fn append(arguments: &[Value]) -> Outcome {
    let (first, more) = arguments.split_first().ok_or("append takes a list")?;
    let Value::List(items) = first else {
        return Err(format!("append takes a list first, not {}", describe(first)));
    };
    shallow(more)?;
    Ok(value::list(items.iter().chain(more).cloned()))
}

pub(super) fn dict(arguments: &[Value]) -> Outcome {
    if !arguments.len().is_multiple_of(2) {
        return Err("dict takes keys and values in turn: one value is missing".to_owned());
    }
    shallow(arguments)?;
    let entries = arguments.chunks_exact(2).map(|pair| match as_text(&pair[0]) {
        Some(key) => Ok((key.clone(), pair[1].clone())),
        None => Err(format!("dict takes strings as keys, not {}", describe(&pair[0]))),
    });
    Ok(value::dict(entries.collect::<Result<Vec<_>, _>>()?))
}

pub(super) fn split_list(arguments: &[Value]) -> Outcome {
    let (separator, text) = (string("splitList", &arguments[0])?, string("splitList", &arguments[1])?);
    Ok(value::list(text.split(separator).map(Value::from)))
}

pub(super) fn without(arguments: &[Value]) -> Outcome {
    let (first, unwanted) = arguments.split_first().ok_or("without takes a list")?;
    let Value::List(items) = first else {
        return Err(format!("without takes a list first, not {}", describe(first)));
    };
    Ok(value::list(items.iter().filter(|item| !unwanted.contains(item)).cloned()))
}

/// Values within values within values: what is too deep would end the process when it is dropped.
fn shallow(values: &[Value]) -> Result<(), String> {
    const DEEPEST: usize = 50;
    fn depth(value: &Value, left: usize) -> bool {
        let Some(left) = left.checked_sub(1) else { return false };
        match value {
            Value::List(items) => items.iter().all(|item| depth(item, left)),
            Value::Map(map) => map.values().all(|item| depth(item, left)),
            _ => true,
        }
    }
    if values.iter().all(|value| depth(value, DEEPEST)) {
        Ok(())
    } else {
        Err("the values are nested too deeply".into())
    }
}

/// `coll.Dict`, `data.ToJSON`, `tmpl.Exec` and their like.
pub(in crate::templates) fn of_namespace(namespace: &str, name: &str, arguments: &[Value]) -> Outcome {
    match (namespace, name, arguments) {
        ("coll", "Dict", arguments) => dict(arguments),
        ("coll", "Slice", arguments) => list(arguments),
        ("coll", "Append", [item, list]) => append(&[list.clone(), item.clone()]),
        ("data", "JSON", [text]) => parse_json(text),
        ("data", "ToJSON", [value]) => Ok(json::compact(value)?.into()),
        ("data", "ToJSONPretty", [indent, value]) => {
            Ok(json::indented(value, string("data.ToJSONPretty", indent)?)?.into())
        }
        ("tmpl", "Exec", [name]) => execute(name, &Value::Nil),
        ("tmpl", "Exec", [name, dot]) => execute(name, dot),
        ("time", "Now", []) => Ok(value::time(&context::now())),
        ("coll", "Has", [container, key]) => Ok(Value::Bool(has(container, &text(key)))),
        _ => Err(format!("there is no function {namespace}.{name} with {} arguments", arguments.len())),
    }
}

fn execute(name: &Value, dot: &Value) -> Outcome {
    limited(context::execute(string("tmpl.Exec", name)?, dot)?)
}

fn parse_json(text: &Value) -> Outcome {
    let parsed: serde_json::Value =
        serde_json::from_str(string("data.JSON", text)?).map_err(|error| format!("data.JSON: {error}"))?;
    Ok(value::from_json(&parsed))
}

fn has(container: &Value, key: &str) -> bool {
    match container {
        Value::Map(map) => visible(map).any(|(name, _)| **name == *key),
        Value::List(items) => items.iter().any(|item| text(item) == *key),
        _ => false,
    }
}
