//! Render errors in few words.
//!
//! Deliberately unknown here: who failed.

use alerts::ports::{RenderError, RenderErrorKind};

pub(crate) fn failed(kind: RenderErrorKind, detail: impl Into<String>) -> RenderError {
    RenderError { kind, detail: detail.into() }
}

/// The source cannot be reached or answers with an error.
pub(crate) fn source(detail: impl Into<String>) -> RenderError {
    failed(RenderErrorKind::Source, detail)
}

/// The answer is not what it should be.
pub(crate) fn content(detail: impl Into<String>) -> RenderError {
    failed(RenderErrorKind::Content, detail)
}

pub(crate) fn timeout(detail: impl Into<String>) -> RenderError {
    failed(RenderErrorKind::Timeout, detail)
}

/// An error with the errors behind it, outermost first.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// A stranger's words for a log line: one line, no control characters, at most 200 characters.
pub(crate) fn quoted(words: &[u8]) -> String {
    let start = &words[..words.len().min(2_000)];
    let text = String::from_utf8_lossy(start);
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect()
}
