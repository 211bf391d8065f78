//! YAML to the tree of values. The only file that knows YAML's syntax.
//!
//! As strict as Alertmanager: a key stands once in a table. Only the first document of a file counts, as there. Anchors,
//! aliases and `<<` work; how deep values nest and how much aliases copy is bounded, and nothing here recurses over input
//! that is not. Deliberately unknown here: which keys there are, variables of the environment (YAML files have none).

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag};

use super::{
    problem::{Problem, Problems},
    scalar,
    tree::{Key, Node, Path, Position, Value},
};

/// The largest file: a configuration that is larger is something else.
const LARGEST_BYTES: usize = 4 * 1024 * 1024;

/// The deepest nesting: about that of the TOML parser.
const DEEPEST: usize = 80;

/// The most values that anchors and aliases may copy. A kilobyte of aliases of aliases would fill the memory.
const MOST_COPIES: usize = 100_000;

/// Reads a YAML text. Of a text with syntax errors nothing is left, and the first error is in `problems`; what works but is
/// probably not meant is in `warnings`.
pub fn read(text: &str, problems: &mut Problems, warnings: &mut Vec<String>) -> Node {
    let outcome = if text.len() > LARGEST_BYTES {
        Err(problem(Position { line: 1, column: 1 }, "the file is larger than 4 MiB"))
    } else {
        read_document(text.trim_start_matches('\u{feff}'), problems, warnings)
    };
    outcome.unwrap_or_else(|problem| {
        problems.push(problem);
        Node::empty()
    })
}

fn read_document(text: &str, problems: &mut Problems, warnings: &mut Vec<String>) -> Result<Node, Problem> {
    let mut reading = Reading { problems, open: Vec::new(), root: None, anchors: HashMap::new(), copies: 0 };
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| problem(position(error.marker()), error.info()))?;
        if matches!(event, Event::DocumentStart(_)) {
            documents += 1;
        }
        if documents > 1 {
            let line = span.start.line();
            warnings.push(format!("line {line}: another document begins here: only the first one of a file counts"));
            break;
        }
        reading.take(event, &span)?;
    }
    let root = reading.root.unwrap_or_else(Node::empty);
    match root.value {
        Value::Table(_) => Ok(root),
        Value::Null => Ok(Node::empty()),
        _ => Err(problem(root.at, &format!("expected keys and values, found {}", root.kind()))),
    }
}

/// A document while it is read.
struct Reading<'a> {
    problems: &'a mut Problems,
    open: Vec<Open>,
    root: Option<Node>,
    anchors: HashMap<usize, Node>,
    copies: usize,
}

/// A list or a table that has not ended.
struct Open {
    at: Position,
    anchor: usize,
    contents: Contents,
}

enum Contents {
    List(Vec<Node>),
    Table(Table),
}

#[derive(Default)]
struct Table {
    entries: Vec<(Key, Node)>,
    /// The keys of `entries`, to be found at once in tables of any size.
    names: HashSet<String>,
    next: Option<NextKey>,
    merged: Vec<Node>,
}

/// The key whose value comes next.
enum NextKey {
    Key(Key),
    /// `<<`: the value's entries count as if they stood here, where the table does not have them itself.
    Merge,
}

