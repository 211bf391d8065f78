//! The six comparisons of PromQL and what breaching them means.
//!
//! Deliberately unknown here: expressions and series.

use charts::Side;

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
}

impl Comparison {
    /// The same comparison with its sides exchanged: `5 < a` is `a > 5`.
    pub fn flipped(self) -> Self {
        match self {
            Self::Greater => Self::Less,
            Self::GreaterEqual => Self::LessEqual,
            Self::Less => Self::Greater,
            Self::LessEqual => Self::GreaterEqual,
            Self::Equal | Self::NotEqual => self,
        }
    }

    /// Whether a value on the left breaches the level on the right. Nothing holds for NaN, except `!=`, as in PromQL.
    pub fn holds(self, value: f64, level: f64) -> bool {
        match self {
            Self::Greater => value > level,
            Self::GreaterEqual => value >= level,
            Self::Less => value < level,
            Self::LessEqual => value <= level,
            Self::Equal => value == level,
            Self::NotEqual => value != level,
        }
    }

    /// How bad a value is: the larger the worse. Only its order means anything.
    pub fn badness(self, value: f64, level: f64) -> f64 {
        match self {
            Self::Greater | Self::GreaterEqual => value - level,
            Self::Less | Self::LessEqual => level - value,
            Self::Equal => 0.0,
            Self::NotEqual => (value - level).abs(),
        }
    }

    /// The side of the level on which the rule fires.
    pub fn side(self) -> Side {
        match self {
            Self::Greater | Self::GreaterEqual => Side::Above,
            Self::Less | Self::LessEqual => Side::Below,
            Self::Equal | Self::NotEqual => Side::None,
        }
    }
}
