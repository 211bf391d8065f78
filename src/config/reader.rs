//! Takes the sections out of the tree one by one, and notices which keys nobody asked for.
//!
//! Deliberately unknown here: what the sections mean.

use alerts::matcher::Syntax;
use serde::de::DeserializeOwned;

use super::{
    decode::decode,
    problem::{Problem, Problems, unknown_key},
    tree::{Key, Node, Path, Segment, Value},
};

/// The tree on its way into settings.
pub(super) struct Reader {
    root: Node,
    syntax: Syntax,
    known: Vec<&'static str>,
    problems: Problems,
    warnings: Vec<String>,
}

impl Reader {
    pub(super) fn new(root: Node, syntax: Syntax, problems: Problems, warnings: Vec<String>) -> Self {
        Self { root, syntax, known: Vec::new(), problems, warnings }
    }

    /// The tree as it is now.
    pub(super) fn tree(&self) -> &Node {
        &self.root
    }

    /// How matchers are read.
    pub(super) fn syntax(&self) -> Syntax {
        self.syntax
    }

    /// The value of a key at the root, if it is there.
    pub(super) fn optional<T: DeserializeOwned>(&mut self, name: &'static str) -> Option<T> {
        self.known.push(name);
        decode(self.root.get(name).filter(|node| node.value != Value::Null)?, &Path::from(name), &mut self.problems)
    }

    /// Takes a key out of a table at the root, so that the rest of the table can be read as something else.
    pub(super) fn inner<T: DeserializeOwned>(&mut self, table: &'static str, name: &'static str) -> Option<T> {
        let path = Path::from(table);
        let (key, node) = self.root.find_mut(&path)?.take(name)?;
        if node.value == Value::Null {
            return None;
        }
        decode(&node, &path.key(key.name), &mut self.problems)
    }

    /// A section at the root; without it, or when it is wrong, its defaults.
    pub(super) fn section<T: DeserializeOwned + Default>(&mut self, name: &'static str) -> T {
        self.optional(name).unwrap_or_default()
    }

    /// The elements of a list at the root with their paths; those that are wrong are left out.
    pub(super) fn elements<T: DeserializeOwned>(&mut self, name: &'static str) -> Vec<(Path, T)> {
        self.known.push(name);
        let Some(node) = self.root.get(name).filter(|node| node.value != Value::Null) else { return Vec::new() };
        let path = Path::from(name);
        let Value::List(items) = &node.value else {
            let message = format!("expected a list, found {} (in TOML, write [[{name}]])", node.kind());
            self.problems.push(Problem::new(node.at, path, message));
            return Vec::new();
        };
        let decoded = |(index, item)| {
            let path = path.index(index);
            decode(item, &path, &mut self.problems).map(|value| (path, value))
        };
        items.iter().enumerate().filter_map(decoded).collect()
    }

    /// Whether there is such a key at the root.
    pub(super) fn has(&self, name: &str) -> bool {
        self.root.get(name).is_some()
    }

    /// Moves the only section of an outer table to the root: Grafana has `screenshots` under `unified_alerting`.
    pub(super) fn lift(&mut self, outer: &'static str, name: &'static str) {
        self.known.push(outer);
        let both = self.has(name);
        let Some((outer_key, mut table)) = self.root.take(outer) else { return };
        let section = table.take(name);
        for (key, _) in table.entries().unwrap_or_default() {
            self.problems.push(Problem::new(key.at, Path::from(outer), unknown_key(&key.name, &[name])));
        }
        if let (Some((key, _)), true) = (&section, both) {
            let message = format!("[{name}] is there twice, here and at the root");
            self.problems.push(Problem::new(key.at, Path::from(outer).key(name), message));
        } else if let Some(entry) = section {
            self.add(entry);
        } else if table.entries().is_none() {
            self.problems.push(Problem::new(outer_key.at, Path::from(outer), "expected a table"));
        }
    }

    /// Takes out keys that a later version brings, each with a problem that says so. `why` has the text for a key, if the
    /// key is one of those.
    pub(super) fn refuse(&mut self, path: &Path, why: impl Fn(&str) -> Option<String>) {
        let Some(Value::Table(entries)) = self.root.find_mut(path).map(|node| &mut node.value) else { return };
        let problems = &mut self.problems;
        entries.retain(|(key, _)| match why(&key.name) {
            Some(message) => {
                problems.push(Problem::new(key.at, path.key(&key.name), message));
                false
            }
            None => true,
        });
    }

    /// Takes out keys that have no effect, each with a warning. `why` has the text for a key, if the key is one of those.
    pub(super) fn ignore(&mut self, path: &Path, why: impl Fn(&str) -> Option<String>) {
        let Some(Value::Table(entries)) = self.root.find_mut(path).map(|node| &mut node.value) else { return };
        let warnings = &mut self.warnings;
        entries.retain(|(key, _)| match why(&key.name) {
            Some(message) => {
                warnings.push(format!("{}: {message}", path.key(&key.name)));
                false
            }
            None => true,
        });
    }

    /// How many elements the list at a path has.
    pub(super) fn len_of(&mut self, path: &Path) -> usize {
        match self.root.find_mut(path).map(|node| &node.value) {
            Some(Value::List(items)) => items.len(),
            _ => 0,
        }
    }

    /// Adds an entry to the root.
    pub(super) fn add(&mut self, entry: (Key, Node)) {
        if let Value::Table(entries) = &mut self.root.value {
            entries.push(entry);
        }
    }

    /// Notes what is wrong with the value at a path, unless something is known to be wrong with it: then this follows.
    pub(super) fn problem(&mut self, path: &Path, message: impl Into<String>) {
        // of a key inside of a section a wrong part counts too: it was left out, and the value is not what was written
        let known = match path.0.as_slice() {
            [_, .., Segment::Key(_)] => self.problems.within(path),
            _ => self.problems.at(path),
        };
        if !known {
            self.another_problem(path, message);
        }
    }

    /// Notes what is wrong with the value at a path, whatever else is.
    pub(super) fn another_problem(&mut self, path: &Path, message: impl Into<String>) {
        self.problems.push(Problem::new(self.root.position(path), path.clone(), message));
    }

    /// Notes what works but is probably not meant.
    pub(super) fn warn(&mut self, path: &Path, message: &str) {
        self.warnings.push(format!("{path}: {message}"));
    }

    /// Notes the keys at the root that nobody asked for; the warnings, if nothing is wrong. Nothing can be read afterwards.
    pub(super) fn finish(&mut self) -> Result<Vec<String>, Problems> {
        for (key, _) in self.root.entries().unwrap_or_default() {
            if !self.known.contains(&key.name.as_str()) {
                self.problems.push(Problem::new(key.at, Path::ROOT, unknown_key(&key.name, &self.known)));
            }
        }
        std::mem::take(&mut self.problems).or(std::mem::take(&mut self.warnings))
    }
}
