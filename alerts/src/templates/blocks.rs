//! Finds the block that is not closed, or the `end` that closes nothing, once it is known that there is one.
//!
//! Deliberately unknown here: everything within actions but their first word.

/// The place and what is wrong there.
pub(super) fn unbalanced(text: &str) -> Option<(usize, String)> {
    let mut open: Vec<(usize, &str)> = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find("{{").map(|found| at + found) {
        let inside = start + 2;
        let end = action_end(text, inside)?;
        match first_word(&text[inside..end]) {
            word @ ("if" | "range" | "with" | "block" | "define") => open.push((start, word)),
            "end" if open.pop().is_none() => {
                return Some((start, "this {{end}} closes nothing".to_owned()));
            }
            "else" if !open.last().is_some_and(|(_, word)| matches!(*word, "if" | "range" | "with")) => {
                return Some((start, "this {{else}} belongs to no if, range or with".to_owned()));
            }
            _ => {}
        }
        at = end;
    }
    open.last().map(|(start, word)| (*start, format!("this {{{{{word}}}}} is not closed: an {{{{end}}}} is missing")))
}

/// The byte after the action's `}}`; quotes and comments may hold such brackets.
fn action_end(text: &str, inside: usize) -> Option<usize> {
    let body = &text[inside..];
    let trimmed = body.strip_prefix('-').unwrap_or(body).trim_start();
    if trimmed.starts_with("/*") {
        let comment = body.find("*/")?;
        return body[comment..].find("}}").map(|end| inside + comment + end + 2);
    }
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some('"' | '\''), '\\') => escaped = true,
            (Some(open), c) if open == c => quote = None,
            (None, '"' | '`' | '\'') => quote = Some(c),
            (None, '}') if body[at..].starts_with("}}") => return Some(inside + at + 2),
            _ => {}
        }
    }
    None
}

fn first_word(action: &str) -> &str {
    let action = action.strip_prefix('-').unwrap_or(action).trim_start();
    action.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default()
}
