//! From an alert rule's expression to what is drawn of it: the table of DESIGN.md section 5.
//!
//! Deliberately unknown here: which series come back, who asks them, how they look.

mod comparison;
mod constant;
mod logql;
mod narrow;
mod parse;
mod scan;
mod table;

use promql_parser::parser::Expr;

pub use self::{
    comparison::Comparison,
    narrow::{Narrowing, Scope},
};

/// An alert rule's expression, parsed where that is possible.
#[derive(Clone, Debug)]
pub struct Expression {
    text: String,
    language: Language,
    tree: Option<Expr>,
}

/// What an expression is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Prometheus's, and what is near to it.
    #[default]
    PromQl,
    /// Loki's.
    LogQl,
}

/// What is drawn of an expression: at least one curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// The curves: one, or one for each side of an `or`.
    pub curves: Vec<Curve>,
}

/// A query whose series are drawn, and the lines that they are compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// PromQL, to be asked over the window.
    pub query: String,
    /// What the series are compared with; a series breaches when any comparison holds.
    pub lines: Vec<Line>,
    /// The rule fires where the series are absent: the gap tells, there is no line.
    pub absence: bool,
}

/// One comparison: the series stands on its left.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// How it compares.
    pub comparison: Comparison,
    /// With what.
    pub level: Level,
}

/// The right side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Level {
    /// A finite number.
    Number(f64),
    /// Another query: a threshold that moves.
    Moving(String),
}

impl Expression {
    /// Reads an expression. What the parser does not understand (extensions of other vendors, hostile nesting) is kept
    /// as text and drawn as it is.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let tree = parse::parse(&text).ok();
        Self { text, language: Language::PromQl, tree }
    }

    /// Reads an expression of a language. LogQL is not parsed: it is split at its comparison, or drawn as it is.
    pub fn of(text: impl Into<String>, language: Language) -> Self {
        match language {
            Language::PromQl => Self::new(text),
            Language::LogQl => Self { text: text.into(), language, tree: None },
        }
    }

    /// Whether it is a query for log lines, not for series.
    pub fn is_for_lines(&self) -> bool {
        self.language == Language::LogQl && logql::is_for_lines(&self.text)
    }

    /// The text as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether both are the same expression, however they are spaced and bracketed in text.
    pub fn same_as(&self, other: &Self) -> bool {
        match (&self.tree, &other.tree) {
            (Some(mine), Some(others)) => mine == others,
            _ => self.text.trim() == other.text.trim(),
        }
    }

    /// What to draw. Where the table has no row for the expression, the whole of it and no line.
    pub fn drawn(&self) -> Drawn {
        let drawn = match self.language {
            Language::PromQl => self.tree.as_ref().and_then(table::drawn),
            Language::LogQl => logql::drawn(&self.text),
        };
        drawn.unwrap_or_else(|| Drawn { curves: vec![Curve::plain(&self.text)] })
    }

    /// The same expression over fewer series, where labels allow it; none where they change nothing.
    pub fn narrowed(&self, narrowing: &Narrowing<'_>) -> Option<Self> {
        let tree = narrow::narrow(self.tree.as_ref()?, narrowing)?;
        Some(Self { text: parse::print(&tree)?, language: self.language, tree: Some(tree) })
    }

    /// The expression on one line, without comments.
    pub fn one_line(&self) -> String {
        let printed = self.tree.as_ref().and_then(parse::print);
        printed.unwrap_or_else(|| self.text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    pub(crate) fn tree(&self) -> Option<&Expr> {
        self.tree.as_ref()
    }
}

impl Curve {
    /// A query without any line.
    fn plain(query: &str) -> Self {
        Self { query: query.to_owned(), lines: Vec::new(), absence: false }
    }
}

#[cfg(test)]
mod tests;
