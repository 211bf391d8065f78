//! Template text into gotmpl's trees, with the checks that its parser leaves out: unclosed blocks and stray ends.
//!
//! A sentinel stands behind the text. gotmpl accepts a block that never ends and drops everything after a stray `end`
//! without a word; in both cases the sentinel is not the end of the top level.
//!
//! Deliberately unknown here: what the expressions mean.

use std::sync::Arc;

use gotmpl::parse::{DefineNode, ListNode, Node, Parser};

use super::{
    blocks,
    error::{Place, Source, TemplateError},
};

/// A noncharacter: not for interchange, so in no text that means anything.
const SENTINEL: char = '\u{FDD0}';

/// A text cut into its own body and the templates that it defines.
pub(super) struct Parsed {
    pub(super) body: ListNode,
    pub(super) defines: Vec<DefineNode>,
}

pub(super) fn parse(source: &Arc<Source>) -> Result<Parsed, TemplateError> {
    let guarded = format!("{}{SENTINEL}", source.text);
    let parsed = Parser::new(&guarded, "{{", "}}").and_then(Parser::parse);
    let (mut body, defines) = parsed.map_err(|error| in_our_form(source, &error))?;
    if strip_sentinel(&mut body) {
        return Ok(Parsed { body, defines });
    }
    Err(match blocks::unbalanced(&source.text) {
        Some((offset, message)) => Place { source: source.clone(), offset }.error(message),
        None => source.error("a block is not closed, or there is an {{end}} or {{else}} too many"),
    })
}

fn strip_sentinel(body: &mut ListNode) -> bool {
    let Some(Node::Text(last)) = body.nodes.last_mut() else { return false };
    let Some(text) = last.text.strip_suffix(SENTINEL) else { return false };
    if text.is_empty() {
        body.nodes.pop();
    } else {
        last.text = text.into();
    }
    true
}

fn in_our_form(source: &Arc<Source>, error: &gotmpl::TemplateError) -> TemplateError {
    match error {
        gotmpl::TemplateError::Parse { line, col, message, .. }
        | gotmpl::TemplateError::Lex { line, col, message, .. } => {
            let message = message.replace(SENTINEL, "");
            if *line == 0 {
                return source.error(message);
            }
            Place { source: source.clone(), offset: source.offset(*line, *col) }.error(readable(&message))
        }
        other => source.error(other.to_string()),
    }
}

/// The parser names its tokens by their Rust names.
fn readable(message: &str) -> String {
    let known = [
        ("expected closing delimiter, got ", "expected }}, got "),
        ("RightTrimDelim", "-}}"),
        ("RightDelim", "}}"),
        ("LeftTrimDelim", "{{-"),
        ("LeftDelim", "{{"),
        ("RightParen", ")"),
        ("LeftParen", "("),
        ("Eof (\"\")", "the end of the text"),
        ("Eof", "the end of the text"),
    ];
    known.iter().fold(message.to_owned(), |text, (from, to)| text.replace(from, to))
}
