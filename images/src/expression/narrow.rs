//! Labels of the alert that the expression keeps narrow the series: matchers pushed down into the selectors.
//!
//! A label may be pushed below a node when asking for one of its values below gives the same series as asking for it
//! above: a property of the node, computed here for all of PromQL. Deliberately unknown here: what the table draws, and whether the
//! narrowed query finds anything (a label may have been added behind the rule: the caller asks again without).

use std::collections::BTreeMap;

use alerts::LabelSet;
use promql_parser::{
    label::{MatchOp, Matcher, Matchers},
    parser::{
        AggregateExpr, BinModifier, BinaryExpr, Call, Expr, LabelModifier, VectorMatchCardinality,
        token::{T_COUNT_VALUES, T_EQL, T_EQL_REGEX, T_LAND, T_LOR, T_LUNLESS},
    },
};

/// Which labels narrow.
#[derive(Clone, Copy, Debug)]
pub struct Narrowing<'a> {
    /// The candidates: labels that all alerts of the capture share, without those that the rule adds.
    pub labels: &'a LabelSet,
    /// Which of them may be used.
    pub scope: Scope,
}

/// How much is known of where the alerts' labels come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The rule is known, and so are the labels that it adds: every label that the expression keeps narrows.
    Kept,
    /// The rule is not known: only labels that the expression itself names in a `by` or an `on` narrow.
    Named,
}

/// The labels that may be pushed into a node, and whether a node above named them.
#[derive(Clone, Default)]
struct Pushed<'a>(BTreeMap<&'a str, bool>);

impl<'a> Pushed<'a> {
    /// Only these, which are named from here on.
    fn only(&self, names: &[String]) -> Self {
        Self(self.0.keys().filter(|name| has(names, name)).map(|name| (*name, true)).collect())
    }

    fn without(&self, names: &[String]) -> Self {
        Self(self.0.iter().filter(|(name, _)| !has(names, name)).map(|(name, named)| (*name, *named)).collect())
    }

    fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

fn has(names: &[String], name: &str) -> bool {
    names.iter().any(|other| other == name)
}

/// The tree with matchers pushed into its selectors; none when nothing could be pushed.
pub(super) fn narrow(tree: &Expr, narrowing: &Narrowing<'_>) -> Option<Expr> {
    let mut narrowed = tree.clone();
    let all = Pushed(narrowing.labels.iter().map(|(name, _)| (name, false)).collect());
    push(&mut narrowed, &all, narrowing);
    (narrowed != *tree).then_some(narrowed)
}

fn push(expr: &mut Expr, pushed: &Pushed<'_>, narrowing: &Narrowing<'_>) {
    match expr {
        Expr::VectorSelector(selector) => inject(&mut selector.matchers, pushed, narrowing),
        Expr::MatrixSelector(selector) => inject(&mut selector.vs.matchers, pushed, narrowing),
        Expr::Paren(inner) => push(&mut inner.expr, pushed, narrowing),
        Expr::Unary(inner) => push(&mut inner.expr, pushed, narrowing),
        Expr::Subquery(inner) => push(&mut inner.expr, pushed, narrowing),
        Expr::Aggregate(aggregate) => {
            let below = below_aggregate(aggregate, pushed);
            push(&mut aggregate.expr, &below, narrowing);
        }
        Expr::Call(call) => {
            let below = below_call(call, pushed);
            call.args.args.iter_mut().for_each(|argument| push(argument, &below, narrowing));
        }
        Expr::Binary(binary) => {
            let (left, right) = below_binary(binary, pushed);
            push(&mut binary.lhs, &left, narrowing);
            push(&mut binary.rhs, &right, narrowing);
        }
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

fn inject(matchers: &mut Matchers, pushed: &Pushed<'_>, narrowing: &Narrowing<'_>) {
    if !matchers.or_matchers.is_empty() {
        return;
    }
    for (name, named) in &pushed.0 {
        let value = narrowing.labels.value(name);
        let fixed = matchers.matchers.iter().any(|m| m.name == *name && m.op == MatchOp::Equal);
        if !fixed && (*named || narrowing.scope == Scope::Kept) {
            matchers.matchers.extend(matcher(name, value, *named));
        }
    }
    super::parse::sort(matchers);
}

/// A label that the expression names is on the series. Any other may have been added on the way (external labels,
/// relabelling): series without it count as well.
fn matcher(name: &str, value: &str, named: bool) -> Option<Matcher> {
    let (operator, value) =
        if named { (T_EQL, value.to_owned()) } else { (T_EQL_REGEX, format!("{}|", regex_escaped(value))) };
    Matcher::new_matcher(operator, name.to_owned(), value).ok()
}

fn regex_escaped(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

fn below_aggregate<'a>(aggregate: &AggregateExpr, pushed: &Pushed<'a>) -> Pushed<'a> {
    let made = match (aggregate.op.id(), aggregate.param.as_deref()) {
        (T_COUNT_VALUES, Some(Expr::StringLiteral(name))) => vec![name.val.clone()],
        (T_COUNT_VALUES, _) => return Pushed::default(),
        _ => Vec::new(),
    };
    match &aggregate.modifier {
        Some(LabelModifier::Include(names)) => pushed.only(&names.labels).without(&made),
        Some(LabelModifier::Exclude(names)) => pushed.without(&names.labels).without(&made),
        None => Pushed::default(),
    }
}

fn below_call<'a>(call: &Call, pushed: &Pushed<'a>) -> Pushed<'a> {
    let text = |at: usize| match call.args.args.get(at).map(AsRef::as_ref) {
        Some(Expr::StringLiteral(literal)) => Some(literal.val.clone()),
        _ => None,
    };
    match call.func.name {
        "absent" | "absent_over_time" | "scalar" | "vector" | "info" | "histogram_quantiles" => Pushed::default(),
        "histogram_quantile" | "histogram_fraction" => pushed.without(&["le".to_owned()]),
        "label_replace" | "label_join" => text(1).map(|made| pushed.without(&[made])).unwrap_or_default(),
        _ => pushed.clone(),
    }
}

/// What may be pushed into the left and into the right side.
fn below_binary<'a>(binary: &BinaryExpr, pushed: &Pushed<'a>) -> (Pushed<'a>, Pushed<'a>) {
    let default = BinModifier::default();
    let modifier = binary.modifier.as_ref().unwrap_or(&default);
    if modifier.fill_values.lhs.is_some() || modifier.fill_values.rhs.is_some() {
        return Default::default();
    }
    let matched = match &modifier.matching {
        Some(LabelModifier::Include(names)) => pushed.only(&names.labels),
        Some(LabelModifier::Exclude(names)) => pushed.without(&names.labels),
        None => pushed.clone(),
    };
    match (binary.op.id(), &modifier.card) {
        (T_LAND | T_LUNLESS, _) => (pushed.clone(), matched),
        (T_LOR, _) => (matched.clone(), matched),
        (_, VectorMatchCardinality::ManyToOne(copied)) => sides(pushed, matched, &copied.labels),
        (_, VectorMatchCardinality::OneToMany(copied)) => {
            let (many, one) = sides(pushed, matched, &copied.labels);
            (one, many)
        }
        _ if is_scalar(&binary.lhs) || is_scalar(&binary.rhs) => (pushed.clone(), pushed.clone()),
        _ => (matched.clone(), matched),
    }
}

/// The many side keeps its labels but those that are copied from the one side.
fn sides<'a>(pushed: &Pushed<'a>, matched: Pushed<'a>, copied: &[String]) -> (Pushed<'a>, Pushed<'a>) {
    (pushed.clone().and(matched.clone()).without(copied), matched.without(copied).and(pushed.only(copied)))
}

fn is_scalar(expr: &Expr) -> bool {
    expr.value_type() == promql_parser::parser::value::ValueType::Scalar
}
