//! The words of the UTF-8 syntax: braces, commas, operators, quoted and unquoted names and values.
//!
//! Deliberately unknown here: in which order they may come.

use super::MatcherError;

/// A word and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    /// Of the first character, and behind the last, counted in characters from 0.
    pub columns: (usize, usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    End,
    OpenBrace,
    CloseBrace,
    Comma,
    Equal,
    NotEqual,
    Regex,
    NotRegex,
    Quoted,
    Unquoted,
}

/// Whether a character needs quotes around the name or value that it stands in.
pub(in crate::matcher) fn is_reserved(c: char) -> bool {
    c.is_whitespace() || "{}!=~,\\\"'`".contains(c)
}

#[derive(Clone, Debug)]
pub(super) struct Lexer<'a> {
    rest: &'a str,
    column: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text, column: 0 }
    }

    /// The next word, which is [`Kind::End`] for ever behind the last.
    pub(super) fn next(&mut self) -> Result<Token<'a>, MatcherError> {
        self.take(self.rest.len() - self.rest.trim_start().len());
        let mut ahead = self.rest.chars();
        let Some(first) = ahead.next() else { return Ok(self.token(Kind::End, 0)) };
        match (first, ahead.next()) {
            ('{', _) => Ok(self.token(Kind::OpenBrace, 1)),
            ('}', _) => Ok(self.token(Kind::CloseBrace, 1)),
            (',', _) => Ok(self.token(Kind::Comma, 1)),
            ('=', Some('~')) => Ok(self.token(Kind::Regex, 2)),
            ('=', _) => Ok(self.token(Kind::Equal, 1)),
            ('!', Some('=')) => Ok(self.token(Kind::NotEqual, 2)),
            ('!', Some('~')) => Ok(self.token(Kind::NotRegex, 2)),
            ('!', second) => Err(self.half_operator(second)),
            ('"', _) => self.quoted(),
            (c, _) if is_reserved(c) => {
                Err(MatcherError::at((self.column, self.column + 1), format_args!("{c}: invalid input")))
            }
            _ => {
                let length = self.rest.find(is_reserved).unwrap_or(self.rest.len());
                Ok(self.token(Kind::Unquoted, length))
            }
        }
    }

    fn quoted(&mut self) -> Result<Token<'a>, MatcherError> {
        let mut escaped = false;
        for (at, c) in self.rest.char_indices().skip(1) {
            match c {
                '"' if !escaped => return Ok(self.token(Kind::Quoted, at + 1)),
                _ => escaped = c == '\\' && !escaped,
            }
        }
        let unclosed = self.token(Kind::Quoted, self.rest.len());
        Err(MatcherError::at(unclosed.columns, format_args!("{}: missing end \"", unclosed.text)))
    }

    fn half_operator(&self, second: Option<char>) -> MatcherError {
        let column = self.column + 1;
        match second {
            Some(c) => MatcherError::at((column, column + 1), format_args!("unexpected {c}: expected one of '=~'")),
            None => MatcherError::at((column, column), "unexpected end of input: expected one of '=~'"),
        }
    }

    fn token(&mut self, kind: Kind, length: usize) -> Token<'a> {
        let start = self.column;
        let text = self.take(length);
        Token { kind, text, columns: (start, self.column) }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        self.column += taken.chars().count();
        taken
    }
}
