//! From the tree to typed sections: everything that is wrong with a section at once, through serde's derive.
//!
//! serde stops at the first error. So a section is read again and again, each time without the value that was wrong, until
//! what is left is right. Keys that a struct does not have are noted on the way, with or without `deny_unknown_fields`.
//!
//! Deliberately unknown here: which sections there are.

mod access;
mod error;

use std::cell::RefCell;

use serde::de::DeserializeOwned;

use super::{
    problem::{Problem, Problems},
    tree::{Node, Path, Segment},
};
use access::{NodeDeserializer, placed};

/// More errors of one section than this are not looked for.
const MOST: usize = 100;

/// Reads a value of the tree as `T`. What is wrong is in `problems`, with its place; then the value is what is left
/// without it, so that it can be checked further, or none if nothing useful is left.
pub fn decode<T: DeserializeOwned>(node: &Node, path: &Path, problems: &mut Problems) -> Option<T> {
    let mut notes = Notes::default();
    for _ in 0..MOST {
        let outcome = placed(T::deserialize(NodeDeserializer::new(node, path.clone(), &notes)), node, path, &notes);
        notes.unknown.take().into_iter().for_each(|problem| problems.push(problem));
        if let Ok(value) = outcome {
            return Some(value);
        }
        let failure = notes.failure.take()?;
        if !failure.is_consequence_of(&notes.wrong) {
            problems.push(failure.problem);
        }
        if failure.value == *path || notes.wrong.contains(&failure.value) {
            return None;
        }
        notes.wrong.push(failure.value);
    }
    None
}

/// In tests: notes which structs were read from what, so that the example can be compared with the keys that the code knows.
#[cfg_attr(not(test), expect(unused_variables, reason = "only tests ask"))]
fn seen(name: &'static str, fields: &'static [&'static str], node: &Node) {
    #[cfg(test)]
    recorded::STRUCTS.with_borrow_mut(|structs| {
        let keys = node.entries().unwrap_or_default().iter().map(|(key, _)| key.name.clone());
        structs.entry((name, fields)).or_default().extend(keys);
    });
}

/// What was read on this thread.
#[cfg(test)]
pub(super) mod recorded {
    use std::{
        cell::RefCell,
        collections::{BTreeMap, BTreeSet},
    };

    /// A struct's name and its fields.
    type Struct = (&'static str, &'static [&'static str]);

    thread_local! {
        /// The structs that were read, and the keys that were given in any of the tables that they were read from.
        pub(in super::super) static STRUCTS: RefCell<BTreeMap<Struct, BTreeSet<String>>> = RefCell::default();
    }
}

/// What is noted while a value is read. It lies beside serde's own errors because those lose their places on the way
/// through buffered content and erased types.
#[derive(Default)]
struct Notes {
    /// Values that earlier readings found wrong: this one does not see them.
    wrong: Vec<Path>,
    /// Keys that no field has.
    unknown: RefCell<Vec<Problem>>,
    /// The error that ends this reading, with its innermost place.
    failure: RefCell<Option<Failure>>,
}

/// An error with its place.
struct Failure {
    problem: Problem,
    /// The value without which the rest can be read.
    value: Path,
    /// The key that is missing, when that is the error.
    missing: Option<&'static str>,
}

impl Failure {
    /// Whether the key is missing only because its value was wrong.
    fn is_consequence_of(&self, wrong: &[Path]) -> bool {
        let Some(missing) = self.missing else { return false };
        wrong.iter().any(|path| match path.0.split_last() {
            Some((Segment::Key(name), parent)) => parent == self.problem.path.0 && name == missing,
            _ => false,
        })
    }
}

#[cfg(test)]
mod tests;
