//! The UTF-8 grammar: optional braces around matchers with commas between them; names and values bare or in double quotes
//! with Go's escapes (`matcher/parse/parse.go`).
//!
//! Deliberately unknown here: the classic grammar.

use super::{
    super::{MatchOp, Matcher},
    MatcherError,
    lexer::{Kind, Lexer, Token},
};
use crate::gotext;

/// Reads any number of matchers.
pub(super) fn matchers(text: &str) -> Result<Vec<Matcher>, MatcherError> {
    let mut parser = Parser { lexer: Lexer::new(text) };
    let in_braces = parser.accept(Kind::OpenBrace)?;
    let mut matchers = Vec::new();
    while !matches!(parser.peek()?.kind, Kind::CloseBrace | Kind::End) {
        matchers.push(parser.matcher()?);
        let next = parser.peek()?;
        match next.kind {
            Kind::Comma => parser.comma()?,
            Kind::CloseBrace | Kind::End => break,
            _ => return Err(unexpected(next, "expected a comma or close brace")),
        }
    }
    parser.close(in_braces)?;
    Ok(matchers)
}

/// Reads exactly one matcher.
pub(super) fn matcher(text: &str) -> Result<Matcher, MatcherError> {
    let mut found = matchers(text)?;
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(MatcherError::new("no matchers")),
        count => Err(MatcherError::new(format!("expected 1 matcher, found {count}"))),
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
}

impl<'a> Parser<'a> {
    fn matcher(&mut self) -> Result<Matcher, MatcherError> {
        let name = self.word("expected label name")?;
        let token = self.lexer.next()?;
        let op = match token.kind {
            Kind::Equal => MatchOp::Equal,
            Kind::NotEqual => MatchOp::NotEqual,
            Kind::Regex => MatchOp::Regex,
            Kind::NotRegex => MatchOp::NotRegex,
            _ => return Err(unexpected(token, "expected an operator such as '=', '!=', '=~' or '!~'")),
        };
        let columns = self.peek()?.columns;
        let value = self.word("expected label value")?;
        Matcher::new(&name, op, &value).map_err(|problem| MatcherError {
            message: format!("failed to create matcher: {problem}"),
            columns: Some(columns),
        })
    }

    /// A name or a value.
    fn word(&mut self, expected: &str) -> Result<String, MatcherError> {
        let token = self.lexer.next()?;
        match token.kind {
            Kind::Unquoted => Ok(token.text.to_owned()),
            Kind::Quoted => gotext::unquote(token.text)
                .ok_or_else(|| MatcherError::at(token.columns, format_args!("{}: invalid input", token.text))),
            _ => Err(unexpected(token, expected)),
        }
    }

    /// A comma; behind it there may be a matcher, the closing brace, or nothing.
    fn comma(&mut self) -> Result<(), MatcherError> {
        self.lexer.next()?;
        let next = self.peek()?;
        match next.kind {
            Kind::CloseBrace | Kind::End | Kind::Quoted | Kind::Unquoted => Ok(()),
            _ => Err(unexpected(next, "expected a matcher or close brace after comma")),
        }
    }

    /// The end of the text, behind the closing brace if there was an opening one.
    fn close(&mut self, in_braces: bool) -> Result<(), MatcherError> {
        let closing = self.lexer.next()?;
        match (in_braces, closing.kind) {
            (true, Kind::CloseBrace) => self.end(),
            (true, _) => Err(unexpected(closing, "expected close brace")),
            (false, Kind::CloseBrace) => Err(MatcherError::at(closing.columns, "}: expected opening brace")),
            (false, _) => Ok(()),
        }
    }

    fn end(&mut self) -> Result<(), MatcherError> {
        let token = self.lexer.next()?;
        match token.kind {
            Kind::End => Ok(()),
            _ => Err(MatcherError::at(token.columns, format_args!("{}: expected end of input", token.text))),
        }
    }

    fn accept(&mut self, kind: Kind) -> Result<bool, MatcherError> {
        let found = self.peek()?.kind == kind;
        if found {
            self.lexer.next()?;
        }
        Ok(found)
    }

    fn peek(&self) -> Result<Token<'a>, MatcherError> {
        self.lexer.clone().next()
    }
}

fn unexpected(token: Token<'_>, expected: &str) -> MatcherError {
    match token.kind {
        Kind::End => MatcherError::at(token.columns, format_args!("end of input: {expected}")),
        _ => MatcherError::at(token.columns, format_args!("unexpected {}: {expected}", token.text)),
    }
}
