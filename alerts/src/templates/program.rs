//! A set of named templates, and the texts of options compiled against it: once, at load.
//!
//! Deliberately unknown here: what the defaults say, what messages are.

use std::{collections::BTreeMap, fmt, sync::Arc};

use gotmpl::parse::SmolStr;

use super::{
    data::Data,
    error::{Place, Source, TemplateError},
    functions,
    parse::{Parsed, parse},
    render::{self, Program},
    rewrite::{Definition, Rewriter},
};

/// The name of an option's own body; no user's template can have it.
pub(super) const ENTRY: &str = "\0entry";

type Definitions = BTreeMap<SmolStr, Arc<Definition>>;

/// The named templates of some sources.
#[derive(Default)]
pub(super) struct Set {
    definitions: Definitions,
    places: Arc<Vec<Place>>,
}

/// A text cut, rewritten and checked.
struct Compiled {
    source: Arc<Source>,
    entry: Definition,
    own: Definitions,
    places: Vec<Place>,
}

impl Set {
    /// Adds the templates that a file defines; they replace those of the same name. Text outside of `define` is ignored.
    pub(super) fn add(&mut self, origin: &str, text: &str) -> Result<(), Vec<TemplateError>> {
        let compiled = compile(origin, text, self.places.len())?;
        let mut places = Vec::clone(&self.places);
        places.extend(compiled.places);
        self.places = Arc::new(places);
        for (name, definition) in compiled.own {
            if definition.tree.is_empty_tree() && self.definitions.contains_key(&name) {
                continue;
            }
            self.definitions.insert(name, definition);
        }
        Ok(())
    }

    /// The names of all templates.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.definitions.keys().map(SmolStr::as_str)
    }

    /// Compiles an option's text.
    pub(super) fn text(&self, origin: &str, text: &str) -> Result<Program<gotmpl::Template>, TemplateError> {
        let compiled = self.compile(origin, text)?;
        let reachable = self.reachable(&compiled)?;
        let template = Arc::new(text_template(&compiled.entry, &reachable));
        Ok(self.program(compiled, template.clone(), Some(template)))
    }

    /// Compiles an option's text that makes HTML.
    pub(super) fn html(&self, origin: &str, text: &str) -> Result<Program<gotmpl::html::Template>, TemplateError> {
        let compiled = self.compile(origin, text)?;
        let reachable = self.reachable(&compiled)?;
        check_loops(std::iter::once(&compiled.entry).chain(reachable.values().map(|definition| &**definition)))?;
        let broken = |error: gotmpl::TemplateError| compiled.source.error(error.to_string());
        let root = format!("{{{{template {ENTRY:?} .}}}}").replace("\\0", "\\x00");
        let mut template =
            gotmpl::html::Template::new("html").funcs(functions::map()).max_range_iters(render::MOST_TURNS);
        template = template.parse(&root).map_err(broken)?;
        template = template.add_parse_tree(ENTRY, compiled.entry.tree.clone()).map_err(broken)?;
        for (name, definition) in &reachable {
            template = template.add_parse_tree(name, definition.tree.clone()).map_err(broken)?;
        }
        let twin = Arc::new(text_template(&compiled.entry, &reachable));
        let program = self.program(compiled, Arc::new(template), Some(twin));
        program.escape_now()?;
        Ok(program)
    }

    fn program<T>(&self, compiled: Compiled, template: Arc<T>, for_exec: Option<Arc<gotmpl::Template>>) -> Program<T> {
        Program { source: compiled.source, template, for_exec, shared: self.places.clone(), own: compiled.places }
    }

    fn compile(&self, origin: &str, text: &str) -> Result<Compiled, TemplateError> {
        compile(origin, text, self.places.len()).map_err(|mut errors| errors.swap_remove(0))
    }

    /// Every template that the text can come to; one that is called and not there is an error.
    fn reachable(&self, compiled: &Compiled) -> Result<Definitions, TemplateError> {
        let mut found = Definitions::new();
        let mut any = compiled.entry.calls_any;
        let mut to_do: Vec<_> = compiled.entry.calls.iter().collect();
        while let Some((name, place)) = to_do.pop() {
            if found.contains_key(name) {
                continue;
            }
            let definition = compiled.own.get(name).or_else(|| self.definitions.get(name));
            let definition = definition.ok_or_else(|| place.error(self.no_such_template(name)))?;
            any |= definition.calls_any;
            found.insert(name.clone(), definition.clone());
            let definition: &Arc<Definition> = definition;
            to_do.extend(definition.calls.iter());
        }
        if any {
            for (name, definition) in compiled.own.iter().chain(&self.definitions) {
                found.entry(name.clone()).or_insert_with(|| definition.clone());
            }
        }
        Ok(found)
    }

    fn no_such_template(&self, name: &str) -> String {
        let prefix = name.split('.').next().unwrap_or(name);
        let near: Vec<_> = self.names().filter(|known| known.split('.').next() == Some(prefix)).collect();
        match near.is_empty() {
            true => format!("there is no template {name:?}"),
            false => format!("there is no template {name:?}; there are {}", near.join(", ")),
        }
    }
}

impl fmt::Debug for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

fn text_template(entry: &Definition, reachable: &Definitions) -> gotmpl::Template {
    let base = gotmpl::Template::new("text").funcs(functions::map()).max_range_iters(render::MOST_TURNS);
    reachable.iter().fold(base.add_parse_tree(ENTRY, entry.tree.clone()), |template, (name, definition)| {
        template.add_parse_tree(name, definition.tree.clone())
    })
}

fn compile(origin: &str, text: &str, first_place: usize) -> Result<Compiled, Vec<TemplateError>> {
    let source = Arc::new(Source { origin: origin.to_owned(), text: text.to_owned() });
    let Parsed { body, defines } = parse(&source).map_err(|error| vec![error])?;
    let mut places = Vec::new();
    let mut rewriter = Rewriter::new(&source, &mut places, first_place);
    let entry = rewriter.definition(&body);
    let mut own = Definitions::new();
    for define in &defines {
        let definition = Arc::new(rewriter.definition(&define.body));
        match own.get(&define.name) {
            Some(_) if definition.tree.is_empty_tree() => {}
            Some(before) if !before.tree.is_empty_tree() => {
                rewriter.error(define.pos, format!("the template {:?} is defined twice in one text", define.name));
            }
            _ => {
                own.insert(define.name.clone(), definition);
            }
        }
    }
    let errors = rewriter.errors;
    if errors.is_empty() { Ok(Compiled { source, entry, own, places }) } else { Err(errors) }
}

/// The HTML escaper looks at the body of a loop twice, and so at what is nested `n` deep 2ⁿ times.
fn check_loops<'a>(mut definitions: impl Iterator<Item = &'a Definition>) -> Result<(), TemplateError> {
    const DEEPEST: usize = 10;
    let too_deep = definitions.find_map(|definition| definition.loops.as_ref().filter(|(depth, _)| *depth > DEEPEST));
    match too_deep {
        Some((_, place)) => Err(place.error(format!("in HTML, loops are nested at most {DEEPEST} deep"))),
        None => Ok(()),
    }
}

/// The data that escaping is tried with.
pub(super) fn nothing() -> Data {
    Data { root: gotmpl::Value::Nil, now: super::gotime::GoTime::zero(), route_labels: None }
}
