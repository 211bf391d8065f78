//! Where in a PromQL or LogQL query a place is: in code, in a comment, between which quotes. A value that is put there must not end them.
//!
//! Deliberately unknown here: variables, the grammar beyond its quotes.

use super::formats::regex_escaped;

/// A place in a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// Between everything.
    #[default]
    Code,
    /// Behind `#`, up to the line's end.
    Comment,
    /// Between quotes; `regex`: behind `=~`, `!~` or `|~`.
    Quoted { quote: char, regex: bool },
}

/// Reads a query from its beginning.
#[derive(Clone, Debug, Default)]
pub(super) struct Quotes {
    place: Place,
    /// The next character belongs to a backslash.
    escaped: bool,
    /// The last character of code that is no space.
    last: char,
}

impl Quotes {
    /// Reads on.
    pub(super) fn read(&mut self, text: &str) {
        for c in text.chars() {
            self.step(c);
        }
    }

    fn step(&mut self, c: char) {
        match self.place {
            Place::Code if c == '#' => self.place = Place::Comment,
            Place::Code if matches!(c, '"' | '\'' | '`') => {
                self.place = Place::Quoted { quote: c, regex: self.last == '~' };
            }
            Place::Code if !c.is_whitespace() => self.last = c,
            Place::Comment if c == '\n' => self.place = Place::Code,
            Place::Quoted { .. } if self.escaped => self.escaped = false,
            Place::Quoted { quote, .. } if c == '\\' && quote != '`' => self.escaped = true,
            Place::Quoted { quote, .. } if c == quote => (self.place, self.last) = (Place::Code, c),
            _ => {}
        }
    }

    /// The place that was come to.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// A stranger's text as it may stand at this place; none where it cannot stand there at all.
    pub(super) fn tamed(&self, text: &str) -> Option<String> {
        if self.escaped {
            return None;
        }
        match self.place {
            Place::Code => is_word(text).then(|| text.to_owned()),
            Place::Comment => Some(text.replace(['\n', '\r'], " ")),
            Place::Quoted { quote: '`', regex: true } => Some(text.replace('`', "\\x60")),
            Place::Quoted { quote: '`', .. } => (!text.contains('`')).then(|| text.to_owned()),
            Place::Quoted { quote, .. } => Some(string_escaped(text, quote)),
        }
    }

    /// A value that stands for itself there: a regular expression takes it literally.
    pub(super) fn literal(&self, value: &str) -> String {
        match self.place {
            Place::Quoted { regex: true, .. } => regex_escaped(value),
            _ => value.to_owned(),
        }
    }
}

/// A text between these quotes.
pub(super) fn string_escaped(text: &str, quote: char) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            c if c == '\\' || c == quote => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Whether a text is one word of the language: a name, a number, a duration.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, value: &str, expected: Option<&str>) {
        let mut quotes = Quotes::default();
        quotes.read(before);
        assert_eq!(quotes.tamed(value).as_deref(), expected, "{before} {value}");
    }

    #[test]
    fn a_strangers_value_stays_where_it_is_put() {
        check("a{b=\"", "x\"\\\n'", Some("x\\\"\\\\\\n'"));
        check("a{b='", "x'\"", Some("x\\'\""));
        check("a{b=\"c\",d=\"", "x", Some("x"));
        check("a{b=\"c\\\"", "\"", Some("\\\""));
        check("a{b=`", "x`", None);
        check("a{b=~`", "x`", Some("x\\x60"));
        check("a{b=`\\`,c='", "'", Some("\\'"));
        check("sum by (", "job", Some("job"));
        check("sum by (", "job) (up) or (x", None);
        check("rate(a[", "", None);
        check("a # don't ", "x\ny'", Some("x y'"));
        check("a # don't \n{b=\"", "\"", Some("\\\""));
        check("a{b=\"\\", "\"", None);
    }
}
