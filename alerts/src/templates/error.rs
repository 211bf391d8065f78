//! What is wrong with a template, and where: our own form of it, with file, line, column and the expression.
//!
//! Deliberately unknown here: how templates are parsed and executed.

use std::{fmt, sync::Arc};

/// An error of a template, at load or while it is executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// The file or the configuration option that the text stands in.
    pub origin: String,
    /// The line within it, from 1; 0 when it is not known.
    pub line: usize,
    /// The column within the line in characters, from 1; 0 when it is not known.
    pub column: usize,
    /// The action around the place, `{{ … }}`; empty when the place is not known.
    pub expression: String,
    /// What is wrong and what was expected: lowercase, without full stop.
    pub message: String,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        write!(f, ": {}", self.message)?;
        if !self.expression.is_empty() {
            write!(f, ", in `{}`", self.expression)?;
        }
        Ok(())
    }
}

impl std::error::Error for TemplateError {}

/// A text that templates are read from.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) origin: String,
    pub(super) text: String,
}

/// A place in a source, by byte; line, column and expression are worked out only when an error needs them.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) source: Arc<Source>,
    pub(super) offset: usize,
}

impl Place {
    /// The error at this place.
    pub(super) fn error(&self, message: impl Into<String>) -> TemplateError {
        let (line, column) = line_and_column(&self.source.text, self.offset);
        TemplateError {
            origin: self.source.origin.clone(),
            line,
            column,
            expression: action_around(&self.source.text, self.offset),
            message: message.into(),
        }
    }
}

impl Source {
    /// The byte at a line and a column as gotmpl counts them: lines from 1, columns in bytes from 1.
    pub(super) fn offset(&self, line: usize, column: usize) -> usize {
        let start: usize = self.text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        floor_char(&self.text, start + column.saturating_sub(1))
    }

    /// An error that belongs to the source, at no known place.
    pub(super) fn error(&self, message: impl Into<String>) -> TemplateError {
        TemplateError {
            origin: self.origin.clone(),
            line: 0,
            column: 0,
            expression: String::new(),
            message: message.into(),
        }
    }
}

fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..floor_char(text, offset)];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// The action that surrounds `offset`, shortened to what fits a line of a log.
fn action_around(text: &str, offset: usize) -> String {
    const LONGEST: usize = 100;
    let offset = floor_char(text, offset);
    let inside = text.get(..offset + 2).filter(|head| head.ends_with("{{")).unwrap_or(&text[..offset]);
    let Some(start) = inside.rfind("{{") else { return String::new() };
    let end = text[start..].find("}}").map_or(text.len(), |at| start + at + 2);
    let action = text[start..end].split_whitespace().collect::<Vec<_>>().join(" ");
    match action.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}…", &action[..cut]),
        None => action,
    }
}

fn floor_char(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
