//! What stands behind a dot: fields, labels, and the methods that Go's types have.
//!
//! Deliberately unknown here: where in the template it stands; errors are sentences without a place.

use gotmpl::Value;

use super::{
    fields, functions,
    text::{sorted_pairs, text},
    time_members,
    value::{self, Kind, Map, as_text, describe, kind, visible},
};

/// `receiver.A.B.C arguments…`
pub(super) fn member(receiver: &Value, chain: &str, arguments: &[Value]) -> Result<Value, String> {
    if matches!(receiver, Value::Nil) {
        return Ok(Value::Nil); // as Go: a template called without an argument may look at anything
    }
    let mut value = receiver.clone();
    let mut names = chain.split('.').peekable();
    while let Some(name) = names.next() {
        let given = if names.peek().is_some() { &[] } else { arguments };
        value = step(&value, name, given)?;
    }
    Ok(value)
}

fn step(receiver: &Value, name: &str, arguments: &[Value]) -> Result<Value, String> {
    match receiver {
        Value::List(items) => list_member(items, name, arguments),
        Value::Map(map) => match kind(receiver) {
            None => label_member(receiver, map, name, arguments),
            Some(Kind::Time) => time_members::of_time(receiver, name, arguments),
            Some(Kind::Duration) => time_members::of_duration(receiver, name, arguments),
            Some(Kind::Namespace) => {
                functions::of_namespace(value::as_namespace(receiver).unwrap_or_default(), name, arguments)
            }
            Some(of) => field(of, map, name, arguments),
        },
        other => Err(format!("cannot take .{name} of {}", describe(other))),
    }
}

fn field(of: Kind, map: &Map, name: &str, arguments: &[Value]) -> Result<Value, String> {
    no_arguments(name, arguments)?;
    match (map.get(name), of) {
        (Some(value), _) => Ok(value.clone()),
        (None, Kind::Dict) => Ok(Value::Nil),
        (None, Kind::Numbers) => Ok(Value::Float(0.0)),
        (None, of) => Err(unknown_field(of, map, name)),
    }
}

fn unknown_field(of: Kind, map: &Map, name: &str) -> String {
    let what = match of {
        Kind::Data => "the message",
        Kind::Alert => "an alert",
        Kind::Pair => "a pair",
        _ => "a picture",
    };
    let known: Vec<_> =
        fields::of(of).iter().filter(|field| map.contains_key(field.name)).map(|field| field.name).collect();
    format!("{what} has no field {name}; it has {}", known.join(", "))
}

fn no_arguments(name: &str, arguments: &[Value]) -> Result<(), String> {
    if arguments.is_empty() { Ok(()) } else { Err(format!(".{name} takes no arguments")) }
}

/// The arguments of a method, counted.
pub(super) fn counted<'a, const N: usize>(name: &str, arguments: &'a [Value]) -> Result<&'a [Value; N], String> {
    arguments.try_into().map_err(|_| format!(".{name} takes {N} arguments, not {}", arguments.len()))
}

fn list_member(items: &[Value], name: &str, arguments: &[Value]) -> Result<Value, String> {
    let all = |wanted: Kind| items.iter().all(|item| kind(item) == Some(wanted));
    match name {
        "Firing" | "Resolved" if all(Kind::Alert) => {
            no_arguments(name, arguments)?;
            let status = if name == "Firing" { "firing" } else { "resolved" };
            let wanted = |item: &&Value| item.field("Status").and_then(Value::as_str) == Some(status);
            Ok(value::list(items.iter().filter(wanted).cloned()))
        }
        "Names" | "Values" if all(Kind::Pair) => {
            no_arguments(name, arguments)?;
            let part = if name == "Names" { "Name" } else { "Value" };
            Ok(value::list(items.iter().filter_map(|item| item.field(part).cloned())))
        }
        "Join" if items.iter().all(|item| as_text(item).is_some()) => {
            let [separator] = counted(name, arguments)?;
            Ok(items.iter().map(text).collect::<Vec<_>>().join(&text(separator)).into())
        }
        _ => Err(format!("this list has no .{name}; alerts have .Firing and .Resolved, pairs .Names and .Values")),
    }
}

/// Methods win over labels of the same name, as in Go; a label that is not there is empty.
fn label_member(labels: &Value, map: &Map, name: &str, arguments: &[Value]) -> Result<Value, String> {
    if name == "Remove" {
        let [names] = counted(name, arguments)?;
        return remove(map, names);
    }
    no_arguments(name, arguments)?;
    Ok(match name {
        // an empty map prints, measures and ranges as Go's empty list of pairs does
        "SortedPairs" if map.is_empty() => labels.clone(),
        "SortedPairs" => value::list(sorted_pairs(map).map(|(name, value)| {
            value::structure(Kind::Pair, [("Name", Value::String(name.clone())), ("Value", value.clone())])
        })),
        "Names" => value::list(sorted_pairs(map).map(|(name, _)| Value::String(name.clone()))),
        "Values" => value::list(sorted_pairs(map).map(|(_, value)| value.clone())),
        "String" => text(labels).into(),
        name => map.get(name).cloned().unwrap_or_else(|| "".into()),
    })
}

fn remove(map: &Map, names: &Value) -> Result<Value, String> {
    let unwanted: Vec<_> = match names {
        Value::List(names) => names.iter().filter_map(as_text).collect(),
        Value::Map(names) if names.is_empty() => Vec::new(),
        other => return Err(format!(".Remove takes a list of names, not {}", describe(other))),
    };
    let kept = visible(map).filter(|(name, _)| !unwanted.contains(name));
    Ok(Value::Map(std::sync::Arc::new(kept.map(|(name, value)| (name.clone(), value.clone())).collect())))
}
