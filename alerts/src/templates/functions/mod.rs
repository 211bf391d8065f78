//! The functions of templates: Go's own, Alertmanager's, Grafana's.
//!
//! One visible list. Each function gets its arguments without their place; the rewriter and [`register`] see to it that
//! the number of arguments is right and that an error finds its place.
//!
//! Deliberately unknown here: parsing, HTML escaping (`html`, `js`, `urlquery`, `and` and `or` are gotmpl's own).

mod builtin;
mod collections;
mod compare;
mod printf;
mod regular;
mod strings;
mod times;

use std::sync::Arc;

use gotmpl::{FuncMap, Value};

use super::{
    member::member,
    text::{printable, sprint, text},
    value::{self, as_text, describe},
};
pub(super) use collections::of_namespace;

/// The result of a function: an error is a sentence without a place.
type Outcome = Result<Value, String>;

/// A function that templates can call.
pub(super) struct Function {
    pub(super) name: &'static str,
    /// The least number of arguments.
    pub(super) least: usize,
    /// The greatest.
    pub(super) most: usize,
    run: fn(&[Value]) -> Outcome,
}

const ANY: usize = usize::MAX;

const fn function(name: &'static str, least: usize, most: usize, run: fn(&[Value]) -> Outcome) -> Function {
    Function { name, least, most, run }
}

/// All functions that are ours.
const ALL: &[Function] = &[
    // Go's
    function("eq", 2, ANY, compare::eq),
    function("ne", 2, 2, compare::ne),
    function("lt", 2, 2, compare::lt),
    function("le", 2, 2, compare::le),
    function("gt", 2, 2, compare::gt),
    function("ge", 2, 2, compare::ge),
    function("not", 1, 1, |a| Ok(Value::Bool(!a[0].is_truthy()))),
    function("len", 1, 1, builtin::len),
    function("index", 1, ANY, builtin::index),
    function("slice", 1, 4, builtin::slice),
    function("print", 0, ANY, builtin::print),
    function("println", 0, ANY, builtin::println),
    function("printf", 1, ANY, printf::printf),
    function("call", 1, ANY, |a| Err(format!("{} cannot be called", describe(&a[0])))),
    // Alertmanager's
    function("toUpper", 1, 1, |a| Ok(strings::upper(string("toUpper", &a[0])?).into())),
    function("toLower", 1, 1, |a| Ok(strings::lower(string("toLower", &a[0])?).into())),
    function("title", 1, 1, |a| Ok(strings::title(string("title", &a[0])?).into())),
    function("trimSpace", 1, 1, |a| Ok(string("trimSpace", &a[0])?.trim().into())),
    function("join", 2, 2, strings::join),
    function("match", 2, 2, regular::is_match),
    function("reReplaceAll", 3, 3, regular::replace_all),
    function("safeHtml", 1, 1, |a| strings::safe("safeHtml", gotmpl::SafeKind::Html, &a[0])),
    function("safeUrl", 1, 1, |a| strings::safe("safeUrl", gotmpl::SafeKind::Url, &a[0])),
    function("urlUnescape", 1, 1, |a| strings::url_unescape(string("urlUnescape", &a[0])?)),
    function("base64encode", 1, 1, |a| Ok(strings::base64_encode(string("base64encode", &a[0])?).into())),
    function("base64decode", 1, 1, |a| strings::base64_decode(string("base64decode", &a[0])?)),
    function("stringSlice", 0, ANY, collections::string_slice),
    function("list", 0, ANY, collections::list),
    function("append", 1, ANY, collections::append),
    function("dict", 0, ANY, collections::dict),
    function("toJson", 1, 1, |a| Ok(super::json::compact(&a[0])?.into())),
    function("routeLabels", 1, 1, |a| Ok(super::context::route_label(string("routeLabels", &a[0])?)?.into())),
    function("now", 0, 0, |_| Ok(value::time(&super::context::now()))),
    function("since", 1, 1, times::since),
    function("date", 2, 2, times::date),
    function("tz", 2, 2, times::tz),
    function("toDate", 2, 2, times::to_date),
    function("mustToDate", 2, 2, times::must_to_date),
    function("humanizeDuration", 1, 1, times::humanize_duration),
    // Grafana's
    function("coll", 0, 0, |_| Ok(value::namespace("coll"))),
    function("data", 0, 0, |_| Ok(value::namespace("data"))),
    function("tmpl", 0, 0, |_| Ok(value::namespace("tmpl"))),
    function("time", 0, 0, |_| Ok(value::namespace("time"))),
    function("splitList", 2, 2, collections::split_list),
    function("without", 1, ANY, collections::without),
];

