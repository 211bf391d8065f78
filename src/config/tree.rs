//! The configuration file as a tree of values, each with its place in the file, whatever format it was written in.
//!
//! Deliberately unknown here: TOML, YAML, which keys there are.

use std::{borrow::Cow, fmt};

use super::scalar;

/// A place in the file: line and column in characters, both from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1; 0 when the value stands in no file.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// A value and where it stands.
#[derive(Clone, PartialEq)]
pub struct Node {
    /// Where it begins.
    pub at: Position,
    /// What it is.
    pub value: Value,
}

/// The kinds of values that formats have.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// Nothing: a YAML key without a value.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// A text; dates are texts too.
    String(String),
    /// A text without quotes that could be true, false or a number: it is of the type that is asked for. YAML's.
    Plain(String),
    /// An ordered list.
    List(Vec<Node>),
    /// Keys and values in the file's order, each key once.
    Table(Vec<(Key, Node)>),
}

/// The key of a table's entry and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Where it begins.
    pub at: Position,
    /// The key.
    pub name: String,
}

impl Node {
    /// A table with nothing in it: the empty file.
    pub fn empty() -> Self {
        Self { at: Position::default(), value: Value::Table(Vec::new()) }
    }

    /// The entries, if this is a table.
    pub fn entries(&self) -> Option<&[(Key, Node)]> {
        match &self.value {
            Value::Table(entries) => Some(entries),
            _ => None,
        }
    }

    /// How many values it is, with all inside.
    pub fn size(&self) -> usize {
        1 + self.children().map(Node::size).sum::<usize>()
    }

    /// How many levels of lists and tables are in it.
    pub fn depth(&self) -> usize {
        self.children().map(|child| 1 + child.depth()).max().unwrap_or(0)
    }

    fn children(&self) -> impl Iterator<Item = &Node> {
        let items = if let Value::List(items) = &self.value { items.as_slice() } else { &[] };
        items.iter().chain(self.entries().unwrap_or_default().iter().map(|(_, node)| node))
    }

    /// The value of a key, if this is a table that has it.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.entries()?.iter().find(|(key, _)| key.name == name).map(|(_, node)| node)
    }

    /// Takes an entry out of a table.
    pub fn take(&mut self, name: &str) -> Option<(Key, Node)> {
        let Value::Table(entries) = &mut self.value else { return None };
        let at = entries.iter().position(|(key, _)| key.name == name)?;
        Some(entries.remove(at))
    }

    /// Sets a text in a table at the root, unless it is set already.
    pub fn insert_default(&mut self, table: &str, name: &str, text: &str) {
        let at = Position::default();
        let Value::Table(entries) = &mut self.value else { return };
        let index = entries.iter().position(|(key, _)| key.name == table).unwrap_or_else(|| {
            entries.push((Key { at, name: table.to_owned() }, Node::empty()));
            entries.len() - 1
        });
        let inner = &mut entries[index].1;
        if inner.value == Value::Null {
            inner.value = Value::Table(Vec::new());
        }
        let set = inner.get(name).is_some_and(|node| node.value != Value::Null);
        if let (Value::Table(inner), false) = (&mut inner.value, set) {
            inner.retain(|(key, _)| key.name != name);
            inner.push((Key { at, name: name.to_owned() }, Node { at, value: Value::String(text.to_owned()) }));
        }
    }

    /// The value at a path, if it leads somewhere.
    pub fn find_mut(&mut self, path: &Path) -> Option<&mut Node> {
        path.0.iter().try_fold(self, |node, segment| match (&mut node.value, segment) {
            (Value::Table(entries), Segment::Key(name)) => {
                entries.iter_mut().find(|(key, _)| key.name == *name).map(|(_, node)| node)
            }
            (Value::List(items), Segment::Index(index)) => items.get_mut(*index),
            _ => None,
        })
    }

    /// Where the value at a path stands: of a table's entry, where its key stands. A path that leads nowhere gives the
    /// place of the last value on it that exists.
    pub fn position(&self, path: &Path) -> Position {
        let (mut node, mut at) = (self, self.at);
        for segment in &path.0 {
            let next = match (segment, &node.value) {
                (Segment::Key(name), Value::Table(entries)) => {
                    entries.iter().find(|(key, _)| key.name == *name).map(|(key, node)| (key.at, node))
                }
                (Segment::Index(index), Value::List(items)) => items.get(*index).map(|node| (node.at, node)),
                _ => None,
            };
            match next {
                Some((place, child)) => (at, node) = (place, child),
                None => break,
            }
        }
        at
    }

    /// The value with a type of its own: a [`Value::Plain`] as what it looks like.
    pub fn resolved(&self) -> Cow<'_, Value> {
        match &self.value {
            Value::Plain(text) => Cow::Owned(scalar::resolved(text)),
            value => Cow::Borrowed(value),
        }
    }

    /// What it is, in words, without its contents: values may be secrets.
    pub fn kind(&self) -> &'static str {
        match &*self.resolved() {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::String(_) | Value::Plain(_) => "a string",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
}

/// Shows the shape without the contents: values may be secrets.
impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Value::List(items) => f.debug_list().entries(items).finish(),
            Value::Table(entries) => {
                f.debug_map().entries(entries.iter().map(|(key, node)| (&key.name, node))).finish()
            }
            _ => f.write_str(self.kind()),
        }
    }
}

/// The way from the root to a value, printed as `receivers[0].slack_configs[1].channel`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(pub Vec<Segment>);

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// Into a table.
    Key(String),
    /// Into a list, from 0.
    Index(usize),
}

impl Path {
    /// The root.
    pub const ROOT: Path = Path(Vec::new());

    /// The path of an entry of this table.
    #[must_use]
    pub fn key(&self, name: impl Into<String>) -> Self {
        self.with(Segment::Key(name.into()))
    }

    /// The path of an element of this list.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(Segment::Index(index))
    }

    /// Reads what [`Path`] prints; keys with dots or brackets in them come out as several.
    pub fn parse(text: &str) -> Self {
        let mut path = Path::ROOT;
        for step in text.split('.').flat_map(|part| part.split('[')).filter(|step| !step.is_empty()) {
            path = match step.strip_suffix(']').and_then(|index| index.parse().ok()) {
                Some(index) => path.index(index),
                None => path.key(step),
            };
        }
        path
    }

    fn with(&self, segment: Segment) -> Self {
        Self(self.0.iter().cloned().chain([segment]).collect())
    }
}

impl From<&str> for Path {
    /// One key below the root.
    fn from(name: &str) -> Self {
        Path::ROOT.key(name)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(name) => write!(f, "{}{name}", if at > 0 { "." } else { "" })?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
