//! Reading matchers in Alertmanager's three ways: the UTF-8 parser, the classic one, and both with the classic one winning
//! where they disagree (`matcher/compat/parse.go`).
//!
//! Deliberately unknown here: what is matched. The two grammars are in [`utf8`] and [`classic`].

mod classic;
mod lexer;
mod utf8;

use std::fmt;

use super::Matcher;

pub(super) use lexer::is_reserved;

/// Which parser reads matchers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Syntax {
    /// The UTF-8 parser; where only the classic one accepts the text, or both do and differ, the classic one's result.
    #[default]
    Fallback,
    /// The UTF-8 parser alone (`utf8-strict-mode`).
    Utf8,
    /// The classic parser alone (`classic-mode`).
    Classic,
}

/// Why a text is no matcher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatcherError {
    /// What is wrong, in Alertmanager's words, which an API client may look for.
    pub message: String,
    /// Where: the column of the first character that is not understood, counted from 0, and that after the last.
    pub columns: Option<(usize, usize)>,
}

impl MatcherError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), columns: None }
    }

    fn at(columns: (usize, usize), message: impl fmt::Display) -> Self {
        Self { message: format!("{}:{}: {message}", columns.0, columns.1), columns: Some(columns) }
    }
}

impl fmt::Display for MatcherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.columns {
            Some((start, _)) => write!(f, " (at column {})", start + 1),
            None => Ok(()),
        }
    }
}

impl std::error::Error for MatcherError {}

/// Reads any number of matchers, in braces or not.
///
/// # Errors
/// What is wrong, and where. In fallback mode the words are the classic parser's, the place is the UTF-8 parser's.
pub fn matchers(text: &str, syntax: Syntax) -> Result<Vec<Matcher>, MatcherError> {
    match syntax {
        Syntax::Utf8 => utf8::matchers(text),
        Syntax::Classic => classic::matchers(text),
        Syntax::Fallback => both(utf8::matchers(text), classic::matchers(text)),
    }
}

/// Reads exactly one matcher without braces: the form of the API's `filter` and of `amtool`.
///
/// # Errors
/// As [`matchers`], and for braces, no matcher, or several.
pub fn matcher(text: &str, syntax: Syntax) -> Result<Matcher, MatcherError> {
    match syntax {
        Syntax::Classic => classic::matcher(text),
        _ if text.starts_with('{') || text.ends_with('}') => Err(brace(text)),
        Syntax::Utf8 => utf8::matcher(text),
        Syntax::Fallback => both(utf8::matcher(text), classic::matcher(text)),
    }
}

fn brace(text: &str) -> MatcherError {
    let column = if text.starts_with('{') { 0 } else { text.chars().count() - 1 };
    MatcherError { message: format!("unexpected open or close brace: {text}"), columns: Some((column, column + 1)) }
}

fn both<T>(utf8: Result<T, MatcherError>, classic: Result<T, MatcherError>) -> Result<T, MatcherError> {
    match (utf8, classic) {
        (_, Ok(classic)) => Ok(classic),
        (Ok(utf8), Err(_)) => Ok(utf8),
        (Err(utf8), Err(classic)) => Err(MatcherError { columns: utf8.columns.or(classic.columns), ..classic }),
    }
}