impl Reading<'_> {
    fn take(&mut self, event: Event<'_>, span: &Span) -> Result<(), Problem> {
        let at = position(&span.start);
        match event {
            Event::Scalar(text, style, anchor, tag) => self.scalar(&text, style, anchor, tag, at),
            Event::SequenceStart(anchor, tag) => self.begin(at, anchor, tag, Contents::List(Vec::new())),
            Event::MappingStart(anchor, tag) => self.begin(at, anchor, tag, Contents::Table(Table::default())),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => self.alias(anchor, at),
            _ => Ok(()),
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<Cow<'_, Tag>>,
        at: Position,
    ) -> Result<(), Problem> {
        let is_text = check_tag(tag.as_deref(), at)?;
        let plain = style == ScalarStyle::Plain;
        if let Some(next) = self.awaits_key() {
            *next = Some(if plain && text == "<<" {
                NextKey::Merge
            } else {
                let name = if plain && !is_text && scalar::is_null(text) { "" } else { text };
                NextKey::Key(Key { at, name: name.to_owned() })
            });
            return self.keep(anchor, &Node { at, value: Value::String(text.to_owned()) });
        }
        let value = if plain && !is_text { scalar::of(text) } else { Value::String(text.to_owned()) };
        let node = Node { at, value };
        self.keep(anchor, &node)?;
        self.put(node)
    }

    fn begin(
        &mut self,
        at: Position,
        anchor: usize,
        tag: Option<Cow<'_, Tag>>,
        contents: Contents,
    ) -> Result<(), Problem> {
        check_tag(tag.as_deref(), at)?;
        if self.awaits_key().is_some() {
            return Err(problem(at, "a key must be a text"));
        }
        if self.open.len() >= DEEPEST {
            return Err(problem(at, &format!("nested deeper than {DEEPEST} levels")));
        }
        self.open.push(Open { at, anchor, contents });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Problem> {
        let Some(Open { at, anchor, contents }) = self.open.pop() else { return Ok(()) };
        let value = match contents {
            Contents::List(items) => Value::List(items),
            Contents::Table(table) => Value::Table(table.finish()?),
        };
        let node = Node { at, value };
        self.keep(anchor, &node)?;
        self.put(node)
    }

    fn alias(&mut self, anchor: usize, at: Position) -> Result<(), Problem> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(problem(at, "this alias stands inside of what it stands for"));
        };
        if self.open.len() + node.depth() > DEEPEST {
            return Err(problem(at, &format!("nested deeper than {DEEPEST} levels")));
        }
        let node = node.clone();
        self.copied(&node)?;
        match (self.awaits_key(), node.value) {
            (Some(next), Value::String(name) | Value::Plain(name)) => {
                *next = Some(NextKey::Key(Key { at, name }));
                Ok(())
            }
            (Some(_), _) => Err(problem(at, "a key must be a text")),
            (None, value) => self.put(Node { at: node.at, value }),
        }
    }

    /// Where the next key goes, if one comes next.
    fn awaits_key(&mut self) -> Option<&mut Option<NextKey>> {
        match self.open.last_mut().map(|open| &mut open.contents) {
            Some(Contents::Table(Table { next: next @ None, .. })) => Some(next),
            _ => None,
        }
    }

    /// Puts a value where it belongs.
    fn put(&mut self, node: Node) -> Result<(), Problem> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.contents {
            Contents::List(items) => items.push(node),
            Contents::Table(table) => match table.next.take() {
                Some(NextKey::Merge) => table.merged.push(node),
                Some(NextKey::Key(key)) => {
                    let at = key.at;
                    if !table.add(key, node) {
                        self.problems.push(problem(at, "duplicate key"));
                    }
                }
                None => return Err(problem(node.at, "a key must be a text")),
            },
        }
        Ok(())
    }

    /// Keeps a value that an anchor names; anchor 0 is none.
    fn keep(&mut self, anchor: usize, node: &Node) -> Result<(), Problem> {
        if anchor == 0 {
            return Ok(());
        }
        self.copied(node)?;
        self.anchors.insert(anchor, node.clone());
        Ok(())
    }

    fn copied(&mut self, node: &Node) -> Result<(), Problem> {
        self.copies += node.size();
        if self.copies > MOST_COPIES {
            return Err(problem(node.at, &format!("anchors and aliases copy more than {MOST_COPIES} values")));
        }
        Ok(())
    }
}

impl Table {
    /// Adds an entry, unless there is one with that key.
    fn add(&mut self, key: Key, node: Node) -> bool {
        let new = self.names.insert(key.name.clone());
        if new {
            self.entries.push((key, node));
        }
        new
    }

    /// The entries with those of `<<`: what the table has itself counts, then the first of what is merged.
    fn finish(mut self) -> Result<Vec<(Key, Node)>, Problem> {
        for node in std::mem::take(&mut self.merged) {
            let tables = match node.value {
                Value::List(items) => items,
                _ => vec![node],
            };
            for table in tables {
                let Value::Table(more) = table.value else { return Err(problem(table.at, "<< needs a table")) };
                for (key, node) in more {
                    self.add(key, node);
                }
            }
        }
        Ok(self.entries)
    }
}

/// Whether a value is to be a text whatever it looks like. Tags other than YAML's own are refused.
fn check_tag(tag: Option<&Tag>, at: Position) -> Result<bool, Problem> {
    match tag {
        None => Ok(false),
        Some(tag) if tag.handle.is_empty() && tag.suffix == "!" => Ok(true),
        Some(tag) if tag.is_yaml_core_schema() => match tag.suffix.as_str() {
            "str" => Ok(true),
            "null" | "bool" | "int" | "float" | "seq" | "map" => Ok(false),
            _ => Err(problem(at, "this tag is not known: leave it out")),
        },
        Some(_) => Err(problem(at, "this tag is not known: leave it out")),
    }
}

fn position(marker: &Marker) -> Position {
    Position { line: marker.line(), column: marker.col() + 1 }
}

fn problem(at: Position, message: &str) -> Problem {
    Problem::new(at, Path::ROOT, message)
}
