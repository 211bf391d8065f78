//! `printf`: gotmpl's own, reached through a template of one action because the crate keeps its functions to itself.
//! What gotmpl does not know (times, durations, labels, Go's `%v` of floats) is made plain before.
//!
//! Deliberately unknown here: what the verbs do.

use std::sync::{Arc, LazyLock};

use gotmpl::{Template, Value};

use super::{Outcome, limited, string};
use crate::templates::{
    text::text,
    value::{Kind, Map, as_duration, kind},
};

const MOST: usize = 16;

/// `{{printf .f .a .b …}}` for each number of arguments.
static PRINTERS: LazyLock<Vec<Option<Template>>> = LazyLock::new(|| {
    let printer = |count: usize| {
        let arguments: String = NAMES.chars().take(count).map(|name| format!(" .{name}")).collect();
        Template::new("printf").parse(&format!("{{{{printf .format{arguments}}}}}")).ok()
    };
    (0..=MOST).map(printer).collect()
});
const NAMES: &str = "abcdefghijklmnop";

pub(super) fn printf(arguments: &[Value]) -> Outcome {
    let (format, arguments) = arguments.split_first().ok_or("printf takes a format")?;
    let format = string("printf", format)?;
    let printer = PRINTERS.get(arguments.len()).and_then(Option::as_ref);
    let printer = printer.ok_or_else(|| format!("printf takes at most {MOST} values"))?;
    let (format, arguments) = made_plain(format, arguments);
    let names = NAMES.chars().map(|name| Arc::from(name.to_string()));
    let mut data: Map = names.zip(arguments).collect();
    data.insert("format".into(), format.into());
    limited(printer.execute_to_string(&Value::Map(Arc::new(data))).map_err(|error| error.to_string())?)
}

/// The format with `%v` of floats as `%g`, and the arguments as gotmpl can print them.
fn made_plain(format: &str, arguments: &[Value]) -> (String, Vec<Value>) {
    let mut out = String::with_capacity(format.len());
    let mut plain = arguments.to_vec();
    let (mut next, mut rest) = (0, format);
    while let Some(at) = rest.find('%') {
        let tail = &rest[at + 1..];
        let flags = tail.find(|c: char| !"+-# .*[]".contains(c) && !c.is_ascii_digit()).unwrap_or(tail.len());
        out.push_str(&rest[..at + 1 + flags]);
        next += tail[..flags].matches('*').count();
        if let Some(index) = tail[..flags].split(['[', ']']).nth(1) {
            next = index.parse::<usize>().unwrap_or(1).saturating_sub(1);
        }
        rest = &tail[flags..];
        let Some(verb) = rest.chars().next() else { break };
        rest = &rest[verb.len_utf8()..];
        match plain.get_mut(next) {
            Some(argument) if verb != '%' => {
                let (verb, value) = for_verb(verb, argument);
                *argument = value;
                out.push(verb);
            }
            _ => out.push(verb),
        }
        next += usize::from(verb != '%');
    }
    out.push_str(rest);
    (out, plain)
}

/// The verb and the value that make gotmpl print what Go prints for `argument`.
fn for_verb(verb: char, argument: &Value) -> (char, Value) {
    match (verb, argument) {
        ('v', Value::Float(_)) => ('g', argument.clone()),
        ('T', value) => ('s', type_name(value).into()),
        ('q', Value::List(items)) => {
            let quoted: Vec<_> = items.iter().map(|item| format!("{:?}", text(item))).collect();
            ('s', format!("[{}]", quoted.join(" ")).into())
        }
        (verb, value) => (verb, plain_for(verb, value)),
    }
}

/// Go's names of types.
fn type_name(value: &Value) -> &'static str {
    match kind(value) {
        Some(Kind::Time) => "time.Time",
        Some(Kind::Duration) => "time.Duration",
        None if matches!(value, Value::Map(_)) => "template.KV",
        _ => value.type_name(),
    }
}

fn plain_for(verb: char, argument: &Value) -> Value {
    match (as_duration(argument), argument) {
        (Some(duration), _) if matches!(verb, 'd' | 'b' | 'o') => Value::Int(duration.0),
        // a map may hold hidden keys, and a list maps
        (_, Value::Map(_) | Value::List(_)) => text(argument).into(),
        (_, value) => value.clone(),
    }
}
