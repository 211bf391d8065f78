//! Label matchers: `name="value"`, `!=`, `=~`, `!~`, and sets of them that must all match.
//!
//! Deliberately unknown here: how they are written (that is [`parse`]), who uses them.

pub mod parse;

use std::fmt;

use regex::Regex;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{goregex, gotext::Quoted, labelled::Labelled};
pub use parse::{MatcherError, Syntax};

/// One condition on one label. Equal matchers have equal names, operators and values.
#[derive(Clone)]
pub struct Matcher {
    name: Box<str>,
    op: MatchOp,
    value: Box<str>,
    /// The compiled value of the two regular operators, anchored at both ends.
    regex: Option<Regex>,
}

/// How a label's value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchOp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Regex,
    /// `!~`
    NotRegex,
}

impl MatchOp {
    /// The operator of the API's two flags.
    pub const fn of(is_equal: bool, is_regex: bool) -> Self {
        match (is_equal, is_regex) {
            (true, false) => MatchOp::Equal,
            (false, false) => MatchOp::NotEqual,
            (true, true) => MatchOp::Regex,
            (false, true) => MatchOp::NotRegex,
        }
    }

    /// The API's flag `isRegex`.
    pub const fn is_regex(self) -> bool {
        matches!(self, MatchOp::Regex | MatchOp::NotRegex)
    }

    /// The API's flag `isEqual`.
    pub const fn is_equal(self) -> bool {
        matches!(self, MatchOp::Equal | MatchOp::Regex)
    }

    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            MatchOp::Equal => "=",
            MatchOp::NotEqual => "!=",
            MatchOp::Regex => "=~",
            MatchOp::NotRegex => "!~",
        }
    }
}

impl Matcher {
    /// A matcher of its parts.
    ///
    /// # Errors
    /// When the value of a regular operator is no regular expression; the words are the compiler's.
    pub fn new(name: &str, op: MatchOp, value: &str) -> Result<Self, String> {
        let regex = op.is_regex().then(|| goregex::anchored(value)).transpose()?;
        Ok(Self { name: name.into(), op, value: value.into(), regex })
    }

    /// `name="value"`.
    pub fn equal(name: &str, value: &str) -> Self {
        Self { name: name.into(), op: MatchOp::Equal, value: value.into(), regex: None }
    }

    /// The label's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The operator.
    pub fn op(&self) -> MatchOp {
        self.op
    }

    /// The value, or the regular expression as it was written.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether a label with this value is matched; an absent label has the empty value.
    pub fn matches_value(&self, value: &str) -> bool {
        let same = match &self.regex {
            Some(regex) => regex.is_match(value),
            None => *self.value == *value,
        };
        same == self.op.is_equal()
    }

    /// Whether the label of that name is matched.
    pub fn matches(&self, labels: &impl Labelled) -> bool {
        self.matches_value(labels.value(&self.name))
    }

    /// Whether a silence of such matchers alone would be refused as matching everything. As in Alertmanager
    /// (`silence/silence.go`), the two negative operators never count, so `foo!="bar"` is accepted.
    pub fn matches_empty(&self) -> bool {
        self.op.is_equal() && self.matches_value("")
    }

    fn sort_key(&self) -> (&str, &str, MatchOp) {
        (&self.name, &self.value, self.op)
    }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        self.sort_key() == other.sort_key()
    }
}

impl Eq for Matcher {}

/// Alertmanager's canonical form: `name="value"`; the name is quoted only where it has to be.
impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let op = self.op.as_str();
        if self.name.is_empty() || self.name.contains(parse::is_reserved) {
            return write!(f, "{}{op}{}", Quoted(&self.name), Quoted(&self.value));
        }
        write!(f, "{}{op}\"", self.name)?;
        for c in self.value.chars() {
            match c {
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '"' => f.write_str("\\\"")?,
                _ => fmt::Write::write_char(f, c)?,
            }
        }
        f.write_str("\"")
    }
}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Matcher {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Matcher {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse::matcher(&text, Syntax::Fallback).map_err(de::Error::custom)
    }
}

/// Matchers that must all match, in the order given. No matchers at all match everything.
///
/// Read from a list of texts with one or more matchers each, or from a single text.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct MatcherSet(Vec<Matcher>);

impl MatcherSet {
    /// These matchers.
    pub fn new(matchers: Vec<Matcher>) -> Self {
        Self(matchers)
    }

    /// Reads any number of matchers: `{a="1", b=~"2|3"}`.
    ///
    /// # Errors
    /// What is wrong, and at which column.
    pub fn parse(text: &str, syntax: Syntax) -> Result<Self, MatcherError> {
        parse::matchers(text, syntax).map(Self)
    }

    /// Reads a configuration's list, each item of which may hold several matchers.
    ///
    /// # Errors
    /// What is wrong with the first bad item.
    pub fn parse_list<T: AsRef<str>>(items: &[T], syntax: Syntax) -> Result<Self, MatcherError> {
        let sets = items.iter().map(|item| parse::matchers(item.as_ref(), syntax)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self(sets.into_iter().flatten().collect()))
    }

    /// Adds a matcher at the end.
    pub fn push(&mut self, matcher: Matcher) {
        self.0.push(matcher);
    }

    /// The same matchers in the order that keys are made of: by name, value, operator.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.0.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        self
    }

    /// Whether all match.
    pub fn matches(&self, labels: &impl Labelled) -> bool {
        self.0.iter().all(|matcher| matcher.matches(labels))
    }

    /// Whether every one of them matches an empty value: see [`Matcher::matches_empty`].
    pub fn matches_empty(&self) -> bool {
        self.0.iter().all(Matcher::matches_empty)
    }

    /// The matchers.
    pub fn iter(&self) -> std::slice::Iter<'_, Matcher> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Matcher> for MatcherSet {
    fn from_iter<I: IntoIterator<Item = Matcher>>(matchers: I) -> Self {
        Self(matchers.into_iter().collect())
    }
}

/// As in route keys: `{a="1",b="2"}`.
impl fmt::Display for MatcherSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (at, matcher) in self.0.iter().enumerate() {
            write!(f, "{}{matcher}", if at > 0 { "," } else { "" })?;
        }
        f.write_str("}")
    }
}

impl fmt::Debug for MatcherSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for MatcherSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.0)
    }
}

impl<'de> Deserialize<'de> for MatcherSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Text(String),
            List(Vec<String>),
        }
        let items = match Form::deserialize(deserializer)? {
            Form::Text(text) => vec![text],
            Form::List(items) => items,
        };
        Self::parse_list(&items, Syntax::Fallback).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
