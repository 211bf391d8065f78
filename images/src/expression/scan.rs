//! A text in LogQL, piece by piece on its outermost level: brackets, strings and comments are skipped as one.
//!
//! Deliberately unknown here: what the pieces are good for.

use super::Comparison;

/// What stands outside of all brackets; a bracket stands for itself and all that is in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'a> {
    /// Space, or a comment.
    Space,
    /// A bracket of the outermost pair opens.
    Open(char),
    /// It is closed.
    Close,
    /// A comparison of so many bytes.
    Compare(Comparison, usize),
    Word(&'a str),
    Other,
    /// What cannot stand there in an expression for series: a pipe, a lone `=`, a bracket that is not closed.
    Unknown,
}

/// Walks over the outermost level of a text.
pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
    /// The bracket that is open, once [`Token::Open`] was given.
    open: bool,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, open: false }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The end of what the character at the cursor begins, strings and comments as one; none where a string is not closed.
    fn piece(&self) -> Option<usize> {
        let rest = self.rest();
        let first = rest.chars().next()?;
        let length = match first {
            '"' | '`' => 2 + closed(&rest[1..], first)?,
            '#' => rest.find('\n').unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        Some(self.at + length)
    }

    /// The place of the bracket that closes the one before the cursor.
    fn closing(&self) -> Option<usize> {
        let mut inside = Scan { text: self.text, at: self.at, open: false };
        let mut stack = vec![self.text[..self.at].chars().next_back()?];
        while let Some(character) = inside.rest().chars().next() {
            match character {
                '(' | '[' | '{' => stack.push(character),
                ')' | ']' | '}' => {
                    let fits = matches!((stack.pop()?, character), ('(', ')') | ('[', ']') | ('{', '}'));
                    if !fits {
                        return None;
                    }
                    if stack.is_empty() {
                        return Some(inside.at);
                    }
                }
                _ => {}
            }
            inside.at = inside.piece()?;
        }
        None
    }
}

impl<'a> Iterator for Scan<'a> {
    type Item = (usize, Token<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if std::mem::take(&mut self.open) {
            let Some(close) = self.closing() else {
                self.at = self.text.len();
                return Some((self.at, Token::Unknown));
            };
            self.at = close + 1;
            return Some((close, Token::Close));
        }
        let (start, rest) = (self.at, self.rest());
        let first = rest.chars().next()?;
        let word = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')).count();
        let token = match first {
            '(' | '[' | '{' => {
                self.open = true;
                Token::Open(first)
            }
            _ if first.is_whitespace() || first == '#' => Token::Space,
            _ if word > 0 => Token::Word(&rest[..word]),
            '>' | '<' | '=' | '!' => compare(rest),
            '|' | ')' | ']' | '}' => Token::Unknown,
            _ => Token::Other,
        };
        self.at = match token {
            Token::Compare(_, length) => start + length,
            Token::Word(word) => start + word.len(),
            _ => match self.piece() {
                Some(end) => end,
                None => {
                    self.at = self.text.len();
                    return Some((start, Token::Unknown));
                }
            },
        };
        Some((start, token))
    }
}

fn compare<'a>(rest: &str) -> Token<'a> {
    let two = rest.get(..2).unwrap_or_default();
    match two {
        ">=" => Token::Compare(Comparison::GreaterEqual, 2),
        "<=" => Token::Compare(Comparison::LessEqual, 2),
        "==" => Token::Compare(Comparison::Equal, 2),
        "!=" => Token::Compare(Comparison::NotEqual, 2),
        _ if rest.starts_with('>') => Token::Compare(Comparison::Greater, 1),
        _ if rest.starts_with('<') => Token::Compare(Comparison::Less, 1),
        _ => Token::Unknown,
    }
}

/// How many bytes a string has before its closing quote; backslashes escape in double quotes only.
fn closed(text: &str, quote: char) -> Option<usize> {
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' if quote == '"' => drop(characters.next()),
            _ if character == quote => return Some(at),
            _ => {}
        }
    }
    None
}
