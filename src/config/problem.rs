//! What is wrong with a configuration: all of it at once, each with its place.
//!
//! Deliberately unknown here: the file's format. A problem never repeats a value that could be a secret.

use std::fmt;

use super::tree::{Path, Position};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where in the file; line 0 when it stands in no file (the command line, a template file).
    pub at: Position,
    /// Which value.
    pub path: Path,
    /// What is wrong and what to do: lowercase, without full stop.
    pub message: String,
}

impl Problem {
    /// A problem at a place.
    pub fn new(at: Position, path: Path, message: impl Into<String>) -> Self {
        Self { at, path, message: one_line(&message.into()) }
    }
}

/// Everything that is wrong with one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    /// The file as the user named it.
    file: String,
    found: Vec<Problem>,
}

impl Problems {
    /// No problems yet with this file.
    pub fn of(file: &str) -> Self {
        Self { file: file.to_owned(), found: Vec::new() }
    }

    /// Adds a problem; one that is known already is not added again.
    pub fn push(&mut self, problem: Problem) {
        if !self.found.contains(&problem) {
            self.found.push(problem);
        }
    }

    /// Whether something is wrong with the value at this path itself, or with a part of it.
    pub fn within(&self, path: &Path) -> bool {
        self.found.iter().any(|problem| problem.path.0.starts_with(&path.0))
    }

    /// Whether something is wrong with the value at this path itself.
    pub fn at(&self, path: &Path) -> bool {
        self.found.iter().any(|problem| problem.path == *path)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// All of them in the file's order.
    pub fn sorted(&self) -> Vec<&Problem> {
        let mut sorted: Vec<_> = self.found.iter().collect();
        sorted.sort();
        sorted
    }

    /// Nothing wrong: `value`; otherwise the problems.
    ///
    /// # Errors
    /// The problems themselves.
    pub fn or<T>(self, value: T) -> Result<T, Problems> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

/// One line per problem: `config.toml:12:3: receivers[0].slack_configs[1]: unknown key "chanel", did you mean "channel"?`
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.sorted().into_iter().enumerate() {
            f.write_str(if number > 0 { "\n" } else { "" })?;
            f.write_str(&self.file)?;
            if problem.at.line > 0 {
                write!(f, ":{}:{}", problem.at.line, problem.at.column)?;
            }
            if !problem.path.0.is_empty() {
                write!(f, ": {}", problem.path)?;
            }
            write!(f, ": {}", problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// What to say about a key that is not known, with the nearest that is.
pub fn unknown_key(name: &str, known: &[&str]) -> String {
    let name = shortened(name);
    match nearest(&name, known) {
        Some(near) => format!("unknown key \"{name}\", did you mean \"{near}\"?"),
        None if known.is_empty() => format!("unknown key \"{name}\""),
        None => format!("unknown key \"{name}\", known are {}", listed(known)),
    }
}

/// What to say about a word that is not one of those that are possible.
pub fn unknown_word(word: &str, known: &[&str]) -> String {
    let word = shortened(word);
    match nearest(&word, known) {
        Some(near) => format!("\"{word}\" is not possible here, did you mean \"{near}\"?"),
        None => format!("\"{word}\" is not possible here, use {}", listed(known)),
    }
}

/// What to say about a name that nothing has.
pub fn undefined(what: &str, name: &str, known: &[&str]) -> String {
    let name = shortened(name);
    match nearest(&name, known) {
        Some(near) => format!("there is no {what} \"{name}\", did you mean \"{near}\"?"),
        None => format!("there is no {what} \"{name}\""),
    }
}

/// The known name that is nearest: a third of its letters may be wrong, or it begins with what was written.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let by_distance =
        known.iter().map(|candidate| (strsim::osa_distance(&lower, &candidate.to_lowercase()), *candidate));
    let (distance, candidate) = by_distance.min_by_key(|(distance, _)| *distance)?;
    if distance <= (candidate.chars().count() / 3).max(1) {
        return Some(candidate);
    }
    known.iter().find(|candidate| lower.len() >= 3 && candidate.starts_with(&lower)).copied()
}

/// Some libraries draw their messages over several lines.
fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn listed(known: &[&str]) -> String {
    let mut sorted: Vec<_> = known.iter().map(|name| format!("\"{name}\"")).collect();
    sorted.sort();
    sorted.join(", ")
}

fn shortened(name: &str) -> String {
    const LONGEST: usize = 60;
    match name.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}…", &name[..cut]),
        None => name.to_owned(),
    }
    .replace(char::is_control, " ")
}