/// The functions that gotmpl executes itself, with the least number of arguments.
const GOTMPLS_OWN: [(&str, usize); 5] = [("and", 1), ("or", 1), ("html", 1), ("js", 1), ("urlquery", 1)];

/// How many arguments a function takes; none if there is no such function.
pub(super) fn arity(name: &str) -> Option<(usize, usize)> {
    let own = GOTMPLS_OWN.iter().find(|(own, _)| *own == name).map(|(_, least)| (*least, ANY));
    own.or_else(|| ALL.iter().find(|f| f.name == name).map(|f| (f.least, f.most)))
}

/// The names of all functions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|f| f.name).chain(GOTMPLS_OWN.iter().map(|(name, _)| *name))
}

/// What the rewriter calls a look-up behind a dot, an action's end, an argument of `html`, the pipeline of `range`, nil.
pub(super) const MEMBER: &str = "__member";
pub(super) const PRINT: &str = "__print";
pub(super) const ARGUMENT: &str = "__argument";
pub(super) const RANGE: &str = "__range";
pub(super) const NIL: &str = "__nil";
/// `urlquery` under another name and with a trusted result: under its own, gotmpl's HTML escaper refuses it in loops.
pub(super) const URL_QUERY: &str = "__urlquery";

/// All functions as gotmpl takes them. The first argument is the number of the place.
pub(super) fn map() -> FuncMap {
    let mut map = FuncMap::new();
    for f in ALL {
        map.insert(f.name.to_owned(), placed(f.run));
    }
    map.insert(MEMBER.to_owned(), placed(run_member));
    map.insert(PRINT.to_owned(), Arc::new(|arguments| Ok(arguments.last().map_or(Value::Nil, printable))));
    map.insert(ARGUMENT.to_owned(), placed(argument));
    map.insert(RANGE.to_owned(), placed(builtin::range));
    map.insert(URL_QUERY.to_owned(), placed(url_query));
    map.insert(NIL.to_owned(), Arc::new(|_| Ok(Value::Nil)));
    map
}

fn placed(run: fn(&[Value]) -> Outcome) -> gotmpl::ValueFunc {
    Arc::new(move |arguments| {
        let (place, arguments) = arguments.split_first().unwrap_or((&Value::Nil, &[]));
        run(arguments).map_err(|message| gotmpl::TemplateError::Exec(at_place(place, message)))
    })
}

const PLACE_MARK: char = '\u{1}';

/// Writes the number of the place before a message; the innermost place stays.
fn at_place(place: &Value, message: String) -> String {
    if message.starts_with(PLACE_MARK) { message } else { format!("{PLACE_MARK}{place}{PLACE_MARK}{message}") }
}

/// Takes the number of the place off again.
pub(super) fn place_of(message: &str) -> Option<(usize, &str)> {
    let (place, message) = message.strip_prefix(PLACE_MARK)?.split_once(PLACE_MARK)?;
    Some((place.parse().ok()?, message))
}

fn run_member(arguments: &[Value]) -> Outcome {
    match arguments {
        [receiver, Value::String(chain), arguments @ ..] => member(receiver, chain, arguments),
        _ => Err("broken look-up".to_owned()),
    }
}

/// What `html` and its like get: one value stays what it is, several are printed into one.
fn argument(arguments: &[Value]) -> Outcome {
    match arguments {
        [one] => Ok(printable(one)),
        several => limited(sprint(several)),
    }
}

/// Percent-encoded, it is safe in every URL.
fn url_query(arguments: &[Value]) -> Outcome {
    let text = match argument(arguments)? {
        Value::Nil => "<no value>".to_owned(),
        value => text(&value),
    };
    Ok(Value::Safe { kind: gotmpl::SafeKind::Url, s: gotmpl::url_encode(&text).into() })
}

/// An argument that has to be a string.
fn string<'a>(function: &str, argument: &'a Value) -> Result<&'a str, String> {
    as_text(argument).map(|s| &**s).ok_or_else(|| format!("{function} takes a string, not {}", describe(argument)))
}

/// A text that a template makes grow without end is an error, not the end of the process.
fn limited(text: String) -> Outcome {
    const LONGEST: usize = 4 << 20;
    if text.len() > LONGEST { Err("the text is longer than 4 MiB".to_owned()) } else { Ok(text.into()) }
}
